#include "connector/siem_stream.h"

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>

#include "base/files.h"
#include "crypto/tls_client.h"

namespace flikvakt::connector {
namespace {

namespace fs = std::filesystem;
constexpr std::string_view kCursor = "siem-cursor";
constexpr int kMostPages = 200;
// Facility 13 (log audit), severity 6 (informational): RFC 5424 section 6.2.1.
constexpr int kPriority = 13 * 8 + 6;

std::optional<std::uint64_t> number_of(std::string_view text) {
  std::uint64_t out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end != text.data() ? std::optional(out) : std::nullopt;
}

std::optional<std::uint64_t> read_cursor(const fs::path& state) {
  const Result<Bytes> bytes = read_file(state / kCursor, 64);
  return bytes ? number_of(as_text(*bytes)) : std::nullopt;
}

std::uint64_t entry_of(const json::object& act) {
  const json::value* entry = act.if_contains("entry");
  return entry && entry->is_int64() ? static_cast<std::uint64_t>(entry->get_int64()) : 0;
}

// RFC 5424 section 6.3.3
std::string escaped(const std::string& value) {
  std::string out;
  for (const char c : value) {
    if (c == '"' || c == '\\' || c == ']') out += '\\';
    out += c;
  }
  return out;
}

Outcome<void> append_lines(const fs::path& file, const std::vector<json::object>& acts) {
  std::string lines;
  for (const json::object& act : acts) lines += json::serialize(act) + "\n";
  const Result<FileDescriptor> open = open_file(file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (!open) return disk_trouble(open.error());
  for (std::size_t at = 0; at < lines.size();) {
    const ssize_t written = ::write(open->get(), lines.data() + at, lines.size() - at);
    if (written <= 0) return disk_trouble(os_error("appending to", file));
    at += static_cast<std::size_t>(written);
  }
  const Result<void> synced = sync_file(open->get());
  return synced ? Outcome<void>() : disk_trouble(synced.error());
}

std::string host_name() {
  char name[256] = {};
  return ::gethostname(name, sizeof name - 1) == 0 && name[0] != '\0' ? std::string(name) : std::string("-");
}

}  // namespace

std::string syslog_frame(const json::object& act, const std::string& host, const std::string& organisation) {
  std::string data = "[flikvakt@32473 organisation=\"" + escaped(organisation) + "\"";
  for (const char* name : {"kind", "staff", "outcome"}) {
    if (const std::string value = text_in(act, name); !value.empty())
      data += std::string(" ") + name + "=\"" + escaped(value) + "\"";
  }
  data += " entry=\"" + std::to_string(entry_of(act)) + "\"]";
  const std::string message = "<" + std::to_string(kPriority) + ">1 " + text_in(act, "time") + " " + host +
                              " flikvakt-connector - " + text_in(act, "kind").substr(0, 32) + " " + data;
  return std::to_string(message.size()) + " " + message;
}

// From the newest back to what was told already; then the oldest first.
Outcome<std::vector<json::object>> SiemStream::new_acts(GatewayLink& link, std::optional<std::uint64_t> told) const {
  std::vector<json::object> out;
  std::optional<std::uint64_t> below;
  for (int page = 0; page < kMostPages; ++page) {
    Question question;
    question.target = "/v1/organisation-log?limit=100" + (below ? "&below=" + std::to_string(*below) : std::string());
    question.staff = StaffId::parse(config_.siem.staff).value();
    const Outcome<HttpAnswer> answer = link.ask(std::move(question));
    if (!answer) return answer.error();
    if (answer->status == 403)
      return trouble(ExitCode::not_accepted, "siem: the gateway does not let this staff member review the log");
    const json::value body = body_of(*answer);
    const json::value* acts = body.is_object() ? body.get_object().if_contains("acts") : nullptr;
    if (answer->status != 200 || !acts || !acts->is_array())
      return trouble(ExitCode::unavailable,
                     "siem: the log cannot be read now (status " + std::to_string(answer->status) + ")");
    bool is_known = false;
    for (const json::value& act : acts->get_array()) {
      if (!act.is_object()) continue;
      is_known = told && entry_of(act.get_object()) <= *told;
      if (is_known) break;
      // Reading it is an act, too: of that nobody is told, or each reading would be news.
      if (text_in(act, "kind") != "read_organisation_log") out.push_back(act.get_object());
    }
    const json::value* next = body.get_object().if_contains("next");
    if (is_known || !next || !next->is_int64()) break;
    below = static_cast<std::uint64_t>(next->get_int64());
  }
  std::ranges::reverse(out);
  return out;
}

Outcome<void> SiemStream::deliver(const std::vector<json::object>& acts) const {
  if (!config_.siem.json_lines.empty()) {
    const Outcome<void> written = append_lines(config_.siem.json_lines, acts);
    if (!written) return written.error();
  }
  if (config_.siem.syslog.empty()) return {};
  const std::string& address = config_.siem.syslog;
  const std::size_t colon = address.rfind(':');
  const std::optional<std::uint64_t> port =
      colon == address.npos ? std::optional<std::uint64_t>(6514) : number_of(address.substr(colon + 1));
  if (!port || *port == 0 || *port > 65'535)
    return trouble(ExitCode::usage, "siem.syslog: expected a host and a port, like \"siem.example:6514\"");
  const Result<Bytes> ca = read_file(config_.siem.syslog_ca, 1024 * 1024);
  if (!ca) return trouble(ExitCode::usage, "siem.syslog_ca: " + ca.error().message);
  crypto::TlsClientOptions options;
  options.host = address.substr(0, colon);
  options.port = static_cast<std::uint16_t>(*port);
  options.trusted_ca_pem = std::string(as_text(*ca));
  Result<crypto::TlsClient> client = crypto::TlsClient::connect(options);
  if (!client) return trouble(ExitCode::unavailable, "siem: " + client.error().message);
  std::string frames;
  const std::string host = host_name();
  for (const json::object& act : acts) frames += syslog_frame(act, host, "");
  const Result<void> sent = client->write_all(as_bytes(frames));
  if (!sent) return trouble(ExitCode::unavailable, "siem: " + sent.error().message);
  client->close();
  return {};
}

Outcome<std::size_t> SiemStream::tell(GatewayLink& link) {
  const Outcome<std::vector<json::object>> acts = new_acts(link, read_cursor(config_.state));
  if (!acts) return acts.error();
  if (acts->empty()) return std::size_t{0};
  const Outcome<void> delivered = deliver(*acts);
  if (!delivered) return delivered.error();
  const std::string cursor = std::to_string(entry_of(acts->back())) + "\n";
  const Result<void> kept = write_file_atomically(config_.state / kCursor, as_bytes(cursor));
  if (!kept) return disk_trouble(kept.error());
  return acts->size();
}

void SiemStream::start() {
  thread_ = std::thread([this] { run(); });
}

void SiemStream::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void SiemStream::run() {
  std::string said;
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    const std::unique_ptr<GatewayLink> link = new_link_();
    const Outcome<std::size_t> told = tell(*link);
    if (!told && said != told.error().message) spdlog::warn("{}", said = told.error().message);
    if (told) said.clear();
    lock.lock();
    wake_.wait_for(lock, config_.siem.interval, [this] { return stopping_; });
  }
}

}  // namespace flikvakt::connector
