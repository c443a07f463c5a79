#include "gateway/partial_uploads.h"

#include <algorithm>

namespace flikvakt::gateway {

PartialUploads::State PartialUploads::state(const DepositId& deposit, std::uint64_t& received) const {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(deposit);
  if (found == entries_.end()) return State::none;
  received = found->second.received;
  return found->second.upload ? State::there : State::busy;
}

std::unique_ptr<PartialUpload> PartialUploads::take(const DepositId& deposit) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(deposit);
  return found == entries_.end() ? nullptr : std::move(found->second.upload);
}

bool PartialUploads::begin(const DepositId& deposit, const OrganisationId& organisation, Time now) {
  std::vector<std::unique_ptr<PartialUpload>> dropped;  // destroyed without the lock: it waits for the disk
  const std::lock_guard lock(mutex_);
  for (auto one = entries_.begin(); one != entries_.end();) {
    const bool is_given_up = one->second.upload && now - one->second.last > kKept;
    if (is_given_up) dropped.push_back(std::move(one->second.upload));
    one = is_given_up ? entries_.erase(one) : std::next(one);
  }
  if (entries_.contains(deposit) || entries_.size() >= kMostInAll) return false;
  const auto theirs =
      std::ranges::count_if(entries_, [&](const auto& one) { return one.second.organisation == organisation; });
  if (theirs >= static_cast<std::ptrdiff_t>(kMostOfOne)) return false;
  entries_.emplace(deposit, Entry{organisation, nullptr, 0, now});
  return true;
}

void PartialUploads::give_back(const DepositId& deposit, std::unique_ptr<PartialUpload> upload, Time now) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(deposit);
  if (found == entries_.end()) return;
  found->second.received = upload->received;
  found->second.upload = std::move(upload);
  found->second.last = now;
}

void PartialUploads::forget(const DepositId& deposit) {
  const std::lock_guard lock(mutex_);
  entries_.erase(deposit);
}

void PartialUploads::clear() {
  std::map<DepositId, Entry> dropped;
  const std::lock_guard lock(mutex_);
  dropped.swap(entries_);
}

}  // namespace flikvakt::gateway
