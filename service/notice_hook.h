// Tells people, by way of a program that the operator chose, that something of theirs was read, asked for or enrolled.
// At least once, and never anything of the content: spec/notice-hook.md.
//
// A thread of its own follows the log from a durable cursor: what the program has not acknowledged is told again after
// a crash. Whatever the program does, the sequencer and the doors hear nothing of it.
#pragma once

#include <deque>
#include <thread>

#include "service/hook_program.h"
#include "service/person_notices.h"

namespace flikvakt::service {

class NoticeHook {
public:
  struct Options {
    std::vector<std::string> command;  // check_program() said that it is one
    std::chrono::minutes quiet{60};
    std::chrono::milliseconds stall = std::chrono::minutes(5);  // without an answer for so long it is started again
    std::chrono::milliseconds first_pause = std::chrono::seconds(1);
    std::chrono::milliseconds longest_pause = std::chrono::minutes(1);
    std::chrono::milliseconds pause_after_fault = std::chrono::minutes(1);  // of the disk
    std::chrono::milliseconds warn_pause = std::chrono::hours(1);           // between warnings of strange answers
  };
  // `core` was opened with Hooks::is_log_followed, and outlives it. Errors: those of reading the cursor; the status
  // then says that the hook has stopped.
  static Result<std::unique_ptr<NoticeHook>> start(Core& core, Options options);
  ~NoticeHook();
  void stop();  // ends the program: SPEC HOOK-13 says how long that may take

private:
  using Moment = std::chrono::steady_clock::time_point;
  struct Told {
    PersonNotice notice;
    bool is_acknowledged = false;
  };

  NoticeHook(Core& core, Options options, std::optional<std::uint64_t> cursor);
  void run();
  void follow();
  bool may_read() const;
  void reading_failed(const Error& error);
  void begin_reading();
  void read_log();
  void tend_program();
  void give_lines();
  void talk();
  void speak();
  void hear();
  void acknowledge(std::string_view id);
  void is_done_with(Told& one);
  void warn_of_strange();
  bool is_stalled(Moment now) const;
  void program_failed(const std::string& why);
  std::chrono::milliseconds patience() const;
  bool must_keep_cursor() const;
  void keep_cursor(Moment now);

  Core& core_;
  FollowedLog& log_;
  const Options options_;
  std::optional<PersonNotices> notices_;  // once the log could be read from the cursor on
  std::deque<Told> told_;                 // from the first that is not acknowledged on, in order
  Moment read_at_{};                      // not before
  std::size_t given_ = 0;                 // of those, how many this run of the program was given, or need not be

  std::optional<HookProgram> program_;
  std::string outgoing_;             // of one line
  std::string heard_;                // the beginning of a line
  std::size_t strange_answers_ = 0;  // since the last acknowledgement
  std::size_t strange_unwarned_ = 0;
  Moment warn_at_{};   // not before
  Moment heard_at_{};  // last acknowledgement, or when the first unanswered line was given
  std::chrono::milliseconds pause_;
  Moment start_at_{};

  std::uint64_t delivered_to_;
  std::optional<std::uint64_t> kept_;  // what the cursor's file says
  bool is_acknowledged_since_ = false;
  Moment keep_at_{};  // not before
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

}  // namespace flikvakt::service
