// The configuration of `flikvakt witness`: one TOML file. Relative paths are relative to its folder.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "admin/outcome.h"
#include "witness/witness.h"

namespace flikvakt::admin {

struct WitnessConfig {
  std::string name;                   // of the witness, in its cosignatures
  std::filesystem::path key;          // PEM, Ed25519
  std::filesystem::path data;         // the folder of what it has seen
  std::string listen;                 // "127.0.0.1:8480"
  std::filesystem::path certificate;  // PEM chain, leaf first; empty: no TLS, and then on loopback only
  std::filesystem::path certificate_key;
  witness::Witness::Keys logs;
  std::optional<std::filesystem::path> ready_file;  // written when serving, with the port
};

Outcome<WitnessConfig> read_witness_config(const std::filesystem::path& file);
Outcome<WitnessConfig> parse_witness_config(std::string_view text, std::string name);  // for tests

// A commented file with every key, for `flikvakt witness --example`.
std::string example_witness_config();

}  // namespace flikvakt::admin
