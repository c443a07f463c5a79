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

void PartialUploads::drop_old(Time now, Dropped& dropped) {
  for (auto one = entries_.begin(); one != entries_.end();) {
    const bool is_given_up = one->second.upload && now - one->second.last > kKept;
    if (is_given_up) dropped.push_back(std::move(one->second.upload));
    one = is_given_up ? entries_.erase(one) : std::next(one);
  }
}

// Whoever has begun so many goes on with few of them at a time: a line that breaks leaves others behind.
void PartialUploads::make_room(const OrganisationId& organisation, Dropped& dropped) {
  std::size_t theirs = 0;
  auto oldest = entries_.end();
  for (auto one = entries_.begin(); one != entries_.end(); ++one) {
    if (one->second.organisation != organisation) continue;
    ++theirs;
    const bool is_older = oldest == entries_.end() || one->second.last < oldest->second.last;
    if (one->second.upload && is_older) oldest = one;
  }
  if (theirs < kMostOfOne || oldest == entries_.end()) return;
  dropped.push_back(std::move(oldest->second.upload));
  entries_.erase(oldest);
}

bool PartialUploads::begin(const DepositId& deposit, const OrganisationId& organisation, Time now) {
  Dropped dropped;  // destroyed without the lock: it waits for the disk
  const std::lock_guard lock(mutex_);
  if (entries_.contains(deposit)) return false;
  drop_old(now, dropped);
  make_room(organisation, dropped);
  const auto theirs =
      std::ranges::count_if(entries_, [&](const auto& one) { return one.second.organisation == organisation; });
  if (entries_.size() >= kMostInAll || theirs >= static_cast<std::ptrdiff_t>(kMostOfOne)) return false;
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
