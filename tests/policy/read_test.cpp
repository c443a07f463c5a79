#include "tests/policy/world.h"

namespace flikvakt::policy::test {
namespace {

using Break = std::function<void(World&)>;
struct Twin {
  const char* what;
  Break break_it;
  Rule rule;
  Reason why;
};

void expect_each_denied(const Break& prepare, const std::vector<Twin>& twins,
                        const std::function<Decision(World&)>& read) {
  for (const Twin& twin : twins) {
    SCOPED_TRACE(twin.what);
    World world;
    prepare(world);
    EXPECT_TRUE(is_permitted(read(world)));
    twin.break_it(world);
    EXPECT_TRUE(is_refused(read(world), twin.why, twin.rule));
  }
}
Decision by_reader(World& world) { return world.read(); }
Decision by_provider(World& world) { return world.read(world.provider_staff); }
void as_is(World&) {}

Decision read_as(const World& world, const std::function<void(StaffActor&)>& change) {
  StaffActor actor = world.staff(world.reader);
  change(actor);
  return decide_read(world.state, {actor, world.document, kPurpose}, world.now);
}

template <class T>
void suspend(World& world, const typename T::Key& key) {
  world.change<T>(key, [](T& row) { row.standing = Standing::suspended; });
}
template <class T>
void make_old(World& world, const typename T::Key& key) {
  world.change<T>(key, [](T& row) { row.epoch = 0; });
}

// SPEC RULE-1
TEST(ReadRules, ReaderWithEverythingInPlaceOpensTheDocumentAndTheFullmaktIsNamed) {
  World world;
  EXPECT_TRUE(is_permitted(world.read()));
  EXPECT_EQ(world.read().fullmakt, world.fullmakt);
}

// SPEC RULE-1
TEST(ReadRules, OfSeveralFailingRulesTheLowestIsReported) {
  World world;
  world.change_terms([](FullmaktTerms& terms) { terms.purpose = "other"; });
  EXPECT_TRUE(is_refused(world.read(), Reason::no_fullmakt, Rule::fullmakt));
  world.set_sparr({}, world.person);
  EXPECT_TRUE(is_refused(world.read(), Reason::blocked, Rule::sparr));
  world.change<Document>(world.document, [](Document& row) { row.status = DocumentStatus::erased; });
  EXPECT_TRUE(is_refused(world.read(), Reason::not_in_force, Rule::document));
  suspend<Staff>(world, world.reader);
  EXPECT_TRUE(is_refused(world.read(), Reason::actor_not_active, Rule::actor));
}

// SPEC RULE-2
TEST(ReadRules, RuleOneFailsWhenOrganisationOrStaffIsNotInPlace) {
  World world;
  EXPECT_TRUE(
      is_refused(read_as(world, [](StaffActor& a) { a.staff = id<StaffId>(99); }), Reason::actor_unknown, Rule::actor));
  EXPECT_TRUE(is_refused(read_as(world, [&](StaffActor& a) { a.staff = world.source_staff; }), Reason::actor_unknown,
                         Rule::actor));
  EXPECT_TRUE(is_refused(read_as(world, [](StaffActor& a) { a.organisation = id<OrganisationId>(99); }),
                         Reason::actor_unknown, Rule::actor));
  const auto not_active = Reason::actor_not_active;
  expect_each_denied(
      as_is,
      {{"organisation suspended", [](World& w) { suspend<Organisation>(w, w.other); }, Rule::actor, not_active},
       {"staff suspended", [](World& w) { suspend<Staff>(w, w.reader); }, Rule::actor, not_active},
       {"organisation old", [](World& w) { make_old<Organisation>(w, w.other); }, Rule::actor, Reason::not_reattested},
       {"staff old", [](World& w) { make_old<Staff>(w, w.reader); }, Rule::actor, Reason::not_reattested}},
      by_reader);
}

// SPEC RULE-3, RULE-4
TEST(ReadRules, RuleOneFailsWhenACredentialIsNotTheOrganisationsOrNotValid) {
  World world;
  const auto not_valid = Reason::credential_not_valid;
  EXPECT_TRUE(
      is_refused(read_as(world, [](StaffActor& a) { a.certificate = fingerprint(1); }), not_valid, Rule::actor));
  EXPECT_TRUE(
      is_refused(read_as(world, [](StaffActor& a) { a.assertion_key = fingerprint(1); }), not_valid, Rule::actor));
  EXPECT_TRUE(is_refused(read_as(world, [&](StaffActor& a) { a.certificate = world.certificate_of(world.source); }),
                         not_valid, Rule::actor));
  EXPECT_TRUE(is_refused(read_as(world, [&](StaffActor& a) { a.assertion_key = world.assertion_key_of(world.source); }),
                         not_valid, Rule::actor));
  const auto change_certificate = [](auto how) {
    return
        [how](World& w) { w.change<Certificate>(w.certificate_of(w.other), [&](Certificate& row) { how(w, row); }); };
  };
  expect_each_denied(
      as_is,
      {{"certificate suspended", [](World& w) { suspend<Certificate>(w, w.certificate_of(w.other)); }, Rule::actor,
        not_valid},
       {"key suspended", [](World& w) { suspend<AssertionKey>(w, w.assertion_key_of(w.other)); }, Rule::actor,
        not_valid},
       {"certificate old", [](World& w) { make_old<Certificate>(w, w.certificate_of(w.other)); }, Rule::actor,
        Reason::not_reattested},
       {"key old", [](World& w) { make_old<AssertionKey>(w, w.assertion_key_of(w.other)); }, Rule::actor,
        Reason::not_reattested},
       {"not yet valid", change_certificate([](World& w, Certificate& row) { row.valid_from = w.now + 1ms; }),
        Rule::actor, not_valid},
       {"valid no more", change_certificate([](World& w, Certificate& row) { row.valid_to = w.now; }), Rule::actor,
        not_valid}},
      by_reader);
}

// SPEC RULE-5
TEST(ReadRules, RuleOneFailsWhenTheIssuerDoesNotVouchForTheCertificate) {
  const auto change_issuer = [](auto how) {
    return [how](World& w) { w.change<Issuer>(w.issuer, [&](Issuer& row) { how(w, row); }); };
  };
  const auto not_valid = Reason::credential_not_valid;
  expect_each_denied(
      as_is,
      {{"issuer suspended", [](World& w) { suspend<Issuer>(w, w.issuer); }, Rule::actor, not_valid},
       {"no list yet", change_issuer([](World&, Issuer& row) { row.crl_number = 0; }), Rule::actor, not_valid},
       {"list past its next update", change_issuer([](World& w, Issuer& row) { row.crl_next_update = w.now; }),
        Rule::actor, not_valid},
       {"serial revoked", change_issuer([](World& w, Issuer& row) { row.revoked = {to_hex(w.other.value())}; }),
        Rule::actor, not_valid},
       {"issuer gone", [](World& w) { w.state.erase(row_id_of<Issuer>(w.issuer)); }, Rule::actor, not_valid}},
      by_reader);
  World world;
  world.change<Issuer>(world.issuer, [&](Issuer& row) { row.revoked = {to_hex(world.source.value())}; });
  EXPECT_TRUE(is_permitted(world.read())) << "another's serial is not mine";
}

// SPEC RULE-6
TEST(ReadRules, RuleTwoFailsWhenTheDocumentIsNotThere) {
  expect_each_denied(
      as_is,
      {{"no document", [](World& w) { w.state.erase(row_id_of<Document>(w.document)); }, Rule::document,
        Reason::unknown},
       {"no person", [](World& w) { w.state.erase(row_id_of<Person>(w.person)); }, Rule::document, Reason::unknown},
       {"erased",
        [](World& w) { w.change<Document>(w.document, [](Document& d) { d.status = DocumentStatus::erased; }); },
        Rule::document, Reason::not_in_force},
       {"flik type suspended", [](World& w) { suspend<FlikType>(w, kFlik); }, Rule::document, Reason::flik_unknown}},
      by_reader);
}

SparrTerms sparr(SparrTarget target) {
  SparrTerms terms;
  terms.target = target;
  return terms;
}

// SPEC RULE-10, RULE-11
TEST(ReadRules, RuleThreeFailsForEachTargetThatHitsAndHoldsForEachThatMisses) {
  struct Case {
    const char* what;
    std::function<SparrTerms(const World&)> terms;
    bool hits;
  };
  const auto dates = [](const char* from, const char* to) {
    return [=](const World&) {
      SparrTerms terms = sparr(SparrTarget::dates);
      if (from) terms.from = *parse_date(from);
      if (to) terms.to = *parse_date(to);
      return terms;
    };
  };
  const auto flik = [](const std::string& code) {
    return [=](const World&) {
      SparrTerms terms = sparr(SparrTarget::flik);
      terms.flik = code;
      return terms;
    };
  };
  const auto document = [](unsigned number) {
    return [=](const World&) {
      SparrTerms terms = sparr(SparrTarget::document);
      terms.document = id<DocumentId>(number);
      return terms;
    };
  };
  const std::vector<Case> cases = {{"everything", [](const World&) { return SparrTerms{}; }, true},
                                   {"its flik", flik(kFlik), true},
                                   {"another flik", flik("plan"), false},
                                   {"the document", document(1), true},
                                   {"another document", document(2), false},
                                   {"the very day", dates("2026-10-01", "2026-10-01"), true},
                                   {"from that day on", dates("2026-10-01", nullptr), true},
                                   {"up to that day", dates(nullptr, "2026-10-01"), true},
                                   {"later", dates("2026-10-02", nullptr), false},
                                   {"earlier", dates(nullptr, "2026-09-30"), false}};
  for (const Case& one : cases) {
    SCOPED_TRACE(one.what);
    World world;
    world.set_sparr(one.terms(world), world.person);
    if (one.hits)
      EXPECT_TRUE(is_refused(world.read(), Reason::blocked, Rule::sparr));
    else
      EXPECT_TRUE(is_permitted(world.read()));
    world.change<Sparr>(id<SparrId>(1), [](Sparr& row) { row.in_force = false; });
    EXPECT_TRUE(is_permitted(world.read())) << "a lifted Sparr blocks nothing";
  }
}

// SPEC RULE-10, SPARR-2
TEST(ReadRules, SparrUntilATimeBlocksUntilThen) {
  World world;
  SparrTerms terms;
  terms.until = world.now + 1h;
  world.set_sparr(terms, world.person);
  const ReadRequest request{world.staff(world.reader), world.document, kPurpose};
  const auto read_at = [&](UtcTime when) { return decide_read(world.state, request, when); };
  EXPECT_TRUE(is_refused(read_at(world.now), Reason::blocked, Rule::sparr));
  EXPECT_TRUE(is_refused(read_at(world.now + 1h - 1ms), Reason::blocked, Rule::sparr));
  EXPECT_TRUE(is_permitted(read_at(world.now + 1h)));
  world.set_sparr({}, world.person);
  EXPECT_TRUE(is_refused(read_at(world.now + 1h), Reason::blocked, Rule::sparr)) << "another one has no end";
}

// SPEC RULE-16
TEST(ReadRules, CoachReadsNothingUnlessAFullmaktSaysSo) {
  World world;
  const StaffId coach = id<StaffId>(50);
  world.state.put(Staff{coach, world.outsider, {}, "Coach", {}, Standing::active, 1});
  world.state.put(RosterEntry{world.team, coach, TeamRole::member, world.other_officer, world.lead, 1});
  (void)world.act(world.person_actor(), SignReferral{id<CaseId>(1), world.team, CaseFocus::change, {}});
  EXPECT_TRUE(is_refused(world.read(coach), Reason::no_fullmakt, Rule::fullmakt)) << "a place in a team is none";
  const auto list = [&] {
    const Outcome out = world.ask(world.staff(coach), ListDocuments{world.person_index, kPurpose});
    return std::get<Listing>(out.answer).documents;
  };
  EXPECT_TRUE(list().empty());
  world.change_terms([&](FullmaktTerms& t) { t.recipients.insert(to_staff(coach)); });
  EXPECT_TRUE(is_permitted(world.read(coach)));
  EXPECT_EQ(list().size(), 1u);
  (void)world.act(world.person_actor(), RevokeFullmakt{world.fullmakt});
  EXPECT_TRUE(is_refused(world.read(coach), Reason::no_fullmakt, Rule::fullmakt));
}

// SPEC RULE-10
TEST(ReadRules, SparrOfSomeoneElseBlocksNothing) {
  World world;
  world.set_sparr({}, world.relative);
  EXPECT_TRUE(is_permitted(world.read()));
}

// SPEC RULE-11
TEST(ReadRules, SparrOnOneVersionCoversTheOthersAlsoThroughAnErasedOne) {
  World world;
  Document second = world.get<Document>(world.document);
  second.id = id<DocumentId>(2);
  second.version = 2;
  second.facts.replaces = world.document;
  Document third = second;
  third.id = id<DocumentId>(3);
  third.version = 3;
  third.facts.replaces = second.id;
  second.status = DocumentStatus::erased;
  world.state.put(second);
  world.state.put(third);
  const ReadRequest newest{world.staff(world.reader), third.id, kPurpose};
  EXPECT_TRUE(is_permitted(decide_read(world.state, newest, world.now)));
  SparrTerms terms = sparr(SparrTarget::document);
  terms.document = world.document;
  world.set_sparr(terms, world.person);
  EXPECT_TRUE(is_refused(decide_read(world.state, newest, world.now), Reason::blocked, Rule::sparr));
  world.change<Sparr>(id<SparrId>(1), [&](Sparr& row) { row.terms.document = third.id; });
  EXPECT_TRUE(is_refused(world.read(), Reason::blocked, Rule::sparr));
}

// SPEC RULE-12
TEST(ReadRules, SparrThatLacksItsWordsBlocksEverythingAndEveryone) {
  for (SparrTarget target : {SparrTarget::flik, SparrTarget::document, SparrTarget::dates}) {
    World world;
    world.set_sparr(sparr(target), world.person);
    EXPECT_TRUE(is_refused(world.read(), Reason::blocked, Rule::sparr));
  }
  World world;
  SparrTerms nobody_named;
  nobody_named.everyone = false;
  world.set_sparr(nobody_named, world.person);
  EXPECT_TRUE(is_refused(world.read(), Reason::blocked, Rule::sparr));
}

// SPEC RULE-13
TEST(ReadRules, SparrAgainstRecipientsBlocksThoseWhoBelongWhateverTheirStanding) {
  World world;
  world.state.put(RosterEntry{world.team, world.reader, TeamRole::member, world.other_officer, world.lead, 0});
  const auto blocks = [&](const Recipient& recipient) {
    World copy = world;
    SparrTerms terms;
    terms.everyone = false;
    terms.recipients = {recipient};
    copy.set_sparr(terms, copy.person);
    suspend<Unit>(copy, copy.unit);
    suspend<Team>(copy, copy.team);
    return !copy.read().is_permitted();
  };
  EXPECT_TRUE(blocks(to_organisation(world.other)));
  EXPECT_TRUE(blocks(to_unit(world.unit)));
  EXPECT_TRUE(blocks(to_staff(world.reader)));
  EXPECT_TRUE(blocks(to_team(world.team)));
  EXPECT_FALSE(blocks(to_organisation(world.source)));
  EXPECT_FALSE(blocks(to_unit(id<UnitId>(2))));
  EXPECT_FALSE(blocks(to_staff(world.lead)));
  world.change<RosterEntry>({world.team, world.reader}, [](RosterEntry& row) { row.lead = {}; });
  EXPECT_FALSE(blocks(to_team(world.team))) << "half an entry is no membership";
}

// SPEC RULE-14, RULE-15
TEST(ReadRules, RuleFourFailsWhenAnyOfItsConditionsIsBroken) {
  const auto status = [](FullmaktStatus to) {
    return [to](World& w) { w.change<Fullmakt>(w.fullmakt, [&](Fullmakt& row) { row.status = to; }); };
  };
  const auto terms = [](std::function<void(World&, FullmaktTerms&)> how) {
    return [how](World& w) { w.change_terms([&](FullmaktTerms& one) { how(w, one); }); };
  };
  const auto rule = Rule::fullmakt;
  const auto no = Reason::no_fullmakt;
  expect_each_denied(
      as_is,
      {{"paused", status(FullmaktStatus::paused), rule, no},
       {"expired", status(FullmaktStatus::expired), rule, no},
       {"revoked", status(FullmaktStatus::revoked), rule, no},
       {"relinquished", status(FullmaktStatus::relinquished), rule, no},
       {"superseded", status(FullmaktStatus::superseded), rule, no},
       {"not yet", terms([](World& w, FullmaktTerms& t) { t.valid_from = w.now + 1ms; }), rule, no},
       {"no more", terms([](World& w, FullmaktTerms& t) { t.valid_to = w.now; }), rule, no},
       {"another discloser", terms([](World& w, FullmaktTerms& t) { t.disclosers = {w.outsider}; }), rule, no},
       {"another recipient", terms([](World& w, FullmaktTerms& t) { t.recipients = {to_organisation(w.outsider)}; }),
        rule, no},
       {"another right", terms([](World&, FullmaktTerms& t) { t.rights = {Right::deposit}; }), rule, no},
       {"another flik", terms([](World&, FullmaktTerms& t) { t.flikar = {"plan"}; }), rule, no},
       {"another document", terms([](World&, FullmaktTerms& t) { t.flikar = {}, t.documents = {id<DocumentId>(2)}; }),
        rule, no},
       {"another purpose", terms([](World&, FullmaktTerms& t) { t.purpose = "statistics"; }), rule, no},
       {"another person's",
        [](World& w) { w.change<Fullmakt>(w.fullmakt, [&](Fullmakt& f) { f.person = w.relative; }); }, rule, no}},
      by_reader);
  World first_instant;
  first_instant.change_terms(
      [&](FullmaktTerms& t) { t.valid_from = first_instant.now, t.valid_to = first_instant.now + 1ms; });
  EXPECT_TRUE(is_permitted(first_instant.read()));
}

// SPEC RULE-15
TEST(ReadRules, FullmaktForTheSingleDocumentOpensIt) {
  World world;
  world.change_terms([&](FullmaktTerms& t) { t.flikar = {}, t.documents = {world.document}; });
  EXPECT_TRUE(is_permitted(world.read()));
}

// SPEC RULE-16
TEST(ReadRules, UnitRecipientReadsWhileTheUnitIsActive) {
  const Break to_the_unit = [](World& w) {
    w.change_terms([&](FullmaktTerms& t) { t.recipients = {to_unit(w.unit)}; });
  };
  expect_each_denied(
      to_the_unit,
      {{"unit suspended", [](World& w) { suspend<Unit>(w, w.unit); }, Rule::fullmakt, Reason::no_fullmakt},
       {"left the unit", [](World& w) { w.change<Staff>(w.reader, [](Staff& s) { s.unit = {}; }); }, Rule::fullmakt,
        Reason::no_fullmakt}},
      by_reader);
}

// SPEC RULE-16, ROSTER-1, ROSTER-2
TEST(ReadRules, TeamRecipientReadsWhileTeamAndRosterEntryStand) {
  const Break to_the_team = [](World& w) {
    w.change_terms([&](FullmaktTerms& t) { t.recipients = {to_team(w.team)}; });
    w.state.put(RosterEntry{w.team, w.reader, TeamRole::member, w.other_officer, w.lead, 1});
  };
  const auto entry = [](std::function<void(RosterEntry&)> how) {
    return [how](World& w) { w.change<RosterEntry>({w.team, w.reader}, how); };
  };
  const auto rule = Rule::fullmakt;
  const auto no = Reason::no_fullmakt;
  expect_each_denied(
      to_the_team,
      {{"team suspended", [](World& w) { suspend<Team>(w, w.team); }, rule, no},
       {"team not accepted", [](World& w) { w.change<Team>(w.team, [](Team& t) { t.accepted_by = {}; }); }, rule, no},
       {"team's organisation suspended", [](World& w) { suspend<Organisation>(w, w.source); }, rule, no},
       {"team's organisation old", [](World& w) { make_old<Organisation>(w, w.source); }, rule, no},
       {"no officer", entry([](RosterEntry& e) { e.officer = {}; }), rule, no},
       {"no lead", entry([](RosterEntry& e) { e.lead = {}; }), rule, no},
       {"entry old", entry([](RosterEntry& e) { e.epoch = 0; }), rule, no},
       {"entry removed",
        [](World& w) {
          w.state.erase(row_id_of<RosterEntry>({w.team, w.reader}));
        },
        rule, no}},
      by_reader);
}

// SPEC RULE-16
TEST(ReadRules, StaffRecipientIsThatOneAlone) {
  World world;
  world.change_terms([&](FullmaktTerms& t) { t.recipients = {to_staff(world.reader)}; });
  EXPECT_TRUE(is_permitted(world.read()));
  EXPECT_TRUE(is_refused(world.read(world.other_officer), Reason::no_fullmakt, Rule::fullmakt));
}

// SPEC RULE-17
TEST(ReadRules, NothingIsReadOfAPersonWhoHasNotReconfirmed) {
  World world;
  world.change<Person>(world.person, [](Person& row) { row.epoch = 0; });
  EXPECT_TRUE(is_refused(world.read(), Reason::not_reconfirmed, Rule::fullmakt));
}

// SPEC RULE-20, PROV-1, PROV-2
TEST(ReadRules, RuleFiveFailsForAProviderWithoutAuthorisationOrRunningPart) {
  const auto authorisation = [](std::function<void(World&, Authorisation&)> how) {
    return [how](World& w) { w.change<Authorisation>(w.authorisation, [&](Authorisation& row) { how(w, row); }); };
  };
  const auto part = [](std::function<void(World&, KontraktPart&)> how) {
    return [how](World& w) { w.change<Kontrakt>(w.kontrakt, [&](Kontrakt& row) { how(w, row.parts.front()); }); };
  };
  const auto rule = Rule::provider;
  const auto not_authorised = Reason::provider_not_authorised;
  const auto not_running = Reason::kontrakt_not_running;
  expect_each_denied(
      [](World& w) { w.let_provider_read(); },
      {{"authorisation ended", [](World& w) { suspend<Authorisation>(w, w.authorisation); }, rule, not_authorised},
       {"authorisation not yet", authorisation([](World& w, Authorisation& a) { a.valid_from = w.now + 1ms; }), rule,
        not_authorised},
       {"authorisation over", authorisation([](World& w, Authorisation& a) { a.valid_to = w.now; }), rule,
        not_authorised},
       {"other areas", authorisation([](World&, Authorisation& a) { a.areas = {"training"}; }), rule, not_running},
       {"no kontrakt", [](World& w) { w.change_terms([](FullmaktTerms& t) { t.kontrakt = {}; }); }, rule, not_running},
       {"kontrakt ended", [](World& w) { suspend<Kontrakt>(w, w.kontrakt); }, rule, not_running},
       {"another's kontrakt",
        [](World& w) { w.change<Kontrakt>(w.kontrakt, [&](Kontrakt& k) { k.person = w.relative; }); }, rule,
        not_running},
       {"part not yet", part([](World& w, KontraktPart& p) { p.valid_from = w.now + 1ms; }), rule, not_running},
       {"part over", part([](World& w, KontraktPart& p) { p.valid_to = w.now; }), rule, not_running},
       {"another performs it", part([](World& w, KontraktPart& p) { p.provider = w.outsider; }), rule, not_running}},
      by_provider);
}

// SPEC RULE-21
TEST(ReadRules, RuleSixFailsUnlessEachOtherSubjectHasAFullmaktOfTheirOwn) {
  const auto theirs = [](std::function<void(World&, Fullmakt&)> how) {
    return [how](World& w) { w.change<Fullmakt>(id<FullmaktId>(2), [&](Fullmakt& row) { how(w, row); }); };
  };
  const auto rule = Rule::other_subjects;
  const auto no = Reason::others_not_consented;
  expect_each_denied(
      [](World& w) { w.add_other_subject(); },
      {{"revoked", theirs([](World&, Fullmakt& f) { f.status = FullmaktStatus::revoked; }), rule, no},
       {"another purpose", theirs([](World&, Fullmakt& f) { f.terms.purpose = "statistics"; }), rule, no},
       {"another discloser", theirs([](World& w, Fullmakt& f) { f.terms.disclosers = {w.outsider}; }), rule, no},
       {"used up", theirs([](World&, Fullmakt& f) { f.terms.max_readings = 1, f.readings = 1; }), rule, no},
       {"their Sparr", [](World& w) { w.set_sparr({}, w.relative); }, rule, no},
       {"not reconfirmed", [](World& w) { w.change<Person>(w.relative, [](Person& p) { p.epoch = 0; }); }, rule, no},
       {"one more subject",
        [](World& w) {
          w.change<Document>(w.document, [](Document& d) { d.facts.other_subjects.insert(id<PersonId>(9)); });
        },
        rule, no}},
      by_reader);
}

// SPEC RULE-22
TEST(ReadRules, MaskingStandsInForTheOthersConsent) {
  World world;
  world.change<Document>(world.document, [&](Document& d) { d.facts.other_subjects = {world.relative}; });
  EXPECT_TRUE(is_refused(world.read(), Reason::others_not_consented, Rule::other_subjects));
  world.change<Document>(world.document, [&](Document& d) {
    d.masking = Masking{world.source_staff, world.source_colleague};
  });
  EXPECT_TRUE(is_permitted(world.read()));
}

// SPEC RULE-23, RULE-14
TEST(ReadRules, RuleSevenFailsWhenTheReadingsAreUsedUp) {
  World world;
  world.change<Fullmakt>(world.fullmakt, [](Fullmakt& f) { f.terms.max_readings = 2, f.readings = 1; });
  EXPECT_TRUE(is_permitted(world.read()));
  world.change<Fullmakt>(world.fullmakt, [](Fullmakt& f) { f.readings = 2; });
  EXPECT_TRUE(is_refused(world.read(), Reason::used_up, Rule::use_limit));
  world.change<Fullmakt>(world.fullmakt, [](Fullmakt& f) { f.readings = 0, f.status = FullmaktStatus::exhausted; });
  EXPECT_TRUE(is_refused(world.read(), Reason::used_up, Rule::use_limit));
}

// SPEC RULE-24
TEST(ReadRules, RulesFourFiveAndSevenMustHoldForOneFullmakt) {
  World world;
  world.let_provider_read();
  Fullmakt without_kontrakt = world.get<Fullmakt>(world.fullmakt);
  without_kontrakt.id = id<FullmaktId>(5);
  without_kontrakt.terms.kontrakt = {};
  world.state.put(without_kontrakt);
  EXPECT_TRUE(is_permitted(by_provider(world)));
  world.change_terms([](FullmaktTerms& t) { t.max_readings = 1; });
  world.change<Fullmakt>(world.fullmakt, [](Fullmakt& f) { f.readings = 1; });
  EXPECT_TRUE(is_refused(by_provider(world), Reason::used_up, Rule::use_limit))
      << "one has a kontrakt, the other has uses";
  world.change<Fullmakt>(world.fullmakt, [](Fullmakt& f) { f.status = FullmaktStatus::paused; });
  EXPECT_TRUE(is_refused(by_provider(world), Reason::kontrakt_not_running, Rule::provider));
}

// SPEC RULE-30
TEST(ReadRules, OfSeveralTheOneWithoutLimitThenTheLatestThenTheLowestIdDecides) {
  World world;
  const Fullmakt given = world.get<Fullmakt>(world.fullmakt);
  const auto add = [&](unsigned number, std::function<void(Fullmakt&)> how) {
    Fullmakt fresh = given;
    fresh.id = id<FullmaktId>(number);
    how(fresh);
    world.state.put(fresh);
    return fresh.id;
  };
  world.change_terms([](FullmaktTerms& t) { t.max_readings = 5; });
  add(7, [](Fullmakt& f) { f.terms.max_readings = 5, f.terms.valid_to += 24h; });
  EXPECT_EQ(world.read().fullmakt, id<FullmaktId>(7)) << "the latest";
  add(9, [](Fullmakt& f) { f.terms.valid_to -= 24h; });
  EXPECT_EQ(world.read().fullmakt, id<FullmaktId>(9)) << "without limit, though it ends sooner";
  add(8, [](Fullmakt& f) { f.terms.valid_to -= 24h; });
  EXPECT_EQ(world.read().fullmakt, id<FullmaktId>(8)) << "the lowest id";
}

// SPEC RULE-31
TEST(ReadRules, OpeningCountsOnceOnEveryFullmaktItNeededAndTheLastOneExhausts) {
  World world;
  const FullmaktId theirs = world.add_other_subject();
  world.change<Fullmakt>(theirs, [](Fullmakt& f) { f.terms.max_readings = 2; });
  world.change_terms([](FullmaktTerms& t) { t.max_readings = 1; });
  const StaffActor reader = world.staff(world.reader);
  const Outcome opened = world.act(reader, OpenReading{id<ReadingId>(1), world.document, kPurpose});
  EXPECT_TRUE(is_permitted(opened.decision));
  EXPECT_EQ(world.get<Fullmakt>(world.fullmakt).readings, 1u);
  EXPECT_EQ(world.get<Fullmakt>(world.fullmakt).status, FullmaktStatus::exhausted);
  EXPECT_EQ(world.get<Fullmakt>(theirs).readings, 1u);
  EXPECT_EQ(world.get<Fullmakt>(theirs).status, FullmaktStatus::active);
  EXPECT_EQ(world.get<Person>(world.person).consent_version, 1u) << "what is open has changed";
  EXPECT_TRUE(concerns(opened, world.person) && concerns(opened, world.relative));
  EXPECT_EQ(std::get<DocumentView>(opened.answer).document.id, world.document);
  const Outcome again = world.act(reader, OpenReading{id<ReadingId>(2), world.document, kPurpose});
  EXPECT_TRUE(is_refused(again.decision, Reason::used_up, Rule::use_limit));
  EXPECT_TRUE(changes_nothing(again));
  EXPECT_TRUE(concerns(again, world.person)) << "refused attempts are shown to the person";
}

// SPEC RULE-31
TEST(ReadRules, OpeningUnderAFullmaktWithoutLimitChangesNoFullmakt) {
  World world;
  (void)world.act(world.staff(world.reader), OpenReading{id<ReadingId>(1), world.document, kPurpose});
  const Outcome opened = world.act(world.staff(world.reader), OpenReading{id<ReadingId>(2), world.document, kPurpose});
  ASSERT_TRUE(is_permitted(opened.decision));
  ASSERT_EQ(opened.puts.size(), 1u);
  EXPECT_TRUE(holds_alternative<Reading>(opened.puts[0]));
  EXPECT_EQ(opened.concerns.at(0).fullmakt, world.fullmakt);
}

}  // namespace
}  // namespace flikvakt::policy::test
