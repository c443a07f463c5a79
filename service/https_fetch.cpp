#include "service/https_fetch.h"

#include <algorithm>
#include <charconv>

#include "base/characters.h"
#include "base/web_address.h"
#include "crypto/tls_client.h"

namespace flikvakt::service {
namespace {

constexpr std::size_t kMostHeadBytes = 32 * 1024;
constexpr std::size_t kMostChunkLine = 1024;

Error malformed(std::string_view what) {
  return fail(ErrorCode::malformed, "the server's answer: " + std::string(what));
}

std::optional<std::size_t> number(std::string_view digits, int base) {
  std::size_t out = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out, base);
  const bool is_whole = !digits.empty() && error == std::errc() && end == digits.data() + digits.size();
  return is_whole ? std::optional(out) : std::nullopt;
}

// What the answer came over, read piece by piece; the whole of it within the time.
class Incoming {
public:
  Incoming(crypto::TlsClient& client, std::chrono::milliseconds time)
      : client_(client), deadline_(std::chrono::steady_clock::now() + time) {}

  Result<std::string> until(std::string_view end, std::size_t most) {
    for (;;) {
      if (const std::size_t at = have_.find(end); at != have_.npos) {
        std::string out = have_.substr(0, at);
        have_.erase(0, at + end.size());
        return out;
      }
      if (have_.size() > most) return malformed("a line or header that is too long");
      if (!TRY(more())) return malformed("it ends early");
    }
  }
  Result<std::string> exactly(std::size_t bytes) {
    while (have_.size() < bytes) {
      if (!TRY(more())) return malformed("it ends early");
    }
    std::string out = have_.substr(0, bytes);
    have_.erase(0, bytes);
    return out;
  }
  Result<std::string> all() {
    while (TRY(more())) {
      if (have_.size() > kMostAnswerBytes) return malformed("its body is too long");
    }
    return std::move(have_);
  }

private:
  Result<bool> more() {
    if (std::chrono::steady_clock::now() > deadline_) return fail(ErrorCode::expired, "the server takes too long");
    ByteArray<8192> buffer;
    const std::size_t got = TRY(client_.read_some(buffer));
    have_.append(as_text(BytesView(buffer).first(got)));
    return got > 0;
  }

  crypto::TlsClient& client_;
  const std::chrono::steady_clock::time_point deadline_;
  std::string have_;
};

struct Head {
  unsigned status = 0;
  std::optional<std::size_t> length;
  bool is_chunked = false;
};

Result<void> take_field(Head& head, std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == line.npos || colon == 0) return malformed("a header line without a name");
  const std::string name = lowered(line.substr(0, colon));
  const std::string_view value = trim_blanks(line.substr(colon + 1));
  if (name == "content-length") {
    if (head.length) return malformed("more than one Content-Length");
    head.length = number(value, 10);
    if (!head.length || *head.length > kMostAnswerBytes) return malformed("a Content-Length that is none or too large");
  }
  if (name == "transfer-encoding") {
    if (head.is_chunked || lowered(value) != "chunked") return malformed("a Transfer-Encoding that is not known here");
    head.is_chunked = true;
  }
  return {};
}

// An interim answer (1xx) is passed over by who calls this.
Result<Head> read_head(Incoming& in) {
  const std::string text = TRY(in.until("\r\n\r\n", kMostHeadBytes));
  const bool is_http = text.starts_with("HTTP/1.1 ") || text.starts_with("HTTP/1.0 ");
  const std::optional<std::size_t> status = is_http && text.size() >= 12 ? number(text.substr(9, 3), 10) : std::nullopt;
  if (!status || *status < 100) return malformed("it is not HTTP/1.1");
  Head out;
  out.status = static_cast<unsigned>(*status);
  for (std::size_t at = text.find("\r\n"); at != text.npos;) {
    const std::size_t begin = at + 2;
    at = text.find("\r\n", begin);
    TRY_VOID(take_field(out, std::string_view(text).substr(begin, at == text.npos ? at : at - begin)));
  }
  if (out.is_chunked && out.length) return malformed("both a length and chunks");
  return out;
}

Result<std::string> read_chunks(Incoming& in) {
  std::string body;
  for (;;) {
    const std::string line = TRY(in.until("\r\n", kMostChunkLine));
    const std::optional<std::size_t> size = number(trim_blanks(std::string_view(line).substr(0, line.find(';'))), 16);
    if (!size || *size > kMostAnswerBytes - body.size()) return malformed("a chunk that is none or too large");
    if (*size == 0) return body;  // trailers say nothing that we need
    body += TRY(in.exactly(*size));
    if (TRY(in.exactly(2)) != "\r\n") return malformed("a chunk without its end");
  }
}

Result<std::string> read_body(Incoming& in, const Head& head) {
  if (head.status == 204 || head.status == 304) return std::string();
  if (head.is_chunked) return read_chunks(in);
  return head.length ? in.exactly(*head.length) : in.all();
}

std::string request_text(const HttpsRequest& request, const WebAddress& address) {
  std::string target = address.target;
  if (!target.starts_with('/')) target.insert(0, "/");
  std::string out = (request.form ? "POST " : "GET ") + target + " HTTP/1.1\r\nHost: " + address.authority +
                    "\r\nAccept: application/json\r\nConnection: close\r\n";
  if (!request.form) return out + "\r\n";
  return out +
         "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: " + std::to_string(request.form->size()) +
         "\r\n\r\n" + *request.form;
}

}  // namespace

// SPEC OIDC-33
Result<HttpsAnswer> fetch_https(const HttpsRequest& request) {
  const WebAddress address = TRY(WebAddress::parse(request.url));
  if (!address.has_tls) return fail(ErrorCode::malformed, "asking a server: only over https");
  crypto::TlsClientOptions options;
  options.host = address.bare_host();
  options.port = address.port;
  options.trusted_ca_pem = request.trusted_ca_pem;
  options.timeout = request.timeout;
  options.cancellation = request.cancellation;
  crypto::TlsClient client = TRY(crypto::TlsClient::connect(options));
  TRY_VOID(client.write_all(as_bytes(request_text(request, address))));
  Incoming in(client, request.timeout);
  Head head = TRY(read_head(in));
  while (head.status < 200) head = TRY(read_head(in));
  HttpsAnswer out{head.status, TRY(read_body(in, head))};
  client.close();
  return out;
}

}  // namespace flikvakt::service
