// Who may act for a person, what they may do, and how it ends. The relative acts for the person.
#include "tests/policy/world.h"

namespace flikvakt::policy::test {
namespace {

struct Represented {
  World world;
  RepresentativeId role = id<RepresentativeId>(1);
  RegisterRepresentative registration{role,
                                      world.person_index,
                                      world.relative_index,
                                      RepresentativeKind::god_man,
                                      {RepresentativePower::see, RepresentativePower::consent},
                                      world.now,
                                      world.now + 24h * 365};

  PersonActor actor() const { return {world.person, world.relative_key, role}; }
  void enter() {
    EXPECT_TRUE(is_permitted(world.act(world.staff(world.source_registrar), registration).decision));
    EXPECT_TRUE(is_permitted(world.approve(world.staff(world.outsider_registrar)).decision));
  }
  static Represented with(std::set<RepresentativePower> powers) {
    Represented out;
    out.registration.powers = std::move(powers);
    out.enter();
    return out;
  }
  static Represented full() { return with({RepresentativePower::see, RepresentativePower::consent}); }
  void change(const std::function<void(Representative&)>& how) { world.change<Representative>(role, how); }
  Decision ask(const Act& act) const { return world.ask(actor(), act).decision; }
};

SignFullmakt another(const World& world) { return {id<FullmaktId>(20), world.terms(), "Jag ger fullmakt ..."}; }

std::vector<Act> seeing(const World& w) {
  return {ReadOverview{}, ReadOwnLog{}, OpenOwnDocument{id<ReadingId>(1), w.document}};
}
// Each may be done in the world as it is: one fullmakt is active, another paused, a Sparr stands.
std::vector<Act> consenting(const World& w) {
  return {another(w), ResumeFullmakt{id<FullmaktId>(5)}, LiftSparr{id<SparrId>(1)},
          SignReferral{id<CaseId>(1), w.team, CaseFocus::illness, {}}};
}
std::vector<Act> narrowing(const World& w) {
  return {PauseFullmakt{w.fullmakt}, RevokeFullmakt{w.fullmakt}, SetSparr{id<SparrId>(9), {}}};
}
void prepare(World& w) {
  Fullmakt paused = w.get<Fullmakt>(w.fullmakt);
  paused.id = id<FullmaktId>(5);
  paused.status = FullmaktStatus::paused;
  w.state.put(paused);
  SparrTerms plan;
  plan.target = SparrTarget::flik;
  plan.flik = "plan";
  w.set_sparr(plan, w.person);
}

// SPEC REP-1, ACT-4
TEST(RegisterRepresentative, TakesRegistrarsOfTwoOrganisationsOneOfThemNoRecipient) {
  Represented it;
  World& world = it.world;
  EXPECT_TRUE(is_refused(world.ask(world.staff(world.reader), it.registration).decision, Reason::not_entitled));
  for (const Actor& actor : {Actor(AdministratorActor{world.anna}), Actor(world.person_actor()),
                             Actor(PersonActor{world.relative, world.relative_key}), Actor(SystemActor{})}) {
    EXPECT_TRUE(is_refused(world.ask(actor, it.registration).decision, Reason::not_entitled));
  }
  const Outcome first = world.act(world.staff(world.other_registrar), it.registration);
  EXPECT_TRUE(is_permitted(first.decision));
  EXPECT_TRUE(concerns(first, world.person) && concerns(first, world.relative));
  EXPECT_FALSE(world.state.find<Representative>(it.role)) << "one is not two";
  EXPECT_TRUE(is_refused(world.ask(it.actor(), ReadOverview{}).decision, Reason::actor_unknown));
  EXPECT_TRUE(is_refused(world.ask_approval(world.staff(world.other_registrar)).decision, Reason::same_person));
  world.change<Staff>(world.reader, [](Staff& s) { s.roles = {StaffRole::registrar}; });
  EXPECT_TRUE(is_refused(world.ask_approval(world.staff(world.reader)).decision, Reason::same_organisation));
  EXPECT_TRUE(is_refused(world.ask_approval(AdministratorActor{world.anna}).decision, Reason::not_entitled));
  World both = world;
  both.change_terms([&](FullmaktTerms& t) {
    t.recipients = {to_organisation(world.other), to_organisation(world.outsider)};
  });
  EXPECT_TRUE(is_refused(both.ask_approval(both.staff(both.outsider_registrar)).decision, Reason::only_recipients));
  EXPECT_TRUE(is_permitted(both.ask_approval(both.staff(both.source_registrar)).decision));
  const Outcome second = world.approve(world.staff(world.outsider_registrar));
  EXPECT_TRUE(is_permitted(second.decision));
  EXPECT_TRUE(concerns(second, world.person) && concerns(second, world.relative));
  EXPECT_EQ(world.get<Person>(world.person).consent_version, 1u);
  EXPECT_EQ(world.get<Representative>(it.role).representative, world.relative);
  EXPECT_TRUE(is_permitted(world.ask(it.actor(), ReadOverview{}).decision));
}

// SPEC LOGV-12: by which the representative's own log knows that it is another's.
TEST(RegisterRepresentative, NamesTheRoleToBothAndThePersonFirstAlsoWhenItIsRefused) {
  Represented it;
  it.world.change<Person>(it.world.person, [](Person& p) { p.died = parse_date("2026-11-01").value(); });
  const Outcome out = it.world.ask(it.world.staff(it.world.source_registrar), it.registration);
  EXPECT_TRUE(is_refused(out.decision, Reason::person_died));
  ASSERT_EQ(out.concerns.size(), 2u);
  EXPECT_EQ(out.concerns[0].person, it.world.person);
  EXPECT_EQ(out.concerns[1].person, it.world.relative);
  for (const Concern& one : out.concerns) EXPECT_EQ(one.subject, it.role.value());
}

// SPEC REP-2, ACT-6, ACT-9
TEST(RegisterRepresentative, IsRefusedWhenAnythingIsNotInOrder) {
  const auto with = [](const std::function<void(Represented&)>& how) {
    Represented it;
    how(it);
    const Outcome out = it.world.ask(it.world.staff(it.world.source_registrar), it.registration);
    EXPECT_TRUE(out.decision.is_permitted() || changes_nothing(out));
    return out.decision;
  };
  using R = Represented;
  EXPECT_TRUE(is_permitted(with([](R&) {})));
  EXPECT_TRUE(is_refused(with([](R& it) { it.registration.person = it.world.unknown_index; }), Reason::unknown));
  EXPECT_TRUE(
      is_refused(with([](R& it) { it.registration.representative = it.world.unknown_index; }), Reason::unknown));
  EXPECT_TRUE(
      is_refused(with([](R& it) { it.registration.representative = it.world.person_index; }), Reason::same_person));
  for (const bool is_person : {true, false}) {
    EXPECT_TRUE(is_refused(with([&](R& it) {
                             it.world.change<Person>(is_person ? it.world.person : it.world.relative,
                                                     [](Person& p) { p.died = parse_date("2026-11-01").value(); });
                           }),
                           Reason::person_died));
  }
  EXPECT_TRUE(is_refused(with([](R& it) { it.world.change<Person>(it.world.person, [](Person& p) { p.epoch = 0; }); }),
                         Reason::not_reconfirmed));
  EXPECT_TRUE(is_refused(with([](R& it) { it.registration.id = {}; }), Reason::terms_invalid));
  EXPECT_TRUE(is_refused(with([](R& it) { it.registration.powers = {}; }), Reason::terms_invalid));
  EXPECT_TRUE(is_refused(with([](R& it) { it.registration.jointly = true; }), Reason::terms_invalid))
      << "of guardians only";
  EXPECT_TRUE(is_permitted(with([](R& it) {
    it.registration.jointly = true;
    it.registration.representative_kind = RepresentativeKind::guardian;
  })));
  EXPECT_TRUE(is_refused(with([](R& it) {
                           it.enter();
                           (void)it.world.act(it.world.person_actor(), EndRepresentative{it.role});
                         }),
                         Reason::already_exists))
      << "an id that ended is not used again";
  const auto invalid = Reason::period_invalid;
  EXPECT_TRUE(is_refused(with([](R& it) { it.registration.valid_from = it.registration.valid_to; }), invalid));
  EXPECT_TRUE(is_refused(with([](R& it) {
                           it.registration.valid_from = it.world.now - 1h;
                           it.registration.valid_to = it.world.now;
                         }),
                         invalid));
  const auto longest = std::chrono::days{1830};
  EXPECT_TRUE(is_permitted(with([&](R& it) { it.registration.valid_to = it.world.now + longest; })));
  EXPECT_TRUE(is_refused(with([&](R& it) { it.registration.valid_to = it.world.now + longest + 1ms; }), invalid));
  EXPECT_TRUE(is_refused(with([](R& it) { it.world.clock_doubt = true; }), Reason::clock_doubt));
  EXPECT_TRUE(is_refused(with([](R& it) { it.world.restore(); }), Reason::not_reattested));
}

// SPEC ACT-45
TEST(RegisterRepresentative, ThatWaitedEndsWhenThePersonNarrowsMeanwhile) {
  Represented it;
  (void)it.world.act(it.world.staff(it.world.source_registrar), it.registration);
  EXPECT_TRUE(is_permitted(it.world.ask_approval(it.world.staff(it.world.outsider_registrar)).decision))
      << "until then";
  (void)it.world.act(it.world.person_actor(), SetSparr{id<SparrId>(1), {}});
  EXPECT_TRUE(
      is_refused(it.world.ask_approval(it.world.staff(it.world.outsider_registrar)).decision, Reason::state_changed));
}

// SPEC REP-3, REP-4
TEST(Representative, DoesWhatTheirPowersSayAndNarrowsWithAnyOfThem) {
  using enum RepresentativePower;
  for (const std::set<RepresentativePower>& powers : {std::set{see, consent}, std::set{see}, std::set{consent}}) {
    Represented it = Represented::with(powers);
    prepare(it.world);
    for (const Act& act : seeing(it.world)) {
      if (powers.contains(see))
        EXPECT_TRUE(is_permitted(it.ask(act))) << kind_of(act);
      else
        EXPECT_TRUE(is_refused(it.ask(act), Reason::not_entitled)) << kind_of(act);
    }
    for (const Act& act : consenting(it.world)) {
      if (powers.contains(consent))
        EXPECT_TRUE(is_permitted(it.ask(act))) << kind_of(act);
      else
        EXPECT_TRUE(is_refused(it.ask(act), Reason::not_entitled)) << kind_of(act);
    }
    for (const Act& act : narrowing(it.world)) EXPECT_TRUE(is_permitted(it.ask(act))) << kind_of(act);
  }
}

// SPEC REP-3, ACT-3
TEST(Representative, IsNobodyWithAnotherKeyAnotherPersonOrNoRow) {
  const Represented it = Represented::full();
  const World& world = it.world;
  const std::vector<PersonActor> strangers = {
      {world.person, world.relative_key, {}},                       // the key of somebody else, as oneself
      {world.person, world.relative_key, id<RepresentativeId>(2)},  // no such row
      {world.person, world.key, it.role},                           // the person's own key as the representative
      {world.relative, world.relative_key, it.role},                // the row is of another person
      {world.relative, world.key, it.role},                         // turned around
      {world.person, fingerprint(999), it.role},                    // no such key
      {id<PersonId>(99), world.relative_key, it.role}};
  for (const PersonActor& one : strangers) {
    for (const Act& act : {Act(ReadOverview{}), Act(another(world)), Act(RevokeFullmakt{world.fullmakt}),
                           Act(OpenOwnDocument{id<ReadingId>(1), world.document})}) {
      EXPECT_TRUE(is_refused(world.ask(one, act).decision, Reason::actor_unknown)) << kind_of(act);
    }
  }
}

// SPEC REP-3
TEST(Representative, NeitherActsNorNarrowsOutsideThePeriodOnceEndedOrWhenEitherIsDead) {
  struct Case {
    const char* what;
    Reason why;
    std::function<void(Represented&)> how;
  };
  const auto dead = [](Person& p) { p.died = parse_date("2026-11-01").value(); };
  const std::vector<Case> cases = {
      {"not begun", Reason::expired, [](Represented& it) { it.world.time -= 1ms; }},
      {"over", Reason::expired, [](Represented& it) { it.change([&](auto& r) { r.valid_to = it.world.now; }); }},
      {"ended", Reason::actor_not_active,
       [](Represented& it) { it.change([](auto& r) { r.standing = Standing::removed; }); }},
      {"the person is dead", Reason::person_died,
       [&](Represented& it) { it.world.change<Person>(it.world.person, dead); }},
      {"the representative is dead", Reason::person_died,
       [&](Represented& it) { it.world.change<Person>(it.world.relative, dead); }},
      {"key removed", Reason::credential_not_valid, [](Represented& it) {
         it.world.change<DeviceKey>(it.world.relative_key, [](auto& k) { k.status = DeviceKeyStatus::removed; });
       }}};
  for (const Case& one : cases) {
    SCOPED_TRACE(one.what);
    Represented it = Represented::full();
    EXPECT_TRUE(is_permitted(it.ask(RevokeFullmakt{it.world.fullmakt})));
    one.how(it);
    for (const Act& act : {Act(ReadOverview{}), Act(another(it.world)), Act(RevokeFullmakt{it.world.fullmakt}),
                           Act(EndRepresentative{it.role})}) {
      EXPECT_TRUE(is_refused(it.ask(act), one.why)) << kind_of(act);
    }
  }
}

// SPEC REP-4, REP-5, ACT-6
TEST(Representative, NarrowsInClockDoubtAfterARestoreAndWithAKeyThatIsOnlyProposed) {
  struct Case {
    Reason why;  // what else than narrowing gets
    std::function<void(Represented&)> how;
  };
  const std::vector<Case> cases = {
      {Reason::clock_doubt, [](Represented& it) { it.world.clock_doubt = true; }},
      {Reason::not_reattested, [](Represented& it) { it.world.restore(); }},
      {Reason::not_reattested, [](Represented& it) { it.change([](auto& r) { r.epoch = 0; }); }},
      {Reason::not_reattested,
       [](Represented& it) { it.world.change<DeviceKey>(it.world.relative_key, [](auto& k) { k.epoch = 0; }); }},
      {Reason::actor_not_active, [](Represented& it) {
         it.world.change<DeviceKey>(it.world.relative_key, [](auto& k) { k.status = DeviceKeyStatus::proposed; });
       }}};
  for (const Case& one : cases) {
    Represented it = Represented::full();
    prepare(it.world);
    one.how(it);
    for (const Act& act : narrowing(it.world)) EXPECT_TRUE(is_permitted(it.ask(act))) << kind_of(act);
    for (const Act& act : consenting(it.world)) EXPECT_TRUE(is_refused(it.ask(act), one.why)) << kind_of(act);
    for (const Act& act : seeing(it.world)) EXPECT_TRUE(is_refused(it.ask(act), one.why)) << kind_of(act);
  }
}

// SPEC REP-6
TEST(Representative, NeverReconfirmsTouchesKeysOrRegistersAnother) {
  Represented it = Represented::full();
  it.world.change<Person>(it.world.person, [](Person& p) { p.epoch = 0; });
  EXPECT_TRUE(is_refused(it.ask(Reconfirm{}), Reason::not_entitled));
  EXPECT_TRUE(is_permitted(it.world.ask(it.world.person_actor(), Reconfirm{}).decision));
  for (const Fingerprint& key : {it.world.key, it.world.relative_key}) {
    EXPECT_TRUE(is_refused(it.ask(RemoveKey{key}), Reason::not_entitled));
  }
  EXPECT_TRUE(
      is_refused(it.ask(ProposeKey{it.world.person_index, json::object{}, fingerprint(510)}), Reason::not_entitled));
  it.registration.id = id<RepresentativeId>(2);
  EXPECT_TRUE(is_refused(it.ask(it.registration), Reason::not_entitled));
}

// SPEC CONSENT-2, CONSENT-5
TEST(Representative, WidensOnlyOnTheVersionOfThePersonsConsentThatStands) {
  Represented it = Represented::full();
  it.world.seen = 0;
  EXPECT_TRUE(is_refused(it.ask(another(it.world)), Reason::state_changed)) << "the registration made it 1";
  it.world.seen = 1;
  const Outcome out = it.world.act(it.actor(), another(it.world));
  EXPECT_TRUE(is_permitted(out.decision));
  EXPECT_EQ(it.world.get<Fullmakt>(id<FullmaktId>(20)).person, it.world.person);
  EXPECT_EQ(it.world.get<Person>(it.world.relative).consent_version, 0u);
}

// SPEC REP-8
TEST(Representative, IsNamedAsWhoActedInThePersonsLog) {
  const Represented it = Represented::full();
  for (const Act& act : {Act(ReadOwnLog{}), Act(RevokeFullmakt{it.world.fullmakt}), Act(another(it.world)),
                         Act(OpenOwnDocument{id<ReadingId>(1), it.world.document}), Act(Reconfirm{})}) {
    const Outcome out = it.world.ask(it.actor(), act);
    ASSERT_EQ(out.concerns.size(), 1u) << kind_of(act);
    EXPECT_EQ(out.concerns[0].person, it.world.person) << kind_of(act);
    EXPECT_EQ(out.concerns[0].actor, it.world.relative) << kind_of(act);
  }
  const Outcome own = it.world.ask(it.world.person_actor(), ReadOwnLog{});
  EXPECT_EQ(own.concerns.at(0).actor, it.world.person);
}

// SPEC REP-8
TEST(Representative, StandsInTheOverviewOfBothAndSeesNobodyElsesPeople) {
  Represented it = Represented::full();
  const auto overview = [&](const PersonActor& who) {
    return std::get<Overview>(it.world.ask(who, ReadOverview{}).answer);
  };
  EXPECT_EQ(overview(it.world.person_actor()).representatives.size(), 1u);
  EXPECT_TRUE(overview(it.world.person_actor()).represents.empty());
  const PersonActor relative{it.world.relative, it.world.relative_key};
  EXPECT_EQ(overview(relative).represents.size(), 1u);
  EXPECT_TRUE(overview(relative).representatives.empty());
  Representative third = it.world.get<Representative>(it.role);
  third.id = id<RepresentativeId>(2);
  third.person = id<PersonId>(7);
  third.representative = it.world.person;
  it.world.state.put(third);
  EXPECT_EQ(overview(it.world.person_actor()).represents.size(), 1u);
  EXPECT_TRUE(overview(it.actor()).represents.empty());
  EXPECT_EQ(overview(it.actor()).representatives.size(), 1u);
  EXPECT_EQ(overview(it.actor()).person.id, it.world.person);
}

// SPEC CONT-4, OWN-2
TEST(Representative, ReadsThePersonsDocumentsUntilItEndsButNotWhatIsWithheld) {
  Represented it = Represented::full();
  World& world = it.world;
  EXPECT_TRUE(is_permitted(world.act(it.actor(), OpenOwnDocument{id<ReadingId>(1), world.document}).decision));
  const Reading reading = world.get<Reading>(id<ReadingId>(1));
  const auto go_on = [&] { return decide_continue(world.state, reading, it.actor(), world.now); };
  EXPECT_TRUE(is_permitted(go_on()));
  EXPECT_TRUE(is_refused(decide_continue(world.state, reading, it.actor(), it.registration.valid_to), Reason::expired));
  world.change<Document>(world.document, [&](Document& d) { d.facts.withheld = Withholding{"osl", world.now + 1h}; });
  EXPECT_TRUE(is_refused(go_on(), Reason::withheld));
  world.change<Document>(world.document, [&](Document& d) { d.facts.withheld = {}; });
  World blind = world;
  blind.change<Representative>(it.role, [](auto& r) { r.powers = {RepresentativePower::consent}; });
  EXPECT_TRUE(is_refused(decide_continue(blind.state, reading, it.actor(), blind.now), Reason::not_entitled));
  EXPECT_TRUE(is_permitted(world.act(world.person_actor(), EndRepresentative{it.role}).decision));
  EXPECT_TRUE(is_refused(go_on(), Reason::actor_not_active));
}

// SPEC PAPER-7
TEST(EndRepresentative, HappensOnThePersonsWordAtAnyDesk) {
  Represented base = Represented::full();
  World& world = base.world;
  PaperNarrowing word;
  word.person = world.person_index;
  EXPECT_TRUE(is_permitted(world.act(world.staff(world.reader), word).decision));
  EXPECT_EQ(world.get<Representative>(base.role).standing, Standing::active) << "not asked for";
  word.end_representatives = true;
  const Outcome out = world.act(world.staff(world.reader), word);
  EXPECT_TRUE(is_permitted(out.decision));
  EXPECT_EQ(world.get<Representative>(base.role).standing, Standing::removed);
  EXPECT_TRUE(is_refused(world.ask(base.actor(), RevokeFullmakt{world.fullmakt}).decision, Reason::actor_not_active));
  word.person = world.unknown_index;
  EXPECT_TRUE(is_permitted(world.ask(world.staff(world.reader), word).decision)) << "the answer is one";
}

// SPEC API-51
TEST(Represented, SeesNoNumber) {
  Represented base = Represented::full();
  const auto numbers = [&](const Actor& actor) {
    return std::get<Overview>(base.world.ask(actor, ReadOverview{}).answer).person.numbers.size();
  };
  EXPECT_EQ(numbers(base.world.person_actor()), base.world.get<Person>(base.world.person).numbers.size());
  EXPECT_EQ(numbers(base.actor()), 0u);
}

// SPEC REP-7
TEST(EndRepresentative, IsForThePersonTheRepresentativeAndARegistrarAlsoAfterARestore) {
  Represented base = Represented::full();
  World& world = base.world;
  world.restore();
  world.clock_doubt = true;
  const EndRepresentative act{base.role};
  const PersonActor relative{world.relative, world.relative_key};
  const std::vector<Actor> may = {world.person_actor(), relative, base.actor(), world.staff(world.other_registrar)};
  for (const Actor& actor : may) {
    World one = world;
    const Outcome out = one.act(actor, act);
    EXPECT_TRUE(is_permitted(out.decision));
    EXPECT_TRUE(concerns(out, one.person) && concerns(out, one.relative));
    EXPECT_EQ(one.get<Representative>(base.role).standing, Standing::removed);
    EXPECT_EQ(one.get<Person>(one.person).consent_version, 2u);
    const Outcome again = one.ask(one.person_actor(), act);
    EXPECT_TRUE(is_permitted(again.decision)) << "ended already";
    EXPECT_TRUE(changes_nothing(again));
    EXPECT_TRUE(is_refused(one.ask(base.actor(), RevokeFullmakt{one.fullmakt}).decision, Reason::actor_not_active));
  }
  for (const Actor& actor :
       {Actor(world.staff(world.reader)), Actor(AdministratorActor{world.anna}), Actor(SystemActor{})}) {
    EXPECT_TRUE(is_refused(world.ask(actor, act).decision, Reason::not_entitled));
  }
  EXPECT_TRUE(is_refused(world.ask(world.person_actor(), EndRepresentative{id<RepresentativeId>(9)}).decision,
                         Reason::unknown));
  EXPECT_TRUE(
      is_refused(world.ask(world.staff(world.other_registrar), EndRepresentative{id<RepresentativeId>(9)}).decision,
                 Reason::unknown));
}

// SPEC REP-7
TEST(EndRepresentative, IsNotForStrangersNorForOneRepresentativeAgainstAnother) {
  Represented it = Represented::full();
  Representative other = it.world.get<Representative>(it.role);
  other.id = id<RepresentativeId>(2);
  other.representative = id<PersonId>(7);
  it.world.state.put(other);
  const Outcome out = it.world.ask(it.actor(), EndRepresentative{other.id});
  EXPECT_TRUE(is_refused(out.decision, Reason::unknown));
  EXPECT_EQ(out.concerns.size(), 1u) << "who is not concerned hears nothing of it";
  const PersonActor relative{it.world.relative, it.world.relative_key};
  EXPECT_TRUE(is_refused(it.world.ask(relative, EndRepresentative{other.id}).decision, Reason::unknown));
  EXPECT_TRUE(is_permitted(it.world.ask(it.world.person_actor(), EndRepresentative{other.id}).decision));
}

// SPEC ACT-31
TEST(Representative, GoesWithEitherOfTheTwoWhoIsErased) {
  for (const bool is_person : {true, false}) {
    Represented it = Represented::full();
    World& world = it.world;
    const BlindIndex who = is_person ? world.person_index : world.relative_index;
    (void)world.act(AdministratorActor{world.anna}, Shred{ShredScope::person, who, {}, {}});
    EXPECT_TRUE(is_permitted(world.approve(AdministratorActor{world.bo}).decision));
    EXPECT_TRUE(world.state.all<Representative>().empty());
    EXPECT_TRUE(is_refused(it.ask(RevokeFullmakt{world.fullmakt}), Reason::actor_unknown));
  }
}

}  // namespace
}  // namespace flikvakt::policy::test
