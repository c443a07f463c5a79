// A child that is shut in as the real one is, and then does what the file tells it to: crash, hang, eat, flood, try to
// get out.
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <string>

#include "dissect/confine.h"
#include "dissect/serve_once.h"
#include "partition/limits.h"

namespace flikvakt::dissect {
namespace {

Outcome said(std::string word) {
  Outcome out;
  out.report.contents.push_back({"word", std::move(word), "", 0});
  return out;
}

std::string outcome_of(long result) { return result >= 0 ? "it worked" : std::to_string(errno); }

[[noreturn]] void hang() {
  // Of the calls that wait, the one that the filter lets through.
  for (int never = 0;;) syscall(SYS_futex, &never, FUTEX_WAIT_PRIVATE, 0, nullptr, nullptr, 0);
}

Outcome misbehave(const Order&, BytesView file) {
  const std::string_view what = as_text(file);
  if (what == "crash") std::raise(SIGSEGV);
  if (what == "abort") std::abort();
  if (what == "exit") _exit(0);
  if (what.starts_with("exit ")) _exit(std::atoi(std::string(what.substr(5)).c_str()));
  if (what == "spin") {
    for (volatile bool is_on = true; is_on;) {
    }
  }
  if (what == "hang") hang();
  if (what == "eat") {
    std::vector<Bytes> eaten;
    for (;;) eaten.emplace_back(std::size_t{8} << 20, std::uint8_t{1});
  }
  if (what == "flood") {
    const Bytes piece(1 << 20, 'x');
    while (write(STDOUT_FILENO, piece.data(), piece.size()) > 0) {
    }
  }
  if (what == "garbage") (void)!write(STDOUT_FILENO, "garbage garbage garbage", 23);
  if (what == "mute") {
    close(STDOUT_FILENO);
    hang();
  }
  if (what == "open") return said(outcome_of(open("/etc/passwd", O_RDONLY)));
  struct stat about {};
  if (what == "ask about") return said(outcome_of(stat("/etc/passwd", &about)));
  if (what == "ask about as of a descriptor") {
    return said(outcome_of(syscall(SYS_newfstatat, AT_FDCWD, "/etc/passwd", &about, AT_EMPTY_PATH)));
  }
  if (what == "environment") return said(environ[0] ? environ[0] : "empty");
  if (what == "descriptors") {
    std::string open_ones;
    for (int fd = 0; fd < 64; ++fd) {
      if (lseek(fd, 0, SEEK_CUR) >= 0 || errno != EBADF) open_ones += std::to_string(fd) + " ";
    }
    return said(open_ones);
  }
  if (what == "socket") return said(outcome_of(socket(AF_INET, SOCK_STREAM, 0)));
  if (what == "fork") return said(outcome_of(fork()));
  if (what == "execute") return said(outcome_of(execl("/bin/true", "true", nullptr)));
  if (what == "code") {
    void* page = mmap(nullptr, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return said(page == MAP_FAILED ? "no" : "it worked");
  }
  if (what == "kill the parent") return said(outcome_of(kill(getppid(), SIGTERM)));
  return said("nothing");
}

}  // namespace
}  // namespace flikvakt::dissect

int main() {
  using namespace flikvakt::dissect;
  if (!confine()) return flikvakt::partition::kEndedUnconfined;
  try {
    _exit(serve_once(STDIN_FILENO, STDOUT_FILENO, misbehave));
  } catch (const std::bad_alloc&) {
    _exit(flikvakt::partition::kEndedWithoutMemory);
  }
}
