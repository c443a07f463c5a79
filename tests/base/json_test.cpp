#include "base/json.h"

#include <gtest/gtest.h>

namespace flikvakt {

enum class Colour { red, green };
BOOST_DESCRIBE_ENUM(Colour, red, green)

struct Inner {
  static constexpr std::string_view kKind = "inner";
  PersonId person;
  std::optional<Date> date;
};
BOOST_DESCRIBE_STRUCT(Inner, (), (person, date))

struct Other {
  static constexpr std::string_view kKind = "other";
  std::uint8_t count = 0;
};
BOOST_DESCRIBE_STRUCT(Other, (), (count))

struct Outer {
  std::string name;
  std::vector<Inner> inners;
  std::set<Colour> colours;
  std::variant<Inner, Other> either;
  UtcTime time;
};
BOOST_DESCRIBE_STRUCT(Outer, (), (name, inners, colours, either, time))

TEST(Json, ADescribedStructComesBackAsItWas) {
  Outer outer;
  outer.name = "åäö";
  outer.inners.push_back({PersonId(ByteArray<16>{1}), Date{std::chrono::year{2026} / 2 / 28}});
  outer.inners.push_back({PersonId(ByteArray<16>{2}), std::nullopt});
  outer.colours = {Colour::green};
  outer.either = Other{7};
  outer.time = UtcTime{std::chrono::milliseconds{1'700'000'000'123}};
  const std::string text = to_text(to_json(outer));
  Result<Outer> back = parse_as<Outer>(text);
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(to_text(to_json(*back)), text);
}

TEST(Json, UnknownMissingAndMistypedMembersAreNamed) {
  EXPECT_FALSE(parse_as<Other>(R"({"count":1,"more":2})"));
  EXPECT_NE(parse_as<Other>("{}").error().message.find("`count` is missing"), std::string::npos);
  EXPECT_NE(parse_as<Other>(R"({"count":"1"})").error().message.find("`count`"), std::string::npos);
  EXPECT_FALSE(parse_as<Other>(R"({"count":256})"));
  EXPECT_FALSE(parse_as<Other>(R"({"count":-1})"));
  EXPECT_FALSE(parse_as<Other>("[]"));
}

TEST(Json, WhatTwoReadersCouldReadDifferentlyIsRefused) {
  for (const char* text : {R"({"a":1,"a":2})", "1.5", "1e3", "9007199254740993", "18446744073709551615", "{} {}", "{}x",
                           "", "[1,]", "{\"a\":\"\xff\"}", "nul", "\xef\xbb\xbf{}", "/*c*/{}", "\"\\ud800\""}) {
    EXPECT_FALSE(parse_json(text)) << text;
  }
  EXPECT_TRUE(parse_json("9007199254740991"));
  EXPECT_FALSE(parse_json(std::string(40, '[') + std::string(40, ']')));
}

TEST(Bytes, OneSpellingPerValue) {
  EXPECT_EQ(to_base64url(as_bytes("ab")), "YWI");
  EXPECT_TRUE(from_base64url("YWI"));
  for (const char* text : {"YWI=", "YWJ", "Y", "YW I", "Y+I"}) EXPECT_FALSE(from_base64url(text)) << text;
  for (const char* text : {"YWI", "YWJ=", "YQ=", "Y-I="}) EXPECT_FALSE(from_base64(text)) << text;
  for (const char* text : {"0", "0A", "zz"}) EXPECT_FALSE(from_hex(text)) << text;
}

TEST(Time, Rfc3339OffsetsBecomeUtc) {
  EXPECT_EQ(to_rfc3339(*parse_rfc3339("2026-11-22T01:30:00.5+02:00")), "2026-11-21T23:30:00.500Z");
  EXPECT_EQ(to_rfc3339(*parse_rfc3339("2026-11-21T23:30:00-02:30")), "2026-11-22T02:00:00.000Z");
  for (const char* text :
       {"2026-02-30T00:00:00Z", "2026-11-22T24:00:00Z", "2026-11-22 00:00:00Z", "2026-11-22T00:00:00",
        "2026-11-22T00:00:00.Z", "2026-11-22T00:00:60Z", "2026-11-22T00:00:00Z "}) {
    EXPECT_FALSE(parse_rfc3339(text)) << text;
  }
}

}  // namespace flikvakt
