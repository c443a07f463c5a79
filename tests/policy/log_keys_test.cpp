// The keys of the log: who gives it a new one, how long two sign, and what ends at once when one is in other hands.
#include "policy/log_keys.h"

#include "tests/policy/world.h"

namespace flikvakt::policy::test {
namespace {

constexpr std::uint8_t kSigning = 10;  // crypto::KeyLevel

LogKey log_key(std::uint32_t generation) {
  const unsigned n = generation * 10;
  LogKey out;
  out.generation = generation;
  out.checkpoint_key = fingerprint(n);
  out.head_key = fingerprint(n + 1);
  out.seed = id<KeyId>(7000 + n);
  out.head_seed = id<KeyId>(7001 + n);
  return out;
}

std::vector<KeyRow> seeds_of(const LogKey& key) {
  return {{key.seed, {}, kSigning, 1, KeyStatus::active, {}}, {key.head_seed, {}, kSigning, 1, KeyStatus::active, {}}};
}

Prepared brought(const LogKey& key) {
  Prepared out;
  out.keys = seeds_of(key);
  out.log_key = key;
  return out;
}

constexpr const char* kOrigin = "flikvakt.example/log";  // World's

RotateLogKey order_of(const LogKey& key, bool compromised = false) {
  return {kOrigin, key.checkpoint_key, key.head_key, compromised};
}

class LogKeysTest : public ::testing::Test {
protected:
  LogKeysTest() {
    LogKey first = log_key(1);
    first.since = world.now - 24h * 365;
    world.state.put(first);
    for (const KeyRow& seed : seeds_of(first)) world.state.put(seed);
    world.entry = 500;
  }
  Outcome rotate(std::uint32_t generation, bool compromised = false) {
    const LogKey fresh = log_key(generation);
    EXPECT_TRUE(is_permitted(world.act(anna, order_of(fresh, compromised)).decision));
    return world.act(bo, world.approval_of(world.waiting()), brought(fresh));
  }
  Decision says(const RotateLogKey& order) const { return world.ask(anna, order).decision; }
  Decision retires(std::uint32_t generation) const { return world.ask(anna, RetireLogKey{generation}).decision; }
  Decision gives_up(std::uint32_t generation) const { return world.ask(anna, GiveUpLogKey{generation}).decision; }
  Outcome give_up(std::uint32_t generation) {
    EXPECT_TRUE(is_permitted(world.act(anna, GiveUpLogKey{generation}).decision));
    return world.act(bo, world.approval_of(world.waiting()));
  }
  void retire_in_good_time() {
    world.time = world.now + kLeastOverlap;
    world.entry = 700;
    EXPECT_TRUE(is_permitted(world.act(anna, RetireLogKey{1}).decision));
  }
  const LogKey& row(std::uint32_t generation) const { return world.get<LogKey>(std::to_string(generation)); }
  KeyStatus seed_status(const KeyId& seed) const { return world.get<KeyRow>(seed).status; }

