// When commands of one worker's coroutines leave for the sequencer, and what becomes of them when either side ends.
#include "gateway/errands.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <thread>

#include "gateway/await_command.h"
#include "tests/gateway/api_world.h"

namespace flikvakt::gateway::test {
namespace {

class ErrandsTest : public ::testing::Test {
protected:
  std::uint64_t log_size() const { return world_.core->sequencer().log_view().size; }
  bool grows_within(std::uint64_t from, std::chrono::milliseconds patience) const {
    const auto end = std::chrono::steady_clock::now() + patience;
    while (log_size() == from && std::chrono::steady_clock::now() < end) std::this_thread::sleep_for(1ms);
    return log_size() != from;
  }

  service::Command command(policy::Act act) const {
    service::Command out;
    out.actor = policy::PersonActor{world_.person, world_.device.public_key().thumbprint()};
    out.act = std::move(act);
    return out;
  }
  static policy::Act reading() { return policy::ReadOverview{}; }
  static policy::Act revoking() { return policy::RevokeFullmakt{crypto::random_id<FullmaktId>()}; }

  Awaitable<void> ask(policy::Act act) {
    Awaitable<service::CommandResult> decision = decide(*world_.core, command(std::move(act)));
    const service::CommandResult result = co_await std::move(decision);
    answers_.push_back(result);
    thread_ = std::this_thread::get_id();
  }
  Awaitable<void> ask_by_act() {
    service::Command act = command(reading());
    act.evidence = service::ActEvidence{crypto::random_id<ActId>(), world_.core->clock().wall() + 1h, {}, {}, {}};
    Awaitable<service::CommandResult> decision = decide(*world_.core, std::move(act));
    const service::CommandResult result = co_await std::move(decision);
    answers_.push_back(result);
  }
  // Tells when the frame that holds it is destroyed.
  struct Witness {
    bool& gone;
    ~Witness() { gone = true; }
  };
  Awaitable<void> ask_before_witness(bool& gone) {
    const Witness witness{gone};
    Awaitable<void> asking = ask(reading());
    co_await std::move(asking);
  }
  // Runs in the same turn as what was spawned before it.
  Awaitable<void> look(std::chrono::milliseconds patience) {
    seen_to_grow_ = grows_within(before_, patience);
    co_return;
  }
  Awaitable<void> owe() {
    Awaitable<Errands*> find = Errands::here();
    Errands* const errands = co_await std::move(find);
    service::Command owed;
    owed.actor = policy::SystemActor{};
    owed.act = policy::Start{};
    errands->send(world_.core->sequencer(), std::move(owed));
  }
  void spawn(Awaitable<void> coroutine) { asio::co_spawn(context_, std::move(coroutine), asio::detached); }
  void run_until_answered(std::size_t count) {
    const auto work = asio::make_work_guard(context_);
    while (answers_.size() < count && context_.run_one_for(5s) > 0) {
    }
  }

  ApiWorld world_;
  std::vector<service::CommandResult> answers_;
  std::thread::id thread_;
  std::optional<bool> seen_to_grow_;
  std::uint64_t before_ = log_size();
  asio::io_context context_{1};
};

TEST_F(ErrandsTest, WhatIsSentInOneTurnLeavesWhenEverybodyHadTheirs) {
  spawn(ask(reading()));
  spawn(look(100ms));
  spawn(ask(reading()));
  run_until_answered(2);
  ASSERT_EQ(answers_.size(), 2u);
  EXPECT_EQ(seen_to_grow_, false);
  EXPECT_TRUE(answers_[0].decision.is_permitted());
  EXPECT_EQ(answers_[1].entry, answers_[0].entry + 1);
  EXPECT_EQ(answers_[1].time, answers_[0].time) << "one batch";
  EXPECT_EQ(thread_, std::this_thread::get_id());
}

TEST_F(ErrandsTest, WhatNarrowsAccessDoesNotWaitForTheOthers) {
  spawn(ask(revoking()));
  spawn(look(5s));
  run_until_answered(1);
  ASSERT_EQ(answers_.size(), 1u);
  EXPECT_EQ(seen_to_grow_, true);
}

TEST_F(ErrandsTest, AnActDoesNotWaitEither) {
  spawn(ask_by_act());
  spawn(look(5s));
  run_until_answered(1);
  EXPECT_TRUE(seen_to_grow_.value());
}

TEST_F(ErrandsTest, WhatIsOwedWhenALoopHasEndedGoesWhileTheSequencerStillTakesIt) {
  spawn(owe());
  context_.run_one();
  EXPECT_FALSE(grows_within(before_, 50ms)) << "its flush is posted, and the loop ends before it";
  Errands::send_what_is_owed(context_);
  EXPECT_TRUE(grows_within(before_, 5s));
}

TEST_F(ErrandsTest, WhatComesAfterTheSequencerStoppedIsAnsweredUnavailable) {
  world_.core->sequencer().stop();
  spawn(ask(reading()));
  run_until_answered(1);
  ASSERT_EQ(answers_.size(), 1u);
  EXPECT_EQ(answers_[0].status, service::CommandStatus::unavailable);
  EXPECT_EQ(thread_, std::this_thread::get_id());
}

TEST_F(ErrandsTest, AWorkerThatEndsSendsWhatIsOwedAndDestroysWhoeverWaits) {
  bool gone = false;
  {
    asio::io_context context{1};
    asio::co_spawn(context, ask_before_witness(gone), asio::detached);
    asio::co_spawn(context, owe(), asio::detached);
    context.poll_one();
    context.poll_one();
    EXPECT_FALSE(grows_within(before_, 50ms));
    EXPECT_FALSE(gone);
  }
  EXPECT_TRUE(gone);
  EXPECT_TRUE(grows_within(before_, 5s));
  EXPECT_TRUE(answers_.empty());
}

TEST_F(ErrandsTest, AnAnswerToAWorkerThatHasEndedIsDropped) {
  {
    asio::io_context context{1};
    asio::co_spawn(context, ask(reading()), asio::detached);
    while (log_size() == before_ && context.poll() == 0) {
    }
  }
  EXPECT_TRUE(grows_within(before_, 5s));
  EXPECT_TRUE(answers_.empty());
}

}  // namespace
}  // namespace flikvakt::gateway::test
