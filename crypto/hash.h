// SHA-256 (FIPS 180-4), HMAC-SHA-256 (RFC 2104) and HKDF-SHA-256 (RFC 5869).
// The functions are thread-safe; a Sha256 belongs to one thread at a time. A failure inside OpenSSL throws.
#pragma once

#include <concepts>
#include <initializer_list>

#include "base/bytes.h"
#include "crypto/secret.h"

namespace flikvakt::crypto {

using Hash256 = ByteArray<32>;

template <class T>
concept BytesLike = std::convertible_to<const T&, BytesView>;

Hash256 sha256_of(std::initializer_list<BytesView> parts);
Hash256 hmac_sha256_of(BytesView key, std::initializer_list<BytesView> parts);

// The hash of the parts one after the other, without separators: the caller fixes or prefixes their lengths.
template <BytesLike... Parts>
Hash256 sha256(const Parts&... parts) {
  return sha256_of({BytesView(parts)...});
}
template <BytesLike... Parts>
Hash256 hmac_sha256(BytesView key, const Parts&... parts) {
  return hmac_sha256_of(key, {BytesView(parts)...});
}

// A value: a copy goes on from where the original was. Scrubbed when dropped, since what was hashed may be a key.
class Sha256 {
public:
  Sha256();
  Sha256(const Sha256&) = default;
  Sha256& operator=(const Sha256&) = default;
  ~Sha256();
  Sha256& update(BytesView bytes);
  Hash256 finish();  // and begins anew

private:
  alignas(8) ByteArray<112> state_;  // OpenSSL's SHA256_CTX
};

// An HMAC key made ready once, for hot paths: half of the blocks of a short message are those of the key. Two hash
// states in ordinary memory, scrubbed when dropped.
class HmacSha256Key {
public:
  explicit HmacSha256Key(BytesView key);

  template <BytesLike... Parts>
  Hash256 mac(const Parts&... parts) const {
    return mac_of({BytesView(parts)...});
  }
  Hash256 mac_of(std::initializer_list<BytesView> parts) const;

private:
  Sha256 inner_;
  Sha256 outer_;
};

// Extract and expand. `info` names the use: take it from an AssociatedData (crypto/aead.h), so that no two uses agree.
Secret<32> hkdf_sha256(BytesView ikm, BytesView salt, BytesView info);

// The same for any length up to 255 * 32 bytes; invalid beyond that, and for an `ikm` or an output of no bytes.
Result<void> hkdf_sha256_into(BytesView ikm, BytesView salt, BytesView info, std::span<std::uint8_t> out);

}  // namespace flikvakt::crypto
