#include "admin/personnummer_input.h"

#include <unistd.h>

#include <iostream>
#include <sstream>

#include "base/files.h"

namespace flikvakt::admin {
namespace {

Failure missing(const std::vector<std::string>& whose, std::size_t line) {
  if (whose.size() == 1)
    return usage_failure("expected a personnummer on standard input, or --number-file FILE",
                         "write it alone on a line: it never stands on the command line");
  return usage_failure("expected the personnummer of " + whose[line] + " on line " + std::to_string(line + 1) +
                       " of standard input, or of --number-file FILE");
}

}  // namespace

Option number_file_option() {
  return optional_option("--number-file", "FILE", "read the personnummer from there, not from standard input");
}

Outcome<std::vector<std::string>> read_numbers(const Arguments& arguments, const std::vector<std::string>& whose) {
  std::istringstream file;
  const auto name = arguments.find("--number-file");
  if (name) {
    const Result<Bytes> bytes = read_file(*name, 256);
    if (!bytes) return usage_failure("--number-file: " + bytes.error().message);
    file.str(std::string(as_text(*bytes)));
  }
  std::istream& in = name ? static_cast<std::istream&>(file) : std::cin;
  std::vector<std::string> out;
  const bool asks = !name && ::isatty(STDIN_FILENO) == 1;
  for (std::size_t i = 0; i < whose.size(); ++i) {
    if (asks) std::cerr << "personnummer of " << whose[i] << ": " << std::flush;
    std::string line;
    std::getline(in, line);
    line = line.substr(0, line.find_first_of("\r\n"));
    if (line.empty()) return missing(whose, i);
    out.push_back(std::move(line));
  }
  return out;
}

Outcome<std::string> read_number(const Arguments& arguments) {
  return TRY(read_numbers(arguments, {"the person"})).front();
}

}  // namespace flikvakt::admin
