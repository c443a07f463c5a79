// What recipients see of fullmakter, and how they give one up.
#include "tests/policy/world.h"

namespace flikvakt::policy::test {
namespace {

using enum FullmaktStatus;

std::vector<Fullmakt> listed(const Outcome& out) { return std::get<std::vector<Fullmakt>>(out.answer); }
std::vector<Fullmakt> listed(const World& world, const StaffId& who) {
  return listed(world.ask(world.staff(who), ListFullmakter{world.person_index}));
}

// A fullmakt with a recipient of every kind.
World crowded() {
  World world;
  world.change_terms([&](FullmaktTerms& t) {
    t.recipients = {to_organisation(world.other), to_unit(world.unit), to_staff(world.reader), to_team(world.team)};
  });
  return world;
}
const Fullmakt& the(const World& world) { return world.get<Fullmakt>(world.fullmakt); }
Outcome give_up(World& world, const StaffId& who) {
  return world.act(world.staff(who), RelinquishFullmakt{world.fullmakt});
}

// SPEC RELINQ-1
TEST(ListFullmakter, ShowsWhatIsOpenToTheStaffMemberOrLiftsTheOrganisationsSecrecy) {
  World world;
  const auto count = [&](const StaffId& who) { return listed(world, who).size(); };
  EXPECT_EQ(count(world.reader), 1u);
  EXPECT_EQ(count(world.source_staff), 1u) << "a discloser";
  EXPECT_EQ(count(world.outsider_registrar), 0u);
  world.change_terms([&](FullmaktTerms& t) { t.recipients = {to_unit(world.unit)}; });
  EXPECT_EQ(count(world.reader), 1u);
  EXPECT_EQ(count(world.other_officer), 0u) << "of the organisation, not of the unit";
  world.change<Unit>(world.unit, [](Unit& u) { u.standing = Standing::suspended; });
  EXPECT_EQ(count(world.reader), 0u);
  world.change_terms([&](FullmaktTerms& t) {
    t.recipients = {to_team(world.team)};
    t.disclosers = {world.outsider};
  });
  EXPECT_EQ(count(world.lead), 1u);
  EXPECT_EQ(count(world.source_staff), 0u) << "not in the team";
  world.change_terms([&](FullmaktTerms& t) { t.recipients = {to_organisation(world.other)}; });
  for (FullmaktStatus status : {active, paused, exhausted, expired, revoked, relinquished, superseded}) {
    world.change<Fullmakt>(world.fullmakt, [&](Fullmakt& f) { f.status = status; });
    EXPECT_EQ(count(world.reader), status == active || status == paused ? 1u : 0u) << static_cast<int>(status);
  }
  world.change<Fullmakt>(world.fullmakt, [&](Fullmakt& f) {
    f.status = active;
    f.relinquished = {to_organisation(world.other)};
  });
  EXPECT_EQ(count(world.reader), 0u) << "given up";
  world.change<Fullmakt>(world.fullmakt,
                         [](Fullmakt& f) { f.relinquished = {}, f.terms.valid_to = f.terms.valid_from; });
  EXPECT_EQ(count(world.reader), 0u) << "run out";
}

// SPEC RELINQ-1
TEST(ListFullmakter, IsTheSameEmptyListForAnUnknownPerson) {
  World world;
  const auto ask = [&](const BlindIndex& person) {
    return world.ask(world.staff(world.reader), ListFullmakter{person});
  };
  const Outcome unknown = ask(world.unknown_index);
  EXPECT_TRUE(is_permitted(unknown.decision));
  EXPECT_TRUE(listed(unknown).empty());
  EXPECT_TRUE(unknown.concerns.empty());
  const Outcome known = ask(world.relative_index);
  EXPECT_TRUE(is_permitted(known.decision));
  EXPECT_TRUE(listed(known).empty());
  EXPECT_EQ(known.concerns.size(), 1u);
  EXPECT_TRUE(concerns(known, world.relative));
  EXPECT_EQ(ask(world.person_index).concerns.size(), 1u);
  EXPECT_TRUE(changes_nothing(ask(world.person_index)));
  world.change<Person>(world.person, [](Person& p) { p.epoch = 0; });
  EXPECT_TRUE(listed(ask(world.person_index)).empty()) << "has not re-confirmed";
  world.change<Person>(world.person, [](Person& p) { p.epoch = 1, p.died = *parse_date("2026-11-01"); });
  EXPECT_TRUE(listed(ask(world.person_index)).empty()) << "has died";
  EXPECT_TRUE(is_permitted(ask(world.person_index).decision));
}

// SPEC RELINQ-1, ACT-3
TEST(ListFullmakter, IsRefusedToOthersThanStaffInPlace) {
  World world;
  const ListFullmakter act{world.person_index};
  EXPECT_TRUE(is_refused(world.ask(world.person_actor(), act).decision, Reason::not_entitled));
  EXPECT_TRUE(is_refused(world.ask(AdministratorActor{world.anna}, act).decision, Reason::not_entitled));
  world.change<Staff>(world.reader, [](Staff& s) { s.standing = Standing::suspended; });
  EXPECT_TRUE(is_refused(world.ask(world.staff(world.reader), act).decision, Reason::actor_not_active));
  EXPECT_TRUE(concerns(world.ask(world.staff(world.reader), act), world.person));
  world.restore();
  EXPECT_TRUE(is_refused(world.ask(world.staff(world.lead), act).decision, Reason::not_reattested));
}

// SPEC RELINQ-1
TEST(ListFullmakter, IsInTheOrderOfTheIds) {
  World world;
  for (unsigned number : {9, 3, 7, 5}) {
    Fullmakt more = the(world);
    more.id = id<FullmaktId>(number);
    world.state.put(more);
  }
  std::vector<FullmaktId> ids;
  for (const Fullmakt& one : listed(world, world.reader)) ids.push_back(one.id);
  EXPECT_EQ(ids, (std::vector{id<FullmaktId>(1), id<FullmaktId>(3), id<FullmaktId>(5), id<FullmaktId>(7),
                              id<FullmaktId>(9)}));
}

// SPEC RELINQ-2, RELINQ-3, LIFE-1
TEST(Relinquish, EachSpeaksForTheirOwnAndTheLastOneEndsIt) {
  World world = crowded();
  EXPECT_TRUE(is_refused(world.ask(world.staff(world.source_staff), RelinquishFullmakt{world.fullmakt}).decision,
                         Reason::not_entitled));
  const Outcome self = give_up(world, world.reader);
  EXPECT_TRUE(is_permitted(self.decision));
  ASSERT_TRUE(concerns(self, world.person));
  EXPECT_EQ(self.concerns[0].fullmakt, world.fullmakt);
  EXPECT_EQ(the(world).relinquished, std::vector{to_staff(world.reader)}) << "not for the organisation";
  EXPECT_EQ(the(world).status, active);
  EXPECT_EQ(world.get<Person>(world.person).consent_version, 1u);

  EXPECT_TRUE(is_permitted(give_up(world, world.lead).decision));
  EXPECT_EQ(the(world).relinquished, (std::vector{to_team(world.team), to_staff(world.reader)})) << "ascending";
  EXPECT_TRUE(is_permitted(give_up(world, world.other_officer).decision));
  EXPECT_EQ(the(world).relinquished.size(), 4u) << "the organisation and its unit";
  EXPECT_EQ(the(world).status, relinquished);
  EXPECT_FALSE(world.read().is_permitted());
}

// SPEC RELINQ-2
TEST(Relinquish, OrganisationIsSpokenForByARosterOfficerOrRegistrarOfItsOwn) {
  for (const bool by_unit : {false, true}) {
    World world;
    if (by_unit) world.change_terms([&](FullmaktTerms& t) { t.recipients = {to_unit(world.unit)}; });
    const auto ask = [&](const StaffId& who) {
      return world.ask(world.staff(who), RelinquishFullmakt{world.fullmakt}).decision;
    };
    EXPECT_TRUE(is_permitted(ask(world.other_officer)));
    EXPECT_TRUE(is_permitted(ask(world.other_registrar)));
    EXPECT_TRUE(is_refused(ask(world.reader), Reason::not_entitled));
    EXPECT_TRUE(is_refused(ask(world.source_officer), Reason::not_entitled));
    EXPECT_TRUE(is_refused(ask(world.outsider_registrar), Reason::not_entitled));
  }
}

// SPEC RELINQ-2
TEST(Relinquish, TeamIsSpokenForByItsLeadOrDeputy) {
  World world;
  world.change_terms([&](FullmaktTerms& t) { t.recipients = {to_team(world.team)}; });
  const auto ask = [&](const StaffId& who) {
    return world.ask(world.staff(who), RelinquishFullmakt{world.fullmakt}).decision;
  };
  EXPECT_TRUE(is_permitted(ask(world.lead)));
  EXPECT_TRUE(is_refused(ask(world.source_officer), Reason::not_entitled));
  world.state.put(RosterEntry{world.team, world.reader, TeamRole::member, world.other_officer, world.lead, 1});
  EXPECT_TRUE(is_refused(ask(world.reader), Reason::not_entitled));
  world.state.put(RosterEntry{world.team, world.reader, TeamRole::deputy, world.other_officer, world.lead, 1});
  EXPECT_TRUE(is_permitted(ask(world.reader)));
  world.state.put(RosterEntry{world.team, world.reader, TeamRole::deputy, {}, world.lead, 1});
  EXPECT_TRUE(is_refused(ask(world.reader), Reason::not_entitled));
}

// SPEC RELINQ-2, ACT-6, ACT-8, ACT-10
TEST(Relinquish, WorksInClockDoubtAfterARestoreForWhatIsSuspendedAndTwice) {
  World world = crowded();
  world.clock_doubt = true;
  world.restore();
  world.change<Unit>(world.unit, [](Unit& u) { u.standing = Standing::removed; });
  world.change<Team>(world.team, [](Team& t) { t.standing = Standing::suspended; });
  for (const StaffId& who : {world.reader, world.other_officer, world.lead}) {
    EXPECT_TRUE(is_permitted(give_up(world, who).decision));
    const Outcome again = give_up(world, who);
    EXPECT_TRUE(is_permitted(again.decision));
    EXPECT_TRUE(changes_nothing(again));
  }
  EXPECT_EQ(the(world).status, relinquished);
}

// SPEC RELINQ-2, ACT-3, ACT-7
TEST(Relinquish, IsRefusedToOthersThanStaffInPlaceAndForAnUnknownOne) {
  World world;
  const RelinquishFullmakt act{world.fullmakt};
  EXPECT_TRUE(is_refused(world.ask(world.person_actor(), act).decision, Reason::not_entitled));
  EXPECT_TRUE(is_refused(world.ask(AdministratorActor{world.anna}, act).decision, Reason::not_entitled));
  EXPECT_TRUE(is_refused(world.ask(world.staff(world.other_officer), RelinquishFullmakt{id<FullmaktId>(99)}).decision,
                         Reason::unknown));
  world.change<Staff>(world.other_officer, [](Staff& s) { s.standing = Standing::suspended; });
  const Outcome refusal = world.ask(world.staff(world.other_officer), act);
  EXPECT_TRUE(is_refused(refusal.decision, Reason::actor_not_active));
  EXPECT_TRUE(concerns(refusal, world.person));
  EXPECT_TRUE(changes_nothing(refusal));
}

// SPEC LIFE-1, RELINQ-3
TEST(Relinquish, ByTheLastRecipientMeetsEveryStatusAsTheTableSays) {
  for (FullmaktStatus from : {active, paused, exhausted, expired, revoked, relinquished, superseded}) {
    World world;
    world.change<Fullmakt>(world.fullmakt, [&](Fullmakt& f) { f.status = from; });
    const Outcome out = give_up(world, world.other_officer);
    EXPECT_TRUE(is_permitted(out.decision));
    const bool runs = from == active || from == paused || from == exhausted;
    EXPECT_EQ(the(world).status, runs ? relinquished : from) << static_cast<int>(from);
    EXPECT_EQ(changes_nothing(out), !runs) << static_cast<int>(from);
  }
}

// SPEC RULE-18
TEST(Relinquish, WhoGaveItUpReadsDepositsAndListsNothingUnderIt) {
  World world = crowded();
  world.change_terms([&](FullmaktTerms& t) {
    t.recipients.erase(to_organisation(world.other));
    t.rights.insert(Right::deposit);
  });
  const auto deposits = [&](const StaffId& who) {
    BeginDeposit act{id<DepositId>(1), world.person_index, world.get<Document>(world.document).facts, {}};
    act.facts.replaces = {};
    return world.ask(world.staff(who), act).decision;
  };
  EXPECT_TRUE(is_permitted(world.read()));
  EXPECT_TRUE(is_permitted(deposits(world.reader)));
  (void)give_up(world, world.reader);
  EXPECT_TRUE(is_permitted(world.read())) << "still one through the unit";
  (void)give_up(world, world.other_officer);
  EXPECT_EQ(the(world).status, active) << "the team is left";
  EXPECT_TRUE(is_refused(world.read(), Reason::no_fullmakt, Rule::fullmakt));
  EXPECT_FALSE(deposits(world.reader).is_permitted());
  EXPECT_TRUE(is_permitted(world.read(world.lead)));
}

// SPEC RULE-18, CONT-3
TEST(Relinquish, EndsTheReadingsThatWereOpenedThroughThatRecipient) {
  World world = crowded();
  world.change_terms([&](FullmaktTerms& t) { t.recipients = {to_staff(world.reader), to_team(world.team)}; });
  (void)world.act(world.staff(world.reader), OpenReading{id<ReadingId>(1), world.document, kPurpose});
  const Reading reading = world.get<Reading>(id<ReadingId>(1));
  const Actor reader = world.staff(world.reader);
  EXPECT_TRUE(is_permitted(decide_continue(world.state, reading, reader, world.now)));
  (void)give_up(world, world.lead);
  EXPECT_TRUE(is_permitted(decide_continue(world.state, reading, reader, world.now))) << "another recipient's";
  World again = world;
  (void)give_up(again, again.reader);
  EXPECT_FALSE(decide_continue(again.state, reading, reader, again.now).is_permitted());
}

}  // namespace
}  // namespace flikvakt::policy::test
