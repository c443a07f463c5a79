// A personnummer comes from standard input or a file, never from the command line, which others on the machine see.
#pragma once

#include "admin/command.h"

namespace flikvakt::admin {

Option number_file_option();
Outcome<std::string> read_number(
    const Arguments& arguments);  // its first line; whether it is a number, the gateway says

}  // namespace flikvakt::admin
