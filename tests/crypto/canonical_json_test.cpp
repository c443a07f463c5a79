#include "crypto/canonical_json.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <stdexcept>

#include "base/json.h"

namespace flikvakt::crypto {
namespace {

std::string canonical_of(std::string_view text) { return canonical(parse_json(text).value()); }

std::string utf8(char32_t c) {
  auto byte = [](char32_t value) { return static_cast<char>(value); };
  if (c < 0x80) return {byte(c)};
  if (c < 0x800) return {byte(0xC0 | c >> 6), byte(0x80 | (c & 63))};
  if (c < 0x10000) return {byte(0xE0 | c >> 12), byte(0x80 | (c >> 6 & 63)), byte(0x80 | (c & 63))};
  return {byte(0xF0 | c >> 18), byte(0x80 | (c >> 12 & 63)), byte(0x80 | (c >> 6 & 63)), byte(0x80 | (c & 63))};
}
std::u16string utf16(std::u32string_view text) {
  std::u16string out;
  for (char32_t c : text) {
    if (c < 0x10000) {
      out += static_cast<char16_t>(c);
    } else {
      out += static_cast<char16_t>(0xD800 + ((c - 0x10000) >> 10));
      out += static_cast<char16_t>(0xDC00 + ((c - 0x10000) & 0x3FF));
    }
  }
  return out;
}

TEST(CanonicalJson, SortsTheExampleOfRfc8785Section323) {  // SPEC JCS-3
  const std::string text = canonical_of(R"({
    "\u20ac": "Euro Sign", "\r": "Carriage Return", "\ufb33": "Hebrew Letter Dalet With Dagesh", "1": "One",
    "\ud83d\ude00": "Emoji: Grinning Face", "\u0080": "Control", "\u00f6": "Latin Small Letter O With Diaeresis"})");
  EXPECT_EQ(text,
            "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\xc2\x80\":\"Control\","
            "\"ö\":\"Latin Small Letter O With Diaeresis\",\"€\":\"Euro Sign\",\"😀\":\"Emoji: Grinning Face\","
            "\"\xef\xac\xb3\":\"Hebrew Letter Dalet With Dagesh\"}");
}

TEST(CanonicalJson, WritesStringsAndLiteralsAsTheExampleOfRfc8785Section322) {  // SPEC JCS-2, JCS-4
  EXPECT_EQ(canonical_of("{ \"string\": \"\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\\"\\/\",\n"
                         "\t\"literals\": [null, true, false] }"),
            "{\"literals\":[null,true,false],\"string\":\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}");
}

TEST(CanonicalJson, EscapesEveryControlInItsOneForm) {  // SPEC JCS-4
  std::string all;
  for (char c = 0; c < 0x20; ++c) all += c;
  EXPECT_EQ(canonical(json::string(all + "\x7f\u2028")),
            "\"\\u0000\\u0001\\u0002\\u0003\\u0004\\u0005\\u0006\\u0007\\b\\t\\n\\u000b\\f\\r\\u000e\\u000f"
            "\\u0010\\u0011\\u0012\\u0013\\u0014\\u0015\\u0016\\u0017\\u0018\\u0019\\u001a\\u001b\\u001c\\u001d\\u001e"
            "\\u001f\x7f\u2028\"");
}

TEST(CanonicalJson, OrdersNamesByUtf16UnitsWhateverTheCharacters) {  // SPEC JCS-3
  std::mt19937 random(20261122);
  using namespace std::string_view_literals;
  const std::u32string_view alphabet =
      U"\0\1Aa~\u0080\u07ff\u0800\ud7ff\ue000\ufb33\uffff\U00010000\U0001f600\U0010ffff"sv;
  for (int round = 0; round < 500; ++round) {
    std::vector<std::u32string> names(8);
    for (std::u32string& name : names) {
      for (auto length = random() % 4; length > 0; --length) name += alphabet[random() % alphabet.size()];
    }
    std::ranges::sort(names, {}, utf16);
    names.erase(std::unique(names.begin(), names.end()), names.end());
    std::string expected;
    json::object object;
    for (const std::u32string& name : names) {
      std::string text;
      for (char32_t c : name) text += utf8(c);
      expected += (expected.empty() ? "{" : ",") + canonical(json::string(text)) + ":0";
    }
    std::ranges::shuffle(names, random);
    for (const std::u32string& name : names) {
      std::string text;
      for (char32_t c : name) text += utf8(c);
      object.emplace(text, 0);
    }
    ASSERT_EQ(canonical(object), expected + "}");
  }
}

TEST(CanonicalJson, WritesIntegersPlainlyAndKeepsTheOrderOfArrays) {  // SPEC JCS-2, JCS-5
  EXPECT_EQ(canonical_of("[ 3, -0, 9007199254740991, -9007199254740991, 1 ]"),
            "[3,0,9007199254740991,-9007199254740991,1]");
  EXPECT_EQ(canonical(json::value(std::uint64_t{7})), "7");
  EXPECT_EQ(canonical_of("{\"b\":{},\"a\":[],\"\":\"\"}"), "{\"\":\"\",\"a\":[],\"b\":{}}");
}

TEST(CanonicalJson, ThrowsForValuesThatNoFormatHolds) {  // SPEC JCS-1
  for (const json::value& value :
       {json::value(1.5), json::value(1.0), json::value(std::int64_t{1} << 53), json::value(-(std::int64_t{1} << 53)),
        json::value(std::uint64_t{1} << 63), json::value(json::array{1.5}), json::value(json::object{{"a", 1.5}})}) {
    EXPECT_THROW(canonical(value), std::invalid_argument) << json::serialize(value);
  }
  for (std::string_view text : {"\x80", "\xc0\xaf", "\xc1\xbf", "\xc3", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xe2\x82",
                                "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "a\xfe"}) {
    EXPECT_THROW(canonical(json::string(text)), std::invalid_argument);
    EXPECT_THROW(canonical(json::object{{std::string(text), 1}}), std::invalid_argument);
  }
  for (std::string_view text :
       {"\xc2\x80", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"}) {
    EXPECT_EQ(canonical(json::string(text)), "\"" + std::string(text) + "\"");
  }
}

TEST(CanonicalJson, ATextIsCanonicalOnlyInTheOneSpelling) {  // SPEC JCS-6
  for (std::string_view text :
       {"{}", "[]", "0", "-1", "\"\"", "null", R"({"a":[1,{"b":true}],"b":"å"})", R"("\u001f")"}) {
    EXPECT_TRUE(is_canonical(text)) << text;
  }
  for (std::string_view text :
       {" {}", "{} ", "[1, 2]", "-0", "01", "1.0", "1e1", R"({"b":1,"a":2})", R"({"a":1,"a":1})", R"("\u00e5")",
        R"("\u001F")", R"("\u000a")", R"("\/")", "", "\xef\xbb\xbf{}", "9007199254740992", "{} {}", "\"\n\""}) {
    EXPECT_FALSE(is_canonical(text)) << text;
  }
}

TEST(CanonicalJson, CanonicalTextIsItsOwnCanonicalText) {  // SPEC JCS-6
  const std::string once = canonical_of(R"({"z":[{"å":1,"a":"\ud83d\ude00"}],"\ue000":2,"\ud83d\ude00":3})");
  EXPECT_EQ(canonical_of(once), once);
  EXPECT_TRUE(is_canonical(once));
}

}  // namespace
}  // namespace flikvakt::crypto
