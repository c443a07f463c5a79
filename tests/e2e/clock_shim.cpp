// The real program at another time: preloaded into it, this moves the wall clock by FLIKVAKT_CLOCK_SHIFT seconds. What
// counts time that passes (CLOCK_MONOTONIC) stays as it is.
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <cstdlib>

namespace {

time_t shift() {
  static const time_t seconds = [] {
    const char* text = std::getenv("FLIKVAKT_CLOCK_SHIFT");
    return text ? static_cast<time_t>(std::strtoll(text, nullptr, 10)) : 0;
  }();
  return seconds;
}

bool is_wall(clockid_t clock) { return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE; }

}  // namespace

extern "C" int clock_gettime(clockid_t clock, timespec* time) noexcept {
  const long result = ::syscall(SYS_clock_gettime, clock, time);
  if (result == 0 && is_wall(clock)) time->tv_sec += shift();
  return static_cast<int>(result);
}

extern "C" time_t time(time_t* out) noexcept {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  if (out) *out = now.tv_sec;
  return now.tv_sec;
}
