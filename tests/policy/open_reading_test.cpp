#include "tests/policy/world.h"

namespace flikvakt::policy::test {
namespace {

struct Open {
  World world;
  Reading reading;
  Actor reader;

  explicit Open(const std::function<void(World&)>& prepare = [](World&) {}) {
    prepare(world);
    reader = world.staff(world.reader);
    open();
  }
  void open() {
    const Outcome out = world.act(reader, OpenReading{id<ReadingId>(1), world.document, kPurpose});
    EXPECT_TRUE(is_permitted(out.decision));
    reading = world.get<Reading>(id<ReadingId>(1));
  }
  Decision go_on() const { return decide_continue(world.state, reading, reader, world.now); }
};

// SPEC WIT-24
TEST(OpenReading, IsRefusedWhileTheLogIsDoubtedAndNothingElseIs) {
  World world;
  world.log_doubt = true;
  const OpenReading open{id<ReadingId>(1), world.document, kPurpose};
  const Outcome out = world.ask(world.staff(world.reader), open);
  EXPECT_TRUE(is_refused(out.decision, Reason::log_not_witnessed));
  EXPECT_TRUE(concerns(out, world.person) && changes_nothing(out));
  for (const Act& act : {Act(OpenOwnDocument{id<ReadingId>(1), world.document}), Act(ReadOverview{}),
                         Act(RevokeFullmakt{world.fullmakt})}) {
    EXPECT_TRUE(is_permitted(world.ask(world.person_actor(), act).decision));
  }
  EXPECT_TRUE(is_permitted(world.ask(world.staff(world.reader), ListDocuments{world.person_index, kPurpose}).decision));
  (void)world.act(world.person_actor(), RevokeFullmakt{world.fullmakt});
  EXPECT_TRUE(is_refused(world.ask(world.staff(world.reader), open).decision, Reason::no_fullmakt))
      << "what is refused anyway is refused for its own reason";
}

// SPEC CONT-1
TEST(OpenReading, GoesOnUntilANarrowingActReachesIt) {
  struct Cut {
    const char* what;
    Rule rule;
    std::function<void(World&)> narrow;
  };
  const auto admin = [](World& w) { return AdministratorActor{w.anna}; };
  const std::vector<Cut> cuts = {
      {"revoked", Rule::fullmakt, [](World& w) { (void)w.act(w.person_actor(), RevokeFullmakt{w.fullmakt}); }},
      {"paused", Rule::fullmakt, [](World& w) { (void)w.act(w.person_actor(), PauseFullmakt{w.fullmakt}); }},
      {"Sparr", Rule::sparr,
       [](World& w) {
         (void)w.act(w.person_actor(), SetSparr{id<SparrId>(1), {}});
       }},
      {"staff suspended", Rule::actor,
       [&](World& w) {
         (void)w.act(admin(w), Suspend{RegistryNoun::staff, w.reader.text()});
       }},
      {"certificate removed", Rule::actor,
       [&](World& w) {
         (void)w.act(admin(w), Remove{RegistryNoun::certificate, to_hex(w.certificate_of(w.other))});
       }},
      {"flik type suspended", Rule::document,
       [&](World& w) {
         (void)w.act(admin(w), Suspend{RegistryNoun::flik_type, kFlik});
       }},
      {"on the person's word", Rule::fullmakt,
       [](World& w) {
         (void)w.act(w.staff(w.reader), PaperNarrowing{w.person_index, {w.fullmakt}, false, {}, {}});
       }},
      {"serial revoked", Rule::actor, [](World& w) {
         (void)w.act(SystemActor{}, ApplyCrl{w.issuer, 2, fingerprint(1), w.now + 24h, {to_hex(w.other.value())}});
       }}};
  for (const Cut& cut : cuts) {
    SCOPED_TRACE(cut.what);
    Open open;
    EXPECT_TRUE(is_permitted(open.go_on()));
    cut.narrow(open.world);
    EXPECT_FALSE(open.go_on().is_permitted());
    EXPECT_EQ(open.go_on().rule, cut.rule);
  }
}

// SPEC CONT-1, PROV-2
TEST(OpenReading, EndsWithKontraktAndAuthorisation) {
  for (const bool by_kontrakt : {true, false}) {
    World world;
    world.let_provider_read();
    const Actor reader = world.staff(world.provider_staff);
    (void)world.act(reader, OpenReading{id<ReadingId>(1), world.document, kPurpose});
    const Reading reading = world.get<Reading>(id<ReadingId>(1));
    EXPECT_TRUE(is_permitted(decide_continue(world.state, reading, reader, world.now)));
    const AdministratorActor anna{world.anna};
    const Act end = by_kontrakt ? Act(EndKontrakt{world.kontrakt}) : Act(EndAuthorisation{world.authorisation});
    EXPECT_TRUE(is_permitted(world.act(anna, end).decision));
    EXPECT_EQ(decide_continue(world.state, reading, reader, world.now).rule, Rule::provider);
    EXPECT_TRUE(is_permitted(world.act(anna, end).decision)) << "ending twice is no trouble";
  }
}

// SPEC CONT-1
TEST(OpenReading, EndsWhenThePeriodOrTheRosterEntryEnds) {
  Open open([](World& w) {
    w.change_terms([&](FullmaktTerms& t) { t.recipients = {to_team(w.team)}; });
    w.state.put(RosterEntry{w.team, w.reader, TeamRole::member, w.other_officer, w.lead, 1});
  });
  EXPECT_TRUE(is_permitted(open.go_on()));
  EXPECT_FALSE(
      decide_continue(open.world.state, open.reading, open.reader, open.world.terms().valid_to).is_permitted());
  (void)open.world.act(open.world.staff(open.world.other_officer), RosterRemove{open.world.team, open.world.reader});
  EXPECT_TRUE(is_refused(open.go_on(), Reason::no_fullmakt, Rule::fullmakt));
}

// SPEC CONT-2
TEST(OpenReading, ThatUsedUpItsFullmaktGoesOnUntilThatIsRevoked) {
  Open open([](World& w) { w.change_terms([](FullmaktTerms& t) { t.max_readings = 1; }); });
  EXPECT_EQ(open.world.get<Fullmakt>(open.world.fullmakt).status, FullmaktStatus::exhausted);
  EXPECT_TRUE(is_permitted(open.go_on()));
  (void)open.world.act(open.world.person_actor(), RevokeFullmakt{open.world.fullmakt});
  EXPECT_TRUE(is_refused(open.go_on(), Reason::no_fullmakt, Rule::fullmakt));
}

// SPEC CONT-3
TEST(OpenReading, EndsWithItsOwnFullmaktThoughAnotherWouldOpenTheDocument) {
  Open open;
  Fullmakt another = open.world.get<Fullmakt>(open.world.fullmakt);
  another.id = id<FullmaktId>(9);
  open.world.state.put(another);
  (void)open.world.act(open.world.person_actor(), RevokeFullmakt{open.world.fullmakt});
  EXPECT_TRUE(is_permitted(open.world.read())) << "a new opening is permitted";
  EXPECT_TRUE(is_refused(open.go_on(), Reason::no_fullmakt, Rule::fullmakt));
}

// SPEC CONT-3
TEST(OpenReading, EndsWhenAnotherDataSubjectTakesTheirsBack) {
  Open open([](World& w) { w.add_other_subject(); });
  EXPECT_TRUE(is_permitted(open.go_on()));
  Fullmakt another = open.world.get<Fullmakt>(id<FullmaktId>(2));
  another.id = id<FullmaktId>(9);
  open.world.state.put(another);
  (void)open.world.act(PersonActor{open.world.relative, open.world.relative_key}, RevokeFullmakt{id<FullmaktId>(2)});
  EXPECT_TRUE(is_refused(open.go_on(), Reason::others_not_consented, Rule::other_subjects));
}

// SPEC RULE-32
TEST(OpenReading, RefusedItConcernsNobodyBesidesTheDocumentsOwnPerson) {
  World world;
  world.add_other_subject();
  const OpenReading act{id<ReadingId>(1), world.document, kPurpose};
  const Outcome permitted = world.ask(world.staff(world.reader), act);
  EXPECT_TRUE(is_permitted(permitted.decision));
  EXPECT_TRUE(concerns(permitted, world.person) && concerns(permitted, world.relative));
  const Outcome refused = world.ask(world.staff(world.outsider_registrar), act);
  EXPECT_FALSE(refused.decision.is_permitted());
  EXPECT_TRUE(concerns(refused, world.person) && !concerns(refused, world.relative));
  const Outcome masking = world.ask(world.staff(world.reader), RecordMasking{world.document});
  EXPECT_FALSE(masking.decision.is_permitted());
  EXPECT_FALSE(concerns(masking, world.relative));
}

// SPEC CONT-1
TEST(OpenReading, BelongsToTheOneWhoOpenedIt) {
  Open open;
  EXPECT_TRUE(is_permitted(open.go_on()));
  for (const Actor& actor : {Actor(open.world.staff(open.world.other_officer)), Actor(open.world.person_actor()),
                             Actor(SystemActor{}), Actor(AdministratorActor{open.world.anna})}) {
    EXPECT_FALSE(decide_continue(open.world.state, open.reading, actor, open.world.now).is_permitted());
  }
}

TEST(OpenReading, IdIsUsedOnceAndClosingTakesItAway) {
  Open open;
  World& world = open.world;
  const OpenReading same{id<ReadingId>(1), world.document, kPurpose};
  EXPECT_TRUE(is_refused(world.act(open.reader, same).decision, Reason::already_exists));
  EXPECT_TRUE(is_refused(world.act(open.reader, CloseReading{id<ReadingId>(1)}).decision, Reason::not_entitled));
  const Outcome closed = world.act(SystemActor{}, CloseReading{id<ReadingId>(1), ReadingEnd::complete, 1000});
  EXPECT_TRUE(is_permitted(closed.decision));
  EXPECT_EQ(closed.concerns.at(0).bytes, 1000u);
  EXPECT_EQ(closed.concerns.at(0).fullmakt, world.fullmakt);
  EXPECT_FALSE(world.state.find<Reading>(id<ReadingId>(1)));
  EXPECT_TRUE(is_refused(world.act(SystemActor{}, CloseReading{id<ReadingId>(1)}).decision, Reason::unknown));
}

// SPEC CONT-3
TEST(OpenReading, GoesOnUnderNothingButAFullmaktOfItsPerson) {
  Open open;
  Fullmakt of_another = open.world.get<Fullmakt>(open.world.fullmakt);
  of_another.id = id<FullmaktId>(2);
  of_another.person = open.world.relative;
  open.world.state.put(of_another);
  for (const std::optional<FullmaktId>& under :
       {std::optional<FullmaktId>(), std::optional(id<FullmaktId>(99)), std::optional(of_another.id)}) {
    open.reading.fullmakt = under;
    EXPECT_TRUE(is_refused(open.go_on(), Reason::no_fullmakt, Rule::fullmakt));
  }
  open.reading.fullmakt = open.world.fullmakt;
  EXPECT_TRUE(is_permitted(open.go_on()));
}

TEST(OpenReading, NeedsAnIdThatIsFree) {
  Open open;
  World& world = open.world;
  for (const ReadingId& taken : {ReadingId{}, id<ReadingId>(1)}) {
    const auto why = Reason::already_exists;
    EXPECT_TRUE(is_refused(world.ask(open.reader, OpenReading{taken, world.document, kPurpose}).decision, why));
    EXPECT_TRUE(is_refused(world.ask(world.person_actor(), OpenOwnDocument{taken, world.document}).decision, why));
  }
  const auto free = id<ReadingId>(2);
  EXPECT_TRUE(is_permitted(world.ask(open.reader, OpenReading{free, world.document, kPurpose}).decision));
  EXPECT_TRUE(is_permitted(world.ask(world.person_actor(), OpenOwnDocument{free, world.document}).decision));
}

// SPEC OWN-1, OWN-2
TEST(OwnDocument, IsAlwaysThePersonsToOpenButNotBeforeAReleaseDate) {
  World world;
  world.set_sparr({}, world.person);
  (void)world.act(world.person_actor(), RevokeFullmakt{world.fullmakt});
  const auto own = [&] { return decide_own_read(world.state, world.person_actor(), world.document, world.now); };
  EXPECT_TRUE(is_permitted(own())) << "Sparrar and fullmakter play no part";
  EXPECT_TRUE(is_refused(decide_own_read(world.state, {world.relative, world.relative_key}, world.document, world.now),
                         Reason::other_person));
  world.change<Document>(world.document, [&](Document& d) {
    d.facts.withheld = Withholding{"osl-25-6", world.now + 1ms};
  });
  EXPECT_TRUE(is_refused(own(), Reason::withheld));
  const Overview before = std::get<Overview>(world.ask(world.person_actor(), ReadOverview{}).answer);
  EXPECT_TRUE(before.documents.empty());
  world.change<Document>(world.document, [&](Document& d) { d.facts.withheld->until = world.now; });
  EXPECT_TRUE(is_permitted(own()));
  const Overview after = std::get<Overview>(world.ask(world.person_actor(), ReadOverview{}).answer);
  EXPECT_EQ(after.documents.size(), 1u);
  EXPECT_EQ(after.fullmakter.size(), 1u);
}

// SPEC OWN-1, ENROL-1
TEST(OwnDocument, NeedsAKeyThatIsConfirmedCurrentAndThePersons) {
  const auto with_key = [](std::function<void(DeviceKey&)> how) {
    World world;
    world.change<DeviceKey>(world.key, how);
    for (const Act& act : {Act(ReadOverview{}), Act(ReadOwnLog{})}) {
      EXPECT_FALSE(world.ask(world.person_actor(), act).decision.is_permitted());
    }
    return decide_own_read(world.state, world.person_actor(), world.document, world.now);
  };
  World world;
  EXPECT_TRUE(is_permitted(world.ask(world.person_actor(), ReadOwnLog{}).decision));
  EXPECT_TRUE(
      is_refused(with_key([](DeviceKey& k) { k.status = DeviceKeyStatus::proposed; }), Reason::actor_not_active));
  EXPECT_TRUE(
      is_refused(with_key([](DeviceKey& k) { k.status = DeviceKeyStatus::removed; }), Reason::credential_not_valid));
  EXPECT_TRUE(is_refused(with_key([](DeviceKey& k) { k.epoch = 0; }), Reason::not_reattested));
  EXPECT_TRUE(is_refused(with_key([](DeviceKey& k) { k.person = id<PersonId>(2); }), Reason::actor_unknown));
}

// SPEC CONT-4
TEST(OwnDocument, ReadingEndsWithTheKey) {
  World world;
  const Actor person = world.person_actor();
  (void)world.act(person, OpenOwnDocument{id<ReadingId>(1), world.document});
  const Reading reading = world.get<Reading>(id<ReadingId>(1));
  EXPECT_TRUE(is_permitted(decide_continue(world.state, reading, person, world.now)));
  const Actor relative = PersonActor{world.relative, world.relative_key};
  EXPECT_FALSE(decide_continue(world.state, reading, relative, world.now).is_permitted());
  (void)world.act(person, RemoveKey{world.key});
  EXPECT_TRUE(is_refused(decide_continue(world.state, reading, person, world.now), Reason::credential_not_valid));
}

std::vector<DocumentView> listed(const Outcome& outcome) { return std::get<Listing>(outcome.answer).documents; }

// SPEC LIST-1
TEST(Listing, HoldsExactlyWhatCouldBeOpened) {
  World world;
  Document hidden = world.get<Document>(world.document);
  hidden.id = id<DocumentId>(2);
  hidden.facts.flik = "plan";
  world.state.put(hidden);
  const ListDocuments list{world.person_index, kPurpose};
  const auto found = listed(world.ask(world.staff(world.reader), list));
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].document.id, world.document);
  EXPECT_EQ(found[0].fullmakt, world.fullmakt);
  EXPECT_TRUE(listed(world.ask(world.staff(world.reader), ListDocuments{world.person_index, "statistics"})).empty());
}

