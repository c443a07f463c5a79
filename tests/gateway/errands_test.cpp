// When commands of one worker's coroutines leave for the sequencer, and what becomes of them when either side ends.
#include "gateway/errands.h"

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <chrono>
#include <future>
#include <map>
#include <stdexcept>
#include <thread>

#include "gateway/await_command.h"
#include "tests/gateway/api_world.h"

namespace flikvakt::gateway::test {
namespace {

// Keeps a sequencer busy with an answer until let go: what comes meanwhile is one batch. `then` is the end of it.
class Held {
public:
  explicit Held(
      service::Sequencer& sequencer, std::function<void()> then = [] {}) {
    service::Command busy;
    busy.actor = policy::SystemActor{};
    busy.act = policy::Start{};
    busy.done = [state = state_, then = std::move(then)](const service::CommandResult&) {
      state->begun.set_value();
      state->go.get_future().wait();
      then();
    };
    sequencer.submit(std::move(busy));
    state_->begun.get_future().wait();
  }
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;
  ~Held() { state_->go.set_value(); }

private:
  struct State {
    std::promise<void> begun;
    std::promise<void> go;
  };
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

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
  static policy::Act forbidden() {
    return policy::OpenReading{crypto::random_id<ReadingId>(), crypto::random_id<DocumentId>(), "konsultation"};
  }
  service::ActEvidence evidence() const {
    return {crypto::random_id<ActId>(), world_.core->clock().wall() + 1h, {}, {}, {}};
  }
  service::Command sent(service::ActEvidence evidence) const {
    service::Command out = command(reading());
    out.evidence = std::move(evidence);
    return out;
  }

