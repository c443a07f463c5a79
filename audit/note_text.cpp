#include "audit/note_text.h"

#include <array>
#include <cstdint>
#include <utility>

namespace flikvakt::audit {
namespace {

constexpr std::size_t kMostNoteBytes = 64 * 1024;

// One character of UTF-8 at the front of `text`, and its length; 0 when it is not well-formed (RFC 3629).
std::pair<char32_t, std::size_t> first_character(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t lead = byte(0);
  const std::size_t length = lead < 0x80 ? 1 : lead >> 5 == 6 ? 2 : lead >> 4 == 14 ? 3 : lead >> 3 == 30 ? 4 : 0;
  if (length == 0 || length > text.size()) return {0, 0};
  constexpr std::array<std::uint8_t, 5> kMask = {0, 0x7f, 0x1f, 0x0f, 0x07};
  constexpr std::array<char32_t, 5> kLeast = {0, 0, 0x80, 0x800, 0x10000};
  char32_t character = lead & kMask[length];
  for (std::size_t i = 1; i < length; ++i) {
    if (byte(i) >> 6 != 2) return {0, 0};
    character = character << 6 | (byte(i) & 0x3fu);
  }
  const bool surrogate = character >= 0xd800 && character <= 0xdfff;
  if (character < kLeast[length] || surrogate || character > 0x10ffff) return {0, 0};
  return {character, length};
}

template <class Accept>
bool all_characters(std::string_view text, Accept accept) {
  while (!text.empty()) {
    const auto [character, length] = first_character(text);
    if (length == 0 || !accept(character)) return false;
    text.remove_prefix(length);
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