// SPEC LIST-3
TEST(Listing, TellsOfASparrOnlyWhereTheFlikSaysSoAndNothingElseIsInTheWay) {
  const auto tells = [](const std::function<void(World&)>& how) {
    World world;
    world.change<FlikType>(kFlik, [](FlikType& f) { f.tells_blocked = true; });
    world.set_sparr({}, world.person);
    how(world);
    const Outcome out = world.ask(world.staff(world.reader), ListDocuments{world.person_index, kPurpose});
    EXPECT_TRUE(std::get<Listing>(out.answer).documents.empty());
    return std::get<Listing>(out.answer).more_blocked;
  };
  EXPECT_TRUE(tells([](World&) {}));
  EXPECT_FALSE(tells([](World& w) { w.change<FlikType>(kFlik, [](FlikType& f) { f.tells_blocked = false; }); }));
  EXPECT_FALSE(tells([](World& w) {
    w.change<Fullmakt>(w.fullmakt, [](auto& f) { f.status = FullmaktStatus::paused; });
  })) << "it would not be open anyhow";
  EXPECT_FALSE(tells([](World& w) { w.change_terms([](FullmaktTerms& t) { t.purpose = "statistics"; }); }));
  EXPECT_FALSE(tells(
      [](World& w) { w.change<Fullmakt>(w.fullmakt, [](Fullmakt& f) { f.terms.max_readings = 1, f.readings = 1; }); }));
  EXPECT_FALSE(
      tells([](World& w) { w.change<Document>(w.document, [](auto& d) { d.status = DocumentStatus::erased; }); }));
  EXPECT_FALSE(tells([](World& w) {
    w.change<Document>(w.document, [&](auto& d) { d.facts.other_subjects = {w.relative}; });
  })) << "another data subject has not consented";
}

