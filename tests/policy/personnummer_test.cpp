#include "policy/personnummer.h"

#include <gtest/gtest.h>

#include "base/files.h"
#include "base/json.h"

namespace flikvakt::policy::test {
namespace {

const Date kToday = *parse_date("2026-11-22");

std::string read(std::string_view text) {
  const Result<std::string> parsed = parse_personnummer(text, kToday);
  return parsed ? *parsed : "refused";
}

std::string with_check_digit(std::string nine) {
  int sum = 0;
  for (std::size_t i = 0; i < nine.size(); ++i) {
    const int twice = (nine[i] - '0') * (i % 2 == 0 ? 2 : 1);
    sum += twice > 9 ? twice - 9 : twice;
  }
  return nine + static_cast<char>('0' + (10 - sum % 10) % 10);
}

// A number as people write it, for a six-digit date.
std::string on(const std::string& date, char separator) {
  return with_check_digit(date + "238").insert(6, 1, separator);
}

// The list of personnummer/meta: official test numbers, with a separator that says which century.
TEST(Personnummer, EveryNumberOfTheListGetsItsVerdict) {
  const std::filesystem::path list = std::filesystem::path(FLIKVAKT_SHARED_DATA) / "personnummer" / "list.json";
  if (!std::filesystem::exists(list)) GTEST_SKIP() << "the list of numbers is not here";
  const json::value numbers = parse_json(as_text(read_file(list, 1 << 20).value())).value();
  int valid = 0, invalid = 0;
  for (const json::value& one : numbers.as_array()) {
    const std::string twelve(one.at("long_format").as_string());
    const std::string wanted = one.at("valid").as_bool() ? twelve : "refused";
    ++(one.at("valid").as_bool() ? valid : invalid);
    for (const char* form : {"long_format", "separated_format", "separated_long"}) {
      const std::string text(one.at(form).as_string());
      EXPECT_EQ(read(text), wanted) << text;
    }
  }
  EXPECT_EQ(valid, 8);
  EXPECT_EQ(invalid, 6);
}

TEST(Personnummer, OfTenDigitsIsOfTheYoungestWhoCanHaveIt) {
  EXPECT_EQ(read(on("261121", '-')).substr(0, 8), "20261121");
  EXPECT_EQ(read(on("261122", '-')).substr(0, 8), "20261122") << "born today";
  EXPECT_EQ(read(on("261123", '-')).substr(0, 8), "19261123") << "not born tomorrow";
  EXPECT_EQ(read(on("270101", '-')).substr(0, 8), "19270101");
  EXPECT_EQ(read(on("251231", '-')).substr(0, 8), "20251231");
  EXPECT_EQ(read(with_check_digit("251231238")).substr(0, 8), "20251231") << "without a separator";
}

TEST(Personnummer, WithAPlusIsAHundredYearsOlder) {
  EXPECT_EQ(read(on("261122", '+')).substr(0, 8), "19261122");
  EXPECT_EQ(read(on("261123", '+')).substr(0, 8), "18261123");
}

TEST(Personnummer, OfCoordinationHasSixtyAddedToTheDay) {
  EXPECT_EQ(read(on("261182", '-')).substr(0, 8), "20261182") << "born today";
  EXPECT_EQ(read(on("261183", '-')).substr(0, 8), "19261183") << "not born tomorrow";
  EXPECT_EQ(read(on("250161", '-')).substr(0, 8), "20250161");
  EXPECT_EQ(read(on("250191", '-')).substr(0, 8), "20250191");
  for (const char* date : {"250132", "250160", "250192", "250100", "251301", "250001", "250229"}) {
    EXPECT_EQ(read(on(date, '-')), "refused") << date;
  }
}

TEST(Personnummer, ThatIsNoneIsRefused) {
  const std::string good = on("251231", '-');
  EXPECT_NE(read(good), "refused");
  for (const std::string& text :
       {std::string(), std::string("-"), good.substr(1), good + "0", "1" + good, "x" + good.substr(1),
        good.substr(0, 10) + ":", good.substr(0, 6) + " " + good.substr(7), good.substr(0, 6) + "--" + good.substr(7),
        with_check_digit("251231000"), "09" + with_check_digit("991231238"), "00" + with_check_digit("001231238")}) {
    EXPECT_EQ(read(text), "refused") << text;
  }
  EXPECT_EQ(read("19" + with_check_digit("991231238")).substr(0, 8), "19991231") << "the twin of the last two";
  std::string wrong = good;
  wrong.back() = wrong.back() == '0' ? '1' : '0';
  EXPECT_EQ(read(wrong), "refused") << "the check digit";
}

}  // namespace
}  // namespace flikvakt::policy::test
