#include "crypto/sign.h"

#include <openssl/pem.h>

#include <algorithm>

#include "crypto/openssl_handles.h"
#include "crypto/pkey.h"

namespace flikvakt::crypto {
namespace {

// The order n of P-256 (FIPS 186-4, D.1.2.3).
constexpr ByteArray<32> kP256Order = {0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff,
                                      0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17,
                                      0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51};

const EVP_MD* digest_for(KeyAlgorithm algorithm) {
  return algorithm == KeyAlgorithm::ed25519 ? nullptr : EVP_sha256();  // Ed25519 hashes inside
}

// Only 1 is yes; 0 is "does not verify", negative is "could not even try": both are no.
bool openssl_verify(EVP_PKEY* key, KeyAlgorithm algorithm, BytesView message, BytesView signature) {
  const QuietErrors quiet;
  const DigestContext context(EVP_MD_CTX_new());
  must(context && EVP_DigestVerifyInit(context.get(), nullptr, digest_for(algorithm), nullptr, key) == 1,
       "preparing a verification");
  return EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(), message.size()) == 1;
}

Bytes der_from_raw(BytesView signature) {
  Bignum r(BN_bin2bn(signature.data(), 32, nullptr));
  Bignum s(BN_bin2bn(signature.data() + 32, 32, nullptr));
  const EcdsaSignature parts(ECDSA_SIG_new());
  must(r && s && parts && ECDSA_SIG_set0(parts.get(), r.get(), s.get()) == 1, "allocating");
  static_cast<void>(r.release());  // now owned by `parts`
  static_cast<void>(s.release());
  Bytes der(80);
  std::uint8_t* end = der.data();
  const int length = i2d_ECDSA_SIG(parts.get(), &end);
  must(length > 0, "encoding a signature");
  der.resize(static_cast<std::size_t>(length));
  return der;
}

ByteArray<kSignatureBytes> raw_from_der(BytesView der) {
  const std::uint8_t* at = der.data();
  const EcdsaSignature parts(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
  ByteArray<kSignatureBytes> out;
  must(parts && BN_bn2binpad(ECDSA_SIG_get0_r(parts.get()), out.data(), 32) == 32 &&
           BN_bn2binpad(ECDSA_SIG_get0_s(parts.get()), out.data() + 32, 32) == 32,
       "decoding a signature");
  return out;
}

bool is_p256_scalar(BytesView seed) {
  return std::ranges::lexicographical_compare(seed, kP256Order) &&
         std::ranges::any_of(seed, [](std::uint8_t byte) { return byte != 0; });
}

}  // namespace

Verifier::Verifier(const PublicKey& key)
    : key_(key), parsed_(load_public_key(key.algorithm(), key.raw()).release(), EVP_PKEY_free) {
  must(parsed_ != nullptr, "loading a public key");
}

bool Verifier::verify(BytesView message, BytesView signature) const {
  if (signature.size() != kSignatureBytes) return false;
  if (key_.algorithm() == KeyAlgorithm::p256) return verify_der(message, der_from_raw(signature));
  return openssl_verify(parsed_.get(), key_.algorithm(), message, signature);
}

bool Verifier::verify_der(BytesView message, BytesView signature) const {
  return key_.algorithm() == KeyAlgorithm::p256 && openssl_verify(parsed_.get(), key_.algorithm(), message, signature);
}

SigningKey SigningKey::generate(KeyAlgorithm algorithm) {
  for (;;) {  // FIPS 186-4 B.4.2: draw until the number is a scalar, nearly always at once
    Result<SigningKey> key = from_seed(algorithm, SigningSeed::random());
    if (key) return std::move(*key);
  }
}

Result<SigningKey> SigningKey::from_seed(KeyAlgorithm algorithm, const SigningSeed& seed) {
  if (algorithm == KeyAlgorithm::p256 && !is_p256_scalar(seed.expose())) {
    return fail(ErrorCode::invalid, "not a P-256 private key");
  }
  const QuietErrors quiet;
  Pkey key = load_private_key(algorithm, seed.expose());
  must(key != nullptr, "loading a private key");
  const Bytes raw = public_bytes(*key, algorithm);
  return SigningKey(Handle(key.release(), EVP_PKEY_free), PublicKey(algorithm, raw));
}

Result<SigningKey> SigningKey::from_pem(std::string_view pem) {
  const QuietErrors quiet;
  const Bio bio = read_pem(pem);
  const PrivateKeyInfo info(PEM_read_bio_PKCS8_PRIV_KEY_INFO(bio.get(), nullptr, refuse_passphrase, nullptr));
  const Pkey key(info ? EVP_PKCS82PKEY(info.get()) : nullptr);
  if (!key) return fail(ErrorCode::malformed, "no unencrypted PKCS#8 private key in PEM");
  const KeyAlgorithm algorithm = TRY(algorithm_of(*key));
  // The public key is computed anew: the file could name another one than its private key's.
  return from_seed(algorithm, private_bytes(*key, algorithm));
}

ByteArray<kSignatureBytes> SigningKey::sign(BytesView message) const {
  const DigestContext context(EVP_MD_CTX_new());
  must(context && EVP_DigestSignInit(context.get(), nullptr, digest_for(algorithm()), nullptr, key_.get()) == 1,
       "preparing a signature");
  ByteArray<80> signature;
  std::size_t length = signature.size();
  must(EVP_DigestSign(context.get(), signature.data(), &length, message.data(), message.size()) == 1, "signing");
  const BytesView made(signature.data(), length);
  if (algorithm() == KeyAlgorithm::p256) return raw_from_der(made);
  return to_array<kSignatureBytes>(made).value();
}

SigningSeed SigningKey::seed() const { return private_bytes(*key_, algorithm()); }

SecretText SigningKey::to_pem() const {
  const Bio bio(BIO_new(BIO_s_secmem()));
  must(bio && PEM_write_bio_PKCS8PrivateKey(bio.get(), key_.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1,
       "encoding a private key");
  char* text = nullptr;
  const long length = BIO_get_mem_data(bio.get(), &text);
  must(length > 0, "encoding a private key");
  return SecretText::copy_from({text, static_cast<std::size_t>(length)});
}

}  // namespace flikvakt::crypto
