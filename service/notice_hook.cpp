#include "service/notice_hook.h"

#include <poll.h>
#include <signal.h>
#include <spdlog/spdlog.h>

#include <algorithm>

#include "service/notice_cursor.h"

namespace flikvakt::service {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kMostGiven = 64;       // unacknowledged lines that the program holds
constexpr std::size_t kMostWaiting = 1024;   // notices in memory: beyond it the log waits
constexpr std::size_t kLongestAnswer = 256;  // an id has 32 characters
constexpr std::size_t kMostStrange = 1000;   // answers that are no id of what was given, between two that are
constexpr std::uint64_t kKeepEvery = 4096;   // entries, when nothing of them was told
constexpr auto kKeepPause = 1s;
constexpr auto kPatienceAtStop = 2s;
constexpr auto kPatienceAtRestart = 200ms;
constexpr auto kLongestSleep = 60s;

}  // namespace

Result<std::unique_ptr<NoticeHook>> NoticeHook::start(Core& core, Options options) {
  const std::filesystem::path file = core.data_directory().notice_cursor();
  const std::string& origin = core.sequencer().origin();
  FollowedLog& log = *core.followed_log();
  const auto cursor = read_notice_cursor(file, origin, log.size_at_start);
  log.is_stopped = !cursor;
  if (!cursor) return cursor.error();
  return std::unique_ptr<NoticeHook>(new NoticeHook(core, std::move(options), *cursor));
}

NoticeHook::NoticeHook(Core& core, Options options, std::optional<std::uint64_t> cursor)
    : core_(core),
      log_(*core.followed_log()),
      options_(std::move(options)),
      pause_(options_.first_pause),
      delivered_to_(cursor.value_or(log_.size_at_start)),
      kept_(cursor) {
  keep_cursor(std::chrono::steady_clock::now());  // before anything happens that a crash must not forget
  thread_ = std::thread([this] { run(); });
}

NoticeHook::~NoticeHook() { stop(); }

void NoticeHook::stop() {
  if (!thread_.joinable()) return;
  stopping_ = true;
  log_.signal.wake();
  thread_.join();
}

void NoticeHook::run() {
  sigset_t pipe;
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  ::pthread_sigmask(SIG_BLOCK, &pipe, nullptr);  // a program that does not read any more is no reason to end
  try {
    follow();
  } catch (const std::exception& e) {
    spdlog::error("the notice hook has stopped, nobody is told until the next start: {}", e.what());
    log_.is_stopped = true;
  }
  if (program_) program_->end(kPatienceAtStop);
  program_.reset();
}

void NoticeHook::follow() {
  while (!stopping_) {
    begin_reading();
    read_log();
    tend_program();
    give_lines();
    talk();
    keep_cursor(std::chrono::steady_clock::now());
  }
  is_acknowledged_since_ = true;
  keep_cursor(Moment::max());
}

bool NoticeHook::may_read() const {
  if (std::chrono::steady_clock::now() < read_at_) return false;
  return !notices_ || (told_.size() < kMostWaiting && notices_->next() < log_.signal.log_size());
}

void NoticeHook::reading_failed(const Error& error) {
  read_at_ = std::chrono::steady_clock::now() + options_.pause_after_fault;
  spdlog::error("the notice hook: reading the log: {}", error.message);
}

// SPEC HOOK-13, HOOK-14: what the disk could not do it may do later; what is damaged stays so, and ends the hook.
void NoticeHook::begin_reading() {
  if (notices_ || !may_read()) return;
  Result<PersonNotices> begun =
      PersonNotices::begin(core_, log_.places_at_start, delivered_to_, options_.quiet, [this] { return !stopping_; });
  if (stopping_) return;
  if (!begun && begun.error().code != ErrorCode::corrupt) return reading_failed(begun.error());
  log_.places_at_start = Places();
  notices_.emplace(std::move(begun).value());
}

void NoticeHook::read_log() {
  if (!notices_ || !may_read()) return;
  Result<std::vector<PersonNotice>> read = notices_->read(log_.signal.log_size());
  if (!read) return reading_failed(read.error());
  for (PersonNotice& notice : *read) told_.push_back({std::move(notice)});
  if (told_.empty()) delivered_to_ = notices_->next();
}

void NoticeHook::tend_program() {
  const Moment now = std::chrono::steady_clock::now();
  if (program_ && is_stalled(now)) program_failed("its program does not acknowledge what it gets");
  if (program_ || now < start_at_) return;
  Result<HookProgram> started = HookProgram::start(options_.command);
  if (!started) return program_failed(started.error().message);
  program_.emplace(std::move(*started));
}

// SPEC HOOK-4: in order, and only so many at a time. SPEC HOOK-10: each is made when the pipe has room for it.
void NoticeHook::give_lines() {
  if (given_ == 0) heard_at_ = std::chrono::steady_clock::now();
  while (program_ && outgoing_.empty() && given_ < std::min(told_.size(), kMostGiven)) {
    Told& one = told_[given_++];
    if (one.is_acknowledged) continue;
    std::optional<std::string> line = line_of(one.notice, core_.directory());
    if (!line) {
      is_done_with(one);
      continue;
    }
    outgoing_ = std::move(*line);
    speak();
  }
}

