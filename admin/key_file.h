// Personal signing keys in sealed files (spec/sealed-file.md): an administrator's, a recovery key, a person's device
// key. Ed25519.
#pragma once

#include <filesystem>

#include "admin/outcome.h"
#include "admin/passphrases.h"
#include "crypto/sealed_file.h"
#include "crypto/sign.h"

namespace flikvakt::admin {

// "administrator", "device", "recovery".
Outcome<crypto::SealedKind> parse_key_kind(std::string_view name);

// `fast` uses the least Argon2id permitted: for demonstrations and tests, where the files guard nothing.
enum class Stretching { normal, fast };
crypto::Argon2Params argon2_params(Stretching stretching);

// Never replaces a file: a lost key cannot be made again.
Outcome<crypto::SigningKey> make_key_file(crypto::SealedKind kind, const std::filesystem::path& file,
                                          const Passphrases& passphrases, Stretching stretching);
Outcome<crypto::SigningKey> open_key_file(crypto::SealedKind kind, const std::filesystem::path& file,
                                          const Passphrases& passphrases);
// Whatever kind the file says it is of; an administrator may act with the recovery key.
Outcome<crypto::SigningKey> open_key_file(const std::filesystem::path& file, const Passphrases& passphrases);
Outcome<crypto::SealedKind> kind_of_key_file(const std::filesystem::path& file);

// base64url of the RFC 7638 thumbprint: the `kid` of what this key signs.
std::string key_id(const crypto::PublicKey& key);

}  // namespace flikvakt::admin
