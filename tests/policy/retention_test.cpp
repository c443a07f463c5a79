// How long the log is kept: who says so, what may be pruned, and what counts however old it is.
#include "policy/retention.h"

#include "tests/policy/world.h"

namespace flikvakt::policy::test {
namespace {

constexpr auto kTenYears = kDefaultRetention;
constexpr std::uint64_t kSize = 5000;
const Fingerprint kKept = fingerprint(77);

EntrySet set_of(std::initializer_list<std::uint64_t> indexes) {
  EntrySet out;
  for (const std::uint64_t index : indexes) out.add(index);
  return out;
}

// As whoever read the log worked it out.
Prepared plan(const State& state, const EntrySet& kept, std::uint64_t size = kSize) {
  const auto* earlier = state.find<Pruning>("pruning");
  Prepared out;
  out.pruning = {size, kept.encode(), kKept, retention_times(state), earlier ? earlier->size : 0};
  return out;
}

class RetentionTest : public ::testing::Test {
protected:
  Outcome ask_approval(const Actor& who, Prepared prepared) {
    return world.ask(who, world.approval_of(world.waiting()), std::move(prepared));
  }
  void set(const std::string& kind, std::uint32_t days) {
    EXPECT_TRUE(is_permitted(world.act(anna, SetRetention{kind, days}).decision));
    EXPECT_TRUE(is_permitted(world.approve(bo).decision));
  }

