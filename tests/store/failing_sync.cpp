#include "tests/store/failing_sync.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <limits>

namespace {

constexpr int kAll = std::numeric_limits<int>::max();
std::atomic<int> still_working{kAll};

int sync_or_fail(long call, int fd) {
  if (still_working != kAll && still_working-- <= 0) {
    errno = EIO;
    return -1;
  }
  return static_cast<int>(::syscall(call, fd));
}

}  // namespace

// The program's own definitions stand before those of the C library, for SQLCipher's shared library too.
extern "C" int fsync(int fd) { return sync_or_fail(SYS_fsync, fd); }
extern "C" int fdatasync(int fd) { return sync_or_fail(SYS_fdatasync, fd); }

namespace flikvakt::store {

FailingSync::FailingSync(int calls_that_still_work) { still_working = calls_that_still_work; }
FailingSync::~FailingSync() { still_working = kAll; }

}  // namespace flikvakt::store
