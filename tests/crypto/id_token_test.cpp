// ID tokens as received, and sets of keys: the right one is taken, and each of many wrong ones refused.
#include "crypto/id_token.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "tests/crypto/software_authenticator.h"

namespace flikvakt::crypto {
namespace {

using flikvakt::test::RsaSigner;

std::string encode(std::string_view text) { return to_base64url(as_bytes(text)); }

const RsaSigner& rsa() {
  static const RsaSigner kKey;
  return kKey;
}
const SigningKey& p256() {
  static const SigningKey kKey = SigningKey::generate(KeyAlgorithm::p256);
  return kKey;
}

constexpr std::string_view kClaims = R"({"iss":"https://issuer.example","sub":"x"})";

std::string signed_token(std::string_view header, std::string_view claims,
                         const std::function<Bytes(BytesView)>& sign) {
  const std::string text = encode(header) + "." + encode(claims);
  return text + "." + to_base64url(sign(as_bytes(text)));
}
std::string es256_token(std::string_view header, std::string_view claims = kClaims) {
  return signed_token(header, claims, [](BytesView text) { return to_bytes(p256().sign(text)); });
}

Result<json::object> opened(const std::string& token, const WebKey& key) {
  const auto parsed = parse_id_token(token);
  return parsed ? verify_id_token(*parsed, key) : Result<json::object>(parsed.error());
}

const WebKey kP256{p256().public_key()};

TEST(IdToken, IsTakenInEveryAlgorithmOfTheList) {  // SPEC OIDC-10, OIDC-12
  const auto es = opened(es256_token(R"({"alg":"ES256","kid":"k1","typ":"JWT"})"), kP256);
  ASSERT_TRUE(es) << es.error().message;
  EXPECT_EQ(es->at("sub"), json::value("x"));
  const auto by_rsa = [](bool is_pss) { return [is_pss](BytesView text) { return rsa().sign(text, is_pss); }; };
  EXPECT_TRUE(opened(signed_token(R"({"alg":"RS256","kid":"k"})", kClaims, by_rsa(false)), rsa().public_key()));
  EXPECT_TRUE(opened(signed_token(R"({"alg":"PS256","kid":"k"})", kClaims, by_rsa(true)), rsa().public_key()));
  EXPECT_FALSE(opened(signed_token(R"({"alg":"RS256","kid":"k"})", kClaims, by_rsa(true)), rsa().public_key()));
  EXPECT_FALSE(opened(signed_token(R"({"alg":"PS256","kid":"k"})", kClaims, by_rsa(false)), rsa().public_key()));
  const SigningKey ed = SigningKey::generate(KeyAlgorithm::ed25519);
  EXPECT_TRUE(opened(
      signed_token(R"({"alg":"EdDSA","kid":"k"})", kClaims, [&](BytesView text) { return to_bytes(ed.sign(text)); }),
      WebKey(ed.public_key())));
}

TEST(IdToken, OtherAlgorithmsAndHeadersAreRefused) {  // SPEC OIDC-10, OIDC-11
  for (const char* header : {R"({"alg":"none","kid":"k"})",
                             R"({"alg":"None","kid":"k"})",
                             R"({"alg":"HS256","kid":"k"})",
                             R"({"alg":"RS1","kid":"k"})",
                             R"({"alg":"RS512","kid":"k"})",
                             R"({"alg":"es256","kid":"k"})",
                             R"({"kid":"k"})",
                             R"({"alg":"ES256"})",
                             R"({"alg":"ES256","kid":""})",
                             R"({"alg":["ES256"],"kid":"k"})",
                             R"({"alg":"ES256","kid":"k","alg":"none"})",
                             R"({"alg":"ES256","kid":"k","crit":["exp"]})",
                             R"({"alg":"ES256","kid":"k","b64":false})",
                             R"({"alg":"ES256","kid":"k","jku":"https://evil.example"})",
                             R"({"alg":"ES256","kid":"k","jwk":{}})",
                             R"({"alg":"ES256","kid":"k","x5u":"https://evil.example"})",
                             R"({"alg":"ES256","kid":"k","typ":"at+jwt"})",
                             R"({"alg":"ES256","kid":"k","typ":1})",
                             "[]",
                             "{"}) {
    EXPECT_FALSE(parse_id_token(es256_token(header))) << header;
  }
  EXPECT_TRUE(opened(es256_token(R"({"alg":"ES256","kid":"k","x5t#S256":"abc","x5c":["MIIB"]})"), kP256))
      << "what says nothing is passed over";
}

TEST(IdToken, OnlyTheKeyOfItsAlgorithmVerifiesIt) {  // SPEC OIDC-12
  const std::string token = es256_token(R"({"alg":"ES256","kid":"k"})");
  EXPECT_FALSE(opened(token, rsa().public_key()));
  EXPECT_FALSE(opened(token, WebKey(SigningKey::generate(KeyAlgorithm::p256).public_key())));
  const std::string header = encode(R"({"alg":"RS256","kid":"k"})");
  EXPECT_FALSE(opened(header + token.substr(token.find('.')), kP256)) << "another algorithm put over it";
  for (std::size_t at = token.find('.') + 1; at < token.size(); ++at) {
    std::string changed = token;
    changed[at] = changed[at] == 'A' ? 'B' : 'A';
    EXPECT_TRUE(changed == token || !opened(changed, kP256)) << at;
  }
}

TEST(IdToken, FormIsHeldTo) {  // SPEC OIDC-10
  const std::string token = es256_token(R"({"alg":"ES256","kid":"k"})");
  for (const std::string& other : {std::string(), token + ".", "." + token, token.substr(0, token.rfind('.')),
                                   token + "=", " " + token, token + "\n", token + std::string(17'000, 'A')}) {
    EXPECT_FALSE(opened(other, kP256)) << other.substr(0, 40);
  }
  EXPECT_FALSE(opened(es256_token(R"({"alg":"ES256","kid":"k"})", R"({"sub":"a","sub":"b"})"), kP256))
      << "a claim twice";
  EXPECT_FALSE(opened(es256_token(R"({"alg":"ES256","kid":"k"})", "[]"), kP256));
  EXPECT_FALSE(opened(es256_token(R"({"alg":"ES256","kid":"k"})", R"({"exp":1e9})"), kP256)) << "no whole number";
}

TEST(KeySet, HasTheKeysThatCanSign) {  // SPEC OIDC-20
  const auto jwk_with = [](const json::value& jwk, std::initializer_list<std::pair<const char*, const char*>> more) {
    json::object out = jwk.as_object();
    for (const auto& [name, value] : more) out[name] = value;
    return out;
  };
  const json::value ec = kP256.to_jwk(), rs = rsa().public_key().to_jwk();
  const json::value set = json::object{
      {"keys", json::array{jwk_with(ec, {{"kid", "a"}, {"use", "sig"}, {"alg", "ES256"}, {"x5t", "x"}}),
                           jwk_with(rs, {{"kid", "b"}, {"alg", "PS256"}}), jwk_with(rs, {{"kid", "c"}, {"use", "enc"}}),
                           jwk_with(rs, {{"kid", "d"}, {"alg", "RSA-OAEP"}}), jwk_with(ec, {}),
                           json::object{{"kty", "oct"}, {"k", "AAAA"}, {"kid", "e"}}, "no object",
                           jwk_with(ec, {{"kid", "f"}, {"d", "AAAA"}})}},
      {"more", 1}};
  const auto keys = parse_key_set(to_text(set));
  ASSERT_TRUE(keys) << keys.error().message;
  ASSERT_EQ(keys->size(), 2u);
  EXPECT_EQ(keys->at("a"), kP256);
  EXPECT_EQ(keys->at("b"), rsa().public_key());
  const json::value twice =
      json::object{{"keys", json::array{jwk_with(ec, {{"kid", "a"}}), jwk_with(rs, {{"kid", "a"}})}}};
  EXPECT_FALSE(parse_key_set(to_text(twice)));
  for (const char* none : {R"({"keys":[]})", R"({})", "[]", R"({"keys":{}})", R"({"keys":[],"keys":[]})", ""}) {
    EXPECT_FALSE(parse_key_set(none)) << none;
  }
}

}  // namespace
}  // namespace flikvakt::crypto
