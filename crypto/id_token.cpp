#include "crypto/id_token.h"

#include <algorithm>

#include "base/json.h"

namespace flikvakt::crypto {
namespace {

constexpr std::size_t kMostKid = 256;
constexpr std::size_t kMostKeys = 50;

Error malformed(std::string_view what) { return fail(ErrorCode::malformed, "ID token: " + std::string(what)); }

std::optional<std::string_view> text_in(const json::object& object, std::string_view name) {
  const json::value* found = object.if_contains(name);
  if (!found || !found->is_string()) return std::nullopt;
  return std::string_view(found->get_string());
}

struct Parts {
  std::string_view header, payload, signature, signed_text;
};
Result<Parts> split(std::string_view text) {
  const std::size_t first = text.find('.');
  const std::size_t second = first == text.npos ? text.npos : text.find('.', first + 1);
  if (second == text.npos || text.find('.', second + 1) != text.npos) return malformed("not three parts");
  return Parts{text.substr(0, first), text.substr(first + 1, second - first - 1), text.substr(second + 1),
               text.substr(0, second)};
}

// SPEC OIDC-11: what would bring a key along, or change what is signed, is refused; what says nothing is passed over.
Result<void> check_header(const json::object& header) {
  for (const char* name : {"crit", "b64", "jku", "jwk", "x5u", "enc", "zip"}) {
    if (header.contains(name)) return malformed("a header with `" + std::string(name) + "`");
  }
  const std::optional<std::string_view> typ = text_in(header, "typ");
  const bool is_jwt = typ == "JWT" || typ == "jwt";
  if (header.contains("typ") && !is_jwt) return malformed("`typ` is not JWT");
  return {};
}

// Just the members that make the key: sets of others carry certificates and more beside them.
std::optional<WebKey> key_of(const json::object& jwk) {
  const std::string_view use = text_in(jwk, "use").value_or("sig");
  const std::optional<std::string_view> alg = text_in(jwk, "alg");
  if (use != "sig" || (jwk.contains("alg") && !(alg && web_algorithm_named(*alg)))) return std::nullopt;
  json::object bare;
  for (const char* name : {"kty", "crv", "x", "y", "n", "e"}) {
    if (const json::value* found = jwk.if_contains(name)) bare.emplace(name, *found);
  }
  if (jwk.contains("d")) return std::nullopt;  // somebody published a private key
  const Result<WebKey> key = WebKey::from_jwk(bare);
  return key ? std::optional(*key) : std::nullopt;
}

}  // namespace

// SPEC OIDC-10
Result<ParsedIdToken> parse_id_token(std::string_view text) {
  if (text.size() > kMaxIdTokenBytes) return malformed("longer than 16 KiB");
  const Parts parts = TRY(split(text));
  const json::value header = TRY(parse_json(as_text(TRY(from_base64url(parts.header)))));
  const json::object* object = header.if_object();
  if (!object) return malformed("a header that is no object");
  TRY_VOID(check_header(*object));
  const std::optional<WebAlgorithm> alg = web_algorithm_named(text_in(*object, "alg").value_or(""));
  const std::string_view kid = text_in(*object, "kid").value_or("");
  if (!alg) return malformed("an algorithm that is not taken");
  if (kid.empty() || kid.size() > kMostKid) return malformed("no `kid`, or a long one");
  ParsedIdToken out;
  out.alg_ = *alg;
  out.kid_ = kid;
  out.signed_text_ = parts.signed_text;
  out.payload_ = TRY(from_base64url(parts.payload));
  out.signature_ = TRY(from_base64url(parts.signature));
  return out;
}

// SPEC OIDC-12: nothing of the claims is looked at before the signature holds.
Result<json::object> verify_id_token(const ParsedIdToken& token, const WebKey& key) {
  if (!key.verify(token.alg_, as_bytes(token.signed_text_), token.signature_))
    return fail(ErrorCode::denied, "ID token: the signature is not of this key");
  json::value claims = TRY(parse_json(as_text(token.payload_)));
  json::object* object = claims.if_object();
  if (!object) return malformed("claims that are no object");
  return std::move(*object);
}

// SPEC OIDC-20
Result<std::map<std::string, WebKey>> parse_key_set(std::string_view text) {
  const json::value set = TRY(parse_json(text));
  const json::value* keys = set.is_object() ? set.get_object().if_contains("keys") : nullptr;
  if (!keys || !keys->is_array()) return fail(ErrorCode::malformed, "key set: no `keys`");
  std::map<std::string, WebKey> out;
  if (keys->get_array().size() > kMostKeys) return fail(ErrorCode::malformed, "key set: more than 50 keys");
  std::map<std::string, int, std::less<>> seen;
  for (const json::value& one : keys->get_array()) {
    const json::object* jwk = one.if_object();
    const std::string_view kid = jwk ? text_in(*jwk, "kid").value_or("") : "";
    if (kid.empty() || kid.size() > kMostKid) continue;
    if (++seen[std::string(kid)] > 1) return fail(ErrorCode::malformed, "key set: a `kid` stands twice");
    if (const std::optional<WebKey> key = key_of(*jwk)) out.emplace(std::string(kid), *key);
  }
  if (out.empty()) return fail(ErrorCode::malformed, "key set: no key that can be used");
  return out;
}

}  // namespace flikvakt::crypto
