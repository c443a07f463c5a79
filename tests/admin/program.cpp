#include "tests/admin/program.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "tests/admin/scratch.h"

namespace flikvakt::admin {
namespace {

std::string text_of(const std::filesystem::path& file) {
  std::ostringstream out;
  out << std::ifstream(file, std::ios::binary).rdbuf();
  return out.str();
}

void redirect(const std::filesystem::path& file, int flags, int to) {
  const int fd = ::open(file.c_str(), flags, 0600);
  if (fd < 0 || ::dup2(fd, to) < 0) ::_exit(127);
}

pid_t start(const std::vector<std::string>& words, const std::filesystem::path& in, const std::filesystem::path& out,
            const std::filesystem::path& err) {
  std::vector<char*> arguments{const_cast<char*>(FLIKVAKT_BINARY)};
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const pid_t pid = ::fork();
  if (pid != 0) return pid;
  ::setsid();  // no terminal: what would ask for a passphrase must fail instead
  redirect(in, O_RDONLY, STDIN_FILENO);
  redirect(out, O_WRONLY | O_CREAT | O_APPEND, STDOUT_FILENO);
  redirect(err, O_WRONLY | O_CREAT | O_APPEND, STDERR_FILENO);
  ::execv(FLIKVAKT_BINARY, arguments.data());
  ::_exit(127);
}

int wait_for(pid_t pid) {
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

Ran run_flikvakt(const std::vector<std::string>& words, const std::string& in) {
  const Scratch scratch;
  const pid_t pid = start(words, scratch.write("in", in), scratch.path("out"), scratch.path("err"));
  Ran ran;
  ran.exit_code = wait_for(pid);
  ran.out = text_of(scratch.path("out"));
  ran.err = text_of(scratch.path("err"));
  return ran;
}

RunningFlikvakt::RunningFlikvakt(const std::vector<std::string>& words, const std::filesystem::path& log)
    : pid_(start(words, "/dev/null", log, log)) {}

RunningFlikvakt::~RunningFlikvakt() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  wait_for(pid_);
}

void RunningFlikvakt::begin_to_stop() const { ::kill(pid_, SIGTERM); }

int RunningFlikvakt::stop() {
  begin_to_stop();
  return wait_for(std::exchange(pid_, -1));
}

bool RunningFlikvakt::has_ended() const {
  siginfo_t info{};
  return ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == pid_;
}

}  // namespace flikvakt::admin