  World world;
  const AdministratorActor anna{world.anna}, bo{world.bo};
};

// SPEC LKEY-2
TEST(FirstLogKey, IsStatedByTheEntryThatBeginsTheLog) {
  const World world;
  const auto administrator = [](unsigned n, AdministratorKind kind) {
    return Administrator{id<AdministratorId>(n), "Namn", kind, fingerprint(n), json::object(), Standing::active};
  };
  const Initialise init{Instance{"flikvakt.example", "flikvakt.example/log", 0, {}, {}},
                        {administrator(1, AdministratorKind::personal), administrator(2, AdministratorKind::personal),
                         administrator(3, AdministratorKind::recovery)}};
  Moment moment;
  moment.now = world.now;
  const Outcome out = evaluate({}, SystemActor{}, init, moment, brought(log_key(1)));
  ASSERT_TRUE(is_permitted(out.decision));
  State state;
  for (const Row& one : out.puts) state.put(one);
  const LogKey* first = log_key_that_is(state, LogKeyStatus::current);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->generation, 1u);
  EXPECT_EQ(first->from, 0u);
  EXPECT_EQ(first->since, world.now);
  EXPECT_EQ(log_key_that_is(state, LogKeyStatus::retiring), nullptr);
}

// SPEC LKEY-3, LKEY-1
TEST_F(LogKeysTest, ANewOneTakesTwoAdministratorsAndTheOldOneGoesOnSigning) {
  const LogKey fresh = log_key(2);
  for (const Actor& actor : {Actor(world.person_actor()), Actor(world.staff(world.reader)), Actor(SystemActor{})})
    EXPECT_TRUE(is_refused(world.ask(actor, order_of(fresh)).decision, Reason::not_entitled));
  EXPECT_TRUE(is_permitted(world.act(anna, order_of(fresh)).decision));
  EXPECT_EQ(world.state.all<LogKey>().size(), 1u) << "one is not two";
  const Approve approval = world.approval_of(world.waiting());
  EXPECT_TRUE(is_refused(world.ask(anna, approval, brought(fresh)).decision, Reason::same_person));
  const Outcome done = world.act(bo, approval, brought(fresh));
  ASSERT_TRUE(is_permitted(done.decision));
  EXPECT_EQ(row(1).status, LogKeyStatus::retiring);
  EXPECT_FALSE(row(1).to) << "it signs on";
  EXPECT_EQ(row(2).status, LogKeyStatus::current);
  EXPECT_EQ(row(2).from, 500u);
  EXPECT_EQ(row(2).since, world.now);
  EXPECT_EQ(row(2).checkpoint_key, fresh.checkpoint_key);
  EXPECT_EQ(seed_status(log_key(1).seed), KeyStatus::active);
  EXPECT_EQ(seed_status(fresh.seed), KeyStatus::active);
  EXPECT_EQ(seed_status(fresh.head_seed), KeyStatus::active);
  EXPECT_EQ(done.shreds, (std::vector<KeyId>{log_key(1).head_seed})) << "two heads need not overlap";
  EXPECT_EQ(seed_status(log_key(1).head_seed), KeyStatus::shredded);
}

// SPEC LKEY-3
TEST_F(LogKeysTest, WhatWaitsIsNotApprovedWithoutTheVerySeedsThatWereMadeForIt) {
  const LogKey fresh = log_key(2);
  EXPECT_TRUE(is_permitted(world.act(anna, order_of(fresh)).decision));
  const auto approved = [&](const Prepared& prepared) {
    return world.ask(bo, world.approval_of(world.waiting()), prepared).decision;
  };
  EXPECT_TRUE(is_permitted(approved(brought(fresh))));
  EXPECT_TRUE(is_refused(approved({}), Reason::wrong_state)) << "as it comes through a door";
  const auto with = [&](const std::function<void(Prepared&)>& how) {
    Prepared out = brought(fresh);
    how(out);
    return approved(out);
  };
  EXPECT_TRUE(is_refused(with([](Prepared& p) { p.log_key->checkpoint_key = fingerprint(99); }), Reason::wrong_state));
  EXPECT_TRUE(is_refused(with([](Prepared& p) { p.log_key->head_key = fingerprint(99); }), Reason::wrong_state));
  EXPECT_TRUE(is_refused(with([](Prepared& p) { p.keys.pop_back(); }), Reason::wrong_state));
  EXPECT_TRUE(is_refused(with([](Prepared& p) { p.keys.push_back(p.keys.front()); }), Reason::wrong_state));
  EXPECT_TRUE(is_refused(with([](Prepared& p) { p.keys[1].id = id<KeyId>(9); }), Reason::wrong_state));
  EXPECT_TRUE(is_refused(with([](Prepared& p) { p.keys[0].status = KeyStatus::shredded; }), Reason::wrong_state));
  EXPECT_TRUE(is_refused(with([](Prepared& p) { p.log_key->head_seed = p.log_key->seed; }), Reason::wrong_state));
  EXPECT_TRUE(is_refused(with([](Prepared& p) {
                           p.log_key->seed = log_key(1).seed;
                           p.keys[0].id = log_key(1).seed;
                         }),
                         Reason::wrong_state))
      << "the old seed is no new one";
}

// SPEC LKEY-3
TEST_F(LogKeysTest, AKeyThatTheLogEverHadIsNoNewOne) {
  EXPECT_TRUE(is_permitted(rotate(2).decision));
  world.time = world.now + kLeastOverlap;
  EXPECT_TRUE(is_permitted(world.act(anna, RetireLogKey{1}).decision));
  EXPECT_TRUE(is_permitted(says(order_of(log_key(3)))));
  for (const std::uint32_t old : {1u, 2u})
    EXPECT_TRUE(is_refused(says(order_of(log_key(old))), Reason::already_exists));
  RotateLogKey half = order_of(log_key(3));
  half.head_key = log_key(1).head_key;
  EXPECT_TRUE(is_refused(says(half), Reason::already_exists));
}

// SPEC LKEY-3: two administrators may be those of several gateways, and a restored log has the name of the one before.
TEST_F(LogKeysTest, AnOrderForAnotherLogIsRefusedWhenItIsProposedAndWhenItIsApproved) {
  RotateLogKey order = order_of(log_key(2));
  for (const char* origin : {"", "flikvakt.example/log2", "flikvakt.example/LOG", "flikvakt.example"}) {
    order.origin = origin;
    EXPECT_TRUE(is_refused(says(order), Reason::unknown)) << origin;
  }
  order.origin = kOrigin;
  EXPECT_TRUE(is_permitted(says(order)));
  EXPECT_TRUE(is_permitted(world.act(anna, order).decision));
  const Approve approval = world.approval_of(world.waiting());
  const auto approved = [&] { return world.ask(bo, approval, brought(log_key(2))).decision; };
  EXPECT_TRUE(is_permitted(approved()));
  world.change<Instance>("instance", [](Instance& one) { one.origin = "flikvakt.example/log2"; });
  EXPECT_TRUE(is_refused(approved(), Reason::unknown));
}

// SPEC LKEY-3
TEST_F(LogKeysTest, ThereIsNoThirdWhileTwoSignUnlessOneIsInOtherHands) {
  EXPECT_TRUE(is_permitted(rotate(2).decision));
  EXPECT_TRUE(is_refused(says(order_of(log_key(3))), Reason::wrong_state));
  world.entry = 600;
  const Outcome done = rotate(3, true);
  ASSERT_TRUE(is_permitted(done.decision));
  EXPECT_EQ(row(1).status, LogKeyStatus::retiring) << "whoever knows the oldest alone can still follow";
  EXPECT_EQ(row(2).status, LogKeyStatus::compromised);
  EXPECT_EQ(row(2).to, 600u);
  EXPECT_EQ(row(3).status, LogKeyStatus::current);
  EXPECT_EQ(done.shreds, (std::vector<KeyId>{log_key(2).head_seed, log_key(2).seed}));
}

// SPEC LKEY-3, LKEY-7
TEST_F(LogKeysTest, OneInOtherHandsSignsNothingMoreFromThatEntryOn) {
  const Outcome done = rotate(2, true);
  ASSERT_TRUE(is_permitted(done.decision));
  EXPECT_EQ(row(1).status, LogKeyStatus::compromised);
  EXPECT_EQ(row(1).to, 500u);
  EXPECT_EQ(row(2).status, LogKeyStatus::current);
  EXPECT_EQ(seed_status(log_key(1).seed), KeyStatus::shredded);
  EXPECT_EQ(log_key_that_is(world.state, LogKeyStatus::retiring), nullptr);
  EXPECT_TRUE(is_refused(retires(1), Reason::wrong_state)) << "it is over already";
}

// SPEC LKEY-4
TEST_F(LogKeysTest, OneAdministratorRetiresItWhenTheOverlapIsOver) {
  EXPECT_TRUE(is_refused(retires(1), Reason::wrong_state)) << "the only one is not retiring";
  EXPECT_TRUE(is_permitted(rotate(2).decision));
  world.entry = 700;
  world.time = world.now + kLeastOverlap - 1ms;
  EXPECT_TRUE(is_refused(retires(1), Reason::period_invalid)) << "a millisecond too early";
  world.time = world.now + kLeastOverlap;
  for (const std::uint32_t other : {0u, 2u, 3u}) EXPECT_TRUE(is_refused(retires(other), Reason::wrong_state)) << other;
  for (const Actor& actor : {Actor(world.person_actor()), Actor(world.staff(world.reader)), Actor(SystemActor{})})
    EXPECT_TRUE(is_refused(world.ask(actor, RetireLogKey{1}).decision, Reason::not_entitled));
  const Outcome done = world.act(anna, RetireLogKey{1});
  ASSERT_TRUE(is_permitted(done.decision));
  EXPECT_EQ(row(1).status, LogKeyStatus::retired);
  EXPECT_EQ(row(1).to, 700u);
  EXPECT_EQ(done.shreds, (std::vector<KeyId>{log_key(1).seed}));
  EXPECT_EQ(row(2).status, LogKeyStatus::current);
  EXPECT_TRUE(is_refused(retires(1), Reason::wrong_state)) << "once";
}

// SPEC LKEY-14
TEST_F(LogKeysTest, ARetiringOneInOtherHandsEndsAtOnceAndByTwoAdministrators) {
  EXPECT_TRUE(is_permitted(rotate(2).decision));
  EXPECT_TRUE(is_refused(retires(1), Reason::period_invalid));
  for (const Actor& actor : {Actor(world.person_actor()), Actor(world.staff(world.reader)), Actor(SystemActor{})})
    EXPECT_TRUE(is_refused(world.ask(actor, GiveUpLogKey{1}).decision, Reason::not_entitled));
  world.entry = 600;
  EXPECT_TRUE(is_permitted(world.act(anna, GiveUpLogKey{1}).decision));
  EXPECT_EQ(row(1).status, LogKeyStatus::retiring) << "one is not two";
  EXPECT_EQ(seed_status(log_key(1).seed), KeyStatus::active);
  const Approve approval = world.approval_of(world.waiting());
  EXPECT_TRUE(is_refused(world.ask(anna, approval).decision, Reason::same_person));
  world.entry = 601;
  const Outcome done = world.act(bo, approval);
  ASSERT_TRUE(is_permitted(done.decision));
  EXPECT_EQ(row(1).status, LogKeyStatus::compromised);
  EXPECT_EQ(row(1).to, 601u) << "of the entry that carried it out";
  EXPECT_EQ(done.shreds, (std::vector<KeyId>{log_key(1).seed}));
  EXPECT_EQ(seed_status(log_key(1).seed), KeyStatus::shredded);
  EXPECT_EQ(row(2).status, LogKeyStatus::current);
}

// SPEC LKEY-14
TEST_F(LogKeysTest, OneThatLeaksAfterItWasRetiredIsGivenUpAndItsLastSizeStays) {
  EXPECT_TRUE(is_permitted(rotate(2).decision));
  retire_in_good_time();
  world.entry = 800;
  const Outcome done = give_up(1);
  ASSERT_TRUE(is_permitted(done.decision));
  EXPECT_EQ(row(1).status, LogKeyStatus::compromised);
  EXPECT_EQ(row(1).to, 700u) << "it signed nothing since";
  EXPECT_TRUE(done.shreds.empty()) << "its seed went when it was retired";
  EXPECT_EQ(row(2).status, LogKeyStatus::current);
  EXPECT_EQ(seed_status(log_key(2).seed), KeyStatus::active);
  EXPECT_TRUE(is_refused(gives_up(1), Reason::wrong_state)) << "once";
}

// SPEC LKEY-14
TEST_F(LogKeysTest, AnOldOneIsGivenUpWhileTwoOthersSignAndTheCurrentOneNever) {
  EXPECT_TRUE(is_permitted(rotate(2).decision));
  retire_in_good_time();
  EXPECT_TRUE(is_permitted(rotate(3).decision));
  EXPECT_TRUE(is_permitted(gives_up(1)));
  EXPECT_TRUE(is_permitted(gives_up(2)));
  EXPECT_TRUE(is_refused(gives_up(3), Reason::wrong_state)) << "it is replaced instead";
  for (const std::uint32_t other : {0u, 4u}) EXPECT_TRUE(is_refused(gives_up(other), Reason::unknown)) << other;
  EXPECT_TRUE(is_permitted(give_up(1).decision));
  EXPECT_EQ(row(1).status, LogKeyStatus::compromised);
  EXPECT_EQ(row(2).status, LogKeyStatus::retiring);
  EXPECT_EQ(row(3).status, LogKeyStatus::current);
}

// SPEC LKEY-14: decided again when the second approves.
TEST_F(LogKeysTest, WhatWaitsGivesUpWhatIsThereThen) {
  EXPECT_TRUE(is_permitted(rotate(2).decision));
  world.time = world.now + kLeastOverlap - 24h;
  EXPECT_TRUE(is_permitted(world.act(anna, GiveUpLogKey{1}).decision));
  const Approve approval = world.approval_of(world.waiting());
  retire_in_good_time();
  world.entry = 900;
  EXPECT_TRUE(is_permitted(world.act(bo, approval).decision));
  EXPECT_EQ(row(1).status, LogKeyStatus::compromised);
  EXPECT_EQ(row(1).to, 700u);
}

// SPEC LKEY-4
TEST_F(LogKeysTest, TheOverlapCountsFromTheNewestKeyOn) {
  EXPECT_TRUE(is_permitted(rotate(2).decision));
  world.time = world.now + 24h * 29;
  EXPECT_TRUE(is_permitted(rotate(3, true).decision));
  world.time = world.now + kLeastOverlap;
  EXPECT_TRUE(is_refused(retires(1), Reason::period_invalid)) << "nobody had thirty days to learn of the third";
  world.time = world.now + 24h * 29 + kLeastOverlap;
  EXPECT_TRUE(is_permitted(retires(1)));
}

// SPEC ACT-6
TEST_F(LogKeysTest, NothingOfItIsDoneInClockDoubt) {
  EXPECT_TRUE(is_permitted(rotate(2).decision));
  world.time = world.now + kLeastOverlap;
  EXPECT_TRUE(is_permitted(retires(1)));
  EXPECT_TRUE(is_permitted(gives_up(1)));
  world.clock_doubt = true;
  EXPECT_TRUE(is_refused(retires(1), Reason::clock_doubt)) << "the thirty days rest on the clock";
  EXPECT_TRUE(is_refused(gives_up(1), Reason::clock_doubt));
}

TEST(LogKeys, ALogWithoutOneGetsNone) {
  const World world;
  EXPECT_TRUE(is_refused(world.ask(AdministratorActor{world.anna}, order_of(log_key(2))).decision, Reason::unknown));
  EXPECT_TRUE(is_refused(world.ask(AdministratorActor{world.anna}, RetireLogKey{1}).decision, Reason::wrong_state));
  EXPECT_TRUE(is_refused(world.ask(AdministratorActor{world.anna}, GiveUpLogKey{1}).decision, Reason::unknown));
}

}  // namespace
}  // namespace flikvakt::policy::test
