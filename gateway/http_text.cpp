#include "gateway/http_text.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/status.hpp>
#include <stdexcept>

#include "base/characters.h"

namespace flikvakt::gateway {

namespace {

namespace http = boost::beast::http;
using boost::system::error_code;

Error disagree() { return fail(ErrorCode::malformed, "two readers disagree about the header block"); }

// IMF-fixdate, RFC 9110 section 5.6.7. Written once a second (it takes 0.7 µs). Good until the next call.
std::string_view http_date(UtcTime now) {
  thread_local std::time_t written = -1;
  thread_local std::string text;
  const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
  if (seconds != std::exchange(written, seconds)) {
    text = fmt::format("{:%a, %d %b %Y %H:%M:%S GMT}", fmt::gmtime(seconds));
  }
  return text;
}

void check_response_field(std::string_view name, std::string_view value) {
  constexpr std::string_view kOurs[] = {"content-length", "date", "connection", "cache-control", "transfer-encoding"};
  const bool ours = std::any_of(std::begin(kOurs), std::end(kOurs),
                                [&](std::string_view own) { return equal_ignoring_case(own, name); });
  const bool token = !name.empty() && std::all_of(name.begin(), name.end(), is_token_char);
  const bool plain = std::none_of(value.begin(), value.end(), [](char c) { return is_control(c) && c != '\t'; });
  if (ours || !token || !plain) throw std::logic_error("a handler set a response field that it may not set");
}

void append_field(std::string& head, std::string_view name, std::string_view value) {
  head.append(name).append(": ").append(value).append("\r\n");
}

}  // namespace

// SPEC HTTP-14
Result<Request> parse_request(BytesView head, GuardVerdict& verdict) {
  http::request_parser<http::empty_body> parser;
  parser.header_limit(kMaxHeadBytes);
  parser.body_limit(boost::none);  // the endpoint's limit decides, not Beast's
  error_code error;
  const std::size_t used = parser.put(boost::asio::buffer(head.data(), head.size()), error);
  if ((error && error != http::error::need_more) || used != head.size() || !parser.is_header_done()) return disagree();
  const auto& message = parser.get();
  const std::uint64_t length = parser.content_length().value_or(0);
  if (message.method_string() != boost::beast::string_view(to_string(verdict.method)) || message.version() != 11 ||
      message.target() != boost::beast::string_view(verdict.target_text) || parser.chunked() ||
      length != verdict.content_length) {
    return disagree();
  }
  Request request;
  request.method = verdict.method;
  request.target = std::move(verdict.target);
  request.content_length = verdict.content_length;
  for (const auto& field : message) {
    std::string name(field.name_string());
    std::transform(name.begin(), name.end(), name.begin(), to_lower);
    if (!is_used_field(name)) continue;
    if (!request.headers.emplace(std::move(name), std::string(field.value())).second) return disagree();
  }
  return request;
}

void check_response_fields(const Response& response) {
  for (const auto& [name, value] : response.headers) check_response_field(name, value);
}

// SPEC HTTP-15. Into one string: by way of a message and a serializer of Beast it was 3 µs of each answer.
std::string make_response_head(const Response& response, std::uint64_t content_bytes, AfterAnswer after, UtcTime now) {
  std::string head;
  head.reserve(512);
  fmt::format_to(std::back_inserter(head), "HTTP/1.1 {} {}\r\n", response.status,
                 std::string_view(http::obsolete_reason(http::int_to_status(response.status))));
  append_field(head, "Date", http_date(now));
  append_field(head, "Cache-Control",
               response.caching == Caching::forever ? "public, max-age=31536000, immutable" : "no-store");
  append_field(head, "X-Content-Type-Options", "nosniff");
  for (const auto& [name, value] : response.headers) append_field(head, name, value);
  if (response.status != 204 && response.status != 304) {
    append_field(head, "Content-Length", fmt::format_int(content_bytes).c_str());
  }
  if (after == AfterAnswer::close) append_field(head, "Connection", "close");
  head.append("\r\n");
  return head;
}

}  // namespace flikvakt::gateway
