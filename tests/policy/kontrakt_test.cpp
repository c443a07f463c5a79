#include "tests/policy/world.h"

namespace flikvakt::policy::test {
namespace {

// `provider` reads under a kontrakt that runs for a day. `longer` is the next version, which runs for ten.
struct Running {
  World world;
  KontraktPlan longer;

  Running() {
    world.let_provider_read();
    world.change<Authorisation>(world.authorisation, [&](Authorisation& one) { one.valid_to = world.now + 24h * 60; });
    world.change<Issuer>(world.issuer, [&](Issuer& one) { one.crl_next_update = world.now + 24h * 60; });
    world.change<Kontrakt>(world.kontrakt, [&](Kontrakt& one) {
      one.goals = "Arbete";
      one.milestones = {{"Praktik", *parse_date("2026-12-01"), {}}, {"Anställning", *parse_date("2027-03-01"), {}}};
    });
    longer.goals = "Arbete på heltid";
    longer.milestones = {{"Anställning", *parse_date("2027-04-01"), {}}};
    longer.parts = row().parts;
    longer.parts[0].valid_to = world.now + 24h * 10;
  }

  const Kontrakt& row() const { return world.get<Kontrakt>(world.kontrakt); }
  AdministratorActor anna() const { return {world.anna}; }
  Outcome propose(const KontraktPlan& plan) { return world.act(anna(), ProposeKontrakt{world.kontrakt, plan}); }
  SignKontrakt sign() const { return {world.kontrakt, 2, longer}; }
  PaperKontrakt paper() const { return {world.kontrakt, world.person_index, 2, longer, fingerprint(1)}; }
  KontraktPart part_of(const OrganisationId& provider) const {
    return {"Insats", provider, "coaching", world.now - 24h, world.now + 24h, "", {}};
  }
  // Another provider, authorised for the same.
  OrganisationId add_provider() {
    world.change<Organisation>(world.outsider, [](Organisation& one) { one.kind = OrganisationKind::provider; });
    world.state.put(Authorisation{
        id<AuthorisationId>(2), world.outsider, {"coaching"}, world.now, world.now + 24h, Standing::active, 1});
    return world.outsider;
  }
  Decision read_at(UtcTime time) const {
    return decide_read(world.state, {world.staff(world.provider_staff), world.document, kPurpose}, time);
  }
};

struct Flaw {
  const char* what;
  Reason why;
  std::function<void(const World&, KontraktPlan&)> break_it;
};
const std::vector<Flaw>& flaws() {
  static const std::vector<Flaw> kFlaws = {
      {"no part", Reason::terms_invalid, [](auto&, KontraktPlan& p) { p.parts.clear(); }},
      {"51 parts", Reason::terms_invalid, [](auto&, KontraktPlan& p) { p.parts.resize(51, p.parts[0]); }},
      {"long goals", Reason::terms_invalid, [](auto&, KontraktPlan& p) { p.goals.assign(4001, 'a'); }},
      {"long goals of a part", Reason::terms_invalid,
       [](auto&, KontraktPlan& p) { p.parts[0].goals.assign(4001, 'a'); }},
      {"101 milestones", Reason::terms_invalid,
       [](auto&, KontraktPlan& p) { p.milestones.resize(101, p.milestones[0]); }},
      {"milestone without text", Reason::terms_invalid, [](auto&, KontraktPlan& p) { p.milestones[0].text = ""; }},
      {"long milestone", Reason::terms_invalid, [](auto&, KontraktPlan& p) { p.milestones[0].text.assign(501, 'a'); }},
      {"milestone without a date", Reason::period_invalid,
       [](auto&, KontraktPlan& p) { p.milestones[0].due = Date{}; }},
      {"milestone far away", Reason::period_invalid,
       [](auto&, KontraktPlan& p) { p.milestones[0].due = *parse_date("2036-01-01"); }},
      {"milestone already reached", Reason::terms_invalid,
       [](auto&, KontraktPlan& p) { p.milestones[0].reached = *parse_date("2026-11-01"); }},
      {"ceiling too high", Reason::terms_invalid,
       [](auto&, KontraktPlan& p) { p.parts[0].ceiling = std::uint64_t{1} << 53; }},
      {"no insats", Reason::terms_invalid, [](auto&, KontraktPlan& p) { p.parts[0].insats = ""; }},
      {"not a provider", Reason::terms_invalid, [](const World& w, KontraktPlan& p) { p.parts[0].provider = w.other; }},
      {"unknown provider", Reason::recipient_unknown,
       [](auto&, KontraktPlan& p) { p.parts[0].provider = id<OrganisationId>(99); }},
      {"area not authorised", Reason::provider_not_authorised,
       [](auto&, KontraktPlan& p) { p.parts[0].area = "training"; }},
      {"no period", Reason::period_invalid,
       [](auto&, KontraktPlan& p) { p.parts[0].valid_to = p.parts[0].valid_from; }},
      {"period too long", Reason::period_invalid,
       [](const World& w, KontraktPlan& p) {
         p.parts[0].valid_from = w.now - 24h * 1000;
         p.parts[0].valid_to = w.now + 24h * 830 + 1ms;
       }},
      {"far away", Reason::period_invalid,
       [](const World& w, KontraktPlan& p) {
         p.parts[0].valid_from = w.now + 24h * 1900;
         p.parts[0].valid_to = w.now + 24h * 1901;
       }},
      {"over already", Reason::period_invalid, [](const World& w, KontraktPlan& p) { p.parts[0].valid_to = w.now; }}};
  return kFlaws;
}

// SPEC PROV-1, PROV-3, PROV-4
TEST(Kontrakt, PlanIsCheckedWhenRegisteredAndWhenProposed) {
  Running it;
  const auto both = [&](const KontraktPlan& plan) {
    const RegisterKontrakt act{id<KontraktId>(50), it.world.person_index, plan.parts, plan.goals, plan.milestones};
    const Outcome registered = it.world.ask(it.anna(), act);
    const Outcome proposed = it.world.ask(it.anna(), ProposeKontrakt{it.world.kontrakt, plan});
    EXPECT_EQ(registered.decision.reason, proposed.decision.reason);
    EXPECT_TRUE(concerns(registered, it.world.person) && concerns(proposed, it.world.person));
    EXPECT_TRUE(registered.decision.is_permitted() || (changes_nothing(registered) && changes_nothing(proposed)));
    return proposed.decision;
  };
  EXPECT_TRUE(is_permitted(both(it.longer)));
  for (const Flaw& flaw : flaws()) {
    SCOPED_TRACE(flaw.what);
    KontraktPlan plan = it.longer;
    flaw.break_it(it.world, plan);
    EXPECT_TRUE(is_refused(both(plan), flaw.why));
  }
  KontraktPlan largest = it.longer;
  largest.goals.assign(4000, 'a');
  largest.parts[0].goals.assign(4000, 'a');
  largest.parts[0].ceiling = (std::uint64_t{1} << 53) - 1;
  largest.parts[0].valid_from = it.world.now - 24h * 1000;
  largest.parts[0].valid_to = it.world.now + 24h * 830;
  largest.parts.resize(50, largest.parts[0]);
  largest.milestones[0].text.assign(500, 'a');
  largest.milestones.resize(100, largest.milestones[0]);
  EXPECT_TRUE(is_permitted(both(largest)));
  (void)it.propose(largest);
  const Result<Row> again = parse_row(Kontrakt::kTable, parse_json(to_text(row_body(it.row()))).value());
  ASSERT_TRUE(again.has_value()) << "the largest can be read back";
  EXPECT_EQ(row_body(*again), row_body(it.row()));
}

// SPEC PROV-4
TEST(Kontrakt, ProposalChangesNothingThatRunsAndReplacesTheOneBefore) {
  Running it;
  EXPECT_TRUE(is_refused(
      it.world.ask(AdministratorActor{id<AdministratorId>(9)}, ProposeKontrakt{it.world.kontrakt, it.longer}).decision,
      Reason::actor_unknown));
  EXPECT_TRUE(is_refused(
      it.world.ask(it.world.staff(it.world.provider_staff), ProposeKontrakt{it.world.kontrakt, it.longer}).decision,
      Reason::not_entitled));
  EXPECT_TRUE(
      is_refused(it.world.ask(it.anna(), ProposeKontrakt{id<KontraktId>(9), it.longer}).decision, Reason::unknown));
  const Kontrakt before = it.row();
  KontraktPlan first = it.longer;
  first.goals = "Något annat";
  EXPECT_TRUE(is_permitted(it.propose(first).decision));
  EXPECT_TRUE(is_permitted(it.propose(it.longer).decision));
  Kontrakt after = it.row();
  ASSERT_TRUE(after.proposed);
  EXPECT_EQ(after.proposed->goals, it.longer.goals);
  after.proposed.reset();
  EXPECT_EQ(row_body(Row(after)), row_body(Row(before)));
  EXPECT_EQ(it.world.get<Person>(it.world.person).consent_version, 0u);
  EXPECT_FALSE(it.read_at(it.world.now + 24h).is_permitted()) << "the old version ends when it did";
}

// SPEC PROV-4
TEST(Kontrakt, ThatEndedOrIsFromBeforeARestoreTakesNoProposal) {
  Running it;
  const auto ask = [&](World& world) {
    return world.ask(it.anna(), ProposeKontrakt{world.kontrakt, it.longer}).decision;
  };
  World ended = it.world;
  (void)ended.act(it.anna(), EndKontrakt{ended.kontrakt});
  EXPECT_TRUE(is_refused(ask(ended), Reason::wrong_state));
  World past = it.world;
  past.time += 24h;
  EXPECT_TRUE(is_refused(ask(past), Reason::wrong_state)) << "its end was not yet carried out";
  World restored = it.world;
  restored.change<Kontrakt>(restored.kontrakt, [](Kontrakt& one) { one.epoch = 0; });
  EXPECT_TRUE(is_refused(ask(restored), Reason::not_reattested));
}

// SPEC PROV-5, CONSENT-2
TEST(Kontrakt, VersionComesIntoForceWhenThePersonSignsIt) {
  Running it;
  EXPECT_TRUE(is_refused(it.world.ask(it.world.person_actor(), it.sign()).decision, Reason::wrong_state))
      << "none is proposed";
  (void)it.propose(it.longer);
  const Outcome signed_it = it.world.act(it.world.person_actor(), it.sign());
  EXPECT_TRUE(is_permitted(signed_it.decision));
  EXPECT_TRUE(concerns(signed_it, it.world.person));
  EXPECT_EQ(it.row().version, 2u);
  EXPECT_EQ(it.row().goals, it.longer.goals);
  EXPECT_EQ(to_json(it.row().parts), to_json(it.longer.parts));
  EXPECT_EQ(to_json(it.row().milestones), to_json(it.longer.milestones));
  EXPECT_FALSE(it.row().proposed);
  EXPECT_EQ(it.world.get<Person>(it.world.person).consent_version, 1u);
  EXPECT_TRUE(is_permitted(it.read_at(it.world.now + 24h * 10 - 1ms)));
  EXPECT_FALSE(it.read_at(it.world.now + 24h * 10).is_permitted());
  EXPECT_TRUE(is_refused(it.world.act(it.world.person_actor(), it.sign()).decision, Reason::wrong_state)) << "again";
}

struct SignedOtherwise {
  const char* what;
  Reason why;
  std::function<void(Running&)> before;
  std::function<void(std::uint32_t&, KontraktPlan&)> words = [](auto&, auto&) {};
};
// Refused alike with a key and on paper.
const std::vector<SignedOtherwise>& signed_otherwise() {
  const auto nothing = [](Running&) {};
  static const std::vector<SignedOtherwise> kAll = {
      {"the standing version", Reason::state_changed, nothing, [](std::uint32_t& version, auto&) { version = 1; }},
      {"a later version", Reason::state_changed, nothing, [](std::uint32_t& version, auto&) { version = 3; }},
      {"other words", Reason::state_changed, nothing, [](auto&, KontraktPlan& plan) { plan.goals += "."; }},
      {"a longer period", Reason::state_changed, nothing,
       [](auto&, KontraktPlan& plan) { plan.parts[0].valid_to += 24h; }},
      {"another proposal since", Reason::state_changed,
       [](Running& it) {
         KontraktPlan other = it.longer;
         other.goals = "Något annat";
         (void)it.propose(other);
       }},
      {"ended since", Reason::wrong_state,
       [](Running& it) { (void)it.world.act(it.anna(), EndKontrakt{it.world.kontrakt}); }},
      {"past its last part", Reason::wrong_state, [](Running& it) { it.world.time += 24h; }},
      {"authorisation ended since", Reason::provider_not_authorised,
       [](Running& it) { (void)it.world.act(it.anna(), EndAuthorisation{it.world.authorisation}); }},
      {"not re-attested", Reason::not_reattested,
       [](Running& it) { it.world.change<Kontrakt>(it.world.kontrakt, [](Kontrakt& one) { one.epoch = 0; }); }},
      {"not re-confirmed", Reason::not_reconfirmed,
       [](Running& it) { it.world.change<Person>(it.world.person, [](Person& one) { one.epoch = 0; }); }},
      {"another person's", Reason::unknown, [](Running& it) {
         it.world.change<Kontrakt>(it.world.kontrakt, [&](Kontrakt& one) { one.person = it.world.relative; });
       }}};
  return kAll;
}

// SPEC PROV-5, ACT-7
TEST(Kontrakt, IsSignedWordForWordAndOnlyByThePerson) {
  Running proposed;
  (void)proposed.propose(proposed.longer);
  for (const SignedOtherwise& one : signed_otherwise()) {
    SCOPED_TRACE(one.what);
    Running it = proposed;
    one.before(it);
    SignKontrakt act = it.sign();
    one.words(act.version, act.plan);
    const Outcome out = it.world.ask(it.world.person_actor(), act);
    EXPECT_TRUE(is_refused(out.decision, one.why));
    EXPECT_TRUE(changes_nothing(out));
    EXPECT_TRUE(concerns(out, it.world.person));
  }
  World& world = proposed.world;
  const auto by = [&](const Actor& actor) { return world.ask(actor, proposed.sign()).decision; };
  EXPECT_TRUE(is_permitted(by(world.person_actor())));
  for (const Actor& actor : {Actor(proposed.anna()), Actor(world.staff(world.provider_staff)), Actor(SystemActor{})}) {
    EXPECT_TRUE(is_refused(by(actor), Reason::not_entitled));
  }
  EXPECT_TRUE(is_refused(by(PersonActor{world.relative, world.relative_key}), Reason::unknown));
  world.seen = 7;
  EXPECT_TRUE(is_refused(by(world.person_actor()), Reason::state_changed));
  world.seen.reset();
  world.clock_doubt = true;
  EXPECT_TRUE(is_refused(by(world.person_actor()), Reason::clock_doubt));
  world.clock_doubt = false;
  world.change<DeviceKey>(world.key, [](DeviceKey& key) { key.status = DeviceKeyStatus::proposed; });
  EXPECT_TRUE(is_refused(by(world.person_actor()), Reason::actor_not_active, Rule::actor));
}

// SPEC PROV-6
TEST(PaperKontrakt, TakesRegistrarsOfTwoOrganisationsOneOfThemWithoutInterest) {
  Running it;
  World& world = it.world;
  (void)it.propose(it.longer);
  EXPECT_TRUE(is_refused(world.ask(world.staff(world.reader), it.paper()).decision, Reason::not_entitled));
  const Outcome first = world.act(world.staff(world.other_registrar), it.paper());
  EXPECT_TRUE(is_permitted(first.decision));
  EXPECT_TRUE(concerns(first, world.person));
  EXPECT_EQ(it.row().version, 1u) << "one is not two";
  EXPECT_TRUE(is_refused(world.ask_approval(world.staff(world.other_registrar)).decision, Reason::same_person));
  world.change<Staff>(world.reader, [](Staff& one) { one.roles = {StaffRole::registrar}; });
  EXPECT_TRUE(is_refused(world.ask_approval(world.staff(world.reader)).decision, Reason::same_organisation));
  EXPECT_TRUE(is_refused(world.ask_approval(world.staff(world.source_staff)).decision, Reason::not_entitled));
  EXPECT_TRUE(is_permitted(world.ask_approval(world.staff(world.outsider_registrar)).decision));

  world.change<Staff>(world.provider_staff, [](Staff& one) { one.roles = {StaffRole::registrar}; });
  EXPECT_TRUE(is_permitted(world.ask_approval(world.staff(world.provider_staff)).decision)) << "other has no interest";
  world.change_terms([&](FullmaktTerms& terms) { terms.recipients = {to_organisation(world.other)}; });
  EXPECT_TRUE(is_refused(world.ask_approval(world.staff(world.provider_staff)).decision, Reason::only_recipients))
      << "one receives, the other has a part";
  EXPECT_TRUE(is_permitted(world.approve(world.staff(world.outsider_registrar)).decision));
  EXPECT_EQ(it.row().version, 2u);
  EXPECT_FALSE(it.row().proposed);
  EXPECT_EQ(world.get<Person>(world.person).consent_version, 1u);
}

// SPEC PROV-6
TEST(PaperKontrakt, SaysWordForWordWhatIsProposed) {
  Running proposed;
  (void)proposed.propose(proposed.longer);
  for (const SignedOtherwise& one : signed_otherwise()) {
    SCOPED_TRACE(one.what);
    Running it = proposed;
    one.before(it);
    PaperKontrakt act = it.paper();
    one.words(act.version, act.plan);
    const Outcome out = it.world.ask(it.world.staff(it.world.other_registrar), act);
    EXPECT_TRUE(is_refused(out.decision, one.why));
    EXPECT_TRUE(changes_nothing(out));
  }
  PaperKontrakt unknown = proposed.paper();
  unknown.person = proposed.world.unknown_index;
  EXPECT_TRUE(is_refused(proposed.world.ask(proposed.world.staff(proposed.world.other_registrar), unknown).decision,
                         Reason::unknown));
}

// SPEC ACT-45
TEST(PaperKontrakt, ThatWaitedEndsWhenThePersonNarrowsMeanwhile) {
  Running it;
  (void)it.propose(it.longer);
  (void)it.world.act(it.world.staff(it.world.other_registrar), it.paper());
  EXPECT_TRUE(is_permitted(it.world.ask_approval(it.world.staff(it.world.outsider_registrar)).decision))
      << "until then";
  (void)it.world.act(it.world.person_actor(), SetSparr{id<SparrId>(1), {}});
  EXPECT_TRUE(
      is_refused(it.world.ask_approval(it.world.staff(it.world.outsider_registrar)).decision, Reason::state_changed));
}

// SPEC PROV-5, CONT-1
TEST(Kontrakt, PartThatANewVersionLeavesOutEndsItsRunningReading) {
  Running it;
  World& world = it.world;
  const OrganisationId other = it.add_provider();
  const Actor reader = world.staff(world.provider_staff);
  ASSERT_TRUE(is_permitted(world.act(reader, OpenReading{id<ReadingId>(1), world.document, kPurpose}).decision));
  const Reading reading = world.get<Reading>(id<ReadingId>(1));
  it.longer.parts = {it.part_of(other)};
  (void)it.propose(it.longer);
  EXPECT_TRUE(is_permitted(decide_continue(world.state, reading, reader, world.now)));
  ASSERT_TRUE(is_permitted(world.act(world.person_actor(), it.sign()).decision));
  EXPECT_TRUE(is_refused(decide_continue(world.state, reading, reader, world.now), Reason::kontrakt_not_running,
                         Rule::provider));
}

// SPEC PROV-7
TEST(Milestone, IsReachedOnceByWhoeverHasAPartOrLeadsAnOpenCase) {
  Running it;
  World& world = it.world;
  const ReachMilestone act{world.kontrakt, 1, *parse_date("2026-11-20")};
  const auto by = [&](const StaffId& who) { return world.ask(world.staff(who), act); };
  EXPECT_TRUE(is_permitted(by(world.provider_staff).decision));
  EXPECT_TRUE(is_refused(by(world.source_staff).decision, Reason::not_entitled));
  EXPECT_TRUE(concerns(by(world.source_staff), world.person));
  EXPECT_TRUE(is_refused(world.ask(world.person_actor(), act).decision, Reason::not_entitled));
  EXPECT_TRUE(is_refused(world.ask(it.anna(), act).decision, Reason::not_entitled));

  EXPECT_TRUE(is_refused(by(world.lead).decision, Reason::not_entitled)) << "no case";
  (void)world.act(world.person_actor(), SignReferral{id<CaseId>(1), world.team, CaseFocus::illness, {}});
  EXPECT_TRUE(is_refused(by(world.lead).decision, Reason::not_entitled)) << "it waits";
  (void)world.act(world.staff(world.lead), AcceptCase{id<CaseId>(1), {}});
  EXPECT_TRUE(is_permitted(by(world.lead).decision));
  World elsewhere = world;
  elsewhere.change<Case>(id<CaseId>(1), [&](Case& one) { one.person = world.relative; });
  EXPECT_TRUE(is_refused(elsewhere.ask(world.staff(world.lead), act).decision, Reason::not_entitled));
  World suspended = world;
  suspended.change<Team>(world.team, [](Team& one) { one.standing = Standing::suspended; });
  EXPECT_TRUE(is_refused(suspended.ask(world.staff(world.lead), act).decision, Reason::not_entitled));

  (void)world.act(world.staff(world.lead), act);
  EXPECT_EQ(it.row().milestones[1].reached, act.reached);
  EXPECT_FALSE(it.row().milestones[0].reached);
  EXPECT_EQ(it.row().version, 1u);
  EXPECT_EQ(world.get<Person>(world.person).consent_version, 0u);
  EXPECT_TRUE(is_refused(by(world.lead).decision, Reason::wrong_state)) << "once";
  EXPECT_TRUE(
      is_permitted(world.ask(world.staff(world.lead), ReachMilestone{world.kontrakt, 0, act.reached}).decision));
  (void)world.act(world.staff(world.lead), CloseCase{id<CaseId>(1)});
  EXPECT_TRUE(is_refused(world.ask(world.staff(world.lead), ReachMilestone{world.kontrakt, 0, act.reached}).decision,
                         Reason::not_entitled));
}

// SPEC PROV-7
TEST(Milestone, IsThereAndItsDateHasCome) {
  Running it;
  World& world = it.world;
  const auto ask = [&](std::uint32_t milestone, Date reached, const World& in) {
    return in.ask(in.staff(in.provider_staff), ReachMilestone{in.kontrakt, milestone, reached}).decision;
  };
  const Date today = *parse_date("2026-11-22");
  EXPECT_TRUE(is_permitted(ask(0, today, world)));
  EXPECT_TRUE(is_refused(ask(2, today, world), Reason::terms_invalid));
  EXPECT_TRUE(is_refused(ask(0, *parse_date("2026-11-23"), world), Reason::period_invalid));
  EXPECT_TRUE(is_refused(ask(0, *parse_date("1999-01-01"), world), Reason::period_invalid));
  EXPECT_TRUE(is_refused(ask(0, Date{}, world), Reason::period_invalid));
  World late = world;
  late.time = *parse_rfc3339("2026-11-22T22:00:00Z");
  EXPECT_TRUE(is_permitted(ask(0, *parse_date("2026-11-23"), late))) << "the day has begun in a Swedish summer";
  World unknown = world;
  unknown.state.erase(row_id_of<Kontrakt>(world.kontrakt));
  EXPECT_TRUE(is_refused(ask(0, today, unknown), Reason::unknown));
  World unauthorised = world;
  (void)unauthorised.act(it.anna(), EndAuthorisation{world.authorisation});
  EXPECT_TRUE(is_refused(ask(0, today, unauthorised), Reason::not_entitled));
  World ended = world;
  (void)ended.act(it.anna(), EndKontrakt{world.kontrakt});
  EXPECT_TRUE(is_refused(ask(0, today, ended), Reason::not_entitled));
  World forgotten = world;
  forgotten.change<Person>(world.person, [](Person& one) { one.epoch = 0; });
  EXPECT_TRUE(is_refused(ask(0, today, forgotten), Reason::not_reconfirmed));
}

// SPEC PROV-7
TEST(Milestone, ThatWasReachedStaysSoInTheNextVersion) {
  Running it;
  (void)it.propose(it.longer);
  const Date reached = *parse_date("2026-11-20");
  (void)it.world.act(it.world.staff(it.world.provider_staff), ReachMilestone{it.world.kontrakt, 1, reached});
  EXPECT_TRUE(is_permitted(it.world.act(it.world.person_actor(), it.sign()).decision));
  ASSERT_EQ(it.row().milestones.size(), 1u);
  EXPECT_EQ(it.row().milestones[0].reached, reached);
  EXPECT_EQ(it.row().milestones[0].due, it.longer.milestones[0].due);
}

// SPEC PROV-2, CONT-1
TEST(Authorisation, ThatAHundredThousandFullmakterNameIsWithdrawnByOneRowAndCutsEveryRunningReading) {
  constexpr unsigned kFullmakter = 100'000;
  constexpr unsigned kEvery = 10'000;  // of which one is being read under
  Running it;
  World& world = it.world;
  const EndAuthorisation end{world.authorisation};
  const Outcome among_few = world.ask(it.anna(), end);
  const Fullmakt given = world.get<Fullmakt>(world.fullmakt);
  const Actor reader = world.staff(world.provider_staff);
  for (unsigned number = 1; number < kFullmakter; ++number) {
    ByteArray<16> bytes{};
    for (std::size_t i = 0; i < 4; ++i) bytes[i] = static_cast<std::uint8_t>(number >> (8 * i));
    bytes[15] = 9;
    Fullmakt one = given;
    one.id = FullmaktId(bytes);
    one.person = number % kEvery == 0 ? world.person : PersonId(bytes);
    world.state.put(std::move(one));
  }
  ASSERT_EQ(world.state.all<Fullmakt>().size(), kFullmakter);

  std::vector<Reading> readings;
  for (const FullmaktId& under : world.state.fullmakter_of(world.person)) {
    Reading reading;
    reading.id = id<ReadingId>(static_cast<unsigned>(readings.size()) + 1);
    reading.document = world.document;
    reading.person = world.person;
    reading.fullmakt = under;
    reading.staff = world.provider_staff;
    reading.organisation = world.provider;
    reading.purpose = kPurpose;
    ASSERT_TRUE(is_permitted(decide_continue(world.state, reading, reader, world.now)));
    readings.push_back(std::move(reading));
  }
  ASSERT_EQ(readings.size(), kFullmakter / kEvery);

  const Outcome among_many = world.act(it.anna(), end);
  EXPECT_TRUE(is_permitted(among_many.decision));
  ASSERT_EQ(among_many.puts.size(), 1u);
  EXPECT_EQ(row_body(among_many.puts[0]), row_body(among_few.puts[0]));
  EXPECT_TRUE(among_many.erases.empty() && among_many.concerns.empty());
  for (const Reading& reading : readings) {
    EXPECT_TRUE(is_refused(decide_continue(world.state, reading, reader, world.now), Reason::provider_not_authorised,
                           Rule::provider));
  }
}

}  // namespace
}  // namespace flikvakt::policy::test
