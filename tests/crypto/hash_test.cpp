#include "crypto/hash.h"

#include <gtest/gtest.h>

#include <mutex>
#include <set>
#include <thread>

#include "crypto/random.h"

namespace flikvakt::crypto {
namespace {

// FIPS 180-4, "abc", from NIST's example values.
constexpr std::string_view kAbc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

TEST(Sha256, GivesNistsValueForAbcHoweverItIsCut) {
  EXPECT_EQ(to_hex(sha256(as_bytes("abc"))), kAbc);
  EXPECT_EQ(to_hex(sha256(as_bytes("a"), as_bytes(""), as_bytes("bc"))), kAbc);
  EXPECT_NE(to_hex(sha256(as_bytes("abd"))), kAbc);
}

TEST(Sha256, BeginsAnewAfterItsEnd) {
  Sha256 hash;
  hash.update(as_bytes("other")).finish();
  EXPECT_EQ(to_hex(hash.update(as_bytes("ab")).update(as_bytes("c")).finish()), kAbc);
}

TEST(Sha256, OfNothingIsTheKnownValue) {
  EXPECT_EQ(to_hex(sha256()), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

// RFC 4231 section 4.3 (test case 2) and 4.7 (test case 6: a key longer than a block).
TEST(HmacSha256, GivesTheValuesOfRfc4231) {
  EXPECT_EQ(to_hex(hmac_sha256(as_bytes("Jefe"), as_bytes("what do ya want "), as_bytes("for nothing?"))),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(to_hex(hmac_sha256(Bytes(131, 0xaa), as_bytes("Test Using Larger Than Block-Size Key - Hash Key First"))),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(HmacSha256, OfNothingUnderNothingIsTheKnownValue) {
  EXPECT_EQ(to_hex(hmac_sha256({})), "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST(HmacSha256, AKeyMadeReadyGivesTheSameAgainAndAgain) {
  const HmacSha256Key key(as_bytes("Jefe"));
  const std::string known = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
  EXPECT_EQ(to_hex(key.mac(as_bytes("what do ya want "), as_bytes("for nothing?"))), known);
  EXPECT_NE(to_hex(key.mac(as_bytes("what do ya want"))), known);
  EXPECT_EQ(to_hex(key.mac(as_bytes("what do ya want for nothing?"))), known);
}

// RFC 5869 appendix A.1 (with salt and info) and A.3 (without).
TEST(HkdfSha256, GivesTheValuesOfRfc5869) {
  Bytes salt(13), info(10), out(42);
  for (std::size_t i = 0; i < salt.size(); ++i) salt[i] = static_cast<std::uint8_t>(i);
  for (std::size_t i = 0; i < info.size(); ++i) info[i] = static_cast<std::uint8_t>(0xf0 + i);
  ASSERT_TRUE(hkdf_sha256_into(Bytes(22, 0x0b), salt, info, out).has_value());
  EXPECT_EQ(to_hex(out), "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
  ASSERT_TRUE(hkdf_sha256_into(Bytes(22, 0x0b), {}, {}, out).has_value());
  EXPECT_EQ(to_hex(out), "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
}

TEST(HkdfSha256, RefusesWhatItCannotDerive) {
  Bytes out(255 * 32);
  EXPECT_TRUE(hkdf_sha256_into(Bytes{1}, {}, {}, out).has_value());
  out.push_back(0);
  EXPECT_FALSE(hkdf_sha256_into(Bytes{1}, {}, {}, out).has_value());
  EXPECT_FALSE(hkdf_sha256_into(Bytes{1}, {}, {}, {}).has_value());
  EXPECT_FALSE(hkdf_sha256_into({}, {}, {}, std::span(out).first(32)).has_value());
}

TEST(Random, IdsAreNeitherEqualNorNone) {
  std::set<PersonId> ids;
  for (int i = 0; i < 1000; ++i) ids.insert(random_id<PersonId>());
  EXPECT_EQ(ids.size(), 1000u);
  EXPECT_FALSE(ids.contains(PersonId()));
}

// Short requests come from a stock that is filled anew: no byte is given out twice, and threads have stocks of their
// own.
TEST(Random, WhatWasGivenOutIsNotGivenAgain) {
  std::set<ByteArray<16>> seen;
  std::mutex mutex;
  auto draw = [&] {
    for (int i = 0; i < 5000; ++i) {
      const auto bytes = random_bytes<16>();
      std::lock_guard lock(mutex);
      EXPECT_TRUE(seen.insert(bytes).second);
    }
  };
  std::thread other(draw);
  draw();
  other.join();
}

TEST(Random, FillsLongSpansToTheirEnd) {
  Bytes out((std::size_t{1} << 20) + 32);
  fill_random(out);
  EXPECT_NE(Bytes(out.end() - 32, out.end()), Bytes(32));
}

}  // namespace
}  // namespace flikvakt::crypto
