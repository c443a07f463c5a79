// Letters and digits, and character classes of RFC 3986, RFC 9110 section 5.6.2 and of UTF-8, in ASCII whatever the
// locale is.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace flikvakt {

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_alpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
constexpr bool is_unreserved(char c) {
  return is_alpha(c) || is_digit(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

// Letters, digits and these. A table: every byte of a request is looked at several times.
using CharacterClass = std::array<bool, 256>;
constexpr CharacterClass alphanumerics_and(std::string_view others) {
  CharacterClass out{};
  for (std::size_t i = 0; i < 128; ++i) out[i] = is_alpha(static_cast<char>(i)) || is_digit(static_cast<char>(i));
  for (const char c : others) out[static_cast<unsigned char>(c)] = true;
  return out;
}
inline constexpr CharacterClass kPathCharacters = alphanumerics_and("-._~!$&'()*+,;=:@");
inline constexpr CharacterClass kTokenCharacters = alphanumerics_and("!#$%&'*+-.^_`|~");
constexpr bool is_path_char(char c) { return kPathCharacters[static_cast<unsigned char>(c)]; }
constexpr bool is_token_char(char c) { return kTokenCharacters[static_cast<unsigned char>(c)]; }
constexpr bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }
constexpr bool is_ascii(char c) { return static_cast<unsigned char>(c) < 0x80; }
constexpr char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

inline std::string lowered(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = to_lower(c);
  return out;
}

constexpr std::optional<unsigned> hex_value(char c) {
  if (is_digit(c)) return static_cast<unsigned>(c - '0');
  const char lower = to_lower(c);
  if (lower >= 'a' && lower <= 'f') return static_cast<unsigned>(lower - 'a') + 10;
  return std::nullopt;
}

constexpr bool equal_ignoring_case(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (to_lower(a[i]) != to_lower(b[i])) return false;
  }
  return true;
}

constexpr std::string_view trim_blanks(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

}  // namespace flikvakt
