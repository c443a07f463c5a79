// What waits for the sequencer: fair between organisations, bounded, narrowing acts first. Thread-safe.
//
// INVARIANT (narrowing lane): a narrowing act overtakes every act of other actors and never an earlier act of its own
// actor (so "sign, then revoke" cannot become "revoke, then sign"). It is never turned away for lack of room.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <vector>

#include "service/command.h"

namespace flikvakt::service {

class CommandQueue {
public:
  struct Limits {
    std::size_t per_source = 1024;  // waiting acts of one organisation, person, or of the gateway itself
    std::size_t batch = 256;
    std::chrono::milliseconds patience{5};  // of a closing that is alone
  };
  explicit CommandQueue(Limits limits) : limits_(limits) {}

  // Under one lock, so that what comes together is taken together. Gives back what found no room, or came too late.
  std::vector<Command> push(std::vector<Command> commands);

  // Waits for commands until `deadline`; takes at most a batch: narrowing acts, then one of each source in turn. Empty:
  // nothing came, or the queue is closed and drained. Closings of complete readings alone are left waiting for company
  // for a while (Limits::patience): nobody waits for them, and one commit then serves a closing and the next opening.
  // (One connection that reads document after document: half the syncs.)
  std::vector<Command> take(std::chrono::steady_clock::time_point deadline);

  void nudge();  // take() comes back at once, whatever there is: this time, or the next
  void close();  // no more pushes; take() drains what waits
  bool is_drained() const;
  std::size_t size() const;  // what waits

private:
  using Source = ByteArray<16>;
  using Time = std::chrono::steady_clock::time_point;
  struct Waiting {
    Command command;
    ByteArray<16> actor;
  };

  bool push_one(Command& command, Time now);
  void promote_earlier_of(const ByteArray<16>& actor, const Source& source);
  std::size_t waiting() const { return narrowing_.size() + ordinary_count_; }
  bool is_urgent() const { return closed_ || is_nudged_ || waiting() > patient_count_; }

  const Limits limits_;
  mutable std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<Waiting> narrowing_;
  std::map<Source, std::deque<Waiting>> ordinary_;
  std::size_t ordinary_count_ = 0;
  std::size_t patient_count_ = 0;  // of the ordinary ones
  Time patient_since_{};           // when the first of them came
  Source last_served_{};
  bool closed_ = false;
  bool is_nudged_ = false;
};

// 16 bytes that identify who acts, for idempotency and order; zero for the gateway itself.
ByteArray<16> actor_id(const policy::Actor& actor);

}  // namespace flikvakt::service
