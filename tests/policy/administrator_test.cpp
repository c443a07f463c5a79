#include "tests/policy/world.h"

namespace flikvakt::policy::test {
namespace {

json::value jwk() { return {{"kty", "OKP"}}; }

std::vector<Act> two_person_registrations(const World& world) {
  return {RegisterAdministrator{id<AdministratorId>(50), "Cia", jwk(), fingerprint(850)},
          RegisterOrganisation{id<OrganisationId>(50), "Ny", "2021000050", OrganisationKind::region},
          RegisterIssuer{fingerprint(750), "CA 2", {1}},
          RegisterCertificate{fingerprint(690), world.other, world.issuer, "0a", world.now, world.now + 24h, {1}},
          RegisterAssertionKey{fingerprint(691), world.other, jwk()},
          RegisterTeam{id<TeamId>(50), world.source, "Team", world.lead}};
}

// SPEC ACT-3, ACT-4, ACT-5
TEST(TwoAdministrators, FirstActOnlyWaitsAndAnotherAdministratorCarriesItOut) {
  for (const Act& act : two_person_registrations(World())) {
    SCOPED_TRACE(kind_of(act));
    World world;
    const AdministratorActor anna{world.anna}, bo{world.bo};
    EXPECT_TRUE(takes_two(act));
    EXPECT_TRUE(is_refused(world.ask(world.staff(world.reader), act).decision, Reason::not_entitled));
    EXPECT_TRUE(is_refused(world.ask(SystemActor{}, act).decision, Reason::not_entitled));
    const Outcome first = world.act(anna, act);
    EXPECT_TRUE(is_permitted(first.decision));
    ASSERT_EQ(first.puts.size(), 1u);
    ASSERT_TRUE(holds_alternative<Proposal>(first.puts[0]));
    EXPECT_EQ(world.state.all<Proposal>().size(), 1u);
    EXPECT_TRUE(is_refused(world.ask_approval(anna).decision, Reason::same_person));
    EXPECT_TRUE(is_refused(world.ask_approval(world.staff(world.reader)).decision, Reason::not_entitled));
    EXPECT_TRUE(is_permitted(world.ask_approval(AdministratorActor{world.recovery}).decision));
    const Outcome second = world.approve(bo);
    EXPECT_TRUE(is_permitted(second.decision));
    EXPECT_TRUE(world.state.all<Proposal>().empty());
    EXPECT_TRUE(is_refused(world.ask(anna, act).decision, Reason::already_exists));
  }
}

// SPEC ACT-4, ACT-5
TEST(TwoAdministrators, WaitingActLapsesAndNeedsItsProposerInPlace) {
  World world;
  const Act act = two_person_registrations(world)[1];
  (void)world.act(AdministratorActor{world.anna}, act);
  World later = world;
  later.time += 24h * 14 - 1ms;
  EXPECT_TRUE(is_permitted(later.ask_approval(AdministratorActor{later.bo}).decision));
  later.time += 1ms;
  EXPECT_TRUE(is_refused(later.ask_approval(AdministratorActor{later.bo}).decision, Reason::expired));
  (void)later.act(SystemActor{}, ExpireDue{});
  EXPECT_TRUE(later.state.all<Proposal>().empty());
  (void)world.act(AdministratorActor{world.bo}, Suspend{RegistryNoun::administrator, world.anna.text()});
  EXPECT_TRUE(is_refused(world.ask_approval(AdministratorActor{world.bo}).decision, Reason::actor_not_active));
}

// SPEC ACT-1
TEST(TwoAdministrators, WaitingActThatCannotBeReadOrNeedsNoSecondIsRefused) {
  World world;
  const AdministratorActor bo{world.bo};
  const std::string start = to_text(act_to_json(Start{}));
  for (const std::string& act : {std::string("{"), std::string("{\"kind\":\"open_everything\"}"), start}) {
    world.state.put(Proposal{id<ProposalId>(1), act, world.anna, {}, {}, {}, {}, world.now + 24h});
    const Outcome out = world.ask(bo, Approve{id<ProposalId>(1), {}});
    EXPECT_TRUE(is_refused(out.decision, Reason::error));
    EXPECT_TRUE(changes_nothing(out));
  }
  EXPECT_TRUE(is_refused(world.ask(bo, Approve{id<ProposalId>(2), {}}).decision, Reason::unknown));
}

// SPEC ACT-5
TEST(TwoAdministrators, WaitingActThatNobodyIsNamedForIsRefused) {
  World world;
  const std::string act = to_text(act_to_json(two_person_registrations(world)[1]));
  world.state.put(Proposal{id<ProposalId>(1), act, {}, {}, {}, {}, {}, world.now + 24h});
  const Approve approval = world.approval_of(id<ProposalId>(1));
  EXPECT_TRUE(is_refused(world.ask(AdministratorActor{world.bo}, approval).decision, Reason::error));
  world.change<Proposal>(id<ProposalId>(1), [&](Proposal& one) { one.administrator = world.anna; });
  EXPECT_TRUE(is_permitted(world.ask(AdministratorActor{world.bo}, approval).decision));
}

// SPEC ACT-5
TEST(TwoAdministrators, WaitingActIsDecidedAgainAtApproval) {
  World world;
  (void)world.act(
      AdministratorActor{world.anna},
      RegisterCertificate{fingerprint(690), world.other, world.issuer, "0a", world.now, world.now + 24h, {1}});
  (void)world.act(AdministratorActor{world.bo}, Suspend{RegistryNoun::organisation, world.other.text()});
  EXPECT_TRUE(is_refused(world.ask_approval(AdministratorActor{world.bo}).decision, Reason::not_in_force));
}

// SPEC ACT-3, ACT-9
TEST(OneAdministrator, RegistersWhatOpensNothingByItself) {
  const World fresh;
  const std::vector<Act> acts = {
      RegisterUnit{id<UnitId>(50), fresh.other, "Enhet"},
      RegisterStaff{id<StaffId>(50), fresh.other, fresh.unit, "Namn", {}},
      RegisterFlikType{"ny", "Ny", "New", "Beskrivning", Sensitivity::ordinary},
      RegisterAuthorisation{id<AuthorisationId>(50), fresh.provider, {"coaching"}, fresh.now, fresh.now + 24h}};
  for (const Act& act : acts) {
    SCOPED_TRACE(kind_of(act));
    World world;
    EXPECT_TRUE(is_refused(world.ask(world.person_actor(), act).decision, Reason::not_entitled));
    EXPECT_TRUE(
        is_refused(world.ask(AdministratorActor{id<AdministratorId>(99)}, act).decision, Reason::actor_unknown));
    EXPECT_TRUE(is_permitted(world.act(AdministratorActor{world.anna}, act).decision));
    EXPECT_TRUE(is_refused(world.ask(AdministratorActor{world.anna}, act).decision, Reason::already_exists));
    (void)world.act(AdministratorActor{world.bo}, Suspend{RegistryNoun::administrator, world.anna.text()});
    EXPECT_TRUE(is_refused(world.ask(AdministratorActor{world.anna}, act).decision, Reason::actor_not_active));
  }
}

// SPEC ACT-9
TEST(OneAdministrator, IdOfSomethingRemovedIsNotUsedAgain) {
  World world;
  const AdministratorActor anna{world.anna};
  (void)world.act(anna, Remove{RegistryNoun::unit, world.unit.text()});
  EXPECT_TRUE(
      is_refused(world.ask(anna, RegisterUnit{world.unit, world.other, "Igen"}).decision, Reason::already_exists));
}

TEST(OneAdministrator, UnknownOrUnfitReferencesAreRefused) {
  World world;
  const AdministratorActor anna{world.anna};
  const auto ask = [&](const Act& act) { return world.ask(anna, act).decision; };
  EXPECT_TRUE(is_refused(ask(RegisterUnit{id<UnitId>(50), id<OrganisationId>(99), "Enhet"}), Reason::unknown));
  EXPECT_TRUE(is_refused(ask(RegisterUnit{id<UnitId>(50), world.other, ""}), Reason::terms_invalid));
  EXPECT_TRUE(is_refused(ask(RegisterUnit{{}, world.other, "Enhet"}), Reason::terms_invalid));
  EXPECT_TRUE(is_refused(ask(RegisterStaff{id<StaffId>(50), world.source, world.unit, "Namn", {}}), Reason::unknown));
  EXPECT_TRUE(is_refused(ask(RegisterFlikType{"Ny", "Ny", "New", "", Sensitivity::ordinary}), Reason::terms_invalid));
  EXPECT_TRUE(is_refused(ask(RegisterAdministrator{id<AdministratorId>(50), "Cia", jwk(), fingerprint(801)}),
                         Reason::already_exists));
}

// SPEC PROV-1
TEST(Kontrakt, NeedsAKnownPersonAndAProviderAuthorisedForEachArea) {
  World world;
  world.let_provider_read();
  const AdministratorActor anna{world.anna};
  RegisterKontrakt act{
      id<KontraktId>(50), world.person_index, {{"Coach", world.provider, "coaching", world.now, world.now + 24h, ""}}};
  const Outcome out = world.ask(anna, act);
  EXPECT_TRUE(is_permitted(out.decision));
  EXPECT_TRUE(concerns(out, world.person));
  const auto with = [&](std::function<void(RegisterKontrakt&)> how) {
    RegisterKontrakt changed = act;
    how(changed);
    return world.ask(anna, changed).decision;
  };
  EXPECT_TRUE(is_refused(with([&](auto& k) { k.person = world.unknown_index; }), Reason::unknown));
  EXPECT_TRUE(is_refused(with([](auto& k) { k.parts[0].area = "training"; }), Reason::provider_not_authorised));
  EXPECT_TRUE(is_refused(with([&](auto& k) { k.parts[0].provider = world.other; }), Reason::terms_invalid));
  EXPECT_TRUE(is_refused(with([](auto& k) { k.parts[0].valid_to = k.parts[0].valid_from; }), Reason::period_invalid));
  EXPECT_TRUE(is_refused(with([](auto& k) { k.parts = {}; }), Reason::terms_invalid));
  EXPECT_TRUE(is_refused(with([&](auto& k) { k.id = world.kontrakt; }), Reason::already_exists));
  const RegisterAuthorisation to_authority{
      id<AuthorisationId>(50), world.other, {"coaching"}, world.now, world.now + 24h};
  EXPECT_TRUE(is_refused(world.ask(anna, to_authority).decision, Reason::terms_invalid));
}

// SPEC PROV-1
TEST(Kontrakt, NeedsAnAuthorisationThatStandsAndIsCurrent) {
  World world;
  world.let_provider_read();
  const RegisterKontrakt act{
      id<KontraktId>(50), world.person_index, {{"Coach", world.provider, "coaching", world.now, world.now + 24h, ""}}};
  const auto ask = [&] { return world.ask(AdministratorActor{world.anna}, act).decision; };
  EXPECT_TRUE(is_permitted(ask()));
  const Authorisation stands = world.get<Authorisation>(world.authorisation);
  world.change<Authorisation>(world.authorisation, [](Authorisation& one) { --one.epoch; });
  EXPECT_TRUE(is_refused(ask(), Reason::provider_not_authorised)) << "not re-attested";
  world.state.put(stands);
  world.change<Authorisation>(world.authorisation, [](Authorisation& one) { one.standing = Standing::removed; });
  EXPECT_TRUE(is_refused(ask(), Reason::provider_not_authorised)) << "ended";
}

// SPEC ACT-10, ACT-20
TEST(Standing, SuspendAndRemoveTakeOneReinstateTakesTwoAndRemovedIsForGood) {
  const World fresh;
  const std::vector<std::pair<RegistryNoun, std::string>> nouns = {
      {RegistryNoun::organisation, fresh.other.text()},
      {RegistryNoun::unit, fresh.unit.text()},
      {RegistryNoun::staff, fresh.reader.text()},
      {RegistryNoun::team, fresh.team.text()},
      {RegistryNoun::flik_type, kFlik},
      {RegistryNoun::certificate, to_hex(fresh.certificate_of(fresh.other))},
      {RegistryNoun::issuer, to_hex(fresh.issuer)},
      {RegistryNoun::assertion_key, to_hex(fresh.assertion_key_of(fresh.other))}};
  for (const auto& [noun, name] : nouns) {
    SCOPED_TRACE(name);
    World world;
    const AdministratorActor anna{world.anna}, bo{world.bo};
    const bool cuts = noun != RegistryNoun::unit && noun != RegistryNoun::team;
    EXPECT_TRUE(is_refused(world.ask(world.staff(world.reader), Suspend{noun, name}).decision, Reason::not_entitled));
    EXPECT_TRUE(is_refused(world.ask(anna, Reinstate{noun, name}).decision, Reason::wrong_state));
    EXPECT_TRUE(is_permitted(world.act(anna, Suspend{noun, name}).decision));
    EXPECT_TRUE(changes_nothing(world.act(anna, Suspend{noun, name})));
    EXPECT_EQ(world.read().is_permitted(), !cuts);
    for (const Actor& actor : {Actor(world.staff(world.provider_staff)), Actor(world.person_actor())})
      EXPECT_FALSE(world.ask(actor, Reinstate{noun, name}).decision.is_permitted());
    EXPECT_TRUE(is_permitted(world.act(anna, Reinstate{noun, name}).decision));
    EXPECT_EQ(world.read().is_permitted(), !cuts) << "one is not two";
    EXPECT_TRUE(is_permitted(world.approve(bo).decision));
    EXPECT_TRUE(is_permitted(world.read()));
    EXPECT_TRUE(is_permitted(world.act(anna, Remove{noun, name}).decision));
    EXPECT_TRUE(is_permitted(world.act(anna, Suspend{noun, name}).decision)) << "narrowing applies to whatever stands";
    EXPECT_EQ(world.read().is_permitted(), !cuts);
    EXPECT_TRUE(is_refused(world.ask(anna, Reinstate{noun, name}).decision, Reason::wrong_state));
  }
  EXPECT_TRUE(is_refused(fresh.ask(AdministratorActor{fresh.anna}, Suspend{RegistryNoun::staff, "not an id"}).decision,
                         Reason::unknown));
}

// SPEC ACT-21
TEST(Standing, EvenTheLastAdministratorCanBeSuspendedByOne) {
  World world;
  for (const AdministratorId& who : {world.anna, world.recovery, world.bo}) {
    const Suspend suspend{RegistryNoun::administrator, who.text()};
    EXPECT_TRUE(is_permitted(world.act(AdministratorActor{world.bo}, suspend).decision));
  }
  EXPECT_TRUE(is_refused(world.ask(AdministratorActor{world.bo}, AcceptClock{}).decision, Reason::actor_not_active));
}

Outcome shred(World& world, const Shred& act) {
  EXPECT_TRUE(is_permitted(world.act(AdministratorActor{world.anna}, act).decision));
  return world.approve(AdministratorActor{world.bo});
}

// SPEC ACT-31
TEST(Shredding, PersonTakesEveryRowAndKeyOfThePersonAndNothingOfOthers) {
  World world;
  world.set_sparr({}, world.person);
  world.let_provider_read();
  (void)world.act(world.person_actor(), SignReferral{id<CaseId>(1), world.team, CaseFocus::illness, {}});
  (void)world.act(world.person_actor(), OpenOwnDocument{id<ReadingId>(1), world.document});
  world.state.put(Receipt{world.person.value(), id<ActId>(1), {}, 1, true, nullptr, world.now + 24h});
  const Outcome out = shred(world, {ShredScope::person, world.person_index, {}, {}});
  EXPECT_TRUE(is_permitted(out.decision));
  EXPECT_TRUE(concerns(out, world.person));
  const std::set<KeyId> gone(out.shreds.begin(), out.shreds.end());
  EXPECT_EQ(gone, (std::set<KeyId>{id<KeyId>(1), id<KeyId>(101), id<KeyId>(201), id<KeyId>(301)}));
  for (const KeyId& key : gone) EXPECT_EQ(world.get<KeyRow>(key).status, KeyStatus::shredded);
  EXPECT_EQ(std::set<RowId>(out.erases.begin(), out.erases.end()).size(), out.erases.size()) << "each row goes once";
  EXPECT_FALSE(world.state.person_by(world.person_index));
  EXPECT_TRUE(world.state.fullmakter_of(world.person).empty() && world.state.documents_of(world.person).empty());
  EXPECT_TRUE(world.state.sparrar_of(world.person).empty() && world.state.cases_of(world.person).empty());
  EXPECT_TRUE(world.state.kontrakt_of(world.person).empty() && world.state.keys_of(world.person).empty());
  EXPECT_TRUE(world.state.all<Flik>().empty() && world.state.all<Reading>().empty() &&
              world.state.all<Receipt>().empty());
  EXPECT_TRUE(world.state.person_by(world.relative_index));
  EXPECT_EQ(world.state.all<DeviceKey>().size(), 1u);
}

// SPEC ACT-31
TEST(Shredding, DocumentLeavesATombstoneThatTellsNothing) {
  World world;
  const Outcome out = shred(world, {ShredScope::document, {}, {}, world.document});
  EXPECT_EQ(out.shreds, std::vector<KeyId>{id<KeyId>(301)});
  const Document& left = world.get<Document>(world.document);
  EXPECT_EQ(left.status, DocumentStatus::erased);
  EXPECT_TRUE(left.facts.title.empty() && left.facts.author.empty() && left.facts.media_type.empty());
  EXPECT_TRUE(parse_row(Document::kTable, row_body(left)).has_value()) << "start-up reads it";
  EXPECT_TRUE(is_refused(world.read(), Reason::not_in_force, Rule::document));
  EXPECT_TRUE(shred(world, {ShredScope::document, {}, {}, world.document}).shreds.empty()) << "only once";
  EXPECT_TRUE(is_refused(world.ask(AdministratorActor{world.anna}, Shred{}).decision, Reason::unknown));
}

// SPEC ACT-31
TEST(Shredding, FlikTakesItsKeyDocumentsAndDeposits) {
  World world;
  Document elsewhere = world.get<Document>(world.document);
  elsewhere.id = id<DocumentId>(2);
  elsewhere.facts.flik = "plan";
  world.state.put(elsewhere);
  world.state.put(Deposit{id<DepositId>(1), world.person, world.source, world.source_staff,
                          world.get<Document>(world.document).facts, world.now});
  world.state.put(
      Deposit{id<DepositId>(2), world.person, world.source, world.source_staff, elsewhere.facts, world.now});
  world.state.put(Deposit{id<DepositId>(3), world.relative, world.source, world.source_staff,
                          world.get<Document>(world.document).facts, world.now});
  const Outcome out = shred(world, {ShredScope::flik, world.person_index, kFlik, {}});
  EXPECT_EQ(std::set<KeyId>(out.shreds.begin(), out.shreds.end()), (std::set<KeyId>{id<KeyId>(201), id<KeyId>(301)}));
  EXPECT_EQ(world.get<Document>(world.document).status, DocumentStatus::erased);
  EXPECT_EQ(world.get<Document>(elsewhere.id).status, DocumentStatus::sealed);
  EXPECT_TRUE(world.state.all<Flik>().empty());
  EXPECT_FALSE(world.state.find<Deposit>(id<DepositId>(1)));
  EXPECT_TRUE(world.state.find<Deposit>(id<DepositId>(2))) << "of another flik";
  EXPECT_TRUE(world.state.find<Deposit>(id<DepositId>(3))) << "of another person";
}

// SPEC ACT-32
TEST(Rotation, TakesOnlyLaterVersionsOfKeysThatStand) {
  World world;
  const AdministratorActor anna{world.anna};
  const auto rotate = [&](KeyRow row) { return world.ask(anna, RotateKeys{}, Prepared{{}, "", {row}}).decision; };
  EXPECT_TRUE(is_permitted(rotate({id<KeyId>(1), {}, 1, 2, KeyStatus::active, {}})));
  EXPECT_TRUE(is_refused(rotate({id<KeyId>(1), {}, 1, 1, KeyStatus::active, {}}), Reason::wrong_state));
  EXPECT_TRUE(is_refused(rotate({id<KeyId>(1), {}, 2, 2, KeyStatus::active, {}}), Reason::wrong_state));
  EXPECT_TRUE(is_refused(rotate({id<KeyId>(1), {}, 1, 2, KeyStatus::shredded, {}}), Reason::wrong_state));
  EXPECT_TRUE(is_refused(rotate({id<KeyId>(77), {}, 1, 2, KeyStatus::active, {}}), Reason::wrong_state));
  world.change<KeyRow>(id<KeyId>(1), [](KeyRow& row) { row.status = KeyStatus::shredded; });
  EXPECT_TRUE(is_refused(rotate({id<KeyId>(1), {}, 1, 2, KeyStatus::active, {}}), Reason::wrong_state));
}

// SPEC ACT-40, PAPER-2, ENROL-3, CONSENT-6
TEST(Restore, OpensNothingUntilEachLevelHasSaidSoAgain) {
  World world;
  const AdministratorActor anna{world.anna}, bo{world.bo};
  (void)world.act(anna, two_person_registrations(world)[1]);
  EXPECT_TRUE(is_refused(world.ask(anna, Restore{"old head", "flikvakt.example/log2", {world.anna, world.bo}}).decision,
                         Reason::not_entitled));
  EXPECT_TRUE(is_refused(
      world.ask(SystemActor{}, Restore{"old head", world.state.instance().origin, {world.anna, world.bo}}).decision,
      Reason::wrong_state));
  EXPECT_TRUE(is_permitted(
      world.act(SystemActor{}, Restore{"old head", "flikvakt.example/log2", {world.anna, world.bo}}).decision));
  EXPECT_EQ(world.state.instance().epoch, 2u);
  EXPECT_EQ(world.state.instance().restored_from, "old head");
  EXPECT_TRUE(world.state.all<Proposal>().empty()) << "half-made acts are not carried over";
  EXPECT_TRUE(is_refused(world.read(), Reason::not_reattested, Rule::actor));

  for (const OrganisationId& organisation : {world.source, world.other, world.outsider}) {
    ReattestOrganisation act{
        organisation, {world.certificate_of(organisation)}, {world.assertion_key_of(organisation)}, {}, {}, {}, {}};
    if (organisation == world.other) act.officers = {world.other_officer};
    EXPECT_TRUE(is_permitted(world.act(anna, act).decision));
    EXPECT_TRUE(is_permitted(world.approve(bo).decision));
  }
  EXPECT_FALSE(world.read().is_permitted()) << "nobody has re-attested the authority behind the certificates";
  EXPECT_TRUE(is_permitted(world.act(anna, ReattestCatalogue{{world.issuer}, {kFlik}}).decision));
  EXPECT_TRUE(is_permitted(world.approve(bo).decision));
  EXPECT_TRUE(is_refused(world.read(), Reason::not_reattested, Rule::actor)) << "staff have not been re-attested";
  EXPECT_TRUE(is_refused(world.ask(world.staff(world.other_registrar), ReattestStaff{{world.reader}, {}}).decision,
                         Reason::not_reattested));
  EXPECT_TRUE(is_permitted(
      world.act(world.staff(world.other_officer), ReattestStaff{{world.reader, world.other_registrar}, {}}).decision));
  EXPECT_TRUE(is_refused(world.ask(world.staff(world.other_officer), ReattestStaff{{world.source_staff}, {}}).decision,
                         Reason::unknown));
  EXPECT_TRUE(is_refused(world.read(), Reason::not_reconfirmed, Rule::fullmakt));

  EXPECT_TRUE(is_refused(world.ask(world.person_actor(), Reconfirm{}).decision, Reason::not_reattested));
  world.change<Staff>(world.outsider_registrar, [](Staff& s) { s.epoch = 2; });
  (void)world.act(world.staff(world.other_registrar), ProposeKey{world.person_index, jwk(), world.key});
  EXPECT_TRUE(is_refused(world.ask(world.person_actor(), Reconfirm{}).decision, Reason::actor_not_active));
  (void)world.act(world.staff(world.outsider_registrar), ConfirmKey{world.person_index, world.key});
  EXPECT_TRUE(is_refused(world.read(), Reason::not_reconfirmed, Rule::fullmakt));
  World on_paper = world;
  EXPECT_TRUE(is_permitted(world.act(world.person_actor(), Reconfirm{}).decision));
  EXPECT_TRUE(is_permitted(world.read()));

  (void)on_paper.act(on_paper.staff(on_paper.other_registrar), PaperReconfirm{on_paper.person_index});
  EXPECT_FALSE(on_paper.read().is_permitted());
  on_paper.change_terms([&](FullmaktTerms& t) { t.recipients.insert(to_organisation(on_paper.outsider)); });
  EXPECT_TRUE(
      is_refused(on_paper.ask_approval(on_paper.staff(on_paper.outsider_registrar)).decision, Reason::only_recipients));
  on_paper.change_terms([&](FullmaktTerms& t) { t.recipients.erase(to_organisation(on_paper.outsider)); });
  EXPECT_TRUE(is_permitted(on_paper.approve(on_paper.staff(on_paper.outsider_registrar)).decision));
  EXPECT_TRUE(is_permitted(on_paper.read()));
}

// SPEC ACT-47
TEST(TwoAdministrators, ApprovalSaysWhatItApproves) {
  World world;
  const AdministratorActor anna{world.anna}, bo{world.bo};
  const std::vector<Act> acts = two_person_registrations(world);
  (void)world.act(anna, acts[1]);
  Approve good = world.approval_of(world.waiting());
  EXPECT_TRUE(is_permitted(world.ask(bo, good).decision));
  for (const json::value& other : {act_to_json(acts[0]), json::value(), json::value("{}")}) {
    const Outcome out = world.ask(bo, Approve{good.proposal, other});
    EXPECT_TRUE(is_refused(out.decision, Reason::other_act));
    EXPECT_TRUE(changes_nothing(out));
  }
  json::value changed = good.act;
  changed.get_object()["name"] = "Another name";
  EXPECT_TRUE(is_refused(world.ask(bo, Approve{good.proposal, changed}).decision, Reason::other_act));
  // The waiting act is gone and another came under its id.
  Proposal swapped = world.get<Proposal>(good.proposal);
  swapped.act = to_text(act_to_json(acts[0]));
  world.state.put(swapped);
  EXPECT_TRUE(is_refused(world.ask(bo, good).decision, Reason::other_act));
}

std::vector<Proposal> shown_to(const World& world, const Actor& actor, std::optional<ProposalId> which) {
  const Outcome out = world.ask(actor, ReadProposals{which});
  const auto* found = std::get_if<std::vector<Proposal>>(&out.answer);
  EXPECT_EQ(found != nullptr, out.decision.is_permitted());
  EXPECT_TRUE(changes_nothing(out));
  return found ? *found : std::vector<Proposal>();
}

// SPEC ACT-48
TEST(ReadProposals, AdministratorsSeeWhatAdministratorsProposed) {
  World world;
  const AdministratorActor anna{world.anna}, bo{world.bo};
  EXPECT_TRUE(shown_to(world, bo, {}).empty());
  (void)world.act(anna, two_person_registrations(world)[1]);
  const ProposalId of_anna = world.waiting();
  world.change<Document>(world.document, [&](Document& d) { d.facts.other_subjects = {world.relative}; });
  (void)world.act(world.staff(world.source_staff), RecordMasking{world.document});
  EXPECT_EQ(shown_to(world, bo, {}).size(), 1u);
  EXPECT_EQ(shown_to(world, bo, of_anna).size(), 1u);
  EXPECT_TRUE(is_refused(world.ask(bo, ReadProposals{world.waiting()}).decision, Reason::unknown));
  EXPECT_TRUE(
      is_refused(world.ask(world.staff(world.other_registrar), ReadProposals{of_anna}).decision, Reason::unknown));
  EXPECT_TRUE(is_refused(world.ask(world.person_actor(), ReadProposals{of_anna}).decision, Reason::not_entitled));
  world.time += 24h * 14;
  EXPECT_TRUE(shown_to(world, bo, {}).empty()) << "what has expired does not wait";
}

// SPEC ACT-48
TEST(ReadProposals, StaffSeeTheOneTheyCouldBeSecondOf) {
  World world;
  const PaperFullmakt paper{id<FullmaktId>(20), world.person_index, world.terms(), "Jag ger fullmakt ...",
                            fingerprint(1)};
  (void)world.act(world.staff(world.other_registrar), paper);
  const ProposalId waiting = world.waiting();
  const auto ask = [&](const StaffId& who, std::optional<ProposalId> which) {
    return world.ask(world.staff(who), ReadProposals{which});
  };
  EXPECT_EQ(shown_to(world, world.staff(world.outsider_registrar), waiting).size(), 1u);
  EXPECT_EQ(shown_to(world, world.staff(world.other_registrar), waiting).size(), 1u) << "who proposed it";
  EXPECT_TRUE(concerns(ask(world.outsider_registrar, waiting), world.person));
  const Outcome no_registrar = ask(world.source_staff, waiting);
  EXPECT_TRUE(is_refused(no_registrar.decision, Reason::not_entitled));
  EXPECT_TRUE(concerns(no_registrar, world.person)) << "the person sees refused attempts";
  EXPECT_TRUE(is_refused(ask(world.reader, waiting).decision, Reason::not_entitled)) << "a colleague of the first";
  EXPECT_TRUE(is_refused(ask(world.outsider_registrar, {}).decision, Reason::unknown)) << "staff name the one";
  EXPECT_TRUE(is_refused(ask(world.outsider_registrar, id<ProposalId>(9)).decision, Reason::unknown));
  world.change<Document>(world.document, [&](Document& d) { d.facts.other_subjects = {world.relative}; });
  (void)world.act(world.staff(world.source_staff), RecordMasking{world.document});
  EXPECT_EQ(shown_to(world, world.staff(world.source_colleague), world.waiting()).size(), 1u);
  EXPECT_TRUE(is_refused(ask(world.outsider_registrar, world.waiting()).decision, Reason::not_entitled));
}

// SPEC LIST-4, ACT-4
TEST(SetTelling, TakesTwoAdministratorsAndARegisteredFlikType) {
  World world;
  const AdministratorActor anna{world.anna}, bo{world.bo};
  const SetTelling act{kFlik, true};
  for (const Actor& actor : {Actor(world.person_actor()), Actor(world.staff(world.reader)), Actor(SystemActor{})}) {
    EXPECT_TRUE(is_refused(world.ask(actor, act).decision, Reason::not_entitled));
  }
  EXPECT_TRUE(is_refused(world.ask(anna, SetTelling{"nope", true}).decision, Reason::unknown));
  EXPECT_TRUE(is_permitted(world.act(anna, act).decision));
  EXPECT_FALSE(world.get<FlikType>(kFlik).tells_blocked) << "one is not two";
  EXPECT_TRUE(is_refused(world.ask_approval(anna).decision, Reason::same_person));
  EXPECT_TRUE(is_permitted(world.approve(bo).decision));
  EXPECT_TRUE(world.get<FlikType>(kFlik).tells_blocked);
  EXPECT_FALSE(world.get<FlikType>("plan").tells_blocked);
  (void)world.act(anna, SetTelling{kFlik, false});
  (void)world.approve(bo);
  EXPECT_FALSE(world.get<FlikType>(kFlik).tells_blocked);
  world.change<FlikType>(kFlik, [](FlikType& f) { f.standing = Standing::removed; });
  EXPECT_TRUE(is_refused(world.ask(anna, act).decision, Reason::not_in_force));
}

// SPEC LOGV-11, ACT-4
TEST(SetNaming, TakesTwoAdministratorsAndCountsFromWhenItIsSaid) {
  World world;
  const AdministratorActor anna{world.anna}, bo{world.bo};
  const auto since = [&] { return world.state.instance().names_staff_since; };
  const auto two = [&](bool names_staff) {
    EXPECT_TRUE(is_permitted(world.act(anna, SetNaming{names_staff}).decision));
    EXPECT_TRUE(is_permitted(world.approve(bo).decision));
  };
  for (const Actor& actor : {Actor(world.person_actor()), Actor(world.staff(world.reader)), Actor(SystemActor{})}) {
    EXPECT_TRUE(is_refused(world.ask(actor, SetNaming{true}).decision, Reason::not_entitled));
  }
  EXPECT_TRUE(is_permitted(world.act(anna, SetNaming{true}).decision));
  EXPECT_EQ(since(), std::nullopt) << "one is not two";
  EXPECT_TRUE(is_refused(world.ask_approval(anna).decision, Reason::same_person));
  EXPECT_TRUE(is_permitted(world.approve(bo).decision));
  const auto said = since();
  EXPECT_EQ(said, world.time);
  world.time += 1h;
  two(true);
  EXPECT_EQ(since(), said) << "said twice it counts from the first time";
  two(false);
  EXPECT_EQ(since(), std::nullopt);
  two(true);
  EXPECT_EQ(since(), world.time);
  EXPECT_TRUE(is_permitted(
      world.act(SystemActor{}, Restore{"old head", "flikvakt.example/log2", {world.anna, world.bo}}).decision));
  EXPECT_EQ(since(), std::nullopt) << "after a restore it is said anew";
}

// SPEC LIST-4
TEST(SetTelling, IsSaidAnewAfterARestoreAndReattestsNothing) {
  World world;
  const AdministratorActor anna{world.anna}, bo{world.bo};
  world.change<FlikType>(kFlik, [](FlikType& f) { f.tells_blocked = true; });
  const auto two = [&](const Act& act) {
    EXPECT_TRUE(is_permitted(world.act(anna, act).decision));
    EXPECT_TRUE(is_permitted(world.approve(bo).decision));
  };
  two(ReattestCatalogue{{}, {kFlik}});
  EXPECT_TRUE(world.get<FlikType>(kFlik).tells_blocked) << "no restore, nothing to doubt";
  world.restore();
  two(ReattestCatalogue{{}, {kFlik}});
  EXPECT_FALSE(world.get<FlikType>(kFlik).tells_blocked);
  two(SetTelling{kFlik, true});
  EXPECT_TRUE(world.get<FlikType>(kFlik).tells_blocked);
  two(SetTelling{"plan", true});
  EXPECT_EQ(world.get<FlikType>("plan").epoch, 1u);
}

// SPEC ACT-46
TEST(Restore, SuspendsAdministratorsWhomItDoesNotName) {
  World world;
  const auto ask = [&](std::set<AdministratorId> named) {
    return world.ask(SystemActor{}, Restore{"old head", "flikvakt.example/log2", std::move(named)});
  };
  EXPECT_TRUE(is_refused(ask({world.anna}).decision, Reason::terms_invalid)) << "one cannot do what takes two";
  EXPECT_TRUE(is_refused(ask({}).decision, Reason::terms_invalid));
  EXPECT_TRUE(is_refused(ask({world.anna, world.bo, id<AdministratorId>(9)}).decision, Reason::terms_invalid));
  world.carry_out(ask({world.anna, world.recovery}));
  EXPECT_EQ(world.get<Administrator>(world.anna).standing, Standing::active);
  EXPECT_EQ(world.get<Administrator>(world.bo).standing, Standing::suspended);
  EXPECT_TRUE(is_refused(
      world.ask(AdministratorActor{world.bo}, Suspend{RegistryNoun::organisation, world.other.text()}).decision,
      Reason::actor_not_active));
  EXPECT_EQ(world.state.instance().since, std::chrono::floor<std::chrono::seconds>(world.now));
}

// What a restore makes old again, and the act that makes it count; each is left out once.
struct AfterRestore {
  World world;
  AdministratorActor anna{world.anna}, bo{world.bo};
  void two(const Act& act) {
    EXPECT_TRUE(is_permitted(world.act(anna, act).decision));
    EXPECT_TRUE(is_permitted(world.approve(bo).decision));
  }
  ReattestOrganisation whole(const OrganisationId& organisation, std::set<StaffId> officers) {
    return {organisation,
            {world.certificate_of(organisation)},
            {world.assertion_key_of(organisation)},
            std::move(officers),
            {},
            {},
            {}};
  }
  void reconfirm() {
    world.change<DeviceKey>(world.key, [](DeviceKey& key) { key.epoch = 2; });
    EXPECT_TRUE(is_permitted(world.act(world.person_actor(), Reconfirm{}).decision));
  }
};

// SPEC ACT-51
TEST(Restore, ProvidersAuthorisationAndKontraktCountOnlyWhenNamed) {
  AfterRestore after;
  World& world = after.world;
  world.let_provider_read();
  EXPECT_TRUE(is_permitted(world.read(world.provider_staff)));
  world.restore();
  world.change<Staff>(world.provider_staff, [](Staff& s) { s.epoch = 2; });
  after.two(ReattestCatalogue{{world.issuer}, {kFlik}});
  ReattestOrganisation act = after.whole(world.provider, {});
  after.two(act);
  after.reconfirm();
  EXPECT_TRUE(is_refused(world.read(world.provider_staff), Reason::provider_not_authorised, Rule::provider));
  act.authorisations = {world.authorisation};
  after.two(act);
  EXPECT_TRUE(is_refused(world.read(world.provider_staff), Reason::kontrakt_not_running, Rule::provider));
  const ReattestKontrakt kontrakt{{world.kontrakt}};
  EXPECT_TRUE(is_refused(world.ask(world.staff(world.provider_staff), kontrakt).decision, Reason::not_entitled));
  EXPECT_TRUE(is_refused(world.ask(after.anna, ReattestKontrakt{{id<KontraktId>(9)}}).decision, Reason::unknown));
  const Outcome named = world.act(after.anna, kontrakt);
  EXPECT_TRUE(is_permitted(named.decision) && concerns(named, world.person));
  EXPECT_TRUE(is_permitted(world.read(world.provider_staff)));
  (void)world.act(after.anna, EndKontrakt{world.kontrakt});
  EXPECT_TRUE(is_refused(world.ask(after.anna, kontrakt).decision, Reason::unknown)) << "what ended stays ended";
}

// SPEC ACT-51
TEST(Restore, UnitsTeamsPlacesAndFlikTypesCountOnlyWhenNamed) {
  AfterRestore after;
  World& world = after.world;
  world.state.put(RosterEntry{world.team, world.reader, TeamRole::member, world.other_officer, world.lead, 1});
  world.restore();
  after.two(ReattestCatalogue{{world.issuer}, {}});
  ReattestOrganisation other = after.whole(world.other, {world.other_officer});
  after.two(other);
  after.two(after.whole(world.source, {world.source_officer}));
  EXPECT_TRUE(is_permitted(world.act(world.staff(world.other_officer), ReattestStaff{{world.reader}, {}}).decision));
  after.reconfirm();
  EXPECT_TRUE(is_refused(world.read(), Reason::flik_unknown, Rule::document));
  after.two(ReattestCatalogue{{}, {kFlik}});
  EXPECT_TRUE(is_permitted(world.read()));

  world.change_terms([&](FullmaktTerms& t) { t.recipients = {to_unit(world.unit)}; });
  EXPECT_TRUE(is_refused(world.read(), Reason::no_fullmakt, Rule::fullmakt));
  other.units = {world.unit};
  after.two(other);
  EXPECT_TRUE(is_permitted(world.read()));

  world.change_terms([&](FullmaktTerms& t) { t.recipients = {to_team(world.team)}; });
  EXPECT_TRUE(is_refused(world.read(), Reason::no_fullmakt, Rule::fullmakt));
  ReattestOrganisation source = after.whole(world.source, {world.source_officer});
  source.teams = {world.team};
  after.two(source);
  EXPECT_TRUE(is_refused(world.read(), Reason::no_fullmakt, Rule::fullmakt)) << "the place was not named";
  const ReattestStaff place{{world.reader}, {{world.team, world.reader}}};
  EXPECT_TRUE(is_refused(world.ask(world.staff(world.source_officer), place).decision, Reason::unknown))
      << "another organisation's";
  EXPECT_TRUE(is_permitted(world.act(world.staff(world.other_officer), place).decision));
  EXPECT_TRUE(is_permitted(world.read()));
  const ReattestStaff none{{}, {{world.team, world.other_registrar}}};
  EXPECT_TRUE(is_refused(world.ask(world.staff(world.other_officer), none).decision, Reason::unknown));
}

// SPEC ACT-40
TEST(Restore, ReattestationTakesOnlyWhatIsTheOrganisationsOwn) {
  World world;
  world.restore();
  const AdministratorActor anna{world.anna};
  const auto ask = [&](const ReattestOrganisation& act) { return world.ask(anna, act).decision; };
  EXPECT_TRUE(is_permitted(ask({world.other, {}, {}, {world.other_officer}, {}, {}, {}})));
  EXPECT_TRUE(
      is_refused(ask({world.other, {world.certificate_of(world.source)}, {}, {}, {}, {}, {}}), Reason::unknown));
  EXPECT_TRUE(
      is_refused(ask({world.other, {}, {world.assertion_key_of(world.source)}, {}, {}, {}, {}}), Reason::unknown));
  EXPECT_TRUE(is_refused(ask({world.other, {}, {}, {world.source_officer}, {}, {}, {}}), Reason::unknown));
  EXPECT_TRUE(is_refused(ask({world.other, {}, {}, {world.reader}, {}, {}, {}}), Reason::unknown)) << "not an officer";
  EXPECT_TRUE(is_refused(ask({world.source, {}, {}, {}, {world.unit}, {}, {}}), Reason::unknown));
  EXPECT_TRUE(is_refused(ask({world.other, {}, {}, {}, {}, {world.team}, {}}), Reason::unknown));
  EXPECT_TRUE(is_refused(ask({world.other, {}, {}, {}, {}, {}, {world.authorisation}}), Reason::unknown));
}

// SPEC ACT-51: nothing of what is registered after it waits to be named.
TEST(Restore, WhatIsRegisteredAfterItIsCurrent) {
  const World fresh;
  std::vector<Act> acts = two_person_registrations(fresh);
  acts.push_back(RegisterUnit{id<UnitId>(50), fresh.other, "Enhet"});
  acts.push_back(RegisterStaff{id<StaffId>(50), fresh.other, fresh.unit, "Namn", {}});
  acts.push_back(RegisterFlikType{"ny", "Ny", "New", "Beskrivning", Sensitivity::ordinary});
  acts.push_back(
      RegisterAuthorisation{id<AuthorisationId>(50), fresh.provider, {"coaching"}, fresh.now, fresh.now + 24h});
  std::size_t with_epoch = 0;
  for (const Act& act : acts) {
    SCOPED_TRACE(kind_of(act));
    World world;
    world.restore();
    const AdministratorActor anna{world.anna}, bo{world.bo};
    const Outcome first = world.act(anna, act);
    const Outcome out = takes_two(act) ? world.ask_approval(bo) : first;
    EXPECT_TRUE(is_permitted(out.decision));
    for (const Row& row : out.puts) {
      visit(
          [&](const auto& one) {
            if constexpr (requires { one.epoch; }) {
              EXPECT_EQ(one.epoch, 2u);
              ++with_epoch;
            }
          },
          row);
    }
  }
  EXPECT_EQ(with_epoch, acts.size() - 1) << "all but the administrator";
}

// SPEC ACT-6
TEST(ClockDoubt, PermitsOnlyNarrowingTheClocksConfirmationAndTheGatewaysOwnActs) {
  World world;
  const AdministratorActor anna{world.anna};
  (void)world.act(anna, Shred{ShredScope::document, {}, {}, world.document});
  world.clock_doubt = true;
  EXPECT_TRUE(is_permitted(world.ask(anna, AcceptClock{world.now}).decision));
  EXPECT_TRUE(is_permitted(world.ask(anna, Suspend{RegistryNoun::staff, world.reader.text()}).decision));
  EXPECT_TRUE(is_permitted(world.ask(SystemActor{}, Start{}).decision));
  EXPECT_TRUE(is_permitted(world.ask_approval(AdministratorActor{world.bo}).decision)) << "what waits there narrows";
  const Outcome open = world.ask(world.staff(world.reader), OpenReading{id<ReadingId>(1), world.document, kPurpose});
  EXPECT_TRUE(is_refused(open.decision, Reason::clock_doubt));
  EXPECT_TRUE(changes_nothing(open));
  EXPECT_TRUE(std::holds_alternative<std::monostate>(open.answer));
  EXPECT_TRUE(concerns(open, world.person));
  EXPECT_TRUE(
      is_refused(world.ask(anna, RegisterUnit{id<UnitId>(50), world.other, "Enhet"}).decision, Reason::clock_doubt));
  EXPECT_TRUE(is_refused(world.ask(world.person_actor(), ReadOverview{}).decision, Reason::clock_doubt));
  world.clock_doubt = false;
  EXPECT_TRUE(is_permitted(
      world.ask(world.staff(world.reader), OpenReading{id<ReadingId>(1), world.document, kPurpose}).decision));
}

// SPEC ACT-41
TEST(Initialise, WantsAnEmptyStateTwoAdministratorsAndOneRecoveryKey) {
  const World world;
  const auto administrator = [&](unsigned number, AdministratorKind kind) {
    return Administrator{id<AdministratorId>(number), "Namn", kind, fingerprint(number), jwk(), Standing::active};
  };
  const auto personal = AdministratorKind::personal;
  const auto recovery = AdministratorKind::recovery;
  const Initialise good{Instance{"flikvakt.example", "flikvakt.example/log", 0, {}, {}},
                        {administrator(1, personal), administrator(2, personal), administrator(3, recovery)}};
  Moment moment;
  moment.now = world.now;
  const auto ask = [&](const State& state, const Initialise& act) {
    return evaluate(state, SystemActor{}, act, moment).decision;
  };
  EXPECT_TRUE(is_permitted(ask(State(), good)));
  EXPECT_TRUE(is_refused(ask(world.state, good), Reason::wrong_state));
  Initialise dated = good;
  dated.instance.since = world.now;
  EXPECT_TRUE(is_refused(ask(State(), dated), Reason::terms_invalid)) << "its time is that of the entry";
  dated = good;
  dated.instance.epoch = 1;
  EXPECT_TRUE(is_refused(ask(State(), dated), Reason::terms_invalid));
  EXPECT_TRUE(
      is_refused(evaluate(State(), AdministratorActor{world.anna}, good, moment).decision, Reason::not_entitled));
  const auto with = [&](std::vector<Administrator> who) { return ask(State(), {good.instance, std::move(who)}); };
  EXPECT_TRUE(is_refused(with({administrator(1, personal), administrator(3, recovery)}), Reason::terms_invalid));
  EXPECT_TRUE(is_refused(with({administrator(1, personal), administrator(2, personal), administrator(4, personal)}),
                         Reason::terms_invalid));
  EXPECT_TRUE(is_refused(with({administrator(1, personal), administrator(1, personal), administrator(3, recovery)}),
                         Reason::terms_invalid));
  EXPECT_TRUE(is_refused(with({administrator(1, personal), administrator(2, personal), administrator(3, recovery),
                               administrator(4, recovery)}),
                         Reason::terms_invalid));
  EXPECT_TRUE(is_refused(ask(State(), {Instance{}, good.administrators}), Reason::terms_invalid));
}

// SPEC ACT-42
TEST(Crl, NeverGoesBackAndWhatWasRevokedStaysRevoked) {
  World world;
  const auto apply = [&](std::uint64_t number, unsigned hash, std::set<std::string> revoked) {
    return world.act(SystemActor{},
                     ApplyCrl{world.issuer, number, fingerprint(hash), world.now + 48h, std::move(revoked)});
  };
  EXPECT_TRUE(is_permitted(apply(5, 1, {"aa"}).decision));
  EXPECT_EQ(world.get<Issuer>(world.issuer).crl_next_update, world.now + 48h);
  EXPECT_TRUE(changes_nothing(apply(5, 1, {})));
  EXPECT_TRUE(is_permitted(apply(5, 1, {}).decision));
  EXPECT_TRUE(is_refused(apply(5, 2, {}).decision, Reason::state_changed));
  EXPECT_TRUE(is_refused(apply(4, 3, {}).decision, Reason::state_changed));
  EXPECT_TRUE(is_permitted(apply(6, 4, {"bb"}).decision));
  EXPECT_EQ(world.get<Issuer>(world.issuer).revoked, (std::set<std::string>{"aa", "bb"}));
  const ApplyCrl other{fingerprint(9), 1, {}, world.now, {}};
  EXPECT_TRUE(is_refused(world.ask(SystemActor{}, other).decision, Reason::unknown));
  EXPECT_TRUE(is_refused(world.ask(AdministratorActor{world.anna}, other).decision, Reason::not_entitled));
}

// SPEC ACT-52
TEST(Crl, WithMoreRevokedThanCanBeKeptIsRefused) {
  World world;
  std::set<std::string> many;
  for (int i = 0; i < 100'000; ++i) many.insert(std::to_string(i));
  const auto ask = [&](const std::set<std::string>& revoked) {
    return world.ask(SystemActor{}, ApplyCrl{world.issuer, 9, {}, world.now + 48h, revoked}).decision;
  };
  EXPECT_TRUE(is_permitted(ask(many)));
  const Outcome most = world.ask(SystemActor{}, ApplyCrl{world.issuer, 9, {}, world.now + 48h, many});
  ASSERT_EQ(most.puts.size(), 1u);
  const Result<json::value> body = parse_json(to_text(row_body(most.puts[0])));
  EXPECT_TRUE(body && parse_row(Issuer::kTable, *body)) << "start-up could not read it again";
  world.change<Issuer>(world.issuer, [&](Issuer& one) { one.revoked = many; });
  EXPECT_TRUE(is_permitted(ask(many))) << "the same ones again count once";
  many.insert("one more");
  EXPECT_TRUE(is_refused(ask(many), Reason::terms_invalid));
}

// SPEC ACT-43
TEST(ExpireDue, TakesWhatIsDueAndNamesEachPersonOnce) {
  World world;
  Fullmakt second = world.get<Fullmakt>(world.fullmakt);
  second.id = id<FullmaktId>(2);
  world.state.put(second);
  world.state.put(Deposit{id<DepositId>(1), world.person, world.source, world.source_staff, {}, world.now + 24h});
  world.state.put(Receipt{world.person.value(), id<ActId>(1), {}, 1, true, nullptr, world.now + 48h});
  EXPECT_EQ(world.state.next_due(), world.now + 24h);
  EXPECT_TRUE(is_refused(world.ask(world.person_actor(), ExpireDue{}).decision, Reason::not_entitled));
  world.time = world.terms().valid_to;
  const Outcome out = world.act(SystemActor{}, ExpireDue{});
  EXPECT_EQ(out.concerns.size(), 1u);
  EXPECT_EQ(world.get<Fullmakt>(world.fullmakt).status, FullmaktStatus::expired);
  EXPECT_EQ(world.get<Person>(world.person).consent_version, 1u);
  EXPECT_TRUE(world.state.all<Deposit>().empty() && world.state.all<Receipt>().empty());
  EXPECT_FALSE(world.state.next_due());
}

// SPEC ACT-43
TEST(ExpireDue, TakesALongQueueInParts) {
  World world;
  for (unsigned number = 0; number < 1500; ++number) {
    world.state.put(Receipt{id<ActId>(number).value(), id<ActId>(1), {}, 1, true, nullptr, world.now});
  }
  EXPECT_EQ(world.act(SystemActor{}, ExpireDue{}).erases.size(), 1024u);
  EXPECT_EQ(world.state.next_due(), world.now);
  EXPECT_EQ(world.act(SystemActor{}, ExpireDue{}).erases.size(), 476u);
  EXPECT_NE(world.state.next_due(), world.now);
}

}  // namespace
}  // namespace flikvakt::policy::test
