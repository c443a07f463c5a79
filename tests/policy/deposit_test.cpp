#include "tests/policy/world.h"

namespace flikvakt::policy::test {
namespace {

struct Depositing {
  World world;
  BeginDeposit begin;
  SealDeposit seal;
  Prepared keys;

  Depositing() {
    begin.id = id<DepositId>(1);
    begin.person = world.person_index;
    begin.facts = world.get<Document>(world.document).facts;
    seal = {begin.id, id<DocumentId>(50), id<ObjectName>(50), id<KeyId>(350), {}};
    keys.keys = {KeyRow{id<KeyId>(350), id<KeyId>(201), 3, 1, KeyStatus::active, {}}};
  }
  StaffActor source() const { return world.staff(world.source_staff); }
  Decision ask_as(const StaffId& who) const { return world.ask(world.staff(who), begin).decision; }
};

// SPEC DEP-2, DEP-5
TEST(Deposit, DiscloserOfTheFlikDepositsAndTheDocumentIsSealed) {
  Depositing it;
  const Outcome begun = it.world.act(it.source(), it.begin);
  EXPECT_TRUE(is_permitted(begun.decision));
  EXPECT_EQ(begun.decision.fullmakt, it.world.fullmakt);
  EXPECT_TRUE(concerns(begun, it.world.person));
  const Outcome sealed = it.world.act(it.source(), it.seal, it.keys);
  EXPECT_TRUE(is_permitted(sealed.decision));
  EXPECT_EQ(it.world.get<Document>(it.seal.document).version, 1u);
  EXPECT_TRUE(it.world.state.find<KeyRow>(it.seal.key_id));
  EXPECT_FALSE(it.world.state.find<Deposit>(it.begin.id));
}

// SPEC DEP-7
TEST(Deposit, SealSaidAgainChangesNothingAndIsTheDepositorsAlone) {
  Depositing it;
  EXPECT_TRUE(is_refused(it.world.ask(it.source(), it.seal, it.keys).decision, Reason::unknown)) << "nothing was begun";
  (void)it.world.act(it.source(), it.begin);
  (void)it.world.act(it.source(), it.seal, it.keys);
  const Outcome again = it.world.ask(it.source(), it.seal, it.keys);
  EXPECT_TRUE(is_permitted(again.decision));
  EXPECT_TRUE(changes_nothing(again));
  EXPECT_EQ(std::get<DocumentView>(again.answer).document.id, it.seal.document);
  for (const StaffId& who : {it.world.source_colleague, it.world.reader}) {
    EXPECT_TRUE(is_refused(it.world.ask(it.world.staff(who), it.seal, it.keys).decision, Reason::unknown));
  }
  it.world.change<Staff>(it.world.source_staff, [](Staff& s) { s.standing = Standing::suspended; });
  EXPECT_TRUE(is_refused(it.world.ask(it.source(), it.seal, it.keys).decision, Reason::actor_not_active, Rule::actor));
}

// SPEC PART-57, PART-58
TEST(Deposit, WhatTheGateMadeIsSealedAndWhatItRefusedIsNot) {
  Depositing it;
  (void)it.world.act(it.source(), it.begin);
  SealDeposit refused = it.seal;
  refused.plan = DepositPlan{};
  refused.plan->refused = PlanRefusal{"found", "page 3", "tracked_change"};
  const Outcome none = it.world.ask(it.source(), refused, it.keys);
  EXPECT_TRUE(is_refused(none.decision, Reason::file_refused));
  EXPECT_TRUE(concerns(none, it.world.person));
  EXPECT_TRUE(changes_nothing(none));
  it.seal.plan = DepositPlan{};
  it.seal.made = MadeBytes{"text/plain", 7, fingerprint(71)};
  EXPECT_TRUE(is_permitted(it.world.act(it.source(), it.seal, it.keys).decision));
  const Document& sealed = it.world.get<Document>(it.seal.document);
  EXPECT_EQ(sealed.facts.size, 7u);
  EXPECT_EQ(sealed.facts.sha256, fingerprint(71));
  EXPECT_EQ(sealed.facts.media_type, "text/plain");
  EXPECT_EQ(sealed.received, it.begin.facts.sha256) << "by it the depositor knows the document again";
}

// SPEC DEP-1, DEP-2
TEST(Deposit, IsRefusedWithoutAFullmaktThatTakesIt) {
  const auto broken = [](std::function<void(Depositing&)> how) {
    Depositing it;
    EXPECT_TRUE(is_permitted(it.ask_as(it.world.source_staff)));
    how(it);
    return it.ask_as(it.world.source_staff);
  };
  const auto no = Reason::no_fullmakt;
  EXPECT_TRUE(is_refused(broken([](Depositing& d) { d.begin.person = d.world.unknown_index; }), Reason::unknown));
  EXPECT_TRUE(is_refused(broken([](Depositing& d) { d.begin.facts.flik = "plan"; }), no));
  EXPECT_TRUE(is_refused(
      broken([](Depositing& d) { d.world.change_terms([&](auto& t) { t.disclosers = {d.world.outsider}; }); }), no,
      Rule::fullmakt));
  EXPECT_TRUE(is_refused(
      broken([](Depositing& d) { (void)d.world.act(d.world.person_actor(), PauseFullmakt{d.world.fullmakt}); }), no));
  EXPECT_TRUE(is_refused(broken([](Depositing& d) {
                           d.world.change<Fullmakt>(d.world.fullmakt,
                                                    [](auto& f) { f.status = FullmaktStatus::exhausted; });
                         }),
                         no));
  EXPECT_TRUE(
      is_refused(broken([](Depositing& d) { d.world.change_terms([&](auto& t) { t.valid_to = d.world.now; }); }), no));
  EXPECT_TRUE(
      is_refused(broken([](Depositing& d) { d.world.change<Person>(d.world.person, [](auto& p) { p.epoch = 0; }); }),
                 Reason::not_reconfirmed));
  EXPECT_TRUE(is_refused(
      broken([](Depositing& d) { d.world.change<FlikType>(kFlik, [](auto& f) { f.standing = Standing::suspended; }); }),
      Reason::flik_unknown));
  EXPECT_TRUE(is_refused(broken([](Depositing& d) {
                           d.world.change<Staff>(d.world.source_staff, [](auto& s) { s.standing = Standing::removed; });
                         }),
                         Reason::actor_not_active, Rule::actor));
}

// SPEC DEP-2
TEST(Deposit, RecipientDepositsOnlyWithTheRight) {
  Depositing it;
  EXPECT_TRUE(is_refused(it.ask_as(it.world.reader), Reason::no_fullmakt));
  it.world.change_terms([](FullmaktTerms& t) { t.rights = {Right::deposit}; });
  EXPECT_TRUE(is_permitted(it.ask_as(it.world.reader)));
  EXPECT_TRUE(is_refused(it.ask_as(it.world.outsider_registrar), Reason::no_fullmakt));
}

// SPEC DEP-2
TEST(Deposit, ProviderNeedsAuthorisationAndKontraktToo) {
  Depositing it;
  it.world.let_provider_read();
  it.world.change_terms([](FullmaktTerms& t) { t.rights = {Right::read, Right::deposit}; });
  EXPECT_TRUE(is_permitted(it.ask_as(it.world.provider_staff)));
  (void)it.world.act(AdministratorActor{it.world.anna}, EndKontrakt{it.world.kontrakt});
  EXPECT_TRUE(is_refused(it.ask_as(it.world.provider_staff), Reason::kontrakt_not_running, Rule::provider));
}

// SPEC DEP-3
TEST(Deposit, OtherSubjectsAreNamedByNumberAndMustBeKnown) {
  Depositing it;
  it.begin.other_subjects = {it.world.relative_index};
  const Outcome begun = it.world.ask(it.source(), it.begin);
  EXPECT_TRUE(is_permitted(begun.decision));
  EXPECT_TRUE(concerns(begun, it.world.relative));
  EXPECT_EQ(get<Deposit>(begun.puts.at(0)).facts.other_subjects, std::set<PersonId>{it.world.relative});
  it.begin.other_subjects = {it.world.unknown_index};
  EXPECT_TRUE(is_refused(it.ask_as(it.world.source_staff), Reason::unknown));
  it.begin.other_subjects = {it.world.person_index};
  EXPECT_TRUE(is_refused(it.ask_as(it.world.source_staff), Reason::unknown));
  it.begin.other_subjects = {};
  it.begin.facts.other_subjects = {it.world.relative};
  EXPECT_TRUE(is_refused(it.ask_as(it.world.source_staff), Reason::unknown));
}

// SPEC DEP-4
TEST(Deposit, NewVersionReplacesOneOfTheSamePersonFlikAndSource) {
  Depositing it;
  it.begin.facts.replaces = it.world.document;
  (void)it.world.act(it.source(), it.begin);
  EXPECT_TRUE(is_permitted(it.world.act(it.source(), it.seal, it.keys).decision));
  EXPECT_EQ(it.world.get<Document>(it.seal.document).version, 2u);
  it.begin.id = id<DepositId>(2);
  EXPECT_TRUE(is_permitted(it.ask_as(it.world.source_staff)));
  it.world.change<Document>(it.world.document, [&](Document& d) { d.source = it.world.outsider; });
  EXPECT_TRUE(is_refused(it.ask_as(it.world.source_staff), Reason::unknown));
  it.begin.facts.replaces = id<DocumentId>(77);
  EXPECT_TRUE(is_refused(it.ask_as(it.world.source_staff), Reason::unknown));
}

TEST(Deposit, FactsMustBeWellFormed) {
  const auto with = [](std::function<void(DocumentFacts&)> how) {
    Depositing it;
    how(it.begin.facts);
    return it.ask_as(it.world.source_staff);
  };
  EXPECT_TRUE(is_refused(with([](DocumentFacts& f) { f.title = ""; }), Reason::terms_invalid));
  EXPECT_TRUE(is_refused(with([](DocumentFacts& f) { f.media_type = "pdf"; }), Reason::terms_invalid));
  EXPECT_TRUE(is_refused(with([](DocumentFacts& f) { f.media_type = "text/html; x"; }), Reason::terms_invalid));
  EXPECT_TRUE(is_refused(with([](DocumentFacts& f) { f.size = 0; }), Reason::terms_invalid));
  EXPECT_TRUE(is_refused(with([](DocumentFacts& f) { f.date = *parse_date("2027-01-01"); }), Reason::period_invalid));
  EXPECT_TRUE(is_refused(with([](DocumentFacts& f) {
                           f.withheld = Withholding{"osl-25-6", {}};
                         }),
                         Reason::period_invalid));
}

// SPEC DEP-5
TEST(Deposit, SealIsDecidedAgainForTheSameStaffInTime) {
  const auto sealed_after = [](std::function<void(Depositing&)> how, const StaffId& who) {
    Depositing it;
    (void)it.world.act(it.source(), it.begin);
    how(it);
    return it.world.ask(it.world.staff(who), it.seal, it.keys).decision;
  };
  World world;
  const auto nothing = [](Depositing&) {};
  EXPECT_TRUE(is_permitted(sealed_after(nothing, world.source_staff)));
  EXPECT_TRUE(is_refused(sealed_after(nothing, world.source_colleague), Reason::not_entitled));
  EXPECT_TRUE(is_refused(
      sealed_after(
          [](Depositing& d) { d.world.change<FlikType>(kFlik, [](FlikType& f) { f.standing = Standing::suspended; }); },
          world.source_staff),
      Reason::flik_unknown));
  EXPECT_TRUE(is_refused(
      sealed_after([](Depositing& d) { (void)d.world.act(d.world.person_actor(), RevokeFullmakt{d.world.fullmakt}); },
                   world.source_staff),
      Reason::no_fullmakt));
  EXPECT_TRUE(is_refused(sealed_after(
                             [](Depositing& d) {
                               d.world.change<Issuer>(d.world.issuer, [&](Issuer& i) { i.crl_next_update += 24h * 9; });
                               d.world.time += 24h;
                             },
                             world.source_staff),
                         Reason::expired));
  EXPECT_TRUE(is_refused(sealed_after([](Depositing& d) { d.seal.document = d.world.document; }, world.source_staff),
                         Reason::already_exists));
}

// SPEC DEP-6
TEST(Deposit, FirstDocumentBringsTheFliksKeyAndTheLoserOfARaceTriesAgain) {
  Depositing it;
  it.world.state.erase(row_id_of<Flik>({it.world.person, kFlik}));
  (void)it.world.act(it.source(), it.begin);
  EXPECT_TRUE(is_refused(it.world.ask(it.source(), it.seal, it.keys).decision, Reason::wrong_state));
  it.seal.new_flik_key = id<KeyId>(202);
  EXPECT_TRUE(is_refused(it.world.ask(it.source(), it.seal, it.keys).decision, Reason::error))
      << "no such key was prepared";
  it.keys.keys.push_back(KeyRow{id<KeyId>(202), id<KeyId>(1), 2, 1, KeyStatus::active, {}});
  EXPECT_TRUE(is_permitted(it.world.act(it.source(), it.seal, it.keys).decision));
  EXPECT_EQ(it.world.get<Flik>({it.world.person, kFlik}).key_id, id<KeyId>(202));

  Depositing loser;
  (void)loser.world.act(loser.source(), loser.begin);
  loser.seal.new_flik_key = id<KeyId>(202);
  EXPECT_TRUE(is_refused(loser.world.ask(loser.source(), loser.seal, loser.keys).decision, Reason::already_exists));
}

// SPEC DISC-1, DISC-2
TEST(Disclosure, IsRecordedByTheSourceAloneAndOpensNothing) {
  World world;
  const RecordDisclosure act{world.document, "Tingsratten", "osl-10-27", world.now};
  const auto with = [&](const std::function<void(RecordDisclosure&)>& how) {
    RecordDisclosure changed = act;
    how(changed);
    const Outcome out = world.ask(world.staff(world.source_staff), changed);
    EXPECT_TRUE(changes_nothing(out));
    return out.decision;
  };
  const Outcome out = world.ask(world.staff(world.source_staff), act);
  EXPECT_TRUE(is_permitted(out.decision));
  EXPECT_TRUE(changes_nothing(out));
  ASSERT_EQ(out.concerns.size(), 1u);
  EXPECT_EQ(out.concerns[0].person, world.person);
  EXPECT_EQ(out.concerns[0].document, world.document);
  EXPECT_EQ(out.concerns[0].flik, kFlik);
  EXPECT_EQ(out.concerns[0].purpose, "osl-10-27");
  using A = RecordDisclosure;
  EXPECT_TRUE(is_refused(with([](A& a) { a.document = id<DocumentId>(99); }), Reason::unknown));
  EXPECT_TRUE(is_refused(with([](A& a) { a.recipient = ""; }), Reason::terms_invalid));
  EXPECT_TRUE(is_refused(with([](A& a) { a.recipient = std::string(201, 'a'); }), Reason::terms_invalid));
  for (const char* ground : {"", "OSL 10", "seventeen-letters"}) {
    EXPECT_TRUE(is_refused(with([&](A& a) { a.ground = ground; }), Reason::terms_invalid)) << ground;
  }
  EXPECT_TRUE(is_refused(with([](A& a) { a.disclosed += 1ms; }), Reason::period_invalid));
  EXPECT_TRUE(is_permitted(with([](A& a) { a.disclosed -= 24h * 400; })));
  for (const StaffId& who : {world.reader, world.outsider_registrar}) {
    const Outcome foreign = world.ask(world.staff(who), act);
    EXPECT_TRUE(is_refused(foreign.decision, Reason::not_entitled));
    EXPECT_TRUE(concerns(foreign, world.person));
  }
  for (const Actor& actor :
       {Actor(AdministratorActor{world.anna}), Actor(world.person_actor()), Actor(SystemActor{})}) {
    EXPECT_TRUE(is_refused(world.ask(actor, act).decision, Reason::not_entitled));
  }
  world.change<Document>(world.document, [](Document& d) { d.status = DocumentStatus::erased; });
  EXPECT_TRUE(is_refused(world.ask(world.staff(world.source_staff), act).decision, Reason::not_in_force));
  world.restore();
  EXPECT_TRUE(is_refused(world.ask(world.staff(world.source_staff), act).decision, Reason::not_reattested));
}

// SPEC DISC-2, RULE-32
TEST(Disclosure, ConcernsOtherDataSubjectsOnlyWhenTheSourceRecordsIt) {
  World world;
  world.add_other_subject();
  const RecordDisclosure act{world.document, "Tingsratten", "osl-10-27", world.now};
  EXPECT_TRUE(concerns(world.ask(world.staff(world.source_staff), act), world.relative));
  EXPECT_FALSE(concerns(world.ask(world.staff(world.reader), act), world.relative));
}

// SPEC ACT-9
TEST(Deposit, SealTakesNoIdOfAKeyThatIsThere) {
  Depositing it;
  it.world.state.erase(row_id_of<Flik>({it.world.person, kFlik}));
  (void)it.world.act(it.source(), it.begin);
  it.seal.new_flik_key = id<KeyId>(202);
  it.keys.keys.push_back(KeyRow{id<KeyId>(202), id<KeyId>(1), 2, 1, KeyStatus::active, {}});
  for (const KeyRow& taken : it.keys.keys) {
    World world = it.world;
    world.state.put(taken);
    EXPECT_TRUE(is_refused(world.ask(it.source(), it.seal, it.keys).decision, Reason::error)) << taken.id.text();
  }
  EXPECT_TRUE(is_permitted(it.world.ask(it.source(), it.seal, it.keys).decision));
}

// SPEC MASK-1
TEST(Masking, TakesTwoStaffOfTheSource) {
  World world;
  world.change<Document>(world.document, [&](Document& d) { d.facts.other_subjects = {world.relative}; });
  const RecordMasking mask{world.document};
  EXPECT_TRUE(is_refused(world.ask(world.staff(world.reader), mask).decision, Reason::not_entitled));
  const Outcome first = world.act(world.staff(world.source_staff), mask);
  EXPECT_TRUE(is_permitted(first.decision));
  EXPECT_TRUE(concerns(first, world.person) && concerns(first, world.relative));
  EXPECT_FALSE(world.read().is_permitted()) << "one is not two";
  EXPECT_TRUE(is_refused(world.ask_approval(world.staff(world.source_staff)).decision, Reason::same_person));
  EXPECT_TRUE(is_refused(world.ask_approval(world.staff(world.reader)).decision, Reason::not_entitled));
  EXPECT_TRUE(is_permitted(world.approve(world.staff(world.source_colleague)).decision));
  const Masking& made = *world.get<Document>(world.document).masking;
  EXPECT_EQ(made.first, world.source_staff);
  EXPECT_EQ(made.second, world.source_colleague);
  EXPECT_TRUE(is_permitted(world.read()));
  EXPECT_TRUE(is_refused(world.ask(world.staff(world.source_staff), mask).decision, Reason::wrong_state));
}

}  // namespace
}  // namespace flikvakt::policy::test