  Awaitable<void> ask(service::Command what) {
    Awaitable<service::CommandResult> decision = decide(*world_.core, std::move(what));
    const service::CommandResult result = co_await std::move(decision);
    answers_.push_back(result);
    thread_ = std::this_thread::get_id();
  }
  Awaitable<void> ask(policy::Act act) { return ask(command(std::move(act))); }
  Awaitable<void> ask_by_act() { return ask(sent(evidence())); }
  std::map<service::CommandStatus, std::size_t> statuses() const {
    std::map<service::CommandStatus, std::size_t> out;
    for (const service::CommandResult& answer : answers_) ++out[answer.status];
    return out;
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

// ---- Answers of one batch

using Status = service::CommandStatus;

TEST_F(ErrandsTest, EveryAnswerOfABatchComesWhateverBecameOfItsCommand) {
  const service::ActEvidence before = evidence();
  ASSERT_TRUE(world_.core->decide(sent(before)).decision.is_permitted());
  service::ActEvidence another = before;
  another.hash[0] ^= 1;
  service::ActEvidence late = evidence();
  late.carried_out_until = world_.core->clock().wall() - 1h;
  {
    const Held held(world_.core->sequencer());
    for (const service::ActEvidence& one : {before, another, late}) spawn(ask(sent(one)));
    spawn(ask(forbidden()));
    spawn(ask(reading()));
    context_.poll();
    EXPECT_TRUE(answers_.empty());
  }
  run_until_answered(5);
  using Counts = std::map<Status, std::size_t>;
  EXPECT_EQ(statuses(),
            (Counts{{Status::decided, 2}, {Status::repeated, 1}, {Status::conflict, 1}, {Status::expired, 1}}));
  EXPECT_EQ(std::ranges::count_if(answers_, [](const auto& one) { return one.decision.is_permitted(); }), 2)
      << "the reading, and the act as it was decided before";
}

TEST_F(ErrandsTest, TheAnswersOfABatchOfWhichNothingIsWrittenCome) {
  const service::ActEvidence before = evidence();
  ASSERT_TRUE(world_.core->decide(sent(before)).decision.is_permitted());
  std::uint64_t size = 0;
  {
    const Held held(world_.core->sequencer());
    size = log_size();
    spawn(ask(sent(before)));
    spawn(ask(sent(before)));
    context_.poll();
  }
  run_until_answered(2);
  EXPECT_EQ(statuses(), (std::map<Status, std::size_t>{{Status::repeated, 2}}));
  EXPECT_EQ(log_size(), size);
}

TEST_F(ErrandsTest, TheAnswersOfABatchThatIsAbortedCome) {
  {
    const Held held(world_.core->sequencer());
    service::ActEvidence large = evidence();
    large.bytes.resize(store::kMaxBlobBytes + 1);  // more than can be written
    spawn(ask(reading()));
    spawn(ask(sent(std::move(large))));
    spawn(ask(forbidden()));
    context_.poll();
  }
  run_until_answered(3);
  EXPECT_EQ(statuses(), (std::map<Status, std::size_t>{{Status::unavailable, 3}}));
  spawn(ask(reading()));
  context_.restart();
  run_until_answered(4);
  EXPECT_EQ(statuses()[Status::decided], 1u) << "the next batch is none the worse";
}

// What a worker hears of its answers, in order. Read when a later batch has been answered.
struct ToldMailbox final : service::Mailbox {
  std::vector<std::string> heard;
  void begin_delivery() noexcept override { heard.emplace_back("begin"); }
  void end_delivery() noexcept override { heard.emplace_back("end"); }
};

service::Command answered_to(const std::shared_ptr<ToldMailbox>& mailbox, service::Command command) {
  command.mailbox = mailbox;
  command.done = [mailbox](const service::CommandResult& result) {
    const bool is_refused = result.status == Status::decided && !result.decision.is_permitted();
    mailbox->heard.emplace_back(is_refused ? "refused" : result.status == Status::repeated ? "repeated" : "permitted");
  };
  return command;
}

TEST_F(ErrandsTest, AMailboxHearsOnceBeforeAndOnceAfterItsAnswersOfABatch) {
  const service::ActEvidence before = evidence();
  ASSERT_TRUE(world_.core->decide(sent(before)).decision.is_permitted());
  const auto mine = std::make_shared<ToldMailbox>(), theirs = std::make_shared<ToldMailbox>();
  std::vector<service::Command> batch;
  batch.push_back(answered_to(mine, command(forbidden())));
  batch.push_back(answered_to(theirs, command(reading())));
  batch.push_back(answered_to(mine, sent(before)));
  batch.push_back(answered_to(mine, command(reading())));
  batch.push_back(command(reading()));  // nobody's
  world_.core->sequencer().submit(std::move(batch));
  for (int i = 0; i < 2; ++i) world_.core->decide(command(reading()));  // the second is in a later batch
  EXPECT_EQ(mine->heard, (std::vector<std::string>{"begin", "refused", "repeated", "permitted", "end"}));
  EXPECT_EQ(theirs->heard, (std::vector<std::string>{"begin", "permitted", "end"}));
}

// ---- The sequencer ends first

TEST_F(ErrandsTest, WhatWaitsWhenTheSequencerStopsIsDecidedAndAnswered) {
  std::atomic<bool> is_closed = false;
  std::thread stopping;
  {
    const Held held(world_.core->sequencer());
    spawn(ask(reading()));
    context_.poll();
    stopping = std::thread([&] { world_.core->sequencer().stop(); });
    while (!is_closed) {  // what waits then, waited when it stopped
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      service::Command probe = command(reading());
      probe.done = [&](const service::CommandResult& result) {
        if (result.status == Status::unavailable) is_closed = true;
      };
      world_.core->sequencer().submit(std::move(probe));
    }
  }
  run_until_answered(1);
  stopping.join();
  EXPECT_EQ(statuses(), (std::map<Status, std::size_t>{{Status::decided, 1}}));
}

// A log of its own, whose sequencer dies when something fails that nobody can mend.
class ErrandsOfADyingSequencer : public ErrandsTest {
protected:
  ErrandsOfADyingSequencer() {
    service::Core::Hooks hooks{[this](const Error& error) { died_.set_value(error.message); }, {}};
    core_ = service::Core::create(store::DataDirectory::create(world_.folder / "dying").value(),
                                  crypto::MasterKey::random(), "flikvakt.test/dying", world_.clock, hooks)
                .value();
  }

  [[noreturn]] static void break_down() { throw std::runtime_error("broken"); }
  // Goes first in its batch, and is the last that is answered.
  void submit_fatal() {
    service::Command out = command(revoking());
    out.done = [](const service::CommandResult&) { break_down(); };
    out.mailbox = std::make_shared<ToldMailbox>();  // else it is answered after all that have one
    core_->sequencer().submit(std::move(out));
  }
  // As the end of a transfer does: it owes the log a closing, whatever ends it.
  struct Owing {
    Errands& errands;
    service::Sequencer& sequencer;
    ~Owing() {
      service::Command owed;
      owed.actor = policy::SystemActor{};
      owed.act = policy::Start{};
      errands.send(sequencer, std::move(owed));
    }
  };
  Awaitable<void> wait_and_owe(bool& gone) {
    const Witness witness{gone};
    Awaitable<Errands*> find = Errands::here();
    Errands* const errands = co_await std::move(find);
    const Owing owing{*errands, world_.core->sequencer()};
    Awaitable<service::CommandResult> decision = decide(*core_, command(reading()));
    const service::CommandResult result = co_await std::move(decision);
    answers_.push_back(result);
  }
  // True: the loop ended by itself, since nothing was left to wait for.
  bool runs_out_of_work() {
    context_.run_for(5s);
    return context_.stopped();
  }

  std::promise<std::string> died_;
  std::unique_ptr<service::Core> core_;
};

TEST_F(ErrandsOfADyingSequencer, WhoWaitsForTheBatchInWhichItDiesIsDestroyedAndWhatTheyOweIsSent) {
  bool gone = false;
  {
    const Held held(core_->sequencer());
    submit_fatal();
    spawn(wait_and_owe(gone));
    context_.poll();
    EXPECT_FALSE(gone);
  }
  EXPECT_EQ(died_.get_future().get(), "broken");
  EXPECT_FALSE(gone) << "not on the sequencer's thread";
  EXPECT_TRUE(runs_out_of_work());
  EXPECT_TRUE(gone);
  EXPECT_TRUE(answers_.empty());
  EXPECT_TRUE(grows_within(before_, 5s));
}

TEST_F(ErrandsOfADyingSequencer, WhoWaitsBehindThatBatchIsDestroyedToo) {
  bool gone = false;
  {
    const Held held(core_->sequencer(), break_down);
    spawn(wait_and_owe(gone));
    context_.poll();
  }
  EXPECT_EQ(died_.get_future().get(), "broken");
  EXPECT_TRUE(runs_out_of_work());
  EXPECT_TRUE(gone);
  EXPECT_TRUE(answers_.empty());
  EXPECT_TRUE(grows_within(before_, 5s));
}

TEST_F(ErrandsOfADyingSequencer, WhoComesAfterItDiedIsAnsweredUnavailable) {
  { const Held held(core_->sequencer(), break_down); }
  EXPECT_EQ(died_.get_future().get(), "broken");
  bool gone = false;
  spawn(wait_and_owe(gone));
  EXPECT_TRUE(runs_out_of_work());
  EXPECT_EQ(statuses(), (std::map<Status, std::size_t>{{Status::unavailable, 1}}));
  EXPECT_TRUE(gone);
}

}  // namespace
}  // namespace flikvakt::gateway::test
