// A program beside the gateway, started without a shell: what is written to it comes to its standard input, what it
// writes to its standard output comes back. Its standard error is the gateway's. It gets no other descriptor, no
// environment but PATH and LANG, and every signal as a program is used to it. One thread.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/files.h"

namespace flikvakt::service {

// Errors: not_found, invalid (no ordinary file, or not executable by this user).
Result<void> check_program(const std::string& file);

class HookProgram {
public:
  static Result<HookProgram> start(const std::vector<std::string>& command);
  HookProgram(HookProgram&& other) noexcept;
  HookProgram& operator=(HookProgram&&) = delete;
  ~HookProgram();  // as end(0)

  // Neither waits. write: how much it took; nullopt: it takes nothing any more. read: what is there; nullopt: its
  // output has ended. The thread blocks or ignores SIGPIPE.
  std::optional<std::size_t> write(std::string_view text);
  std::optional<std::string> read();
  int input() const { return input_.get(); }
  int output() const { return output_.get(); }

  // Closes its input; what has not ended then gets SIGTERM, and after `patience` SIGKILL. How it ended, in words.
  std::string end(std::chrono::milliseconds patience);

private:
  HookProgram(pid_t pid, FileDescriptor input, FileDescriptor output);
  bool wait_until(std::chrono::steady_clock::time_point when);

  pid_t pid_;  // 0: it has ended
  int status_ = 0;
  FileDescriptor input_;
  FileDescriptor output_;
};

}  // namespace flikvakt::service
