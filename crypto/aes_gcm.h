// AES-256-GCM (NIST SP 800-38D) with the nonce in the caller's hands: 96-bit nonce, 128-bit tag. Only for formats that
// make their own nonces (crypto/envelope.h) and for test vectors; everything else uses crypto/aead.h. One nonce used
// twice under one key reveals the plaintexts and lets anyone forge.
//
// NOT covered: GCM does not commit to its key: one ciphertext can be made to open under two keys. Where that matters, a
// hash or HMAC of the contents is kept beside it.
//
// Thread-safety: one object belongs to one thread at a time. It holds the expanded key, in ordinary memory, until
// dropped.
#pragma once

#include <memory>

#include "base/bytes.h"
#include "crypto/secret.h"

struct evp_cipher_ctx_st;

namespace flikvakt::crypto {

inline constexpr std::size_t kGcmNonceBytes = 12;
inline constexpr std::size_t kGcmTagBytes = 16;
using GcmNonce = ByteArray<kGcmNonceBytes>;

class Aes256Gcm {
public:
  template <class Tag>
  explicit Aes256Gcm(const Secret<32, Tag>& key) : Aes256Gcm(key.expose()) {}
  explicit Aes256Gcm(std::span<const std::uint8_t, 32> key);  // of a key whose type is not known here
  Aes256Gcm(Aes256Gcm&&) noexcept = default;
  Aes256Gcm& operator=(Aes256Gcm&&) noexcept = default;

  // out = ciphertext and tag: exactly kGcmTagBytes longer than the plaintext. `out` may begin where `plaintext` begins.
  void seal(const GcmNonce& nonce, BytesView ad, BytesView plaintext, std::span<std::uint8_t> out);

  // out: exactly kGcmTagBytes shorter than `sealed`, and may begin where it begins. corrupt: not what was sealed under
  // this key, nonce and ad (`out` is then zeroed). malformed: shorter than a tag.
  Result<void> open(const GcmNonce& nonce, BytesView ad, BytesView sealed, std::span<std::uint8_t> out);

private:
  struct Free {
    void operator()(evp_cipher_ctx_st* context) const;
  };
  std::unique_ptr<evp_cipher_ctx_st, Free> context_;
};

}  // namespace flikvakt::crypto
