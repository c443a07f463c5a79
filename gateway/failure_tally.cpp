#include "gateway/failure_tally.h"

#include <fmt/format.h>

#include <utility>

namespace flikvakt::gateway {

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
    const std::string_view name = sums_.size() < kMaxSources ? source : std::string_view("others");
    found = sums_.try_emplace(std::string(name)).first;
  }
  ++found->second.counts[failure];
  found->second.first_details.try_emplace(failure, detail);
}

void FailureTally::write_and_clear() {
  std::map<std::string, Sum, std::less<>> sums;
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
}

}  // namespace flikvakt::gateway
