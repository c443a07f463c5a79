#include "admin/fingerprint.h"

#include <gtest/gtest.h>

#include "admin/reasons.h"
#include "admin/registry_text.h"

namespace flikvakt::admin {
namespace {

TEST(Fingerprint, IsReadInEveryFormThatToolsShow) {
  const crypto::Hash256 hash = crypto::sha256(as_bytes("certificate"));
  const std::string hex = to_hex(hash);
  std::string as_openssl;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    as_openssl += i > 0 ? ":" : "";
    for (std::size_t j = i; j < i + 2; ++j) as_openssl += static_cast<char>(::toupper(hex[j]));
  }
  for (const std::string& text : {hex, as_openssl, to_base64url(hash)}) {
    const auto parsed = parse_fingerprint("FINGERPRINT", text);
    ASSERT_TRUE(parsed) << text;
    EXPECT_EQ(*parsed, hash) << text;
  }
}

TEST(Fingerprint, AnythingElseIsAUsageFailure) {
  for (const char* text : {"", "abc", "zz", "0123456789012345678901234567890123456789012", "région"}) {
    const auto parsed = parse_fingerprint("FINGERPRINT", text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().exit, ExitCode::usage);
  }
}

TEST(Reasons, EveryReasonAndRuleHasWordsOfItsOwn) {
  std::set<std::string_view> seen;
  boost::mp11::mp_for_each<boost::describe::describe_enumerators<policy::Reason>>([&](auto one) {
    if (one.value == policy::Reason::none) return;
    EXPECT_FALSE(words_of(one.value).empty()) << one.name;
    EXPECT_TRUE(seen.insert(words_of(one.value)).second) << one.name;
    EXPECT_EQ(words_of_reason(one.name), words_of(one.value));
    EXPECT_FALSE(words_of(one.value, Language::sv).empty()) << one.name;
    EXPECT_TRUE(seen.insert(words_of(one.value, Language::sv)).second) << one.name;
  });
  boost::mp11::mp_for_each<boost::describe::describe_enumerators<policy::Rule>>([&](auto one) {
    if (one.value != policy::Rule::none) EXPECT_FALSE(words_of(one.value).empty()) << one.name;
  });
  EXPECT_EQ(words_of_reason("nonsense"), "");
}

TEST(Reasons, APersonsLogIsReadInWords) {
  const json::value page{{"entries", json::array{json::object{{"outcome", "refused"}, {"rule", 4}, {"reason", 61}},
                                                 json::object{{"outcome", "permitted"}}}}};
  const json::value shown = with_words(page);
  EXPECT_EQ(shown.at("entries").at(0).at("rule"), "4: a fullmakt must cover it");
  EXPECT_EQ(shown.at("entries").at(0).at("reason"), "no fullmakt covers it");
  EXPECT_EQ(with_words(json::object{{"entries", 1}}), json::value(json::object{{"entries", 1}}));
}

TEST(RegistryText, IsOneLineARowWithWhatIsOutOfForceSaid) {
  const json::object registry{
      {"organisations",
       json::array{json::object{
                       {"id", "0a"}, {"name", "Region\nEtt"}, {"standing", "active"}, {"epoch", 0}, {"current", false}},
                   json::object{{"id", "0b"}, {"name", "Kassan"}, {"standing", "suspended"}, {"current", true}}}},
      {"teams", json::array()}};
  EXPECT_EQ(registry_text(registry),
            "organisations\n  0a  name Region Ett  [waits since the restore]\n  0b  name Kassan  [suspended]\n");
}

}  // namespace
}  // namespace flikvakt::admin
