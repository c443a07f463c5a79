// Catalogues: what is in the product is whole, and what would not be is refused.
#include "web/words.h"

#include <gtest/gtest.h>

#include "web/dates.h"

namespace flikvakt::web {
namespace {

using namespace std::chrono;

Words words_of(std::string_view swedish, std::string_view english) {
  const File files[] = {{"words/en.txt", english}, {"words/sv.txt", swedish}};
  return Words(files);
}

// SPEC PORTAL-20
TEST(Words, EveryCatalogueOfTheProductSaysEverythingWithTheSamePlaces) {
  const Words words;
  ASSERT_TRUE(words.find("sv") && words.find("en") && words.find("sv-x-latt"));
  EXPECT_EQ(words.code(words.languages().front()), "sv");
  EXPECT_EQ(words.tag(*words.find("sv-x-latt")), "sv");
}

// SPEC PORTAL-20
TEST(Words, ACatalogueThatIsNotWholeIsAFault) {
  EXPECT_NO_THROW(words_of("a = Hej {name}\n", "a = Hello {name}\n"));
  EXPECT_THROW(words_of("a = Hej\nb = Du\n", "a = Hello\n"), std::logic_error) << "a key is missing";
  EXPECT_THROW(words_of("a = Hej\n", "a = Hello\nb = you\n"), std::logic_error) << "a key too many";
  EXPECT_THROW(words_of("a = Hej {name}\n", "a = Hello\n"), std::logic_error) << "another place";
  EXPECT_THROW(words_of("a = Hej\na = Hejsan\n", "a = Hello\n"), std::logic_error) << "twice";
  EXPECT_THROW(words_of("a Hej\n", "a = Hello\n"), std::logic_error) << "no sign";
  EXPECT_THROW(words_of("  a = Hej\n", "a = Hello\n"), std::logic_error) << "continues nothing";
}

TEST(Words, ALineGoesOnWhenTheNextBeginsWithTwoSpaces) {
  const Words words = words_of("# x\na = Hej\n  på dig\n", "a = Hello\n");
  EXPECT_EQ(words.text({}, "a"), "Hej på dig");
}

TEST(Words, AnEasyReadCatalogueSaysTheRestAsItsBaseDoes) {
  const File files[] = {{"words/sv.txt", "a = Lång\nb = Annan\n"}, {"words/sv-x-latt.txt", "base = sv\na = Kort\n"}};
  const Words words(files);
  const Language easy = *words.find("sv-x-latt");
  EXPECT_EQ(words.text(easy, "a"), "Kort");
  EXPECT_EQ(words.text(easy, "b"), "Annan");
}

TEST(Words, ACatalogueOfAThirdLanguageSaysWhichNamesOfTheRegistryItShows) {
  const auto with = [](std::string_view third) {
    const File files[] = {{"words/sv.txt", "a = Hej\n"}, {"words/en.txt", "a = Hello\n"}, {"words/fi.txt", third}};
    return Words(files);
  };
  const Words words = with("registry = sv\na = Hei\n");
  EXPECT_TRUE(words.is_swedish(*words.find("fi")));
  EXPECT_TRUE(words.is_swedish(*words.find("sv")));
  EXPECT_FALSE(words.is_swedish(*words.find("en")));
  EXPECT_FALSE(words.has("registry"));
  const Words other = with("registry = en\na = Hei\n");
  EXPECT_FALSE(other.is_swedish(*other.find("fi")));
  EXPECT_THROW(with("a = Hei\n"), std::logic_error);
  EXPECT_THROW(with("registry = fi\na = Hei\n"), std::logic_error);
}

TEST(Words, ValuesArePutIntoTheirPlacesAndNothingIsReadOutOfThem) {
  const Words words = words_of("a = Hej {name}, {n} gånger\n", "a = {n} times, {name}\n");
  EXPECT_EQ(words.text({}, "a", {{"name", "{n}"}, {"n", "2"}}), "Hej {n}, 2 gånger");
  EXPECT_THROW(words.text({}, "a", {{"n", "2"}}), std::logic_error);
  EXPECT_THROW(words.text({}, "b"), std::logic_error);
}

TEST(Words, TheLanguageIsTheFirstThatTheBrowserWantsAndWeHave) {
  const Words words;
  const auto best = [&](std::string_view field) { return words.code(words.best_of(field)); };
  EXPECT_EQ(best("fr, en-GB;q=0.8, sv;q=0.5"), "en");
  EXPECT_EQ(best("sv-SE,sv;q=0.9,en;q=0.8"), "sv");
  EXPECT_EQ(best(""), "sv");
  EXPECT_EQ(best("fr;q=0.1,,;,"), "sv");
}

TEST(Dates, AreBySwedishTimeSummerAndWinter) {
  const Words words;
  const UtcTime winter = parse_rfc3339("2026-11-29T09:42:10Z").value();
  EXPECT_EQ(time_text(words, {}, winter), "29 november 2026 kl. 10.42");
  EXPECT_EQ(clock_text(words, {}, parse_rfc3339("2026-03-29T00:59:59Z").value()), "kl. 01.59");
  EXPECT_EQ(clock_text(words, {}, parse_rfc3339("2026-03-29T01:00:00Z").value()), "kl. 03.00");
  EXPECT_EQ(clock_text(words, {}, parse_rfc3339("2026-10-25T00:59:59Z").value()), "kl. 02.59");
  EXPECT_EQ(clock_text(words, {}, parse_rfc3339("2026-10-25T01:00:00Z").value()), "kl. 02.00");
  EXPECT_EQ(day_text(words, {}, parse_rfc3339("2026-12-31T23:30:00Z").value()), "1 januari 2027");
}

TEST(Dates, GoThereAndBack) {
  for (const char* text : {"2026-01-01T00:00:00Z", "2026-03-29T00:59:00Z", "2026-03-29T01:00:00Z",
                           "2026-07-01T12:00:00Z", "2026-10-24T23:59:00Z", "2026-10-25T03:00:00Z"}) {
    const UtcTime time = parse_rfc3339(text).value();
    EXPECT_EQ(from_swedish_time(swedish_time(time)), time) << text;
  }
}

TEST(Dates, APeriodThatEndsAtMidnightHasTheDayBeforeAsItsLast) {
  const Words words;
  EXPECT_EQ(last_day_text(words, {}, parse_rfc3339("2026-11-29T23:00:00Z").value()), "29 november 2026");
}

}  // namespace
}  // namespace flikvakt::web
