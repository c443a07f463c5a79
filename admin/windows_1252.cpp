#include "admin/windows_1252.h"

#include <cstdint>
#include <cstdio>
#include <iterator>

#include "base/utf8.h"

namespace flikvakt::admin {
namespace {

// Windows-1252 0x80 to 0x9f (WHATWG Encoding, index windows-1252); zeros have no character.
constexpr char32_t kUpper[32] = {0x20ac, 0,      0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
                                 0x2039, 0x0152, 0,      0x017d, 0,      0,      0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
                                 0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0,      0x017e, 0x0178};

std::string latin_of(char32_t code) {
  if ((code >= 0x20 && code < 0x7f) || (code >= 0xa0 && code <= 0xff)) return std::string(1, static_cast<char>(code));
  for (std::size_t i = 0; i < std::size(kUpper); ++i) {
    if (code != 0 && kUpper[i] == code) return std::string(1, static_cast<char>(0x80 + i));
  }
  char text[16];
  std::snprintf(text, sizeof text, "[U+%04X]", static_cast<unsigned>(code));
  return text;
}

}  // namespace

std::string windows_1252(std::string_view utf8) {
  std::string out;
  while (!utf8.empty()) {
    const std::optional<Character> next = first_character(utf8);
    out += latin_of(next ? next->code : 0xfffd);
    utf8.remove_prefix(next ? next->bytes : 1);
  }
  return out;
}

}  // namespace flikvakt::admin
