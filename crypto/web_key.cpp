#include "crypto/web_key.h"

#include <openssl/core_names.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <bit>

#include "base/json.h"
#include "base/overloaded.h"
#include "crypto/canonical_json.h"
#include "crypto/cbor.h"
#include "crypto/hash.h"
#include "crypto/openssl_handles.h"
#include "crypto/pkey.h"

namespace flikvakt::crypto {
namespace {

constexpr std::size_t kLeastModulus = 256;  // bytes
constexpr std::size_t kMostModulus = 512;
constexpr ByteArray<3> kExponent = {0x01, 0x00, 0x01};  // 65537

Error malformed(std::string_view what) { return fail(ErrorCode::malformed, "web key: " + std::string(what)); }

struct RsaJwk {  // in the order of RFC 8785, as acts hold it
  std::string e, kty, n;
  std::optional<std::string> kid, use, alg;
};
BOOST_DESCRIBE_STRUCT(RsaJwk, (), (e, kty, n, kid, use, alg))

Pkey load_rsa(BytesView modulus) {
  const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> context(
      EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr), EVP_PKEY_CTX_free);
  must(context && EVP_PKEY_fromdata_init(context.get()) == 1, "preparing to load an RSA key");
  Bytes native(modulus.rbegin(), modulus.rend());  // OSSL_PARAM numbers have the machine's byte order: little-endian
  unsigned long exponent = 65537;
  const OSSL_PARAM parts[] = {OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_RSA_N, native.data(), native.size()),
                              OSSL_PARAM_construct_ulong(OSSL_PKEY_PARAM_RSA_E, &exponent), OSSL_PARAM_construct_end()};
  EVP_PKEY* key = nullptr;
  const int done = EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, const_cast<OSSL_PARAM*>(parts));
  return Pkey(done == 1 ? key : nullptr);
}
static_assert(std::endian::native == std::endian::little);

enum class Padding { pkcs1, pss };

// Only 1 is yes.
bool rsa_verify(BytesView modulus, Padding padding, BytesView message, BytesView signature) {
  const QuietErrors quiet;
  const Pkey key = load_rsa(modulus);
  if (!key || signature.size() != modulus.size()) return false;
  const DigestContext context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* of_key = nullptr;  // belongs to `context`
  must(context && EVP_DigestVerifyInit(context.get(), &of_key, EVP_sha256(), nullptr, key.get()) == 1,
       "preparing a verification");
  if (padding == Padding::pss) {
    must(EVP_PKEY_CTX_set_rsa_padding(of_key, RSA_PKCS1_PSS_PADDING) == 1 &&
             EVP_PKEY_CTX_set_rsa_mgf1_md(of_key, EVP_sha256()) == 1 &&
             EVP_PKEY_CTX_set_rsa_pss_saltlen(of_key, 32) == 1,
         "preparing a verification");
  } else {
    must(EVP_PKEY_CTX_set_rsa_padding(of_key, RSA_PKCS1_PADDING) == 1, "preparing a verification");
  }
  return EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(), message.size()) == 1;
}

Result<WebKey> rsa_from_jwk(const json::value& value) {
  const RsaJwk jwk = TRY(from_json<RsaJwk>(value));
  if (jwk.use.value_or("sig") != "sig") return malformed("`use` is not sig");
  const std::string alg = jwk.alg.value_or("RS256");
  if (alg != "RS256" && alg != "PS256") return malformed("`alg` does not fit");
  if (jwk.e != to_base64url(kExponent)) return malformed("an exponent that is not 65537");
  return WebKey(TRY(RsaPublicKey::parse(TRY(from_base64url(jwk.n)))));
}

// Labels of COSE keys (RFC 9052 section 7, RFC 9053 section 7, RFC 8230 section 4).
constexpr std::int64_t kKty = 1, kAlg = 3, kCrv = -1, kX = -2, kY = -3, kN = -1, kE = -2;

Result<BytesView> cose_bytes(const Cbor& key, std::int64_t label) {
  const Cbor* found = key.find(label);
  const std::optional<BytesView> bytes = found ? found->bytes() : std::nullopt;
  if (!bytes) return malformed("a COSE key lacks a member");
  return *bytes;
}

bool has(const Cbor& key, std::int64_t label, std::int64_t value) {
  const Cbor* found = key.find(label);
  return found && found->integer() == value;
}

}  // namespace

