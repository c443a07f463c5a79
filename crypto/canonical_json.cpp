#include "crypto/canonical_json.h"

#include <algorithm>
#include <stdexcept>

#include "base/json.h"
#include "base/utf8.h"

namespace flikvakt::crypto {
namespace {

constexpr std::int64_t kMaxInteger = (std::int64_t{1} << 53) - 1;

[[noreturn]] void fault(const char* what) { throw std::invalid_argument(what); }

void write_control(std::string& out, std::uint8_t c) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  constexpr std::string_view kShort = "btn?fr";  // U+0008 to U+000D; U+000B has no short form
  if (c >= 8 && c <= 13 && c != 11) {
    out += '\\';
    out += kShort[c - 8u];
    return;
  }
  out += "\\u00";
  out += kDigits[c >> 4];
  out += kDigits[c & 15];
}

// SPEC JCS-4: the short escapes where they exist, \u00xx for other controls, every other character as itself.
void write_string(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    const std::optional<Character> next = first_character(text);
    if (!next) fault("canonical JSON of text that is not UTF-8");
    const char c = text.front();
    if (static_cast<std::uint8_t>(c) < 0x20) {
      write_control(out, static_cast<std::uint8_t>(c));
    } else {
      if (c == '"' || c == '\\') out += '\\';
      out += text.substr(0, next->bytes);
    }
    text.remove_prefix(next->bytes);
  }
  out += '"';
}

// SPEC JCS-3: order by UTF-16 code units. In UTF-8 the byte order differs from it only where U+E000 to U+FFFF (first
// byte EE or EF) meet the surrogate pairs of higher characters (first byte F0 to F4), which come before them.
bool utf16_less(std::string_view a, std::string_view b) {
  auto rank = [](char c) {
    const auto byte = static_cast<std::uint8_t>(c);
    return byte == 0xEE || byte == 0xEF ? byte + 0x10 : byte + 0;
  };
  return std::ranges::lexicographical_compare(a, b, std::less{}, rank, rank);
}

void write(std::string& out, const json::value& value);

void write_object(std::string& out, const json::object& object) {
  std::vector<const json::key_value_pair*> members;
  members.reserve(object.size());
  for (const json::key_value_pair& member : object) members.push_back(&member);
  std::ranges::sort(members, utf16_less,
                    [](const json::key_value_pair* member) -> std::string_view { return member->key(); });
  out += '{';
  for (const json::key_value_pair* member : members) {
    if (member != members.front()) out += ',';
    write_string(out, member->key());
    out += ':';
    write(out, member->value());
  }
  out += '}';
}

void write_array(std::string& out, const json::array& array) {
  out += '[';
  for (const json::value& element : array) {
    if (&element != array.data()) out += ',';
    write(out, element);
  }
  out += ']';
}

void write(std::string& out, const json::value& value) {
  switch (value.kind()) {
    case json::kind::null:
      out += "null";
      return;
    case json::kind::bool_:
      out += value.get_bool() ? "true" : "false";
      return;
    case json::kind::string:
      return write_string(out, value.get_string());
    case json::kind::array:
      return write_array(out, value.get_array());
    case json::kind::object:
      return write_object(out, value.get_object());
    case json::kind::int64:
      if (value.get_int64() > kMaxInteger || value.get_int64() < -kMaxInteger) break;
      out += std::to_string(value.get_int64());
      return;
    case json::kind::uint64:
      if (value.get_uint64() > static_cast<std::uint64_t>(kMaxInteger)) break;
      out += std::to_string(value.get_uint64());
      return;
    case json::kind::double_:
      break;
  }
  fault("canonical JSON of a number that is no integer of at most 53 bits");
}

}  // namespace

std::string canonical(const boost::json::value& value) {
  std::string out;
  write(out, value);
  return out;
}

bool is_canonical(std::string_view text) {
  Result<json::value> value = parse_json(text);
  return value && canonical(*value) == text;
}

}  // namespace flikvakt::crypto
