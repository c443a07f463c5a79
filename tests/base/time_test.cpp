#include "base/time.h"

#include <gtest/gtest.h>

namespace flikvakt {
namespace {

TEST(Rfc3339, ReadsWhatItWrites) {
  for (const char* text : {"2026-11-22T06:40:25.123Z", "0000-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z"}) {
    const Result<UtcTime> time = parse_rfc3339(text);
    ASSERT_TRUE(time) << text;
    EXPECT_EQ(to_rfc3339(*time), text);
  }
}

TEST(Rfc3339, TakesAnyOffsetAndTellsUtc) {
  EXPECT_EQ(to_rfc3339(parse_rfc3339("2026-11-22T00:10:00+01:00").value()), "2026-11-21T23:10:00.000Z");
  EXPECT_EQ(to_rfc3339(parse_rfc3339("2026-11-22t23:10:00-01:30").value()), "2026-11-23T00:40:00.000Z");
}

// Whoever keeps such a time could not read it again: a receipt with one locked the gateway at its next start.
TEST(Rfc3339, ATimeThatItsOffsetCarriesOutOfTheYearsIsRefused) {
  EXPECT_FALSE(parse_rfc3339("0000-01-01T00:00:00+00:01"));
  EXPECT_FALSE(parse_rfc3339("9999-12-31T23:59:59-00:01"));
  EXPECT_TRUE(parse_rfc3339("0000-01-01T00:01:00+00:01"));
  EXPECT_TRUE(parse_rfc3339("9999-12-31T23:58:59.999-00:01"));
}

}  // namespace
}  // namespace flikvakt
