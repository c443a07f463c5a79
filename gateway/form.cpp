#include "gateway/form.h"

#include <algorithm>
#include <charconv>

#include "base/characters.h"
#include "base/utf8.h"
#include "gateway/target.h"

namespace flikvakt::gateway {
namespace {

Error bad(std::string_view what) { return fail(ErrorCode::malformed, "the form: " + std::string(what)); }

bool is_text(std::string_view text) {
  while (!text.empty()) {
    const std::optional<Character> next = first_character(text);
    if (!next || next->code == 0) return false;
    text.remove_prefix(next->bytes);
  }
  return true;
}

// Browsers send CR LF for an end of line in a text area.
std::string with_plain_lines(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\r') {
      out += text[i];
    } else if (i + 1 == text.size() || text[i + 1] != '\n') {
      out += '\n';
    }
  }
  return out;
}

Result<std::string> decoded(std::string_view raw) {
  std::string out;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] == '+') {
      out += ' ';
    } else if (raw[i] == '%') {
      const auto high = i + 2 < raw.size() ? hex_value(raw[i + 1]) : std::nullopt;
      const auto low = i + 2 < raw.size() ? hex_value(raw[i + 2]) : std::nullopt;
      if (!high || !low) return bad("broken percent-encoding");
      out += static_cast<char>(*high * 16 + *low);
      i += 2;
    } else if (is_unreserved(raw[i]) || raw[i] == '*') {
      out += raw[i];
    } else {
      return bad("a byte that no form has");
    }
  }
  if (!is_text(out)) return bad("not plain UTF-8");
  return with_plain_lines(out);
}

}  // namespace

Result<Form> Form::parse(std::string_view body) {
  Form out;
  while (!body.empty()) {
    const std::string_view field = body.substr(0, body.find('&'));
    body.remove_prefix(std::min(field.size() + 1, body.size()));
    if (field.empty()) return bad("a field without a name");
    if (out.fields_.size() == kMostFields) return bad("too many fields");
    const std::size_t equals = std::min(field.find('='), field.size());
    std::string name = TRY(decoded(field.substr(0, equals)));
    std::string value = TRY(decoded(field.substr(std::min(equals + 1, field.size()))));
    out.fields_.emplace_back(std::move(name), std::move(value));
  }
  return out;
}

Form Form::of(const std::map<std::string, std::string>& fields) {
  Form out;
  out.fields_.assign(fields.begin(), fields.end());
  return out;
}

std::string_view Form::text(std::string_view name) const {
  const auto found = std::ranges::find(fields_, name, &std::pair<std::string, std::string>::first);
  return found == fields_.end() ? std::string_view() : std::string_view(found->second);
}

std::vector<std::string_view> Form::all(std::string_view name) const {
  std::vector<std::string_view> out;
  for (const auto& [known, value] : fields_) {
    if (known == name) out.push_back(value);
  }
  return out;
}

std::optional<std::uint64_t> Form::number(std::string_view name) const {
  const std::string_view digits = text(name);
  std::uint64_t out = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out);
  const bool is_whole = error == std::errc() && end == digits.data() + digits.size() && digits.size() <= 15;
  return is_whole && !digits.empty() ? std::optional(out) : std::nullopt;
}

bool Form::has(std::string_view name) const {
  return std::ranges::find(fields_, name, &std::pair<std::string, std::string>::first) != fields_.end();
}

bool Form::has(std::string_view name, std::string_view value) const {
  const std::vector<std::string_view> values = all(name);
  return std::ranges::find(values, value) != values.end();
}

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (is_unreserved(c)) {
      out += c;
      continue;
    }
    const auto octet = static_cast<unsigned char>(c);
    out += '%';
    out += kDigits[octet >> 4];
    out += kDigits[octet & 15];
  }
  return out;
}

std::string_view cookie_named(std::string_view field, std::string_view name) {
  std::string_view found;
  while (!field.empty()) {
    const std::size_t end = std::min(field.find(';'), field.size());
    const std::string_view pair = trim_blanks(field.substr(0, end));
    field.remove_prefix(std::min(end + 1, field.size()));
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos || pair.substr(0, equals) != name) continue;
    if (!found.empty()) return {};  // somebody put a second one beside ours
    found = pair.substr(equals + 1);
  }
  return found;
}

std::string_view local_path(std::string_view text) {
  const bool is_path = text.size() <= 1000 && text.starts_with('/') && !text.starts_with("//");
  if (!is_path || text.find('\\') != std::string_view::npos) return {};
  const Result<Target> target = parse_target(text);
  if (!target) return {};
  const bool is_page =
      target->segments.empty() || (target->segments.front() != "v1" && target->segments.front() != "sign-in");
  return is_page ? text : std::string_view();
}

}  // namespace flikvakt::gateway
