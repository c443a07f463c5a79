#include "crypto/aes_gcm.h"

#include <openssl/evp.h>

#include <limits>

#include "crypto/openssl_check.h"

namespace flikvakt::crypto {
namespace {

using detail::must;

const EVP_CIPHER* algorithm() {
  static const EVP_CIPHER* const cipher = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  must(cipher != nullptr, "fetching AES-256-GCM");
  return cipher;
}

// EVP counts bytes in int.
int length(BytesView bytes) {
  must(bytes.size() <= static_cast<std::size_t>(std::numeric_limits<int>::max()), "more than 2 GiB in one piece");
  return static_cast<int>(bytes.size());
}

}  // namespace

void Aes256Gcm::Free::operator()(evp_cipher_ctx_st* context) const { EVP_CIPHER_CTX_free(context); }

Aes256Gcm::Aes256Gcm(std::span<const std::uint8_t, 32> key) : context_(EVP_CIPHER_CTX_new()) {
  must(context_ != nullptr, "making a cipher context");
  must(EVP_EncryptInit_ex2(context_.get(), algorithm(), key.data(), nullptr, nullptr) == 1, "setting an AES key");
}

void Aes256Gcm::seal(const GcmNonce& nonce, BytesView ad, BytesView plaintext, std::span<std::uint8_t> out) {
  must(out.size() == plaintext.size() + kGcmTagBytes, "sealing into memory of another size");
  EVP_CIPHER_CTX* context = context_.get();
  int written = 0;
  must(EVP_EncryptInit_ex2(context, nullptr, nullptr, nonce.data(), nullptr) == 1, "setting a nonce");
  if (!ad.empty()) must(EVP_EncryptUpdate(context, nullptr, &written, ad.data(), length(ad)) == 1, "binding data");
  if (!plaintext.empty()) {
    must(EVP_EncryptUpdate(context, out.data(), &written, plaintext.data(), length(plaintext)) == 1, "encrypting");
  }
  std::uint8_t* const tag = out.data() + plaintext.size();
  must(EVP_EncryptFinal_ex(context, tag, &written) == 1 && written == 0, "ending an encryption");
  must(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, kGcmTagBytes, tag) == 1, "taking the tag");
}

Result<void> Aes256Gcm::open(const GcmNonce& nonce, BytesView ad, BytesView sealed, std::span<std::uint8_t> out) {
  if (sealed.size() < kGcmTagBytes) return fail(ErrorCode::malformed, "decrypting: shorter than a tag");
  const BytesView ciphertext = sealed.first(sealed.size() - kGcmTagBytes);
  must(out.size() == ciphertext.size(), "opening into memory of another size");
  // A copy: `out` may begin where `sealed` begins, and OpenSSL's interface wants it writable.
  ByteArray<kGcmTagBytes> tag = *to_array<kGcmTagBytes>(sealed.last(kGcmTagBytes));

  EVP_CIPHER_CTX* context = context_.get();
  int written = 0;
  must(EVP_DecryptInit_ex2(context, nullptr, nullptr, nonce.data(), nullptr) == 1, "setting a nonce");
  if (!ad.empty()) must(EVP_DecryptUpdate(context, nullptr, &written, ad.data(), length(ad)) == 1, "binding data");
  if (!ciphertext.empty()) {
    must(EVP_DecryptUpdate(context, out.data(), &written, ciphertext.data(), length(ciphertext)) == 1, "decrypting");
  }
  must(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, kGcmTagBytes, tag.data()) == 1, "giving the tag");
  if (EVP_DecryptFinal_ex(context, tag.data(), &written) != 1) {
    scrub(out);  // INVARIANT (no unauthenticated plaintext): what did not verify is never seen
    return fail(ErrorCode::corrupt, "decrypting: damaged, or sealed with another key or for another use");
  }
  return {};
}

}  // namespace flikvakt::crypto
