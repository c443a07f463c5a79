#include "service/hook_program.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <thread>

namespace flikvakt::service {
namespace {

constexpr std::size_t kReadAtOnce = 16 * 1024;
constexpr auto kPatienceBeforeSigterm = std::chrono::milliseconds(200);

struct Pipe {
  FileDescriptor read;
  FileDescriptor write;
};

Result<Pipe> make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return fail(ErrorCode::io, std::string("making a pipe: ") + std::strerror(errno));
  return Pipe{FileDescriptor(ends[0]), FileDescriptor(ends[1])};
}

void do_not_wait(int fd) { ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK); }

// What the child gets. SPEC HOOK-2
class SpawnRules {
public:
  SpawnRules(int in, int out) {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawn_file_actions_adddup2(&actions_, in, STDIN_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions_, out, STDOUT_FILENO);
    ::posix_spawn_file_actions_addclosefrom_np(&actions_, STDERR_FILENO + 1);
    ::posix_spawn_file_actions_addchdir_np(&actions_, "/");
    ::posix_spawnattr_init(&attributes_);
    sigset_t none;
    sigset_t all;
    sigemptyset(&none);
    sigfillset(&all);
    ::posix_spawnattr_setsigmask(&attributes_, &none);
    ::posix_spawnattr_setsigdefault(&attributes_, &all);
    ::posix_spawnattr_setpgroup(&attributes_, 0);  // Ctrl-C at the terminal is the gateway's
    ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  }
  ~SpawnRules() {
    ::posix_spawn_file_actions_destroy(&actions_);
    ::posix_spawnattr_destroy(&attributes_);
  }
  SpawnRules(const SpawnRules&) = delete;
  SpawnRules& operator=(const SpawnRules&) = delete;
  const posix_spawn_file_actions_t* actions() const { return &actions_; }
  const posix_spawnattr_t* attributes() const { return &attributes_; }

private:
  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
};

std::string in_words(int status) {
  if (WIFEXITED(status)) return "ended with status " + std::to_string(WEXITSTATUS(status));
  return "was ended by signal " + std::to_string(WTERMSIG(status));
}

}  // namespace

Result<void> check_program(const std::string& file) {
  struct stat facts {};
  if (::stat(file.c_str(), &facts) != 0) return os_error("looking for the program", file);
  if (S_ISREG(facts.st_mode) && ::access(file.c_str(), X_OK) == 0) return {};
  return fail(ErrorCode::invalid, "`" + file + "` is no program that this user may run");
}

Result<HookProgram> HookProgram::start(const std::vector<std::string>& command) {
  Pipe in = TRY(make_pipe());
  Pipe out = TRY(make_pipe());
  do_not_wait(in.write.get());
  do_not_wait(out.read.get());
  std::vector<char*> words;
  for (const std::string& word : command) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  char path[] = "PATH=/usr/bin:/bin";
  char language[] = "LANG=C.UTF-8";
  char* const environment[] = {path, language, nullptr};
  const SpawnRules rules(in.read.get(), out.write.get());
  pid_t pid = 0;
  const int failed = ::posix_spawn(&pid, words[0], rules.actions(), rules.attributes(), words.data(), environment);
  if (failed != 0)
    return fail(ErrorCode::io, "starting the program `" + command.front() + "`: " + std::strerror(failed));
  return HookProgram(pid, std::move(in.write), std::move(out.read));
}

HookProgram::HookProgram(pid_t pid, FileDescriptor input, FileDescriptor output)
    : pid_(pid), input_(std::move(input)), output_(std::move(output)) {}

HookProgram::HookProgram(HookProgram&& other) noexcept
    : pid_(std::exchange(other.pid_, 0)), input_(std::move(other.input_)), output_(std::move(other.output_)) {}

HookProgram::~HookProgram() {
  if (pid_ != 0) end(std::chrono::milliseconds(0));
}

std::optional<std::size_t> HookProgram::write(std::string_view text) {
  const ssize_t taken = ::write(input_.get(), text.data(), text.size());
  if (taken >= 0) return static_cast<std::size_t>(taken);
  return errno == EAGAIN || errno == EINTR ? std::optional<std::size_t>(0) : std::nullopt;
}

std::optional<std::string> HookProgram::read() {
  std::string out(kReadAtOnce, '\0');
  const ssize_t got = ::read(output_.get(), out.data(), out.size());
  if (got == 0) return std::nullopt;
  out.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return out;
}

std::string HookProgram::end(std::chrono::milliseconds patience) {
  input_ = FileDescriptor();
  bool has_ended = wait_until(std::chrono::steady_clock::now() + kPatienceBeforeSigterm);
  if (!has_ended) {
    ::kill(pid_, SIGTERM);
    has_ended = wait_until(std::chrono::steady_clock::now() + patience);
  }
  if (!has_ended) {
    ::kill(pid_, SIGKILL);
    while (::waitpid(pid_, &status_, 0) < 0 && errno == EINTR) {
    }
  }
  pid_ = 0;
  return in_words(status_);
}

bool HookProgram::wait_until(std::chrono::steady_clock::time_point when) {
  for (;;) {
    if (::waitpid(pid_, &status_, WNOHANG) == pid_) return true;
    if (std::chrono::steady_clock::now() >= when) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

}  // namespace flikvakt::service
