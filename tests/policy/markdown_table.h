// Rows of a table in a page of spec/, so that a test can hold the code to them.
#pragma once

#include <sstream>
#include <string>
#include <vector>

#include "base/files.h"

namespace flikvakt::test {

using Row = std::vector<std::string>;

inline std::string without_blanks(const std::string& text) {
  const std::size_t first = text.find_first_not_of(" `");
  return first == std::string::npos ? std::string() : text.substr(first, text.find_last_not_of(" `") + 1 - first);
}

inline Row cells_of(const std::string& line) {
  Row out;
  for (std::size_t at = 1; at < line.size();) {
    const std::size_t end = std::min(line.find('|', at), line.size());
    out.push_back(without_blanks(line.substr(at, end - at)));
    at = end + 1;
  }
  return out;
}

// The cells of the table under `heading` ("## Rules"), without the two lines of its head; blanks and backticks around
// them are gone.
inline std::vector<Row> table_under(const std::string& path_in_tree, const std::string& heading) {
  std::istringstream page(std::string(as_text(read_file(FLIKVAKT_SOURCE_DIR "/" + path_in_tree, 1u << 20).value())));
  std::vector<Row> out;
  bool is_under = false;
  for (std::string line; std::getline(page, line);) {
    if (line.starts_with("#")) is_under = line == heading;
    if (is_under && line.starts_with("|")) out.push_back(cells_of(line));
  }
  if (out.size() >= 2) out.erase(out.begin(), out.begin() + 2);
  return out;
}

}  // namespace flikvakt::test
