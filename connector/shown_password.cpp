#include "connector/shown_password.h"

#include <algorithm>
#include <utility>

namespace flikvakt::connector {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds kFirstPause = 60s, kLongestPause = 10min;

}  // namespace

std::variant<ShownPassword::Leave, ShownPassword::NotNow> ShownPassword::ask(Time now) {
  const std::lock_guard lock(mutex_);
  if (is_taken_) return Leave{refusals_, false};
  if (now < due_) return NotNow::refused_lately;
  if (std::exchange(is_being_shown_, true)) return NotNow::being_shown;
  return Leave{refusals_, true};
}

void ShownPassword::note_taken(const Leave& leave) {
  const std::lock_guard lock(mutex_);
  if (leave.refusals != refusals_) return;
  is_taken_ = true;
  is_being_shown_ = false;
  pause_ = 0ms;
}

void ShownPassword::note_refused(const Leave& leave, Time now) {
  const std::lock_guard lock(mutex_);
  if (leave.refusals != refusals_) return;  // shown at the same time as another, of which it was said
  ++refusals_;
  is_taken_ = is_being_shown_ = false;
  pause_ = std::clamp(2 * pause_, kFirstPause, kLongestPause);
  due_ = now + pause_;
}

void ShownPassword::note_unheard(const Leave& leave) {
  const std::lock_guard lock(mutex_);
  if (leave.is_alone && leave.refusals == refusals_) is_being_shown_ = false;
}

}  // namespace flikvakt::connector
