// Random worlds: the decision against a slow second reading of the spec, and P8: nobody but the person opens anything.
#include <cstdlib>
#include <iostream>
#include <map>
#include <random>
#include <string_view>

#include "tests/policy/reference_decide.h"
#include "tests/policy/world.h"

namespace flikvakt::policy::test {
namespace {

constexpr unsigned kSeed = 20261122;

// `./dev test --long` plays a hundred times as many.
int worlds(int usually) {
  const char* is_long = std::getenv("FLIKVAKT_LONG");
  return is_long && std::string_view(is_long) == "1" ? 100 * usually : usually;
}

class Dice {
public:
  explicit Dice(unsigned seed) : random_(seed) {}
  unsigned below(unsigned most) { return static_cast<unsigned>(random_() % most); }
  bool one_in(unsigned most) { return below(most) == 0; }
  template <class T>
  const T& of(const std::vector<T>& choices) {
    return choices[below(static_cast<unsigned>(choices.size()))];
  }

private:
  std::mt19937 random_;
};

Recipient any_recipient(const World& w, Dice& dice) {
  return dice.of<Recipient>({to_organisation(w.other), to_organisation(w.provider), to_organisation(w.source),
                             to_unit(w.unit), to_team(w.team), to_staff(w.reader), to_staff(w.provider_staff),
                             to_unit(id<UnitId>(2))});
}
UtcTime around_now(const World& w, Dice& dice) {
  return w.now + std::chrono::hours(static_cast<int>(dice.below(5)) - 2);
}
Standing any_standing(Dice& dice) { return static_cast<Standing>(dice.below(3)); }

void change_fullmakt(World& w, Dice& dice, Fullmakt& f) {
  switch (dice.below(14)) {
    case 0:
      f.status = static_cast<FullmaktStatus>(dice.below(7));
      break;
    case 1:
      f.terms.valid_from = around_now(w, dice);
      break;
    case 2:
      f.terms.valid_to = around_now(w, dice);
      break;
    case 3:
      f.terms.disclosers = {dice.of<OrganisationId>({w.source, w.outsider})};
      break;
    case 4:
      f.terms.rights = {dice.of<Right>({Right::read, Right::deposit})};
      break;
    case 5:
      f.terms.flikar = {dice.of<std::string>({kFlik, "plan"})};
      break;
    case 6:
      f.terms.documents = {id<DocumentId>(1 + dice.below(3))};
      break;
    case 7:
      f.terms.purpose = dice.of<std::string>({kPurpose, "statistics"});
      break;
    case 8:
      f.terms.max_readings = 1 + dice.below(3);
      f.readings = dice.below(3);
      break;
    case 9:
      f.terms.kontrakt = id<KontraktId>(1 + dice.below(2));
      break;
    case 10:
      f.person = dice.of<PersonId>({w.person, w.relative});
      break;
    case 11:
      f.status = FullmaktStatus::active;
      break;
    default:
      f.terms.recipients = {any_recipient(w, dice), any_recipient(w, dice)};
  }
}

void add_fullmakt(World& w, Dice& dice) {
  Fullmakt f = w.get<Fullmakt>(w.fullmakt);
  f.id = id<FullmaktId>(2 + dice.below(5));
  f.person = dice.of<PersonId>({w.person, w.person, w.relative});
  f.terms.valid_to += 24h * static_cast<int>(dice.below(3));
  for (unsigned times = dice.below(4); times > 0; --times) change_fullmakt(w, dice, f);
  w.state.put(f);
}

void add_sparr(World& w, Dice& dice) {
  SparrTerms terms;
  terms.target = static_cast<SparrTarget>(dice.below(4));
  if (!dice.one_in(4)) terms.flik = dice.of<std::string>({kFlik, "plan"});
  if (!dice.one_in(4)) terms.document = id<DocumentId>(1 + dice.below(3));
  if (dice.one_in(2))
    terms.from = dice.of<Date>({*parse_date("2026-09-01"), *parse_date("2026-10-01"), *parse_date("2026-10-02")});
  if (dice.one_in(2))
    terms.to = dice.of<Date>({*parse_date("2026-09-30"), *parse_date("2026-10-01"), *parse_date("2026-10-02")});
  terms.everyone = dice.one_in(3);
  if (!dice.one_in(6)) terms.recipients = {any_recipient(w, dice)};
  w.state.put(Sparr{id<SparrId>(dice.below(4)), dice.of<PersonId>({w.person, w.relative}), terms, !dice.one_in(5)});
}

void change_document(World& w, Dice& dice) {
  w.change<Document>(w.document, [&](Document& d) {
    switch (dice.below(6)) {
      case 0:
        d.facts.other_subjects = {w.relative};
        break;
      case 1:
        d.masking = Masking{w.source_staff, w.source_colleague};
        break;
      case 2:
        d.status = DocumentStatus::erased;
        break;
      case 3:
        d.source = w.outsider;
        break;
      case 4:
        d.facts.flik = "plan";
        break;
      default:
        d.version = 2, d.facts.replaces = id<DocumentId>(2);
    }
  });
  Document old = w.get<Document>(w.document);
  old.id = id<DocumentId>(2);
  old.version = 1;
  old.facts.replaces = {};
  if (dice.one_in(2)) w.state.put(old);
}

void change_credentials(World& w, Dice& dice) {
  const OrganisationId whose = dice.of<OrganisationId>({w.other, w.provider, w.source});
  w.change<Certificate>(w.certificate_of(whose), [&](Certificate& c) {
    if (dice.one_in(3)) c.standing = any_standing(dice);
    if (dice.one_in(3)) c.epoch = dice.below(3);
    if (dice.one_in(3)) c.valid_to = around_now(w, dice);
  });
  w.change<AssertionKey>(w.assertion_key_of(whose), [&](AssertionKey& k) {
    if (dice.one_in(3)) k.standing = any_standing(dice);
  });
  w.change<Issuer>(w.issuer, [&](Issuer& i) {
    if (dice.one_in(4)) i.revoked = {to_hex(dice.of<OrganisationId>({w.other, w.provider}).value())};
    if (dice.one_in(5)) i.crl_next_update = around_now(w, dice);
    if (dice.one_in(9)) i.crl_number = 0;
  });
}

void change_registry(World& w, Dice& dice) {
  switch (dice.below(8)) {
    case 0:
      return w.change<Organisation>(dice.of<OrganisationId>({w.other, w.provider, w.source}),
                                    [&](Organisation& o) { o.standing = any_standing(dice); });
    case 1:
      return w.change<Organisation>(dice.of<OrganisationId>({w.other, w.source}),
                                    [&](Organisation& o) { o.epoch = dice.below(3); });
    case 2:
      return w.change<Staff>(w.reader, [&](Staff& s) { s.standing = any_standing(dice); });
    case 3:
      return w.change<Staff>(w.reader, [&](Staff& s) { s.unit = dice.of<std::optional<UnitId>>({{}, w.unit}); });
    case 4:
      return w.change<Unit>(w.unit, [&](Unit& u) { u.standing = any_standing(dice); });
    case 5:
      return w.change<Team>(w.team, [&](Team& t) {
        t.standing = any_standing(dice);
        if (dice.one_in(3)) t.accepted_by = {};
      });
    case 6:
      return w.change<FlikType>(kFlik, [&](FlikType& f) { f.standing = any_standing(dice); });
    default:
      return w.change<Person>(dice.of<PersonId>({w.person, w.relative}), [&](Person& p) { p.epoch = dice.below(2); });
  }
}

void change_roster(World& w, Dice& dice) {
  RosterEntry entry{w.team, w.reader, TeamRole::member, w.other_officer, w.lead, 1};
  if (dice.one_in(5)) entry.officer = {};
  if (dice.one_in(5)) entry.lead = {};
  if (dice.one_in(5)) entry.epoch = 0;
  w.state.put(entry);
}

void change_provider(World& w, Dice& dice) {
  const UtcTime from = around_now(w, dice);
  const std::string area = dice.of<std::string>({"coaching", "training"});
  w.state.put(Authorisation{id<AuthorisationId>(1 + dice.below(2)),
                            w.provider,
                            {area},
                            from,
                            from + 3h,
                            dice.one_in(6) ? Standing::removed : Standing::active,
                            w.state.instance().epoch - (dice.one_in(8) ? 1 : 0)});
  w.state.put(Kontrakt{id<KontraktId>(1 + dice.below(2)),
                       dice.of<PersonId>({w.person, w.person, w.relative}),
                       {{"Insats", dice.of<OrganisationId>({w.provider, w.provider, w.outsider}), "coaching",
                         around_now(w, dice), w.now + 1h, ""}},
                       dice.one_in(6) ? Standing::removed : Standing::active,
                       w.state.instance().epoch - (dice.one_in(8) ? 1 : 0)});
}

ReadRequest random_world(World& w, Dice& dice) {
  const bool by_provider = dice.one_in(3);
  if (by_provider) w.let_provider_read();
  if (dice.one_in(3)) change_roster(w, dice);
  for (unsigned times = dice.below(4); times > 0; --times) add_fullmakt(w, dice);
  for (unsigned times = dice.below(3); times > 0; --times) {
    switch (dice.below(8)) {
      case 0:
        change_credentials(w, dice);
        break;
      case 1:
        change_registry(w, dice);
        break;
      case 2:
        change_document(w, dice);
        break;
      case 3:
        add_sparr(w, dice);
        break;
      case 4:
        change_provider(w, dice);
        break;
      default:
        w.change<Fullmakt>(w.fullmakt, [&](Fullmakt& f) { change_fullmakt(w, dice, f); });
    }
  }
  StaffActor reader = w.staff(by_provider ? w.provider_staff : w.reader);
  if (dice.one_in(40)) reader.staff = id<StaffId>(99);
  if (dice.one_in(40)) reader.certificate = w.certificate_of(w.source);
  return {reader, dice.one_in(40) ? id<DocumentId>(77) : w.document, dice.one_in(20) ? "statistics" : kPurpose};
}

// SPEC RULE-1, RULE-24, RULE-30
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
  }
}

