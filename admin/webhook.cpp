#include "admin/webhook.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <iostream>

#include "admin/http_client.h"
#include "admin/json_text.h"
#include "base/files.h"
#include "base/web_address.h"
#include "crypto/x509.h"

namespace flikvakt::admin {
namespace {

constexpr std::size_t kLongestLine = 4096;
constexpr std::size_t kLongestUrl = 4096;
constexpr std::size_t kLargestHeaderFile = 16 * 1024;

Failure no_address() {
  return usage_failure("expected an address like https://notices.example/flikvakt in --url or --url-file");
}

// A secret may stand in it: never in an option.
Outcome<std::vector<std::pair<std::string, std::string>>> read_headers(const std::filesystem::path& file) {
  const Result<void> is_private = require_private(file);
  if (!is_private) return usage_failure("--header-file: " + is_private.error().message);
  const Result<Bytes> bytes = read_file(file, kLargestHeaderFile);
  if (!bytes) return usage_failure("--header-file: " + bytes.error().message);
  std::vector<std::pair<std::string, std::string>> out;
  for (std::string_view text = as_text(*bytes); !text.empty();) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty()) continue;
    const std::size_t colon = line.find(": ");
    if (colon == line.npos) return usage_failure("`" + file.string() + "`: expected lines like `Name: value`");
    out.emplace_back(line.substr(0, colon), line.substr(colon + 2));
  }
  return out;
}

Result<unsigned> post_once(const Webhook& webhook, const std::string& line) {
  HttpClient http(TRY(connect_tls(webhook.server)), webhook.host);
  HttpRequest request;
  request.method = "POST";
  request.target = webhook.target;
  request.headers = webhook.headers;
  request.headers.emplace_back("Content-Type", "application/json");
  request.headers.emplace_back("Connection", "close");
  request.body = line;
  return http.status_of(request);
}

bool is_taken(const Result<unsigned>& status) { return status && *status >= 200 && *status < 300; }

std::string why_not(const Result<unsigned>& status) {
  return status ? "it answered " + std::to_string(*status) : status.error().message;
}

// False: whoever writes the lines has gone.
bool sleep_while_written_to(int in, std::chrono::milliseconds pause) {
  pollfd gone{in, 0, 0};
  return ::poll(&gone, 1, static_cast<int>(pause.count())) == 0;
}

// It has heard the line and does not want it; not that it lacks our credentials, time or room.
bool is_refused(const Result<unsigned>& status) {
  if (!status || *status < 400 || *status > 499) return false;
  return *status != 401 && *status != 403 && *status != 408 && *status != 429;
}

class Poster {
public:
  Poster(const Webhook& webhook, int in, const WebhookPauses& pauses) : webhook_(webhook), in_(in), pauses_(pauses) {}

  // SPEC HOOK-15: until the address has taken it, or will not. False: nobody waits for that any more.
  bool post_until_taken(const std::string& line) {
    std::optional<Moment> refused_since;
    for (auto pause = pauses_.first;; pause = std::min(2 * pause, pauses_.longest)) {
      const Result<unsigned> status = post_once(webhook_, line);
      if (is_taken(status)) return true;
      const Moment now = std::chrono::steady_clock::now();
      refused_since = is_refused(status) ? std::optional(refused_since.value_or(now)) : std::nullopt;
      if (refused_since && now - *refused_since >= pauses_.refused) return give_up(status), true;
      std::cerr << "notify-webhook: not delivered, tried again in " << pause.count() << " ms: " << why_not(status)
                << std::endl;
      if (!sleep_while_written_to(in_, pause)) return false;
    }
  }

private:
  using Moment = std::chrono::steady_clock::time_point;

  // SPEC HOOK-17: one line must not silence all the others.
  void give_up(const Result<unsigned>& status) {
    std::cerr << "notify-webhook: given up, the address refuses it: " << why_not(status) << "; " << ++given_up_
              << " given up since the start" << std::endl;
  }

  const Webhook& webhook_;
  const int in_;
  const WebhookPauses& pauses_;
  std::size_t given_up_ = 0;
};

Result<std::string> id_of(const std::string& line) {
  const json::value notice = TRY(parse_json(line));
  std::string id = text_of(notice, "id");
  if (id.empty()) return fail(ErrorCode::malformed, "a line without an `id`");
  return id;
}

Result<void> write_line(int out, std::string line) {
  line += '\n';
  while (!line.empty()) {
    const ssize_t written = ::write(out, line.data(), line.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return os_error("acknowledging on", "standard output");
    line.erase(0, static_cast<std::size_t>(written));
  }
  return {};
}

// One line after the other.
class Lines {
public:
  explicit Lines(int in) : in_(in) {}

  // nullopt: the end, also in the middle of a line.
  Result<std::optional<std::string>> next() {
    std::size_t end = 0;
    while ((end = held_.find('\n')) == std::string::npos) {
      if (held_.size() > kLongestLine) return fail(ErrorCode::malformed, "a line over 4 KiB");
      char buffer[4096];
      const ssize_t got = ::read(in_, buffer, sizeof buffer);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return os_error("reading", "standard input");
      if (got == 0) return std::optional<std::string>();
      held_.append(buffer, static_cast<std::size_t>(got));
    }
    std::string line = held_.substr(0, end);
    held_.erase(0, end + 1);
    return std::optional(std::move(line));
  }

private:
  int in_;
  std::string held_;
};

}  // namespace

// SPEC HOOK-16
Outcome<std::string> read_url(const std::filesystem::path& file) {
  const Result<void> is_private = require_private(file);
  if (!is_private) return usage_failure("--url-file: " + is_private.error().message);
  const Result<Bytes> text = read_file(file, kLongestUrl);
  if (!text) return usage_failure("--url-file: " + text.error().message);
  return std::string(as_text(*text).substr(0, as_text(*text).find('\n')));
}

// SPEC HOOK-16
Outcome<Webhook> webhook_of(const std::string& url, const std::filesystem::path& ca,
                            const std::optional<std::filesystem::path>& header_file) {
  const Result<WebAddress> where = WebAddress::parse(url);
  if (!where || !where->has_tls) return no_address();
  Webhook out;
  out.host = where->authority;
  out.target = where->target.starts_with('/') ? where->target : "/" + where->target;
  out.server.host = where->bare_host();
  out.server.port = where->port;
  const Result<Bytes> roots = read_file(ca, crypto::kMaxTrustBundleBytes);
  if (!roots) return usage_failure("--ca: " + roots.error().message);
  out.server.trusted_ca_pem = std::string(as_text(*roots));
  if (header_file) out.headers = TRY(read_headers(*header_file));
  return out;
}

Outcome<void> post_lines(const Webhook& webhook, int in, int out, const WebhookPauses& pauses) {
  Lines lines(in);
  Poster poster(webhook, in, pauses);
  for (;;) {
    const std::optional<std::string> line = TRY(lines.next());
    if (!line) return {};
    const std::string id = TRY(id_of(*line));
    if (!poster.post_until_taken(*line)) return {};
    TRY_VOID(write_line(out, id));
  }
}

}  // namespace flikvakt::admin
