// SHA-256 (FIPS 180-4), HMAC-SHA-256 (RFC 2104) and HKDF-SHA-256 (RFC 5869).
// The functions are thread-safe; a Sha256 belongs to one thread at a time. A failure inside OpenSSL throws.
#pragma once

#include <concepts>
#include <initializer_list>
#include <memory>

#include "base/bytes.h"
#include "crypto/secret.h"

struct evp_md_ctx_st;

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

class Sha256 {
public:
  Sha256();
  Sha256(Sha256&&) noexcept = default;
  Sha256& operator=(Sha256&&) noexcept = default;
  Sha256& update(BytesView bytes);
  Hash256 finish();  // and begins anew

private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

// Extract and expand. `info` names the use: take it from an AssociatedData (crypto/aead.h), so that no two uses agree.
Secret<32> hkdf_sha256(BytesView ikm, BytesView salt, BytesView info);

// The same for any length up to 255 * 32 bytes; invalid beyond that, and for an `ikm` or an output of no bytes.
Result<void> hkdf_sha256_into(BytesView ikm, BytesView salt, BytesView info, std::span<std::uint8_t> out);

}  // namespace flikvakt::crypto
