// The CBOR that WebAuthn has, and nothing else.
#include "crypto/cbor.h"

#include <gtest/gtest.h>

namespace flikvakt::crypto {
namespace {

Result<Cbor> parse(std::string_view hex) { return Cbor::parse(from_hex(hex).value()); }

// RFC 8949, appendix A.
TEST(Cbor, ReadsTheExamplesOfItsRfc) {  // SPEC WA-1
  const std::pair<const char*, std::int64_t> numbers[] = {{"00", 0},
                                                          {"17", 23},
                                                          {"1818", 24},
                                                          {"1864", 100},
                                                          {"1903e8", 1000},
                                                          {"1a000f4240", 1000000},
                                                          {"1b000000e8d4a51000", 1000000000000},
                                                          {"20", -1},
                                                          {"3863", -100},
                                                          {"3903e7", -1000}};
  for (const auto& [hex, number] : numbers) EXPECT_EQ(parse(hex)->integer(), number) << hex;
  EXPECT_EQ(parse("1bffffffffffffffff")->integer(), std::nullopt) << "too large for what we hold";
  EXPECT_EQ(to_hex(*parse("4401020304")->bytes()), "01020304");
  EXPECT_EQ(parse("6449455446")->text(), "IETF");
  EXPECT_EQ(parse("62c3bc")->text(), "ü");
  EXPECT_EQ(parse("80")->size(), 0u);
  EXPECT_EQ(parse("8301820203820405")->size(), 3u);
  EXPECT_TRUE(parse("f4") && parse("f5") && parse("f6"));
  const Cbor map = parse("a26161016162820203").value();
  EXPECT_TRUE(map.is_map());
  EXPECT_EQ(map.size(), 2u);
  EXPECT_EQ(map.find("a")->integer(), 1);
  EXPECT_EQ(map.find("b")->size(), 2u);
  EXPECT_EQ(map.find("c"), nullptr);
  EXPECT_EQ(parse("a201020304")->find(3)->integer(), 4);
  EXPECT_EQ(parse("a201020304")->find(2), nullptr) << "2 is a value there";
}

TEST(Cbor, RefusesWhatHasASecondSpellingOrNoPlaceHere) {  // SPEC WA-1
  for (const char* hex : {"",                             // nothing
                          "1817",
                          "190017",  // not the shortest
                          "1a0000ffff",
                          "1b00000000ffffffff",
                          "580100",
                          "5f42010243030405ff",  // indefinite
                          "9fff",
                          "bfff",
                          "7f657374726561646d696e67ff",
                          "c074323031332d30332d32315432303a30343a30305a",  // a tag
                          "f93c00",
                          "fb3ff199999999999a",  // floats
                          "f7",
                          "f0",
                          "f8ff",  // undefined and unassigned
                          "44010203",
                          "6261",
                          "8201",
                          "a101",
                          "18",    // cut short
                          "0000",  // more behind it
                          "a2616101616102",
                          "a201020103",  // a key twice
                          "9a7fffffff",
                          "ba7fffffff",
                          "5b7fffffffffffffff"}) {
    EXPECT_FALSE(parse(hex)) << hex;
  }
}

TEST(Cbor, DepthIsBounded) {  // SPEC WA-1
  EXPECT_TRUE(parse("818181818181818100"));
  EXPECT_FALSE(parse("81818181818181818100"));
  EXPECT_FALSE(Cbor::parse(Bytes(60'000, 0x81)));
}

TEST(Cbor, TakesTheFirstItemAndLeavesTheRest) {
  const Bytes bytes = from_hex("0143010203ff").value();
  BytesView rest = bytes;
  EXPECT_EQ(Cbor::take(rest)->integer(), 1);
  EXPECT_EQ(Cbor::take(rest)->bytes()->size(), 3u);
  EXPECT_EQ(rest.size(), 1u);
  EXPECT_FALSE(Cbor::take(rest));
}

}  // namespace
}  // namespace flikvakt::crypto
