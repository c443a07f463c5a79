#include "gateway/framing_guard.h"

#include <algorithm>
#include <array>
#include <bitset>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "base/characters.h"
#include "gateway/target.h"

namespace flikvakt::gateway {

namespace {

constexpr std::array<std::string_view, 17> kUsedFields{
    "accept",  "accept-language", "authorization",  "connection",     "content-length",  "content-type",
    "cookie",  "expect",          "host",           "origin",         "idempotency-key", "range",
    "referer", "sec-fetch-dest",  "sec-fetch-mode", "sec-fetch-site", "user-agent"};
constexpr std::string_view kOwnPrefix = "flikvakt-";

// The block while it is being checked, line after line.
struct Head {
  GuardVerdict verdict;
  std::bitset<kUsedFields.size()> seen;
  std::vector<std::string> seen_own;  // with our prefix
  std::size_t fields = 0;
  bool has_length = false;
  bool has_host = false;
};

// False: there was one of this name before.
bool is_first_of_name(Head& head, const std::string& name) {
  const auto used =
      static_cast<std::size_t>(std::find(kUsedFields.begin(), kUsedFields.end(), name) - kUsedFields.begin());
  if (used < kUsedFields.size()) {
    const bool first = !head.seen[used];
    head.seen.set(used);
    return first;
  }
  if (std::find(head.seen_own.begin(), head.seen_own.end(), name) != head.seen_own.end()) return false;
  head.seen_own.push_back(name);
  return true;
}

// Every byte of each field comes by here: the class is a type, so that nothing is called for each.
template <class InClass>
bool all_are(std::string_view text, InClass is_in) {
  return std::all_of(text.begin(), text.end(), is_in);
}
constexpr auto kAscii = [](char c) { return is_ascii(c); };
constexpr auto kToken = [](char c) { return is_token_char(c); };

bool refuse(Head& head, GuardReason reason, unsigned status = 400) {
  head.verdict.status = status;
  head.verdict.reason = reason;
  return false;
}

// SPEC HTTP-5, HTTP-6, HTTP-7, HTTP-8
bool check_request_line(Head& head, std::string_view line) {
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) return refuse(head, GuardReason::bad_request_line);
  const std::string_view target = line.substr(first + 1, last - first - 1);
  if (target.find_first_of(" \t") != std::string_view::npos) return refuse(head, GuardReason::bad_request_line);
  const auto method = parse_method(line.substr(0, first));
  if (!method) return refuse(head, GuardReason::method_not_known);
  if (line.substr(last + 1) != "HTTP/1.1") return refuse(head, GuardReason::bad_version);
  if (target.size() > kMaxTargetBytes) return refuse(head, GuardReason::target_too_long, 414);
  Result<Target> parsed = parse_target(target);
  if (!parsed) return refuse(head, GuardReason::bad_target);
  head.verdict.method = *method;
  head.verdict.target_text = target;
  head.verdict.target = *std::move(parsed);
  return true;
}

bool check_content_length(Head& head, std::string_view value) {
  // At most 15 digits: no overflow, and more than any body we take. No leading zero: one spelling.
  const bool digits = !value.empty() && value.size() <= 15 && std::all_of(value.begin(), value.end(), is_digit);
  if (!digits || (value.size() > 1 && value.front() == '0')) return refuse(head, GuardReason::bad_content_length);
  for (const char c : value) head.verdict.content_length = head.verdict.content_length * 10 + (c - '0');
  head.has_length = true;
  return true;
}

bool is_port(std::string_view text) {
  return !text.empty() && text.size() <= 5 && std::all_of(text.begin(), text.end(), is_digit);
}

// A name, an IPv4 address or an IPv6 address in brackets, and perhaps a port.
bool is_host(std::string_view value) {
  std::size_t end = 0;
  if (!value.empty() && value.front() == '[') {
    end = value.find(']');
    if (end == std::string_view::npos || end == 1) return false;
    const std::string_view inner = value.substr(1, end - 1);
    const auto is_address_char = [](char c) { return hex_value(c).has_value() || c == ':' || c == '.'; };
    if (!std::all_of(inner.begin(), inner.end(), is_address_char)) return false;
    ++end;
  } else {
    end = std::min(value.find(':'), value.size());
    const auto is_name_char = [](char c) { return is_alpha(c) || is_digit(c) || c == '-' || c == '.'; };
    if (end == 0 || end > 253 || !std::all_of(value.begin(), value.begin() + end, is_name_char)) return false;
  }
  return end == value.size() || (value[end] == ':' && is_port(value.substr(end + 1)));
}

bool check_connection(Head& head, std::string_view value) {
  while (true) {
    const std::size_t comma = value.find(',');
    const std::string_view option = trim_blanks(value.substr(0, comma));
    if (!all_are(option, kToken)) return refuse(head, GuardReason::bad_field_value);
    if (equal_ignoring_case(option, "upgrade")) return refuse(head, GuardReason::upgrade);
    if (equal_ignoring_case(option, "close")) head.verdict.keep_alive = false;
    if (comma == std::string_view::npos) return true;
    value.remove_prefix(comma + 1);
  }
}

bool check_meaning(Head& head, std::string_view name, std::string_view value) {
  if (name == "transfer-encoding") return refuse(head, GuardReason::transfer_encoding);
  if (name == "upgrade" || name == "http2-settings") return refuse(head, GuardReason::upgrade);
  if (name == "content-length") return check_content_length(head, value);
  if (name == "connection") return check_connection(head, value);
  if (name == "expect") {
    if (!equal_ignoring_case(value, "100-continue")) return refuse(head, GuardReason::bad_expect, 417);
    head.verdict.expects_continue = true;
  }
  if (name == "host") {
    if (!is_host(value)) return refuse(head, GuardReason::bad_host);
    head.has_host = true;
  }
  return true;
}

// SPEC HTTP-2, HTTP-3, HTTP-4
bool check_field(Head& head, std::string_view line) {
  if (line.front() == ' ' || line.front() == '\t') return refuse(head, GuardReason::obs_fold);
  if (++head.fields > kMaxFields) return refuse(head, GuardReason::too_many_fields, 431);
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0) return refuse(head, GuardReason::bad_field_name);
  const std::string_view raw = line.substr(0, colon);
  if (raw.back() == ' ' || raw.back() == '\t') return refuse(head, GuardReason::space_before_colon);
  if (!all_are(raw, kToken)) return refuse(head, GuardReason::bad_field_name);
  std::string name(raw);
  std::transform(name.begin(), name.end(), name.begin(), to_lower);
  const std::string_view value = trim_blanks(line.substr(colon + 1));
  const bool used = is_used_field(name);
  if (used && !all_are(value, kAscii)) return refuse(head, GuardReason::bad_field_value);
  if (used && !is_first_of_name(head, name)) return refuse(head, GuardReason::duplicate_field);
  return check_meaning(head, name, value);
}

