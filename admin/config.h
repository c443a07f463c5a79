// The configuration of `flikvakt serve`: one TOML file. Relative paths are relative to its folder.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "admin/command.h"
#include "admin/witness_client.h"

namespace flikvakt::admin {

enum class MasterKeySource { sealed_file, credential };

// A witness that the log asks to cosign its checkpoints.
struct WitnessOfLog {
  WitnessAddress address;
  audit::CosignatureVerifier key;
  std::filesystem::path ca;                   // PEM: roots of its certificate; empty without TLS
  std::optional<ConnectorId> connector = {};  // it is a connector of this gateway, which is asked when it dialled in
};

struct Config {
  std::filesystem::path data;
  MasterKeySource master_key = MasterKeySource::sealed_file;
  std::optional<std::filesystem::path> master_key_file;  // none: `master-key` in the data directory
  std::string listen_api;                                // "127.0.0.1:8443" or "[::]:8443"
  std::string listen_portal;
  std::filesystem::path certificate;  // PEM chain, leaf first
  std::filesystem::path key;
  std::filesystem::path portal_certificate;  // the same as above unless set
  std::filesystem::path portal_key;
  std::string portal_origin;                               // "https://portal.example"; empty: nobody signs in there
  std::optional<std::filesystem::path> portal_client_key;  // PEM: by which issuers of ID tokens know this gateway
  std::string portal_leave_to = "https://www.smhi.se/";    // where "leave this page" leads
  std::string portal_contact;                              // how people reach who answers for the pages; text
  std::filesystem::path client_ca;                         // PEM bundle of the roots of client certificates
  std::vector<std::filesystem::path> crl;                  // PEM; re-read when they change
  unsigned threads = 2;
  unsigned requests_per_second = 50;  // of each organisation, beyond the burst
  unsigned request_burst = 200;
  unsigned pages_per_second = 5;  // of each person, staff member and administrator in the portal
  unsigned page_burst = 60;
  unsigned sign_in_pages_per_second = 20;  // of each source, before anybody is signed in
  unsigned sign_in_page_burst = 400;
  unsigned sign_in_failures_per_minute = 30;  // of each source, at signing in
  unsigned sign_in_failure_burst = 60;
  unsigned drain_seconds = 20;                      // how long running requests may finish after SIGTERM
  std::optional<std::filesystem::path> ready_file;  // written when serving, with the ports
  std::vector<WitnessOfLog> witnesses;
  std::optional<std::filesystem::path> connectors;       // folder with their CA and seal keys; none: no connectors
  std::string connector_api;                             // "https://api.example": told to connectors that enrol
  std::optional<std::filesystem::path> connector_trust;  // PEM: roots of its certificates, the same; with `connectors`
  unsigned connector_certificate_minutes = 129'600;      // how long a certificate of a connector is valid: 90 days
  unsigned connector_witness_seconds = 60;               // between two checkpoints that one is asked to cosign
  unsigned witness_quorum = 0;                           // of these must cosign; 0: none is asked
  unsigned witness_interval_seconds = 10;                // between two rounds
  unsigned witness_warn_seconds = 300;                   // health warns when the newest cosigned checkpoint is older
  unsigned witness_refuse_seconds = 3'600;               // no document is opened when it is older
  std::vector<std::string> notice_hook;                  // program and its arguments; empty: none
  unsigned notice_quiet_minutes = 60;  // one notice of readings a person in each such period; 0: of every one
  std::optional<std::filesystem::path> partition_program;  // none: `flikvakt-partition` beside this program
  std::string malware_scanner;          // clamd: the path of its socket, or 127.0.0.1:PORT; empty: nobody is asked
  unsigned figures_smallest_group = 5;  // `flikvakt report` withholds what fewer people stand behind
};

Outcome<Config> read_config(const std::filesystem::path& file);
Outcome<Config> parse_config(std::string_view text, std::string name);  // for tests

// What the file says counts as if it had been written as options: --data, --credential, --master-key. usage: --data was
// given too.
Outcome<Arguments> with_config(const Arguments& arguments, const Config& config);

// A commented file with every key, for `flikvakt serve --example`.
std::string example_config();

}  // namespace flikvakt::admin
