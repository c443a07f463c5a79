// Where passphrases come from: the terminal, without echo, or files of mode 0600 for scripts. Never flags, never the
// environment: both are visible to others.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "admin/outcome.h"
#include "crypto/secret.h"

namespace flikvakt::admin {

inline constexpr std::size_t kShortestPassphrase = 12;  // of a new one, in bytes

class Passphrases {
public:
  Passphrases() = default;  // the terminal
  // From `--passphrase-file`: "FILE" is for every sealed file, "SEALED=FILE" for the sealed file of that path.
  static Passphrases from_options(const std::vector<std::string>& options);

  Outcome<crypto::SecretText> of_existing(const std::filesystem::path& sealed) const;
  // Asked twice at the terminal; invalid when shorter than kShortestPassphrase.
  Outcome<crypto::SecretText> of_new(const std::filesystem::path& sealed) const;

private:
  const std::filesystem::path* file_for(const std::filesystem::path& sealed) const;
  std::map<std::filesystem::path, std::filesystem::path> of_one_;
  std::filesystem::path of_all_;
};

// The first line of a file that only its owner may read.
Outcome<crypto::SecretText> read_passphrase_file(const std::filesystem::path& file);

}  // namespace flikvakt::admin
