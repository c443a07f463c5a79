#include "admin/http_client.h"

#include <algorithm>
#include <charconv>

#include "admin/reasons.h"
#include "base/characters.h"

namespace flikvakt::admin {
namespace {

constexpr std::size_t kLongestHead = 32 * 1024;
constexpr std::size_t kLargestBodyInMemory = 64u << 20;
constexpr std::size_t kChunk = 64 * 1024;

Error broken(std::string what) { return fail(ErrorCode::malformed, "reading the response: " + std::move(what)); }

bool is_token(std::string_view text) { return !text.empty() && std::all_of(text.begin(), text.end(), is_token_char); }

bool is_field_text(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c == '\t' || (static_cast<unsigned char>(c) >= 32 && c != 127); });
}

template <class T>
std::optional<T> decimal(std::string_view digits) {
  T value{};
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (digits.empty() || error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

Result<unsigned> parse_status_line(std::string_view line) {
  const bool formed = line.starts_with("HTTP/1.1 ") && line.size() >= 12 && (line.size() == 12 || line[12] == ' ');
  const std::optional<unsigned> status = formed ? decimal<unsigned>(line.substr(9, 3)) : std::nullopt;
  if (!status || *status < 100 || *status > 599 || !is_field_text(line))
    return broken("the status line is not HTTP/1.1");
  return *status;
}

Result<void> take_field(HttpHead& head, std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == line.npos || !is_token(line.substr(0, colon)) || !is_field_text(line))
    return broken("a header line is malformed");
  const std::string name = lowered(line.substr(0, colon));
  const std::string value(trim_blanks(line.substr(colon + 1)));
  if (const auto [at, is_new] = head.headers.emplace(name, value); !is_new) {
    if (name == "content-length") return broken("more than one Content-Length");
    at->second += ", " + value;
  }
  return {};
}

Result<void> take_length(HttpHead& head) {
  if (head.headers.contains("transfer-encoding")) return broken("Transfer-Encoding, which our API does not use");
  const bool no_body = head.status < 200 || head.status == 204 || head.status == 304;
  const auto found = head.headers.find("content-length");
  if (found == head.headers.end()) return no_body ? Result<void>() : broken("no Content-Length");
  const std::optional<std::uint64_t> length = decimal<std::uint64_t>(found->second);
  if (!length) return broken("Content-Length is not a number");
  head.content_length = no_body ? 0 : *length;
  return {};
}

ErrorCode code_of(unsigned status) {
  switch (status) {
    case 400:
      return ErrorCode::malformed;
    case 403:
      return ErrorCode::denied;
    case 404:
      return ErrorCode::not_found;
    case 409:
      return ErrorCode::conflict;
    case 410:
      return ErrorCode::expired;
    case 422:
      return ErrorCode::invalid;
    case 507:
      return ErrorCode::out_of_space;
    default:
      return status >= 500 || status == 429 ? ErrorCode::unavailable : ErrorCode::denied;
  }
}

std::string member(const json::value& problem, std::string_view name) {
  const json::value* found = problem.is_object() ? problem.get_object().if_contains(name) : nullptr;
  if (!found) return {};
  return found->is_string() ? std::string(found->get_string()) : to_text(*found);
}

}  // namespace

std::string HttpHead::header(const std::string& name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? std::string() : found->second;
}

Result<HttpHead> parse_head(std::string_view text) {
  HttpHead head;
  bool first = true;
  while (!text.empty()) {
    const std::size_t end = text.find("\r\n");
    const std::string_view line = text.substr(0, end);
    if (first)
      head.status = TRY(parse_status_line(line));
    else
      TRY_VOID(take_field(head, line));
    first = false;
    text.remove_prefix(end == text.npos ? text.size() : end + 2);
  }
  if (first) return broken("it is empty");
  TRY_VOID(take_length(head));
  return head;
}

HttpClient::HttpClient(std::unique_ptr<ByteStream> stream, std::string host)
    : stream_(std::move(stream)), host_(std::move(host)) {}

Result<void> HttpClient::write_request(const HttpRequest& request, std::uint64_t body_bytes) {
  std::string head = request.method + " " + request.target + " HTTP/1.1\r\nHost: " + host_ + "\r\n";
  for (const auto& [name, value] : request.headers) {
    if (!is_token(name) || !is_field_text(value))
      return fail(ErrorCode::invalid, "a header of the request is malformed");
    head += name + ": " + value + "\r\n";
  }
  if (body_bytes > 0 || (request.method != "GET" && request.method != "HEAD")) {
    head += "Content-Length: " + std::to_string(body_bytes) + "\r\n";
  }
  head += "\r\n" + request.body;
  return stream_->write_all(as_bytes(head));
}

Result<void> HttpClient::write_body(const BodySource& body) {
  Bytes chunk(kChunk);
  for (std::uint64_t left = body.size; left > 0;) {
    const std::size_t wanted = static_cast<std::size_t>(std::min<std::uint64_t>(left, chunk.size()));
    const std::size_t got = TRY(body.read(std::span(chunk).first(wanted)));
    if (got == 0) return fail(ErrorCode::conflict, "the file became shorter while it was sent");
    TRY_VOID(stream_->write_all(BytesView(chunk).first(got)));
    left -= got;
  }
  return {};
}

