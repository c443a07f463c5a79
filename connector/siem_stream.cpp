#include "connector/siem_stream.h"

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/files.h"
#include "crypto/tls_client.h"

namespace flikvakt::connector {
namespace {

namespace fs = std::filesystem;
constexpr const char* kLinesCursor = "siem-cursor-lines";
constexpr const char* kSyslogCursor = "siem-cursor-syslog";
constexpr std::chrono::seconds kTurn{1};  // what comes faster is refused for a while, and goes on then
constexpr int kMostTurns = 60;
constexpr off_t kTail = 64 * 1024;  // of a file of lines; one is much shorter
// Facility 13 (log audit), severity 6 (informational): RFC 5424 section 6.2.1.
constexpr int kPriority = 13 * 8 + 6;

std::optional<std::uint64_t> number_of(std::string_view text) {
  std::uint64_t out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end != text.data() ? std::optional(out) : std::nullopt;
}

// "<origin> <entry>", or of a log whose origin was not told "<entry>". What is damaged begins anew.
struct Cursor {
  std::string origin;
  std::uint64_t told = 0;
};
Cursor read_cursor(const fs::path& file) {
  const Result<Bytes> bytes = read_file(file, 1024);
  if (!bytes) return {};
  const std::string_view text = as_text(*bytes);
  const std::size_t space = text.rfind(' ');
  const std::string_view number = space == text.npos ? text : text.substr(space + 1);
  const std::optional<std::uint64_t> told = number_of(number);
  if (!told) return {};
  return {std::string(space == text.npos ? std::string_view() : text.substr(0, space)), *told};
}
std::string text_of_cursor(const std::string& origin, std::uint64_t told) {
  return (origin.empty() ? origin : origin + " ") + std::to_string(told) + "\n";
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

Result<std::string> tail_of(const fs::path& file) {
  const FileDescriptor open = TRY(open_file(file, O_RDONLY | O_CLOEXEC));
  struct stat about {};
  if (::fstat(open.get(), &about) != 0) return os_error("reading", file);
  const off_t size = std::min<off_t>(about.st_size, kTail);
  Bytes out(static_cast<std::size_t>(size));
  TRY_VOID(read_exactly(open.get(), static_cast<std::uint64_t>(about.st_size - size), out));
  return std::string(as_text(out));
}

std::string host_name() {
  char name[256] = {};
  return ::gethostname(name, sizeof name - 1) == 0 && name[0] != '\0' ? std::string(name) : std::string("-");
}

}  // namespace

std::string syslog_frame(const json::object& act, const std::string& host, const std::string& organisation) {
  std::string data = "[flikvakt@32473 organisation=\"" + escaped(organisation) + "\"";
  for (const char* name : {"kind", "staff", "outcome", "log"}) {
    if (const std::string value = text_in(act, name); !value.empty())
      data += std::string(" ") + name + "=\"" + escaped(value) + "\"";
  }
  data += " entry=\"" + std::to_string(entry_of(act)) + "\"]";
  const std::string message = "<" + std::to_string(kPriority) + ">1 " + text_in(act, "time") + " " + host +
                              " flikvakt-connector - " + text_in(act, "kind").substr(0, 32) + " " + data;
  return std::to_string(message.size()) + " " + message;
}

std::optional<std::uint64_t> last_entry_in(const fs::path& file, std::string_view origin) {
  const Result<std::string> tail = tail_of(file);
  if (!tail) return std::nullopt;
  std::string_view lines(*tail);
  while (!lines.empty()) {
    const std::size_t end = lines.rfind('\n');
    if (end == lines.npos) return std::nullopt;
    const std::size_t before = end == 0 ? lines.npos : lines.rfind('\n', end - 1);
    const std::size_t begin = before == lines.npos ? 0 : before + 1;
    const Result<json::value> line = parse_json(lines.substr(begin, end - begin));
    const bool is_act = line && line->is_object() && line->get_object().contains("entry");
    if (is_act && (origin.empty() || text_in(*line, "log") == origin)) return entry_of(line->get_object());
    lines = lines.substr(0, begin);
  }
  return std::nullopt;
}

Outcome<void> SiemStream::append_lines(const std::vector<json::object>& acts) const {
  const fs::path& file = config_.siem.json_lines;
  std::string lines;
  // A line that a stop cut short stands alone, and whole behind it once more.
  if (const Result<std::string> tail = tail_of(file); tail && !tail->empty() && tail->back() != '\n') lines = "\n";
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

Outcome<void> SiemStream::send_syslog(const std::vector<json::object>& acts) const {
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
  for (const json::object& act : acts) frames += syslog_frame(act, host, organisation_);
  const Result<void> sent = client->write_all(as_bytes(frames));
  if (!sent) return trouble(ExitCode::unavailable, "siem: " + sent.error().message);
  client->close();
  return {};
}

std::vector<SiemStream::Sink> SiemStream::sinks() const {
  std::vector<Sink> out;
  if (!config_.siem.json_lines.empty()) {
    Cursor cursor = read_cursor(config_.state / kLinesCursor);
    const std::uint64_t written = last_entry_in(config_.siem.json_lines, cursor.origin).value_or(0);
    out.push_back({kLinesCursor, &SiemStream::append_lines, config_.siem.json_lines, std::move(cursor.origin),
                   std::max(cursor.told, written), false});
  }
  if (!config_.siem.syslog.empty()) {
    Cursor cursor = read_cursor(config_.state / kSyslogCursor);
    out.push_back({kSyslogCursor, &SiemStream::send_syslog, {}, std::move(cursor.origin), cursor.told, false});
  }
  return out;
}

// SPEC CONN-60: however much there is, it is a page at a time; who comes too fast waits for its turn.
Outcome<SiemStream::Page> SiemStream::page_after(GatewayLink& link, std::uint64_t above) {
  Outcome<HttpAnswer> answer = trouble(ExitCode::unavailable, "");
  for (int turn = 0; turn < kMostTurns; ++turn) {
    Question question;
    question.target = "/v1/organisation-log?limit=100&above=" + std::to_string(above);
    question.staff = StaffId::parse(config_.siem.staff).value();
    answer = link.ask(std::move(question));
    if (!answer) return answer.error();
    if (answer->status != 429 || !wait_for(kTurn)) break;
  }
  if (answer->status == 403)
    return trouble(ExitCode::not_accepted, "siem: the gateway does not let this staff member review the log");
  if (answer->status == 422 && above > 0) {
    Outcome<Page> first = page_after(link, 0);
    if (first) first->is_beyond = true;
    return first;
  }
  const json::value body = body_of(*answer);
  const json::value* acts = body.is_object() ? body.get_object().if_contains("acts") : nullptr;
  if (answer->status != 200 || !acts || !acts->is_array())
    return trouble(ExitCode::unavailable,
                   "siem: the log cannot be read now (status " + std::to_string(answer->status) + ")");
  Page out;
  out.end = above;
  out.origin = text_in(body, "origin");
  for (const json::value& act : acts->get_array()) {
    if (!act.is_object() || entry_of(act.get_object()) <= out.end) continue;
    out.end = entry_of(act.get_object());
    // Reading it is an act, too: of that nobody is told, or each reading would be news.
    if (text_in(act, "kind") == "read_organisation_log") continue;
    out.acts.push_back(act.get_object());
    if (!out.origin.empty()) out.acts.back()["log"] = out.origin;
  }
  const json::value* next = body.get_object().if_contains("next");
  const bool goes_on = next && next->is_int64() && next->get_int64() > 0;
  if (goes_on) out.end = std::max(out.end, static_cast<std::uint64_t>(next->get_int64()));
  out.is_last = !goes_on || out.end == above;
  return out;
}

// SPEC CONN-64: entries are counted from 0 in each log. After a restore there is another one: of that everything is
// told, whatever was told of the one before. True: the page is not the one to go on with.
bool SiemStream::begin_other_log(std::vector<Sink>& all, const Page& page) {
  if (page.origin.empty()) return false;  // not told: taken for the same
  bool has_begun = false;
  for (Sink& sink : all) {
    if (sink.origin == page.origin) continue;
    const bool is_named_first = sink.origin.empty() && !page.is_beyond;
    const std::uint64_t written = sink.lines.empty() ? 0 : last_entry_in(sink.lines, page.origin).value_or(0);
    sink.origin = page.origin;
    sink.told = is_named_first ? std::max(sink.told, written) : written;
    if (is_named_first) continue;
    spdlog::warn("siem: the gateway keeps another log now, `{}` (it was restored?): it is told from its beginning",
                 page.origin);
    has_begun = true;
  }
  return has_begun;
}

Outcome<void> SiemStream::tell_sink(Sink& sink, const Page& page) const {
  if (page.end <= sink.told) return {};
  std::vector<json::object> acts;
  for (const json::object& act : page.acts) {
    if (entry_of(act) > sink.told) acts.push_back(act);
  }
  const Outcome<void> delivered = acts.empty() ? Outcome<void>() : (this->*sink.deliver)(acts);
  if (!delivered) return delivered.error();
  const Result<void> kept =
      write_file_atomically(config_.state / sink.cursor, as_bytes(text_of_cursor(sink.origin, page.end)));
  if (!kept) return disk_trouble(kept.error());
  sink.told = page.end;
  return {};
}

// A sink that is down holds up no other: it goes on where it was, the next time.
Outcome<std::size_t> SiemStream::tell(GatewayLink& link) {
  organisation_ = link.identity().file().organisation.text();
  std::vector<Sink> all = sinks();
  std::optional<Trouble> failed;
  std::size_t count = 0;
  bool has_begun = false;
  for (bool goes_on = true; goes_on;) {
    std::optional<std::uint64_t> above;
    for (const Sink& sink : all) {
      if (!sink.is_down) above = std::min(above.value_or(sink.told), sink.told);
    }
    if (!above) break;
    const Outcome<Page> page = page_after(link, *above);
    if (!page) return page.error();
    if (begin_other_log(all, *page)) {
      if (std::exchange(has_begun, true))
        return trouble(ExitCode::unavailable, "siem: the gateway names one log and then another");
      continue;
    }
    if (page->is_beyond)
      return trouble(ExitCode::unavailable,
                     "siem: the log is shorter than what was told of it: ask the gateway's "
                     "administrators whether it was put back");
    for (Sink& sink : all) {
      if (sink.is_down) continue;
      const Outcome<void> told = tell_sink(sink, *page);
      if (told) continue;
      sink.is_down = true;
      if (!failed) failed = told.error();
    }
    count += page->acts.size();
    goes_on = !page->is_last && wait_for(std::chrono::milliseconds(0));
  }
  return failed ? Outcome<std::size_t>(*failed) : Outcome<std::size_t>(count);
}

bool SiemStream::wait_for(std::chrono::milliseconds time) {
  std::unique_lock lock(mutex_);
  wake_.wait_for(lock, time, [this] { return stopping_; });
  return !stopping_;
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
  std::unique_ptr<GatewayLink> link;  // kept: each one opens a session
  do {
    if (!link) link = new_link_();
    const Outcome<std::size_t> told = tell(*link);
    if (!told && said != told.error().message) spdlog::warn("{}", said = told.error().message);
    if (told)
      said.clear();
    else
      link.reset();  // its certificate may be the old one
  } while (wait_for(config_.siem.interval));
}

}  // namespace flikvakt::connector
