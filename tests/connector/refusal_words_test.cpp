// What is said of a refusal, to people and to the log. spec/connector.md
#include "connector/refusal_words.h"

#include <gtest/gtest.h>

#include "base/json.h"

namespace flikvakt::connector {
namespace {

// SPEC CONN-36, CONN-37
TEST(RefusalWords, SayInTwoLanguagesWhatToDo) {
  const auto words = [](std::string_view problem) { return words_of_problem(parse_json(problem).value()); };
  const RefusalWords locked =
      words(R"({"type": "x/file-refused", "detail": "d", "refusal": {"reason": "encrypted", "where": ""}})");
  EXPECT_NE(locked.swedish.find("spara den utan lösenord"), std::string::npos) << locked.swedish;
  EXPECT_NE(locked.english.find("save it without one"), std::string::npos) << locked.english;
  const std::string text =
      text_of(words(R"({"refusal": {"reason": "found", "where": "page 3\n of Milo", "finding": "macro"}})"));
  EXPECT_NE(text.find("makro\n"), std::string::npos) << text;
  EXPECT_NE(text.find("macro\nwhere: page 3  of Milo"), std::string::npos) << text;
  EXPECT_EQ(log_line_of(text).find("Milo"), std::string::npos) << "where is not for the log";
  EXPECT_NE(log_line_of(text).find("macro"), std::string::npos);
  EXPECT_EQ(log_line_of("of an older release"), "of an older release");
  EXPECT_NE(words(R"({"refusal": {"reason": "new", "where": "", "finding": "other"}})").english.find("other"),
            std::string::npos);
  EXPECT_NE(words(R"({"detail": "the date is wrong"})").english.find("the date is wrong"), std::string::npos);
  for (const char* odd : {"null", "[]", "{}", R"({"refusal": 7, "detail": 7})"})
    EXPECT_FALSE(words(odd).english.empty()) << odd;
}

}  // namespace
}  // namespace flikvakt::connector
