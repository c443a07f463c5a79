#include "crypto/pkey.h"

#include <openssl/core_names.h>

namespace flikvakt::crypto {
namespace {

// The fixed beginnings of a SubjectPublicKeyInfo (RFC 5480, 8410) and of a PKCS#8 PrivateKeyInfo (RFC 5915, 8410); the
// raw bytes follow. For a P-256 private key without its public point OpenSSL computes the point.
constexpr ByteArray<12> kEd25519Public = {0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00};
constexpr ByteArray<26> kP256Public = {0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01,
                                       0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00};
constexpr ByteArray<16> kEd25519Private = {0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06,
                                           0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20};
constexpr ByteArray<35> kP256Private = {0x30, 0x41, 0x02, 0x01, 0x00, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48,
                                        0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03,
                                        0x01, 0x07, 0x04, 0x27, 0x30, 0x25, 0x02, 0x01, 0x01, 0x04, 0x20};

BytesView public_prefix(KeyAlgorithm algorithm) {
  return algorithm == KeyAlgorithm::ed25519 ? BytesView(kEd25519Public) : BytesView(kP256Public);
}
BytesView private_prefix(KeyAlgorithm algorithm) {
  return algorithm == KeyAlgorithm::ed25519 ? BytesView(kEd25519Private) : BytesView(kP256Private);
}

// Nothing before or after, so that a reader and a person who looks at the file mean the same key.
bool is_one_block(std::string_view pem) {
  const std::size_t end = pem.find_last_not_of(" \t\r\n");
  if (end == pem.npos) return false;
  const std::string_view text = pem.substr(0, end + 1);
  return text.starts_with("-----BEGIN ") && text.ends_with("-----") && text.find("-----BEGIN ", 1) == text.npos;
}

}  // namespace

// Not through d2i_PUBKEY: OpenSSL 3.0 sets up its decoders anew for each key. (Measured: start-up with 10^4 device
// keys, each loaded twice, took 12.5 s that way and takes 2.4 s this way.) That the point is on the curve is checked by
// both.
Pkey load_public_key(KeyAlgorithm algorithm, BytesView raw) {
  if (algorithm == KeyAlgorithm::ed25519) {
    return Pkey(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, raw.data(), raw.size()));
  }
  const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> context(
      EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr), EVP_PKEY_CTX_free);
  must(context && EVP_PKEY_fromdata_init(context.get()) == 1, "preparing to load a public key");
  char group[] = "prime256v1";
  const OSSL_PARAM parts[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
      OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, const_cast<std::uint8_t*>(raw.data()), raw.size()),
      OSSL_PARAM_construct_end()};
  EVP_PKEY* key = nullptr;
  const int done = EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, const_cast<OSSL_PARAM*>(parts));
  return Pkey(done == 1 ? key : nullptr);
}

Pkey load_private_key(KeyAlgorithm algorithm, BytesView seed) {
  const BytesView prefix = private_prefix(algorithm);
  Secret<sizeof kP256Private + 32> der = Secret<sizeof kP256Private + 32>::zero();
  std::copy(prefix.begin(), prefix.end(), der.expose_mutable().begin());
  std::copy(seed.begin(), seed.end(), der.expose_mutable().begin() + static_cast<std::ptrdiff_t>(prefix.size()));
  const std::uint8_t* at = der.expose().data();
  const PrivateKeyInfo info(d2i_PKCS8_PRIV_KEY_INFO(nullptr, &at, static_cast<long>(prefix.size() + seed.size())));
  Pkey key(info ? EVP_PKCS82PKEY(info.get()) : nullptr);
  if (key && algorithm == KeyAlgorithm::p256) {  // other readers of a PEM expect the public point in it
    must(EVP_PKEY_set_int_param(key.get(), OSSL_PKEY_PARAM_EC_INCLUDE_PUBLIC, 1) == 1, "completing a private key");
  }
  return key;
}

Result<KeyAlgorithm> algorithm_of(const EVP_PKEY& key) {
  if (EVP_PKEY_is_a(&key, "ED25519") == 1) return KeyAlgorithm::ed25519;
  char group[32] = {};
  std::size_t length = 0;
  if (EVP_PKEY_is_a(&key, "EC") == 1 && EVP_PKEY_get_group_name(&key, group, sizeof group, &length) == 1 &&
      std::string_view(group, length) == "prime256v1") {
    return KeyAlgorithm::p256;
  }
  return fail(ErrorCode::invalid, "a key that is neither Ed25519 nor P-256");
}

Bytes public_bytes(const EVP_PKEY& key, KeyAlgorithm algorithm) {
  std::uint8_t* der = nullptr;
  const int length = i2d_PUBKEY(&key, &der);
  must(length > 0, "encoding a public key");
  const Bytes spki(der, der + length);
  OPENSSL_free(der);
  const std::size_t prefix = public_prefix(algorithm).size();
  must(spki.size() > prefix, "encoding a public key");
  return {spki.begin() + static_cast<std::ptrdiff_t>(prefix), spki.end()};
}

SigningSeed private_bytes(const EVP_PKEY& key, KeyAlgorithm algorithm) {
  SigningSeed out = SigningSeed::zero();
  if (algorithm == KeyAlgorithm::ed25519) {
    std::size_t length = out.expose().size();
    must(EVP_PKEY_get_raw_private_key(&key, out.expose_mutable().data(), &length) == 1 && length == 32,
         "reading a private key");
    return out;
  }
  BIGNUM* found = nullptr;
  const int done = EVP_PKEY_get_bn_param(&key, OSSL_PKEY_PARAM_PRIV_KEY, &found);
  const Bignum scalar(found);
  must(done == 1 && BN_bn2binpad(scalar.get(), out.expose_mutable().data(), 32) == 32, "reading a private key");
  return out;
}

Bio read_pem(std::string_view pem) {
  if (pem.size() > kMaxPemBytes || !is_one_block(pem)) pem = "";  // not {}: OpenSSL refuses a null pointer
  Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  must(bio != nullptr, "allocating");
  return bio;
}

int refuse_passphrase(char*, int, int, void*) { return -1; }

}  // namespace flikvakt::crypto
