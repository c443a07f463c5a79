#include "admin/process.h"

#include <spdlog/spdlog.h>
#include <unistd.h>

#include <string>

#include "admin/outcome.h"

namespace flikvakt::admin {

sigset_t block_stop_signals() {
  ::signal(SIGPIPE, SIG_IGN);
  ::signal(SIGXFSZ, SIG_IGN);  // a file-size limit is an error of the write, like a full disk
  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, SIGTERM);
  sigaddset(&stop, SIGINT);
  pthread_sigmask(SIG_BLOCK, &stop, nullptr);
  return stop;
}

void wait_for_stop(const sigset_t& stop) {
  int received = 0;
  while (sigwait(&stop, &received) != 0) {
  }
  spdlog::info("stopping on signal {}", received);
}

void stop_at_once(std::string_view command, const Error& error) {
  const std::string line = "flikvakt " + std::string(command) + ": stopped at once: " + error.message + "\n";
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, line.data(), line.size());
  ::_exit(static_cast<int>(ExitCode::fatal));
}

}  // namespace flikvakt::admin
