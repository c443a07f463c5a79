#include "admin/witness_config.h"

#include <algorithm>

#include "admin/toml_file.h"

namespace flikvakt::admin {
namespace {

void take_certificate(TomlFile& file, WitnessConfig& config) {
  const auto certificate = file.path("certificate");
  const auto key = file.path("certificate_key");
  if (certificate.has_value() != key.has_value()) {
    file.complain(certificate ? "certificate" : "certificate_key",
                  "both `certificate` and `certificate_key`, or neither");
  }
  config.certificate = certificate.value_or("");
  config.certificate_key = key.value_or("");
}

// None: one of them is no key.
std::optional<std::vector<audit::NoteVerifier>> take_keys(TomlFile& file, std::string_view member) {
  std::vector<audit::NoteVerifier> out;
  for (const std::string& text : file.texts(member)) {
    Result<audit::NoteVerifier> key = audit::NoteVerifier::parse(text);
    if (!key) {
      file.complain(member, "keys of logs, as `flikvakt log checkpoint` shows them: " + key.error().message);
      return std::nullopt;
    }
    out.push_back(std::move(*key));
  }
  return out;
}

// A key is named after the origin of its log. SPEC WIT-39: one that has only former keys is known, and not cosigned.
void take_logs(TomlFile& file, WitnessConfig& config) {
  const auto signing = take_keys(file, "logs");
  const auto former = take_keys(file, "former_keys");
  if (!signing || !former) return;
  for (const audit::NoteVerifier& key : *signing) config.logs[key.name()].signing.push_back(key);
  for (const audit::NoteVerifier& key : *former) {
    witness::KeysOfLog& of_log = config.logs[key.name()];
    of_log.former.push_back(key);
    if (std::ranges::find(of_log.signing, key.text(), &audit::NoteVerifier::text) != of_log.signing.end())
      file.complain("former_keys", "keys that are not in `logs`: `" + key.text() + "` stands in both");
  }
  if (config.logs.empty())
    file.complain("logs", "the keys of the logs to watch, as `flikvakt log checkpoint` shows them");
}

Outcome<WitnessConfig> take(TomlFile file) {
  WitnessConfig config;
  config.name = file.required_text("name");
  config.key = file.required_path("key");
  config.data = file.required_path("data");
  config.listen = file.required_address("listen");
  take_certificate(file, config);
  take_logs(file, config);
  config.ready_file = file.path("ready_file");
  TRY_VOID(file.finish());
  return config;
}

}  // namespace

Outcome<WitnessConfig> read_witness_config(const std::filesystem::path& file) {
  return take(TRY(TomlFile::read(file)));
}

Outcome<WitnessConfig> parse_witness_config(std::string_view text, std::string name) {
  return take(TRY(TomlFile::parse(text, std::move(name))));
}

std::string example_witness_config() {
  return R"(# flikvakt witness --config witness.toml
# Relative paths are relative to the folder of this file.

name = "witness.example/w1"          # in its cosignatures: a URL without the scheme, and nobody else's
key = "witness.key"                  # made by `flikvakt witness --init`; of this witness only
data = "witness"                     # what it has seen. Never restore it from a backup
listen = "127.0.0.1:8480"            # without TLS on loopback only
# certificate = "witness.pem"        # PEM chain, leaf first, without the root
# certificate_key = "witness-tls.key"
logs = [                             # as `flikvakt log checkpoint` shows them; both while a log's key is replaced
  "example.org/flikvakt+0123abcd+AQ…",
]
# former_keys = []                   # keys that logs had: what is kept is read under them too, nothing new believed
# ready_file = "/run/flikvakt/witness" # written when serving: JSON with the port
)";
}

}  // namespace flikvakt::admin
