#include "gateway/failure_tally.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace flikvakt::gateway {

namespace {

constexpr std::string_view kOthers = "others";

std::uint64_t total(const FailureSum& sum) {
  std::uint64_t out = 0;
  for (const auto& [failure, count] : sum.counts) out += count;
  return out;
}

}  // namespace

std::string_view to_string(EarlyFailure failure) {
  switch (failure) {
    case EarlyFailure::handshake:
      return "handshake";
    case EarlyFailure::too_many_connections:
      return "too many connections";
    case EarlyFailure::framing:
      return "framing";
    case EarlyFailure::slow_header:
      return "slow header";
    case EarlyFailure::slow_body:
      return "slow body";
    case EarlyFailure::access:
      return "access";
  }
  return "?";
}

// SPEC HTTP-40
void FailureTally::count(std::string_view source, EarlyFailure failure, std::string_view detail) {
  const std::lock_guard lock(mutex_);
  auto found = sums_.find(source);
  if (found == sums_.end()) {
    const std::string_view name = sums_.size() < kMaxSources ? source : kOthers;
    found = sums_.try_emplace(std::string(name)).first;
  }
  ++found->second.counts[failure];
  found->second.first_details.try_emplace(failure, detail);
}

void FailureTally::write_and_clear() {
  Sums sums;
  {
    const std::lock_guard lock(mutex_);
    sums.swap(sums_);
  }
  for (const auto& [source, sum] : sums) {
    std::string line = fmt::format("before authentication, from {}:", source);
    for (const auto& [failure, count] : sum.counts) {
      line += fmt::format(" {} {} ({});", count, to_string(failure), sum.first_details.at(failure));
    }
    line.pop_back();
    write_(line);
  }
  if (report_) report(sums);
}

// SPEC HTTP-46
void FailureTally::report(const Sums& sums) const {
  std::vector<FailureSum> ordered;
  FailureSum others{std::string(kOthers), {}};
  for (const auto& [source, sum] : sums) {
    if (source != kOthers) ordered.push_back({source, sum.counts});
    if (source == kOthers) others.counts = sum.counts;
  }
  std::ranges::stable_sort(ordered, std::greater(), total);
  while (ordered.size() > kMaxReports) {
    for (const auto& [failure, count] : ordered.back().counts) others.counts[failure] += count;
    ordered.pop_back();
  }
  if (!others.counts.empty()) ordered.push_back(std::move(others));
  for (const FailureSum& sum : ordered) report_(sum);
}

}  // namespace flikvakt::gateway
