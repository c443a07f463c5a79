// A recorded death closes everything of the person; two registrars of two organisations say that it was wrong.
#include "policy/decide.h"
#include "tests/policy/world.h"

namespace flikvakt::policy::test {
namespace {

const Date kDied = *parse_date("2026-11-20");

void die(World& world) {
  EXPECT_TRUE(
      is_permitted(world.act(world.staff(world.other_registrar), RecordDeath{world.person_index, kDied}).decision));
  EXPECT_EQ(world.get<Person>(world.person).died, kDied);
}

// SPEC DEATH-1, ACT-8
TEST(RecordDeath, TakesOneRegistrarAlsoAfterARestoreAndInClockDoubt) {
  World world;
  const RecordDeath act{world.person_index, kDied};
  for (const Actor& actor : {Actor(world.staff(world.reader)), Actor(AdministratorActor{world.anna}),
                             Actor(world.person_actor()), Actor(SystemActor{})}) {
    EXPECT_TRUE(is_refused(world.ask(actor, act).decision, Reason::not_entitled));
    EXPECT_TRUE(concerns(world.ask(actor, act), world.person));
  }
  world.restore();
  world.clock_doubt = true;
  const Outcome out = world.act(world.staff(world.other_registrar), act);
  EXPECT_TRUE(is_permitted(out.decision));
  EXPECT_TRUE(concerns(out, world.person));
  EXPECT_EQ(world.get<Person>(world.person).died, kDied);
  EXPECT_EQ(world.get<Person>(world.person).consent_version, 1u);
  EXPECT_EQ(world.get<Person>(world.person).epoch, 1u) << "it re-confirms nothing";
}

// SPEC DEATH-1, DEATH-2
TEST(RecordDeath, GetsOneAnswerWhoeverIsNamedAndWhateverStood) {
  World world;
  const auto ask = [&](const BlindIndex& person, const Date& died) {
    return world.ask(world.staff(world.other_registrar), RecordDeath{person, died});
  };
  for (const BlindIndex& person : {world.person_index, world.unknown_index}) {
    EXPECT_TRUE(is_permitted(ask(person, kDied).decision));
    EXPECT_TRUE(is_permitted(ask(person, *parse_date("2026-11-23")).decision)) << "tomorrow";
    EXPECT_TRUE(is_refused(ask(person, *parse_date("2026-11-24")).decision, Reason::period_invalid));
    EXPECT_TRUE(is_refused(ask(person, Date{}).decision, Reason::period_invalid));
  }
  EXPECT_TRUE(changes_nothing(ask(world.unknown_index, kDied)));
  die(world);
  const Outcome again = ask(world.person_index, *parse_date("2026-11-21"));
  EXPECT_TRUE(is_permitted(again.decision));
  EXPECT_TRUE(changes_nothing(again));
}

// SPEC DEATH-3, RULE-19
TEST(Death, ClosesReadingAndDepositAndEndsOpenReadings) {
  World world;
  world.change_terms([](FullmaktTerms& t) { t.rights = {Right::read, Right::deposit}; });
  const Actor reader = world.staff(world.reader);
  (void)world.act(reader, OpenReading{id<ReadingId>(1), world.document, kPurpose});
  const Reading reading = world.get<Reading>(id<ReadingId>(1));
  const auto deposit = [&] {
    return decide_deposit(world.state, world.staff(world.source_staff), world.person, kFlik, world.now);
  };
  EXPECT_TRUE(is_permitted(world.read()) && is_permitted(deposit()));
  EXPECT_TRUE(is_permitted(decide_continue(world.state, reading, reader, world.now)));
  die(world);
  EXPECT_TRUE(is_refused(world.read(), Reason::person_died, Rule::fullmakt));
  EXPECT_TRUE(is_refused(deposit(), Reason::person_died, Rule::fullmakt));
  EXPECT_TRUE(
      is_refused(decide_continue(world.state, reading, reader, world.now), Reason::person_died, Rule::fullmakt));
  const Outcome list = world.ask(world.staff(world.reader), ListDocuments{world.person_index, kPurpose});
  EXPECT_TRUE(std::get<Listing>(list.answer).documents.empty());
  world.change<Person>(world.person, [](Person& p) { p.epoch = 0; });
  EXPECT_TRUE(is_refused(world.read(), Reason::person_died, Rule::fullmakt)) << "re-confirming would not help";
}

// SPEC DEATH-3, RULE-21, RULE-22
TEST(Death, OfAnotherDataSubjectLeavesOnlyMasking) {
  World world;
  world.add_other_subject();
  EXPECT_TRUE(is_permitted(world.read()));
  (void)world.act(world.staff(world.other_registrar), RecordDeath{world.relative_index, kDied});
  EXPECT_TRUE(is_refused(world.read(), Reason::others_not_consented, Rule::other_subjects));
  (void)world.act(world.staff(world.source_staff), RecordMasking{world.document});
  EXPECT_TRUE(is_permitted(world.approve(world.staff(world.source_colleague)).decision));
  EXPECT_TRUE(is_permitted(world.read()));
}

// SPEC DEATH-4
TEST(Death, StopsRepresentativesAndLeavesThePersonsKeysToNarrow) {
  World world;
  world.set_sparr({}, world.person);
  world.state.put(Representative{id<RepresentativeId>(1),
                                 world.person,
                                 world.relative,
                                 RepresentativeKind::god_man,
                                 {RepresentativePower::see, RepresentativePower::consent},
                                 world.now - 24h,
                                 world.now + 24h,
                                 Standing::active,
                                 1});
  const PersonActor representative{world.person, world.relative_key, id<RepresentativeId>(1)};
  const std::vector<Act> acts = {ReadOverview{},
                                 ReadOwnLog{},
                                 OpenOwnDocument{id<ReadingId>(1), world.document},
                                 SignFullmakt{id<FullmaktId>(20), world.terms(), "text"},
                                 LiftSparr{id<SparrId>(1)},
                                 PauseFullmakt{world.fullmakt},
                                 RevokeFullmakt{world.fullmakt},
                                 SetSparr{id<SparrId>(2), {}},
                                 EndRepresentative{id<RepresentativeId>(1)},
                                 SignReferral{id<CaseId>(1), world.team, CaseFocus::illness, {}}};
  for (const PersonActor& actor : {world.person_actor(), representative}) {
    for (const Act& act : acts) EXPECT_TRUE(is_permitted(world.ask(actor, act).decision)) << kind_of(act);
  }
  die(world);
  for (const Act& act : acts) {
    EXPECT_TRUE(is_refused(world.ask(representative, act).decision, Reason::person_died)) << kind_of(act);
    const Decision own = world.ask(world.person_actor(), act).decision;
    const bool narrows = direction_of(act) == Direction::narrowing;
    EXPECT_TRUE(narrows ? is_permitted(own) : is_refused(own, Reason::person_died)) << kind_of(act);
  }
  EXPECT_TRUE(is_refused(world.ask(representative, RemoveKey{world.key}).decision, Reason::person_died));
  EXPECT_TRUE(is_permitted(world.ask(world.person_actor(), RemoveKey{world.key}).decision));
}

// SPEC DEATH-4
TEST(Death, ThatWasNoneLeavesTakenBackWhatThePersonTookBackMeanwhile) {
  World world;
  die(world);
  EXPECT_TRUE(is_permitted(world.act(world.person_actor(), RevokeFullmakt{world.fullmakt}).decision));
  world.change<Person>(world.person, [](Person& one) { one.died = {}; });
  EXPECT_TRUE(is_refused(world.read(), Reason::no_fullmakt));
}

// SPEC DEATH-4
TEST(Death, EntersNothingForThePersonOnPaperButTakesNarrowing) {
  World world;
  const Fingerprint fresh = fingerprint(510);
  (void)world.act(world.staff(world.source_registrar), ProposeKey{world.person_index, json::object{}, fresh});
  const Actor registrar = world.staff(world.outsider_registrar);
  const PaperFullmakt paper{id<FullmaktId>(30), world.person_index, world.terms(), "text", fingerprint(1)};
  const ConfirmKey confirm{world.person_index, fresh};
  EXPECT_TRUE(is_permitted(world.ask(registrar, paper).decision));
  EXPECT_TRUE(is_permitted(world.ask(registrar, confirm).decision));
  die(world);
  EXPECT_TRUE(is_refused(world.ask(registrar, paper).decision, Reason::person_died));
  EXPECT_TRUE(is_refused(world.ask(registrar, confirm).decision, Reason::person_died));
  World old = world;
  old.change<Person>(old.person, [](Person& p) { p.epoch = 0; });
  EXPECT_TRUE(is_refused(old.ask(registrar, PaperReconfirm{old.person_index}).decision, Reason::person_died));
  old.change<Person>(old.person, [](Person& p) { p.died = {}; });
  EXPECT_TRUE(is_permitted(old.ask(registrar, PaperReconfirm{old.person_index}).decision));
  EXPECT_TRUE(is_permitted(world.act(registrar, PaperNarrowing{world.person_index, {}, true, {}, {}}).decision));
  EXPECT_EQ(world.get<Fullmakt>(world.fullmakt).status, FullmaktStatus::revoked);
}

// SPEC DEATH-5, ACT-6
TEST(CorrectDeath, TakesRegistrarsOfTwoOrganisationsOneOfThemNoRecipientAndOpensWhatStood) {
  World world;
  const CorrectDeath act{world.person_index};
  const Actor registrar = world.staff(world.other_registrar);
  EXPECT_TRUE(is_refused(world.ask(registrar, act).decision, Reason::wrong_state)) << "no death is recorded";
  EXPECT_TRUE(is_refused(world.ask(registrar, CorrectDeath{world.unknown_index}).decision, Reason::unknown));
  die(world);
  for (const Actor& actor : {Actor(world.staff(world.reader)), Actor(AdministratorActor{world.anna}),
                             Actor(world.person_actor()), Actor(SystemActor{})}) {
    EXPECT_TRUE(is_refused(world.ask(actor, act).decision, Reason::not_entitled));
  }
  World doubting = world;
  doubting.clock_doubt = true;
  EXPECT_TRUE(is_refused(doubting.ask(registrar, act).decision, Reason::clock_doubt));
  World restored = world;
  restored.restore();
  EXPECT_TRUE(is_refused(restored.ask(registrar, act).decision, Reason::not_reattested));
  EXPECT_TRUE(is_permitted(world.act(registrar, act).decision));
  EXPECT_TRUE(world.get<Person>(world.person).died) << "one is not two";
  world.change<Staff>(world.reader, [](Staff& s) { s.roles = {StaffRole::registrar}; });
  EXPECT_TRUE(is_refused(world.ask_approval(world.staff(world.reader)).decision, Reason::same_organisation));
  World both = world;
  both.change_terms([&](FullmaktTerms& t) {
    t.recipients = {to_organisation(world.other), to_organisation(world.outsider)};
  });
  EXPECT_TRUE(is_refused(both.ask_approval(both.staff(both.outsider_registrar)).decision, Reason::only_recipients));
  const Outcome out = world.approve(world.staff(world.outsider_registrar));
  EXPECT_TRUE(is_permitted(out.decision));
  EXPECT_TRUE(concerns(out, world.person));
  EXPECT_FALSE(world.get<Person>(world.person).died);
  EXPECT_EQ(world.get<Person>(world.person).consent_version, 2u);
  EXPECT_TRUE(is_permitted(world.read()));
}

// SPEC DEATH-5, ACT-45
TEST(CorrectDeath, ThatWaitedDoesNotUndoALaterRecord) {
  World world;
  die(world);
  (void)world.act(world.staff(world.other_registrar), CorrectDeath{world.person_index});
  const ProposalId first = world.waiting();
  (void)world.act(world.staff(world.other_registrar), CorrectDeath{world.person_index});
  EXPECT_TRUE(is_permitted(world.approve(world.staff(world.outsider_registrar)).decision));
  die(world);
  EXPECT_TRUE(is_refused(world.ask(world.staff(world.outsider_registrar), world.approval_of(first)).decision,
                         Reason::state_changed));
}

}  // namespace
}  // namespace flikvakt::policy::test
