// A small strict HTTP/1.1 client (RFC 9112) for our own API: one connection, one request at a time, bodies with a known
// length. A response that could be read in two ways is refused, and the connection with it.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "admin/byte_stream.h"
#include "admin/outcome.h"
#include "base/json.h"

namespace flikvakt::admin {

struct HttpRequest {
  std::string method = "GET";
  std::string target = "/";
  std::vector<std::pair<std::string, std::string>> headers;  // besides Host and Content-Length
  std::string body;
};

// A body too large for memory: fills the buffer, returns how much; `size` bytes in all.
struct BodySource {
  std::uint64_t size = 0;
  std::function<Result<std::size_t>(std::span<std::uint8_t>)> read;
};

struct HttpHead {
  unsigned status = 0;
  std::map<std::string, std::string> headers;  // names in lower case
  std::uint64_t content_length = 0;

  std::string header(const std::string& name) const;  // empty when absent
  bool is_success() const { return status >= 200 && status < 300; }
};

// Takes a body as it comes.
using BodySink = std::function<Result<void>(const HttpHead&, BytesView)>;

struct HttpResponse {
  HttpHead head;
  std::string body;
};

// The status line and header lines, without the empty line that ends them. Errors: malformed.
Result<HttpHead> parse_head(std::string_view text);

class HttpClient {
public:
  HttpClient(std::unique_ptr<ByteStream> stream, std::string host);

  // Errors: io, expired, malformed. After an error, and after `Connection: close`, the client is spent.
  Result<HttpResponse> send(const HttpRequest& request);
  Result<HttpResponse> send(const HttpRequest& request, const BodySource& body);
  // The body of a success goes to `sink` as it comes, any other into the response.
  Result<HttpResponse> receive(const HttpRequest& request, const BodySink& sink);

  // For servers that are not ours: what they answer, whatever the form of the body, which is not read. The client is
  // spent.
  Result<unsigned> status_of(const HttpRequest& request);

  const ByteStream& stream() const { return *stream_; }

private:
  Result<void> write_request(const HttpRequest& request, std::uint64_t body_bytes);
  Result<void> write_body(const BodySource& body);
  Result<std::string> read_head_text();
  Result<HttpHead> read_head();
  Result<std::string> read_body(const HttpHead& head);
  Result<void> read_body(const HttpHead& head, const BodySink& sink);
  Result<void> fill();

  std::unique_ptr<ByteStream> stream_;
  std::string host_;
  std::string received_;  // read, but not used yet
};

// The JSON of a success. Else the problem (RFC 9457) as an Error: denied for 403, conflict 409, expired 410, … with
// title, detail and, where the gateway tells it, the reason.
Result<json::value> json_of(const HttpResponse& response);
Error problem_of(const HttpResponse& response);

// `answer`: of /v1/api-info or /v1/status. refused: its `instance` is not `expected`.
Outcome<void> expect_gateway_name(const json::value& answer, const std::string& expected);

HttpRequest get(std::string target);
HttpRequest post(std::string target, const json::value& body);

}  // namespace flikvakt::admin
