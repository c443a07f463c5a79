// JSON Web Signatures in compact form, strictly: one algorithm per key, a closed header, one spelling. Source: RFC
// 7515, RFC 8037 (EdDSA), RFC 7518 section 3.4 (ES256); our words: spec/jws.md. Checking has two steps, because the key
// is found through `kid`: parse_jws, look the key up, verify_jws. The payload cannot be reached before the second step.
// A JWS is no identifier of what it signs: ES256 signatures are malleable. All functions are thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "crypto/sign.h"

namespace flikvakt::crypto {

constexpr std::size_t kMaxJwsBytes = 64 * 1024;  // of the whole compact text

// A JWS of the right form whose signature nobody has checked yet. kid, alg and typ are claims until then.
class ParsedJws {
public:
  KeyAlgorithm alg() const { return alg_; }
  const std::string& kid() const { return kid_; }
  const std::string& typ() const { return typ_; }

private:
  friend Result<ParsedJws> parse_jws(std::string_view text);
  friend Result<Bytes> verify_jws(const ParsedJws& jws, const Verifier& verifier, std::string_view expected_typ);
  ParsedJws() = default;

  KeyAlgorithm alg_ = KeyAlgorithm::ed25519;
  std::string kid_;
  std::string typ_;
  std::string signed_text_;  // header "." payload, as received
  Bytes payload_;
  Bytes signature_;
};

// Errors: malformed.
Result<ParsedJws> parse_jws(std::string_view text);

// The payload, byte for byte, when typ is the expected one, alg is the key's and the signature is valid; else invalid.
Result<Bytes> verify_jws(const ParsedJws& jws, const Verifier& verifier, std::string_view expected_typ);
Result<Bytes> verify_jws(const ParsedJws& jws, const PublicKey& key, std::string_view expected_typ);

// kid: 1 to 256, typ: 1 to 64 printable ASCII characters without space, quotation mark and backslash. The payload is
// not empty. Errors: invalid, for whatever parse_jws would refuse.
Result<std::string> sign_jws(const SigningKey& key, std::string_view typ, std::string_view kid, BytesView payload);

}  // namespace flikvakt::crypto
