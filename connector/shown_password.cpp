#include "connector/shown_password.h"

#include <algorithm>
#include <utility>

namespace flikvakt::connector {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds kFirstPause = 60s, kLongestPause = 10min;

}  // namespace

bool ShownPassword::may_show(Time now) {
  const std::lock_guard lock(mutex_);
  if (is_taken_) return true;
  return now >= due_ && !std::exchange(is_being_shown_, true);
}

void ShownPassword::note_taken() {
  const std::lock_guard lock(mutex_);
  is_taken_ = true;
  is_being_shown_ = false;
  pause_ = 0ms;
}

void ShownPassword::note_refused(Time now) {
  const std::lock_guard lock(mutex_);
  is_taken_ = is_being_shown_ = false;
  if (now < due_) return;  // shown at the same time as another, of which it was said
  pause_ = std::clamp(2 * pause_, kFirstPause, kLongestPause);
  due_ = now + pause_;
}

void ShownPassword::note_unheard() {
  const std::lock_guard lock(mutex_);
  is_being_shown_ = false;
}

}  // namespace flikvakt::connector
