// A machine whose wall clock can be moved and whose disk can be held, for the fault harness: preloaded into the real
// program. tests/faults/bend.py sets it through a shared page (FLIKVAKT_BEND_PAGE).
//
// Only the wall clock is moved: the steady clock runs as ever, as it does when somebody sets the time of a machine.
// The library of C++ asks through clock_gettime, OpenSSL through time. Held syncs wait until they are let go.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>

namespace {

struct Page {                            // tests/faults/bend.py knows this layout
  std::atomic<std::int64_t> offset;      // nanoseconds that the wall clock is ahead
  std::atomic<std::int64_t> drift;       // nanoseconds more for each second since `drift_from`
  std::atomic<std::int64_t> drift_from;  // of the steady clock
  std::atomic<std::uint32_t> hold;       // 1: fsync and fdatasync do not return
  std::atomic<std::uint32_t> held;       // calls that wait now
  std::atomic<std::int32_t> passing;     // so many return all the same
};

constexpr std::int64_t kSecond = 1'000'000'000;

Page* page() {
  static Page* const mapped = [] {
    const char* name = std::getenv("FLIKVAKT_BEND_PAGE");
    const int fd = name ? open(name, O_RDWR | O_CLOEXEC) : -1;
    void* at = fd < 0 ? MAP_FAILED : mmap(nullptr, sizeof(Page), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (at == MAP_FAILED) std::abort();
    close(fd);
    return static_cast<Page*>(at);
  }();
  return mapped;
}

std::int64_t true_time(clockid_t clock) {
  timespec now{};
  syscall(SYS_clock_gettime, clock, &now);
  return now.tv_sec * kSecond + now.tv_nsec;
}

std::int64_t bent_wall() {
  const std::int64_t drifting = page()->drift;
  const std::int64_t elapsed = drifting == 0 ? 0 : true_time(CLOCK_MONOTONIC) - page()->drift_from;
  return true_time(CLOCK_REALTIME) + page()->offset + elapsed / 1000 * drifting / (kSecond / 1000);
}

int sync_when_let_go(int fd, long call) {
  if (page()->hold != 0 && --page()->passing < 0) {
    ++page()->held;
    while (page()->hold != 0) {
      const timespec pause{0, 1'000'000};
      syscall(SYS_nanosleep, &pause, nullptr);
    }
    --page()->held;
  }
  return static_cast<int>(syscall(call, fd));
}

}  // namespace

extern "C" {

int clock_gettime(clockid_t clock, timespec* out) {
  if (clock != CLOCK_REALTIME && clock != CLOCK_REALTIME_COARSE) {
    return static_cast<int>(syscall(SYS_clock_gettime, clock, out));
  }
  const std::int64_t now = bent_wall();
  *out = {now / kSecond, now % kSecond};
  return 0;
}

int gettimeofday(timeval* out, void*) {
  const std::int64_t now = bent_wall();
  *out = {now / kSecond, now % kSecond / 1000};
  return 0;
}

time_t time(time_t* out) {
  const time_t now = bent_wall() / kSecond;
  if (out) *out = now;
  return now;
}

int fsync(int fd) { return sync_when_let_go(fd, SYS_fsync); }
int fdatasync(int fd) { return sync_when_let_go(fd, SYS_fdatasync); }
}
