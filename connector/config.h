// The one configuration file of a connector (TOML). Relative paths are relative to its folder.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "connector/exit_code.h"

namespace flikvakt::connector {

enum class Mode { direct, end_to_end };

struct ProxyConfig {
  std::string address;               // "http://proxy.example:3128"; empty: as the environment says; "none": none
  std::string auth = "any";          // any (of those with a password), basic, ntlm, negotiate
  std::filesystem::path login_file;  // "user:password", mode 0600; empty: none (negotiate: the ticket of the process)
};

struct FolderConfig {
  std::filesystem::path path;                // with one folder for each flik; empty: no deposit folder
  std::string file_name;                     // "{number}_{date}_{title}": read from the name; empty: a sidecar says it
  std::string author;                        // where neither says it
  std::chrono::milliseconds settled{2'000};  // a file must not have changed for so long
  // Nor for so long where nobody can see whether it is still being written: it belongs to another user.
  std::chrono::milliseconds unknown_writer{30'000};
};

struct AnswerConfig {                // heta linjen
  std::vector<std::string> program;  // with its arguments; empty: people answer, in the portal
  std::chrono::seconds patience{30};
};

struct LocalApiConfig {
  std::string listen;  // "127.0.0.1:8490"; empty: none
  std::filesystem::path token_file;
};

struct SiemConfig {
  std::string staff;                 // id of the log reviewer in whose name the log is read; empty: no stream
  std::filesystem::path json_lines;  // appended to; empty: none
  std::string syslog;                // "siem.example:6514", RFC 5425; empty: none
  std::filesystem::path syslog_ca;
  std::chrono::seconds interval{300};
};

struct Config {
  std::filesystem::path file;
  std::string gateway;  // "https://portal.example": where it enrols, and where sealed messages go
  std::string direct;   // "https://api.example": instead of what the gateway said at enrolment
  Mode mode = Mode::direct;
  std::filesystem::path state;      // ours: keys, outbox, what the witness has seen
  std::filesystem::path ca_bundle;  // PEM: further roots, those of an inspecting proxy among them; empty: none
  std::string ca_bundle_pem;        // what is in it, as read_config() found it
  ProxyConfig proxy;
  FolderConfig folder;
  AnswerConfig answer;
  LocalApiConfig local_api;
  SiemConfig siem;
  std::string witness;  // name of the witness; empty: no such duty
  std::chrono::seconds poll{25};
  std::size_t chunk_bytes = 256 * 1024;
  std::optional<std::filesystem::path> ready_file;  // written when the gateway has answered for the first time
};

// usage: what is wrong, with file and line.
Outcome<Config> read_config(const std::filesystem::path& file);
Outcome<Config> parse_config(std::string_view text, const std::filesystem::path& file);
std::string example_config();

}  // namespace flikvakt::connector
