#include "web/data.h"

#include "base/utf8.h"

namespace flikvakt::web {

std::string plain_text(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::optional<Character> next = first_character(text);
    const std::size_t bytes = next ? next->bytes : 1;
    if (!next) {
      out += "\xEF\xBF\xBD";
    } else if (next->code != U'\n' && moves_or_turns(next->code)) {
      out += ' ';
    } else {
      out += text.substr(0, bytes);
    }
    text.remove_prefix(bytes);
  }
  return out;
}

Data& Data::set(std::string_view name, std::string_view text) {
  values_.emplace_back(name, plain_text(text));
  return *this;
}

Data& Data::add(std::string_view section) { return sections_.emplace_back(section, Data()).second; }

Data& Data::choose(bool condition, std::string_view when_true, std::string_view when_false) {
  add(condition ? when_true : when_false);
  return *this;
}

Data& Data::show_if(bool condition, std::string_view section) {
  if (condition) add(section);
  return *this;
}

}  // namespace flikvakt::web
