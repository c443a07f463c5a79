#include "admin/ask_for_yes.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/files.h"

namespace flikvakt::admin {

Outcome<void> ask_for_yes(const std::string& look) {
  const Result<FileDescriptor> terminal = open_file("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
  if (!terminal) {
    return usage_failure("approving what you have not seen needs a terminal to ask at",
                         "look at it with `" + look + "`, then give --yes");
  }
  constexpr std::string_view question = "approve this? (yes/no) ";
  if (::write(terminal->get(), question.data(), question.size()) < 0)
    return Failure(ExitCode::refused, "the terminal closed");
  char answer[256] = {};  // a whole line, or its rest would be the shell's
  const ssize_t size = ::read(terminal->get(), answer, sizeof answer);
  if (size == 4 && std::string_view(answer, 4) == "yes\n") return {};
  return Failure(ExitCode::refused, "nothing was approved", "approving takes the word `yes`");
}

}  // namespace flikvakt::admin
