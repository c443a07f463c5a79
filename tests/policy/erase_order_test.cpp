#include "tests/policy/world.h"

namespace flikvakt::policy::test {
namespace {

// A kontrakt with two providers that runs for a day, and another of the same person that runs on.
struct Two {
  World world;
  const OrganisationId second = world.outsider;
  const KontraktId other_kontrakt = id<KontraktId>(2);

  Two() {
    world.let_provider_read();
    world.change<Organisation>(second, [](Organisation& one) { one.kind = OrganisationKind::provider; });
    world.change<Authorisation>(world.authorisation, [&](Authorisation& one) { one.valid_to = world.now + 24h * 60; });
    world.change<Issuer>(world.issuer, [&](Issuer& one) { one.crl_next_update = world.now + 24h * 60; });
    world.state.put(Authorisation{
        id<AuthorisationId>(2), second, {"coaching"}, world.now - 24h, world.now + 24h * 60, Standing::active, 1});
    world.change<Kontrakt>(world.kontrakt, [&](Kontrakt& one) {
      KontraktPart short_one = one.parts[0];
      short_one.provider = second;
      short_one.valid_to = world.now + 1h;
      one.parts.push_back(short_one);
      one.parts.push_back(one.parts[0]);
    });
    Kontrakt another = world.get<Kontrakt>(world.kontrakt);
    another.id = other_kontrakt;
    another.parts[0].valid_to = world.now + 24h * 10;
    another.parts.resize(1);
    world.state.put(std::move(another));
    Fullmakt under_it = world.get<Fullmakt>(world.fullmakt);
    under_it.id = id<FullmaktId>(2);
    under_it.terms.kontrakt = other_kontrakt;
    under_it.terms.purpose = "annat";
    world.state.put(std::move(under_it));
  }

