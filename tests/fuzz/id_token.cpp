// ID tokens and sets of keys of issuers: no text but the signed one verifies, and what is read has one spelling.
#include "crypto/id_token.h"
#include "base/json.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/targets.h"

namespace flikvakt::fuzz {
namespace {

const crypto::SigningKey& fixed_key() {
  static const auto kKey =
      crypto::SigningKey::from_seed(crypto::KeyAlgorithm::p256, fixed_secret<crypto::SigningSeed>(0x2b)).value();
  return kKey;
}

void check_received(std::string_view text) {
  const Result<crypto::ParsedIdToken> token = crypto::parse_id_token(text);
  if (!token) return;
  claim(!token->kid().empty(), "`kid` is there");
  claim(!crypto::verify_id_token(*token, crypto::WebKey(fixed_key().public_key())), "nobody but the issuer signs");
}

void check_damaged(BytesView in) {
  ByteReader reader(in);
  const std::size_t place = reader.u16();
  const std::uint8_t damage = reader.u8();
  const std::string head = to_base64url(as_bytes(R"({"alg":"ES256","kid":"k"})")) + ".";
  const std::string text = head + to_base64url(reader.bytes(reader.left()));
  std::string token = text + "." + to_base64url(fixed_key().sign(as_bytes(text)));
  if (damage != 0) token[place % token.size()] = static_cast<char>(token[place % token.size()] ^ damage);
  const Result<crypto::ParsedIdToken> parsed = crypto::parse_id_token(token);
  if (!parsed) return;
  const auto claims = crypto::verify_id_token(*parsed, crypto::WebKey(fixed_key().public_key()));
  claim(damage == 0 || !claims, "a changed byte is found");
}

void check_set(std::string_view text) {
  const auto keys = crypto::parse_key_set(text);
  if (!keys) return;
  json::array again;
  for (const auto& [kid, key] : *keys) {
    json::value jwk = key.to_jwk();
    jwk.get_object()["kid"] = kid;
    again.push_back(std::move(jwk));
  }
  const auto once_more = crypto::parse_key_set(to_text(json::object{{"keys", std::move(again)}}));
  claim(once_more && *once_more == *keys, "a set of the keys that were taken is the same set");
}

}  // namespace

void id_token(BytesView in) {
  switch (choose(in, 3)) {
    case 0:
      return check_received(as_text(in));
    case 1:
      return check_damaged(in);
    default:
      return check_set(as_text(in));
  }
}

}  // namespace flikvakt::fuzz
