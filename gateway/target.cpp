#include "gateway/target.h"

#include <optional>

#include "base/characters.h"
#include "base/utf8.h"

namespace flikvakt::gateway {

namespace {

constexpr std::size_t kMaxQueryFields = 32;

Error bad(std::string_view what) { return fail(ErrorCode::malformed, "request target: " + std::string(what)); }

// The octet of a `%xx` at `at`, or nothing.
std::optional<char> encoded_octet(std::string_view text, std::size_t at) {
  if (at + 2 >= text.size()) return std::nullopt;
  const auto high = hex_value(text[at + 1]);
  const auto low = hex_value(text[at + 2]);
  if (!high || !low) return std::nullopt;
  return static_cast<char>(*high * 16 + *low);
}

// SPEC HTTP-9: one spelling per path. What need not be encoded must not be, and what could be taken for structure
// cannot.
bool may_be_encoded_in_path(char c) {
  return is_ascii(c) && !is_control(c) && !is_unreserved(c) && c != '/' && c != '\\' && c != '%';
}

Result<std::string> decode_segment(std::string_view raw) {
  std::string out;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] != '%') {
      if (!is_path_char(raw[i])) return bad("character not allowed in a path");
      out += raw[i];
      continue;
    }
    const auto octet = encoded_octet(raw, i);
    if (!octet || !may_be_encoded_in_path(*octet)) return bad("percent-encoding not allowed in a path");
    out += *octet;
    i += 2;
  }
  if (out == "." || out == "..") return bad("dot segment");
  return out;
}

Result<std::vector<std::string>> parse_path(std::string_view path) {
  if (path.empty() || path.front() != '/') return bad("not in origin-form");
  std::vector<std::string> segments;
  path.remove_prefix(1);
  while (!path.empty()) {
    const std::size_t slash = path.find('/');
    const std::string_view raw = path.substr(0, slash);
    if (raw.empty()) return bad("empty segment");
    segments.push_back(TRY(decode_segment(raw)));
    if (slash == std::string_view::npos) return segments;
    path.remove_prefix(slash + 1);
    if (path.empty()) segments.emplace_back();  // "/v1/" is not "/v1"
  }
  return segments;
}

bool is_plain_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::optional<Character> next = first_character(text);
    if (!next || is_control(text.front())) return false;
    text.remove_prefix(next->bytes);
  }
  return true;
}

Result<std::string> decode_query_part(std::string_view raw) {
  std::string out;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] == '+') {
      out += ' ';
    } else if (raw[i] == '%') {
      const auto octet = encoded_octet(raw, i);
      if (!octet) return bad("broken percent-encoding in the query");
      out += *octet;
      i += 2;
    } else if (is_path_char(raw[i]) || raw[i] == '/' || raw[i] == '?') {
      out += raw[i];
    } else {
      return bad("character not allowed in a query");
    }
  }
  if (!is_plain_utf8(out)) return bad("query is not plain UTF-8");
  return out;
}

Result<TextMap> parse_query(std::string_view query) {
  TextMap out;
  while (!query.empty()) {
    const std::size_t end = query.find('&');
    const std::string_view field = query.substr(0, end);
    const std::size_t equals = field.find('=');
    std::string name = TRY(decode_query_part(field.substr(0, equals)));
    std::string value =
        equals == std::string_view::npos ? std::string() : TRY(decode_query_part(field.substr(equals + 1)));
    if (name.empty()) return bad("query field without a name");
    if (!out.emplace(std::move(name), std::move(value)).second) return bad("query field given twice");
    if (out.size() > kMaxQueryFields) return bad("too many query fields");
    if (end == std::string_view::npos) return out;
    query.remove_prefix(end + 1);
    if (query.empty()) return bad("query field without a name");
  }
  return out;
}

}  // namespace

Result<Target> parse_target(std::string_view target) {
  const std::size_t mark = target.find('?');
  Target out;
  out.segments = TRY(parse_path(target.substr(0, mark)));
  if (mark != std::string_view::npos) out.query = TRY(parse_query(target.substr(mark + 1)));
  return out;
}

}  // namespace flikvakt::gateway
