// AES-SIV (RFC 5297): deterministic authenticated encryption. Equal plaintexts under one key and associated data give
// equal outputs: that is its use (an organisation's handle for a person) and what it reveals. Shape: 16-byte synthetic
// IV, ciphertext. The plaintext is 1 byte to 1 MiB. Thread-safe.
#pragma once

#include "crypto/associated_data.h"
#include "crypto/secret.h"

namespace flikvakt::crypto {

inline constexpr std::size_t kSivBytes = 16;

// invalid: a plaintext of no bytes or over 1 MiB.
Result<Bytes> siv_seal(const HandleKey& key, const AssociatedData& ad, BytesView plaintext);
// corrupt: not what was sealed under this key and associated data. malformed: of impossible length.
Result<Bytes> siv_open(const HandleKey& key, const AssociatedData& ad, BytesView sealed);

namespace detail {
// Any key size (32, 48 or 64 bytes: AES-128, -192, -256) and any list of associated data that are not empty
// (OpenSSL 3.0 skips empty ones, CVE-2023-2975); for the vectors of RFC 5297.
Result<Bytes> siv_seal(BytesView key, std::span<const BytesView> ads, BytesView plaintext);
Result<Bytes> siv_open(BytesView key, std::span<const BytesView> ads, BytesView sealed);
}  // namespace detail

}  // namespace flikvakt::crypto