// What only the whole block shows. SPEC HTTP-10, HTTP-11
bool check_whole(Head& head) {
  if (!head.has_host) return refuse(head, GuardReason::missing_host);
  const Method method = head.verdict.method;
  const bool carries_body = method == Method::post || method == Method::put;
  if (carries_body && !head.has_length) return refuse(head, GuardReason::length_required, 411);
  if (!carries_body && head.verdict.content_length > 0) return refuse(head, GuardReason::body_not_expected);
  return true;
}

// The first control character at or after `from`; eight bytes at a time, since nearly all are none.
std::size_t next_control(std::string_view text, std::size_t from) {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  constexpr std::uint64_t kHighs = 0x80 * kOnes;
  for (; from + 8 <= text.size(); from += 8) {
    std::uint64_t eight = 0;
    std::memcpy(&eight, text.data() + from, 8);
    const std::uint64_t deletes = eight ^ (0x7f * kOnes);  // a zero byte for each DEL
    const std::uint64_t below_space = (eight - 0x20 * kOnes) & ~eight;
    if (((below_space | ((deletes - kOnes) & ~deletes)) & kHighs) != 0) break;
  }
  while (from < text.size() && !is_control(text[from])) ++from;
  return from;
}

GuardReason forbidden_at(std::string_view text, std::size_t i) {
  const char c = text[i];
  if (c == '\n') return i > 0 && text[i - 1] == '\r' ? GuardReason::none : GuardReason::bare_lf;
  if (i > 0 && text[i - 1] == '\r') return GuardReason::bare_cr;
  if (c == '\r' || c == '\t') return GuardReason::none;
  return is_control(c) ? GuardReason::control_character : GuardReason::none;
}

}  // namespace

