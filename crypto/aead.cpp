#include "crypto/aead.h"

#include <algorithm>

#include "crypto/openssl_check.h"
#include "crypto/random.h"

namespace flikvakt::crypto {

void AeadKey::seal_into(const AssociatedData& ad, BytesView plaintext, std::span<std::uint8_t> out) {
  detail::must(out.size() == plaintext.size() + kSealOverheadBytes, "sealing into memory of another size");
  const auto nonce = random_bytes<kGcmNonceBytes>();
  std::copy(nonce.begin(), nonce.end(), out.begin());
  gcm_.seal(nonce, ad.encoded(), plaintext, out.subspan(kGcmNonceBytes));
}

Result<void> AeadKey::open_into(const AssociatedData& ad, BytesView sealed, std::span<std::uint8_t> out) {
  if (sealed.size() < kSealOverheadBytes)
    return fail(ErrorCode::malformed, "decrypting: shorter than a nonce and a tag");
  const GcmNonce nonce = *to_array<kGcmNonceBytes>(sealed.first(kGcmNonceBytes));
  return gcm_.open(nonce, ad.encoded(), sealed.subspan(kGcmNonceBytes), out);
}

Bytes AeadKey::seal(const AssociatedData& ad, BytesView plaintext) {
  Bytes out(plaintext.size() + kSealOverheadBytes);
  seal_into(ad, plaintext, out);
  return out;
}

Result<Bytes> AeadKey::open(const AssociatedData& ad, BytesView sealed) {
  Bytes out(sealed.size() < kSealOverheadBytes ? 0 : sealed.size() - kSealOverheadBytes);
  TRY_VOID(open_into(ad, sealed, out));
  return out;
}

}  // namespace flikvakt::crypto
