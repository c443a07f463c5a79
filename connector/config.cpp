#include "connector/config.h"

#include <toml++/toml.h>
#include <algorithm>
#include <set>

#include "base/files.h"
#include "base/ids.h"
#include "base/web_address.h"
#include "connector/transport.h"
#include "crypto/x509.h"

namespace flikvakt::connector {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t kMostConfigBytes = 1024 * 1024;

// Strict: what is not asked for, or has another type, is a mistake that names its line.
class Reader {
public:
  Reader(const toml::table& table, std::string prefix, fs::path file)
      : table_(table), prefix_(std::move(prefix)), file_(std::move(file)) {}

  std::string text(std::string_view key, std::string otherwise = "") {
    const toml::node* node = take(key);
    if (!node) return otherwise;
    if (const auto value = node->value_exact<std::string>()) return *value;
    complain(key, "text in quotes");
    return otherwise;
  }
  fs::path path(std::string_view key) {
    const std::string written = text(key);
    if (written.empty()) return {};
    const fs::path as_path(written);
    return as_path.is_absolute() ? as_path : folder_of(file_) / as_path;
  }
  std::int64_t number(std::string_view key, std::int64_t least, std::int64_t most, std::int64_t otherwise) {
    const toml::node* node = take(key);
    if (!node) return otherwise;
    const auto value = node->value_exact<std::int64_t>();
    if (value && *value >= least && *value <= most) return *value;
    complain(key, "a whole number from " + std::to_string(least) + " to " + std::to_string(most));
    return otherwise;
  }
  std::vector<std::string> texts(std::string_view key) {
    const toml::node* node = take(key);
    std::vector<std::string> out;
    if (!node) return out;
    const toml::array* array = node->as_array();
    if (array) {
      for (const toml::node& one : *array) {
        if (const auto value = one.value_exact<std::string>()) out.push_back(*value);
      }
    }
    if (!array || out.size() != array->size()) complain(key, "an array of texts");
    return out;
  }
  std::optional<Reader> section(std::string_view key) {
    const toml::node* node = take(key);
    if (!node) return std::nullopt;
    const toml::table* table = node->as_table();
    if (!table) {
      complain(key, "a section [" + std::string(key) + "]");
      return std::nullopt;
    }
    return Reader(*table, prefix_ + std::string(key) + ".", file_);
  }

  void complain(std::string_view key, const std::string& expected) {
    const toml::node* node = table_.get(key);
    const auto line = node ? node->source().begin.line : table_.source().begin.line;
    note(line, "`" + prefix_ + std::string(key) + "`: expected " + expected);
  }
  void take_over(Reader& from) {
    from.look_for_unknown();
    if (from.first_ && (!first_ || from.first_->first < first_->first)) first_ = from.first_;
  }
  Outcome<void> finish() {
    look_for_unknown();
    if (!first_) return {};
    return trouble(ExitCode::usage, file_.string() + ":" + std::to_string(first_->first) + ": " + first_->second);
  }

private:
  const toml::node* take(std::string_view key) {
    known_.insert(std::string(key));
    return table_.get(key);
  }
  void note(std::uint32_t line, std::string text) {
    if (!first_ || line < first_->first) first_ = {line, std::move(text)};
  }
  void look_for_unknown() {
    for (const auto& [key, node] : table_) {
      const std::string name(key.str());
      if (!known_.contains(name)) note(node.source().begin.line, "`" + prefix_ + name + "`: not known here");
    }
  }

