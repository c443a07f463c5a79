#include "admin/config.h"

#include <algorithm>
#include <charconv>

#include "admin/toml_file.h"

namespace flikvakt::admin {
namespace {

// "host:port" with a numeric port; the listener checks the host.
bool is_address(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  const std::string_view digits = text.substr(colon + 1);
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  return error == std::errc() && end == digits.data() + digits.size() && !digits.empty();
}

std::string address(TomlFile& file, std::string_view key) {
  std::string out = file.required_text(key);
  if (!out.empty() && !is_address(out))
    file.complain(key, "an address and port, like \"127.0.0.1:8443\" or \"[::]:8443\"");
  return out;
}

MasterKeySource master_key_source(TomlFile& file) {
  const std::string written = file.text("master_key").value_or("sealed-file");
  if (written == "credential") return MasterKeySource::credential;
  if (written != "sealed-file") file.complain("master_key", "\"sealed-file\" or \"credential\"");
  return MasterKeySource::sealed_file;
}

void take_portal_identity(TomlFile& file, Config& config) {
  const auto certificate = file.path("portal_certificate");
  const auto key = file.path("portal_key");
  if (certificate.has_value() != key.has_value()) {
    file.complain(certificate ? "portal_certificate" : "portal_key",
                  "both `portal_certificate` and `portal_key`, or neither");
  }
  config.portal_certificate = certificate.value_or(config.certificate);
  config.portal_key = key.value_or(config.key);
}

// SPEC HOOK-1
void take_notice_hook(TomlFile& file, Config& config) {
  config.notice_hook = file.texts("notice_hook");
  const bool is_named = config.notice_hook.empty() || config.notice_hook.front().starts_with('/');
  if (!is_named) file.complain("notice_hook", "a program's absolute path, then its arguments");
  config.notice_quiet_minutes = static_cast<unsigned>(file.number("notice_quiet_minutes", 0, 1440).value_or(60));
}

Outcome<Config> take(TomlFile file) {
  Config config;
  config.data = file.required_path("data");
  config.master_key = master_key_source(file);
  config.master_key_file = file.path("master_key_file");
  config.listen_api = address(file, "listen_api");
  config.listen_portal = address(file, "listen_portal");
  config.certificate = file.required_path("certificate");
  config.key = file.required_path("key");
  take_portal_identity(file, config);
  config.client_ca = file.required_path("client_ca");
  config.crl = file.paths("crl");
  config.threads = static_cast<unsigned>(file.number("threads", 1, 256).value_or(2));
  config.requests_per_second = static_cast<unsigned>(file.number("requests_per_second", 1, 1'000'000).value_or(50));
  config.request_burst = static_cast<unsigned>(file.number("request_burst", 1, 1'000'000).value_or(200));
  config.drain_seconds = static_cast<unsigned>(file.number("drain_seconds", 0, 600).value_or(20));
  config.ready_file = file.path("ready_file");
  take_notice_hook(file, config);
  TRY_VOID(file.finish());
  return config;
}

}  // namespace

Outcome<Config> read_config(const std::filesystem::path& file) { return take(TRY(TomlFile::read(file))); }

Outcome<Config> parse_config(std::string_view text, std::string name) {
  return take(TRY(TomlFile::parse(text, std::move(name))));
}

std::string example_config() {
  return R"(# flikvakt serve --config flikvakt.toml
# Relative paths are relative to the folder of this file.

data = "data"                        # made by `flikvakt init`
master_key = "sealed-file"           # or "credential": systemd's LoadCredentialEncrypted=flikvakt-master-key
# master_key_file = "master-key"     # default: master-key in the data directory

listen_api = "[::]:8443"             # organisations: TLS 1.3 with a client certificate
listen_portal = "[::]:9443"          # persons: TLS 1.3
certificate = "server.pem"           # PEM chain, leaf first, without the root
key = "server.key"                   # mode 0600
# portal_certificate = "portal.pem"  # default: the same certificate for both
# portal_key = "portal.key"
client_ca = "ca.pem"                 # roots of the organisations' client certificates
crl = ["crl.pem"]                    # one list for each CA; re-read when it changes

# threads = 2
# requests_per_second = 50           # of each organisation; what is beyond it and the burst gets 429
# request_burst = 200
# drain_seconds = 20                 # after SIGTERM running requests may finish for so long
# ready_file = "/run/flikvakt/ready" # written when serving: JSON with the ports

# Who tells people that something of theirs was read, asked for or enrolled (spec/notice-hook.md): a program that gets a
# line of JSON for each, without any content. Off unless it is written here. The program that is shipped sends to a web
# address:
# notice_hook = ["/usr/bin/flikvakt", "notify-webhook", "--url", "https://notices.example/flikvakt"]
# notice_quiet_minutes = 60          # at most one notice of readings a person in such a time; 0: of every reading
)";
}

}  // namespace flikvakt::admin
