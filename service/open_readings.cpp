#include "service/open_readings.h"

#include <algorithm>

namespace flikvakt::service {
namespace {

// The same staff member over the same credential, or the same person with the same key.
bool same_reader(const policy::Actor& a, const policy::Actor& b) { return to_text(to_json(a)) == to_text(to_json(b)); }

using Intervals = std::vector<std::pair<std::uint64_t, std::uint64_t>>;

void insert(Intervals& intervals, std::uint64_t from, std::uint64_t to) {
  Intervals merged;
  for (const auto& [begin, end] : intervals) {
    if (end < from || begin > to) {
      merged.emplace_back(begin, end);
    } else {
      from = std::min(from, begin);
      to = std::max(to, end);
    }
  }
  merged.emplace_back(from, to);
  std::ranges::sort(merged);
  intervals = std::move(merged);
}

}  // namespace

void OpenReadings::add(RunningReading reading) {
  const ReadingId id = reading.permit->reading();
  std::lock_guard lock(mutex_);
  if (is_closed_) return reading.permit->lease()->cut();  // nothing is sent under it yet
  open_.emplace(id, Kept{std::move(reading), {}});
}

std::shared_ptr<const LoggedPermit> OpenReadings::find(const ReadingId& id, const policy::Actor& actor) const {
  std::lock_guard lock(mutex_);
  auto found = open_.find(id);
  if (found == open_.end() || !same_reader(found->second.reading.actor, actor)) return nullptr;
  if (found->second.reading.permit->lease()->is_cut()) return nullptr;
  return found->second.reading.permit;
}

bool OpenReadings::delivered(const ReadingId& id, std::uint64_t from, std::uint64_t to) {
  std::lock_guard lock(mutex_);
  auto found = open_.find(id);
  if (found == open_.end()) return false;
  const std::uint64_t size = found->second.reading.permit->document().facts.size;
  auto covers = [&](const Intervals& intervals) {
    return intervals.size() == 1 && intervals[0].first == 0 && intervals[0].second >= size;
  };
  const bool before = covers(found->second.delivered);
  if (from < to || size == 0) insert(found->second.delivered, from, to);
  return !before && covers(found->second.delivered);
}

std::optional<std::uint64_t> OpenReadings::cut(const ReadingId& id) {
  std::shared_ptr<Lease> lease;
  {
    std::lock_guard lock(mutex_);
    auto found = open_.find(id);
    if (found == open_.end()) return std::nullopt;
    lease = found->second.reading.permit->lease();
  }
  // INVARIANT (no late send): it is forgotten only after no send is in flight, so that whoever narrows access meanwhile
  // still finds it, and waits too.
  lease->cut();
  std::lock_guard lock(mutex_);
  return open_.erase(id) == 1 ? std::optional(lease->sent_bytes()) : std::nullopt;
}

void OpenReadings::cut_all() {
  for (const RunningReading& reading : snapshot()) cut(reading.permit->reading());
}

void OpenReadings::close() {
  {
    std::lock_guard lock(mutex_);
    is_closed_ = true;
  }
  cut_all();
}

std::vector<RunningReading> OpenReadings::snapshot() const {
  std::lock_guard lock(mutex_);
  std::vector<RunningReading> out;
  out.reserve(open_.size());
  for (const auto& [id, kept] : open_) out.push_back(kept.reading);
  return out;
}

std::size_t OpenReadings::size() const {
  std::lock_guard lock(mutex_);
  return open_.size();
}

}  // namespace flikvakt::service
