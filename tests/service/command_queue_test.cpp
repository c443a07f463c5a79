// What waits for the sequencer: order, fairness, room, and closings that wait for company.
#include "service/command_queue.h"

#include <gtest/gtest.h>

#include <thread>

#include "crypto/random.h"

namespace flikvakt::service {
namespace {

using namespace policy;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

StaffActor staff_of(const OrganisationId& organisation) {
  StaffActor out;
  out.organisation = organisation;
  out.staff = crypto::random_id<StaffId>();
  return out;
}

Command command(Actor actor, Act act) {
  Command out;
  out.actor = std::move(actor);
  out.act = std::move(act);
  return out;
}

Command reading(const StaffActor& who) { return command(who, OpenReading{crypto::random_id<ReadingId>(), {}, "p"}); }
Command closing(ReadingEnd end) { return command(SystemActor{}, CloseReading{crypto::random_id<ReadingId>(), end, 0}); }

std::vector<Command> some(Command one) {
  std::vector<Command> out;
  out.push_back(std::move(one));
  return out;
}
std::vector<Command> some(Command one, Command other) {
  std::vector<Command> out = some(std::move(one));
  out.push_back(std::move(other));
  return out;
}

class Queue : public ::testing::Test {
protected:
  std::vector<Command> take_now() { return queue.take(Clock::now()); }
  std::vector<ByteArray<16>> actors_of(const std::vector<Command>& taken) {
    std::vector<ByteArray<16>> out;
    for (const Command& one : taken) out.push_back(actor_id(one.actor));
    return out;
  }

  CommandQueue queue{{.per_source = 3, .batch = 4}};
  StaffActor a = staff_of(crypto::random_id<OrganisationId>()), b = staff_of(crypto::random_id<OrganisationId>());
};

TEST_F(Queue, ANudgeEndsOneWaitThoughNothingCame) {
  queue.nudge();
  EXPECT_TRUE(queue.take(Clock::now() + 1h).empty());
  std::thread later([&] { queue.nudge(); });
  EXPECT_TRUE(queue.take(Clock::now() + 1h).empty());
  later.join();
  EXPECT_TRUE(queue.take(Clock::now()).empty()) << "and no other";
}

TEST_F(Queue, OrganisationsTakeTurnsAndABatchHasItsLimit) {
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(queue.push(some(reading(a))).empty());
  EXPECT_TRUE(queue.push(some(reading(b), reading(b))).empty());
  const auto first = actors_of(take_now());
  ASSERT_EQ(first.size(), 4u);
  EXPECT_EQ(std::ranges::count(first, b.staff.value()), 2);
  EXPECT_EQ(take_now().size(), 1u);
  EXPECT_TRUE(take_now().empty());
}

TEST_F(Queue, WhatFindsNoRoomIsGivenBackAndOthersAreNotAffected) {
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(queue.push(some(reading(a))).empty());
  const auto refused = queue.push(some(reading(a), reading(b)));
  ASSERT_EQ(refused.size(), 1u);
  EXPECT_EQ(actor_id(refused.front().actor), a.staff.value());
  EXPECT_EQ(take_now().size(), 4u);
}

TEST_F(Queue, AClosedOneGivesEverythingBackAndIsDrained) {
  EXPECT_TRUE(queue.push(some(reading(a))).empty());
  queue.close();
  EXPECT_EQ(queue.push(some(reading(a), closing(ReadingEnd::complete))).size(), 2u);
  EXPECT_FALSE(queue.is_drained());
  EXPECT_EQ(queue.take(Clock::now() + 10s).size(), 1u);
  EXPECT_TRUE(queue.is_drained());
}

// INVARIANT (narrowing lane)
TEST_F(Queue, ANarrowingActOvertakesOthersAndNotItsOwnActorsEarlierActs) {
  EXPECT_TRUE(queue.push(some(reading(b))).empty());
  EXPECT_TRUE(queue.push(some(reading(a))).empty());
  EXPECT_TRUE(queue.push(some(command(a, PaperNarrowing{}))).empty());
  const auto taken = take_now();
  ASSERT_EQ(taken.size(), 3u);
  EXPECT_TRUE(holds_alternative<OpenReading>(taken[0].act));
  EXPECT_EQ(actor_id(taken[0].actor), a.staff.value());
  EXPECT_TRUE(holds_alternative<PaperNarrowing>(taken[1].act));
  EXPECT_EQ(actor_id(taken[2].actor), b.staff.value());
}

// How long a taker that may wait for long is kept.
class PatientQueue : public ::testing::Test {
protected:
  std::size_t taken_within(CommandQueue& queue, Clock::duration at_least, Clock::duration at_most) {
    const auto before = Clock::now();
    const std::size_t count = queue.take(before + 60s).size();
    EXPECT_GE(Clock::now() - before, at_least);
    EXPECT_LT(Clock::now() - before, at_most);
    return count;
  }
  StaffActor a = staff_of(crypto::random_id<OrganisationId>());
  CommandQueue brief{{.per_source = 3, .batch = 4, .patience = 20ms}};
  CommandQueue endless{{.per_source = 3, .batch = 4, .patience = 1h}};
};

TEST_F(PatientQueue, AClosingAloneWaitsALittleForCompanyAndThenGoes) {
  EXPECT_TRUE(brief.push(some(closing(ReadingEnd::complete))).empty());
  EXPECT_EQ(taken_within(brief, 10ms, 30s), 1u);
}

TEST_F(PatientQueue, AClosingGoesWithTheFirstThatSomebodyWaitsFor) {
  EXPECT_TRUE(endless.push(some(closing(ReadingEnd::complete))).empty());
  EXPECT_TRUE(endless.push(some(reading(a))).empty());
  EXPECT_EQ(taken_within(endless, 0s, 30s), 2u);
}

// It wakes who waits without end, too: the first that is patient is heard of.
TEST_F(PatientQueue, AClosingIsTakenByOneWhoWaitedBeforeItCame) {
  std::size_t taken = 0;
  std::thread taker([&] { taken = taken_within(brief, 10ms, 30s); });
  std::this_thread::sleep_for(20ms);
  EXPECT_TRUE(brief.push(some(closing(ReadingEnd::complete))).empty());
  taker.join();
  EXPECT_EQ(taken, 1u);
}

TEST_F(PatientQueue, ACutReadingsClosingDoesNotWait) {
  EXPECT_TRUE(endless.push(some(closing(ReadingEnd::cut))).empty());
  EXPECT_EQ(taken_within(endless, 0s, 30s), 1u);
}

TEST_F(PatientQueue, WhatIsPatientDoesNotHoldUpTheEnd) {
  EXPECT_TRUE(endless.push(some(closing(ReadingEnd::complete))).empty());
  endless.close();
  EXPECT_EQ(taken_within(endless, 0s, 30s), 1u);
  EXPECT_TRUE(endless.is_drained());
}

}  // namespace
}  // namespace flikvakt::service
