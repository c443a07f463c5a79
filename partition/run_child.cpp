#include "partition/run_child.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include "base/files.h"
#include "partition/frame.h"
#include "partition/limits.h"

namespace flikvakt::partition {
namespace {

using Clock = std::chrono::steady_clock;

// The child's end is dropped as soon as the child has it, so that its death is seen as the end of the stream.
struct Channel {
  FileDescriptor ours;
  FileDescriptor theirs;
};

// A pair of sockets in place of a pipe: writing to one whose reader died gives an error and raises no signal.
Result<Channel> make_input() {
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) return os_error("making a pipe", "");
  return Channel{FileDescriptor(pair[0]), FileDescriptor(pair[1])};
}

Result<Channel> make_output() {
  int pair[2];
  if (pipe2(pair, O_CLOEXEC) != 0) return os_error("making a pipe", "");
  return Channel{FileDescriptor(pair[0]), FileDescriptor(pair[1])};
}

// A started child. Destroyed, it is dead and reaped.
class Child {
public:
  explicit Child(pid_t pid) : pid_(pid) {}
  Child(Child&& other) noexcept : pid_(std::exchange(other.pid_, 0)) {}
  Child& operator=(Child&&) = delete;
  ~Child() { end(); }

  void kill() const { ::kill(pid_, SIGKILL); }
  // Waits for its end.
  int reap() {
    int status = 0;
    while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = 0;
    return status;
  }

private:
  void end() {
    if (pid_ == 0) return;
    kill();
    reap();
  }
  pid_t pid_;
};

// SPEC PART-42: no environment, no descriptor but its two pipes, no signal blocked.
Result<Child> start(const ChildProgram& program, const Channel& input, const Channel& output) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input.theirs.get(), 0);
  posix_spawn_file_actions_adddup2(&actions, output.theirs.get(), 1);
  posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addclosefrom_np(&actions, 3);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  std::string path = program.path.string();
  std::vector<std::string> words = program.arguments;
  std::vector<char*> arguments{path.data()};
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  char* environment[] = {nullptr};
  pid_t pid = 0;
  const int error = posix_spawn(&pid, path.c_str(), &actions, &attributes, arguments.data(), environment);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (error != 0) {
    return fail(ErrorCode::unavailable, "starting `" + path + "`: " + std::strerror(error));
  }
  return Child(pid);
}

// Feeds the child and takes what it says, both at once, since either side may be the one that waits.
class Talk {
public:
  Talk(int to, int from, BytesView head, BytesView file, Clock::time_point deadline, const std::atomic<bool>* stop)
      : to_(to), from_(from), pending_{head, file}, deadline_(deadline), stop_(stop) {}

  // Until the child's last byte. An error: the cause, for the operational log; unavailable: it was stopped.
  Result<void> run() {
    fcntl(to_, F_SETFL, O_NONBLOCK);
    fcntl(from_, F_SETFL, O_NONBLOCK);
    while (!is_over_) {
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline_ - Clock::now());
      if (left.count() <= 0) return fail(ErrorCode::expired, "took too long");
      if (stop_ && *stop_) return fail(ErrorCode::unavailable, "was stopped");
      const auto wait = std::min<std::int64_t>(left.count() + 1, kLookAtStop);
      pollfd polled[2] = {{from_, POLLIN, 0}, {is_fed_ ? -1 : to_, POLLOUT, 0}};
      if (poll(polled, 2, static_cast<int>(wait)) < 0 && errno != EINTR) return os_error("waiting", "");
      if (polled[1].revents != 0) feed();
      if (polled[0].revents != 0) TRY_VOID(take());
    }
    return {};
  }

  const Bytes& said() const { return said_; }

