#include "service/commit_clock.h"

#include <algorithm>

namespace flikvakt::service {

using std::chrono::milliseconds;

CommitClock::CommitClock(const Clock& clock, std::optional<UtcTime> last_entry)
    : clock_(clock), last_entry_(last_entry), anchor_wall_(clock.wall()), anchor_steady_(clock.steady()) {
  if (last_entry_ && anchor_wall_ > *last_entry_ + kStartTolerance) doubt_ = ClockDoubt::far_past_log;
}

CommitClock::Reading CommitClock::read() {
  const UtcTime wall = clock_.wall();
  const auto steady = clock_.steady();
  const auto elapsed = std::chrono::duration_cast<milliseconds>(steady - anchor_steady_);
  if (last_entry_ && wall >= *last_entry_) is_confirmed_behind_ = false;
  if (doubt_ == ClockDoubt::none) {
    const milliseconds drift = (wall - anchor_wall_) - elapsed;
    if (drift > kJumpTolerance || drift < -kJumpTolerance)
      doubt_ = ClockDoubt::jumped;
    else if (last_entry_ && wall + kBehindTolerance < *last_entry_ && !is_confirmed_behind_)
      doubt_ = ClockDoubt::behind_log;
    // Slow drift is NTP's work and no doubt: measure each step against the step before.
    else {
      anchor_wall_ = wall;
      anchor_steady_ = steady;
    }
  }
  if (doubt_ != ClockDoubt::none) return {last_entry_.value_or(wall), doubt_};
  return {last_entry_ ? std::max(*last_entry_, wall) : wall, ClockDoubt::none};
}

void CommitClock::accept() {
  anchor_wall_ = clock_.wall();
  anchor_steady_ = clock_.steady();
  doubt_ = ClockDoubt::none;
  is_confirmed_behind_ = true;
}

}  // namespace flikvakt::service
