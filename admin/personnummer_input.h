// A personnummer comes from standard input or a file, never from the command line, which others on the machine see.
#pragma once

#include "admin/command.h"

namespace flikvakt::admin {

Option number_file_option();
// Whether it is a number, the gateway says.
Outcome<std::string> read_number(const Arguments& arguments);  // its first line
// One line for each of `whose`, which names them in the failure: "the representative".
Outcome<std::vector<std::string>> read_numbers(const Arguments& arguments, const std::vector<std::string>& whose);

}  // namespace flikvakt::admin
