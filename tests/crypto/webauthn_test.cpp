// Registration and assertion of passkeys: what a right authenticator makes is taken, and each single thing that is
// wrong refuses it. Answers are made here by tests/crypto/software_authenticator.h; others' are in
// webauthn_vectors_test.cpp.
#include "crypto/webauthn.h"

#include <gtest/gtest.h>

#include "crypto/cbor.h"
#include "tests/crypto/software_authenticator.h"

namespace flikvakt::crypto {
namespace {

using test::SoftwareAuthenticator;
using test::Twist;
using Kind = SoftwareAuthenticator::Kind;

const PasskeyContext kContext{"portal.example", "https://portal.example", sha256(as_bytes("the challenge"))};

std::string why(const auto& result) { return result ? "taken" : result.error().message; }

class Passkeys : public testing::TestWithParam<Kind> {
protected:
  SoftwareAuthenticator device_{GetParam()};
};
INSTANTIATE_TEST_SUITE_P(EveryAlgorithm, Passkeys, testing::Values(Kind::es256, Kind::eddsa, Kind::rs256));

TEST_P(Passkeys, WhatWasMadeIsTakenAndItsAnswersVerify) {  // SPEC WA-5, WA-14
  const auto made = verify_registration(device_.make(kContext.challenge), kContext);
  ASSERT_TRUE(made) << why(made);
  EXPECT_EQ(made->credential_id, device_.credential_id);
  EXPECT_EQ(made->key, device_.public_key());
  EXPECT_EQ(made->sign_count, 1u);
  EXPECT_FALSE(made->is_backed_up);
  const auto verified = verify_assertion(device_.answer(kContext.challenge), made->key, kContext);
  ASSERT_TRUE(verified) << why(verified);
  EXPECT_EQ(verified->sign_count, 2u);
  SoftwareAuthenticator other(GetParam() == Kind::rs256 ? Kind::es256 : GetParam());
  EXPECT_FALSE(verify_assertion(other.answer(kContext.challenge), made->key, kContext)) << "another's";
  EXPECT_FALSE(verify_assertion(device_.answer(kContext.challenge, {.is_damaged = true}), made->key, kContext));
}

TEST_P(Passkeys, AKeyIsTheSameAsJwkAndAsCose) {  // SPEC WA-5
  const Bytes cose = device_.cose_key();
  const WebKey key = WebKey::from_cose(Cbor::parse(cose).value()).value();
  EXPECT_EQ(key, device_.public_key());
  EXPECT_EQ(WebKey::from_jwk(key.to_jwk()).value(), key);
  EXPECT_EQ(WebKey::from_jwk(key.to_jwk())->thumbprint(), key.thumbprint());
}

struct Case {
  const char* what;
  Twist twist;
  const char* message;
};

// SPEC WA-2, WA-3, WA-6, WA-7, WA-8, WA-9, WA-10, WA-11, WA-12
const std::vector<Case>& wrong() {
  static const std::vector<Case> cases = {
      {"another type", {.type = "webauthn.other"}, "another type"},
      {"another challenge", {.challenge = sha256(as_bytes("x"))}, "another challenge"},
      {"another origin", {.origin = "https://portal.example.evil"}, "another origin"},
      {"another port", {.origin = "https://portal.example:8443"}, "another origin"},
      {"another scheme", {.origin = "http://portal.example"}, "another origin"},
      {"another relying party", {.rp_id = "example"}, "another relying party"},
      {"no user present", {.flags = 0x44}, "not verified"},
      {"no user verified", {.flags = 0x41}, "not verified"},
      {"backed up without being able to", {.flags = 0x55}, "backed up"},
      {"a name twice", {.more_client_data = R"(,"origin":"https://portal.example")"}, "repeats a name"},
      {"a top origin", {.more_client_data = R"(,"topOrigin":"https://portal.example")"}, "frame of another site"},
      {"no JSON", {.client_data = "{"}, ""},
      {"no object", {.client_data = "[]"}, "no object"},
      {"something behind", {.after_authenticator_data = {0}}, "something follows"},
  };
  return cases;
}

TEST(Passkey, OneThingWrongRefusesARegistration) {  // SPEC WA-2, WA-3, WA-6, WA-7, WA-8, WA-9, WA-10, WA-11, WA-12
  SoftwareAuthenticator device;
  for (const Case& one : wrong()) {
    const auto made = verify_registration(device.make(kContext.challenge, one.twist), kContext);
    EXPECT_FALSE(made) << one.what;
    EXPECT_NE(why(made).find(one.message), std::string::npos) << one.what << ": " << why(made);
  }
  EXPECT_TRUE(verify_registration(device.make(kContext.challenge), kContext)) << "none of it was the device's fault";
}

TEST(Passkey, OneThingWrongRefusesAnAssertion) {  // SPEC WA-2, WA-3, WA-6, WA-7, WA-8, WA-9, WA-10, WA-11, WA-12
  SoftwareAuthenticator device;
  const WebKey key = device.public_key();
  for (Case one : wrong()) {
    if (one.twist.flags) one.twist.flags = *one.twist.flags & ~0x40;  // no credential is made here
    const auto answer = verify_assertion(device.answer(kContext.challenge, one.twist), key, kContext);
    EXPECT_FALSE(answer) << one.what;
    EXPECT_NE(why(answer).find(one.message), std::string::npos) << one.what << ": " << why(answer);
  }
  EXPECT_FALSE(verify_assertion(device.answer(kContext.challenge, {.type = "webauthn.create"}), key, kContext));
  EXPECT_TRUE(verify_assertion(device.answer(kContext.challenge), key, kContext));
}

TEST(Passkey, CrossOriginIsRefusedAndItsAbsenceIsNot) {  // SPEC WA-12
  SoftwareAuthenticator device;
  const auto answered = [&](std::string_view crosses) {
    const std::string text = R"({"type":"webauthn.get","challenge":")" + to_base64url(kContext.challenge) +
                             R"(","origin":"https://portal.example")" + std::string(crosses) + "}";
    return verify_assertion(device.answer(kContext.challenge, {.client_data = text}), device.public_key(), kContext)
        .has_value();
  };
  EXPECT_TRUE(answered(""));
  EXPECT_TRUE(answered(R"(,"crossOrigin":false)"));
  EXPECT_TRUE(answered(R"(,"extraData":"browsers may add members")"));
  EXPECT_FALSE(answered(R"(,"crossOrigin":true)"));
  EXPECT_FALSE(answered(R"(,"crossOrigin":"false")"));
  EXPECT_FALSE(answered(R"(,"crossOrigin":null)"));
}

TEST(Passkey, AttestationIsNoneOrItsOwn) {  // SPEC WA-13
  SoftwareAuthenticator device;
  EXPECT_TRUE(verify_registration(device.make(kContext.challenge, {.is_self_attested = true}), kContext));
  EXPECT_FALSE(
      verify_registration(device.make(kContext.challenge, {.is_damaged = true, .is_self_attested = true}), kContext));
  EXPECT_FALSE(
      verify_registration(device.make(kContext.challenge, {.format = "fido-u2f", .is_self_attested = true}), kContext));
  EXPECT_FALSE(verify_registration(device.make(kContext.challenge, {.format = "packed"}), kContext));
  EXPECT_FALSE(
      verify_registration(device.make(kContext.challenge, {.format = "none", .is_self_attested = true}), kContext));
}

TEST(Passkey, ExtensionsArePassedOverAndMustBeAMap) {  // SPEC WA-4
  SoftwareAuthenticator device;
  const WebKey key = device.public_key();
  const Bytes map = from_hex("a16178f5").value();
  EXPECT_TRUE(verify_assertion(device.answer(kContext.challenge, {.flags = 0x85, .after_authenticator_data = map}), key,
                               kContext));
  EXPECT_FALSE(verify_assertion(device.answer(kContext.challenge, {.flags = 0x85, .after_authenticator_data = {0x01}}),
                                key, kContext));
  EXPECT_FALSE(verify_assertion(device.answer(kContext.challenge, {.flags = 0x85}), key, kContext));
  EXPECT_FALSE(verify_assertion(device.answer(kContext.challenge, {.after_authenticator_data = map}), key, kContext));
}

TEST(Passkey, EveryByteOfAnAnswerCounts) {  // SPEC WA-14
  SoftwareAuthenticator device;
  const WebKey key = device.public_key();
  const PasskeyAssertion good = device.answer(kContext.challenge);
  ASSERT_TRUE(verify_assertion(good, key, kContext));
  for (Bytes PasskeyAssertion::*part :
       {&PasskeyAssertion::client_data, &PasskeyAssertion::authenticator_data, &PasskeyAssertion::signature}) {
    for (std::size_t at = 0; at < (good.*part).size(); ++at) {
      PasskeyAssertion changed = good;
      (changed.*part)[at] ^= 0x01;
      EXPECT_FALSE(verify_assertion(changed, key, kContext)) << at;
    }
  }
}

// SPEC WA-5
TEST(Passkey, KeysThatAreNotTakenAreRefused) {
  const auto cose = [](std::string_view hex) { return WebKey::from_cose(Cbor::parse(from_hex(hex).value()).value()); };
  const std::string x = "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296";
  const std::string y = "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5";
  const std::string good = "a501020326200121582" + std::string("0") + x + "225820" + y;
  EXPECT_TRUE(cose(good)) << "the base point of P-256";
  EXPECT_FALSE(cose("a501020326200121582" + std::string("0") + x + "225820" + x)) << "not on the curve";
  EXPECT_FALSE(cose("a50102033822200121582" + std::string("0") + x + "225820" + y)) << "alg -35: ES384";
  EXPECT_FALSE(cose("a4010203262001215820" + x)) << "no y";
  EXPECT_FALSE(cose("a6010203262001215820" + x + "225820" + y + "04f5")) << "a member more";
  EXPECT_FALSE(cose("a40101032720062158200000000000000000000000000000000000000000000000000000000000000000"))
      << "an Ed25519 point of small order";
  EXPECT_FALSE(cose("80"));
  const test::RsaSigner rsa;
  Bytes modulus = rsa.modulus();
  EXPECT_TRUE(RsaPublicKey::parse(modulus));
  EXPECT_FALSE(RsaPublicKey::parse(BytesView(modulus).first(128))) << "1024 bits";
  modulus.back() ^= 1;
  EXPECT_FALSE(RsaPublicKey::parse(modulus)) << "even";
  json::value jwk = rsa.public_key().to_jwk();
  EXPECT_TRUE(WebKey::from_jwk(jwk));
  jwk.get_object()["e"] = "Aw";  // 3
  EXPECT_FALSE(WebKey::from_jwk(jwk));
  jwk = rsa.public_key().to_jwk();
  jwk.get_object()["d"] = "AQAB";
  EXPECT_FALSE(WebKey::from_jwk(jwk)) << "a private key";
}

TEST(Passkey, AnOriginIsOfARelyingPartyOnlyByItsHost) {  // SPEC WA-11
  EXPECT_TRUE(is_origin_of("https://portal.example", "portal.example"));
  EXPECT_TRUE(is_origin_of("https://a.portal.example:8443", "portal.example"));
  EXPECT_TRUE(is_origin_of("http://localhost:8443", "localhost"));
  for (const char* origin :
       {"http://portal.example", "https://portal.example.evil", "https://evilportal.example", "https://portal.example/",
        "https://portal.example@evil", "https://evil/portal.example", "https://", "", "portal.example",
        "https://portal.example:", "https://portal.example:x", "https://x:1.portal.example"}) {
    EXPECT_FALSE(is_origin_of(origin, "portal.example")) << origin;
  }
  EXPECT_FALSE(is_origin_of("https://portal.example", ""));
}

}  // namespace
}  // namespace flikvakt::crypto
