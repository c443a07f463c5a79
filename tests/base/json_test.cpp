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

TEST(Json, WhatIsWrongIsNamedWithItsPlace) {
  const std::string good = R"({"name":"n","inners":[],"colours":[],"either":{"kind":"other","count":1},)"
                           R"("time":"2026-11-22T00:00:00.000Z"})";
  ASSERT_TRUE(parse_as<Outer>(good));
  const std::string person = std::string(32, '0');
  const struct {
    std::string there, instead, message;
  } rows[] = {
      {R"("name":"n",)", "", "`name` is missing"},
      {R"("name":"n")", R"("name":null)", "`name`: expected a string"},
      {R"("inners":[])", R"("inners":{})", "`inners`: expected an array"},
      {"[]", R"([{"person":"x"}])", "`inners`: `person`: expected an id of 32 lower-case hex digits"},
      {"[]", R"([{"person":")" + person + R"("},1])", "`inners`: expected an object"},
      {"[]", R"([{"person":")" + person + R"(","date":null}])", "`inners`: `date`: expected a date like 2026-11-22"},
      {"[]", R"([{"person":")" + person + R"(","day":"2026-11-22"}])", "`inners`: has a member that is not known here"},
      {R"("colours":[])", R"("colours":["blue"])", "`colours`: expected one of red, green"},
      {R"("colours":[])", R"("colours":[0])", "`colours`: expected a string"},
      {R"("colours":[])", R"("colours":["red","red"])", "`colours`: repeats an element"},
      {R"({"kind":"other","count":1})", "null", "`either`: expected an object with a `kind`"},
      {R"("kind":"other",)", "", "`either`: expected an object with a `kind`"},
      {R"("kind":"other")", R"("kind":1)", "`either`: expected an object with a `kind`"},
      {R"("kind":"other")", R"("kind":"third")", "`either`: `kind` is not known here"},
      {R"("kind":"other")", R"("kind":"inner")", "`either`: `person` is missing"},
      {R"("count":1)", R"("count":-1)", "`either`: `count`: expected a whole number in range"},
      {R"("count":1)", R"("count":1,"more":1)", "`either`: has a member that is not known here"},
      {R"("time")", R"("more":1,"time")", "has a member that is not known here"},
  };
  for (const auto& row : rows) {
    std::string text = good;
    text.replace(text.find(row.there), row.there.size(), row.instead);
    const Result<Outer> read = parse_as<Outer>(text);
    EXPECT_FALSE(read) << text;
    if (!read) EXPECT_EQ(read.error().message, row.message) << text;
  }
}

struct OfBoost {
  boost::variant2::variant<Inner, Other> either;
};
BOOST_DESCRIBE_STRUCT(OfBoost, (), (either))

TEST(Json, EitherKindOfVariantIsWrittenAlike) {
  const std::string text = R"({"either":{"count":7,"kind":"other"}})";
  Result<OfBoost> read = parse_as<OfBoost>(text);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(get<Other>(read->either).count, 7);
  EXPECT_EQ(to_text(to_json(*read)), text);
  EXPECT_EQ(parse_as<OfBoost>(R"({"either":{"kind":"inner"}})").error().message, "`either`: `person` is missing");
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
