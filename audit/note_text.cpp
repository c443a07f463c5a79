#include "audit/note_text.h"

#include "base/utf8.h"

namespace flikvakt::audit {
namespace {

constexpr std::size_t kMostNoteBytes = 64 * 1024;

template <class Accept>
bool all_characters(std::string_view text, Accept accept) {
  while (!text.empty()) {
    const std::optional<Character> next = first_character(text);
    if (!next || !accept(next->code)) return false;
    text.remove_prefix(next->bytes);
  }
  return true;
}

// White_Space of Unicode 15.
bool is_space(char32_t c) {
  return (c >= 9 && c <= 13) || c == 0x20 || c == 0x85 || c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) ||
         c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000;
}

}  // namespace

// SPEC CHK-4
bool is_note_name(std::string_view name) {
  return !name.empty() && all_characters(name, [](char32_t c) { return c >= 0x20 && !is_space(c) && c != '+'; });
}

// SPEC CHK-1
bool is_note_text(std::string_view text) {
  return text.ends_with('\n') && text.size() <= kMostNoteBytes &&
         all_characters(text, [](char32_t c) { return c >= 0x20 || c == '\n'; });
}

}  // namespace flikvakt::audit