Result<void> HttpClient::fill() {
  ByteArray<16 * 1024> buffer;
  const std::size_t got = TRY(stream_->read_some(buffer));
  if (got == 0) return fail(ErrorCode::io, "reading the response: the gateway closed the connection");
  received_.append(as_text(BytesView(buffer).first(got)));
  return {};
}

Result<std::string> HttpClient::read_head_text() {
  std::size_t end = 0;
  while ((end = received_.find("\r\n\r\n")) == std::string::npos) {
    if (received_.size() > kLongestHead) return broken("its header is over 32 KiB");
    TRY_VOID(fill());
  }
  std::string head = received_.substr(0, end);
  received_.erase(0, end + 4);
  return head;
}

Result<HttpHead> HttpClient::read_head() {
  for (;;) {
    HttpHead head = TRY(parse_head(TRY(read_head_text())));
    if (head.status >= 200) return head;  // else an interim answer, such as 100
  }
}

Result<unsigned> HttpClient::status_of(const HttpRequest& request) {
  TRY_VOID(write_request(request, request.body.size()));
  for (;;) {
    const std::string head = TRY(read_head_text());
    const unsigned status = TRY(parse_status_line(std::string_view(head).substr(0, head.find("\r\n"))));
    if (status >= 200) return status;
  }
}

Result<void> HttpClient::read_body(const HttpHead& head, const BodySink& sink) {
  for (std::uint64_t left = head.content_length; left > 0;) {
    if (received_.empty()) TRY_VOID(fill());
    const std::size_t taken = static_cast<std::size_t>(std::min<std::uint64_t>(left, received_.size()));
    TRY_VOID(sink(head, as_bytes(std::string_view(received_).substr(0, taken))));
    received_.erase(0, taken);
    left -= taken;
  }
  return {};
}

Result<std::string> HttpClient::read_body(const HttpHead& head) {
  if (head.content_length > kLargestBodyInMemory) return broken("its body is over 64 MiB");
  std::string body;
  TRY_VOID(read_body(head, [&](const HttpHead&, BytesView bytes) -> Result<void> {
    body.append(as_text(bytes));
    return {};
  }));
  return body;
}

Result<HttpResponse> HttpClient::send(const HttpRequest& request) {
  TRY_VOID(write_request(request, request.body.size()));
  HttpResponse response{TRY(read_head()), {}};
  response.body = TRY(read_body(response.head));
  return response;
}

Result<HttpResponse> HttpClient::send(const HttpRequest& request, const BodySource& body) {
  TRY_VOID(write_request(request, body.size));
  const Result<void> sent = write_body(body);
  if (!sent && sent.error().code == ErrorCode::conflict) return sent.error();
  // A gateway that refuses early closes while we still write: its answer says more than our broken pipe.
  Result<HttpHead> head = read_head();
  if (!head) return sent ? head.error() : sent.error();
  HttpResponse response{std::move(*head), {}};
  response.body = TRY(read_body(response.head));
  return response;
}

Result<HttpResponse> HttpClient::receive(const HttpRequest& request, const BodySink& sink) {
  TRY_VOID(write_request(request, request.body.size()));
  HttpResponse response{TRY(read_head()), {}};
  if (response.head.is_success())
    TRY_VOID(read_body(response.head, sink));
  else
    response.body = TRY(read_body(response.head));
  return response;
}

Outcome<void> expect_gateway_name(const json::value& answer, const std::string& expected) {
  const std::string name = member(answer, "instance");
  if (name == expected) return {};
  return Failure(ExitCode::refused,
                 "the gateway that answers calls itself `" + name + "`, not `" + expected + "`: nothing was sent to it",
                 "another gateway answers at this address. If the name that you gave is mistyped, mend it");
}

Error problem_of(const HttpResponse& response) {
  const Result<json::value> problem = parse_json(response.body);
  std::string text = "the gateway answered " + std::to_string(response.head.status);
  if (problem) {
    const std::string reason = member(*problem, "reason");
    if (const std::string title = member(*problem, "title"); !title.empty()) text += ": " + title;
    // A detail that points to the reason says nothing beside it.
    if (const std::string detail = member(*problem, "detail"); !detail.empty() && reason.empty()) text += ". " + detail;
    const std::string_view words = words_of_reason(reason);
    if (!reason.empty()) text += ": " + (words.empty() ? reason : std::string(words) + " [" + reason + "]");
    if (const std::string instance = member(*problem, "instance"); !instance.empty()) text += " (" + instance + ")";
  }
  return fail(code_of(response.head.status), std::move(text));
}

Result<json::value> json_of(const HttpResponse& response) {
  if (!response.head.is_success()) return problem_of(response);
  if (response.body.empty()) return json::value(json::object());
  return parse_json(response.body);
}

HttpRequest get(std::string target) {
  HttpRequest request;
  request.target = std::move(target);
  return request;
}

HttpRequest post(std::string target, const json::value& body) {
  HttpRequest request;
  request.method = "POST";
  request.target = std::move(target);
  request.headers.emplace_back("Content-Type", "application/json");
  request.body = to_text(body);
  return request;
}

}  // namespace flikvakt::admin
