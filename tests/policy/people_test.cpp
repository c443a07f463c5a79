// Whom staff may know of since these people opened something to them, and how much of their path they see.
#include "tests/policy/world.h"

namespace flikvakt::policy::test {
namespace {

PeopleList listed(const Outcome& out) {
  const auto* found = std::get_if<PeopleList>(&out.answer);
  return found ? *found : PeopleList{};
}

// The provider performs a part, and the team has a case; the person opened something to both, and to a coach.
struct Path {
  World world;
  const CaseId kase = id<CaseId>(1);
  const StaffId coach = id<StaffId>(30);
  const OrganisationId other_provider = id<OrganisationId>(30);

  Path() {
    world.let_provider_read();
    world.state.put(Staff{coach, world.other, {}, "Coach", {}, Standing::active, 1});
    world.change_terms([&](FullmaktTerms& t) {
      t.recipients = {to_organisation(world.provider), to_team(world.team), to_staff(coach)};
    });
    world.change<Kontrakt>(world.kontrakt, [&](Kontrakt& one) {
      one.goals = "Tillbaka i arbete";
      one.milestones = {{"Praktik", *parse_date("2026-12-01"), {}}};
      one.parts[0].goals = "Fyra träffar";
      one.parts[0].ceiling = 5000;
      one.parts.push_back({"Utbildning", other_provider, "training", world.now, world.now + 24h, ""});
      one.proposed = KontraktPlan{"Nytt", {}, {}};
    });
    Case one;
    one.id = kase;
    one.person = world.person;
    one.team = world.team;
    one.opened = world.now - 24h;
    one.status = CaseStatus::open;
    one.referred_by = world.source;
    world.state.put(one);
  }
  PeopleList all(const StaffId& who) const { return listed(world.ask(world.staff(who), ListPeople{})); }
  PeopleList one(const StaffId& who) const {
    return listed(world.ask(world.staff(who), ListPeople{world.person_index}));
  }
  PersonView view(const StaffId& who) const {
    const PeopleList found = one(who);
    return found.people.size() == 1 ? found.people.front() : PersonView{};
  }
};

// SPEC PEOPLE-1, PEOPLE-2
TEST(ListPeople, ShowsThoseWhoOpenedSomethingToTheStaffMemberThemselfOrThroughAKontrakt) {
  Path it;
  EXPECT_EQ(it.all(it.world.provider_staff).people.size(), 1u);
  EXPECT_EQ(it.all(it.coach).people.size(), 1u) << "named";
  EXPECT_EQ(it.all(it.world.lead).people.size(), 0u) << "a team has its cases";
  EXPECT_EQ(it.all(it.world.source_staff).people.size(), 0u) << "a discloser receives nothing";
  EXPECT_EQ(it.all(it.world.reader).people.size(), 0u);
  it.world.change_terms([&](FullmaktTerms& t) { t.recipients.insert(to_unit(it.world.unit)); });
  EXPECT_EQ(it.all(it.world.reader).people.size(), 1u) << "of the unit";
  it.world.change<Unit>(it.world.unit, [](Unit& u) { u.standing = Standing::suspended; });
  EXPECT_EQ(it.all(it.world.reader).people.size(), 0u);
  it.world.change_terms([&](FullmaktTerms& t) { t.recipients = {to_organisation(it.world.other)}; });
  EXPECT_EQ(it.all(it.world.reader).people.size(), 0u) << "an organisation may have everybody's";
  EXPECT_EQ(it.one(it.world.reader).people.size(), 1u) << "whoever knows the number";
  EXPECT_EQ(it.all(it.world.provider_staff).people.size(), 0u) << "a kontrakt alone shows nobody";
}

// SPEC PEOPLE-1
TEST(ListPeople, NothingIsShownOfWhatDoesNotStand) {
  const std::vector<std::pair<const char*, std::function<void(World&)>>> kEnds = {
      {"revoked",
       [](World& w) { w.change<Fullmakt>(w.fullmakt, [](Fullmakt& f) { f.status = FullmaktStatus::revoked; }); }},
      {"run out", [](World& w) { w.change_terms([&](FullmaktTerms& t) { t.valid_to = w.now; }); }},
      {"given up",
       [](World& w) {
         w.change<Fullmakt>(w.fullmakt, [&](Fullmakt& f) { f.relinquished = {to_organisation(w.provider)}; });
       }},
      {"died", [](World& w) { w.change<Person>(w.person, [](Person& p) { p.died = *parse_date("2026-11-01"); }); }},
      {"not re-confirmed", [](World& w) { w.change<Person>(w.person, [](Person& p) { p.epoch = 0; }); }}};
  for (const auto& [what, end] : kEnds) {
    Path it;
    ASSERT_EQ(it.all(it.world.provider_staff).people.size(), 1u);
    end(it.world);
    EXPECT_EQ(it.all(it.world.provider_staff).people.size(), 0u) << what;
    EXPECT_EQ(it.one(it.world.provider_staff).people.size(), 0u) << what;
  }
  Path it;
  it.world.change<Fullmakt>(it.world.fullmakt, [](Fullmakt& f) { f.status = FullmaktStatus::paused; });
  EXPECT_EQ(it.all(it.world.provider_staff).people.size(), 1u) << "it may count again";
}

// SPEC PEOPLE-2
TEST(ListPeople, AnUnknownPersonLooksLikeOneWithNothingToShowAndWhoIsAskedAboutHasAnEntry) {
  Path it;
  const auto ask = [&](const BlindIndex& person) {
    return it.world.ask(it.world.staff(it.world.reader), ListPeople{person});
  };
  const Outcome unknown = ask(it.world.unknown_index);
  const Outcome known = ask(it.world.relative_index);
  EXPECT_TRUE(is_permitted(unknown.decision));
  EXPECT_TRUE(unknown.concerns.empty());
  EXPECT_TRUE(is_permitted(known.decision));
  EXPECT_TRUE(listed(known).people.empty() && listed(unknown).people.empty());
  EXPECT_TRUE(concerns(known, it.world.relative));
  EXPECT_TRUE(changes_nothing(known));
  const Outcome all = it.world.ask(it.world.staff(it.coach), ListPeople{});
  EXPECT_EQ(all.concerns.size(), 1u);
  EXPECT_TRUE(concerns(all, it.world.person));
}

// SPEC PEOPLE-2, ACT-3, ACT-6
TEST(ListPeople, IsRefusedToOthersThanStaffInPlace) {
  Path it;
  const ListPeople act{it.world.person_index};
  EXPECT_TRUE(is_refused(it.world.ask(it.world.person_actor(), act).decision, Reason::not_entitled));
  EXPECT_TRUE(is_refused(it.world.ask(AdministratorActor{it.world.anna}, act).decision, Reason::not_entitled));
  it.world.clock_doubt = true;
  EXPECT_TRUE(is_refused(it.world.ask(it.world.staff(it.coach), act).decision, Reason::clock_doubt));
  it.world.clock_doubt = false;
  it.world.change<Staff>(it.coach, [](Staff& s) { s.standing = Standing::suspended; });
  const Outcome refused = it.world.ask(it.world.staff(it.coach), act);
  EXPECT_TRUE(is_refused(refused.decision, Reason::actor_not_active));
  EXPECT_TRUE(concerns(refused, it.world.person)) << "the attempt is in the person's log";
  EXPECT_TRUE(listed(refused).people.empty());
}

// SPEC PEOPLE-2
TEST(ListPeople, WhatEndsSoonestComesFirstAndAListHasAnEnd) {
  Path it;
  const Person person = it.world.get<Person>(it.world.person);
  Fullmakt given = it.world.get<Fullmakt>(it.world.fullmakt);
  for (unsigned number = 0; number < 120; ++number) {
    Person another = person;
    another.id = given.person = id<PersonId>(500 + number);
    given.id = id<FullmaktId>(500 + number);
    given.terms.valid_to = it.world.now + 24h * 40 - 1min * number;
    it.world.state.put(another);
    it.world.state.put(given);
  }
  const PeopleList found = it.all(it.coach);
  ASSERT_EQ(found.people.size(), 100u);
  EXPECT_TRUE(found.more);
  EXPECT_EQ(found.people[0].person, it.world.person) << "it has thirty days";
  EXPECT_EQ(found.people[1].person, id<PersonId>(619));
  EXPECT_EQ(it.world.ask(it.world.staff(it.coach), ListPeople{}).concerns.size(), 100u);
}

// SPEC PEOPLE-3
TEST(ListPeople, AProviderSeesItsOwnPartAndNoMore) {
  Path it;
  const PersonView view = it.view(it.world.provider_staff);
  EXPECT_TRUE(view.cases.empty()) << "of a team that it is not in";
  ASSERT_EQ(view.kontrakt.size(), 1u);
  const Kontrakt& seen = view.kontrakt[0];
  ASSERT_EQ(seen.parts.size(), 1u);
  EXPECT_EQ(seen.parts[0].goals, "Fyra träffar");
  EXPECT_FALSE(seen.parts[0].ceiling);
  EXPECT_EQ(seen.goals, "");
  EXPECT_EQ(seen.milestones.size(), 1u);
  EXPECT_FALSE(seen.proposed);
  EXPECT_TRUE(view.can_reach.contains(it.world.kontrakt));
  it.world.change<Kontrakt>(it.world.kontrakt, [&](Kontrakt& one) { one.parts[0].valid_from = it.world.now + 1h; });
  const PersonView later = it.view(it.world.provider_staff);
  ASSERT_EQ(later.kontrakt.size(), 1u) << "what begins later can be planned";
  EXPECT_TRUE(later.kontrakt[0].milestones.empty());
  EXPECT_TRUE(later.can_reach.empty());
  it.world.change<Authorisation>(it.world.authorisation, [](Authorisation& one) { one.standing = Standing::removed; });
  EXPECT_TRUE(it.view(it.world.provider_staff).kontrakt.empty());
}

// SPEC PEOPLE-3
TEST(ListPeople, ATeamWithACaseSeesThePlanAndACoachDoesNot) {
  Path it;
  const PersonView team = it.view(it.world.lead);
  ASSERT_EQ(team.cases.size(), 1u);
  ASSERT_EQ(team.kontrakt.size(), 1u);
  EXPECT_EQ(team.kontrakt[0].parts.size(), 2u);
  EXPECT_EQ(team.kontrakt[0].goals, "Tillbaka i arbete");
  EXPECT_FALSE(team.kontrakt[0].parts[0].ceiling);
  EXPECT_TRUE(team.can_reach.contains(it.world.kontrakt)) << "the lead";
  const PersonView coach = it.view(it.coach);
  EXPECT_EQ(coach.fullmakter.size(), 1u);
  EXPECT_TRUE(coach.kontrakt.empty() && coach.cases.empty());
  it.world.change_terms([&](FullmaktTerms& t) { t.recipients = {to_staff(it.coach)}; });
  const PersonView without = it.view(it.world.lead);
  EXPECT_EQ(without.cases.size(), 1u);
  EXPECT_TRUE(without.kontrakt.empty()) << "a case opens nothing by itself";
  it.world.change<Case>(it.kase, [](Case& one) { one.status = CaseStatus::closed; });
  EXPECT_EQ(it.one(it.world.lead).people.size(), 0u);
}

// SPEC PEOPLE-1, PEOPLE-3, PROT-3
TEST(ListPeople, OfProtectedIdentityNothingIsShownThatLocates) {
  Path it;
  it.world.change<Person>(it.world.person, [](Person& p) { p.alias = "Ronja"; });
  const PersonView team = it.view(it.world.lead);
  EXPECT_EQ(team.alias, "Ronja");
  EXPECT_FALSE(team.cases[0].referred_by);
  EXPECT_TRUE(team.kontrakt.empty());
  ASSERT_EQ(team.fullmakter.size(), 1u);
  EXPECT_EQ(team.fullmakter[0].terms.disclosers, std::set{it.world.source}) << "the team is of that organisation";
  const PersonView provider = it.view(it.world.provider_staff);
  EXPECT_TRUE(provider.fullmakter[0].terms.disclosers.empty());
  EXPECT_EQ(provider.kontrakt.size(), 1u) << "its own part";
}

}  // namespace
}  // namespace flikvakt::policy::test
