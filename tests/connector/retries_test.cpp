// When one that failed is tried again. spec/connector.md
#include "connector/retries.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace flikvakt::connector {
namespace {

// SPEC CONN-27
TEST(Retries, OneThatFailsIsTriedAgainLaterAndLaterAndKeepsNobodyBack) {
  const auto id = [](std::uint8_t number) { return DepositId(ByteArray<16>{number}); };
  using std::chrono::seconds;
  Retries retries;
  Retries::Time now{};
  EXPECT_TRUE(retries.is_due(id(1), now));
  seconds pause{1};
  for (int failed = 0; failed < 14; ++failed) {
    EXPECT_EQ(retries.note_failure(id(1), "503", now), failed == 0) << "said once";
    EXPECT_FALSE(retries.is_due(id(1), now + pause - seconds(1)));
    EXPECT_TRUE(retries.is_due(id(1), now + pause)) << pause.count();
    EXPECT_TRUE(retries.is_due(id(2), now));
    now += pause;
    pause = std::min(2 * pause, seconds(3600));
  }
  EXPECT_TRUE(retries.note_failure(id(1), "507", now)) << "another reason is said";
  retries.note_success(id(2));
  EXPECT_FALSE(retries.is_due(id(1), now)) << "one that had not failed says nothing of it";
  retries.note_failure(id(3), "503", now);
  retries.note_success(id(3));
  EXPECT_TRUE(retries.is_due(id(1), now)) << "what failed that one is over: perhaps for all";
  retries.note_success(id(1));
  retries.note_failure(id(4), "503", now);
  retries.note_failure(id(5), "503", now);
  retries.note_success(id(4));
  EXPECT_FALSE(retries.note_failure(id(5), "503", now));
  retries.note_failure(id(6), "503", now);
  retries.note_success(id(6));
  EXPECT_TRUE(retries.is_due(id(5), now));
  EXPECT_TRUE(retries.is_first_word_of_age(id(5)));
  EXPECT_FALSE(retries.is_first_word_of_age(id(5)));
  for (unsigned times = 1; times < Retries::kPatience; ++times) retries.note_break(id(7));
  EXPECT_EQ(retries.turn(id(7)), 0u) << "it is sent on, before another one is begun";
  retries.note_break(id(7));
  EXPECT_EQ(retries.turn(id(7)), 1u);
  retries.note_success(id(7));
  EXPECT_EQ(retries.turn(id(7)), 0u);
}

}  // namespace
}  // namespace flikvakt::connector
