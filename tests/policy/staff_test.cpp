#include "tests/policy/world.h"

namespace flikvakt::policy::test {
namespace {

json::value jwk() { return {{"kty", "OKP"}}; }

struct Enrolment {
  World world;
  ProposeKey propose{world.person_index, jwk(), fingerprint(510)};
  ConfirmKey confirm{world.person_index, fingerprint(510)};
  Decision confirmed_by(const StaffId& who) const { return world.ask(world.staff(who), confirm).decision; }
};

// SPEC ENROL-2
TEST(Enrolment, NewNumberBecomesAPersonWhoseKeyOnlyNarrowsUntilConfirmed) {
  Enrolment it;
  it.propose.person = it.confirm.person = it.world.unknown_index;
  const Prepared prepared = it.world.prepared_person(40);
  const Outcome proposed = it.world.act(it.world.staff(it.world.source_registrar), it.propose, prepared);
  EXPECT_TRUE(is_permitted(proposed.decision));
  const PersonId fresh = *prepared.person;
  EXPECT_TRUE(concerns(proposed, fresh));
  EXPECT_EQ(it.world.state.person_by(it.world.unknown_index)->id, fresh);
  EXPECT_EQ(it.world.get<Person>(fresh).key_id, id<KeyId>(40));
  EXPECT_EQ(it.world.get<Person>(fresh).log_key_id, id<KeyId>(140));
  const PersonActor person{fresh, it.propose.thumbprint};
  EXPECT_FALSE(it.world.ask(person, ReadOverview{}).decision.is_permitted());
  EXPECT_TRUE(is_permitted(it.world.act(it.world.staff(it.world.outsider_registrar), it.confirm).decision));
  EXPECT_TRUE(is_permitted(it.world.ask(person, ReadOverview{}).decision));
}

// SPEC ENROL-7
TEST(Enrolment, NewPersonIsMadeOfAllThatWasPreparedOrNotAtAll) {
  Enrolment it;
  it.propose.person = it.world.unknown_index;
  const auto without = [&](std::function<void(Prepared&)> how) {
    Prepared prepared = it.world.prepared_person(40);
    how(prepared);
    const Outcome out = it.world.ask(it.world.staff(it.world.source_registrar), it.propose, prepared);
    EXPECT_TRUE(out.decision.is_permitted() || changes_nothing(out));
    return out.decision;
  };
  const auto level = [](std::uint8_t gone) {
    return [gone](Prepared& p) { std::erase_if(p.keys, [&](const KeyRow& key) { return key.level == gone; }); };
  };
  EXPECT_TRUE(is_permitted(without([](Prepared&) {})));
  EXPECT_TRUE(is_refused(without([](Prepared& p) { p.person = {}; }), Reason::error));
  EXPECT_TRUE(is_refused(without([&](Prepared& p) { p.person = it.world.relative; }), Reason::error)) << "it is taken";
  EXPECT_TRUE(is_refused(without([](Prepared& p) { p.number = {}; }), Reason::error));
  EXPECT_TRUE(is_refused(without(level(1)), Reason::error));
  EXPECT_TRUE(is_refused(without(level(7)), Reason::error));
}

// SPEC ENROL-2, ENROL-3
TEST(Enrolment, AnswerIsTheSameForKnownAndUnknownNumbersAndKeys) {
  Enrolment it;
  const auto ask = [&](const BlindIndex& person, const Fingerprint& thumbprint) {
    return it.world.ask(it.world.staff(it.world.source_registrar), ProposeKey{person, jwk(), thumbprint},
                        it.world.prepared_person(40));
  };
  const std::vector<Outcome> all = {
      ask(it.world.unknown_index, fingerprint(510)), ask(it.world.person_index, fingerprint(510)),
      ask(it.world.person_index, it.world.key), ask(it.world.person_index, it.world.relative_key),
      ask(it.world.unknown_index, it.world.key)};
  for (const Outcome& one : all) {
    EXPECT_TRUE(is_permitted(one.decision));
    EXPECT_TRUE(std::holds_alternative<std::monostate>(one.answer));
  }
  EXPECT_TRUE(changes_nothing(all[2]) && changes_nothing(all[3]) && changes_nothing(all[4]));
  EXPECT_EQ(all[1].puts.size(), 1u) << "only the key";
}

// SPEC ENROL-3
TEST(Enrolment, RemovedKeyStaysRemovedAndLapsedOneMayBeProposedAnew) {
  Enrolment it;
  const StaffActor registrar = it.world.staff(it.world.source_registrar);
  (void)it.world.act(it.world.person_actor(), RemoveKey{it.world.key});
  EXPECT_TRUE(changes_nothing(it.world.ask(registrar, ProposeKey{it.world.person_index, jwk(), it.world.key})));
  (void)it.world.act(registrar, it.propose);
  it.world.time += 24h * 14;
  it.world.change<Issuer>(it.world.issuer, [&](Issuer& i) { i.crl_next_update = it.world.time + 24h; });
  EXPECT_TRUE(is_refused(it.confirmed_by(it.world.outsider_registrar), Reason::expired));
  (void)it.world.act(SystemActor{}, ExpireDue{});
  EXPECT_EQ(it.world.get<DeviceKey>(it.propose.thumbprint).status, DeviceKeyStatus::removed);
  EXPECT_FALSE(changes_nothing(it.world.act(registrar, it.propose)));
  EXPECT_TRUE(is_permitted(it.confirmed_by(it.world.outsider_registrar)));
}

// SPEC ENROL-4
TEST(Enrolment, TakesTwoRegistrarsOfTwoOrganisationsOneOfThemNoRecipient) {
  Enrolment it;
  EXPECT_TRUE(is_refused(it.world.ask(it.world.staff(it.world.reader), it.propose).decision, Reason::not_entitled));
  (void)it.world.act(it.world.staff(it.world.source_registrar), it.propose);
  World& world = it.world;
  EXPECT_TRUE(is_permitted(it.confirmed_by(world.outsider_registrar)));
  EXPECT_TRUE(is_permitted(it.confirmed_by(world.other_registrar))) << "the source is no recipient";
  EXPECT_TRUE(is_refused(it.confirmed_by(world.reader), Reason::not_entitled));
  EXPECT_TRUE(is_refused(it.confirmed_by(world.source_registrar), Reason::same_person));
  world.change<Staff>(world.source_staff, [](Staff& s) { s.roles = {StaffRole::registrar}; });
  EXPECT_TRUE(is_refused(it.confirmed_by(world.source_staff), Reason::same_organisation));
  it.confirm.person = world.relative_index;
  EXPECT_TRUE(is_refused(it.confirmed_by(world.outsider_registrar), Reason::unknown));
  it.confirm.person = world.person_index;

  world.change_terms([&](FullmaktTerms& t) {
    t.recipients = {to_organisation(world.other), to_organisation(world.source)};
  });
  EXPECT_TRUE(is_refused(it.confirmed_by(world.other_registrar), Reason::only_recipients));
  EXPECT_TRUE(is_permitted(it.confirmed_by(world.outsider_registrar)));
  world.change_terms([&](FullmaktTerms& t) { t.recipients = {to_organisation(world.other), to_team(world.team)}; });
  EXPECT_TRUE(is_refused(it.confirmed_by(world.other_registrar), Reason::only_recipients))
      << "it is the team's organisation";
  world.change_terms([&](FullmaktTerms& t) { t.recipients = {to_team(world.team)}; });
  EXPECT_TRUE(is_permitted(it.confirmed_by(world.other_registrar)));
  world.state.put(RosterEntry{world.team, world.reader, TeamRole::member, {}, world.lead, 1});
  EXPECT_TRUE(is_refused(it.confirmed_by(world.other_registrar), Reason::only_recipients))
      << "a colleague is in the team";
  world.change<Fullmakt>(world.fullmakt, [](Fullmakt& f) { f.status = FullmaktStatus::paused; });
  EXPECT_TRUE(is_refused(it.confirmed_by(world.other_registrar), Reason::only_recipients)) << "it could be resumed";
  world.change<Fullmakt>(world.fullmakt, [](Fullmakt& f) { f.status = FullmaktStatus::revoked; });
  EXPECT_TRUE(is_permitted(it.confirmed_by(world.other_registrar)));
  world.change<Staff>(world.source_registrar, [](Staff& s) { s.standing = Standing::suspended; });
  EXPECT_TRUE(is_refused(it.confirmed_by(world.outsider_registrar), Reason::actor_not_active))
      << "the proposer has left";
}

// SPEC ENROL-6, ACT-43
TEST(Enrolment, UnconfirmedKeyIsRemovedInTime) {
  Enrolment it;
  (void)it.world.act(it.world.staff(it.world.source_registrar), it.propose);
  it.world.time += 24h * 14 - 1ms;
  EXPECT_TRUE(changes_nothing(it.world.act(SystemActor{}, ExpireDue{})));
  it.world.time += 1ms;
  EXPECT_EQ(it.world.state.next_due(), it.world.time);
  const Outcome due = it.world.act(SystemActor{}, ExpireDue{});
  EXPECT_TRUE(concerns(due, it.world.person));
  EXPECT_EQ(it.world.get<DeviceKey>(it.propose.thumbprint).status, DeviceKeyStatus::removed);
  EXPECT_EQ(it.world.get<DeviceKey>(it.world.key).status, DeviceKeyStatus::active) << "the old key stays";
}

PaperFullmakt on_paper(const World& world) {
  return {id<FullmaktId>(20), world.person_index, world.terms(), "Jag ger fullmakt ...", fingerprint(1)};
}

// SPEC PAPER-1
TEST(PaperFullmakt, TakesRegistrarsOfTwoOrganisationsOneOfThemNoRecipient) {
  World world;
  const PaperFullmakt paper = on_paper(world);
  EXPECT_TRUE(is_refused(world.ask(world.staff(world.reader), paper).decision, Reason::not_entitled));
  const Outcome first = world.act(world.staff(world.other_registrar), paper);
  EXPECT_TRUE(is_permitted(first.decision));
  EXPECT_TRUE(concerns(first, world.person));
  EXPECT_FALSE(world.state.find<Fullmakt>(paper.id)) << "one is not two";
  EXPECT_TRUE(is_refused(world.ask_approval(world.staff(world.other_registrar)).decision, Reason::same_person));
  world.change<Staff>(world.reader, [](Staff& s) { s.roles = {StaffRole::registrar}; });
  EXPECT_TRUE(is_refused(world.ask_approval(world.staff(world.reader)).decision, Reason::same_organisation));
  EXPECT_TRUE(is_refused(world.ask_approval(world.staff(world.source_staff)).decision, Reason::not_entitled));
  EXPECT_TRUE(is_refused(world.ask_approval(AdministratorActor{world.anna}).decision, Reason::not_entitled));
  EXPECT_TRUE(is_permitted(world.approve(world.staff(world.outsider_registrar)).decision));
  EXPECT_EQ(world.get<Fullmakt>(paper.id).evidence, EvidenceKind::paper);
  EXPECT_EQ(world.get<Person>(world.person).consent_version, 1u);
  EXPECT_TRUE(world.state.all<Proposal>().empty());
}

// SPEC ACT-45
TEST(PaperFullmakt, ThatWaitedEndsWhenThePersonTakesEverythingBackMeanwhile) {
  World world;
  const PaperFullmakt paper = on_paper(world);
  EXPECT_TRUE(is_permitted(world.act(world.staff(world.other_registrar), paper).decision));
  EXPECT_TRUE(is_permitted(world.ask_approval(world.staff(world.outsider_registrar)).decision)) << "until then";
  const PaperNarrowing everything{world.person_index, {}, true, {}, {}};
  EXPECT_TRUE(is_permitted(world.act(world.staff(world.reader), everything).decision));
  EXPECT_TRUE(is_refused(world.ask_approval(world.staff(world.outsider_registrar)).decision, Reason::state_changed));
}

// SPEC ACT-45
TEST(PaperReconfirm, ThatWaitedEndsWhenThePersonNarrowsMeanwhile) {
  World world;
  world.change<Person>(world.person, [](Person& p) { p.epoch = 0; });
  EXPECT_TRUE(is_permitted(world.act(world.staff(world.other_registrar), PaperReconfirm{world.person_index}).decision));
  EXPECT_TRUE(is_permitted(world.ask_approval(world.staff(world.outsider_registrar)).decision)) << "until then";
  EXPECT_TRUE(is_permitted(world.act(world.person_actor(), RevokeFullmakt{world.fullmakt}).decision));
  EXPECT_TRUE(is_refused(world.ask_approval(world.staff(world.outsider_registrar)).decision, Reason::state_changed));
}

// SPEC PAPER-1
TEST(PaperFullmakt, IsRefusedWhenBothOrganisationsReceive) {
  World world;
  PaperFullmakt paper = on_paper(world);
  paper.terms.recipients = {to_organisation(world.other), to_organisation(world.outsider)};
  (void)world.act(world.staff(world.other_registrar), paper);
  EXPECT_TRUE(is_refused(world.ask_approval(world.staff(world.outsider_registrar)).decision, Reason::only_recipients));
  EXPECT_TRUE(is_permitted(world.ask_approval(world.staff(world.source_registrar)).decision));
  paper.terms.purpose = "";
  EXPECT_TRUE(is_refused(world.ask(world.staff(world.other_registrar), paper).decision, Reason::terms_invalid));
  paper.person = world.unknown_index;
  EXPECT_TRUE(is_refused(world.ask(world.staff(world.other_registrar), paper).decision, Reason::unknown));
}

// SPEC PAPER-5, ACT-7
TEST(PaperNarrowing, GetsOneAnswerWhateverStood) {
  World world;
  const StaffActor staff = world.staff(world.outsider_registrar);
  const auto ask = [&](const BlindIndex& person, std::set<FullmaktId> revoke) {
    return world.ask(staff, PaperNarrowing{person, std::move(revoke), false, id<SparrId>(9), SparrTerms{}});
  };
  const std::vector<Outcome> all = {
      ask(world.person_index, {world.fullmakt}), ask(world.person_index, {id<FullmaktId>(99)}),
      ask(world.relative_index, {world.fullmakt}), ask(world.unknown_index, {world.fullmakt})};
  for (const Outcome& one : all) {
    EXPECT_TRUE(is_permitted(one.decision));
    EXPECT_FALSE(one.decision.fullmakt);
    EXPECT_TRUE(std::holds_alternative<std::monostate>(one.answer));
  }
  World copy = world;
  copy.carry_out(all[2]);
  EXPECT_EQ(copy.get<Fullmakt>(world.fullmakt).status, FullmaktStatus::active) << "not the relative's";
  copy.carry_out(all[0]);
  EXPECT_EQ(copy.get<Fullmakt>(world.fullmakt).status, FullmaktStatus::revoked);
  EXPECT_TRUE(changes_nothing(all[3]));
  SparrTerms bad;
  bad.target = SparrTarget::flik;
  for (const BlindIndex& who : {world.person_index, world.unknown_index}) {
    const Outcome refused = world.ask(staff, PaperNarrowing{who, {world.fullmakt}, false, id<SparrId>(9), bad});
    EXPECT_TRUE(is_refused(refused.decision, Reason::terms_invalid));
    EXPECT_TRUE(changes_nothing(refused));
  }
}

// SPEC PAPER-6
TEST(PaperNarrowing, ChangesNoSparrThatStandsWhateverIdItNames) {
  World world;
  world.set_sparr({}, world.person);
  const SparrId standing = id<SparrId>(1);
  const auto before = to_text(row_body(world.get<Sparr>(standing)));
  const auto weaken = [&](const BlindIndex& person, const ActId& act) {
    SparrTerms weak;
    weak.target = SparrTarget::dates;
    weak.from = weak.to = *parse_date("1900-01-01");
    const Moment moment{world.now, act, {}, false};
    const PaperNarrowing narrowing{person, {}, false, standing, weak};
    const Outcome out = evaluate(world.state, world.staff(world.reader), narrowing, moment);
    EXPECT_TRUE(is_permitted(out.decision));
    world.carry_out(out);
  };
  weaken(world.relative_index, ActId(standing.value()));  // the act's own id is chosen by the sender too
  weaken(world.person_index, ActId(standing.value()));
  weaken(world.relative_index, id<ActId>(7));
  EXPECT_EQ(to_text(row_body(world.get<Sparr>(standing))), before);
  EXPECT_EQ(world.state.all<Sparr>().size(), 4u) << "and none is lost";
  EXPECT_EQ(world.state.sparrar_of(world.relative).size(), 2u);
}

// SPEC PAPER-5, RULE-10
TEST(PaperNarrowing, SparrOnThePersonsWordIsInForce) {
  World world;
  EXPECT_TRUE(is_permitted(world.read()));
  const PaperNarrowing narrowing{world.person_index, {}, false, id<SparrId>(6), SparrTerms{}};
  EXPECT_TRUE(is_permitted(world.act(world.staff(world.reader), narrowing).decision));
  EXPECT_FALSE(world.read().is_permitted());
  EXPECT_EQ(world.read().rule, Rule::sparr);
}

// SPEC CONSENT-7
TEST(Sparr, OfSomethingThatIsNotRegisteredIsRefused) {
  World world;
  const auto ask = [&](const SparrTerms& terms) {
    return world.ask(world.person_actor(), SetSparr{id<SparrId>(5), terms}).decision;
  };
  SparrTerms flik;
  flik.target = SparrTarget::flik;
  flik.flik = "journl";
  EXPECT_TRUE(is_refused(ask(flik), Reason::flik_unknown));
  flik.flik = kFlik;
  EXPECT_TRUE(is_permitted(ask(flik)));
  world.change<FlikType>(kFlik, [](FlikType& type) { type.standing = Standing::suspended; });
  EXPECT_TRUE(is_permitted(ask(flik))) << "what is suspended may come back";
  for (const Recipient& known :
       {to_organisation(world.other), to_unit(world.unit), to_team(world.team), to_staff(world.reader)}) {
    SparrTerms some;
    some.everyone = false;
    some.recipients = {known};
    EXPECT_TRUE(is_permitted(ask(some)));
    some.recipients = {{known.kind, id<StaffId>(99).value()}};
    EXPECT_TRUE(is_refused(ask(some), Reason::recipient_unknown));
  }
  const PaperNarrowing paper{world.unknown_index, {}, false, id<SparrId>(6), flik};
  EXPECT_TRUE(is_permitted(world.ask(world.staff(world.reader), paper).decision));
  flik.flik = "journl";
  const PaperNarrowing mistyped{world.unknown_index, {}, false, id<SparrId>(6), flik};
  EXPECT_TRUE(is_refused(world.ask(world.staff(world.reader), mistyped).decision, Reason::terms_invalid));
}

struct Roster {
  World world;
  Decision add(const StaffId& who, TeamRole role = TeamRole::member) {
    return world.act(world.staff(who), RosterAdd{world.team, world.reader, role}).decision;
  }
  const RosterEntry* entry() const { return world.state.find<RosterEntry>({world.team, world.reader}); }
};

// SPEC ROSTER-2
TEST(Roster, AnAdditionTakesTheMembersOfficerAndTheTeamsLeadInAnyOrder) {
  for (const bool officer_first : {true, false}) {
    Roster it;
    const auto [first, second] = officer_first ? std::pair(it.world.other_officer, it.world.lead)
                                               : std::pair(it.world.lead, it.world.other_officer);
    EXPECT_TRUE(is_refused(it.add(it.world.source_officer), Reason::not_entitled)) << "another organisation's officer";
    EXPECT_TRUE(is_permitted(it.add(first)));
    EXPECT_FALSE(it.entry()->is_complete());
    EXPECT_TRUE(is_refused(it.add(first), Reason::same_person));
    EXPECT_TRUE(is_permitted(it.add(second)));
    EXPECT_TRUE(it.entry()->is_complete());
  }
}

// SPEC ROSTER-2
TEST(Roster, OnePersonIsNotTwoAndAYesOfOneWhoLeftIsNotCompleted) {
  Roster it;
  World& world = it.world;
  world.change<Staff>(world.lead, [&](Staff& s) { s.roles = {StaffRole::roster_officer}; });
  const RosterAdd colleague{world.team, world.source_colleague, TeamRole::member};
  EXPECT_TRUE(is_permitted(world.act(world.staff(world.lead), colleague).decision));
  EXPECT_TRUE(is_refused(world.act(world.staff(world.lead), colleague).decision, Reason::same_person));
  EXPECT_TRUE(is_permitted(it.add(world.other_officer)));
  world.change<Staff>(world.other_officer, [](Staff& s) { s.standing = Standing::suspended; });
  EXPECT_TRUE(is_permitted(it.add(world.lead)));
  EXPECT_FALSE(it.entry()->is_complete());
}

// SPEC ROSTER-2
TEST(Roster, AYesOfOneWhoDoesNotLeadAnyMoreIsNotCompleted) {
  const auto completed_after = [](std::function<void(World&)> how) {
    Roster it;
    EXPECT_TRUE(is_permitted(it.add(it.world.lead)));
    how(it.world);
    EXPECT_TRUE(is_permitted(it.add(it.world.other_officer)));
    return it.entry()->is_complete();
  };
  EXPECT_TRUE(completed_after([](World&) {}));
  EXPECT_FALSE(
      completed_after([](World& w) { w.change<Staff>(w.lead, [](Staff& s) { s.standing = Standing::suspended; }); }));
  EXPECT_FALSE(completed_after([](World& w) {
    w.change<RosterEntry>({w.team, w.lead}, [](RosterEntry& entry) { entry.role = TeamRole::member; });
  }));
  EXPECT_FALSE(completed_after([](World& w) {
    w.change<RosterEntry>({w.team, w.lead}, [](RosterEntry& e) { --e.epoch; });
  }));
}

// SPEC ROSTER-3
TEST(Roster, RoleIsAgreedOnAndNobodyBecomesLead) {
  Roster it;
  EXPECT_TRUE(is_refused(it.add(it.world.lead, TeamRole::lead), Reason::terms_invalid));
  EXPECT_TRUE(is_permitted(it.add(it.world.lead, TeamRole::member)));
  EXPECT_TRUE(is_permitted(it.add(it.world.other_officer, TeamRole::deputy)));
  EXPECT_FALSE(it.entry()->is_complete()) << "they said yes to different roles";
  EXPECT_TRUE(is_permitted(it.add(it.world.lead, TeamRole::deputy)));
  EXPECT_TRUE(it.entry()->is_complete());
  EXPECT_TRUE(is_refused(it.add(it.world.lead, TeamRole::member), Reason::wrong_state));
  const RosterAdd by_deputy{it.world.team, it.world.source_colleague, TeamRole::member};
  EXPECT_TRUE(is_permitted(it.world.ask(it.world.staff(it.world.reader), by_deputy).decision));
}

// SPEC ROSTER-4, ACT-8
TEST(Roster, EitherSideRemovesAloneAlsoAfterARestore) {
  for (const bool by_lead : {true, false}) {
    Roster it;
    (void)it.add(it.world.lead);
    (void)it.add(it.world.other_officer);
    it.world.restore();
    const RosterRemove remove{it.world.team, it.world.reader};
    EXPECT_TRUE(
        is_refused(it.world.ask(it.world.staff(it.world.source_officer), remove).decision, Reason::not_entitled));
    const StaffActor who = it.world.staff(by_lead ? it.world.lead : it.world.other_officer);
    EXPECT_TRUE(is_permitted(it.world.act(who, remove).decision));
    EXPECT_FALSE(it.entry());
    EXPECT_TRUE(is_permitted(it.world.act(who, remove).decision)) << "twice is no trouble";
  }
}

// SPEC ROSTER-5
TEST(Roster, TeamKeepsSinceWhenItHadHowManyPeople) {
  Roster it;
  World& world = it.world;
  const auto sizes = [&] {
    std::vector<std::uint32_t> out;
    for (const TeamSize& one : world.get<Team>(world.team).sizes) out.push_back(one.people);
    return out;
  };
  const RosterRemove remove{world.team, world.reader};
  (void)it.add(world.lead);
  EXPECT_TRUE(sizes().empty()) << "one of two said yes";
  (void)world.act(world.staff(world.lead), remove);
  EXPECT_TRUE(sizes().empty()) << "who was not in is not out";
  (void)it.add(world.lead);
  world.time += 1h;
  (void)it.add(world.other_officer);
  EXPECT_EQ(sizes(), (std::vector<std::uint32_t>{2}));
  EXPECT_EQ(world.get<Team>(world.team).sizes[0].since, world.time);
  (void)it.add(world.lead);
  EXPECT_EQ(sizes(), (std::vector<std::uint32_t>{2})) << "a third yes";
  (void)world.act(world.staff(world.lead), remove);
  EXPECT_EQ(sizes(), (std::vector<std::uint32_t>{2, 1}));
  EXPECT_TRUE(changes_nothing(world.act(world.staff(world.lead), remove)));
  for (int time = 0; time < 40; ++time) {
    (void)it.add(world.lead);
    (void)it.add(world.other_officer);
    (void)world.act(world.staff(world.lead), remove);
  }
  EXPECT_EQ(sizes().size(), 64u);
  EXPECT_EQ(sizes().back(), 1u) << "the newest are kept";
  EXPECT_EQ(sizes()[62], 2u);
}

// SPEC ROSTER-5
TEST(Roster, EntryThatARestoreLeftBehindCountsUntilItIsBegunAnew) {
  Roster it;
  World& world = it.world;
  (void)it.add(world.lead);
  (void)it.add(world.other_officer);
  world.change<RosterEntry>({world.team, world.reader}, [](RosterEntry& entry) { entry.epoch = 0; });
  (void)it.add(world.lead);
  ASSERT_FALSE(it.entry()->is_complete());
  EXPECT_EQ(world.get<Team>(world.team).sizes.back().people, 1u);
  (void)it.add(world.other_officer);
  EXPECT_EQ(world.get<Team>(world.team).sizes.back().people, 2u);
}

// SPEC ROSTER-1, ROSTER-5
TEST(Team, WorksOnceItsOrganisationAccepted) {
  World world;
  const TeamId fresh = id<TeamId>(2);
  const AdministratorActor anna{world.anna}, bo{world.bo};
  EXPECT_TRUE(is_refused(world.ask(anna, RegisterTeam{fresh, world.source, "Nytt team", world.reader}).decision,
                         Reason::unknown))
      << "the lead is of another organisation";
  EXPECT_TRUE(is_permitted(world.act(anna, RegisterTeam{fresh, world.source, "Nytt team", world.lead}).decision));
  EXPECT_TRUE(is_permitted(world.approve(bo).decision));
  const RosterAdd add{fresh, world.reader, TeamRole::member};
  EXPECT_TRUE(is_refused(world.ask(world.staff(world.other_officer), add).decision, Reason::unknown));
  EXPECT_TRUE(
      is_refused(world.ask(world.staff(world.other_officer), AcceptTeam{fresh}).decision, Reason::not_entitled));
  EXPECT_TRUE(is_refused(world.ask(world.staff(world.source_staff), AcceptTeam{fresh}).decision, Reason::not_entitled));
  EXPECT_TRUE(is_permitted(world.act(world.staff(world.source_officer), AcceptTeam{fresh}).decision));
  EXPECT_TRUE(world.get<RosterEntry>({fresh, world.lead}).is_complete());
  ASSERT_EQ(world.get<Team>(fresh).sizes.size(), 1u);
  EXPECT_EQ(world.get<Team>(fresh).sizes[0].people, 1u);
  EXPECT_TRUE(is_permitted(world.ask(world.staff(world.lead), add).decision));
  EXPECT_TRUE(
      is_refused(world.ask(world.staff(world.source_officer), AcceptTeam{fresh}).decision, Reason::wrong_state));
}

}  // namespace
}  // namespace flikvakt::policy::test