Act any_act(const World& w, Dice& dice) {
  const StaffId staff = dice.of<StaffId>({w.reader, w.other_registrar, w.other_officer, w.lead});
  const BlindIndex person = dice.of<BlindIndex>({w.person_index, w.relative_index});
  const Fingerprint key = dice.of<Fingerprint>({w.key, fingerprint(510), fingerprint(511)});
  FullmaktTerms terms = w.terms();
  terms.recipients = {any_recipient(w, dice)};
  const ReattestOrganisation attested{
      w.other, {w.certificate_of(w.other)}, {w.assertion_key_of(w.other)}, {w.other_officer}, {w.unit}, {}, {}};
  const std::vector<Act> acts = {
      PaperFullmakt{id<FullmaktId>(30 + dice.below(3)), person, terms, "text", {}},
      PaperReconfirm{person},
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
      RotateKeys{}};
  if (dice.one_in(4)) {
    std::vector<Act> waiting;
    for (const auto& [id, proposal] : w.state.all<Proposal>()) waiting.push_back(w.approval_of(id));
    if (!waiting.empty()) return dice.of(waiting);
  }
  return dice.of(acts);
}

// All administrators, the gateway, and every staff member of one recipient organisation, acting together.
Actor any_other_actor(const World& w, Dice& dice) {
  const std::vector<Actor> actors = {AdministratorActor{w.anna},
                                     AdministratorActor{w.bo},
                                     AdministratorActor{w.recovery},
                                     SystemActor{},
                                     w.staff(w.reader),
                                     w.staff(w.other_registrar),
                                     w.staff(w.other_officer),
                                     PersonActor{w.person, fingerprint(510)},
                                     PersonActor{w.relative, w.key}};
  return dice.of(actors);
}

// SPEC CONSENT-5
TEST(RandomWorlds, NobodyButThePersonWidensAnything) {
  const int count = worlds(150);
  std::cout << "seed " << kSeed << ", " << count << " worlds\n";
  Dice dice(kSeed);
  std::map<std::string_view, int> carried_out;
  for (int number = 0; number < count; ++number) {
    World world;
    world.set_sparr({SparrTarget::flik, "plan", {}, {}, {}, true, {}}, world.person);
    world.change<Staff>(world.reader, [](Staff& s) { s.roles = {StaffRole::registrar}; });
    if (dice.one_in(3)) (void)world.act(world.person_actor(), PauseFullmakt{world.fullmakt});
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
                           "paper_narrowing"}) {
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
