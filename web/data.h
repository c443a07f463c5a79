// What a template is filled with: values, and sections that are shown once for each Data in them. A value is text: the
// renderer escapes it for where it stands. What would move a cursor or turn what is read around becomes a space here,
// once for all pages (but for the end of a line).
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace flikvakt::web {

class Data {
public:
  Data& set(std::string_view name, std::string_view text);
  Data& set(std::string_view name, std::uint64_t number) { return set(name, std::to_string(number)); }
  // One more in the section; what it holds is filled in by the caller, and hides what has the same name here.
  Data& add(std::string_view section);
  // Shows one section or the other.
  Data& choose(bool condition, std::string_view when_true, std::string_view when_false);
  Data& show_if(bool condition, std::string_view section);

  const std::vector<std::pair<std::string, std::string>>& values() const { return values_; }
  const std::deque<std::pair<std::string, Data>>& sections() const { return sections_; }

private:
  std::vector<std::pair<std::string, std::string>> values_;
  std::deque<std::pair<std::string, Data>> sections_;  // a deque: add() gives out references
};

// Text of others without what moves a cursor or turns text.
std::string plain_text(std::string_view text);

}  // namespace flikvakt::web
