// Where the master key comes from: a file sealed with a passphrase, or a systemd credential.
#pragma once

#include <filesystem>

#include "crypto/sealed_file.h"

namespace flikvakt::crypto {

inline constexpr std::string_view kMasterKeyCredential = "flikvakt-master-key";

// Errors as unseal_with_passphrase(), or io when the file cannot be read.
Result<MasterKey> read_sealed_master_key(const std::filesystem::path& file, const SecretText& passphrase);
Result<void> write_sealed_master_key(const std::filesystem::path& file, const MasterKey& key,
                                     const SecretText& passphrase, const Argon2Params& params = {});

// $CREDENTIALS_DIRECTORY/flikvakt-master-key (LoadCredentialEncrypted= in the unit), exactly 32 raw bytes.
// not_found: no such directory is set. invalid: another size, or all bytes equal (a placeholder).
Result<MasterKey> read_master_key_credential();

}  // namespace flikvakt::crypto
