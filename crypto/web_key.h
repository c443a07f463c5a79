// Public keys of the web: what passkeys and issuers of ID tokens sign with. The two kinds of crypto/sign.h, and RSA,
// which Windows Hello and most issuers use. Signatures of our own are never RSA. A value; thread-safe.
// spec/webauthn.md, spec/oidc.md
#pragma once

#include <optional>
#include <variant>

#include "crypto/sign.h"

namespace flikvakt::crypto {

class Cbor;

// RSA of 2048 to 4096 bits with the exponent 65537.
class RsaPublicKey {
public:
  // The modulus, big-endian without leading zeros. malformed: another size, even.
  static Result<RsaPublicKey> parse(BytesView modulus);
  const Bytes& modulus() const { return modulus_; }

  // RSASSA-PKCS1-v1_5 and RSASSA-PSS (salt of 32 bytes), each with SHA-256 (RFC 7518 sections 3.3 and 3.5).
  [[nodiscard]] bool verify_pkcs1(BytesView message, BytesView signature) const;
  [[nodiscard]] bool verify_pss(BytesView message, BytesView signature) const;

  friend bool operator==(const RsaPublicKey&, const RsaPublicKey&) = default;

private:
  explicit RsaPublicKey(Bytes modulus) : modulus_(std::move(modulus)) {}
  Bytes modulus_;
};

enum class WebAlgorithm { eddsa, es256, rs256, ps256 };  // RFC 7518, RFC 8037; no others
std::optional<WebAlgorithm> web_algorithm_named(std::string_view jose_name);

class WebKey {
public:
  explicit WebKey(PublicKey key) : key_(std::move(key)) {}
  explicit WebKey(RsaPublicKey key) : key_(std::move(key)) {}

  // As PublicKey::from_jwk, strictly, and likewise `kty` RSA with `n` and `e`. malformed, invalid.
  static Result<WebKey> from_jwk(const boost::json::value& jwk);
  // A COSE_Key (RFC 9052, 9053, 8230) of alg -7, -8 or -257, with just the members that it needs. malformed, invalid.
  static Result<WebKey> from_cose(const Cbor& key);

  boost::json::value to_jwk() const;  // the required members only
  ByteArray<32> thumbprint() const;   // RFC 7638 with SHA-256
  bool fits(WebAlgorithm algorithm) const;

  // As JOSE writes signatures: r‖s for ES256. False also when the algorithm is not one of this key's.
  [[nodiscard]] bool verify(WebAlgorithm algorithm, BytesView message, BytesView signature) const;
  // As WebAuthn writes them (Level 2 section 6.5.6): DER for ES256; of an RSA key RS256.
  [[nodiscard]] bool verify_webauthn(BytesView message, BytesView signature) const;

  friend bool operator==(const WebKey&, const WebKey&) = default;

private:
  std::variant<PublicKey, RsaPublicKey> key_;
};

}  // namespace flikvakt::crypto
