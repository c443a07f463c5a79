// The command line: finds the command, reads its options (CLI11, in command_line.cpp only), runs it, says how it ended.
#pragma once

#include <iosfwd>
#include <span>

#include "admin/command.h"

namespace flikvakt::admin {

// `words`: without the program's name. The exit code is that of ExitCode.
int run_command_line(std::span<const std::string> words, std::span<const Command> commands);

// Parts of it, for tests.
std::string overview_text(std::span<const Command> commands);
std::string help_text(const Command& command);
std::string group_text(const std::string& group, std::span<const Command> commands);  // empty: no such group
// The command that the first words name; how many words those are. A failure names the likely one.
struct Found {
  const Command* command = nullptr;
  std::size_t words = 0;
};
Outcome<Found> find_command(std::span<const std::string> words, std::span<const Command> commands);
Outcome<Arguments> read_arguments(const Command& command, std::span<const std::string> words);

}  // namespace flikvakt::admin