void NoticeHook::talk() {
  pollfd ready[] = {{log_.signal.descriptor(), POLLIN, 0},
                    {program_ ? program_->output() : -1, POLLIN, 0},
                    {program_ ? program_->input() : -1, static_cast<short>(outgoing_.empty() ? 0 : POLLOUT), 0}};
  log_.signal.await();
  ::poll(ready, std::size(ready), may_read() ? 0 : static_cast<int>(patience().count()));
  if (ready[0].revents != 0) log_.signal.woke();
  if (ready[1].revents != 0) hear();
  if (program_ && (ready[2].revents & POLLERR) != 0) program_failed("its program has closed its input");
  if (program_ && ready[2].revents != 0) speak();
}

void NoticeHook::speak() {
  const std::optional<std::size_t> taken = program_->write(outgoing_);
  if (!taken) return program_failed("its program has closed its input");
  outgoing_.erase(0, *taken);
}

void NoticeHook::hear() {
  const std::optional<std::string> text = program_->read();
  if (!text) return program_failed("its program has closed its output");
  heard_ += *text;
  std::size_t longest = 0;
  for (std::size_t end = 0; (end = heard_.find('\n')) != std::string::npos; heard_.erase(0, end + 1)) {
    longest = std::max(longest, end);
    acknowledge(std::string_view(heard_).substr(0, end));
  }
  // SPEC HOOK-5
  if (strange_answers_ > kMostStrange || std::max(longest, heard_.size()) > kLongestAnswer) {
    program_failed("its program answers what it was not asked");
  }
}

void NoticeHook::acknowledge(std::string_view id) {
  const auto end = told_.begin() + static_cast<std::ptrdiff_t>(given_);
  const auto found = std::find_if(told_.begin(), end, [&](const Told& one) { return one.notice.id == id; });
  if (found == end || found->is_acknowledged) return warn_of_strange();
  strange_answers_ = 0;
  heard_at_ = std::chrono::steady_clock::now();
  pause_ = options_.first_pause;
  is_done_with(*found);
}

// `one` may be gone afterwards.
void NoticeHook::is_done_with(Told& one) {
  one.is_acknowledged = true;
  is_acknowledged_since_ = true;
  for (; !told_.empty() && told_.front().is_acknowledged; told_.pop_front()) given_ -= std::min<std::size_t>(given_, 1);
  delivered_to_ = told_.empty() ? notices_->next() : told_.front().notice.entry;
}

// Seldom, whatever the program acknowledges in between.
void NoticeHook::warn_of_strange() {
  ++strange_answers_;
  ++strange_unwarned_;
  const Moment now = std::chrono::steady_clock::now();
  if (now < warn_at_) return;
  spdlog::warn("the notice hook: its program acknowledged what it was not given, {} times", strange_unwarned_);
  strange_unwarned_ = 0;
  warn_at_ = now + options_.warn_pause;
}

bool NoticeHook::is_stalled(Moment now) const { return given_ > 0 && now - heard_at_ >= options_.stall; }

// SPEC HOOK-3: it is started again, later each time, and gets again what it has not acknowledged.
void NoticeHook::program_failed(const std::string& why) {
  const std::string how = program_ ? "; it " + program_->end(kPatienceAtRestart) : "";
  program_.reset();
  outgoing_.clear();
  heard_.clear();
  strange_answers_ = 0;
  given_ = 0;
  spdlog::warn("the notice hook: {}{}; started again in {} ms", why, how, pause_.count());
  start_at_ = std::chrono::steady_clock::now() + pause_;
  pause_ = std::min(2 * pause_, options_.longest_pause);
}

std::chrono::milliseconds NoticeHook::patience() const {
  const Moment now = std::chrono::steady_clock::now();
  Moment until = now + kLongestSleep;
  if (!program_) until = std::min(until, start_at_);
  if (now < read_at_) until = std::min(until, read_at_);
  if (program_ && given_ > 0) until = std::min(until, heard_at_ + options_.stall);
  if (must_keep_cursor()) until = std::min(until, keep_at_);
  return std::max(0ms, std::chrono::ceil<std::chrono::milliseconds>(until - now));
}

bool NoticeHook::must_keep_cursor() const {
  if (!kept_) return true;
  return delivered_to_ != *kept_ && (is_acknowledged_since_ || delivered_to_ - *kept_ >= kKeepEvery);
}

// SPEC HOOK-11. Seldom, since it takes the disk's time: what was acknowledged after it is told again after a crash.
void NoticeHook::keep_cursor(Moment now) {
  log_.followed_to = delivered_to_;
  if (!must_keep_cursor() || now < keep_at_) return;
  keep_at_ = std::chrono::steady_clock::now() + kKeepPause;
  const Result<void> written =
      write_notice_cursor(core_.data_directory().notice_cursor(), core_.sequencer().origin(), delivered_to_);
  if (!written) {
    keep_at_ += options_.pause_after_fault;
    return spdlog::error("the notice hook: keeping its cursor: {}", written.error().message);
  }
  kept_ = delivered_to_;
  is_acknowledged_since_ = false;
}

}  // namespace flikvakt::service
