// Random worlds: the decision against a slow second reading of the spec, and P8: nobody but the person opens anything.
#include <iostream>
#include <map>

#include "tests/policy/random_world.h"
#include "tests/policy/reference_decide.h"

namespace flikvakt::policy::test {
namespace {

// SPEC RULE-1, RULE-18, RULE-24, RULE-30
TEST(RandomWorlds, DecisionIsTheOneThatASecondReadingOfTheSpecGives) {
  const int count = worlds(20'000);
  std::cout << "seed " << kSeed << ", " << count << " worlds\n";
  Dice dice(kSeed);
  std::map<int, int> seen;
  const World valid;
  for (int number = 0; number < count; ++number) {
    World world = valid;
    const ReadRequest request = random_world(world, dice);
    const Decision decision = decide_read(world.state, request, world.now);
    const auto [rule, by] = Reference(world.state, request, world.now).decide();
    ASSERT_EQ(decision.is_permitted(), rule == 0)
        << "world " << number << ", rule " << static_cast<int>(decision.rule) << " or " << rule;
    ASSERT_EQ(static_cast<int>(decision.rule), rule) << "world " << number;
    ASSERT_EQ(decision.fullmakt, by) << "world " << number;
    ++seen[rule];
  }
  for (int rule = 0; rule <= 7; ++rule) {
    std::cout << (rule ? "rule " + std::to_string(rule) : "permitted") << ": " << seen[rule] << "\n";
    EXPECT_GT(seen[rule], count / 500) << "worlds in which rule " << rule << " decides are too few to tell";
  }
}

// ---- P8

int openness(FullmaktStatus status) {
  if (status == FullmaktStatus::active) return 2;
  return status == FullmaktStatus::exhausted || status == FullmaktStatus::paused ? 1 : 0;
}

// Nothing that the person gave is wider in `after` than in `before`.
void expect_nothing_widened(const State& before, const State& after, std::string_view act) {
  for (const auto& [key, now] : after.all<Fullmakt>()) {
    const Fullmakt* then = before.find<Fullmakt>(key);
    ASSERT_TRUE(then) << act << " made a fullmakt";
    ASSERT_LE(openness(now.status), openness(then->status)) << act;
    ASSERT_EQ(to_json(now.terms), to_json(then->terms)) << act;
    ASSERT_GE(now.readings, then->readings) << act;
    ASSERT_TRUE(std::ranges::includes(now.relinquished, then->relinquished)) << act;
  }
  for (const auto& [key, then] : before.all<Sparr>()) {
    const Sparr* now = after.find<Sparr>(key);
    ASSERT_TRUE(now && now->in_force >= then.in_force) << act << " lifted a Sparr";
  }
  for (const auto& [key, now] : after.all<DeviceKey>()) {
    const DeviceKey* then = before.find<DeviceKey>(key);
    const bool was_trusted = then && then->status == DeviceKeyStatus::active && then->person == now.person;
    ASSERT_TRUE(now.status != DeviceKeyStatus::active || was_trusted) << act << " trusted a key";
  }
  for (const auto& [key, now] : after.all<Person>()) {
    const Person* then = before.find<Person>(key);
    ASSERT_TRUE(!then || then->epoch == now.epoch) << act << " re-confirmed a person";
    ASSERT_TRUE(!then || !then->died || now.died) << act << " said that a person is not dead";
  }
  for (const auto& [key, now] : after.all<Representative>()) {
    const Representative* then = before.find<Representative>(key);
    ASSERT_TRUE(then) << act << " let somebody act for a person";
    const bool is_same = then->powers == now.powers && then->representative == now.representative &&
                         then->person == now.person && then->valid_to == now.valid_to && then->epoch == now.epoch;
    ASSERT_TRUE(is_same && now.standing >= then->standing) << act << " gave a representative more";
  }
}

// The relative once more, who consents jointly with another guardian.
const RepresentativeId kGuardian = id<RepresentativeId>(9);

Act any_act(const World& w, Dice& dice) {
  const StaffId staff = dice.of<StaffId>({w.reader, w.other_registrar, w.other_officer, w.lead});
  const BlindIndex person = dice.of<BlindIndex>({w.person_index, w.relative_index});
  const Fingerprint key = dice.of<Fingerprint>({w.key, fingerprint(510), fingerprint(511)});
  FullmaktTerms terms = w.terms();
  terms.recipients = {any_recipient(w, dice)};
  FullmaktDelta wider;
  if (dice.one_in(2)) wider.recipients = {any_recipient(w, dice)};
  if (dice.one_in(2)) wider.flikar = {"plan"};
  if (dice.one_in(2)) wider.valid_to = w.terms().valid_to + 24h;
  const ReattestOrganisation attested{
      w.other, {w.certificate_of(w.other)}, {w.assertion_key_of(w.other)}, {w.other_officer}, {w.unit}, {}, {}};
  const std::vector<Act> acts = {
      PaperFullmakt{id<FullmaktId>(30 + dice.below(3)), person, terms, "text", {}},
      PaperReconfirm{person},
      PaperLiftSparr{id<SparrId>(1), person, {}},
      WithdrawProposal{ProposalId(id<ActId>(1000 + dice.below(80)).value())},
      SignFullmakt{id<FullmaktId>(40), terms, "text"},
      ResumeFullmakt{w.fullmakt},
      LiftSparr{id<SparrId>(1)},
      Reconfirm{},
      PauseFullmakt{w.fullmakt},
      ProposeKey{person, json::object{}, key},
      ConfirmKey{person, key},
      RosterAdd{w.team, staff, TeamRole::member},
      RosterRemove{w.team, staff},
      RecordMasking{w.document},
      RegisterStaff{id<StaffId>(60 + dice.below(3)), w.other, {}, "Namn", {StaffRole::registrar}},
      RegisterAuthorisation{id<AuthorisationId>(dice.below(3)), w.provider, {"coaching"}, w.now, w.now + 24h},
      RegisterKontrakt{
          id<KontraktId>(dice.below(3)), person, {{"Insats", w.provider, "coaching", w.now, w.now + 24h, ""}}},
      Suspend{RegistryNoun::staff, staff.text()},
      Reinstate{RegistryNoun::staff, staff.text()},
      attested,
      ReattestStaff{{staff}, dice.one_in(2) ? std::set<RosterPlace>{} : std::set<RosterPlace>{{w.team, staff}}},
      ReattestKontrakt{{id<KontraktId>(dice.below(3))}},
      ReattestCatalogue{{w.issuer}, {kFlik}},
      ReadProposals{},
      OpenReading{id<ReadingId>(1 + dice.below(9)), w.document, kPurpose},
      ListDocuments{person, kPurpose},
      PaperNarrowing{dice.one_in(4) ? person : w.unknown_index, {}, true, {}, {}},
      PaperReferral{id<CaseId>(dice.below(4)), person, w.team, CaseFocus::change, {}},
      ExpireDue{},
      AcceptClock{w.now},
      OpenOwnDocument{id<ReadingId>(20), w.document},
      ReadOverview{},
      RegisterRepresentative{id<RepresentativeId>(2 + dice.below(4)),
                             person,
                             person == w.person_index ? w.relative_index : w.person_index,
                             RepresentativeKind::ombud,
                             {RepresentativePower::consent},
                             w.now,
                             w.now + 24h},
      EndRepresentative{id<RepresentativeId>(1 + dice.below(4))},
      RecordDeath{dice.one_in(8) ? person : w.unknown_index, *parse_date("2026-11-01")},
      CorrectDeath{person},
      RecordDisclosure{w.document, "Namn", "osl-10-27", w.now},
      ListNotices{},
      AcknowledgeNotice{w.fullmakt, w.now},
      ListOverdue{},
      ReadOrganisationLog{},
      NoteReview{dice.below(9), dice.one_in(2) ? ReviewFinding::checked : ReviewFinding::follow_up, "text"},
      SetTelling{kFlik, true},
      SetNaming{dice.one_in(2)},
      SetRetention{dice.one_in(2) ? "default" : "open_reading", 1830},
      PruneLog{UtcTime{} + std::chrono::days(dice.below(3)), fingerprint(1)},
      RotateKeys{},
      RotateLogKey{w.state.instance().origin, fingerprint(1), fingerprint(2), dice.one_in(2)},
      RetireLogKey{1},
      GiveUpLogKey{1},
      AddKey{json::object{}, fingerprint(512), {}},
      AddKey{{}, key, {}},
      EnrolEid{"e-id", person, fingerprint(513)},
      SetSubject{staff, "SE1"},
      RegisterStaffKey{fingerprint(514), staff, json::object{}, {{1}, "portal.example", 0}},
      ApplyOidcKeys{"e-id", {{"a", json::object{}}}},
      PaperKomplettering{
          w.fullmakt, person, w.get<Fullmakt>(w.fullmakt).signed_sha256, wider, "sv", "text", {}, {}, {}},
      SignKomplettering{w.fullmakt, w.get<Fullmakt>(w.fullmakt).signed_sha256, wider, "sv", "text", {}, {}},
      RequestAccess{id<RequestId>(1 + dice.below(2)),
                    person,
                    {to_organisation(w.other), {w.source}, {kFlik}, kPurpose, {Right::read}, w.now + 24h, {}, {}, ""}},
      AskSource{id<RequestId>(1 + dice.below(4)),
                person,
                {to_organisation(w.other), {w.source}, {kFlik}, kPurpose, {Right::read}, w.now + 24h, {}, {}, ""}},
      ListSourceRequests{},
      DeclineSourceRequest{id<RequestId>(1 + dice.below(4))},
      InviteConnector{id<ConnectorId>(1), w.other, w.reader, "Sal A", dice.one_in(2), fingerprint(60), w.now + 24h},
      WithdrawRequest{id<RequestId>(1 + dice.below(2))},
      DeclineRequest{id<RequestId>(1 + dice.below(2))},
      ListRequests{},
      ListFullmakter{person},
      dice.one_in(2) ? ListPeople{person} : ListPeople{},
      SetProviderEntry{},
      SetPartitionRule{"journal", 1 + dice.below(2), "Journal", "application/pdf", {}, {}, {}},
      PlanDeposit{
          person,
          {"application/pdf", 9, fingerprint(1), {}, {{kFlik, "application/pdf", 9, fingerprint(2)}}, {}, {}, 0, {}}},
      RelinquishFullmakt{w.fullmakt},
      RegisterTemplate{id<TemplateId>(1 + dice.below(9)),
                       terms.disclosers,
                       terms.recipients,
                       {kFlik},
                       kPurpose,
                       {Right::read},
                       90,
                       "osl-10-1",
                       "gdpr-6-1-e",
                       {{"sv", "Mall", "text"}}}};
  if (dice.one_in(4)) {
    std::vector<Act> waiting;
    for (const auto& [id, proposal] : w.state.all<Proposal>()) waiting.push_back(w.approval_of(id));
    if (!waiting.empty()) return dice.of(waiting);
  }
  return dice.of(acts);
}

// All administrators, the gateway, every staff member of one recipient organisation, and one of two guardians, acting
// together.
Actor any_other_actor(const World& w, Dice& dice) {
  const std::vector<Actor> actors = {
      AdministratorActor{w.anna}, AdministratorActor{w.bo}, AdministratorActor{w.recovery}, SystemActor{},
      w.staff(w.reader), w.staff(w.other_registrar), w.staff(w.other_officer), PersonActor{w.person, fingerprint(510)},
      PersonActor{w.relative, w.key},
      // The relative, who may see for the person and no more.
      PersonActor{w.person, w.relative_key, id<RepresentativeId>(1)},
      PersonActor{w.person, w.relative_key, id<RepresentativeId>(2)}, PersonActor{w.person, w.relative_key, kGuardian}};
  return dice.of(actors);
}

// SPEC CONSENT-5
TEST(RandomWorlds, NobodyButThePersonWidensAnything) {
  const int count = worlds(300);
  std::cout << "seed " << kSeed << ", " << count << " worlds\n";
  Dice dice(kSeed);
  std::map<std::string_view, int> carried_out;
  for (int number = 0; number < count; ++number) {
    World world;
    world.set_sparr({SparrTarget::flik, "plan", {}, {}, {}, true, {}}, world.person);
    world.change<Staff>(world.reader, [](Staff& s) { s.roles = {StaffRole::registrar}; });
    world.state.put(Representative{id<RepresentativeId>(1),
                                   world.person,
                                   world.relative,
                                   RepresentativeKind::ombud,
                                   {RepresentativePower::see},
                                   world.now,
                                   world.now + 24h,
                                   Standing::active,
                                   1});
    world.state.put(Representative{kGuardian,
                                   world.person,
                                   world.relative,
                                   RepresentativeKind::guardian,
                                   {RepresentativePower::consent},
                                   world.now,
                                   world.now + 24h,
                                   Standing::active,
                                   1,
                                   true});
    if (dice.one_in(3)) (void)world.act(world.person_actor(), PauseFullmakt{world.fullmakt});
    if (dice.one_in(5)) {
      const PersonId who = dice.of<PersonId>({world.person, world.relative});
      world.change<Person>(who, [](Person& p) { p.died = *parse_date("2026-11-01"); });
    }
    if (dice.one_in(3)) world.restore();
    for (int step = 0; step < 80; ++step) {
      const State before = world.state;
      const Act act = any_act(world, dice);
      const Outcome out = world.act(any_other_actor(world, dice), act, world.prepared_person(40));
      if (!out.decision.is_permitted())
        ASSERT_TRUE(changes_nothing(out)) << kind_of(act);
      else
        ++carried_out[kind_of(act)];
      expect_nothing_widened(before, world.state, kind_of(act));
      if (HasFatalFailure()) return;
    }
  }
  for (const char* kind : {"approve", "paper_fullmakt", "propose_key", "open_reading", "roster_add", "reattest_staff",
                           "paper_narrowing", "register_representative", "record_death", "correct_death",
                           "end_representative", "paper_komplettering", "request_access", "withdraw_request",
                           "list_requests", "list_fullmakter", "relinquish_fullmakt", "register_template"}) {
    EXPECT_GT(carried_out[kind], 0) << kind << " was never carried out: the test would tell nothing of it";
  }
}

// Not a test of speed: it prints what one decision costs, in a state of this many fullmakter.
TEST(Speed, OfOneDecisionIsPrinted) {
  constexpr unsigned kFullmakter = 10'000;
  const auto measure = [&](const char* what, const World& world) {
    constexpr int kTimes = 2'000;
    const ReadRequest request{world.staff(world.reader), world.document, kPurpose};
    int permits = 0;
    const auto start = std::chrono::steady_clock::now();
    for (int time = 0; time < kTimes; ++time) permits += decide_read(world.state, request, world.now).is_permitted();
    const auto took = std::chrono::steady_clock::now() - start;
    EXPECT_EQ(permits, kTimes);
    std::cout << what << ": " << std::chrono::nanoseconds(took).count() / kTimes << " ns per decision\n";
  };
  World spread, crowded;
  for (unsigned number = 10; number < 10 + kFullmakter; ++number) {
    Fullmakt f = spread.get<Fullmakt>(spread.fullmakt);
    f.id = id<FullmaktId>(number);
    f.terms.valid_to -= 1ms;
    if (number % 10 == 0) crowded.state.put(f);
    f.person = id<PersonId>(10 + number / 3);
    spread.state.put(f);
  }
  measure("10,000 fullmakter, one of them the person's", spread);
  measure("1,000 fullmakter of one person", crowded);
}

}  // namespace
}  // namespace flikvakt::policy::test