// SPEC LIST-3
TEST(Listing, SaysNothingOfASparrOfAnotherDataSubject) {
  World world;
  world.add_other_subject();
  world.change<FlikType>(kFlik, [](FlikType& f) { f.tells_blocked = true; });
  world.set_sparr({}, world.relative);
  const auto listing = [&](const World& one) {
    return std::get<Listing>(one.ask(one.staff(one.reader), ListDocuments{one.person_index, kPurpose}).answer);
  };
  EXPECT_TRUE(listing(world).documents.empty());
  EXPECT_FALSE(listing(world).more_blocked);
  world.set_sparr({}, world.person);
  EXPECT_FALSE(listing(world).more_blocked);
  world.change<Sparr>(id<SparrId>(1), [](Sparr& s) { s.in_force = false; });
  EXPECT_TRUE(listing(world).more_blocked) << "now it is the person's own alone";
}

// SPEC LIST-3
TEST(Listing, ShowsWhatIsOpenBesideWhatIsBlocked) {
  World world;
  world.change<FlikType>("plan", [](FlikType& f) { f.tells_blocked = true; });
  Document hidden = world.get<Document>(world.document);
  hidden.id = id<DocumentId>(2);
  hidden.facts.flik = "plan";
  world.state.put(hidden);
  world.change_terms([](FullmaktTerms& t) { t.flikar.insert("plan"); });
  SparrTerms plan;
  plan.target = SparrTarget::flik;
  plan.flik = "plan";
  world.set_sparr(plan, world.person);
  const auto listing =
      std::get<Listing>(world.ask(world.staff(world.reader), ListDocuments{world.person_index, kPurpose}).answer);
  EXPECT_EQ(listing.documents.size(), 1u);
  EXPECT_TRUE(listing.more_blocked);
}

// SPEC LIST-2
TEST(Listing, LooksTheSameForAnUnknownPersonAndOneWithNothingToSee) {
  World world;
  const Outcome known = world.ask(world.staff(world.outsider_registrar), ListDocuments{world.person_index, kPurpose});
  const Outcome unknown =
      world.ask(world.staff(world.outsider_registrar), ListDocuments{world.unknown_index, kPurpose});
  for (const Outcome* one : {&known, &unknown}) {
    EXPECT_TRUE(is_permitted(one->decision));
    EXPECT_TRUE(listed(*one).empty());
    EXPECT_TRUE(changes_nothing(*one));
  }
  EXPECT_TRUE(concerns(known, world.person));
  EXPECT_TRUE(unknown.concerns.empty());
  world.change<Staff>(world.outsider_registrar, [](Staff& s) { s.standing = Standing::suspended; });
  const Outcome refused = world.ask(world.staff(world.outsider_registrar), ListDocuments{world.person_index, kPurpose});
  EXPECT_TRUE(is_refused(refused.decision, Reason::actor_not_active, Rule::actor));
}

}  // namespace
}  // namespace flikvakt::policy::test
