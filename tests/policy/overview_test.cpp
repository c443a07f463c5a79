#include "policy/read_rules.h"
#include "tests/policy/world.h"

namespace flikvakt::policy::test {
namespace {

Overview overview(const World& world) {
  return std::get<Overview>(world.ask(world.person_actor(), ReadOverview{}).answer);
}

AccessRequest request_to(const World& world, unsigned number, const PersonId& person) {
  AccessRequest one;
  one.id = id<RequestId>(number);
  one.person = person;
  one.staff = world.reader;
  one.organisation = world.other;
  return one;
}

Representative representing(unsigned number, const PersonId& person, const PersonId& representative) {
  Representative one;
  one.id = id<RepresentativeId>(number);
  one.person = person;
  one.representative = representative;
  return one;
}

template <class T>
std::vector<typename T::Key> keys(const std::vector<T>& rows) {
  std::vector<typename T::Key> out;
  for (const T& row : rows) out.push_back(row.key());
  return out;
}

// SPEC OVERVIEW-1
TEST(Overview, HoldsRequestsAndRepresentativesOfThePersonInOrder) {
  World world;
  EXPECT_TRUE(overview(world).requests.empty() && overview(world).representatives.empty());
  EXPECT_TRUE(overview(world).represents.empty() && overview(world).teams.empty());
  for (unsigned number = 9; number > 0; --number) {
    world.state.put(request_to(world, number, number % 2 ? world.person : world.relative));
    world.state.put(representing(number, world.person, world.relative));
    world.state.put(representing(20 + number, world.relative, world.person));
  }
  world.state.put(request_to(world, 10, {}));
  const Overview seen = overview(world);
  EXPECT_EQ(keys(seen.requests),
            (std::vector{id<RequestId>(1), id<RequestId>(3), id<RequestId>(5), id<RequestId>(7), id<RequestId>(9)}));
  ASSERT_EQ(seen.representatives.size(), 9u);
  ASSERT_EQ(seen.represents.size(), 9u);
  for (unsigned number = 1; number < 10; ++number) {
    EXPECT_EQ(seen.representatives[number - 1].id, id<RepresentativeId>(number));
    EXPECT_EQ(seen.represents[number - 1].id, id<RepresentativeId>(20 + number));
  }
}

// SPEC OVERVIEW-1
TEST(Overview, NamesTheTeamsOfOpenFullmakterAndOfCases) {
  World world;
  const auto add_team = [&](unsigned number) {
    const TeamId team = id<TeamId>(number);
    world.state.put(Team{team, world.source, "Team", world.lead, world.source_officer, Standing::active, 1});
    return team;
  };
  const TeamId proposed = add_team(4), unnamed = add_team(2), of_case = add_team(3);
  const auto teams = [&] {
    std::vector<TeamId> out;
    for (const TeamView& team : overview(world).teams) out.push_back(team.id);
    return out;
  };
  EXPECT_TRUE(teams().empty());
  world.change_terms([&](FullmaktTerms& terms) { terms.recipients.insert(to_team(world.team)); });
  EXPECT_EQ(teams(), std::vector{world.team});
  (void)world.act(world.person_actor(), PauseFullmakt{world.fullmakt});
  EXPECT_EQ(teams(), std::vector{world.team}) << "it could be resumed";
  Case one;
  one.id = id<CaseId>(1);
  one.person = world.person;
  one.team = of_case;
  one.hand_over = proposed;
  world.state.put(one);
  one.id = id<CaseId>(2);
  one.person = world.relative;
  one.team = unnamed;
  world.state.put(one);
  EXPECT_EQ(teams(), (std::vector{world.team, of_case, proposed}));
  (void)world.act(world.person_actor(), RevokeFullmakt{world.fullmakt});
  EXPECT_EQ(teams(), (std::vector{of_case, proposed}));
}

// SPEC OVERVIEW-2
TEST(Overview, TellsHowManyCouldReceiveNowThroughATeam) {
  World world;
  world.change_terms([&](FullmaktTerms& terms) { terms.recipients = {to_team(world.team)}; });
  world.change<Team>(world.team, [&](Team& team) { team.sizes = {{world.now, 1}}; });
  const auto people = [&] { return overview(world).teams.at(0).people; };
  EXPECT_EQ(people(), 1u) << "the lead";
  const auto [team, organisation, name, now, sizes] = overview(world).teams.at(0);  // these and no member that says who
  EXPECT_EQ(team, world.team);
  EXPECT_EQ(organisation, world.source);
  EXPECT_EQ(name, "Konsultation");
  EXPECT_EQ(now, 1u);
  ASSERT_EQ(sizes.size(), 1u);
  EXPECT_EQ(sizes[0].people, 1u);

  world.state.put(RosterEntry{world.team, world.reader, TeamRole::member, {}, world.lead, 1});
  EXPECT_EQ(people(), 1u) << "one of two said yes";
  world.change<RosterEntry>({world.team, world.reader}, [&](RosterEntry& e) { e.officer = world.other_officer; });
  EXPECT_EQ(people(), 2u);
  world.change<RosterEntry>({world.team, world.reader}, [](RosterEntry& e) { e.epoch = 0; });
  EXPECT_EQ(people(), 1u) << "not re-attested";
  world.change<RosterEntry>({world.team, world.reader}, [](RosterEntry& e) { e.epoch = 1; });
  world.change<Staff>(world.reader, [](Staff& one) { one.standing = Standing::suspended; });
  EXPECT_EQ(people(), 1u) << "not in place";
  world.change<Team>(world.team, [](Team& one) { one.standing = Standing::suspended; });
  EXPECT_EQ(people(), 0u);
}

// SPEC OVERVIEW-4
TEST(Overview, TellsUnderWhichFullmakterSomethingCouldBeOpenedNow) {
  const auto counts = [](const World& world) { return overview(world).in_force.contains(world.fullmakt); };
  World world;
  EXPECT_TRUE(counts(world));
  World paused = world;
  (void)paused.act(paused.person_actor(), PauseFullmakt{paused.fullmakt});
  EXPECT_FALSE(counts(paused));
  World used_up = world;
  used_up.change<Fullmakt>(used_up.fullmakt, [](Fullmakt& one) { one.terms.max_readings = one.readings = 3; });
  EXPECT_FALSE(counts(used_up));

  World restored = world;
  restored.restore();
  const std::uint32_t epoch = restored.state.instance().epoch;
  restored.change<DeviceKey>(restored.key, [&](DeviceKey& key) { key.epoch = epoch; });
  EXPECT_EQ(restored.get<Fullmakt>(restored.fullmakt).status, FullmaktStatus::active);
  EXPECT_FALSE(counts(restored)) << "the person has not re-confirmed";
  restored.change<Person>(restored.person, [&](Person& person) { person.epoch = epoch; });
  EXPECT_TRUE(counts(restored));

  const auto is_at = [](const World& at, UtcTime time) {
    return is_in_force(at.state, at.get<Fullmakt>(at.fullmakt), time);
  };
  EXPECT_TRUE(is_at(world, world.now));
  EXPECT_TRUE(is_at(world, world.terms().valid_from));
  EXPECT_FALSE(is_at(world, world.terms().valid_from - 1ms));
  EXPECT_FALSE(is_at(world, world.terms().valid_to)) << "also before anything has said that it expired";
  world.change<Person>(world.person, [](Person& person) { person.died = parse_date("2026-11-01").value(); });
  EXPECT_FALSE(is_at(world, world.now));
}

// SPEC OVERVIEW-5
TEST(Overview, TellsWhichVersionsASparrOnADocumentBlocks) {
  World world;
  Document second = world.get<Document>(world.document);
  second.id = id<DocumentId>(2);
  second.version = 2;
  second.facts.replaces = world.document;
  Document third = second, withheld = second, other = world.get<Document>(world.document);
  third.id = id<DocumentId>(3);
  third.version = 3;
  third.facts.replaces = second.id;
  withheld.id = id<DocumentId>(4);
  withheld.version = 4;
  withheld.facts.replaces = third.id;
  withheld.facts.withheld = Withholding{"osl-25-1", world.now + 1h};
  other.id = id<DocumentId>(5);
  for (const Document& one : {second, third, withheld, other}) world.state.put(one);
  SparrTerms terms;
  terms.target = SparrTarget::document;
  terms.document = second.id;
  world.set_sparr(terms, world.person);
  const SparrId sparr = overview(world).sparrar.at(0).id;
  std::vector versions{world.document, second.id, third.id};
  std::ranges::sort(versions);
  EXPECT_EQ(overview(world).versions.at(sparr), versions) << "without what is withheld, and what is no version of it";
  world.change<Sparr>(sparr, [](Sparr& one) { one.terms.target = SparrTarget::everything; });
  EXPECT_TRUE(overview(world).versions.empty());
}

}  // namespace
}  // namespace flikvakt::policy::test