  World world;
  const AdministratorActor anna{world.anna}, bo{world.bo};
};

// SPEC RET-1
TEST_F(RetentionTest, IsTenYearsUntilTwoAdministratorsSayOtherwiseOfAKindOrOfAll) {
  EXPECT_EQ(retention_of(world.state, "open_reading"), kTenYears);
  const SetRetention act{"open_reading", 7000};
  for (const Actor& actor : {Actor(world.person_actor()), Actor(world.staff(world.reader)), Actor(SystemActor{})}) {
    EXPECT_TRUE(is_refused(world.ask(actor, act).decision, Reason::not_entitled));
  }
  EXPECT_TRUE(is_permitted(world.act(anna, act).decision));
  EXPECT_EQ(retention_of(world.state, "open_reading"), kTenYears) << "one is not two";
  EXPECT_TRUE(is_refused(world.ask_approval(anna).decision, Reason::same_person));
  EXPECT_TRUE(is_permitted(world.approve(bo).decision));
  EXPECT_EQ(retention_of(world.state, "open_reading"), std::chrono::days{7000});
  EXPECT_EQ(retention_of(world.state, "sign_fullmakt"), kTenYears);
  EXPECT_EQ(shortest_retention(world.state), kTenYears);
  set("default", 2000);
  EXPECT_EQ(retention_of(world.state, "sign_fullmakt"), std::chrono::days{2000});
  EXPECT_EQ(retention_of(world.state, "open_reading"), std::chrono::days{7000});
  EXPECT_EQ(shortest_retention(world.state), std::chrono::days{2000});
}

// SPEC RET-2
TEST_F(RetentionTest, IsNeverShorterThanAFullmaktCanLast) {
  const auto says = [&](const std::string& kind, std::uint32_t days) {
    return world.ask(anna, SetRetention{kind, days}).decision;
  };
  EXPECT_TRUE(is_permitted(says("default", 1830)));
  EXPECT_TRUE(is_refused(says("default", 1829), Reason::period_invalid));
  EXPECT_TRUE(is_refused(says("open_reading", 0), Reason::period_invalid));
  EXPECT_TRUE(is_permitted(says("open_reading", 36'525)));
  EXPECT_TRUE(is_refused(says("open_reading", 36'526), Reason::period_invalid));
  EXPECT_TRUE(is_refused(says("open_everything", 4000), Reason::unknown));
  EXPECT_TRUE(is_refused(says("", 4000), Reason::unknown));
  EXPECT_EQ(kLeastRetention, kLongestFullmakt);
}

// SPEC RET-2: whoever wrote the row, and whatever it says.
TEST_F(RetentionTest, ARowThatSaysLessShortensNothing) {
  World forged = world;
  forged.state.put(Retention{"default", 0});
  forged.state.put(Retention{"list_cases", 1});
  EXPECT_EQ(retention_of(forged.state, "open_reading"), kLeastRetention);
  EXPECT_EQ(retention_of(forged.state, "list_cases"), kLeastRetention);
  EXPECT_EQ(shortest_retention(forged.state), kLeastRetention);
}

// SPEC RET-3, RET-4
TEST_F(RetentionTest, PruningTakesTwoAndWhatIsOldEnough) {
  const PruneLog act{world.now, kKept};
  world.time = world.now + kTenYears - 1ms;
  EXPECT_TRUE(is_refused(world.ask(anna, act).decision, Reason::period_invalid)) << "a millisecond too early";
  world.time = world.now + kTenYears;
  EXPECT_TRUE(is_permitted(world.ask(anna, act).decision));
  for (const Actor& actor : {Actor(world.person_actor()), Actor(world.staff(world.reader)), Actor(SystemActor{})}) {
    EXPECT_FALSE(is_permitted(world.ask(actor, act).decision));
  }

  EXPECT_TRUE(is_permitted(world.act(anna, act).decision));
  EXPECT_EQ(world.state.find<Pruning>("pruning"), nullptr) << "one is not two";
  const Prepared kept = plan(world.state, set_of({0, 1, 7}));
  EXPECT_TRUE(is_refused(ask_approval(anna, kept).decision, Reason::same_person));
  World doubting = world;
  doubting.clock_doubt = true;
  EXPECT_TRUE(
      is_refused(doubting.ask(bo, doubting.approval_of(doubting.waiting()), kept).decision, Reason::clock_doubt));
  const Outcome done = world.act(bo, world.approval_of(world.waiting()), kept);
  EXPECT_TRUE(is_permitted(done.decision));
  const Pruning& ordered = world.get<Pruning>("pruning");
  EXPECT_EQ(ordered.size, kSize);
  EXPECT_EQ(ordered.before, act.before);
  EXPECT_EQ(ordered.decided, world.time);
  EXPECT_EQ(EntrySet::decode(ordered.kept).value(), set_of({0, 1, 7}));
  EXPECT_TRUE(is_refused(world.ask(anna, act).decision, Reason::already_exists)) << "pruned that far already";
  EXPECT_TRUE(is_refused(world.ask(anna, PruneLog{act.before - 1ms, kKept}).decision, Reason::already_exists));
}

// SPEC RET-4: what stays was worked out beside the gateway, and on another thread.
TEST_F(RetentionTest, PruningIsRefusedWhenWhatStaysIsNotWhatWasSignedOrFollowsFromOlderTimes) {
  const PruneLog act{world.now, kKept};
  world.time = world.now + kTenYears;
  EXPECT_TRUE(is_permitted(world.act(anna, act).decision));
  const auto approve = [&](const Prepared& prepared) { return ask_approval(bo, prepared).decision; };
  const Prepared good = plan(world.state, set_of({0}));
  EXPECT_TRUE(is_permitted(approve(good)));
  EXPECT_TRUE(is_refused(approve({}), Reason::wrong_state)) << "what stays is not known";
  Prepared bad = good;
  bad.pruning->kept = Bytes{0x80};
  EXPECT_TRUE(is_refused(approve(bad), Reason::wrong_state));
  bad = good;
  bad.pruning->kept_sha256 = fingerprint(78);
  EXPECT_TRUE(is_refused(approve(bad), Reason::wrong_state)) << "another list than was signed";
  bad = good;
  bad.pruning->size = 0;
  EXPECT_TRUE(is_refused(approve(bad), Reason::wrong_state)) << "nothing is older";
  bad = good;
  bad.pruning->pruned_to = 3;
  EXPECT_TRUE(is_refused(approve(bad), Reason::wrong_state));
  const auto waiting = world.waiting();
  world.state.put(Retention{"open_reading", 36'525});
  EXPECT_TRUE(is_refused(world.ask(bo, world.approval_of(waiting), good).decision, Reason::wrong_state))
      << "a time was set while it was worked out";
  EXPECT_TRUE(is_permitted(world.ask(bo, world.approval_of(waiting), plan(world.state, set_of({0}))).decision));
}

// SPEC RET-3
TEST_F(RetentionTest, TheShortestTimeCounts) {
  set("default", 9000);
  set("list_cases", 2000);
  world.time = world.now + std::chrono::days{2000} - 1ms;
  EXPECT_TRUE(is_refused(world.ask(anna, PruneLog{world.now, kKept}).decision, Reason::period_invalid));
  world.time += 1ms;
  EXPECT_TRUE(is_permitted(world.act(anna, PruneLog{world.now, kKept}).decision));
  EXPECT_TRUE(is_permitted(world.act(bo, world.approval_of(world.waiting()), plan(world.state, set_of({0}))).decision));
  world.time += 1ms;
  EXPECT_TRUE(is_permitted(world.ask(anna, PruneLog{world.now + 1ms, kKept}).decision)) << "further, later";
}

// SPEC RET-5
TEST_F(RetentionTest, WhatIsInForceCountsAndWhatIsOverDoesNot) {
  EXPECT_TRUE(is_in_force(world.get<Fullmakt>(world.fullmakt)));
  using enum FullmaktStatus;
  for (const auto status : {active, paused, exhausted, expired, revoked, relinquished, superseded}) {
    world.change<Fullmakt>(world.fullmakt, [&](Fullmakt& one) { one.status = status; });
    const bool is_expected = status == active || status == paused || status == exhausted;
    EXPECT_EQ(is_in_force(world.get<Fullmakt>(world.fullmakt)), is_expected) << to_text(to_json(status));
  }
  Sparr sparr;
  EXPECT_TRUE(is_in_force(sparr));
  sparr.in_force = false;
  EXPECT_FALSE(is_in_force(sparr));
  Staff staff;
  EXPECT_TRUE(is_in_force(staff));
  staff.standing = Standing::suspended;
  EXPECT_TRUE(is_in_force(staff)) << "it may be reinstated";
  staff.standing = Standing::removed;
  EXPECT_FALSE(is_in_force(staff));
  Kontrakt kontrakt;
  EXPECT_TRUE(is_in_force(kontrakt));
  kontrakt.standing = Standing::removed;
  EXPECT_FALSE(is_in_force(kontrakt));
  DeviceKey key;
  EXPECT_TRUE(is_in_force(key)) << "proposed";
  key.status = DeviceKeyStatus::removed;
  EXPECT_FALSE(is_in_force(key));
  Document document;
  EXPECT_TRUE(is_in_force(document));
  document.status = DocumentStatus::erased;
  EXPECT_FALSE(is_in_force(document));
  Administrator administrator;
  administrator.standing = Standing::removed;
  EXPECT_TRUE(is_in_force(administrator)) << "what they signed must stay provable";
  EXPECT_FALSE(is_in_force(KeyRow{}));
  EXPECT_FALSE(is_in_force(Receipt{}));
  EXPECT_TRUE(is_in_force(Proposal{}));
  EXPECT_TRUE(is_in_force(Pruning{}));
  EXPECT_TRUE(is_in_force(Instance{}));
}

// SPEC RET-6
TEST(EntrySets, AreRunsThatAreReadBackAndNothingElseIs) {
  EntrySet some;
  for (const std::uint64_t index : {0, 1, 2, 5, 5, 200, 201, 70'000}) some.add(index);
  EXPECT_EQ(some.size(), 7u);
  for (const std::uint64_t index : {0, 2, 5, 200, 201, 70'000}) EXPECT_TRUE(some.contains(index)) << index;
  for (const std::uint64_t index : {3, 4, 6, 199, 202, 69'999, 70'001}) EXPECT_FALSE(some.contains(index)) << index;
  EXPECT_EQ(EntrySet::decode(some.encode()).value(), some);
  EXPECT_EQ(some.encode(), (Bytes{0, 3, 2, 1, 0xc2, 0x01, 2, 0xa6, 0xa1, 0x04, 1}));
  EXPECT_EQ(EntrySet::decode({}).value(), EntrySet());
  EXPECT_EQ(some.first_gap(0, 100), (EntrySet::Run{3, 5}));
  EXPECT_EQ(some.first_gap(4, 100), (EntrySet::Run{4, 5}));
  EXPECT_EQ(some.first_gap(5, 100), (EntrySet::Run{6, 100}));
  EXPECT_EQ(some.first_gap(0, 3), std::nullopt);
  EXPECT_EQ(some.first_gap(70'000, 70'002), (EntrySet::Run{70'001, 70'002}));
  EXPECT_EQ(EntrySet().first_gap(0, 9), (EntrySet::Run{0, 9}));
  for (const Bytes& bad : {Bytes{0}, Bytes{0x80}, Bytes{0, 0}, Bytes{1, 1, 0, 1}, Bytes{0x80, 0x00, 1}, Bytes{1, 0x81},
                           Bytes(8, 0xff), Bytes{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 1}}) {
    EXPECT_FALSE(EntrySet::decode(bad)) << to_hex(bad);
  }
}

}  // namespace
}  // namespace flikvakt::policy::test
