// When a password that a proxy did not take is shown again. spec/connector.md
#include "connector/shown_password.h"

#include <gtest/gtest.h>

#include <optional>

namespace flikvakt::connector {
namespace {

using namespace std::chrono_literals;
using Leave = ShownPassword::Leave;
using NotNow = ShownPassword::NotNow;

constexpr ShownPassword::Time kStart{};

std::optional<NotNow> why_not(ShownPassword& of, ShownPassword::Time now) {
  const auto answer = of.ask(now);
  const NotNow* why = std::get_if<NotNow>(&answer);
  return why ? std::optional(*why) : std::nullopt;
}
Leave leave(ShownPassword& of, ShownPassword::Time now) { return std::get<Leave>(of.ask(now)); }

TEST(ShownPassword, IsShownByOneUntilItIsTaken) {  // SPEC CONN-79
  ShownPassword it;
  const Leave first = leave(it, kStart);
  EXPECT_EQ(why_not(it, kStart), NotNow::being_shown);
  it.note_unheard(first);
  const Leave second = leave(it, kStart);  // nobody saw it
  it.note_taken(second);
  EXPECT_EQ(why_not(it, kStart), std::nullopt);
  EXPECT_EQ(why_not(it, kStart), std::nullopt);
}

TEST(ShownPassword, IsShownLessAndLessOftenAfterARefusal) {  // SPEC CONN-79
  ShownPassword it;
  ShownPassword::Time now = kStart;
  for (const auto pause : {60s, 120s, 240s, 480s, 600s, 600s}) {
    it.note_refused(leave(it, now), now);
    EXPECT_EQ(why_not(it, now + pause - 1ms), NotNow::refused_lately) << pause.count();
    now += pause;
  }
  const Leave alone = leave(it, now);
  EXPECT_EQ(why_not(it, now), NotNow::being_shown) << "one alone tries";
  it.note_unheard(alone);
  const Leave after_silence = leave(it, now);  // silence is no refusal
  it.note_taken(after_silence);
  it.note_refused(leave(it, now), now);
  EXPECT_EQ(why_not(it, now + 59s), NotNow::refused_lately) << "one that was taken, and is not any more";
  EXPECT_EQ(why_not(it, now + 60s), std::nullopt) << "begins anew";
}

TEST(ShownPassword, OfSeveralThatWereShownAtOnceOneRefusalCountsAndNoSuccessUndoesIt) {  // SPEC CONN-79
  ShownPassword it;
  it.note_taken(leave(it, kStart));
  const Leave one = leave(it, kStart), two = leave(it, kStart), three = leave(it, kStart);
  it.note_refused(one, kStart);
  it.note_refused(two, kStart + 1s);
  it.note_taken(three);  // its line was let through before
  EXPECT_EQ(why_not(it, kStart + 59s), NotNow::refused_lately);
  const Leave again = leave(it, kStart + 60s);
  it.note_unheard(three);
  EXPECT_EQ(why_not(it, kStart + 60s), NotNow::being_shown) << "it is not that one's to give up";
  it.note_taken(again);
  EXPECT_EQ(why_not(it, kStart + 60s), std::nullopt);
}

}  // namespace
}  // namespace flikvakt::connector
