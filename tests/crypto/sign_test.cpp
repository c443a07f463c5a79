#include "crypto/sign.h"

#include <gtest/gtest.h>

#include <thread>

#include "base/json.h"
#include "tests/crypto/vectors.h"

namespace flikvakt::crypto {
namespace {

constexpr KeyAlgorithm kBoth[] = {KeyAlgorithm::ed25519, KeyAlgorithm::p256};
constexpr std::string_view kP256Order = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
constexpr std::string_view kP256X =
    "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296";  // the base point
constexpr std::string_view kP256Y = "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5";

Bytes hex(std::string_view text) { return from_hex(text).value(); }
SigningSeed seed_of(std::string_view text) { return SigningSeed::copy_from(hex(text)); }
Result<PublicKey> ed25519(std::string_view text) { return PublicKey::parse(KeyAlgorithm::ed25519, hex(text)); }
Result<PublicKey> p256(std::string text) { return PublicKey::parse(KeyAlgorithm::p256, hex(text)); }
Result<PublicKey> jwk(std::string_view text) { return PublicKey::from_jwk(parse_json(text).value()); }

TEST(Sign, Rfc8037AppendixAGivesItsSignatureAndThumbprint) {  // SPEC JWS-8, JWS-17
  const SigningKey key = SigningKey::from_seed(KeyAlgorithm::ed25519, seed_of("9d61b19deffd5a60ba844af492ec2cc4"
                                                                              "4449c5697b326919703bac031cae7f60"))
                             .value();
  EXPECT_EQ(to_base64url(key.public_key().raw()), "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
  EXPECT_EQ(to_base64url(key.public_key().thumbprint()), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
  EXPECT_EQ(to_base64url(key.sign(as_bytes("eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc"))),
            "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg");
}

TEST(Sign, Rfc7515AppendixA3Verifies) {  // SPEC JWS-8
  const PublicKey key = jwk(R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
                               "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"})")
                            .value();
  const std::string_view text =
      "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt"
      "cGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
  Bytes signature =
      from_base64url("DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q").value();
  EXPECT_TRUE(key.verify(as_bytes(text), signature));
  signature[63] ^= 1;
  EXPECT_FALSE(key.verify(as_bytes(text), signature));
}

TEST(Sign, WhatAKeySignedItsPublicKeyVerifiesAndNoOtherDoes) {
  for (KeyAlgorithm algorithm : kBoth) {
    const SigningKey key = SigningKey::generate(algorithm);
    const SigningKey other = SigningKey::generate(algorithm);
    const Verifier verifier(key.public_key());
    const ByteArray<64> signature = key.sign(as_bytes("message"));
    EXPECT_TRUE(verifier.verify(as_bytes("message"), signature));
    EXPECT_TRUE(key.public_key().verify(as_bytes("message"), signature));
    EXPECT_FALSE(verifier.verify(as_bytes("messagE"), signature));
    EXPECT_FALSE(verifier.verify({}, signature));
    EXPECT_FALSE(other.public_key().verify(as_bytes("message"), signature));
    EXPECT_TRUE(verifier.verify({}, key.sign({})));
  }
}

TEST(Sign, EverySignatureWithOneBitChangedIsRefused) {
  for (KeyAlgorithm algorithm : kBoth) {
    const SigningKey key = SigningKey::generate(algorithm);
    const Verifier verifier(key.public_key());
    ByteArray<64> signature = key.sign(as_bytes("message"));
    for (std::size_t bit = 0; bit < 512; ++bit) {
      signature[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
      ASSERT_FALSE(verifier.verify(as_bytes("message"), signature)) << bit;
      signature[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
    }
    EXPECT_TRUE(verifier.verify(as_bytes("message"), signature));
  }
}

TEST(Sign, ASignatureOfAnyOtherLengthIsRefused) {  // SPEC JWS-8
  for (KeyAlgorithm algorithm : kBoth) {
    const SigningKey key = SigningKey::generate(algorithm);
    const ByteArray<64> good = key.sign(as_bytes("message"));
    for (std::size_t length = 0; length < 80; ++length) {
      Bytes signature(good.begin(), good.end());
      signature.resize(length);
      ASSERT_EQ(key.public_key().verify(as_bytes("message"), signature), length == 64);
    }
  }
}

TEST(Sign, DerSignaturesAreForEcdsaOnly) {
  const SigningKey key = SigningKey::generate(KeyAlgorithm::ed25519);
  EXPECT_FALSE(key.public_key().verify_der(as_bytes("message"), key.sign(as_bytes("message"))));
  const SigningKey ec = SigningKey::generate(KeyAlgorithm::p256);
  EXPECT_FALSE(ec.public_key().verify_der(as_bytes("message"), ec.sign(as_bytes("message"))));
}

TEST(Sign, ASecondEcdsaSignatureCanBeMadeFromAFirstSoItIsNoIdentity) {  // SPEC JWS-13
  const SigningKey key = SigningKey::generate(KeyAlgorithm::p256);
  const ByteArray<64> first = key.sign(as_bytes("message"));
  ByteArray<64> second = first;  // s becomes n - s
  const Bytes order = hex(kP256Order);
  int borrow = 0;
  for (int i = 31; i >= 0; --i) {
    const int difference = order[i] - first[32 + i] - borrow;
    borrow = difference < 0;
    second[32 + i] = static_cast<std::uint8_t>(difference & 0xff);
  }
  EXPECT_NE(first, second);
  EXPECT_TRUE(key.public_key().verify(as_bytes("message"), second));
}

TEST(Sign, Ed25519KeysOfSmallOrderAreRefusedInEveryEncoding) {  // SPEC JWS-14
  const std::string zeros(60, '0');
  const std::string effs(60, 'f');
  for (const std::string& key :
       {"01" + zeros + "00", "01" + zeros + "80",  // y = 1
        "ec" + effs + "7f", "ec" + effs + "ff",    // y = -1
        "00" + zeros + "00", "00" + zeros + "80",  // y = 0
        std::string("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
        std::string("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85"),
        std::string("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
        std::string("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa"), "ed" + effs + "7f",
        "ed" + effs + "ff", "ee" + effs + "7f", "ee" + effs + "ff"}) {  // p, p + 1
    EXPECT_FALSE(ed25519(key)) << key;
  }
}

TEST(Sign, Ed25519KeysWithYOverThePrimeAreRefused) {  // SPEC JWS-14
  int canonical = 0;
  for (int y = 2; y < 19; ++y) {  // p + y fits below 2^255 for y up to 18
    const std::string low = to_hex(ByteArray<1>{static_cast<std::uint8_t>(y)}) + std::string(62, '0');
    const std::string high = to_hex(ByteArray<1>{static_cast<std::uint8_t>(0xed + y)}) + std::string(60, 'f') + "7f";
    canonical += ed25519(low).has_value();
    EXPECT_FALSE(ed25519(high)) << y;
  }
  EXPECT_GT(canonical, 0);  // so some were refused only for their encoding
}

TEST(Sign, Ed25519KeysAreAcceptedExactlyWhenTheyAreOnTheCurve) {  // SPEC JWS-14
  const json::value vectors = made_vectors();
  int on_curve = 0;
  for (const json::value& point : vectors.at("edwardsPoints").as_array()) {
    EXPECT_EQ(ed25519(text_of(point.at("encoded"))).has_value(), point.at("onCurve").as_bool());
    on_curve += point.at("onCurve").as_bool();
  }
  EXPECT_EQ(vectors.at("edwardsPoints").as_array().size(), 64u);
  EXPECT_GT(on_curve, 16);
  EXPECT_LT(on_curve, 48);
  EXPECT_FALSE(PublicKey::parse(KeyAlgorithm::ed25519, Bytes(31)));
  EXPECT_FALSE(PublicKey::parse(KeyAlgorithm::ed25519, Bytes(33)));
}

TEST(Sign, P256KeysAreAcceptedAsUncompressedPointsOnTheCurveOnly) {  // SPEC JWS-15
  const std::string x(kP256X), y(kP256Y);
  const std::string prime = "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff";
  EXPECT_TRUE(p256("04" + x + y));
  EXPECT_FALSE(p256("03" + x));      // compressed
  EXPECT_FALSE(p256("07" + x + y));  // hybrid
  EXPECT_FALSE(p256("06" + x + y));
  EXPECT_FALSE(p256("00"));  // the point at infinity
  EXPECT_FALSE(p256("00" + x + y));
  EXPECT_FALSE(p256("04" + x + y.substr(2)));
  EXPECT_FALSE(p256("04" + x + y + "00"));
  EXPECT_FALSE(p256("04" + y + x));  // off the curve
  EXPECT_FALSE(p256("04" + x + y.substr(0, 62) + "f4"));
  EXPECT_FALSE(p256("04" + std::string(128, '0')));
  EXPECT_FALSE(p256("04" + prime + y));
  // x = 0 is on the curve with y = sqrt(b); the same point with x = p is not its canonical form.
  const std::string root_b = "66485c780e2f83d72433bd5d84a06bb6541c2af31dae871728bf856a174f93f4";
  EXPECT_TRUE(p256("04" + std::string(64, '0') + root_b));
  EXPECT_FALSE(p256("04" + prime + root_b));
  EXPECT_FALSE(p256(""));
}

TEST(Sign, AJwkGoesThereAndBack) {  // SPEC JWS-16, JWS-17
  const json::value vectors = made_vectors();
  for (const json::value& made : vectors.at("keys").as_array()) {
    const PublicKey key = PublicKey::from_jwk(made.at("jwk")).value();
    EXPECT_EQ(jws_name(key.algorithm()), text_of(made.at("alg")));
    EXPECT_EQ(key.to_jwk(), made.at("jwk"));
    EXPECT_EQ(to_hex(key.thumbprint()), text_of(made.at("thumbprint")));
    json::object decorated = made.at("jwk").as_object();
    decorated["kid"] = "anything";
    decorated["use"] = "sig";
    decorated["alg"] = made.at("alg");
    EXPECT_EQ(PublicKey::from_jwk(decorated).value(), key);
  }
  EXPECT_EQ(vectors.at("keys").as_array().size(), 4u);
}

TEST(Sign, AnotherMemberOrValueInAJwkIsRefused) {  // SPEC JWS-16
  const json::value vectors = made_vectors();
  const std::string other_x(43, 'A');
  for (const json::value& made : vectors.at("keys").as_array()) {
    const json::object good = made.at("jwk").as_object();
    auto with_value = [&](std::string_view name, json::value value) {
      json::object out = good;
      out[name] = std::move(value);
      return PublicKey::from_jwk(out);
    };
    auto with = [&](std::string_view name, std::string_view text) { return with_value(name, json::string(text)); };
    for (std::string_view name : {"d", "k", "n", "e", "ext", "key_ops", "x5c", "x5t", "x5u", "Kid"}) {
      EXPECT_FALSE(with(name, "AQAB")) << name;
    }
    for (std::string_view name : {"kty", "crv", "x"}) {
      json::object less = good;
      less.erase(name);
      EXPECT_FALSE(PublicKey::from_jwk(less)) << name;
      EXPECT_FALSE(with_value(name, 1)) << name;
      EXPECT_FALSE(with_value(name, nullptr)) << name;
      EXPECT_FALSE(with(name, "")) << name;
    }
    for (std::string_view alg : {"none", "HS256", "ES384", "ES512", "RS256", "ES256K", "eddsa"}) {
      EXPECT_FALSE(with("alg", alg));
    }
    EXPECT_FALSE(with("alg", text_of(made.at("alg")) == "EdDSA" ? "ES256" : "EdDSA"));
    EXPECT_FALSE(with("use", "enc"));
    EXPECT_FALSE(with_value("kid", 7));
    for (std::string_view crv : {"X25519", "Ed448", "P-384", "secp256k1", "p-256", "ed25519"})
      EXPECT_FALSE(with("crv", crv));
    EXPECT_FALSE(with("x", text_of(good.at("x")) + "="));
    EXPECT_FALSE(with("x", text_of(good.at("x")).substr(1)));
    EXPECT_FALSE(with("x", "A" + text_of(good.at("x"))));
    EXPECT_FALSE(with("x", other_x));
  }
  for (std::string_view text :
       {"[]", "{}", "null", R"({"kty":"oct","k":"AQAB"})", R"({"kty":"RSA","n":"AQAB","e":"AQAB"})"}) {
    EXPECT_FALSE(jwk(text)) << text;
  }
}

TEST(Sign, PemKeysOfAnotherImplementationAreReadAndWrittenAlike) {  // SPEC JWS-18
  const json::value vectors = made_vectors();
  for (const json::value& made : vectors.at("keys").as_array()) {
    const SigningKey key = SigningKey::from_pem(text_of(made.at("privatePem"))).value();
    EXPECT_EQ(key.public_key().to_jwk(), made.at("jwk"));
    EXPECT_EQ(to_hex(key.seed().expose()), text_of(made.at("seed")));
    EXPECT_EQ(key.to_pem().expose(), text_of(made.at("privatePem")));
    EXPECT_EQ(PublicKey::from_pem(text_of(made.at("publicPem"))).value(), key.public_key());
    EXPECT_EQ(SigningKey::from_seed(key.algorithm(), key.seed()).value().public_key(), key.public_key());
    EXPECT_FALSE(SigningKey::from_pem(text_of(made.at("publicPem"))));
    EXPECT_FALSE(PublicKey::from_pem(text_of(made.at("privatePem"))));
  }
}

// From `openssl genpkey` and `openssl ec`; they protect nothing.
constexpr std::string_view kP384Pem = R"(-----BEGIN PUBLIC KEY-----
MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEOlBIOe7ZjfiHSAx3dT79NgkopHeeAXTg
7xL9BfxfGlteQ2RffsKsktdE6Kmen85E+7tCyYp4o+nJpY69fUWZqBgPzsdGPlkU
dCNhdAatqZtMCUznvloUrq8D4GvULcOt
-----END PUBLIC KEY-----
)";
constexpr std::string_view kEncryptedPem = R"(-----BEGIN ENCRYPTED PRIVATE KEY-----
MIGbMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAiBqlMv6tVpaAICCAAw
DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEIcNfqLFS6n9NwAfSDvIokgEQFUi
rw914la5JMw3PB2PpFgPnLB9ud7AyWXRt54knIpY1qMp9BiqFWYfnxAsdOk+gE3z
DZFbKv/rlAvaUoetra4=
-----END ENCRYPTED PRIVATE KEY-----
)";
constexpr std::string_view kSec1Pem = R"(-----BEGIN EC PRIVATE KEY-----
MHcCAQEEIM2QfF1DTK4VJx6XNGpL3DYygPnr9Ucmub4HuGUQxBXeoAoGCCqGSM49
AwEHoUQDQgAE6QrUoV6mIzNLHXeV5p8/kK9c/2MQKgRMz14R2A8BGnQoJl3vSon9
MAcCFT8utlxb66XJmM9STyvxY1f8KxgxyA==
-----END EC PRIVATE KEY-----
)";
constexpr std::string_view kX25519Pem = R"(-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VuBCIEIBDhIf23qILklte4F1Pok+GRpJIxWSELmfZ2VI6sc8F6
-----END PRIVATE KEY-----
)";

TEST(Sign, OtherPemFilesAreRefusedWithoutAskingForAPassphrase) {  // SPEC JWS-18
  for (std::string_view pem : {kP384Pem, kEncryptedPem, kSec1Pem, kX25519Pem, std::string_view(), std::string_view(""),
                               std::string_view("x")}) {
    EXPECT_FALSE(SigningKey::from_pem(pem)) << pem;
    EXPECT_FALSE(PublicKey::from_pem(pem)) << pem;
  }
  const std::string good = text_of(made_vectors().at("keys").as_array()[0].at("privatePem"));
  EXPECT_FALSE(SigningKey::from_pem(good + std::string(64 * 1024, '\n')));
  EXPECT_FALSE(SigningKey::from_pem(good.substr(0, good.size() / 2)));
  EXPECT_TRUE(SigningKey::from_pem(good + "\r\n"));
  EXPECT_FALSE(SigningKey::from_pem(good + good));
  EXPECT_FALSE(SigningKey::from_pem("a comment\n" + good));
  EXPECT_FALSE(SigningKey::from_pem(good + "a comment\n"));
  const std::string good_public = text_of(made_vectors().at("keys").as_array()[0].at("publicPem"));
  EXPECT_TRUE(PublicKey::from_pem(good_public + "\n"));
  EXPECT_FALSE(PublicKey::from_pem(good_public + good_public));
  EXPECT_FALSE(PublicKey::from_pem(good_public + good));
}

TEST(Sign, ThePublicKeyThatAPrivateKeyFileNamesIsNotBelieved) {  // SPEC JWS-18
  const SigningKey key = SigningKey::generate(KeyAlgorithm::p256);
  const SigningKey other = SigningKey::generate(KeyAlgorithm::p256);
  std::string text(key.to_pem().expose());
  const std::size_t begin = text.find('\n') + 1;
  std::string body = text.substr(begin, text.find("-----END") - begin);
  std::erase(body, '\n');
  Bytes der = from_base64(body).value();
  ASSERT_EQ(der.size(), 138u);  // ends with the public point
  std::ranges::copy(other.public_key().raw(), der.end() - 65);
  const std::string forged = "-----BEGIN PRIVATE KEY-----\n" + to_base64(der) + "\n-----END PRIVATE KEY-----\n";
  const Result<SigningKey> read = SigningKey::from_pem(forged);
  EXPECT_TRUE(!read || read->public_key() == key.public_key());
}

TEST(Sign, AP256PrivateKeyIsANumberBelowTheOrderAndNotZero) {
  auto from = [](std::string_view text) { return SigningKey::from_seed(KeyAlgorithm::p256, seed_of(text)); };
  const std::string one = std::string(63, '0') + "1";
  ASSERT_TRUE(from(one));
  EXPECT_EQ(to_hex(from(one)->public_key().raw()), "04" + std::string(kP256X) + std::string(kP256Y));
  EXPECT_EQ(to_hex(from(one)->seed().expose()), one);
  EXPECT_TRUE(from("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632550"));
  EXPECT_FALSE(from(kP256Order));
  EXPECT_FALSE(from("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632552"));
  EXPECT_FALSE(from(std::string(64, 'f')));
  EXPECT_FALSE(from(std::string(64, '0')));
}

TEST(Sign, PublicKeysAreValuesThatCompareByAlgorithmAndBytes) {
  const SigningKey a = SigningKey::generate(KeyAlgorithm::ed25519);
  const SigningKey b = SigningKey::generate(KeyAlgorithm::ed25519);
  const PublicKey copy = a.public_key();
  EXPECT_EQ(copy, a.public_key());
  EXPECT_NE(copy, b.public_key());
  EXPECT_NE(copy, SigningKey::generate(KeyAlgorithm::p256).public_key());
  EXPECT_EQ(PublicKey::parse(copy.algorithm(), copy.raw()).value(), copy);
}

TEST(Sign, OneVerifierServesSeveralThreads) {
  const SigningKey key = SigningKey::generate(KeyAlgorithm::p256);
  const Verifier verifier(key.public_key());
  const ByteArray<64> signature = key.sign(as_bytes("message"));
  std::array<int, 4> good{};
  {
    std::vector<std::jthread> threads;
    for (int& count : good) {
      threads.emplace_back([&] {
        for (int i = 0; i < 50; ++i) count += verifier.verify(as_bytes("message"), signature);
      });
    }
  }
  EXPECT_EQ(good, (std::array<int, 4>{50, 50, 50, 50}));
}

}  // namespace
}  // namespace flikvakt::crypto
