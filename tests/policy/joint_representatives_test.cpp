// Two guardians who act jointly: each takes back alone, what widens takes both.
#include "tests/policy/world.h"

namespace flikvakt::policy::test {
namespace {

// The relative and another one are guardians of `person`. The other one's person is `id<PersonId>(3)`.
struct Guardians {
  World world;
  const RepresentativeId first = id<RepresentativeId>(1), second = id<RepresentativeId>(2);
  const PersonId other_guardian = id<PersonId>(3);
  const Fingerprint other_key = fingerprint(503);

  Guardians() {
    Person other = world.get<Person>(world.relative);
    other.id = other_guardian;
    world.state.put(other);
    DeviceKey key = world.get<DeviceKey>(world.relative_key);
    key.thumbprint = other_key;
    key.person = other_guardian;
    world.state.put(key);
    enter(first, world.relative, true);
    enter(second, other_guardian, true);
  }

  void enter(const RepresentativeId& role, const PersonId& who, bool jointly) {
    world.state.put(Representative{role,
                                   world.person,
                                   who,
                                   RepresentativeKind::guardian,
                                   {RepresentativePower::see, RepresentativePower::consent},
                                   world.now - 24h,
                                   world.now + 24h * 365,
                                   Standing::active,
                                   1,
                                   jointly});
  }
  PersonActor by_first() const { return {world.person, world.relative_key, first}; }
  PersonActor by_second() const { return {world.person, other_key, second}; }
  SignFullmakt fullmakt() const { return {id<FullmaktId>(20), world.terms(), "Vi ger fullmakt ..."}; }
  bool stands() const { return world.state.find<Fullmakt>(id<FullmaktId>(20)) != nullptr; }
  Decision approval(const Actor& who) const { return world.ask_approval(who).decision; }
  void propose() { EXPECT_TRUE(is_permitted(world.act(by_first(), fullmakt()).decision)); }
};

// SPEC REP-9, ACT-4, ACT-5
TEST(JointRepresentatives, WidenOnlyTogether) {
  Guardians it;
  const Outcome proposed = it.world.act(it.by_first(), it.fullmakt());
  EXPECT_TRUE(is_permitted(proposed.decision));
  EXPECT_TRUE(concerns(proposed, it.world.person));
  EXPECT_EQ(proposed.concerns.front().actor, it.world.relative);
  EXPECT_FALSE(it.stands()) << "one is not two";
  EXPECT_TRUE(is_refused(it.approval(it.by_first()), Reason::same_person));
  const Outcome approved = it.world.approve(it.by_second());
  EXPECT_TRUE(is_permitted(approved.decision));
  EXPECT_TRUE(concerns(approved, it.world.person));
  EXPECT_EQ(approved.concerns.front().actor, it.other_guardian);
  EXPECT_TRUE(it.stands());
  EXPECT_TRUE(is_refused(it.approval(it.by_second()), Reason::unknown)) << "it waits no longer";
}

// SPEC REP-9
TEST(JointRepresentatives, EveryWideningActWaitsAndNoOther) {
  Guardians it;
  SparrTerms plan;
  plan.target = SparrTarget::flik;
  plan.flik = "plan";
  it.world.set_sparr(plan, it.world.person);
  const auto waits = [&](const Act& act) { return waits_for_second(it.world.state, it.by_first(), act); };
  EXPECT_TRUE(waits(it.fullmakt()));
  EXPECT_TRUE(waits(ResumeFullmakt{it.world.fullmakt}));
  EXPECT_TRUE(waits(LiftSparr{id<SparrId>(1)}));
  EXPECT_TRUE(waits(SignHandOver{}));
  EXPECT_TRUE(waits(SignKontrakt{}));
  EXPECT_TRUE(waits(SignKomplettering{}));
  EXPECT_FALSE(waits(ReadOverview{}));
  EXPECT_TRUE(waits(SignReferral{})) << "a team learns of the person";
  EXPECT_FALSE(waits(DeclineRequest{}));
  EXPECT_TRUE(is_permitted(it.world.act(it.by_first(), LiftSparr{id<SparrId>(1)}).decision));
  EXPECT_TRUE(it.world.get<Sparr>(id<SparrId>(1)).in_force);
  EXPECT_TRUE(is_permitted(it.world.act(it.by_second(), RevokeFullmakt{it.world.fullmakt}).decision));
  EXPECT_EQ(it.world.get<Fullmakt>(it.world.fullmakt).status, FullmaktStatus::revoked) << "taking back needs nobody";
}

// SPEC REP-9
TEST(JointRepresentatives, WhatCouldNotBeCarriedOutDoesNotWait) {
  Guardians it;
  EXPECT_TRUE(is_refused(it.world.ask(it.by_first(), ResumeFullmakt{it.world.fullmakt}).decision, Reason::wrong_state));
  it.world.seen = 17;
  EXPECT_TRUE(is_refused(it.world.ask(it.by_first(), it.fullmakt()).decision, Reason::state_changed));
}

// SPEC REP-9
TEST(JointRepresentatives, WhoActsAloneNeedsNoSecondAndIsNone) {
  Guardians it;
  it.enter(it.second, it.other_guardian, false);
  it.propose();
  EXPECT_TRUE(is_refused(it.approval(it.by_second()), Reason::not_entitled)) << "who acts alone signs alone";
  EXPECT_TRUE(is_refused(it.approval(it.world.person_actor()), Reason::not_entitled));
  EXPECT_TRUE(is_permitted(it.world.act(it.by_second(), it.fullmakt()).decision));
  EXPECT_TRUE(it.stands());
}

// SPEC REP-9, ACT-5
TEST(JointRepresentatives, BothMustCountWhenTheSecondApproves) {
  const auto after = [](const std::function<void(Guardians&)>& how) {
    Guardians it;
    it.propose();
    EXPECT_TRUE(is_permitted(it.approval(it.by_second())));
    how(it);
    return it.approval(it.by_second());
  };
  const auto role = [](Guardians& it, const RepresentativeId& which, const std::function<void(Representative&)>& how) {
    it.world.change<Representative>(which, how);
  };
  EXPECT_TRUE(is_refused(
      after([&](Guardians& it) { role(it, it.first, [](Representative& r) { r.standing = Standing::removed; }); }),
      Reason::actor_not_active));
  EXPECT_TRUE(is_refused(after([&](Guardians& it) {
                           role(it, it.first, [](Representative& r) { r.powers = {RepresentativePower::see}; });
                         }),
                         Reason::actor_not_active));
  EXPECT_TRUE(is_refused(after([](Guardians& it) {
                           it.world.change<DeviceKey>(it.world.relative_key,
                                                      [](DeviceKey& k) { k.status = DeviceKeyStatus::removed; });
                         }),
                         Reason::actor_not_active))
      << "the key that the first signed with was taken away: perhaps it was stolen";
  EXPECT_FALSE(after([&](Guardians& it) {
                 role(it, it.second, [](Representative& r) { r.powers = {RepresentativePower::see}; });
               }).is_permitted());
  EXPECT_FALSE(after([&](Guardians& it) {
                 role(it, it.second, [](Representative& r) { r.standing = Standing::removed; });
               }).is_permitted());
  EXPECT_FALSE(after([](Guardians& it) {
                 it.world.change<Person>(it.world.relative,
                                         [](Person& p) { p.died = parse_date("2026-11-01").value(); });
               }).is_permitted());
}

// SPEC ACT-45, ACT-47
TEST(JointRepresentatives, WhatThePersonOrAGuardianTookBackMeanwhileEndsIt) {
  Guardians it;
  it.propose();
  EXPECT_TRUE(is_permitted(it.world.act(it.by_second(), RevokeFullmakt{it.world.fullmakt}).decision));
  EXPECT_TRUE(is_refused(it.approval(it.by_second()), Reason::state_changed));
  Guardians other;
  other.propose();
  Approve approval = other.world.approval_of(other.world.waiting());
  approval.act.as_object()["text"] = "Någonting annat";
  EXPECT_TRUE(is_refused(other.world.ask(other.by_second(), approval).decision, Reason::other_act));
  other.world.time = other.world.now + 24h * 14;
  EXPECT_TRUE(is_refused(other.approval(other.by_second()), Reason::expired));
}

// SPEC CONSENT-9, ACT-45: also by a word that changes nothing.
TEST(JointRepresentatives, TheNewestWordEndsWhatWaits) {
  Guardians it;
  (void)it.world.act(it.world.person_actor(), PauseFullmakt{it.world.fullmakt});
  EXPECT_TRUE(is_permitted(it.world.act(it.by_first(), ResumeFullmakt{it.world.fullmakt}).decision));
  World again = it.world;
  EXPECT_TRUE(is_permitted(again.act(again.person_actor(), PauseFullmakt{again.fullmakt}).decision));
  EXPECT_TRUE(is_refused(again.ask_approval(it.by_second()).decision, Reason::state_changed));
  World on_paper = it.world;
  const PaperNarrowing nothing{on_paper.person_index, {on_paper.fullmakt}, false, {}, {}};
  EXPECT_TRUE(is_permitted(on_paper.act(on_paper.staff(on_paper.reader), nothing).decision));
  EXPECT_TRUE(is_refused(on_paper.ask_approval(it.by_second()).decision, Reason::state_changed));
  EXPECT_TRUE(is_permitted(it.approval(it.by_second())));
}

// SPEC CONSENT-9
TEST(JointRepresentatives, WhatWaitsIsTakenBackByItsOwnId) {
  for (const bool by_other : {false, true}) {
    Guardians it;
    it.propose();
    const Actor who = by_other ? it.by_second() : it.by_first();
    EXPECT_TRUE(is_permitted(it.world.act(who, RevokeFullmakt{it.fullmakt().id}).decision));
    EXPECT_TRUE(is_refused(it.approval(it.by_second()), Reason::unknown));
    EXPECT_FALSE(it.stands());
    EXPECT_TRUE(is_refused(it.world.ask(who, RevokeFullmakt{it.fullmakt().id}).decision, Reason::unknown)) << "gone";
  }
  Guardians it;
  it.propose();
  const PersonActor stranger{it.world.relative, it.world.relative_key};
  EXPECT_TRUE(is_refused(it.world.ask(stranger, RevokeFullmakt{it.fullmakt().id}).decision, Reason::unknown));
}

// SPEC ACT-58
TEST(WithdrawProposal, EndsWhatWaitsForThePersonARepresentativeOrWhoProposedIt) {
  Guardians waiting;
  waiting.propose();
  const auto withdraw = [&](const Actor& who) {
    Guardians it = waiting;
    const Outcome out = it.world.act(who, WithdrawProposal{it.world.waiting()});
    EXPECT_EQ(out.decision.is_permitted(), is_refused(it.approval(it.by_second()), Reason::unknown));
    if (out.decision.is_permitted()) {
      EXPECT_TRUE(concerns(out, it.world.person));
    }
    return out.decision;
  };
  EXPECT_TRUE(is_permitted(withdraw(waiting.by_first())));
  EXPECT_TRUE(is_permitted(withdraw(waiting.by_second())));
  EXPECT_TRUE(is_permitted(withdraw(waiting.world.person_actor())));
  EXPECT_TRUE(is_refused(withdraw(PersonActor{waiting.world.relative, waiting.world.relative_key}), Reason::unknown));
  EXPECT_TRUE(is_refused(withdraw(waiting.world.staff(waiting.world.source_registrar)), Reason::unknown));
  EXPECT_TRUE(is_refused(withdraw(AdministratorActor{waiting.world.anna}), Reason::unknown));
}

// SPEC ACT-58
TEST(WithdrawProposal, OfAPaperIsTheOrganisationsOrThePersons) {
  World world;
  const PaperFullmakt paper{id<FullmaktId>(30), world.person_index, world.terms(), "text", {}};
  EXPECT_TRUE(is_permitted(world.act(world.staff(world.source_registrar), paper).decision));
  const WithdrawProposal withdraw{world.waiting()};
  EXPECT_TRUE(is_permitted(world.ask(world.staff(world.source_registrar), withdraw).decision));
  EXPECT_TRUE(is_refused(world.ask(world.staff(world.source_staff), withdraw).decision, Reason::not_entitled));
  EXPECT_TRUE(is_refused(world.ask(world.staff(world.outsider_registrar), withdraw).decision, Reason::unknown));
  EXPECT_TRUE(is_refused(world.ask(AdministratorActor{world.anna}, withdraw).decision, Reason::unknown));
  EXPECT_TRUE(is_permitted(world.ask(world.person_actor(), RevokeFullmakt{paper.id}).decision));
  world.clock_doubt = true;
  world.restore();
  EXPECT_TRUE(is_permitted(world.act(world.person_actor(), withdraw).decision)) << "narrowing waits for nothing";
  EXPECT_TRUE(is_refused(world.ask(world.person_actor(), withdraw).decision, Reason::unknown));
}

// SPEC ACT-58
TEST(WithdrawProposal, OfAnAdministratorIsAnyAdministrators) {
  World world;
  const RegisterTeam team{id<TeamId>(70), world.other, "Nytt team", world.reader};
  EXPECT_TRUE(is_permitted(world.act(AdministratorActor{world.anna}, team).decision));
  const WithdrawProposal withdraw{world.waiting()};
  EXPECT_TRUE(is_refused(world.ask(world.staff(world.other_registrar), withdraw).decision, Reason::unknown));
  EXPECT_TRUE(is_refused(world.ask(world.person_actor(), withdraw).decision, Reason::unknown));
  EXPECT_TRUE(is_permitted(world.act(AdministratorActor{world.bo}, withdraw).decision));
  EXPECT_TRUE(is_refused(world.ask_approval(AdministratorActor{world.bo}).decision, Reason::unknown));
}

// SPEC REP-9: of another person, of staff, or none at all: one answer.
TEST(JointRepresentatives, SeeAndApproveOnlyWhatWaitsForTheirPerson) {
  Guardians it;
  it.propose();
  const Actor stranger = PersonActor{it.world.relative, it.world.relative_key};
  const Outcome refusal = it.world.ask_approval(stranger);
  EXPECT_TRUE(is_refused(refusal.decision, Reason::unknown));
  EXPECT_TRUE(concerns(refusal, it.world.relative));
  EXPECT_FALSE(concerns(refusal, it.world.person)) << "a stranger's try does not tell that something waits";
  for (const Actor& actor :
       {Actor(it.world.staff(it.world.source_registrar)), Actor(AdministratorActor{it.world.anna})}) {
    EXPECT_TRUE(is_refused(it.approval(actor), Reason::not_entitled));
  }
  const auto seen_by = [&](const PersonActor& actor) {
    return std::get<Overview>(it.world.ask(actor, ReadOverview{}).answer).proposals;
  };
  ASSERT_EQ(seen_by(it.by_second()).size(), 1u);
  EXPECT_EQ(seen_by(it.by_second())[0].role, it.first);
  EXPECT_EQ(seen_by(it.world.person_actor()).size(), 1u);
  EXPECT_TRUE(seen_by({it.world.relative, it.world.relative_key}).empty());
  it.world.time = it.world.now + 24h * 14;
  EXPECT_TRUE(seen_by(it.by_second()).empty()) << "it has expired";
}

// SPEC REP-9: the same human in two roles is one.
TEST(JointRepresentatives, WithTwoRolesAreStillOne) {
  Guardians it;
  it.enter(id<RepresentativeId>(3), it.world.relative, true);
  it.propose();
  const PersonActor other_role{it.world.person, it.world.relative_key, id<RepresentativeId>(3)};
  EXPECT_TRUE(is_refused(it.approval(other_role), Reason::same_person));
}

}  // namespace
}  // namespace flikvakt::policy::test