  const toml::table& table_;
  std::string prefix_;
  fs::path file_;
  std::set<std::string> known_;
  std::optional<std::pair<std::uint32_t, std::string>> first_;
};

bool is_https(const std::string& address) {
  const Result<WebAddress> parsed = WebAddress::parse(address);
  return parsed && parsed->has_tls && (parsed->target.empty() || parsed->target == "/");
}

std::string without_slash(std::string address) {
  while (address.ends_with('/')) address.pop_back();
  return address;
}

void take_proxy(Reader& root, Config& config) {
  std::optional<Reader> in = root.section("proxy");
  if (!in) return;
  config.proxy.address = in->text("address");
  config.proxy.auth = in->text("auth", "any");
  config.proxy.login_file = in->path("login_file");
  const std::string& address = config.proxy.address;
  const bool is_address =
      address.empty() || address == "none" || address.starts_with("http://") || address.starts_with("https://");
  if (!is_address || address.find('@') != address.npos)  // a login there would be told wherever the address is
    in->complain("address", "\"http://proxy.example:3128\" without a login (`login_file` has that), or \"none\"");
  const std::set<std::string> known{"any", "basic", "ntlm", "negotiate"};
  if (!known.contains(config.proxy.auth)) in->complain("auth", "any, basic, ntlm or negotiate");
  if (config.proxy.auth == "negotiate" && !config.proxy.login_file.empty())
    in->complain("login_file", "none with `auth = \"negotiate\"`: it is by the ticket of the process");
  root.take_over(*in);
}

void take_folder(Reader& root, Config& config) {
  std::optional<Reader> in = root.section("deposit");
  if (!in) return;
  config.folder.path = in->path("folder");
  config.folder.file_name = in->text("file_name");
  config.folder.author = in->text("author");
  config.folder.settled = std::chrono::milliseconds(in->number("settled_milliseconds", 100, 600'000, 2'000));
  if (config.folder.path.empty()) in->complain("folder", "the folder with one folder for each flik");
  const std::string& rule = config.folder.file_name;
  if (!rule.empty() && rule.find("{number}") == rule.npos)
    in->complain("file_name", "a rule with {number} in it, like \"{number}_{date}_{title}\"");
  root.take_over(*in);
}

void take_answer(Reader& root, Config& config) {
  std::optional<Reader> in = root.section("answer");
  if (!in) return;
  config.answer.program = in->texts("program");
  config.answer.patience = std::chrono::seconds(in->number("seconds", 1, 3'600, 30));
  if (config.answer.program.empty() || !config.answer.program.front().starts_with('/'))
    in->complain("program", "a program's absolute path, then its arguments");
  root.take_over(*in);
}

void take_local_api(Reader& root, Config& config) {
  std::optional<Reader> in = root.section("local_api");
  if (!in) return;
  config.local_api.listen = in->text("listen");
  config.local_api.token_file = in->path("token_file");
  if (config.local_api.listen.empty()) in->complain("listen", "a loopback address, like \"127.0.0.1:8490\"");
  if (config.local_api.token_file.empty()) in->complain("token_file", "the file with the token, mode 0600");
  root.take_over(*in);
}

void take_siem(Reader& root, Config& config) {
  std::optional<Reader> in = root.section("siem");
  if (!in) return;
  config.siem.staff = in->text("staff");
  config.siem.json_lines = in->path("json_lines");
  config.siem.syslog = in->text("syslog");
  config.siem.syslog_ca = in->path("syslog_ca");
  config.siem.interval = std::chrono::seconds(in->number("interval_seconds", 1, 86'400, 300));
  if (!StaffId::parse(config.siem.staff)) in->complain("staff", "the id of a log reviewer");
  if (config.siem.json_lines.empty() && config.siem.syslog.empty())
    in->complain("json_lines", "a file, or `syslog` with an address");
  if (!config.siem.syslog.empty() && config.siem.syslog_ca.empty())
    in->complain("syslog_ca", "the roots of the SIEM's certificate (PEM)");
  root.take_over(*in);
}

}  // namespace

Outcome<Config> parse_config(std::string_view text, const fs::path& file) {
  toml::table table;
  try {
    table = toml::parse(text);
  } catch (const toml::parse_error& error) {
    return trouble(ExitCode::usage, file.string() + ":" + std::to_string(error.source().begin.line) + ": " +
                                        std::string(error.description()));
  }
  Config config;
  config.file = file;
  Reader root(table, "", file);
  config.gateway = without_slash(root.text("gateway"));
  config.direct = without_slash(root.text("direct"));
  config.state = root.path("state");
  config.ca_bundle = root.path("ca_bundle");
  config.witness = root.text("witness");
  config.poll = std::chrono::seconds(root.number("poll_seconds", 1, 55, 25));
  config.chunk_bytes = static_cast<std::size_t>(root.number("chunk_kib", 16, 1024, 256)) * 1024;
  if (const fs::path ready = root.path("ready_file"); !ready.empty()) config.ready_file = ready;
  const std::string mode = root.text("mode", "direct");
  if (mode == "end-to-end")
    config.mode = Mode::end_to_end;
  else if (mode != "direct")
    root.complain("mode", "\"direct\" or \"end-to-end\"");
  if (!is_https(config.gateway)) root.complain("gateway", "the gateway's address, like \"https://portal.example\"");
  if (!config.direct.empty() && !is_https(config.direct))
    root.complain("direct", "an address like \"https://api.example\"");
  if (config.state.empty()) root.complain("state", "a folder of the connector's own");
  take_proxy(root, config);
  take_folder(root, config);
  take_answer(root, config);
  take_local_api(root, config);
  take_siem(root, config);
  const Outcome<void> done = root.finish();
  if (!done) return done.error();
  return config;
}

Outcome<Config> read_config(const fs::path& file) {
  const Result<Bytes> bytes = read_file(file, kMostConfigBytes);
  if (!bytes) return trouble(ExitCode::usage, bytes.error().message);
  Outcome<Config> config = parse_config(as_text(*bytes), file);
  if (!config || config->ca_bundle.empty()) return config;
  const Result<Bytes> bundle = read_file(config->ca_bundle, crypto::kMaxTrustBundleBytes);
  if (!bundle) return trouble(ExitCode::usage, "ca_bundle: " + bundle.error().message);
  config->ca_bundle_pem = std::string(as_text(*bundle));
  if (const Result<Trust> trust = Trust::of_roots(config->ca_bundle_pem); !trust)
    return trouble(ExitCode::usage, "ca_bundle: `" + config->ca_bundle.string() + "`: " + trust.error().message);
  return config;
}

std::string example_config() {
  return R"(# flikvakt-connector run --config connector.toml
# Relative paths are relative to the folder of this file. The absolute ones are those of flikvakt-connector.service.

gateway = "https://portal.example"   # where it enrols; in end-to-end mode everything goes there
state = "/var/lib/flikvakt-connector"  # a folder of the connector's own: keys, queue, what the witness has seen
mode = "direct"                      # or "end-to-end": for a network whose proxy opens TLS (set at the gateway, too)
# direct = "https://api.example"     # instead of the address that the gateway tells at enrolment
# ca_bundle = "extra-ca.pem"         # roots of what stands on the way: when enrolling and in end-to-end mode of a proxy that
                                     # opens TLS, and of a proxy with an https address. Never the gateway's, in direct mode
# poll_seconds = 25                  # how long a question may wait; below what your proxy cuts
# chunk_kib = 256                    # documents go in pieces of this size
# witness = "region.example/w1"      # cosign the gateway's log under this name
# ready_file = "/run/flikvakt-connector/ready"

# [proxy]                            # without it: as HTTPS_PROXY and NO_PROXY say
# address = "http://proxy.example:3128"
# auth = "any"                       # the strongest with a password that it offers; or basic, ntlm, negotiate (Kerberos)
# login_file = "proxy-login"         # one line "user:password" or "DOMAIN\user:password", mode 0600. With negotiate none:
                                     # by the ticket of the process (KRB5_CLIENT_KTNAME or KRB5CCNAME in its environment)

# [deposit]                          # files in FOLDER/<flik>/ become documents
# folder = "/srv/flikvakt-deposit"
# author = "Region Ett"              # where neither sidecar nor name says it
# file_name = "{number}_{date}_{title}"  # else each file has a sidecar beside it: report.pdf and report.pdf.json
# settled_milliseconds = 2000        # a file must not have changed for so long

# [answer]                           # heta linjen: a program that answers what is asked for
# program = ["/usr/local/bin/find-document"]
# seconds = 30

# [local_api]                        # for your own systems, on this machine
# listen = "127.0.0.1:8490"
# token_file = "token"               # mode 0600

# [siem]                             # your organisation's entries of the log
# staff = "0123456789abcdef0123456789abcdef"  # the log reviewer in whose name it is read
# json_lines = "/var/log/flikvakt-connector/log.jsonl"
# syslog = "siem.example:6514"       # RFC 5425, TLS
# syslog_ca = "siem-ca.pem"
# interval_seconds = 300
)";
}

}  // namespace flikvakt::connector
