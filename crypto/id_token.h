// Signed JSON Web Tokens of others: ID tokens of OpenID Connect issuers (RFC 7519 over RFC 7515), and the sets of keys
// that issuers publish (RFC 7517). As crypto/jws.h in two steps, since the key is found through `kid`; but the header
// is the issuer's, so members that do nothing are passed over. No other algorithm than those of WebAlgorithm is known
// here: neither none, nor HS*, nor anything with SHA-1. Pure; thread-safe. spec/oidc.md
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "crypto/web_key.h"

namespace boost::json {
class object;
}

namespace flikvakt::crypto {

constexpr std::size_t kMaxIdTokenBytes = 16 * 1024;

// A token of the right form whose signature nobody has checked yet.
class ParsedIdToken {
public:
  WebAlgorithm alg() const { return alg_; }
  const std::string& kid() const { return kid_; }  // never empty

private:
  friend Result<ParsedIdToken> parse_id_token(std::string_view text);
  friend Result<boost::json::object> verify_id_token(const ParsedIdToken& token, const WebKey& key);
  ParsedIdToken() = default;

  WebAlgorithm alg_ = WebAlgorithm::es256;
  std::string kid_;
  std::string signed_text_;
  Bytes payload_;
  Bytes signature_;
};

// malformed: also for an algorithm or a header member that is not taken.
Result<ParsedIdToken> parse_id_token(std::string_view text);

// The claims, when the key fits the algorithm and the signature is valid. denied: it is not; malformed: no claims.
Result<boost::json::object> verify_id_token(const ParsedIdToken& token, const WebKey& key);

// The keys of a JSON Web Key Set that can sign ID tokens, by `kid`: those without one, of other kinds or for another
// use are passed over. malformed: no set, a `kid` that stands twice, more than 50 keys, or none that is left.
Result<std::map<std::string, WebKey>> parse_key_set(std::string_view text);

}  // namespace flikvakt::crypto
