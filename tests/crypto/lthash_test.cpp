#include "crypto/lthash.h"

#include <gtest/gtest.h>

#include "tests/crypto/core_vectors.h"

namespace flikvakt::crypto {
namespace {

// NIST's example values for SHAKE128 of the empty message begin with these bytes. SPEC STD-1
TEST(LtHash, ExpandsWithShake128) {
  const LtHash::Lanes lanes = LtHash::expand({});
  EXPECT_EQ(lanes[0], 0x9c7f);  // 7f 9c, little-endian
  EXPECT_EQ(lanes[1], 0xa42b);  // 2b a4
  EXPECT_EQ(lanes[2], 0x8fe8);  // e8 8f
}

// SPEC STD-1, STD-2, STD-3
TEST(LtHash, AgreesWithAnotherImplementation) {
  const json::object v = test::core_vectors("lthash");
  LtHash state;
  for (const json::value& element : v.at("elements").as_array()) state.add(from_hex(element.as_string()).value());
  const ByteArray<LtHash::kBytes> bytes = state.serialise();
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(bytes[2 * i] | bytes[2 * i + 1] << 8, v.at("first_lanes").as_array().at(i).as_int64());
  }
  EXPECT_EQ(to_hex(state.digest()), v.at("digest").as_string());
}

// SPEC STD-2
TEST(LtHash, ForgetsTheOrderAndWhatWasRemoved) {
  LtHash a, b;
  a.add(as_bytes("row 1"));
  a.add(as_bytes("row 2"));
  b.add(as_bytes("row 2"));
  b.add(as_bytes("row 3"));
  b.remove(as_bytes("row 3"));
  EXPECT_FALSE(a == b);
  b.add(as_bytes("row 1"));
  EXPECT_TRUE(a == b);
  EXPECT_EQ(a.digest(), b.digest());
  a.remove(as_bytes("row 1"));
  a.remove(as_bytes("row 2"));
  EXPECT_TRUE(a == LtHash());
}

TEST(LtHash, ShowsAnOlderRowAMissingRowAndARowTwice) {
  LtHash whole, older, missing, twice;
  whole.add(as_bytes("row 1 v2"));
  whole.add(as_bytes("row 2 v1"));
  older.add(as_bytes("row 1 v1"));
  older.add(as_bytes("row 2 v1"));
  missing.add(as_bytes("row 2 v1"));
  twice = whole;
  twice.add(as_bytes("row 2 v1"));
  EXPECT_NE(whole.digest(), older.digest());
  EXPECT_NE(whole.digest(), missing.digest());
  EXPECT_NE(whole.digest(), twice.digest());
}

TEST(LtHash, OfPartsCombinesToTheHashOfTheWhole) {
  LtHash whole, left, right;
  whole.add(as_bytes("a"));
  whole.add(as_bytes("b"));
  left.add(as_bytes("a"));
  right.add(LtHash::expand(as_bytes("b")));
  left.combine(right);
  EXPECT_TRUE(left == whole);
}

// SPEC STD-3
TEST(LtHash, ComesBackFromItsBytes) {
  LtHash state;
  state.add(as_bytes("row 1"));
  LtHash back = LtHash::deserialise(state.serialise());
  EXPECT_TRUE(back == state);
  back.add(as_bytes("row 2"));
  EXPECT_FALSE(back == state);
}

// SPEC STD-4: why it is asked of the callers
TEST(LtHash, DoesNotSeeAnElementAdded65536Times) {
  const LtHash::Lanes lanes = LtHash::expand(as_bytes("row 1"));
  LtHash state;
  for (int i = 0; i < 65536; ++i) state.add(lanes);
  EXPECT_TRUE(state == LtHash());
}

}  // namespace
}  // namespace flikvakt::crypto
