#include "admin/personnummer_input.h"

#include <iostream>

#include "base/files.h"

namespace flikvakt::admin {

Option number_file_option() {
  return optional_option("--number-file", "FILE", "read the personnummer from there, not from standard input");
}

Outcome<std::string> read_number(const Arguments& arguments) {
  std::string line;
  if (const auto file = arguments.find("--number-file")) {
    const Bytes bytes = TRY(read_file(*file, 256));
    line = std::string(as_text(bytes));
  } else {
    std::getline(std::cin, line);
  }
  line = line.substr(0, line.find_first_of("\r\n"));
  if (line.empty()) return usage_failure("expected a personnummer on standard input, or --number-file FILE");
  return line;
}

}  // namespace flikvakt::admin
