#include "tests/policy/world.h"

namespace flikvakt::policy::test {
namespace {

// A case of `person` that waits for `world.team`, and another team to hand it over to.
struct WaitingCase {
  World world;
  const CaseId one = id<CaseId>(1);
  const TeamId other_team = id<TeamId>(2);
  const StaffId other_lead = world.reader;

  WaitingCase() {
    world.state.put(
        Team{other_team, world.other, "Andra teamet", other_lead, world.other_officer, Standing::active, 1});
    world.state.put(RosterEntry{other_team, other_lead, TeamRole::lead, world.other_officer, other_lead, 1});
    world.state.put(
        RosterEntry{world.team, world.source_colleague, TeamRole::member, world.source_officer, world.lead, 1});
    EXPECT_TRUE(is_permitted(
        world.act(world.person_actor(), SignReferral{one, world.team, CaseFocus::illness, {world.now + 24h}})
            .decision));
  }

  const Case& row() const { return world.get<Case>(one); }
  Outcome by(const StaffId& who, const Act& act) { return world.act(world.staff(who), act); }
  Outcome ask(const StaffId& who, const Act& act) const { return world.ask(world.staff(who), act); }
  Outcome by_lead(const Act& act) { return by(world.lead, act); }
  std::vector<CaseId> listed(const StaffId& who) const {
    std::vector<CaseId> out;
    const Outcome list = ask(who, ListCases{});
    for (const CaseView& found : std::get<std::vector<CaseView>>(list.answer)) out.push_back(found.row.id);
    return out;
  }
  // What only a lead or deputy of the team may do.
  std::vector<Act> acts_of_lead() const {
    return {AcceptCase{one, {}}, SetMeetings{one, {world.now + 48h}}, ProposeHandOver{one, other_team}};
  }
};

// SPEC CASE-1, CASE-4
TEST(Referral, NamesAWorkingTeamAnActiveReferrerADateThatExistsAndFewNearMeetings) {
  World world;
  const auto with = [&](const std::function<void(SignReferral&)>& how) {
    SignReferral act{id<CaseId>(1), world.team, CaseFocus::illness, {world.now + 24h}};
    act.referred_by = world.other;
    act.triage = *parse_date("2026-11-20");
    how(act);
    const Outcome out = world.ask(world.person_actor(), act);
    EXPECT_TRUE(out.decision.is_permitted() || changes_nothing(out));
    EXPECT_TRUE(concerns(out, world.person));
    return out.decision;
  };
  EXPECT_TRUE(is_permitted(with([](SignReferral&) {})));
  EXPECT_TRUE(is_refused(with([](SignReferral& act) { act.id = {}; }), Reason::terms_invalid));
  EXPECT_TRUE(is_refused(with([](SignReferral& act) { act.team = id<TeamId>(9); }), Reason::recipient_unknown));
  EXPECT_TRUE(is_refused(with([](SignReferral& act) { act.referred_by = id<OrganisationId>(99); }), Reason::unknown));
  EXPECT_TRUE(
      is_refused(with([](SignReferral& act) { act.triage = *parse_date("2031-12-01"); }), Reason::period_invalid));
  EXPECT_TRUE(is_refused(with([](SignReferral& act) { act.triage = Date{}; }), Reason::period_invalid))
      << "a date that does not exist could not be read back";
  const auto meetings = [&](std::size_t count, UtcTime time) {
    return with([&](SignReferral& act) { act.meetings.assign(count, time); });
  };
  EXPECT_TRUE(is_permitted(meetings(50, world.now)));
  EXPECT_TRUE(is_refused(meetings(51, world.now), Reason::terms_invalid));
  EXPECT_TRUE(is_permitted(meetings(1, world.now + 24h * 1830)));
  EXPECT_TRUE(is_refused(meetings(1, world.now + 24h * 1830 + 1ms), Reason::period_invalid));
  EXPECT_TRUE(is_refused(meetings(1, world.now - 24h * 1830 - 1ms), Reason::period_invalid));
  world.change<Organisation>(world.other, [](Organisation& one) { one.standing = Standing::suspended; });
  EXPECT_TRUE(is_refused(with([](SignReferral&) {}), Reason::unknown)) << "the referrer is suspended";
  world.change<Organisation>(world.source, [](Organisation& one) { one.standing = Standing::suspended; });
  EXPECT_TRUE(is_refused(with([](SignReferral&) {}), Reason::recipient_unknown)) << "the team's organisation";
}

// SPEC CASE-4
TEST(Referral, OnPaperIsTheRegistrarsOrganisations) {
  World world;
  const PaperReferral paper{id<CaseId>(2), world.person_index, world.team, CaseFocus::change, {}, Date{}};
  EXPECT_TRUE(is_refused(world.ask(world.staff(world.other_registrar), paper).decision, Reason::period_invalid));
  PaperReferral valid = paper;
  valid.triage.reset();
  EXPECT_TRUE(is_permitted(world.act(world.staff(world.other_registrar), valid).decision));
  EXPECT_EQ(world.get<Case>(paper.id).referred_by, world.other);
}

// SPEC CASE-6
TEST(Case, WaitsUntilTheTeamAcceptsItOnce) {
  WaitingCase it;
  EXPECT_EQ(it.row().status, CaseStatus::waiting);
  EXPECT_EQ(it.row().waiting_since, it.world.now);
  WaitingCase kept;
  EXPECT_TRUE(is_permitted(kept.by_lead(AcceptCase{it.one, {}}).decision));
  EXPECT_EQ(kept.row().meetings, std::vector{it.world.now + 24h}) << "those of the referral";
  const std::vector<UtcTime> meetings{it.world.now + 48h, it.world.now + 72h};
  const Outcome accepted = it.by_lead(AcceptCase{it.one, meetings});
  EXPECT_TRUE(is_permitted(accepted.decision));
  EXPECT_TRUE(concerns(accepted, it.world.person));
  EXPECT_EQ(it.row().status, CaseStatus::open);
  EXPECT_EQ(it.row().meetings, meetings);
  EXPECT_TRUE(is_refused(it.by_lead(AcceptCase{it.one, {}}).decision, Reason::wrong_state));
  EXPECT_TRUE(is_permitted(it.by_lead(SetMeetings{it.one, {}}).decision)) << "also none";
  EXPECT_TRUE(it.row().meetings.empty());
  (void)it.by_lead(CloseCase{it.one});
  EXPECT_TRUE(is_refused(it.by_lead(AcceptCase{it.one, {}}).decision, Reason::wrong_state));
  EXPECT_TRUE(is_refused(it.by_lead(SetMeetings{it.one, {}}).decision, Reason::wrong_state));
}

// SPEC CASE-4
TEST(Case, TakesNoMeetingsThatAReferralWouldNot) {
  WaitingCase it;
  const std::vector<UtcTime> many(51, it.world.now), far{it.world.now + 24h * 1831};
  EXPECT_TRUE(is_refused(it.ask(it.world.lead, AcceptCase{it.one, many}).decision, Reason::terms_invalid));
  EXPECT_TRUE(is_refused(it.ask(it.world.lead, AcceptCase{it.one, far}).decision, Reason::period_invalid));
  EXPECT_TRUE(is_refused(it.ask(it.world.lead, SetMeetings{it.one, many}).decision, Reason::terms_invalid));
  EXPECT_TRUE(is_refused(it.ask(it.world.lead, SetMeetings{it.one, far}).decision, Reason::period_invalid));
}

// SPEC CASE-5, ACT-7
TEST(Case, IsWorkedOnByTheLeadOrDeputyOfItsOwnWorkingTeamAlone) {
  const WaitingCase fresh;
  for (const Act& act : fresh.acts_of_lead()) {
    SCOPED_TRACE(kind_of(act));
    WaitingCase it;
    World& world = it.world;
    const auto is_refused_to = [&](const Actor& who, Reason why) {
      const Outcome out = world.ask(who, act);
      EXPECT_TRUE(changes_nothing(out));
      EXPECT_TRUE(concerns(out, world.person)) << "the person sees who tried";
      return is_refused(out.decision, why);
    };
    const auto as_lead = [&] { return world.ask(world.staff(world.lead), act).decision; };
    EXPECT_TRUE(is_permitted(as_lead()));
    EXPECT_TRUE(is_refused_to(world.staff(world.source_colleague), Reason::not_entitled)) << "a member";
    EXPECT_TRUE(is_refused_to(world.staff(it.other_lead), Reason::not_entitled)) << "another team's lead";
    EXPECT_TRUE(is_refused_to(AdministratorActor{world.anna}, Reason::not_entitled));
    EXPECT_TRUE(is_refused_to(world.person_actor(), Reason::not_entitled));
    world.change<RosterEntry>({world.team, world.source_colleague}, [](RosterEntry& e) { e.role = TeamRole::deputy; });
    EXPECT_TRUE(is_permitted(world.ask(world.staff(world.source_colleague), act).decision)) << "a deputy";
    world.change<RosterEntry>({world.team, world.source_colleague}, [](RosterEntry& e) { e.officer.reset(); });
    EXPECT_TRUE(is_refused_to(world.staff(world.source_colleague), Reason::not_entitled)) << "not yet agreed on";

    const auto broken = [&](const std::function<void(World&)>& how) {
      World copy = world;
      how(copy);
      return copy.ask(copy.staff(copy.lead), act).decision;
    };
    const auto stops = [](Team& team) { team.standing = Standing::suspended; };
    EXPECT_TRUE(is_refused(broken([&](World& w) { w.change<Team>(w.team, stops); }), Reason::not_entitled));
    EXPECT_TRUE(is_refused(broken([](World& w) { w.change<Team>(w.team, [](Team& t) { t.epoch = 0; }); }),
                           Reason::not_entitled));
    EXPECT_TRUE(is_refused(broken([](World& w) {
                             w.change<RosterEntry>({w.team, w.lead}, [](RosterEntry& e) { e.epoch = 0; });
                           }),
                           Reason::not_entitled));
    EXPECT_TRUE(is_refused(
        broken([](World& w) { w.change<Staff>(w.lead, [](Staff& s) { s.standing = Standing::suspended; }); }),
        Reason::actor_not_active, Rule::actor));
    EXPECT_TRUE(is_refused(broken([](World& w) { w.change<Person>(w.person, [](Person& p) { p.epoch = 0; }); }),
                           Reason::not_reconfirmed));
    EXPECT_TRUE(is_refused(broken([](World& w) { w.restore(); }), Reason::not_reattested, Rule::actor));
    EXPECT_TRUE(is_refused(broken([](World& w) { w.clock_doubt = true; }), Reason::clock_doubt));
    EXPECT_TRUE(is_refused(broken([&](World& w) { w.state.erase(row_id_of<Case>(it.one)); }), Reason::unknown));
  }
}

// SPEC CASE-7
TEST(HandOver, IsProposedToAnotherWorkingTeamWhichHearsNothing) {
  WaitingCase it;
  World& world = it.world;
  EXPECT_TRUE(is_refused(it.by_lead(ProposeHandOver{it.one, world.team}).decision, Reason::terms_invalid));
  EXPECT_TRUE(is_refused(it.by_lead(ProposeHandOver{it.one, id<TeamId>(9)}).decision, Reason::recipient_unknown));
  const TeamId third = id<TeamId>(3);
  world.state.put(Team{third, world.other, "Tredje", it.other_lead, {}, Standing::active, 1});
  EXPECT_TRUE(is_refused(it.by_lead(ProposeHandOver{it.one, third}).decision, Reason::recipient_unknown));
  world.change<Team>(third, [&](Team& team) { team.accepted_by = world.other_officer; });
  EXPECT_TRUE(is_permitted(it.by_lead(ProposeHandOver{it.one, third}).decision));
  EXPECT_TRUE(is_permitted(it.by_lead(ProposeHandOver{it.one, it.other_team}).decision)) << "in its place";
  EXPECT_EQ(it.row().hand_over, it.other_team);
  EXPECT_EQ(it.row().team, world.team);
  EXPECT_TRUE(it.listed(it.other_lead).empty());
  EXPECT_EQ(it.listed(world.lead).size(), 1u);
  (void)it.by_lead(CloseCase{it.one});
  EXPECT_FALSE(it.row().hand_over);
  EXPECT_TRUE(is_refused(it.by_lead(ProposeHandOver{it.one, it.other_team}).decision, Reason::wrong_state));
}

// SPEC CASE-8
TEST(HandOver, TakesThePersonsSignatureAndTheNewTeamsQueue) {
  WaitingCase it;
  World& world = it.world;
  (void)it.by_lead(AcceptCase{it.one, {world.now, world.now + 48h}});
  const SignHandOver sign{it.one, it.other_team};
  EXPECT_TRUE(is_refused(world.ask(world.person_actor(), sign).decision, Reason::wrong_state)) << "none is proposed";
  (void)it.by_lead(ProposeHandOver{it.one, it.other_team});
  world.time += 1h;
  EXPECT_TRUE(is_permitted(world.act(world.person_actor(), sign).decision));
  EXPECT_EQ(it.row().team, it.other_team);
  EXPECT_EQ(it.row().earlier_teams, std::vector{world.team});
  EXPECT_EQ(it.row().status, CaseStatus::waiting);
  EXPECT_EQ(it.row().waiting_since, world.time);
  EXPECT_EQ(it.row().opened, world.now);
  EXPECT_EQ(it.row().meetings, std::vector{world.now}) << "what was to come is not";
  EXPECT_FALSE(it.row().hand_over);
  EXPECT_EQ(it.listed(it.other_lead), std::vector{it.one});
  EXPECT_TRUE(it.listed(world.lead).empty());
  EXPECT_TRUE(is_refused(it.by_lead(SetMeetings{it.one, {}}).decision, Reason::not_entitled));
  EXPECT_TRUE(is_permitted(it.by(it.other_lead, AcceptCase{it.one, {}}).decision));
  EXPECT_TRUE(is_refused(world.act(world.person_actor(), sign).decision, Reason::wrong_state)) << "a second time";
}

// SPEC CASE-8
TEST(HandOver, IsRefusedUnlessAllStandsAsThePersonSawIt) {
  WaitingCase proposed;
  (void)proposed.by_lead(ProposeHandOver{proposed.one, proposed.other_team});
  const auto sign = [&](const std::function<void(WaitingCase&, Actor&, SignHandOver&)>& how) {
    WaitingCase it = proposed;
    Actor actor = it.world.person_actor();
    SignHandOver act{it.one, it.other_team};
    how(it, actor, act);
    const Outcome out = it.world.ask(actor, act);
    EXPECT_TRUE(out.decision.is_permitted() || changes_nothing(out));
    return out.decision;
  };
  EXPECT_TRUE(is_permitted(sign([](auto&, auto&, auto&) {})));
  EXPECT_TRUE(is_refused(sign([](auto& it, auto&, auto&) { it.world.seen = 7; }), Reason::state_changed));
  EXPECT_TRUE(is_refused(sign([](auto& it, auto&, auto& act) { act.team = it.world.team; }), Reason::state_changed));
  EXPECT_TRUE(is_refused(sign([](auto&, auto&, auto& act) { act.id = id<CaseId>(9); }), Reason::unknown));
  EXPECT_TRUE(is_refused(sign([](auto& it, auto& actor, auto&) {
                           actor = PersonActor{it.world.relative, it.world.relative_key};
                         }),
                         Reason::unknown))
      << "another's";
  EXPECT_TRUE(is_refused(sign([](auto& it, auto& actor, auto&) { actor = it.world.staff(it.world.lead); }),
                         Reason::not_entitled));
  EXPECT_TRUE(is_refused(sign([](auto& it, auto&, auto&) { it.world.clock_doubt = true; }), Reason::clock_doubt));
  EXPECT_TRUE(is_refused(sign([](auto& it, auto&, auto&) {
                           it.world.template change<Team>(it.other_team,
                                                          [](Team& team) { team.standing = Standing::suspended; });
                         }),
                         Reason::recipient_unknown));
  EXPECT_TRUE(is_refused(sign([](auto& it, auto&, auto&) {
                           it.world.template change<Person>(it.world.person, [](Person& p) { p.epoch = 0; });
                         }),
                         Reason::not_reconfirmed));
  EXPECT_TRUE(is_refused(sign([](auto& it, auto&, auto&) {
                           it.world.template change<DeviceKey>(
                               it.world.key, [](DeviceKey& key) { key.status = DeviceKeyStatus::proposed; });
                         }),
                         Reason::actor_not_active, Rule::actor));
  EXPECT_TRUE(
      is_refused(sign([](auto& it, auto&, auto&) { (void)it.by_lead(CloseCase{it.one}); }), Reason::wrong_state));
}

// SPEC PAPER-8
TEST(HandOver, OnPaperTakesRegistrarsOfTwoOrganisations) {
  WaitingCase it;
  World& world = it.world;
  (void)it.by_lead(ProposeHandOver{it.one, it.other_team});
  const PaperHandOver paper{it.one, world.person_index, it.other_team, fingerprint(77)};
  const auto ask = [&](const PaperHandOver& act) { return it.ask(world.source_registrar, act).decision; };
  EXPECT_TRUE(is_permitted(ask(paper)));
  World both = world;
  (void)both.act(both.staff(both.other_registrar), paper);
  both.change<Staff>(both.lead, [](Staff& s) { s.roles = {StaffRole::registrar}; });
  both.change<Team>(it.other_team, [&](Team& t) { t.lead = both.source_staff; });
  EXPECT_TRUE(is_refused(both.ask_approval(both.staff(both.source_registrar)).decision, Reason::only_recipients))
      << "the new team's organisation and its lead's";
  World recipient = world;
  (void)recipient.act(recipient.staff(recipient.other_registrar), paper);
  EXPECT_TRUE(is_permitted(recipient.ask_approval(recipient.staff(recipient.source_registrar)).decision));
  recipient.change_terms([&](FullmaktTerms& t) { t.recipients.insert(to_organisation(recipient.source)); });
  EXPECT_TRUE(
      is_refused(recipient.ask_approval(recipient.staff(recipient.source_registrar)).decision, Reason::only_recipients))
      << "the new team's organisation and one that reads under a fullmakt";
  EXPECT_TRUE(is_refused(it.ask(world.lead, paper).decision, Reason::not_entitled)) << "the team itself";
  EXPECT_TRUE(is_refused(ask({id<CaseId>(9), world.person_index, it.other_team, {}}), Reason::unknown));
  EXPECT_TRUE(is_refused(ask({it.one, world.relative_index, it.other_team, {}}), Reason::unknown));
  EXPECT_TRUE(is_refused(ask({it.one, world.unknown_index, it.other_team, {}}), Reason::unknown));
  EXPECT_TRUE(is_refused(ask({it.one, world.person_index, world.team, {}}), Reason::state_changed));
  EXPECT_TRUE(concerns(it.by(world.source_registrar, paper), world.person));
  EXPECT_EQ(it.row().team, world.team) << "one is not two";
  EXPECT_TRUE(is_refused(world.ask_approval(world.staff(world.source_registrar)).decision, Reason::same_person));
  EXPECT_TRUE(is_permitted(world.approve(world.staff(world.outsider_registrar)).decision));
  EXPECT_EQ(it.row().team, it.other_team);
  EXPECT_EQ(it.row().status, CaseStatus::waiting);
  EXPECT_TRUE(is_refused(ask(paper), Reason::wrong_state)) << "a second time";
}

// SPEC CASE-8
TEST(HandOver, KeepsAsManyEarlierTeamsAsCanBeRead) {
  WaitingCase it;
  for (int round = 0; round < 30; ++round) {
    for (const auto& [who, team] : {std::pair(it.world.lead, it.other_team), std::pair(it.other_lead, it.world.team)}) {
      ASSERT_TRUE(is_permitted(it.by(who, ProposeHandOver{it.one, team}).decision));
      ASSERT_TRUE(is_permitted(it.world.act(it.world.person_actor(), SignHandOver{it.one, team}).decision));
    }
  }
  EXPECT_EQ(it.row().earlier_teams.size(), 50u);
  EXPECT_EQ(it.row().earlier_teams.back(), it.other_team) << "the newest last";
}

// SPEC CASE-9, ACT-10
TEST(Case, IsClosedByThePersonOrTheLeadWhateverIsInDoubt) {
  const auto close = [](const std::function<Actor(WaitingCase&)>& who) {
    WaitingCase it;
    const Outcome out = it.world.act(who(it), CloseCase{it.one});
    EXPECT_TRUE(concerns(out, it.world.person));
    EXPECT_EQ(out.decision.is_permitted(), it.row().status == CaseStatus::closed);
    if (out.decision.is_permitted()) {
      const Outcome again = it.world.act(who(it), CloseCase{it.one});
      EXPECT_TRUE(is_permitted(again.decision));
      EXPECT_TRUE(changes_nothing(again));
    }
    return out.decision;
  };
  EXPECT_TRUE(is_permitted(close([](auto& it) { return it.world.person_actor(); })));
  EXPECT_TRUE(is_permitted(close([](auto& it) { return it.world.staff(it.world.lead); })));
  EXPECT_TRUE(is_permitted(close([](auto& it) {
    it.world.restore();
    it.world.clock_doubt = true;
    it.world.template change<Team>(it.world.team, [](Team& team) { team.standing = Standing::removed; });
    return it.world.staff(it.world.lead);
  }))) << "of a team in doubt";
  EXPECT_TRUE(is_permitted(close([](auto& it) {
    it.world.restore();
    it.world.seen = 7;
    it.world.template change<DeviceKey>(it.world.key, [](DeviceKey& key) { key.status = DeviceKeyStatus::proposed; });
    return it.world.person_actor();
  }))) << "by a key that only narrows";
  EXPECT_TRUE(is_permitted(close([](auto& it) {
    (void)it.by_lead(AcceptCase{it.one, {}});
    return it.world.person_actor();
  }))) << "an open one";

  EXPECT_TRUE(
      is_refused(close([](auto& it) { return it.world.staff(it.world.source_colleague); }), Reason::not_entitled))
      << "a member";
  EXPECT_TRUE(is_refused(close([](auto& it) { return it.world.staff(it.other_lead); }), Reason::not_entitled));
  EXPECT_TRUE(is_refused(close([](auto& it) { return AdministratorActor{it.world.anna}; }), Reason::not_entitled));
  EXPECT_TRUE(is_refused(close([](auto& it) {
                           it.world.template change<DeviceKey>(
                               it.world.key, [](DeviceKey& key) { key.status = DeviceKeyStatus::removed; });
                           return it.world.person_actor();
                         }),
                         Reason::credential_not_valid, Rule::actor));
  WaitingCase it;
  const PersonActor relative{it.world.relative, it.world.relative_key};
  EXPECT_TRUE(is_refused(it.world.ask(relative, CloseCase{it.one}).decision, Reason::unknown));
  EXPECT_FALSE(concerns(it.world.ask(relative, CloseCase{it.one}), it.world.person));
  EXPECT_TRUE(is_refused(it.by_lead(CloseCase{id<CaseId>(9)}).decision, Reason::unknown));
}

// SPEC CASE-2
TEST(Case, ThatIsClosedClosesNoFullmaktThatNamesIt) {
  WaitingCase it;
  it.world.change_terms([&](FullmaktTerms& terms) { terms.case_id = it.one; });
  EXPECT_TRUE(is_permitted(it.world.read()));
  (void)it.by_lead(CloseCase{it.one});
  EXPECT_TRUE(is_permitted(it.world.read()));
  EXPECT_EQ(it.world.get<Fullmakt>(it.world.fullmakt).status, FullmaktStatus::active);
}

// SPEC CASE-10
TEST(Cases, ListedAreThoseThatWaitLongestFirstThenThoseThatAreOpen) {
  WaitingCase it;
  const auto add = [&](unsigned number, CaseStatus status, std::chrono::hours waited) {
    Case another = it.row();
    another.id = id<CaseId>(number);
    another.status = status;
    another.waiting_since = it.world.now - waited;
    it.world.state.put(std::move(another));
  };
  add(2, CaseStatus::waiting, 5h);
  add(3, CaseStatus::open, 9h);
  add(4, CaseStatus::closed, 9h);
  add(5, CaseStatus::waiting, 7h);
  add(6, CaseStatus::open, 2h);
  const std::vector<CaseId> expected{id<CaseId>(5), id<CaseId>(2), id<CaseId>(1), id<CaseId>(3), id<CaseId>(6)};
  EXPECT_EQ(it.listed(it.world.lead), expected);
}

}  // namespace
}  // namespace flikvakt::policy::test
