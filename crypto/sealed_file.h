// A secret of 32 bytes sealed with a passphrase: spec/sealed-file.md. Argon2id (RFC 9106), then AES-256-GCM with the
// whole header as associated data. 106 bytes, the same form for the gateway's master key and for people's signing
// seeds.
//
// What can be told apart when opening fails: not such a file, another kind, damage to the header (a checksum),
// parameters outside the limits. What cannot: a wrong passphrase and damage to the sealed part. The checksum finds
// accidents, not attackers; those the AEAD finds, once the passphrase is right. NOT covered: a weak passphrase. Whoever
// has the file may guess at leisure; Argon2id only makes each guess dear.
#pragma once

#include "crypto/secret.h"

namespace flikvakt::crypto {

enum class SealedKind : std::uint8_t { master_key = 1, administrator_seed = 2, device_key_seed = 3, recovery_key = 4 };

inline constexpr std::size_t kSealedFileBytes = 106;

struct Argon2Params {
  std::uint32_t memory_kib = 64 * 1024;
  std::uint32_t passes = 3;
  std::uint32_t lanes = 1;
};
// Held by writer and reader alike: a forged header can neither eat the memory nor weaken the next sealing.
inline constexpr Argon2Params kArgon2Floor{19 * 1024, 2, 1};
inline constexpr Argon2Params kArgon2Ceiling{1024 * 1024, 16, 4};

// invalid: an empty passphrase, or parameters outside the limits. unavailable: no memory for Argon2id.
Result<Bytes> seal_with_passphrase(SealedKind kind, const Secret<32>& secret, const SecretText& passphrase,
                                   const Argon2Params& params = {});

// malformed: not a sealed file. corrupt: the header is damaged. invalid: another kind, or parameters outside the
// limits. denied: wrong passphrase, or the sealed part is damaged. unavailable: no memory for Argon2id.
Result<Secret<32>> unseal_with_passphrase(SealedKind kind, BytesView file, const SecretText& passphrase);

}  // namespace flikvakt::crypto
