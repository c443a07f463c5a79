// Characters of UTF-8 (RFC 3629). Pure; thread-safe.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace flikvakt {

struct Character {
  char32_t code = 0;
  std::size_t bytes = 0;  // 1 to 4
};
// The first one. nullopt: there is none, or what begins there is cut short, longer than need be, half of a pair of
// UTF-16, or past U+10FFFF.
std::optional<Character> first_character(std::string_view text);

// What moves the cursor of a terminal, or turns what is read around: controls (tab and ends of lines too), separators
// of lines, embeddings, overrides and isolates of direction. Marks of direction are none.
bool moves_or_turns(char32_t code);

}  // namespace flikvakt
