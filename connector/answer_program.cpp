#include "connector/answer_program.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include "base/files.h"
#include "base/utf8.h"
#include "connector/deposit_folder.h"
#include "crypto/hash.h"

namespace flikvakt::connector {
namespace {

using Steady = std::chrono::steady_clock;
constexpr std::size_t kLongestHead = 64 * 1024;
constexpr int kNothing = 3;

struct Head {
  std::string title;
  std::optional<std::string> author;
  std::string date;
  std::string media_type;
};
BOOST_DESCRIBE_STRUCT(Head, (), (title, author, date, media_type))

struct Pipe {
  FileDescriptor read, write;
};
Result<Pipe> make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return fail(ErrorCode::io, "making a pipe");
  return Pipe{FileDescriptor(ends[0]), FileDescriptor(ends[1])};
}

// Ended with all that it started: it is its own process group.
class Child {
public:
  explicit Child(pid_t pid) : pid_(pid) {}
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    if (pid_ <= 0) return;
    ::kill(-pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  // The exit code, -1 after a signal; nothing: it goes on.
  std::optional<int> wait_until(Steady::time_point deadline, const std::atomic<bool>& stopping) {
    for (;;) {
      int status = 0;
      const pid_t done = ::waitpid(pid_, &status, WNOHANG);
      if (done == pid_) {
        ::kill(-pid_, SIGKILL);
        pid_ = -1;
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
      }
      if (stopping || Steady::now() >= deadline) return std::nullopt;
      ::usleep(5'000);
    }
  }

private:
  pid_t pid_;
};

// SPEC CONN-49: of our environment what says where and in which language it runs; ours has names of proxies, logins and
// what else the unit gives us.
std::vector<std::string> environment_of_program() {
  std::vector<std::string> out;
  for (const char* const name : {"PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "TZ", "TMPDIR"}) {
    if (const char* const value = std::getenv(name)) out.push_back(std::string(name) + "=" + value);
  }
  return out;
}

// For exec.
std::vector<char*> pointers_to(const std::vector<std::string>& words) {
  std::vector<char*> out;
  for (const std::string& word : words) out.push_back(const_cast<char*>(word.c_str()));
  out.push_back(nullptr);
  return out;
}

Result<pid_t> start(const std::vector<std::string>& command, int in, int out) {
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_adddup2(&files, in, 0);
  posix_spawn_file_actions_adddup2(&files, out, 1);
  posix_spawn_file_actions_addclosefrom_np(&files, 3);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  // We ignore some, and what is ignored is so in a program, too: one that writes on into a closed pipe would never
  // end.
  sigset_t usual;
  sigemptyset(&usual);
  for (const int signal : {SIGPIPE, SIGIO, SIGINT, SIGTERM, SIGHUP, SIGCHLD}) sigaddset(&usual, signal);
  posix_spawnattr_setsigdefault(&attributes, &usual);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  const std::vector<std::string> environment = environment_of_program();
  std::vector<char*> words = pointers_to(command), variables = pointers_to(environment);
  pid_t pid = -1;
  const int error = ::posix_spawn(&pid, words[0], &files, &attributes, words.data(), variables.data());
  posix_spawn_file_actions_destroy(&files);
  posix_spawnattr_destroy(&attributes);
  if (error != 0)
    return fail(ErrorCode::io, "starting `" + command.front() + "` (error " + std::to_string(error) + ")");
  return pid;
}

// Never waits: a line that does not fit into the pipe is not one that a gateway sends. A program that does not read it
// gets it all the same.
bool give_request(int pipe, const std::string& line) {
  if (::fcntl(pipe, F_SETFL, O_NONBLOCK) != 0) return false;
  const ssize_t put = ::write(pipe, line.data(), line.size());
  return put < 0 ? errno == EPIPE : static_cast<std::size_t>(put) == line.size();
}

bool is_media_type(const std::string& type) {
  return !type.empty() && type.size() < 100 && type.find('/') != type.npos &&
         type.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789/.+-") == type.npos;
}

ProgramAnswer failed(std::string why) { return {Answered::failed, std::move(why)}; }

}  // namespace

ProgramAnswer run_answer_program(const AnswerConfig& config, const json::object& request,
                                 const std::filesystem::path& to, Message& message, const std::atomic<bool>& stopping) {
  Result<Pipe> in = make_pipe(), out = make_pipe();
  if (!in || !out) return failed("no pipe");
  const Result<pid_t> pid = start(config.program, in->read.get(), out->write.get());
  if (!pid) return failed(pid.error().message);
  Child child(*pid);
  in->read = FileDescriptor();
  out->write = FileDescriptor();
  const Steady::time_point deadline = Steady::now() + config.patience;
  const std::string line = json::serialize(request) + "\n";
  if (!give_request(in->write.get(), line)) return failed("it does not take the request");
  in->write = FileDescriptor();

  Result<Draft> draft = Draft::make(to);
  if (!draft) return failed(draft.error().message);
  std::string head;
  bool has_head = false;
  crypto::Sha256 hash;
  std::uint64_t size = 0;
  Bytes piece(64 * 1024);
  for (;;) {
    if (stopping) return failed("the connector stops");
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Steady::now()).count();
    if (left <= 0) return failed("it took longer than it may");
    pollfd waits{out->read.get(), POLLIN, 0};
    const int ready = ::poll(&waits, 1, static_cast<int>(std::min<long long>(left, 200)));
    if (ready < 0 && errno != EINTR) return failed("its answer cannot be read");
    if (ready <= 0) continue;
    const ssize_t got = ::read(out->read.get(), piece.data(), piece.size());
    if (got < 0) return failed("its answer cannot be read");
    if (got == 0) break;
    BytesView bytes = BytesView(piece).first(static_cast<std::size_t>(got));
    if (!has_head) {
      const std::size_t end = as_text(bytes).find('\n');
      head += as_text(bytes.first(end == std::string_view::npos ? bytes.size() : end));
      if (head.size() > kLongestHead) return failed("its first line is no JSON that says what the document is");
      if (end == std::string_view::npos) continue;
      has_head = true;
      bytes = bytes.subspan(end + 1);
    }
    if (size + bytes.size() > kLargestDocument) return failed("its document is larger than 64 MiB");
    if (!write_exactly(draft->get(), size, bytes)) return failed("its document cannot be kept: is the disk full?");
    hash.update(bytes);
    size += bytes.size();
  }
  const std::optional<int> code = child.wait_until(deadline, stopping);
  if (!code) return failed(stopping ? "the connector stops" : "it took longer than it may");
  if (*code == kNothing && size == 0) return {Answered::nothing, ""};
  if (*code != 0) return failed("it ended with exit code " + std::to_string(*code));
  const Result<json::value> value = parse_json(head);
  const Result<Head> says = value ? from_json<Head>(*value) : value.error();
  const bool is_whole = has_head && says && size > 0 && parse_date(says->date) && is_media_type(says->media_type);
  if (!is_whole) return failed("what it wrote is no document with a line of JSON before it");
  const std::string& author = says->author.value_or(message.author);
  if (says->title.empty() || says->title.size() > kLongestName || author.empty() || author.size() > kLongestName)
    return failed("title and author: expected 1 to 200 bytes each");
  const Result<void> kept = std::move(*draft).replace();
  if (!kept) return failed(kept.error().message);
  message.title = says->title;
  message.author = says->author.value_or(message.author);
  message.date = says->date;
  message.media_type = says->media_type;
  message.size = size;
  message.sha256 = to_base64url(hash.finish());
  return {Answered::found, ""};
}

}  // namespace flikvakt::connector
