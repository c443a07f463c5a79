// The sequencer's time: never behind the last entry of the log, and honest about doubt.
// Owned by the sequencer's thread.
#pragma once

#include <chrono>
#include <optional>

#include <boost/describe.hpp>

#include "base/time.h"

namespace flikvakt::service {

enum class ClockDoubt { none, behind_log, jumped, far_past_log };
BOOST_DESCRIBE_ENUM(ClockDoubt, none, behind_log, jumped, far_past_log)

class CommitClock {
public:
  static constexpr std::chrono::seconds kBehindTolerance{2};  // of the last entry: NTP slews stay under it
  static constexpr std::chrono::seconds kJumpTolerance{5};    // of the wall against the monotonic clock
  static constexpr std::chrono::hours kStartTolerance{24};    // past the last entry, at start-up

  // `last_entry`: none when the log is empty.
  CommitClock(const Clock& clock, std::optional<UtcTime> last_entry);

  struct Reading {
    UtcTime now;  // max(last entry, wall); during doubt the last entry's time
    ClockDoubt doubt = ClockDoubt::none;
  };
  Reading read();
  ClockDoubt doubt() const { return doubt_; }  // as of the last read()
  void committed(UtcTime time) { last_entry_ = time; }
  // An administrator saw the wall clock and confirms it. It still never goes behind the last entry: confirmed behind
  // it, time stands still until the wall clock is there.
  void accept();

private:
  const Clock& clock_;
  std::optional<UtcTime> last_entry_;
  UtcTime anchor_wall_;
  std::chrono::steady_clock::time_point anchor_steady_;
  ClockDoubt doubt_ = ClockDoubt::none;
  bool is_confirmed_behind_ = false;  // of the last entry, until the wall clock reaches it
};

}  // namespace flikvakt::service
