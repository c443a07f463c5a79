// C2SP Wycheproof, ecdsa_secp256r1_sha256_test.json and ed25519_test.json, read from the shared data.
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <filesystem>
#include <map>

#include "base/files.h"
#include "base/json.h"
#include "crypto/sign.h"
#include "tests/crypto/vectors.h"

namespace flikvakt::crypto {
namespace {

std::optional<json::value> wycheproof(std::string_view name) {
  const std::filesystem::path path = std::filesystem::path(FLIKVAKT_SHARED_DATA) / "wycheproof" / name;
  if (!std::filesystem::exists(path)) return std::nullopt;
  const Bytes bytes = read_file(path, 1 << 22).value();
  return json::parse(as_text(bytes));
}

using Counts = std::map<std::string, int>;

// "acceptable" leaves the verdict to the library; these two files have none, and the count would show a new one.
void expect_verdict(const json::value& test, bool accepted, Counts& counts) {
  const std::string result = text_of(test.at("result"));
  counts[result]++;
  EXPECT_EQ(accepted, result == "valid") << test.at("tcId") << ": " << test.at("comment");
}

// The 64-byte form of a signature that is valid DER: two positive integers of at most 33 bytes.
Bytes raw_from_valid_der(BytesView der) {
  Bytes out(64);
  std::size_t at = 2;
  for (std::size_t end : {32, 64}) {
    BytesView number = der.subspan(at + 2, der[at + 1]);
    at += 2 + number.size();
    if (number[0] == 0) number = number.subspan(1);
    std::copy(number.begin(), number.end(), out.begin() + static_cast<std::ptrdiff_t>(end - number.size()));
  }
  return out;
}

TEST(WycheproofSignature, EveryEcdsaP256VectorGetsItsVerdict) {  // SPEC JWS-8, JWS-15
  const std::optional<json::value> file = wycheproof("ecdsa_secp256r1_sha256_test.json");
  if (!file) GTEST_SKIP() << "the Wycheproof vectors are not here";
  Counts counts;
  for (const json::value& group : file->at("testGroups").as_array()) {
    const json::value& parts = group.at("publicKey");
    const PublicKey key = PublicKey::parse(KeyAlgorithm::p256, hex_of(parts.at("uncompressed"))).value();
    EXPECT_EQ(PublicKey::from_pem(text_of(group.at("publicKeyPem"))).value(), key);
    const Verifier verifier(key);
    for (const json::value& test : group.at("tests").as_array()) {
      const Bytes message = hex_of(test.at("msg"));
      const Bytes signature = hex_of(test.at("sig"));
      expect_verdict(test, verifier.verify_der(message, signature), counts);
      if (test.at("result") == "valid") {
        Bytes raw = raw_from_valid_der(signature);
        EXPECT_TRUE(verifier.verify(message, raw)) << test.at("tcId");
        raw[40] ^= 1;
        EXPECT_FALSE(verifier.verify(message, raw)) << test.at("tcId");
      }
    }
  }
  EXPECT_EQ(counts, (Counts{{"valid", 174}, {"invalid", 310}}));
}

TEST(WycheproofSignature, EveryEd25519VectorGetsItsVerdict) {  // SPEC JWS-8, JWS-14
  const std::optional<json::value> file = wycheproof("ed25519_test.json");
  if (!file) GTEST_SKIP() << "the Wycheproof vectors are not here";
  Counts counts;
  for (const json::value& group : file->at("testGroups").as_array()) {
    const PublicKey key = PublicKey::parse(KeyAlgorithm::ed25519, hex_of(group.at("publicKey").at("pk"))).value();
    EXPECT_EQ(PublicKey::from_pem(text_of(group.at("publicKeyPem"))).value(), key);
    EXPECT_EQ(PublicKey::from_jwk(group.at("publicKeyJwk")).value(), key);
    const Verifier verifier(key);
    for (const json::value& test : group.at("tests").as_array()) {
      expect_verdict(test, verifier.verify(hex_of(test.at("msg")), hex_of(test.at("sig"))), counts);
    }
  }
  EXPECT_EQ(counts, (Counts{{"valid", 88}, {"invalid", 63}}));
}

}  // namespace
}  // namespace flikvakt::crypto
