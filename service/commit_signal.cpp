#include "service/commit_signal.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <stdexcept>

namespace flikvakt::service {

CommitSignal::CommitSignal(std::uint64_t log_size) : size_(log_size), event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (!event_.is_open()) throw std::runtime_error("making an event descriptor");
}

void CommitSignal::wake() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(event_.get(), &one, sizeof one);  // full: it is awake already
}

void CommitSignal::woke() {
  std::uint64_t count = 0;
  [[maybe_unused]] const ssize_t got = ::read(event_.get(), &count, sizeof count);
}

}  // namespace flikvakt::service
