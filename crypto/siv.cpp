#include "crypto/siv.h"

#include <openssl/evp.h>

#include <algorithm>
#include <memory>

#include "crypto/openssl_check.h"

namespace flikvakt::crypto {
namespace {

using detail::must;

constexpr std::size_t kMostPlaintextBytes = std::size_t{1} << 20;

struct FreeCipher {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, FreeCipher>;

EVP_CIPHER* fetch(const char* name) {
  EVP_CIPHER* cipher = EVP_CIPHER_fetch(nullptr, name, nullptr);
  must(cipher != nullptr, "fetching AES-SIV");
  return cipher;
}

const EVP_CIPHER* algorithm(std::size_t key_bytes) {
  static const EVP_CIPHER* const siv128 = fetch("AES-128-SIV");
  static const EVP_CIPHER* const siv192 = fetch("AES-192-SIV");
  static const EVP_CIPHER* const siv256 = fetch("AES-256-SIV");
  must(key_bytes == 32 || key_bytes == 48 || key_bytes == 64, "an AES-SIV key of another size");
  return key_bytes == 32 ? siv128 : key_bytes == 48 ? siv192 : siv256;
}

enum class Direction { open = 0, seal = 1 };

CipherContext begin(BytesView key, std::span<const BytesView> ads, Direction direction, BytesView siv) {
  CipherContext context(EVP_CIPHER_CTX_new());
  must(context != nullptr, "making a cipher context");
  must(EVP_CipherInit_ex2(context.get(), algorithm(key.size()), key.data(), nullptr, static_cast<int>(direction),
                          nullptr) == 1,
       "setting an AES-SIV key");
  if (direction == Direction::open) {
    ByteArray<kSivBytes> tag = *to_array<kSivBytes>(siv);
    must(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, kSivBytes, tag.data()) == 1, "giving the tag");
  }
  for (BytesView ad : ads) {
    int written = 0;
    must(!ad.empty(), "binding no data");
    must(EVP_CipherUpdate(context.get(), nullptr, &written, ad.data(), static_cast<int>(ad.size())) == 1,
         "binding data");
  }
  return context;
}

}  // namespace

namespace detail {

Result<Bytes> siv_seal(BytesView key, std::span<const BytesView> ads, BytesView plaintext) {
  if (plaintext.empty() || plaintext.size() > kMostPlaintextBytes) {
    return fail(ErrorCode::invalid, "encrypting with AES-SIV: of a length outside the limits");
  }
  const CipherContext context = begin(key, ads, Direction::seal, {});
  Bytes out(kSivBytes + plaintext.size());
  int written = 0;
  must(EVP_CipherUpdate(context.get(), out.data() + kSivBytes, &written, plaintext.data(),
                        static_cast<int>(plaintext.size())) == 1,
       "encrypting");
  must(EVP_CipherFinal_ex(context.get(), out.data(), &written) == 1, "ending an encryption");
  must(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, kSivBytes, out.data()) == 1, "taking the tag");
  return out;
}

Result<Bytes> siv_open(BytesView key, std::span<const BytesView> ads, BytesView sealed) {
  if (sealed.size() <= kSivBytes || sealed.size() > kSivBytes + kMostPlaintextBytes) {
    return fail(ErrorCode::malformed, "decrypting with AES-SIV: of impossible length");
  }
  const BytesView ciphertext = sealed.subspan(kSivBytes);
  const CipherContext context = begin(key, ads, Direction::open, sealed.first(kSivBytes));
  Bytes out(ciphertext.size());
  ByteArray<kSivBytes> unused;
  int written = 0;
  const bool verified = EVP_CipherUpdate(context.get(), out.data(), &written, ciphertext.data(),
                                         static_cast<int>(ciphertext.size())) == 1 &&
                        EVP_CipherFinal_ex(context.get(), unused.data(), &written) == 1;
  if (verified) return out;
  scrub(out);
  return fail(ErrorCode::corrupt, "decrypting with AES-SIV: damaged, or sealed with another key or for another use");
}

}  // namespace detail

Result<Bytes> siv_seal(const HandleKey& key, const AssociatedData& ad, BytesView plaintext) {
  const BytesView ads[] = {ad.encoded()};
  return detail::siv_seal(key.expose(), ads, plaintext);
}

Result<Bytes> siv_open(const HandleKey& key, const AssociatedData& ad, BytesView sealed) {
  const BytesView ads[] = {ad.encoded()};
  return detail::siv_open(key.expose(), ads, sealed);
}

}  // namespace flikvakt::crypto
