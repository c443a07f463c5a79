// Authenticated encryption for rows, log parts and keys: AES-256-GCM under a fresh random nonce.
// Shape: 12-byte nonce, ciphertext, 16-byte tag: 28 bytes more than the plaintext. The length of the plaintext shows.
//
// What a sealed value is (who, what, version) goes into the AssociatedData, which must be equal when it is opened.
// At most 2^32 values per key (NIST SP 800-38D section 8.3: random nonces).
//
// NOT covered: GCM does not commit to its key (see crypto/aes_gcm.h), and an older sealed value with the same
// associated data opens as well as the newest: bind a version and keep the version elsewhere.
#pragma once

#include "crypto/aes_gcm.h"
#include "crypto/associated_data.h"

namespace flikvakt::crypto {

inline constexpr std::size_t kSealOverheadBytes = kGcmNonceBytes + kGcmTagBytes;

// A key made ready once, for hot paths. Belongs to one thread at a time.
class AeadKey {
public:
  template <class Tag>
  explicit AeadKey(const Secret<32, Tag>& key) : gcm_(key) {}
  explicit AeadKey(std::span<const std::uint8_t, 32> key) : gcm_(key) {}  // of a key whose type is not known here

  Bytes seal(const AssociatedData& ad, BytesView plaintext);
  // corrupt: damaged, or sealed under another key or associated data; the three cannot be told apart.
  Result<Bytes> open(const AssociatedData& ad, BytesView sealed);

  // Into memory of the caller's, kSealOverheadBytes longer or shorter than the input; not overlapping it.
  void seal_into(const AssociatedData& ad, BytesView plaintext, std::span<std::uint8_t> out);
  Result<void> open_into(const AssociatedData& ad, BytesView sealed, std::span<std::uint8_t> out);

private:
  Aes256Gcm gcm_;
};

template <class Tag>
Bytes seal(const Secret<32, Tag>& key, const AssociatedData& ad, BytesView plaintext) {
  return AeadKey(key).seal(ad, plaintext);
}
template <class Tag>
Result<Bytes> open(const Secret<32, Tag>& key, const AssociatedData& ad, BytesView sealed) {
  return AeadKey(key).open(ad, sealed);
}

}  // namespace flikvakt::crypto
