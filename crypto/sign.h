// Signature keys: Ed25519 (RFC 8032) and ECDSA on P-256 with SHA-256 (FIPS 186-4). Signatures are 64 bytes for both:
// R‖S for Ed25519, r‖s big-endian for P-256 (RFC 7518 section 3.4). What this does not give: an ECDSA signature is no
// identifier (r‖n-s verifies too), and an Ed25519 key with a small-order component besides a large one is not detected.
#pragma once

#include <compare>
#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "crypto/secret.h"

namespace boost::json {
class value;
}
struct evp_pkey_st;  // OpenSSL's EVP_PKEY

namespace flikvakt::crypto {

enum class KeyAlgorithm { ed25519, p256 };

std::string_view jws_name(KeyAlgorithm algorithm);  // "EdDSA", "ES256"
constexpr std::size_t kSignatureBytes = 64;

// A public key that is known to be a canonically encoded point on its curve and, for Ed25519, of no small order.
// A value: copy, compare and hand it over as you like.
class PublicKey {
public:
  // 32 bytes for Ed25519, the 65-byte uncompressed point (0x04 ‖ x ‖ y) for P-256. Errors: malformed (length, form),
  // invalid (not canonical, not on the curve, of small order).
  static Result<PublicKey> parse(KeyAlgorithm algorithm, BytesView raw);
  // RFC 7517 and 8037, strictly: kty, crv, x (and y for EC); kid, use ("sig") and alg may be there; nothing else may,
  // least of all `d`. `kid` is the caller's to read.
  static Result<PublicKey> from_jwk(const boost::json::value& jwk);
  // A SubjectPublicKeyInfo in PEM ("PUBLIC KEY"), with nothing before or after it.
  static Result<PublicKey> from_pem(std::string_view pem);

  KeyAlgorithm algorithm() const { return algorithm_; }
  BytesView raw() const { return {raw_.data(), algorithm_ == KeyAlgorithm::ed25519 ? 32u : 65u}; }
  boost::json::value to_jwk() const;  // kty, crv, x, y only
  std::string to_pem() const;         // SubjectPublicKeyInfo
  ByteArray<32> thumbprint() const;   // RFC 7638 with SHA-256

  // True only for a valid signature of `message`. For many checks under one key, keep a Verifier.
  [[nodiscard]] bool verify(BytesView message, BytesView signature) const;
  [[nodiscard]] bool verify_der(BytesView message, BytesView signature) const;

  friend auto operator<=>(const PublicKey&, const PublicKey&) = default;

private:
  friend class Verifier;
  friend class SigningKey;
  PublicKey(KeyAlgorithm algorithm, BytesView raw);

  KeyAlgorithm algorithm_;
  ByteArray<65> raw_{};
};

// A public key made ready for use: parsing it costs more than a verification does of overhead. Copies share the parsed
// key; thread-safe.
class Verifier {
public:
  explicit Verifier(const PublicKey& key);
  const PublicKey& key() const { return key_; }

  [[nodiscard]] bool verify(BytesView message, BytesView signature) const;
  // The ASN.1 DER form of ECDSA signatures, as WebAuthn and X.509 have it; always false for Ed25519 keys.
  [[nodiscard]] bool verify_der(BytesView message, BytesView signature) const;

private:
  PublicKey key_;
  std::shared_ptr<evp_pkey_st> parsed_;
};

// A private key. Move-only, scrubbed on destruction, cannot be printed. sign() is thread-safe.
class SigningKey {
public:
  static SigningKey generate(KeyAlgorithm algorithm);
  // The RFC 8032 seed, or the P-256 private scalar, big-endian (invalid unless 1 ≤ scalar < n).
  static Result<SigningKey> from_seed(KeyAlgorithm algorithm, const SigningSeed& seed);
  // An unencrypted PKCS#8 "PRIVATE KEY" in PEM (RFC 5958, 7468), with nothing before or after it.
  static Result<SigningKey> from_pem(std::string_view pem);

  KeyAlgorithm algorithm() const { return public_key_.algorithm(); }
  const PublicKey& public_key() const { return public_key_; }
  ByteArray<kSignatureBytes> sign(BytesView message) const;

  SigningSeed seed() const;   // what from_seed takes; for sealing
  SecretText to_pem() const;  // PKCS#8, unencrypted

private:
  using Handle = std::unique_ptr<evp_pkey_st, void (*)(evp_pkey_st*)>;
  SigningKey(Handle key, PublicKey public_key) : key_(std::move(key)), public_key_(std::move(public_key)) {}

  Handle key_;
  PublicKey public_key_;
};

}  // namespace flikvakt::crypto