private:
  void feed() {
    while (!pending_[0].empty() || !pending_[1].empty()) {
      BytesView& piece = pending_[0].empty() ? pending_[1] : pending_[0];
      const ssize_t sent = send(to_, piece.data(), piece.size(), MSG_NOSIGNAL);
      if (sent < 0 && (errno == EAGAIN || errno == EINTR)) return;
      if (sent < 0) break;  // it does not listen any more; what it said tells why
      piece = piece.subspan(static_cast<std::size_t>(sent));
    }
    is_fed_ = true;
    shutdown(to_, SHUT_WR);
  }

  Result<void> take() {
    const std::size_t before = said_.size();
    said_.resize(before + kPieceBytes);
    const ssize_t got = read(from_, said_.data() + before, kPieceBytes);
    said_.resize(before + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    if (got == 0) is_over_ = true;
    if (got < 0 && errno != EAGAIN && errno != EINTR) return os_error("reading", "");
    if (said_.size() > kFrameHeadBytes + kMostReportBytes + kMostOutputBytes) {
      return fail(ErrorCode::invalid, "said more than it may");
    }
    return {};
  }

  static constexpr std::size_t kPieceBytes = 256 << 10;
  static constexpr std::int64_t kLookAtStop = 500;  // milliseconds
  const int to_;
  const int from_;
  BytesView pending_[2];
  const Clock::time_point deadline_;
  const std::atomic<bool>* const stop_;
  Bytes said_;
  bool is_fed_ = false;
  bool is_over_ = false;
};

Run refused(RefusalReason reason, std::string cause) {
  Run run;
  run.outcome.report.refusal = Refusal{reason, "", std::nullopt};
  run.cause = std::move(cause);
  return run;
}

// SPEC PART-46, PART-55: an end that says nothing of the file, since none of it was read.
bool has_read_nothing(int status) {
  if (!WIFEXITED(status)) return false;
  const int code = WEXITSTATUS(status);
  return code == kEndedWithoutOrder || code == kEndedUnconfined || code == kNotLoaded;
}

// SPEC PART-46: how an end that is no answer is told.
Run ended_badly(int status) {
  if (WIFSIGNALED(status)) {
    const int signal = WTERMSIG(status);
    const bool was_limit = signal == SIGKILL || signal == SIGXCPU || signal == SIGALRM;
    return refused(was_limit ? RefusalReason::too_costly : RefusalReason::damaged,
                   "the child was ended by signal " + std::to_string(signal));
  }
  const int code = WEXITSTATUS(status);
  return refused(code == kEndedWithoutMemory ? RefusalReason::too_costly : RefusalReason::damaged,
                 "the child ended with status " + std::to_string(code));
}

Result<Outcome> parse_answer(const Order& order, BytesView said) {
  if (said.size() < kFrameHeadBytes) return fail(ErrorCode::malformed, "no answer");
  const FrameHead head = TRY(read_answer_head(said.first(kFrameHeadBytes)));
  said = said.subspan(kFrameHeadBytes);
  if (said.size() != head.json_bytes + head.body_bytes) return fail(ErrorCode::malformed, "an answer cut short");
  return read_answer(order, as_text(said.first(head.json_bytes)), said.subspan(head.json_bytes));
}

}  // namespace

Result<Run> run_child(const ChildProgram& program, const Order& order, BytesView file) {
  TRY_VOID(check_order(order));
  if (file.size() > kMostInputBytes) return refused(RefusalReason::too_large, "");
  Channel input = TRY(make_input());
  Channel output = TRY(make_output());
  const auto most_wall = program.most_wall.count() > 0 ? program.most_wall : std::chrono::seconds(kChildWallSeconds);
  const Clock::time_point deadline = Clock::now() + most_wall;
  Child child = TRY(start(program, input, output));
  input.theirs = FileDescriptor();
  output.theirs = FileDescriptor();
  const Bytes head = order_head(order, file.size());
  Talk talk(input.ours.get(), output.ours.get(), head, file, deadline, program.stop);
  const Result<void> talked = talk.run();
  if (!talked) {
    child.kill();
    child.reap();
    if (talked.error().code == ErrorCode::unavailable) return talked.error();
    return refused(RefusalReason::too_costly, "the child " + talked.error().message);
  }
  // It closed its mouth, which it does by ending; one that does not end is ended.
  child.kill();
  const int status = child.reap();
  Result<Outcome> outcome = parse_answer(order, talk.said());
  if (outcome) return Run{std::move(*outcome), {}};
  if (has_read_nothing(status)) {
    return fail(ErrorCode::unavailable, "`" + program.path.string() + "` ended with status " +
                                            std::to_string(WEXITSTATUS(status)) + " before it read the file");
  }
  Run run = ended_badly(status);
  run.cause += ": " + outcome.error().message;
  return run;
}

}  // namespace flikvakt::partition
