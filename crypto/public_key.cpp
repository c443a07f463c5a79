#include <openssl/pem.h>
#include <openssl/x509.h>

#include "base/json.h"
#include "crypto/canonical_json.h"
#include "crypto/certified_key.h"
#include "crypto/ed25519_point.h"
#include "crypto/hash.h"
#include "crypto/openssl_handles.h"
#include "crypto/pkey.h"
#include "crypto/sign.h"

namespace flikvakt::crypto {
namespace {

constexpr std::uint8_t kUncompressed = 0x04;

struct OkpJwk {
  std::string kty, crv, x;
  std::optional<std::string> kid, use, alg;
};
BOOST_DESCRIBE_STRUCT(OkpJwk, (), (kty, crv, x, kid, use, alg))

struct EcJwk {
  std::string kty, crv, x, y;
  std::optional<std::string> kid, use, alg;
};
BOOST_DESCRIBE_STRUCT(EcJwk, (), (kty, crv, x, y, kid, use, alg))

Error malformed(std::string_view what) { return fail(ErrorCode::malformed, "JWK: " + std::string(what)); }

Result<ByteArray<32>> coordinate(std::string_view text) {
  const Bytes bytes = TRY(from_base64url(text));
  return to_array<32>(bytes);
}

template <class Jwk>
Result<Jwk> checked(const json::value& value, std::string_view crv, KeyAlgorithm algorithm) {
  Jwk jwk = TRY(from_json<Jwk>(value));
  if (jwk.crv != crv) return malformed("`crv` is neither Ed25519 nor P-256");
  if (jwk.use.value_or("sig") != "sig") return malformed("`use` is not sig");
  if (jwk.alg.value_or(std::string(jws_name(algorithm))) != jws_name(algorithm)) return malformed("`alg` does not fit");
  return jwk;
}

}  // namespace

std::string_view jws_name(KeyAlgorithm algorithm) { return algorithm == KeyAlgorithm::ed25519 ? "EdDSA" : "ES256"; }

PublicKey::PublicKey(KeyAlgorithm algorithm, BytesView raw) : algorithm_(algorithm) {
  std::copy(raw.begin(), raw.end(), raw_.begin());
}

Result<PublicKey> PublicKey::parse(KeyAlgorithm algorithm, BytesView raw) {
  if (algorithm == KeyAlgorithm::ed25519) {
    const ByteArray<32> encoded = TRY(to_array<32>(raw));
    if (!is_fit_ed25519_key(encoded)) return fail(ErrorCode::invalid, "not a fit Ed25519 public key");
  } else {
    if (raw.size() != 65 || raw[0] != kUncompressed)
      return fail(ErrorCode::malformed, "not an uncompressed P-256 point");
    const QuietErrors quiet;
    if (!load_public_key(algorithm, raw)) return fail(ErrorCode::invalid, "not a point on P-256");
  }
  return PublicKey(algorithm, raw);
}

Result<PublicKey> PublicKey::from_jwk(const json::value& value) {
  const json::object* object = value.if_object();
  if (!object) return malformed("not an object");
  if (object->contains("d")) return malformed("this is a private key; give the public one");
  const json::value* kty = object->if_contains("kty");
  if (!kty || !kty->is_string()) return malformed("`kty` is missing");
  if (kty->get_string() == "OKP") {
    const OkpJwk jwk = TRY(checked<OkpJwk>(value, "Ed25519", KeyAlgorithm::ed25519));
    const ByteArray<32> x = TRY(coordinate(jwk.x));
    return parse(KeyAlgorithm::ed25519, x);
  }
  if (kty->get_string() != "EC") return malformed("`kty` is neither OKP nor EC");
  const EcJwk jwk = TRY(checked<EcJwk>(value, "P-256", KeyAlgorithm::p256));
  const ByteArray<32> x = TRY(coordinate(jwk.x));
  const ByteArray<32> y = TRY(coordinate(jwk.y));
  return parse(KeyAlgorithm::p256, ByteWriter().u8(kUncompressed).bytes(x).bytes(y).view());
}

Result<PublicKey> PublicKey::from_pem(std::string_view pem) {
  const QuietErrors quiet;
  const Bio bio = read_pem(pem);
  const Pkey key(PEM_read_bio_PUBKEY(bio.get(), nullptr, refuse_passphrase, nullptr));
  if (!key) return fail(ErrorCode::malformed, "no public key in PEM");
  const KeyAlgorithm algorithm = TRY(algorithm_of(*key));
  const Bytes raw = public_bytes(*key, algorithm);
  return parse(algorithm, raw);
}

Result<PublicKey> certified_key(const Certificate& certificate) {
  const EVP_PKEY* const key = X509_get0_pubkey(certificate.native());
  if (key == nullptr) return fail(ErrorCode::malformed, "a certificate without a key");
  const KeyAlgorithm algorithm = TRY(algorithm_of(*key));
  const Bytes raw = public_bytes(*key, algorithm);
  return PublicKey::parse(algorithm, raw);
}

json::value PublicKey::to_jwk() const {
  if (algorithm_ == KeyAlgorithm::ed25519) {
    return to_json(OkpJwk{"OKP", "Ed25519", to_base64url(raw()), {}, {}, {}});
  }
  return to_json(EcJwk{"EC", "P-256", to_base64url(raw().subspan(1, 32)), to_base64url(raw().subspan(33)), {}, {}, {}});
}

std::string PublicKey::to_pem() const {
  const Pkey key = load_public_key(algorithm_, raw());
  const Bio out(BIO_new(BIO_s_mem()));
  must(key && out && PEM_write_bio_PUBKEY(out.get(), key.get()) == 1, "writing a public key");
  char* data = nullptr;
  const long size = BIO_get_mem_data(out.get(), &data);
  return std::string(data, static_cast<std::size_t>(size));
}

// RFC 7638 section 3: the required members, in lexicographic order, without white space: what canonical() makes.
ByteArray<32> PublicKey::thumbprint() const { return sha256(as_bytes(canonical(to_jwk()))); }

bool PublicKey::verify(BytesView message, BytesView signature) const {
  return Verifier(*this).verify(message, signature);
}

bool PublicKey::verify_der(BytesView message, BytesView signature) const {
  return Verifier(*this).verify_der(message, signature);
}

}  // namespace flikvakt::crypto
