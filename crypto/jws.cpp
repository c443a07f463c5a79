#include "crypto/jws.h"

#include <algorithm>

#include "base/json.h"
#include "crypto/canonical_json.h"

namespace flikvakt::crypto {
namespace {

constexpr std::size_t kMaxKid = 256;
constexpr std::size_t kMaxTyp = 64;

struct Header {
  std::string alg;
  std::string kid;
  std::string typ;
};
BOOST_DESCRIBE_STRUCT(Header, (), (alg, kid, typ))

Error malformed(std::string_view what) { return fail(ErrorCode::malformed, "JWS: " + std::string(what)); }

// SPEC JWS-5: neither white space nor escapes, so that two readers cannot see two headers.
bool is_plain(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f && c != '\\'; });
}

bool is_name(std::string_view text, std::size_t max_size) {
  return !text.empty() && text.size() <= max_size && is_plain(text) && text.find('"') == text.npos;
}

Result<KeyAlgorithm> parse_algorithm(std::string_view name) {
  for (KeyAlgorithm algorithm : {KeyAlgorithm::ed25519, KeyAlgorithm::p256}) {
    if (name == jws_name(algorithm)) return algorithm;
  }
  return malformed("`alg` is neither EdDSA nor ES256");
}

Result<Header> parse_header(std::string_view encoded) {
  const Bytes bytes = TRY(from_base64url(encoded));
  if (!is_plain(as_text(bytes))) return malformed("white space, escape or control character in the header");
  Result<Header> header = parse_as<Header>(as_text(bytes));  // SPEC JWS-4: these members and no other, each once
  if (!header) return malformed("header: " + header.error().message);
  if (!is_name(header->kid, kMaxKid) || !is_name(header->typ, kMaxTyp))
    return malformed("empty or long `kid` or `typ`");
  return header;
}

// SPEC JWS-1: three parts, two dots.
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

}  // namespace

Result<ParsedJws> parse_jws(std::string_view text) {
  if (text.size() > kMaxJwsBytes) return malformed("longer than 64 KiB");  // SPEC JWS-2
  const Parts parts = TRY(split(text));
  Header header = TRY(parse_header(parts.header));
  ParsedJws out;
  out.alg_ = TRY(parse_algorithm(header.alg));
  out.kid_ = std::move(header.kid);
  out.typ_ = std::move(header.typ);
  out.signed_text_ = parts.signed_text;
  out.payload_ = TRY(from_base64url(parts.payload));
  out.signature_ = TRY(from_base64url(parts.signature));
  if (out.payload_.empty()) return malformed("no payload");                                  // SPEC JWS-7
  if (out.signature_.size() != kSignatureBytes) return malformed("signature not 64 bytes");  // SPEC JWS-8
  return out;
}

Result<Bytes> verify_jws(const ParsedJws& jws, const Verifier& verifier, std::string_view expected_typ) {
  if (jws.typ_ != expected_typ) return fail(ErrorCode::invalid, "JWS: not of the type expected here");  // SPEC JWS-9
  if (jws.alg_ != verifier.key().algorithm()) {                                                         // SPEC JWS-10
    return fail(ErrorCode::invalid, "JWS: `alg` is not that of the key");
  }
  if (!verifier.verify(as_bytes(jws.signed_text_), jws.signature_)) {  // SPEC JWS-11
    return fail(ErrorCode::invalid, "JWS: the signature does not verify");
  }
  return jws.payload_;
}

Result<Bytes> verify_jws(const ParsedJws& jws, const PublicKey& key, std::string_view expected_typ) {
  return verify_jws(jws, Verifier(key), expected_typ);
}

Result<std::string> sign_jws(const SigningKey& key, std::string_view typ, std::string_view kid, BytesView payload) {
  if (!is_name(kid, kMaxKid) || !is_name(typ, kMaxTyp)) return fail(ErrorCode::invalid, "JWS: unfit `kid` or `typ`");
  if (payload.empty()) return fail(ErrorCode::invalid, "JWS: no payload");
  const Header header{std::string(jws_name(key.algorithm())), std::string(kid), std::string(typ)};
  std::string out = to_base64url(as_bytes(canonical(to_json(header)))) + "." + to_base64url(payload);
  const ByteArray<kSignatureBytes> signature = key.sign(as_bytes(out));
  out += "." + to_base64url(signature);
  if (out.size() > kMaxJwsBytes) return fail(ErrorCode::invalid, "JWS: longer than 64 KiB");
  return out;
}

}  // namespace flikvakt::crypto
