#include "tests/policy/world.h"

namespace flikvakt::policy::test {
namespace {

SignFullmakt another(const World& world) { return {id<FullmaktId>(20), world.terms(), "Jag ger fullmakt ..."}; }

// SPEC CONSENT-1
TEST(SignFullmakt, PersonWithAConfirmedKeySignsAndItOpens) {
  World world;
  (void)world.act(world.person_actor(), RevokeFullmakt{world.fullmakt});
  EXPECT_FALSE(world.read().is_permitted());
  const Outcome signed_one = world.act(world.person_actor(), another(world));
  EXPECT_TRUE(is_permitted(signed_one.decision));
  ASSERT_TRUE(concerns(signed_one, world.person));
  EXPECT_EQ(signed_one.concerns[0].fullmakt, id<FullmaktId>(20));
  EXPECT_EQ(signed_one.concerns[0].actor, world.person);
  EXPECT_EQ(world.read().fullmakt, id<FullmaktId>(20));
  EXPECT_EQ(world.get<Fullmakt>(id<FullmaktId>(20)).evidence, EvidenceKind::device_key);
}

// SPEC CONSENT-1
TEST(SignFullmakt, IsRefusedWhenAnyTermIsNotInOrder) {
  World world;
  const auto with = [&](std::function<void(SignFullmakt&)> how) {
    SignFullmakt act = another(world);
    how(act);
    const Outcome out = world.ask(world.person_actor(), act);
    EXPECT_TRUE(changes_nothing(out) || out.decision.is_permitted());
    return out.decision;
  };
  world.state.put(
      Case{id<CaseId>(1), world.relative, world.team, CaseFocus::illness, {}, world.now, EvidenceKind::paper});
  world.state.put(Kontrakt{world.kontrakt, world.relative, {}, Standing::active, 1});
  Document theirs = world.get<Document>(world.document);
  theirs.id = id<DocumentId>(2);
  theirs.person = world.relative;
  world.state.put(theirs);
  using Act = SignFullmakt;
  const auto bad = Reason::terms_invalid;
  EXPECT_TRUE(is_permitted(with([](Act&) {})));
  EXPECT_TRUE(is_refused(with([&](Act& a) { a.id = world.fullmakt; }), Reason::already_exists));
  EXPECT_TRUE(is_refused(with([](Act& a) { a.id = {}; }), bad));
  EXPECT_TRUE(is_refused(with([](Act& a) { a.text = ""; }), bad));
  for (const char* purpose : {"", "Rehab", "a_b", "seventeen-letters"}) {
    EXPECT_TRUE(is_refused(with([&](Act& a) { a.terms.purpose = purpose; }), bad)) << purpose;
  }
  EXPECT_TRUE(is_refused(with([](Act& a) { a.terms.language = ""; }), bad));
  EXPECT_TRUE(is_refused(with([](Act& a) { a.terms.secrecy_consent = ""; }), bad));
  EXPECT_TRUE(is_refused(with([](Act& a) { a.terms.legal_ground = ""; }), bad));
  EXPECT_TRUE(is_refused(with([](Act& a) { a.terms.disclosers = {}; }), bad));
  EXPECT_TRUE(is_refused(with([](Act& a) { a.terms.recipients = {}; }), bad));
  EXPECT_TRUE(is_refused(with([](Act& a) { a.terms.rights = {}; }), bad));
  EXPECT_TRUE(is_refused(with([](Act& a) { a.terms.flikar = {}; }), bad));
  EXPECT_TRUE(is_refused(with([](Act& a) { a.terms.max_readings = 0; }), bad));
  EXPECT_TRUE(is_refused(with([&](Act& a) { a.terms.valid_to = world.now; }), Reason::period_invalid));
  EXPECT_TRUE(is_refused(with([](Act& a) { a.terms.valid_from = a.terms.valid_to; }), Reason::period_invalid));
  EXPECT_TRUE(is_permitted(with([&](Act& a) { a.terms.valid_to = world.now + std::chrono::days{1830}; })));
  EXPECT_TRUE(is_refused(with([&](Act& a) { a.terms.valid_to = world.now + std::chrono::days{1830} + 1ms; }),
                         Reason::period_invalid));
  EXPECT_TRUE(
      is_refused(with([](Act& a) { a.terms.disclosers.insert(id<OrganisationId>(99)); }), Reason::recipient_unknown));
  for (RecipientKind kind :
       {RecipientKind::organisation, RecipientKind::unit, RecipientKind::team, RecipientKind::staff}) {
    EXPECT_TRUE(is_refused(with([&](Act& a) {
                             a.terms.recipients.insert({kind, id<StaffId>(99).value()});
                           }),
                           Reason::recipient_unknown));
  }
  EXPECT_TRUE(is_permitted(with([&](Act& a) {
    a.terms.recipients = {to_unit(world.unit), to_team(world.team), to_staff(world.reader)};
  })));
  EXPECT_TRUE(is_refused(with([](Act& a) { a.terms.flikar.insert("nope"); }), Reason::flik_unknown));
  EXPECT_TRUE(is_permitted(with([&](Act& a) { a.terms.documents = {world.document}; })));
  EXPECT_TRUE(is_refused(with([](Act& a) { a.terms.documents = {id<DocumentId>(2)}; }), Reason::other_person));
  EXPECT_TRUE(is_refused(with([](Act& a) { a.terms.case_id = id<CaseId>(1); }), Reason::other_person));
  EXPECT_TRUE(is_refused(with([&](Act& a) { a.terms.kontrakt = world.kontrakt; }), Reason::other_person));
  world.change<Organisation>(world.other, [](Organisation& o) { o.standing = Standing::suspended; });
  EXPECT_TRUE(is_refused(with([](Act&) {}), Reason::recipient_unknown));
}

// SPEC CONSENT-1
TEST(SignFullmakt, OtherDataSubjectMayOpenTheDocumentThatDeclaresThem) {
  World world;
  SignFullmakt act = another(world);
  act.terms.flikar = {};
  act.terms.documents = {world.document};
  const PersonActor relative{world.relative, world.relative_key};
  EXPECT_TRUE(is_refused(world.ask(relative, act).decision, Reason::other_person));
  world.change<Document>(world.document, [&](Document& d) { d.facts.other_subjects = {world.relative}; });
  EXPECT_TRUE(is_permitted(world.ask(relative, act).decision));
}

// SPEC CONSENT-2
TEST(Consent, WideningFailsOnAnotherVersionThanTheOneThatStandsAndNarrowingDoesNot) {
  World world;
  world.set_sparr({}, world.person);
  world.seen = 7;
  const Actor person = world.person_actor();
  EXPECT_TRUE(is_refused(world.ask(person, another(world)).decision, Reason::state_changed));
  EXPECT_TRUE(is_refused(world.ask(person, LiftSparr{id<SparrId>(1)}).decision, Reason::state_changed));
  EXPECT_TRUE(is_permitted(world.act(person, PauseFullmakt{world.fullmakt}).decision));
  EXPECT_TRUE(is_refused(world.ask(person, ResumeFullmakt{world.fullmakt}).decision, Reason::state_changed));
  world.seen = 1;
  EXPECT_TRUE(is_permitted(world.ask(person, ResumeFullmakt{world.fullmakt}).decision));
  Moment unseen;
  unseen.now = world.now;
  EXPECT_TRUE(is_refused(evaluate(world.state, person, another(world), unseen).decision, Reason::state_changed));
}

// SPEC CONSENT-2
TEST(Consent, EveryChangeMakesTheVersionGrowByOne) {
  World world;
  const Actor person = world.person_actor();
  std::uint64_t version = 0;
  SignFullmakt replacing = another(world);
  replacing.terms.supersedes = world.fullmakt;
  const std::vector<Act> acts = {
      PauseFullmakt{world.fullmakt}, ResumeFullmakt{world.fullmakt}, replacing,
      RevokeFullmakt{replacing.id},  SetSparr{id<SparrId>(1), {}},   LiftSparr{id<SparrId>(1)}};
  for (const Act& act : acts) {
    EXPECT_TRUE(is_permitted(world.act(person, act).decision)) << kind_of(act);
    EXPECT_EQ(world.get<Person>(world.person).consent_version, ++version) << kind_of(act);
  }
  EXPECT_TRUE(is_permitted(world.act(person, RevokeFullmakt{world.fullmakt}).decision));
  EXPECT_EQ(world.get<Person>(world.person).consent_version, version + 1) << "CONSENT-9: also when nothing changed";
}

// SPEC CONSENT-3, ACT-6, ACT-8, ACT-10
TEST(Consent, NarrowingWorksInClockDoubtAfterARestoreAndTwice) {
  World world;
  world.clock_doubt = true;
  world.restore();
  const Actor person = world.person_actor();
  for (int times = 0; times < 2; ++times) {
    EXPECT_TRUE(is_permitted(world.act(person, PauseFullmakt{world.fullmakt}).decision));
    EXPECT_TRUE(is_permitted(world.act(person, RevokeFullmakt{world.fullmakt}).decision));
  }
  EXPECT_TRUE(is_permitted(world.act(person, SetSparr{id<SparrId>(1), {}}).decision));
  const Outcome paper = world.act(world.staff(world.reader), PaperNarrowing{world.person_index, {}, true, {}, {}});
  EXPECT_TRUE(is_permitted(paper.decision));
  EXPECT_TRUE(is_refused(world.ask(world.staff(world.reader), ListCases{}).decision, Reason::clock_doubt));
  const PersonActor relative{world.relative, world.relative_key};
  EXPECT_TRUE(is_refused(world.ask(relative, RevokeFullmakt{world.fullmakt}).decision, Reason::unknown));
  EXPECT_TRUE(is_refused(world.ask(relative, PauseFullmakt{id<FullmaktId>(99)}).decision, Reason::unknown));
}

// SPEC CONSENT-1
TEST(SignFullmakt, IsRefusedWhenItsTextCouldBeShownAsSomethingElse) {
  World world;
  const auto with = [&](const std::string& text) {
    SignFullmakt act = another(world);
    act.text = text;
    return world.ask(world.person_actor(), act).decision;
  };
  for (const char* good : {"Jag låter dem läsa.\r\n\tAllt – utom ett.", "\xe2\x80\x8f\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d",
                           "\xf0\x9f\x8c\xb1"}) {
    EXPECT_TRUE(is_permitted(with(good))) << good;
  }
  for (const char* bad : {"a\x1b[2J", "a\x7f",
                          "a\xc2\x9b"
                          "2J",
                          "a\xe2\x80\xa8"
                          "b",
                          "a\xe2\x80\xae"
                          "b",
                          "a\xe2\x81\xa9", "a\xc3", "\xff"}) {
    EXPECT_TRUE(is_refused(with(bad), Reason::terms_invalid)) << bad;
  }
}

// SPEC CONSENT-4
TEST(SignFullmakt, SupersedesOnlyOnesOwnThatStands) {
  World world;
  SignFullmakt act = another(world);
  act.terms.supersedes = world.fullmakt;
  const PersonActor relative{world.relative, world.relative_key};
  EXPECT_TRUE(is_refused(world.ask(relative, act).decision, Reason::wrong_state));
  EXPECT_TRUE(is_permitted(world.act(world.person_actor(), act).decision));
  EXPECT_EQ(world.get<Fullmakt>(world.fullmakt).status, FullmaktStatus::superseded);
  EXPECT_EQ(world.read().fullmakt, act.id);
  act.id = id<FullmaktId>(21);
  EXPECT_TRUE(is_refused(world.ask(world.person_actor(), act).decision, Reason::wrong_state)) << "already superseded";
  act.terms.supersedes = id<FullmaktId>(99);
  EXPECT_TRUE(is_refused(world.ask(world.person_actor(), act).decision, Reason::wrong_state));
}

// SPEC CONSENT-6
TEST(Consent, NothingIsWidenedBeforeThePersonReconfirmed) {
  World world;
  (void)world.act(world.person_actor(), PauseFullmakt{world.fullmakt});
  world.change<Person>(world.person, [](Person& p) { p.epoch = 0; });
  const Actor person = world.person_actor();
  EXPECT_TRUE(is_refused(world.ask(person, another(world)).decision, Reason::not_reconfirmed));
  EXPECT_TRUE(is_refused(world.ask(person, ResumeFullmakt{world.fullmakt}).decision, Reason::not_reconfirmed));
  const PaperFullmakt paper{id<FullmaktId>(30), world.person_index, world.terms(), "text", fingerprint(1)};
  const StaffActor registrar = world.staff(world.outsider_registrar);
  EXPECT_TRUE(is_refused(world.ask(registrar, paper).decision, Reason::not_reconfirmed));
  EXPECT_TRUE(is_permitted(world.act(person, Reconfirm{}).decision));
  EXPECT_TRUE(is_permitted(world.ask(registrar, paper).decision));
  EXPECT_TRUE(is_permitted(world.ask(person, another(world)).decision));
  EXPECT_TRUE(is_permitted(world.ask(person, ResumeFullmakt{world.fullmakt}).decision));
  EXPECT_TRUE(is_refused(world.ask(person, Reconfirm{}).decision, Reason::wrong_state));
}

using enum FullmaktStatus;
struct Step {
  FullmaktStatus from;
  std::optional<FullmaktStatus> pause, resume, revoke, expire,
      supersede;  // nullopt: refused; the same: nothing changes
};

// SPEC LIFE-1
TEST(LifeCycle, EveryStatusMeetsEveryActAsTheTableSays) {
  const std::vector<Step> table = {{active, paused, {}, revoked, expired, superseded},
                                   {paused, paused, active, revoked, expired, superseded},
                                   {exhausted, paused, {}, revoked, expired, superseded},
                                   {expired, expired, {}, expired, expired, superseded},
                                   {revoked, revoked, {}, revoked, revoked, {}},
                                   {relinquished, relinquished, {}, relinquished, relinquished, {}},
                                   {superseded, superseded, {}, superseded, superseded, {}}};
  const auto check = [](FullmaktStatus from, std::optional<FullmaktStatus> to, const Actor& actor, const Act& act) {
    World world;
    world.change<Fullmakt>(world.fullmakt, [&](Fullmakt& f) { f.status = from; });
    if (holds_alternative<ExpireDue>(act)) world.time = world.terms().valid_to;
    const Outcome out = world.act(actor, act);
    EXPECT_EQ(out.decision.is_permitted(), to.has_value()) << kind_of(act) << " from " << static_cast<int>(from);
    EXPECT_EQ(world.get<Fullmakt>(world.fullmakt).status, to.value_or(from))
        << kind_of(act) << " from " << static_cast<int>(from);
  };
  for (const Step& step : table) {
    World world;
    SignFullmakt replacing = another(world);
    replacing.terms.supersedes = world.fullmakt;
    const Actor person = world.person_actor();
    check(step.from, step.pause, person, PauseFullmakt{world.fullmakt});
    check(step.from, step.resume, person, ResumeFullmakt{world.fullmakt});
    check(step.from, step.revoke, person, RevokeFullmakt{world.fullmakt});
    check(step.from, step.supersede, person, replacing);
    check(step.from, step.expire, SystemActor{}, ExpireDue{});
  }
}

// SPEC LIFE-1
TEST(LifeCycle, ResumingWhatWasUsedUpLeavesItExhausted) {
  World world;
  world.change<Fullmakt>(world.fullmakt,
                         [](Fullmakt& f) { f.status = paused, f.terms.max_readings = 1, f.readings = 1; });
  EXPECT_TRUE(is_permitted(world.act(world.person_actor(), ResumeFullmakt{world.fullmakt}).decision));
  EXPECT_EQ(world.get<Fullmakt>(world.fullmakt).status, exhausted);
}

// SPEC LIFE-1
TEST(LifeCycle, NothingIsResumedAfterItsPeriod) {
  World world;
  (void)world.act(world.person_actor(), PauseFullmakt{world.fullmakt});
  world.time = world.terms().valid_to;
  EXPECT_TRUE(is_refused(world.ask(world.person_actor(), ResumeFullmakt{world.fullmakt}).decision, Reason::expired));
}

TEST(Sparr, IsSetAndLiftedByThePersonAlone) {
  World world;
  const Actor person = world.person_actor();
  const PersonActor relative{world.relative, world.relative_key};
  EXPECT_TRUE(is_permitted(world.act(person, SetSparr{id<SparrId>(1), {}}).decision));
  EXPECT_TRUE(is_refused(world.read(), Reason::blocked, Rule::sparr));
  EXPECT_TRUE(is_refused(world.ask(relative, LiftSparr{id<SparrId>(1)}).decision, Reason::unknown));
  EXPECT_TRUE(is_refused(world.ask(person, SetSparr{id<SparrId>(1), {}}).decision, Reason::already_exists));
  EXPECT_TRUE(is_permitted(world.act(person, LiftSparr{id<SparrId>(1)}).decision));
  EXPECT_TRUE(is_permitted(world.read()));
  EXPECT_TRUE(is_refused(world.ask(person, LiftSparr{id<SparrId>(1)}).decision, Reason::wrong_state));
  SparrTerms empty;
  empty.target = SparrTarget::flik;
  EXPECT_TRUE(is_refused(world.ask(person, SetSparr{id<SparrId>(2), empty}).decision, Reason::terms_invalid));
}

// SPEC PAPER-8, SPARR-3
TEST(Sparr, IsLiftedOnPaperByRegistrarsOfTwoOrganisationsOneOfThemNoRecipient) {
  World world;
  const SparrId sparr = id<SparrId>(1);
  (void)world.act(world.person_actor(), SetSparr{sparr, {}});
  const PaperLiftSparr paper{sparr, world.person_index, fingerprint(77)};
  EXPECT_TRUE(is_refused(world.ask(world.staff(world.reader), paper).decision, Reason::not_entitled));
  EXPECT_TRUE(is_refused(world.ask(world.person_actor(), paper).decision, Reason::not_entitled));
  const auto ask = [&](const PaperLiftSparr& act) {
    const Outcome out = world.ask(world.staff(world.other_registrar), act);
    EXPECT_TRUE(out.decision.is_permitted() || changes_nothing(out));
    return out.decision;
  };
  EXPECT_TRUE(is_permitted(ask(paper)));
  EXPECT_TRUE(is_refused(ask({id<SparrId>(2), world.person_index, {}}), Reason::unknown)) << "none of that id";
  EXPECT_TRUE(is_refused(ask({sparr, world.relative_index, {}}), Reason::unknown)) << "another's";
  EXPECT_TRUE(is_refused(ask({sparr, world.unknown_index, {}}), Reason::unknown));
  const Outcome first = world.act(world.staff(world.other_registrar), paper);
  EXPECT_TRUE(concerns(first, world.person));
  EXPECT_TRUE(world.get<Sparr>(sparr).in_force) << "one is not two";
  EXPECT_TRUE(is_refused(world.ask_approval(world.staff(world.other_registrar)).decision, Reason::same_person));
  World both = world;
  both.change_terms([&](FullmaktTerms& t) {
    t.recipients = {to_organisation(world.other), to_organisation(world.outsider)};
  });
  EXPECT_TRUE(is_refused(both.ask_approval(both.staff(both.outsider_registrar)).decision, Reason::only_recipients));
  World again = world;
  (void)again.act(again.person_actor(), SetSparr{id<SparrId>(2), {}});
  EXPECT_TRUE(is_refused(again.ask_approval(again.staff(again.outsider_registrar)).decision, Reason::state_changed))
      << "what the person said since counts more";
  World restored = world;
  restored.change<Person>(world.person, [](Person& p) { p.epoch = 0; });
  EXPECT_FALSE(restored.ask_approval(restored.staff(restored.outsider_registrar)).decision.is_permitted());
  EXPECT_TRUE(is_permitted(world.approve(world.staff(world.outsider_registrar)).decision));
  EXPECT_FALSE(world.get<Sparr>(sparr).in_force);
  EXPECT_TRUE(is_permitted(world.read()));
  EXPECT_TRUE(is_refused(ask(paper), Reason::wrong_state)) << "it is lifted already";
}

// SPEC SPARR-1
TEST(Sparr, WhoseEndHasComeAlreadyIsRefused) {
  World world;
  SparrTerms terms;
  const auto set = [&](UtcTime until) {
    terms.until = until;
    return world.ask(world.person_actor(), SetSparr{id<SparrId>(1), terms});
  };
  const auto on_paper = [&](UtcTime until) {
    terms.until = until;
    const PaperNarrowing act{world.person_index, {}, false, id<SparrId>(1), terms};
    return world.ask(world.staff(world.reader), act);
  };
  for (const UtcTime past : {world.now, world.now - 24h}) {
    EXPECT_TRUE(is_refused(set(past).decision, Reason::period_invalid));
    EXPECT_TRUE(is_refused(on_paper(past).decision, Reason::terms_invalid));
  }
  for (const UtcTime ahead : {world.now + 1ms, *parse_rfc3339("9999-12-31T23:59:59.999Z")}) {
    EXPECT_TRUE(is_permitted(set(ahead).decision));
    EXPECT_TRUE(is_permitted(on_paper(ahead).decision));
  }
}

// SPEC SPARR-2, SPARR-3
TEST(Sparr, IsOutOfForceOnceItsTimeHasComeAndBeforeThatOnlyThePersonLiftsIt) {
  World world;
  SparrTerms terms;
  terms.until = world.now + 1h;
  const SparrId sparr = id<SparrId>(1);
  (void)world.act(world.person_actor(), SetSparr{sparr, terms});
  EXPECT_TRUE(is_refused(world.read(), Reason::blocked, Rule::sparr));
  World lifted = world;
  EXPECT_TRUE(is_permitted(lifted.act(lifted.person_actor(), LiftSparr{sparr}).decision));
  EXPECT_TRUE(is_permitted(lifted.read()));
  const Actor relative = PersonActor{world.relative, world.relative_key};
  for (const Actor& actor : {relative, Actor(world.staff(world.other_registrar)), Actor(AdministratorActor{world.anna}),
                             Actor(SystemActor{})}) {
    EXPECT_FALSE(world.ask(actor, LiftSparr{sparr}).decision.is_permitted());
  }
  world.time = world.now + 1h - 1ms;
  EXPECT_TRUE(changes_nothing(world.act(SystemActor{}, ExpireDue{}))) << "not before";
  EXPECT_EQ(world.state.next_due(), terms.until);
  world.time = world.now + 1h;
  const Outcome out = world.act(SystemActor{}, ExpireDue{});
  ASSERT_EQ(out.concerns.size(), 1u);
  EXPECT_EQ(out.concerns[0].person, world.person);
  EXPECT_EQ(out.concerns[0].subject, sparr.value());
  EXPECT_FALSE(world.get<Sparr>(sparr).in_force);
  EXPECT_EQ(world.get<Person>(world.person).consent_version, 2u);
  EXPECT_TRUE(changes_nothing(world.ask(SystemActor{}, ExpireDue{})));
}

// SPEC ENROL-1, ENROL-5, ACT-3
TEST(PersonKeys, ProposedKeyOnlyNarrows) {
  World world;
  const Fingerprint fresh = fingerprint(510);
  DeviceKey proposed = world.get<DeviceKey>(world.key);
  proposed.thumbprint = fresh;
  proposed.status = DeviceKeyStatus::proposed;
  proposed.confirmed_by = {};
  proposed.confirm_before = world.now + 24h;
  world.state.put(proposed);
  world.set_sparr({}, world.person);
  const PersonActor by_proposed{world.person, fresh};
  EXPECT_TRUE(is_permitted(world.act(by_proposed, PauseFullmakt{world.fullmakt}).decision));
  for (const Act& act :
       {Act(another(world)), Act(ResumeFullmakt{world.fullmakt}), Act(LiftSparr{id<SparrId>(1)}), Act(Reconfirm{}),
        Act(ReadOverview{}), Act(ReadOwnLog{}), Act(SignReferral{id<CaseId>(1), world.team, CaseFocus::illness, {}}),
        Act(OpenOwnDocument{id<ReadingId>(1), world.document})}) {
    EXPECT_TRUE(is_refused(world.ask(by_proposed, act).decision, Reason::actor_not_active)) << kind_of(act);
    EXPECT_TRUE(concerns(world.ask(by_proposed, act), world.person));
  }
  EXPECT_TRUE(is_refused(world.ask(by_proposed, RemoveKey{world.key}).decision, Reason::not_entitled));
  EXPECT_TRUE(is_permitted(world.act(by_proposed, RevokeFullmakt{world.fullmakt}).decision));
  EXPECT_TRUE(is_permitted(world.act(by_proposed, SetSparr{id<SparrId>(2), {}}).decision));
  EXPECT_TRUE(is_permitted(world.act(by_proposed, RemoveKey{fresh}).decision));
  EXPECT_TRUE(is_refused(world.ask(by_proposed, PauseFullmakt{world.fullmakt}).decision, Reason::credential_not_valid));
  EXPECT_TRUE(is_refused(world.ask(PersonActor{world.relative, world.relative_key}, RemoveKey{world.key}).decision,
                         Reason::unknown));
  EXPECT_TRUE(is_permitted(world.act(world.person_actor(), RemoveKey{world.key}).decision));
}

// SPEC CASE-1, CASE-2, CASE-3
TEST(Cases, AreOpenedByThePersonOrARegistrarListTheTeamsPeopleAndOpenNothing) {
  World world;
  (void)world.act(world.person_actor(), RevokeFullmakt{world.fullmakt});
  const SignReferral referral{id<CaseId>(1), world.team, CaseFocus::illness, {world.now + 24h}};
  EXPECT_TRUE(is_permitted(world.act(world.person_actor(), referral).decision));
  EXPECT_TRUE(is_refused(world.ask(world.person_actor(), referral).decision, Reason::already_exists));
  const PaperReferral paper{id<CaseId>(2), world.relative_index, world.team, CaseFocus::change, {}};
  EXPECT_TRUE(is_refused(world.ask(world.staff(world.reader), paper).decision, Reason::not_entitled));
  EXPECT_TRUE(is_permitted(world.act(world.staff(world.other_registrar), paper).decision));
  const PaperReferral unknown{id<CaseId>(3), world.unknown_index, world.team, CaseFocus::change, {}};
  EXPECT_TRUE(is_refused(world.ask(world.staff(world.other_registrar), unknown).decision, Reason::unknown));

  const auto cases = [&](const StaffId& who) {
    return std::get<std::vector<CaseView>>(world.ask(world.staff(who), ListCases{}).answer);
  };
  EXPECT_EQ(cases(world.lead).size(), 2u);
  EXPECT_TRUE(cases(world.source_colleague).empty()) << "of the organisation, not of the team";
  const ReadRequest by_lead{world.staff(world.lead), world.document, kPurpose};
  EXPECT_FALSE(decide_read(world.state, by_lead, world.now).is_permitted());
  world.change<Person>(world.relative, [](Person& p) { p.epoch = 0; });
  EXPECT_EQ(cases(world.lead).size(), 1u);
  world.change<Team>(world.team, [](Team& t) { t.standing = Standing::suspended; });
  EXPECT_TRUE(cases(world.lead).empty());
  const SignReferral closed{id<CaseId>(4), world.team, CaseFocus::illness, {}};
  EXPECT_TRUE(is_refused(world.ask(world.person_actor(), closed).decision, Reason::recipient_unknown));
}

}  // namespace
}  // namespace flikvakt::policy::test
