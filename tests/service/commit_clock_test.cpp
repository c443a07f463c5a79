// When the sequencer doubts the wall clock, and what an administrator's word ends.
#include "service/commit_clock.h"

#include <gtest/gtest.h>

#include "tests/service/temp_core.h"

namespace flikvakt::service {
namespace {

using namespace std::chrono_literals;
using test::ManualClock;

// SPEC ACT-57
TEST(CommitClock, AJumpIsDoubtedUntilAnAdministratorSaysThatTheTimeIsRight) {
  for (const auto by : {10s, -10s}) {
    ManualClock clock;
    CommitClock commit(clock, clock.wall());
    EXPECT_EQ(commit.read().doubt, ClockDoubt::none);
    clock.jump(by);
    EXPECT_EQ(commit.read().doubt, ClockDoubt::jumped);
    clock.jump(-by);
    EXPECT_EQ(commit.read().doubt, ClockDoubt::jumped) << "it does not end by itself";
    commit.accept();
    EXPECT_EQ(commit.read().doubt, ClockDoubt::none);
  }
}

// The clock was ahead, an entry says so, and then it was put right: the log stays where it is until the clock is there.
TEST(CommitClock, ATimeBehindTheLogThatWasConfirmedIsNotDoubtedAgain) {
  ManualClock clock;
  const UtcTime ahead = clock.wall() + 3h;
  CommitClock commit(clock, ahead);
  EXPECT_EQ(commit.read().doubt, ClockDoubt::behind_log);
  commit.accept();
  EXPECT_EQ(commit.read().doubt, ClockDoubt::none);
  EXPECT_EQ(commit.read().now, ahead) << "never behind the last entry";
  clock.advance(2h);
  EXPECT_EQ(commit.read().doubt, ClockDoubt::none);
  EXPECT_EQ(commit.read().now, ahead);
  clock.advance(2h);
  EXPECT_EQ(commit.read().now, clock.wall());
}

TEST(CommitClock, AJumpIsDoubtedWhileAConfirmedTimeIsBehindTheLog) {
  ManualClock clock;
  CommitClock commit(clock, clock.wall() + 3h);
  (void)commit.read();
  commit.accept();
  clock.jump(1h);
  EXPECT_EQ(commit.read().doubt, ClockDoubt::jumped);
}

TEST(CommitClock, OnceTheClockHasCaughtUpFallingBehindTheLogIsDoubtedAgain) {
  ManualClock clock;
  CommitClock commit(clock, clock.wall() + 1h);
  (void)commit.read();
  commit.accept();
  clock.advance(61min);
  EXPECT_EQ(commit.read().doubt, ClockDoubt::none);
  commit.committed(clock.wall());
  clock.jump(-2500ms);
  EXPECT_EQ(commit.read().doubt, ClockDoubt::behind_log);
}

TEST(CommitClock, SmallStepsInAShortTimeAddUp) {
  for (const auto by : {4s, -4s}) {
    ManualClock clock;
    CommitClock commit(clock, clock.wall() - 1h);
    clock.jump(by);
    EXPECT_EQ(commit.read().doubt, ClockDoubt::none);
    clock.advance(1min);
    EXPECT_EQ(commit.read().doubt, ClockDoubt::none);
    clock.jump(by);
    EXPECT_EQ(commit.read().doubt, ClockDoubt::jumped);
  }
}

TEST(CommitClock, AClockThatRunsMuchTooFastIsDoubted) {
  ManualClock clock;
  CommitClock commit(clock, clock.wall());
  int steps = 0;
  for (; steps < 1000 && commit.read().doubt == ClockDoubt::none; ++steps) {
    clock.advance(250ms);
    clock.jump(250ms);
  }
  EXPECT_LT(steps, 25);
}

TEST(CommitClock, LeapSecondsAndTheDriftThatNtpCorrectsAreNotDoubted) {
  ManualClock clock;
  CommitClock commit(clock, clock.wall());
  for (int hour = 0; hour < 48; ++hour) {
    clock.jump(hour % 2 == 0 ? 1s : -1s);
    for (int n = 0; n < 360; ++n) {
      clock.advance(10s);
      clock.jump(5ms);  // 500 parts in a million
      ASSERT_EQ(commit.read().doubt, ClockDoubt::none) << hour;
    }
  }
}

TEST(CommitClock, AStartLongAfterTheLastEntryIsDoubted) {
  ManualClock clock;
  CommitClock soon(clock, clock.wall() - 23h);
  EXPECT_EQ(soon.read().doubt, ClockDoubt::none);
  CommitClock late(clock, clock.wall() - 25h);
  EXPECT_EQ(late.read().doubt, ClockDoubt::far_past_log);
  EXPECT_EQ(late.read().now, clock.wall() - 25h) << "in doubt the last entry's time";
}

// SPEC ACT-57
TEST(CommitClock, DoubtBeginsAfterItsBoundsAndNotAtThem) {
  const auto doubt_after = [](std::chrono::milliseconds since_last_entry, std::chrono::milliseconds jump) {
    ManualClock clock;
    CommitClock commit(clock, clock.wall() - since_last_entry);
    clock.jump(jump);
    return commit.read().doubt;
  };
  EXPECT_EQ(doubt_after(24h, 0ms), ClockDoubt::none);
  EXPECT_EQ(doubt_after(24h + 1ms, 0ms), ClockDoubt::far_past_log);
  EXPECT_EQ(doubt_after(-2s, 0ms), ClockDoubt::none);
  EXPECT_EQ(doubt_after(-2001ms, 0ms), ClockDoubt::behind_log);
  for (const int way : {1, -1}) {
    EXPECT_EQ(doubt_after(1h, way * 5000ms), ClockDoubt::none);
    EXPECT_EQ(doubt_after(1h, way * 5001ms), ClockDoubt::jumped);
  }
}

// SPEC ACT-3, ACT-57
TEST(CommitClock, OnlyAPermittedWordOfAnAdministratorEndsADoubt) {
  test::World world;
  const auto is_served = [&] { return world.decide(world.device, policy::ReadOverview{}).decision.is_permitted(); };
  EXPECT_TRUE(is_served());
  world.clock.jump(1h);
  EXPECT_FALSE(is_served());
  const policy::AcceptClock accept{world.clock.wall()};
  EXPECT_FALSE(world.decide(world.handler, accept).decision.is_permitted());
  EXPECT_FALSE(
      world.decide(policy::AdministratorActor{crypto::random_id<AdministratorId>()}, accept).decision.is_permitted());
  EXPECT_FALSE(is_served()) << "a word that is refused changes nothing";
  const CommandResult accepted = world.decide(world.administrators[0], accept);
  EXPECT_TRUE(accepted.decision.is_permitted());
  EXPECT_TRUE(is_served());
}

}  // namespace
}  // namespace flikvakt::service
