#include "admin/key_file.h"

#include <array>

#include "base/files.h"

namespace flikvakt::admin {
namespace {

constexpr std::size_t kKindOffset = 9;  // spec/sealed-file.md

Outcome<Bytes> read_sealed(const std::filesystem::path& file) {
  if (const Result<void> usable = require_private(file); !usable && usable.error().code != ErrorCode::not_found)
    return Failure(ExitCode::refused, "key file: " + usable.error().message);
  Result<Bytes> bytes = read_file(file, crypto::kSealedFileBytes);
  if (!bytes) {
    return Failure(ExitCode::refused, "key file: " + bytes.error().message,
                   "make one with `flikvakt key new --kind KIND FILE`");
  }
  return std::move(*bytes);
}

}  // namespace

Outcome<crypto::SealedKind> parse_key_kind(std::string_view name) {
  if (name == "administrator") return crypto::SealedKind::administrator_seed;
  if (name == "device") return crypto::SealedKind::device_key_seed;
  if (name == "recovery") return crypto::SealedKind::recovery_key;
  return usage_failure("expected a kind of key: administrator, device or recovery");
}

crypto::Argon2Params argon2_params(Stretching stretching) {
  return stretching == Stretching::fast ? crypto::kArgon2Floor : crypto::Argon2Params{};
}

Outcome<crypto::SigningKey> make_key_file(crypto::SealedKind kind, const std::filesystem::path& file,
                                          const Passphrases& passphrases, Stretching stretching) {
  if (std::filesystem::exists(file)) {
    return Failure(ExitCode::refused, "`" + file.string() + "` exists already: a key is never replaced",
                   "choose another name");
  }
  const crypto::SecretText passphrase = TRY(passphrases.of_new(file));
  crypto::SigningKey key = crypto::SigningKey::generate(crypto::KeyAlgorithm::ed25519);
  const crypto::SigningSeed seed = key.seed();
  const auto secret = crypto::Secret<32>::copy_from(seed.expose());
  const Bytes sealed = TRY(crypto::seal_with_passphrase(kind, secret, passphrase, argon2_params(stretching)));
  TRY_VOID(write_new_file(file, sealed));
  return key;
}

Outcome<crypto::SigningKey> open_key_file(crypto::SealedKind kind, const std::filesystem::path& file,
                                          const Passphrases& passphrases) {
  const Bytes sealed = TRY(read_sealed(file));
  const crypto::SecretText passphrase = TRY(passphrases.of_existing(file));
  Result<crypto::Secret<32>> secret = crypto::unseal_with_passphrase(kind, sealed, passphrase);
  if (!secret) return Failure(ExitCode::refused, "key file `" + file.string() + "`: " + secret.error().message);
  const crypto::SigningSeed seed(std::move(*secret));
  return TRY(crypto::SigningKey::from_seed(crypto::KeyAlgorithm::ed25519, seed));
}

Outcome<crypto::SealedKind> kind_of_key_file(const std::filesystem::path& file) {
  const Bytes sealed = TRY(read_sealed(file));
  if (sealed.size() == crypto::kSealedFileBytes) {
    for (const auto kind : {crypto::SealedKind::administrator_seed, crypto::SealedKind::device_key_seed,
                            crypto::SealedKind::recovery_key}) {
      if (sealed[kKindOffset] == static_cast<std::uint8_t>(kind)) return kind;
    }
  }
  return Failure(ExitCode::refused, "`" + file.string() + "` is no key file of a person or administrator");
}

Outcome<crypto::SigningKey> open_key_file(const std::filesystem::path& file, const Passphrases& passphrases) {
  const crypto::SealedKind kind = TRY(kind_of_key_file(file));
  return open_key_file(kind, file, passphrases);
}

std::string key_id(const crypto::PublicKey& key) { return to_base64url(key.thumbprint()); }

}  // namespace flikvakt::admin
