// The examples of W3C Web Authentication Level 3, section 16 "Test Vectors" (w3c.github.io/webauthn,
// #sctn-test-vectors; values that the section derives by HKDF from 'WebAuthn test vectors'). Those whose user was
// verified are taken; the others have right signatures, and are refused for just what we ask beyond the standard.
#include <gtest/gtest.h>

#include "crypto/cbor.h"
#include "crypto/webauthn.h"

namespace flikvakt::crypto {
namespace {

Bytes hex(std::string_view text) { return from_hex(text).value(); }

PasskeyContext context_of(std::string_view challenge) {
  return {"example.org", "https://example.org", to_array<32>(hex(challenge)).value()};
}

PasskeyContext origin_unknown(std::string_view challenge) {  // as a log is verified
  PasskeyContext out = context_of(challenge);
  out.origin.clear();
  return out;
}

// ES256, no attestation.
constexpr std::string_view kNoneChallenge = "00c30fb78531c464d2b6771dab8d7b603c01162f2fa486bea70f283ae556e130";
constexpr std::string_view kNoneClient =
    "7b2274797065223a22776562617574686e2e637265617465222c226368616c6c656e6765223a22414d4d507434557878475453746e6364"
    "7134313759447742466938767049612d7077386f4f755657345441222c226f726967696e223a2268747470733a2f2f6578616d706c652e"
    "6f7267222c2263726f73734f726967696e223a66616c73652c22657874726144617461223a22636c69656e74446174614a534f4e206d61"
    "7920626520657874656e6465642077697468206164646974696f6e616c206669656c647320696e20746865206675747572652c20737563"
    "6820617320746869733a20426b5165446a646354427258426941774a544c453551227d";
constexpr std::string_view kNoneObject =
    "a363666d74646e6f6e656761747453746d74a068617574684461746158a4bfabc37432958b063360d3ad6461c9c4735ae7f8edd46592a5"
    "e0f01452b2e4b559000000008446ccb9ab1db374750b2367ff6f3a1f0020f91f391db4c9b2fde0ea70189cba3fb63f579ba6122b33ad94"
    "ff3ec330084be4a5010203262001215820afefa16f97ca9b2d23eb86ccb64098d20db90856062eb249c33a9b672f26df61225820930a56"
    "b87a2fca66334b03458abf879717c12cc68ed73290af2e2664796b9220";

// SPEC WA-7
TEST(WebAuthnVectors, ARegistrationWithoutVerificationOfTheUserIsRefusedForThat) {
  const auto made = verify_registration({hex(kNoneClient), hex(kNoneObject)}, context_of(kNoneChallenge));
  ASSERT_FALSE(made);
  EXPECT_NE(made.error().message.find("the user was not verified"), std::string::npos) << made.error().message;
  const Cbor object = Cbor::parse(hex(kNoneObject)).value();
  const AuthenticatorData data = parse_authenticator_data(*object.find("authData")->bytes()).value();
  EXPECT_EQ(to_hex(*data.credential_id), "f91f391db4c9b2fde0ea70189cba3fb63f579ba6122b33ad94ff3ec330084be4");
  EXPECT_TRUE(data.has(AuthenticatorData::kUserPresent) && data.has(AuthenticatorData::kBackedUp));
  // Its assertion is signed rightly, by the key that was made.
  Bytes text = hex("bfabc37432958b063360d3ad6461c9c4735ae7f8edd46592a5e0f01452b2e4b51900000000");
  const Hash256 client = sha256(
      hex("7b2274797065223a22776562617574686e2e676574222c226368616c6c656e6765223a224f63446e55685158756c5455506f334a5558"
          "543049393770767a7a59425039745a63685879617630314167222c226f726967696e223a2268747470733a2f2f6578616d706c652e6f"
          "7267222c2263726f73734f726967696e223a66616c73657d"));
  text.insert(text.end(), client.begin(), client.end());
  EXPECT_TRUE(data.key->verify_webauthn(
      text, hex("3046022100f50a4e2e4409249c4a853ba361282f09841df4dd4547a13a87780218deffcd380221008480ac0f0b93538174f575"
                "bf11a1dd5d78c6e486013f937295ea13653e331e87")));
}

// ES256, self attestation, the user verified.
constexpr std::string_view kSelfChallenge = "7869c2b772d4b58eba9378cf8f29e26cf935aa77df0da89fa99c0bdc0a76f7e5";
constexpr std::string_view kSelfClient =
    "7b2274797065223a22776562617574686e2e637265617465222c226368616c6c656e6765223a2265476e4374334c55745936366b336a50"
    "6a796e6962506b31716e666644616966715a774c33417032392d55222c226f726967696e223a2268747470733a2f2f6578616d706c652e"
    "6f7267222c2263726f73734f726967696e223a66616c73652c22657874726144617461223a22636c69656e74446174614a534f4e206d61"
    "7920626520657874656e6465642077697468206164646974696f6e616c206669656c647320696e20746865206675747572652c20737563"
    "6820617320746869733a205539685458764b453255526b4d6e625f307859485667227d";
constexpr std::string_view kSelfObject =
    "a363666d74667061636b65646761747453746d74a263616c672663736967584630440220067a20754ab925005dbf378097c92120031581"
    "c73228d1fb4f5b881bcd7da98302207fc7b147558c7c0eba3af18bd9d121fa3d3a26d17fe3f220272178f473b6006d6861757468446174"
    "6158a4bfabc37432958b063360d3ad6461c9c4735ae7f8edd46592a5e0f01452b2e4b55d00000000df850e09db6afbdfab51697791506c"
    "fc0020455ef34e2043a87db3d4afeb39bbcb6cc32df9347c789a865ecdca129cbef58ca5010203262001215820eb151c8176b225cc6515"
    "59fecf07af450fd85802046656b34c18f6cf193843c5225820927b8aa427a2be1b8834d233a2d34f61f13bfd44119c325d5896e183fee4"
    "84f2";

// SPEC WA-13
TEST(WebAuthnVectors, ARegistrationWithItsOwnAttestationIsTaken) {
  const auto made = verify_registration({hex(kSelfClient), hex(kSelfObject)}, context_of(kSelfChallenge));
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(to_hex(made->credential_id), "455ef34e2043a87db3d4afeb39bbcb6cc32df9347c789a865ecdca129cbef58c");
  EXPECT_TRUE(made->is_backed_up);
  EXPECT_TRUE(verify_registration({hex(kSelfClient), hex(kSelfObject)}, origin_unknown(kSelfChallenge)));
  EXPECT_FALSE(verify_registration({hex(kSelfClient), hex(kSelfObject)}, context_of(kNoneChallenge)));
  Bytes damaged = hex(kSelfObject);
  damaged[60] ^= 1;  // within the signature
  EXPECT_FALSE(verify_registration({hex(kSelfClient), damaged}, context_of(kSelfChallenge)));
}

// ES256 with a credential id of 1023 bytes: the assertion, with the public key of its registration.
TEST(WebAuthnVectors, AnAssertionIsTaken) {  // SPEC WA-14
  const WebKey key = WebKey::from_cose(Cbor::parse(hex("a50102032620012158203b8176b7504489cc593046d7988abb7905a742de6ac"
                                                       "2cdc748a873c663e90cb12258201436d5edc9a75f23999eef9d5950a5c24555"
                                                       "14ee1014084720f841a06b828a11"))
                                           .value())
                         .value();
  PasskeyAssertion answer;
  answer.authenticator_data = hex("bfabc37432958b063360d3ad6461c9c4735ae7f8edd46592a5e0f01452b2e4b50d00000000");
  answer.client_data = hex(
      "7b2274797065223a22776562617574686e2e676574222c226368616c6c656e6765223a22377833727057334f53505a307045664d396a7"
      "5566d53574d36485a4935634f573875384d6f647047446a73222c226f726967696e223a2268747470733a2f2f6578616d706c652e6f72"
      "67222c2263726f73734f726967696e223a66616c73657d");
  answer.signature =
      hex("304502203ecef83fb12a0cae7841055f9f87103a99fd14b424194bbf06c4623d3ee6e3fd022100d2ace346db262b1374a6b70faa51f5"
          "18a42ddca13a4125ce6f5052a75bac9fb6");
  const std::string_view challenge = "ef1deba56dce48f674a447ccf63b9599258ce87648e5c396f2ef0ca1da460e3b";
  const auto verified = verify_assertion(answer, key, context_of(challenge));
  ASSERT_TRUE(verified) << verified.error().message;
  EXPECT_EQ(verified->sign_count, 0u);
  EXPECT_FALSE(verified->is_backed_up);
  EXPECT_TRUE(verify_assertion(answer, key, origin_unknown(challenge)));
  PasskeyContext elsewhere = context_of(challenge);
  elsewhere.origin = "https://www.example.org";
  EXPECT_FALSE(verify_assertion(answer, key, elsewhere));
  answer.signature.back() ^= 1;
  EXPECT_FALSE(verify_assertion(answer, key, context_of(challenge)));
}

// ES256 with crossOrigin, and with topOrigin: client data of the registrations.
TEST(WebAuthnVectors, WhatRanInAFrameOfAnotherSiteIsRefused) {  // SPEC WA-12
  const auto crossing = parse_client_data(hex(
      "7b2274797065223a22776562617574686e2e637265617465222c226368616c6c656e6765223a224f2d57717a514e5463554a4849304372"
      "57576e7951504859647862694332674872434d475666704c4f306b222c226f726967696e223a2268747470733a2f2f6578616d706c65"
      "2e6f7267222c2263726f73734f726967696e223a747275652c22657874726144617461223a22636c69656e74446174614a534f4e206d"
      "617920626520657874656e6465642077697468206164646974696f6e616c206669656c647320696e20746865206675747572652c2073"
      "75636820617320746869733a207a5a7175457444523944577170573574425754467567227d"));
  ASSERT_FALSE(crossing);
  EXPECT_NE(crossing.error().message.find("frame of another site"), std::string::npos);
  EXPECT_FALSE(parse_client_data(hex(
      "7b2274797065223a22776562617574686e2e637265617465222c226368616c6c656e6765223a225468394d595a68706e6a504254786b68"
      "555f53646667364f4e58665672454673587a72636b7151664a2d55222c226f726967696e223a2268747470733a2f2f6578616d706c65"
      "2e6f7267222c2263726f73734f726967696e223a747275652c22746f704f726967696e223a2268747470733a2f2f6578616d706c652e"
      "636f6d227d")));
}

}  // namespace
}  // namespace flikvakt::crypto
