#include "service/commit_clock.h"

#include <algorithm>

namespace flikvakt::service {

using std::chrono::milliseconds;

// SPEC ACT-57. NTP slews both clocks alike. What sets them apart, a leap second or a small step, is forgotten slowly:
// several in a short time, or a clock that runs much too fast, add up.
constexpr std::chrono::seconds kForgetEvery{10};
constexpr int kForgetPart = 1000;

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
    else if (elapsed >= kForgetEvery) {
      const milliseconds forgotten = std::clamp(drift, -elapsed / kForgetPart, elapsed / kForgetPart);
      anchor_wall_ += elapsed + forgotten;
      anchor_steady_ += elapsed;
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
