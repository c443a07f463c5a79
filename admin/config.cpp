#include "admin/config.h"

#include <set>

#include "admin/open_portal.h"
#include "admin/toml_file.h"

namespace flikvakt::admin {
namespace {

constexpr std::string_view kConnectorScheme = "connector:";

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

void take_sign_in_rates(TomlFile& file, Config& config) {
  const auto take = [&](std::string_view key, std::int64_t least, unsigned& value) {
    value = static_cast<unsigned>(file.number(key, least, 1'000'000).value_or(value));
  };
  take("sign_in_pages_per_second", 1, config.sign_in_pages_per_second);
  take("sign_in_page_burst", 10, config.sign_in_page_burst);
  take("sign_in_failures_per_minute", 1, config.sign_in_failures_per_minute);
  take("sign_in_failure_burst", 10, config.sign_in_failure_burst);
}

void take_portal(TomlFile& file, Config& config) {
  config.portal_origin = file.text("portal_origin").value_or("");
  if (!config.portal_origin.empty() && !portal_place(config.portal_origin)) {
    file.complain("portal_origin", "what browsers show as its address, like \"https://portal.example\"");
  }
  config.portal_client_key = file.path("portal_client_key");
  config.portal_leave_to = file.text("portal_leave_to").value_or(config.portal_leave_to);
  if (!config.portal_leave_to.starts_with("https://")) {
    file.complain("portal_leave_to", "a page that says nothing of where somebody came from: \"https://…\"");
  }
  config.portal_contact = file.text("portal_contact").value_or("");
  if (config.portal_contact.size() > 500) file.complain("portal_contact", "at most 500 bytes of text");
}

// SPEC CONN-51
Outcome<WitnessOfLog> take_connector_witness(TomlFile file, const std::string& url, const std::string& key) {
  const Result<ConnectorId> connector = ConnectorId::parse(url.substr(kConnectorScheme.size()));
  const Result<audit::CosignatureVerifier> verifier = audit::CosignatureVerifier::parse(key);
  if (!connector) file.complain("url", "`connector:` and the id of a connector");
  if (!verifier && !key.empty()) file.complain("key", "a key of a witness, as `flikvakt-connector status` shows it");
  TRY_VOID(file.finish());
  return WitnessOfLog{WitnessAddress(), *verifier, {}, *connector};
}

Outcome<WitnessOfLog> take_witness(TomlFile file) {
  const std::string url = file.required_text("url");
  const std::string key = file.required_text("key");
  const std::filesystem::path ca = file.path("ca").value_or("");
  if (url.starts_with(kConnectorScheme)) return take_connector_witness(std::move(file), url, key);
  const Result<WitnessAddress> address = WitnessAddress::parse(url);
  const Result<audit::CosignatureVerifier> verifier = audit::CosignatureVerifier::parse(key);
  if (!address && !url.empty()) file.complain("url", "a URL like \"https://witness.example/\"");
  if (!verifier && !key.empty()) file.complain("key", "a key of a witness, as `flikvakt witness --init` printed it");
  if (address && address->has_tls && ca.empty()) file.complain("ca", "the file with the roots of its certificate");
  if (address && !address->has_tls && !ca.empty()) file.complain("ca", "nothing: http has no certificate");
  TRY_VOID(file.finish());
  return WitnessOfLog{*address, *verifier, ca};
}

// SPEC WIT-25
void check_different(TomlFile& file, const std::vector<WitnessOfLog>& witnesses) {
  std::vector<audit::CosignatureVerifier> keys;
  for (const WitnessOfLog& one : witnesses) keys.push_back(one.key);
  if (!audit::are_different(keys)) file.complain("witness", "witnesses of different names and keys");
}

Outcome<void> take_witnesses(TomlFile& file, Config& config) {
  for (TomlFile& one : file.tables("witness")) config.witnesses.push_back(TRY(take_witness(std::move(one))));
  check_different(file, config.witnesses);
  const std::int64_t most = static_cast<std::int64_t>(config.witnesses.size());
  const std::optional<std::int64_t> quorum = file.number("witness_quorum", 0, most);
  if (most > 0 && !quorum)
    file.complain("witness_quorum", "how many of the witnesses must cosign, 1 to " + std::to_string(most) +
                                        ", or 0 so that none is asked");
  config.witness_quorum = static_cast<unsigned>(quorum.value_or(0));
  config.witness_interval_seconds =
      static_cast<unsigned>(file.number("witness_interval_seconds", 1, 3600).value_or(10));
  config.witness_warn_seconds = static_cast<unsigned>(file.number("witness_warn_seconds", 1, 86'400).value_or(300));
  config.witness_refuse_seconds =
      static_cast<unsigned>(file.number("witness_refuse_seconds", 60, 7 * 86'400).value_or(3'600));
  const bool is_in_order = config.witness_interval_seconds < config.witness_warn_seconds &&
                           config.witness_warn_seconds < config.witness_refuse_seconds;
  if (!is_in_order)
    file.complain("witness_warn_seconds", "more than `witness_interval_seconds`, less than `witness_refuse_seconds`");
  return {};
}

// SPEC HOOK-1
void take_notice_hook(TomlFile& file, Config& config) {
  config.notice_hook = file.texts("notice_hook");
  const bool is_named = config.notice_hook.empty() || config.notice_hook.front().starts_with('/');
  if (!is_named) file.complain("notice_hook", "a program's absolute path, then its arguments");
  config.notice_quiet_minutes = static_cast<unsigned>(file.number("notice_quiet_minutes", 0, 1440).value_or(60));
}

void take_connectors(TomlFile& file, Config& config) {
  config.connectors = file.path("connectors");
  config.connector_api = file.text("connector_api").value_or("");
  config.connector_trust = file.path("connector_trust");
  // SPEC CONN-3: what connectors are told to trust is never nothing, which would be anybody.
  if (config.connectors && !config.connector_trust)
    file.complain("connector_trust", "with `connectors`, the roots (PEM) of this gateway's own certificates");
  if (!config.connector_api.empty() && !config.connector_api.starts_with("https://"))
    file.complain("connector_api", "where connectors reach `listen_api`: \"https://api.example\"");
  config.connector_certificate_minutes =
      static_cast<unsigned>(file.number("connector_certificate_minutes", 1, 571'680).value_or(129'600));
  config.connector_witness_seconds =
      static_cast<unsigned>(file.number("connector_witness_seconds", 1, 86'400).value_or(60));
}

Outcome<Config> take(TomlFile file) {
  Config config;
  config.data = file.required_path("data");
  config.master_key = master_key_source(file);
  config.master_key_file = file.path("master_key_file");
  config.listen_api = file.required_address("listen_api");
  config.listen_portal = file.required_address("listen_portal");
  config.certificate = file.required_path("certificate");
  config.key = file.required_path("key");
  take_portal_identity(file, config);
  take_portal(file, config);
  config.client_ca = file.required_path("client_ca");
  config.crl = file.paths("crl");
  config.threads = static_cast<unsigned>(file.number("threads", 1, 256).value_or(2));
  config.requests_per_second = static_cast<unsigned>(file.number("requests_per_second", 1, 1'000'000).value_or(50));
  config.request_burst = static_cast<unsigned>(file.number("request_burst", 1, 1'000'000).value_or(200));
  config.pages_per_second = static_cast<unsigned>(file.number("pages_per_second", 1, 1'000'000).value_or(5));
  config.page_burst = static_cast<unsigned>(file.number("page_burst", 10, 1'000'000).value_or(60));
  take_sign_in_rates(file, config);
  config.drain_seconds = static_cast<unsigned>(file.number("drain_seconds", 0, 600).value_or(20));
  config.ready_file = file.path("ready_file");
  take_connectors(file, config);
  TRY_VOID(take_witnesses(file, config));
  config.partition_program = file.path("partition_program");
  config.malware_scanner = file.text("malware_scanner").value_or("");
  take_notice_hook(file, config);
  config.figures_smallest_group = static_cast<unsigned>(file.number("figures_smallest_group", 5, 10'000).value_or(5));
  TRY_VOID(file.finish());
  return config;
}

}  // namespace

Outcome<Config> read_config(const std::filesystem::path& file) { return take(TRY(TomlFile::read(file))); }

Outcome<Config> parse_config(std::string_view text, std::string name) {
  return take(TRY(TomlFile::parse(text, std::move(name))));
}

Outcome<Arguments> with_config(const Arguments& arguments, const Config& config) {
  if (arguments.has("--data")) return usage_failure("--data: expected this or --config, not both");
  Arguments out = arguments;
  out.add("--data", config.data.string());
  if (config.master_key == MasterKeySource::credential) out.add("--credential", "");
  if (config.master_key_file) out.add("--master-key", config.master_key_file->string());
  return out;
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
# portal_origin = "https://portal.example"  # the portal's address as browsers have it; without it nobody signs in there.
#                                      # Passkeys are bound to its host for ever: choose a name that stays
# portal_client_key = "client.key"     # mode 0600: the key by which e-ID issuers know this gateway (docs/OPERATIONS.md)
# portal_leave_to = "https://www.smhi.se/"  # where "leave this page" leads
# portal_contact = "Telefon 0123-45 67 89, tillganglighet@forbund.example"  # on the page about accessibility: who answers
client_ca = "ca.pem"                 # roots of the organisations' client certificates
crl = ["crl.pem"]                    # one list for each CA; re-read when it changes

# threads = 2
# requests_per_second = 50           # of each organisation; what is beyond it and the burst gets 429
# request_burst = 200
# pages_per_second = 5               # of each person, staff member and administrator in the portal; likewise
# page_burst = 60
# sign_in_pages_per_second = 20      # of each source (an IPv4 address, an IPv6 /64), before anybody is signed in
# sign_in_page_burst = 400
# sign_in_failures_per_minute = 30   # of each source, of what failed at signing in; who succeeds is not slowed
# sign_in_failure_burst = 60         # more where many people sit behind one address
# drain_seconds = 20                 # after SIGTERM running requests may finish for so long
# partition_program = "/usr/bin/flikvakt-partition"  # divides files before they are deposited; default: the one beside flikvakt
# malware_scanner = "/run/clamav/clamd.ctl"  # clamd, or "127.0.0.1:3310": every file must pass it; while it is down none is deposited
# ready_file = "/run/flikvakt/ready" # written when serving: JSON with the ports

# Who tells people that something of theirs was read, asked for or enrolled (spec/notice-hook.md): a program that gets a
# line of JSON for each, without any content. Off unless it is written here. The program that is shipped sends to a web
# address:
# notice_hook = ["/usr/bin/flikvakt", "notify-webhook", "--url", "https://notices.example/flikvakt"]
# notice_quiet_minutes = 60          # at most one notice of readings a person in such a time (of requests too …); 0: all
# figures_smallest_group = 5         # `flikvakt report` withholds what fewer people stand behind; never less than 5

# Connectors: programs behind the partners' firewalls that only dial out (spec/connector.md). Off unless it is written here.
# connectors = "connectors"          # made by `flikvakt connector init connectors`
# connector_api = "https://api.example"  # where connectors reach listen_api; enrolment and end-to-end mode use the portal's
# connector_trust = "ca.pem"         # roots of this gateway's own certificates, which connectors are to trust; needed with `connectors`
# connector_certificate_minutes = 129600  # 90 days; a connector renews its certificate at two thirds of that
# connector_witness_seconds = 60     # how often a connector with witness duty is asked to cosign

# Who vouches that the log was never rewritten (spec/witness.md): other organisations, each with a witness of its own. Off
# unless it is written here.
# witness_quorum = 2                 # so many of those below must cosign a checkpoint, more than half; 0: none is asked
# witness_interval_seconds = 10      # between two rounds
# witness_refuse_seconds = 3600      # no document is opened when it is older than this; revoking goes on
# witness_warn_seconds = 300         # health warns when the newest cosigned checkpoint is older
# [[witness]]                        # one for each, at the end of the file
# url = "https://witness.example/"   # without TLS only on loopback; "connector:" and its id for one that dialled in
# key = "witness.example/w1+0123abcd+BA…"  # as `flikvakt witness --init` printed it
# ca = "witness-ca.pem"              # roots of its certificate
)";
}

}  // namespace flikvakt::admin
