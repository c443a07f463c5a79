// The readings that are open now, as the network threads see them. The sequencer adds and cuts; transfers report what
// they delivered. Thread-safe. A reading is found only by the one who opened it.
#pragma once

#include <mutex>
#include <unordered_map>
#include <vector>

#include "policy/actor.h"
#include "service/logged_permit.h"

namespace flikvakt::service {

struct RunningReading {
  std::shared_ptr<const LoggedPermit> permit;
  policy::Actor actor;
};

class OpenReadings {
public:
  void add(RunningReading reading);

  // For a further range. Nothing when there is none, it is closed, or another opened it: one answer for all three.
  std::shared_ptr<const LoggedPermit> find(const ReadingId& id, const policy::Actor& actor) const;

  // Bytes [from, to) of the document reached the kernel. True, once, when every byte has now been delivered.
  bool delivered(const ReadingId& id, std::uint64_t from, std::uint64_t to);

  // Ends the lease and forgets the reading; waits for sends in flight. The bytes that went out, for one caller of
  // several: that one owes the closing entry. Nothing for the others, and when there is no such reading.
  std::optional<std::uint64_t> cut(const ReadingId& id);
  void cut_all();
  // The same, and for good: what is added from now on is cut before it sends anything.
  void close();

  // Copies, so that the caller may decide at leisure.
  std::vector<RunningReading> snapshot() const;
  std::size_t size() const;

private:
  struct Kept {
    RunningReading reading;
    std::vector<std::pair<std::uint64_t, std::uint64_t>> delivered;  // disjoint, ascending
  };
  mutable std::mutex mutex_;
  std::unordered_map<ReadingId, Kept> open_;
  bool is_closed_ = false;
};

}  // namespace flikvakt::service