Result<RsaPublicKey> RsaPublicKey::parse(BytesView modulus) {
  const bool is_fit = modulus.size() >= kLeastModulus && modulus.size() <= kMostModulus &&
                      (modulus.front() & 0x80) != 0 && (modulus.back() & 1) != 0;
  if (!is_fit) return malformed("an RSA modulus that is even, or not of 2048 to 4096 bits");
  return RsaPublicKey(to_bytes(modulus));
}

bool RsaPublicKey::verify_pkcs1(BytesView message, BytesView signature) const {
  return rsa_verify(modulus_, Padding::pkcs1, message, signature);
}
bool RsaPublicKey::verify_pss(BytesView message, BytesView signature) const {
  return rsa_verify(modulus_, Padding::pss, message, signature);
}

std::optional<WebAlgorithm> web_algorithm_named(std::string_view name) {
  if (name == "EdDSA") return WebAlgorithm::eddsa;
  if (name == "ES256") return WebAlgorithm::es256;
  if (name == "RS256") return WebAlgorithm::rs256;
  if (name == "PS256") return WebAlgorithm::ps256;
  return std::nullopt;
}

Result<WebKey> WebKey::from_jwk(const json::value& value) {
  const json::object* object = value.if_object();
  const json::value* kty = object ? object->if_contains("kty") : nullptr;
  const bool is_rsa = kty && kty->is_string() && kty->get_string() == "RSA";
  if (is_rsa) return rsa_from_jwk(value);
  return WebKey(TRY(PublicKey::from_jwk(value)));
}

// SPEC WA-5
Result<WebKey> WebKey::from_cose(const Cbor& key) {
  if (!key.is_map()) return malformed("a COSE key that is no map");
  if (has(key, kKty, 2) && has(key, kAlg, -7) && has(key, kCrv, 1) && key.size() == 5) {
    const ByteArray<32> x = TRY(to_array<32>(TRY(cose_bytes(key, kX))));
    const ByteArray<32> y = TRY(to_array<32>(TRY(cose_bytes(key, kY))));
    return WebKey(TRY(PublicKey::parse(KeyAlgorithm::p256, ByteWriter().u8(0x04).bytes(x).bytes(y).view())));
  }
  if (has(key, kKty, 1) && has(key, kAlg, -8) && has(key, kCrv, 6) && key.size() == 4) {
    return WebKey(TRY(PublicKey::parse(KeyAlgorithm::ed25519, TRY(cose_bytes(key, kX)))));
  }
  if (has(key, kKty, 3) && has(key, kAlg, -257) && key.size() == 4) {
    if (!std::ranges::equal(TRY(cose_bytes(key, kE)), kExponent)) return malformed("an exponent that is not 65537");
    return WebKey(TRY(RsaPublicKey::parse(TRY(cose_bytes(key, kN)))));
  }
  return malformed("a COSE key of a kind that is not taken");
}

json::value WebKey::to_jwk() const {
  return std::visit(
      Overloaded{
          [](const PublicKey& key) { return key.to_jwk(); },
          [](const RsaPublicKey& key) -> json::value {
            return to_json(RsaJwk{to_base64url(kExponent), "RSA", to_base64url(key.modulus()), {}, {}, {}});
          },
      },
      key_);
}

ByteArray<32> WebKey::thumbprint() const { return sha256(as_bytes(canonical(to_jwk()))); }

bool WebKey::fits(WebAlgorithm algorithm) const {
  const auto* key = std::get_if<PublicKey>(&key_);
  if (!key) return algorithm == WebAlgorithm::rs256 || algorithm == WebAlgorithm::ps256;
  return algorithm == (key->algorithm() == KeyAlgorithm::ed25519 ? WebAlgorithm::eddsa : WebAlgorithm::es256);
}

bool WebKey::verify(WebAlgorithm algorithm, BytesView message, BytesView signature) const {
  if (!fits(algorithm)) return false;
  if (const auto* key = std::get_if<PublicKey>(&key_)) return key->verify(message, signature);
  const auto& rsa = std::get<RsaPublicKey>(key_);
  return algorithm == WebAlgorithm::ps256 ? rsa.verify_pss(message, signature) : rsa.verify_pkcs1(message, signature);
}

bool WebKey::verify_webauthn(BytesView message, BytesView signature) const {
  const auto* key = std::get_if<PublicKey>(&key_);
  if (!key) return std::get<RsaPublicKey>(key_).verify_pkcs1(message, signature);
  return key->algorithm() == KeyAlgorithm::p256 ? key->verify_der(message, signature) : key->verify(message, signature);
}

}  // namespace flikvakt::crypto