bool is_used_field(std::string_view name) {
  return name.starts_with(kOwnPrefix) || std::find(kUsedFields.begin(), kUsedFields.end(), name) != kUsedFields.end();
}

// SPEC HTTP-1
HeadScan scan_head(BytesView buffer, std::size_t scanned) {
  const std::string_view text = as_text(buffer).substr(0, kMaxHeadBytes);
  const auto refused = [](GuardReason reason) { return HeadScan{HeadScan::State::refused, 0, reason}; };
  for (std::size_t i = scanned; i < text.size(); ++i) {
    const bool follows_cr = i > 0 && text[i - 1] == '\r';
    if (!follows_cr) i = next_control(text, i);
    if (i == text.size()) break;
    const GuardReason reason = forbidden_at(text, i);
    if (reason != GuardReason::none) return refused(reason);
    if (text[i] != '\n') continue;
    if (i == 1) return refused(GuardReason::bad_request_line);  // an empty line before the request line
    if (i >= 3 && text.substr(i - 3, 4) == "\r\n\r\n") return {HeadScan::State::complete, i + 1, GuardReason::none};
  }
  return buffer.size() > kMaxHeadBytes ? refused(GuardReason::head_too_large) : HeadScan{};
}

GuardVerdict check_head(BytesView bytes) {
  Head head;
  const HeadScan scan = scan_head(bytes);
  if (scan.state != HeadScan::State::complete || scan.head_bytes != bytes.size()) {
    const GuardReason reason = scan.reason == GuardReason::none ? GuardReason::bad_request_line : scan.reason;
    refuse(head, reason, reason == GuardReason::head_too_large ? 431 : 400);
    return head.verdict;
  }
  std::string_view text = as_text(bytes);
  const auto next_line = [&text] {
    const std::size_t end = text.find("\r\n");
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 2);
    return line;
  };
  if (!check_request_line(head, next_line())) return head.verdict;
  for (std::string_view line = next_line(); !line.empty(); line = next_line()) {
    if (!check_field(head, line)) return head.verdict;
  }
  check_whole(head);
  return head.verdict;
}

std::string_view to_string(GuardReason reason) {
  switch (reason) {
    case GuardReason::none:
      return "none";
    case GuardReason::bare_cr:
      return "bare CR";
    case GuardReason::bare_lf:
      return "bare LF";
    case GuardReason::control_character:
      return "control character";
    case GuardReason::head_too_large:
      return "header block too large";
    case GuardReason::too_many_fields:
      return "too many fields";
    case GuardReason::bad_request_line:
      return "bad request line";
    case GuardReason::method_not_known:
      return "method not known";
    case GuardReason::bad_version:
      return "not HTTP/1.1";
    case GuardReason::target_too_long:
      return "target too long";
    case GuardReason::bad_target:
      return "bad target";
    case GuardReason::obs_fold:
      return "folded field";
    case GuardReason::space_before_colon:
      return "space before colon";
    case GuardReason::bad_field_name:
      return "bad field name";
    case GuardReason::bad_field_value:
      return "bad field value";
    case GuardReason::duplicate_field:
      return "field given twice";
    case GuardReason::transfer_encoding:
      return "transfer encoding";
    case GuardReason::bad_content_length:
      return "bad content length";
    case GuardReason::length_required:
      return "length required";
    case GuardReason::body_not_expected:
      return "body not expected";
    case GuardReason::missing_host:
      return "no host";
    case GuardReason::bad_host:
      return "bad host";
    case GuardReason::upgrade:
      return "upgrade";
    case GuardReason::bad_expect:
      return "expectation not supported";
  }
  return "?";
}

}  // namespace flikvakt::gateway