  Outcome end() { return world.act(AdministratorActor{world.anna}, EndKontrakt{world.kontrakt}); }
  Decision read(const std::string& purpose = kPurpose) const {
    return decide_read(world.state, {world.staff(world.provider_staff), world.document, purpose}, world.time);
  }
  std::vector<EraseOrder> listed(const StaffId& who) const {
    return std::get<std::vector<EraseOrder>>(world.ask(world.staff(who), ListEraseOrders{}).answer);
  }
  bool stands(const OrganisationId& provider) const {
    return world.state.find<EraseOrder>({world.kontrakt, provider}) != nullptr;
  }
};

void expect_ordered(const Two& it) {
  EXPECT_EQ(it.world.state.all<EraseOrder>().size(), 2u) << "one for each provider, however many parts it had";
  for (const OrganisationId& provider : {it.world.provider, it.second}) {
    ASSERT_TRUE(it.stands(provider));
    const EraseOrder& order = it.world.get<EraseOrder>({it.world.kontrakt, provider});
    EXPECT_EQ(order.person, it.world.person);
    EXPECT_EQ(order.ordered, it.world.time);
    EXPECT_EQ(order.due, it.world.time + 24h * 30);
  }
  EXPECT_EQ(it.world.get<Kontrakt>(it.other_kontrakt).standing, Standing::active);
  EXPECT_TRUE(is_permitted(it.read("annat"))) << "another kontrakt runs on";
}

// SPEC ERASE-1, ACT-10
TEST(EraseOrder, GoesToEachProviderWhenAnAdministratorEndsTheKontrakt) {
  Two it;
  const Outcome ended = it.end();
  EXPECT_TRUE(is_permitted(ended.decision));
  EXPECT_TRUE(concerns(ended, it.world.person));
  EXPECT_TRUE(is_refused(it.read(), Reason::kontrakt_not_running, Rule::provider));
  expect_ordered(it);
  it.world.time += 1h;
  EXPECT_TRUE(changes_nothing(it.end())) << "the time to erase does not begin again";
}

// SPEC ERASE-1, ACT-43
TEST(EraseOrder, GoesToEachProviderTheVeryMomentTheLastPartEnds) {
  Two it;
  const Actor reader = it.world.staff(it.world.provider_staff);
  (void)it.world.act(reader, OpenReading{id<ReadingId>(1), it.world.document, kPurpose});
  const Reading reading = it.world.get<Reading>(id<ReadingId>(1));
  it.world.time += 1h;
  EXPECT_TRUE(changes_nothing(it.world.act(SystemActor{}, ExpireDue{}))) << "one part of several is over";
  it.world.time = it.world.now + 24h - 1ms;
  EXPECT_TRUE(changes_nothing(it.world.act(SystemActor{}, ExpireDue{})));
  EXPECT_TRUE(is_permitted(it.read()));
  EXPECT_TRUE(is_permitted(decide_continue(it.world.state, reading, reader, it.world.time)));
  it.world.time += 1ms;
  EXPECT_EQ(it.world.state.next_due(), it.world.time);
  EXPECT_TRUE(is_refused(it.read(), Reason::kontrakt_not_running, Rule::provider)) << "before anything is carried out";
  EXPECT_FALSE(decide_continue(it.world.state, reading, reader, it.world.time).is_permitted());
  EXPECT_TRUE(concerns(it.world.act(SystemActor{}, ExpireDue{}), it.world.person));
  EXPECT_EQ(it.world.get<Kontrakt>(it.world.kontrakt).standing, Standing::removed);
  expect_ordered(it);
  EXPECT_TRUE(changes_nothing(it.world.act(SystemActor{}, ExpireDue{}))) << "once";
}

// SPEC ERASE-2
TEST(EraseOrder, GoesToAProviderThatANewVersionLeavesOutAndAwayWhenItIsBack) {
  Two it;
  World& world = it.world;
  const auto next = [&](std::vector<OrganisationId> providers) {
    const Kontrakt& row = world.get<Kontrakt>(world.kontrakt);
    KontraktPlan plan;
    for (const OrganisationId& provider : providers) {
      plan.parts.push_back({"Insats", provider, "coaching", world.now - 24h, world.now + 24h, "", {}});
    }
    (void)world.act(AdministratorActor{world.anna}, ProposeKontrakt{world.kontrakt, plan});
    EXPECT_TRUE(world.state.all<EraseOrder>().empty() || row.version > 1) << "a proposal orders nothing";
    return world.act(world.person_actor(), SignKontrakt{world.kontrakt, row.version + 1, plan}).decision;
  };
  EXPECT_TRUE(is_permitted(next({world.provider})));
  ASSERT_TRUE(it.stands(it.second));
  EXPECT_FALSE(it.stands(world.provider));
  EXPECT_EQ(world.get<EraseOrder>({world.kontrakt, it.second}).due, world.time + 24h * 30);
  EXPECT_TRUE(is_permitted(next({world.provider, it.second})));
  EXPECT_TRUE(world.state.all<EraseOrder>().empty());
}

// SPEC ERASE-3
TEST(EraseOrder, IsListedToTheProvidersOwnStaff) {
  Two it;
  EXPECT_TRUE(it.listed(it.world.provider_staff).empty());
  (void)it.end();
  const Outcome list = it.world.ask(it.world.staff(it.world.provider_staff), ListEraseOrders{});
  EXPECT_TRUE(is_permitted(list.decision));
  EXPECT_TRUE(changes_nothing(list));
  EXPECT_TRUE(concerns(list, it.world.person));
  const std::vector<EraseOrder> own = it.listed(it.world.provider_staff);
  ASSERT_EQ(own.size(), 1u);
  EXPECT_EQ(own[0].provider, it.world.provider);
  EXPECT_TRUE(it.listed(it.world.source_staff).empty());
  EXPECT_FALSE(concerns(it.world.ask(it.world.staff(it.world.source_staff), ListEraseOrders{}), it.world.person));
  for (const Actor& actor : {Actor(AdministratorActor{it.world.anna}), Actor(it.world.person_actor())}) {
    EXPECT_TRUE(is_refused(it.world.ask(actor, ListEraseOrders{}).decision, Reason::not_entitled));
  }
  it.world.restore();
  EXPECT_TRUE(is_refused(it.world.ask(it.world.staff(it.world.provider_staff), ListEraseOrders{}).decision,
                         Reason::not_reattested, Rule::actor));
}

// SPEC ERASE-4
TEST(EraseOrder, IsAttestedByTheProviderAlone) {
  Two it;
  World& world = it.world;
  const AttestErasure attest{world.kontrakt};
  const StaffActor staff = world.staff(world.provider_staff);
  EXPECT_TRUE(is_refused(world.act(staff, attest).decision, Reason::unknown)) << "nothing is ordered";
  (void)it.end();
  const Outcome by_source = world.act(world.staff(world.source_staff), attest);
  EXPECT_TRUE(is_refused(by_source.decision, Reason::unknown));
  EXPECT_TRUE(concerns(by_source, world.person));
  EXPECT_TRUE(is_refused(world.act(AdministratorActor{world.anna}, attest).decision, Reason::not_entitled));
  EXPECT_TRUE(is_refused(world.act(world.person_actor(), attest).decision, Reason::not_entitled));
  EXPECT_TRUE(is_refused(world.act(staff, AttestErasure{id<KontraktId>(9)}).decision, Reason::unknown));
  EXPECT_EQ(world.state.all<EraseOrder>().size(), 2u);

  world.restore();
  const Outcome attested = world.act(staff, attest);
  EXPECT_TRUE(is_permitted(attested.decision)) << "also before re-attestation";
  EXPECT_TRUE(concerns(attested, world.person));
  EXPECT_FALSE(it.stands(world.provider));
  EXPECT_TRUE(it.stands(it.second)) << "the other provider's";
  EXPECT_TRUE(is_refused(world.act(staff, attest).decision, Reason::unknown)) << "again";
}

// SPEC ERASE-5
TEST(EraseOrder, StaysWhenItsProviderIsNoLongerActive) {
  for (const Standing standing : {Standing::suspended, Standing::removed}) {
    Two it;
    (void)it.end();
    it.world.change<Organisation>(it.world.provider, [&](Organisation& one) { one.standing = standing; });
    it.world.time += 24h * 31;
    const Outcome out = it.world.act(it.world.staff(it.world.provider_staff), AttestErasure{it.world.kontrakt});
    EXPECT_TRUE(is_refused(out.decision, Reason::actor_not_active, Rule::actor));
    (void)it.world.act(SystemActor{}, ExpireDue{});
    ASSERT_TRUE(it.stands(it.world.provider)) << "nor does time take it away";
    EXPECT_LT(it.world.get<EraseOrder>({it.world.kontrakt, it.world.provider}).due, it.world.time);
  }
}

}  // namespace
}  // namespace flikvakt::policy::test
