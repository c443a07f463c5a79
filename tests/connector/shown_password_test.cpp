// When a password that a proxy did not take is shown again. spec/connector.md
#include "connector/shown_password.h"

#include <gtest/gtest.h>

namespace flikvakt::connector {
namespace {

using namespace std::chrono_literals;

constexpr ShownPassword::Time kStart{};

TEST(ShownPassword, IsShownByOneUntilItIsTaken) {  // SPEC CONN-79
  ShownPassword it;
  EXPECT_TRUE(it.may_show(kStart));
  EXPECT_FALSE(it.may_show(kStart)) << "the first has not said what came of it";
  it.note_unheard();
  EXPECT_TRUE(it.may_show(kStart)) << "nobody saw it";
  it.note_taken();
  EXPECT_TRUE(it.may_show(kStart));
  EXPECT_TRUE(it.may_show(kStart));
}

TEST(ShownPassword, IsShownLessAndLessOftenAfterARefusal) {  // SPEC CONN-79
  ShownPassword it;
  ShownPassword::Time now = kStart;
  for (const auto pause : {60s, 120s, 240s, 480s, 600s, 600s}) {
    ASSERT_TRUE(it.may_show(now)) << pause.count();
    it.note_refused(now);
    EXPECT_FALSE(it.may_show(now + pause - 1ms)) << pause.count();
    now += pause;
  }
  ASSERT_TRUE(it.may_show(now));
  EXPECT_FALSE(it.may_show(now)) << "one alone tries";
  it.note_unheard();
  EXPECT_TRUE(it.may_show(now)) << "silence is no refusal";
  it.note_taken();
  it.note_refused(now);
  EXPECT_FALSE(it.may_show(now + 59s)) << "one that was taken, and is not any more";
  EXPECT_TRUE(it.may_show(now + 60s)) << "begins anew";
}

TEST(ShownPassword, OfSeveralThatWereShownAtOnceOneRefusalCounts) {
  ShownPassword it;
  it.may_show(kStart);
  it.note_taken();
  it.note_refused(kStart);
  it.note_refused(kStart + 1s);
  EXPECT_TRUE(it.may_show(kStart + 60s));
}

}  // namespace
}  // namespace flikvakt::connector
