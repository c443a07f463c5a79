// Who calls a gateway, and with what: options of the command line, and a TOML file for those that stay the same.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "admin/command.h"
#include "base/ids.h"
#include "crypto/tls_client.h"

namespace flikvakt::admin {

// Empty members were not given. Relative paths of a file are relative to its folder.
struct Profile {
  std::string server;       // "host:port", "[address]:port"
  std::string server_name;  // in the certificate, when it is not the host
  std::filesystem::path ca;
  // What the gateway is called, as its administrators told: whoever answers must be the one that acts are addressed to.
  std::string gateway_name;
  // An organisation's system and one of its staff
  std::filesystem::path certificate;
  std::filesystem::path key;
  std::string organisation;
  std::string staff;
  std::filesystem::path assertion_key;
  // A person
  std::filesystem::path device_key;
};

Outcome<Profile> read_profile(const std::filesystem::path& file);
// The file of --profile, if there is one, and what the options say instead.
Outcome<Profile> profile_of(const Arguments& arguments);
Outcome<Profile> parse_profile(std::string_view text, std::string name);  // for tests

// Host, port, trusted roots; with the client certificate when `profile` has one. Failures name the missing option.
Outcome<crypto::TlsClientOptions> tls_options(const Profile& profile);

}  // namespace flikvakt::admin
