// Connectors are invited by two administrators and enrol themselves; heta linjen reaches a source only under a
// fullmakt.
#include "policy/read_rules.h"
#include "policy/requests.h"
#include "tests/policy/world.h"

namespace flikvakt::policy::test {
namespace {

const ConnectorId kConnector = id<ConnectorId>(1);

struct Invited {
  World world;
  InviteConnector invitation() const {
    return {kConnector, world.source, world.source_staff, "Sal A", true, fingerprint(60), world.now + 24h};
  }
  EnrolConnector enrolment(unsigned number = 80) const {
    EnrolConnector act;
    act.id = kConnector;
    act.code = fingerprint(60);
    act.certificate = fingerprint(number);
    act.issuer = world.issuer;
    act.serial = "0a";
    act.valid_from = world.now;
    act.valid_to = world.now + 24h * 90;
    act.jwk = json::object{{"kty", "OKP"}};
    act.thumbprint = fingerprint(number + 1000);
    return act;
  }
  EnrolConnector renewal(unsigned number, unsigned under = 80) const {
    EnrolConnector act = enrolment(number);
    act.under = fingerprint(under);
    act.code.reset();
    act.jwk.reset();
    act.thumbprint.reset();
    return act;
  }
  void invite() {
    (void)world.act(AdministratorActor{world.anna}, invitation());
    ASSERT_TRUE(is_permitted(world.approve(AdministratorActor{world.bo}).decision));
  }
  Decision enrols(const EnrolConnector& act) const { return world.ask(SystemActor{}, act).decision; }
  StaffActor actor(unsigned number = 80) const {
    return {world.source_staff, world.source, fingerprint(number), fingerprint(1080)};
  }
};

TEST(Connector, IsInvitedByTwoAdministratorsForStaffOfTheOrganisation) {  // SPEC CONN-4
  Invited it;
  const auto says = [&](const std::function<void(InviteConnector&)>& how) {
    InviteConnector act = it.invitation();
    how(act);
    return it.world.ask(AdministratorActor{it.world.anna}, act).decision;
  };
  EXPECT_TRUE(is_permitted(says([](auto&) {})));
  EXPECT_TRUE(
      is_refused(it.world.ask(it.world.staff(it.world.source_staff), it.invitation()).decision, Reason::not_entitled));
  EXPECT_TRUE(is_refused(says([&](auto& a) { a.staff = it.world.reader; }), Reason::unknown));
  EXPECT_TRUE(is_refused(says([&](auto& a) { a.organisation = id<OrganisationId>(99); }), Reason::unknown));
  EXPECT_TRUE(is_refused(says([&](auto& a) { a.code = {}; }), Reason::terms_invalid));
  EXPECT_TRUE(is_refused(says([&](auto& a) { a.name.clear(); }), Reason::terms_invalid));
  EXPECT_TRUE(is_refused(says([&](auto& a) { a.code_expires = it.world.now; }), Reason::period_invalid));
  EXPECT_TRUE(is_refused(says([&](auto& a) { a.code_expires += 24h * 14; }), Reason::period_invalid));
  (void)it.world.act(AdministratorActor{it.world.anna}, it.invitation());
  EXPECT_FALSE(it.world.state.find<Connector>(kConnector)) << "the first act only waits";
  it.invite();
  EXPECT_TRUE(it.world.state.find<Connector>(kConnector));
  EXPECT_TRUE(is_refused(says([&](auto& a) {
                           a.organisation = it.world.other;
                           a.staff = it.world.reader;
                         }),
                         Reason::already_exists));
}

TEST(Connector, EnrolsOnceWithTheCodeInItsTime) {  // SPEC CONN-5
  Invited it;
  it.invite();
  EXPECT_TRUE(is_permitted(it.enrols(it.enrolment())));
  EnrolConnector wrong = it.enrolment();
  wrong.code = fingerprint(61);
  EXPECT_TRUE(is_refused(it.enrols(wrong), Reason::credential_not_valid));
  EXPECT_TRUE(
      is_refused(it.world.ask(AdministratorActor{it.world.anna}, it.enrolment()).decision, Reason::not_entitled));
  Invited late = it;
  late.world.time += 24h;
  EXPECT_TRUE(is_refused(late.enrols(it.enrolment()), Reason::expired));
  Invited restored = it;
  restored.world.restore();
  EXPECT_FALSE(is_permitted(restored.enrols(it.enrolment())));
  Invited doubted = it;
  doubted.world.clock_doubt = true;
  EXPECT_TRUE(is_refused(doubted.enrols(it.enrolment()), Reason::clock_doubt));
  (void)it.world.act(SystemActor{}, it.enrolment());
  EXPECT_TRUE(is_refused(it.enrols(it.enrolment(81)), Reason::wrong_state));
}

TEST(Connector, IsThenWhatAnySystemOfTheOrganisationIs) {  // SPEC CONN-6
  Invited it;
  it.invite();
  EXPECT_EQ(rule_1_actor(it.world.state, it.actor(), it.world.now), Reason::credential_not_valid);
  (void)it.world.act(SystemActor{}, it.enrolment());
  EXPECT_EQ(rule_1_actor(it.world.state, it.actor(), it.world.now), Reason::none);
}

TEST(Connector, EnrollingAnewEndsWhatItHad) {  // SPEC CONN-7
  Invited it;
  it.invite();
  (void)it.world.act(SystemActor{}, it.enrolment());
  InviteConnector again = it.invitation();
  again.code = fingerprint(62);
  (void)it.world.act(AdministratorActor{it.world.anna}, again);
  ASSERT_TRUE(is_permitted(it.world.approve(AdministratorActor{it.world.bo}).decision));
  EXPECT_EQ(rule_1_actor(it.world.state, it.actor(), it.world.now), Reason::none) << "until it does";
  EnrolConnector anew = it.enrolment(82);
  anew.code = fingerprint(62);
  ASSERT_TRUE(is_permitted(it.world.act(SystemActor{}, anew).decision));
  EXPECT_EQ(rule_1_actor(it.world.state, it.actor(), it.world.now), Reason::credential_not_valid);
  EXPECT_EQ(it.world.get<Certificate>(fingerprint(80)).standing, Standing::removed);
  EXPECT_EQ(it.world.get<AssertionKey>(fingerprint(1080)).standing, Standing::removed);
}

TEST(Connector, LosesItsCredentialsWithItsStanding) {  // SPEC CONN-8
  Invited it;
  it.invite();
  (void)it.world.act(SystemActor{}, it.enrolment());
  const AdministratorActor anna{it.world.anna}, bo{it.world.bo};
  const std::string hex = kConnector.text();
  ASSERT_TRUE(is_permitted(it.world.act(anna, Suspend{RegistryNoun::connector, hex}).decision));
  EXPECT_EQ(rule_1_actor(it.world.state, it.actor(), it.world.now), Reason::credential_not_valid);
  EXPECT_TRUE(is_refused(it.enrols(it.renewal(83)), Reason::not_in_force));
  (void)it.world.act(anna, Reinstate{RegistryNoun::connector, hex});
  ASSERT_TRUE(is_permitted(it.world.approve(bo).decision));
  EXPECT_EQ(rule_1_actor(it.world.state, it.actor(), it.world.now), Reason::none);
  ASSERT_TRUE(is_permitted(it.world.act(anna, Remove{RegistryNoun::connector, hex}).decision));
  EXPECT_EQ(rule_1_actor(it.world.state, it.actor(), it.world.now), Reason::credential_not_valid);
  EXPECT_TRUE(is_refused(it.world.ask(anna, it.invitation()).decision, Reason::not_in_force));
}

TEST(Connector, IsRenewedUnderItsKeyAndFewCertificatesCount) {  // SPEC CONN-9, CONN-10
  Invited it;
  it.invite();
  EXPECT_TRUE(is_refused(it.enrols(it.renewal(81)), Reason::credential_not_valid)) << "it is not enrolled";
  (void)it.world.act(SystemActor{}, it.enrolment());
  for (unsigned number = 81; number < 90; ++number) {
    EnrolConnector act = it.renewal(number, number - 1);
    act.valid_to += std::chrono::hours(number);
    ASSERT_TRUE(is_permitted(it.world.act(SystemActor{}, act).decision)) << number;
    EXPECT_EQ(rule_1_actor(it.world.state, it.actor(number), it.world.now), Reason::none);
    EXPECT_EQ(rule_1_actor(it.world.state, it.actor(number - 1), it.world.now), Reason::none)
        << "the one before counts";
  }
  EXPECT_LE(it.world.get<Connector>(kConnector).certificates.size(), 4u);
  EXPECT_EQ(it.world.get<Certificate>(fingerprint(80)).standing, Standing::removed);
  EXPECT_TRUE(is_refused(it.enrols(it.renewal(89, 89)), Reason::already_exists));
  EXPECT_TRUE(is_refused(it.enrols(it.renewal(95, 80)), Reason::credential_not_valid)) << "under one that was removed";
  EnrolConnector under_none = it.renewal(95);
  under_none.under.reset();
  EXPECT_TRUE(is_refused(it.enrols(under_none), Reason::credential_not_valid));
  EnrolConnector other = it.renewal(95, 89);
  other.issuer = fingerprint(777);
  EXPECT_TRUE(is_refused(it.enrols(other), Reason::unknown));
  EnrolConnector with_key = it.renewal(95, 89);
  with_key.thumbprint = fingerprint(5);
  EXPECT_TRUE(is_refused(it.enrols(with_key), Reason::terms_invalid)) << "a key takes a code";
  Invited fresh;
  fresh.invite();
  EnrolConnector with_both = fresh.enrolment();
  with_both.under = fingerprint(80);
  EXPECT_TRUE(is_refused(fresh.enrols(with_both), Reason::terms_invalid)) << "a code or a certificate";
}

TEST(Connector, KeepsTheCertificateThatItAsksUnderHoweverOftenItsAnswersAreLost) {  // SPEC CONN-10
  Invited it;
  it.invite();
  (void)it.world.act(SystemActor{}, it.enrolment());
  for (unsigned number = 81; number < 95; ++number) {
    EnrolConnector act = it.renewal(number, 80);
    act.valid_to += std::chrono::hours(number);
    ASSERT_TRUE(is_permitted(it.world.act(SystemActor{}, act).decision)) << number;
    EXPECT_EQ(rule_1_actor(it.world.state, it.actor(80), it.world.now), Reason::none) << number;
    EXPECT_EQ(rule_1_actor(it.world.state, it.actor(number), it.world.now), Reason::none) << number;
    EXPECT_LE(it.world.get<Connector>(kConnector).certificates.size(), 4u);
  }
  EXPECT_EQ(rule_1_actor(it.world.state, it.actor(81), it.world.now), Reason::credential_not_valid)
      << "what it never got goes";
}

TEST(Connector, ThatIsReinstatedDoesNotBringBackWhatWasSuspendedByItself) {  // SPEC CONN-8
  const AdministratorActor anna{id<AdministratorId>(1)}, bo{id<AdministratorId>(2)};
  const std::string hex = kConnector.text();
  for (const bool is_before : {true, false}) {
    Invited it;
    it.invite();
    (void)it.world.act(SystemActor{}, it.enrolment());
    (void)it.world.act(SystemActor{}, it.renewal(81));
    const Suspend alone{RegistryNoun::certificate, to_hex(fingerprint(80))};
    const auto does = [&](const Act& act) { ASSERT_TRUE(is_permitted(it.world.act(anna, act).decision)); };
    if (is_before) does(alone);
    does(Suspend{RegistryNoun::connector, hex});
    if (!is_before) does(alone);
    (void)it.world.act(anna, Reinstate{RegistryNoun::connector, hex});
    ASSERT_TRUE(is_permitted(it.world.approve(bo).decision));
    EXPECT_EQ(rule_1_actor(it.world.state, it.actor(81), it.world.now), Reason::none) << is_before;
    EXPECT_EQ(rule_1_actor(it.world.state, it.actor(80), it.world.now), Reason::credential_not_valid) << is_before;
    EXPECT_TRUE(it.world.get<Connector>(kConnector).suspended_with.empty());
  }
}

// ---- Heta linjen

const RequestId kAsked = id<RequestId>(1);

AskSource asking(const World& world) {
  AskSource act{kAsked, world.person_index, {}};
  act.terms.recipient = *world.terms().recipients.begin();
  act.terms.disclosers = {world.source};
  act.terms.flikar = {kFlik};
  act.terms.purpose = kPurpose;
  act.terms.rights = {Right::read};
  act.terms.valid_to = world.now + 24h * 30;
  act.terms.message = "Inför mötet";
  return act;
}
SourceRequestStatus status(const World& world) { return world.get<SourceRequest>(kAsked).status; }
StaffId asker(const World& world) { return world.reader; }

TEST(HetaLinjen, ReachesTheSourceAtOnceUnderAFullmakt) {  // SPEC CONN-41
  World world;
  const Outcome out = world.act(world.staff(asker(world)), asking(world));
  ASSERT_TRUE(is_permitted(out.decision));
  EXPECT_TRUE(concerns(out, world.person));
  EXPECT_EQ(status(world), SourceRequestStatus::open);
  EXPECT_EQ(world.get<SourceRequest>(kAsked).opened, world.now);
  EXPECT_FALSE(world.state.find<AccessRequest>(kAsked)) << "nobody needs to be asked";
}

// SPEC CONN-41: what narrows closes it at once, whichever act it is; nothing is written into its row for that.
TEST(HetaLinjen, IsClosedToTheSourceByWhateverNarrows) {
  using Narrowing = std::pair<const char*, std::function<void(World&)>>;
  const std::vector<Narrowing> all = {
      {"revoked", [](World& w) { (void)w.act(w.person_actor(), RevokeFullmakt{w.fullmakt}); }},
      {"paused", [](World& w) { (void)w.act(w.person_actor(), PauseFullmakt{w.fullmakt}); }},
      {"a Sparr", [](World& w) { w.set_sparr({}, w.person); }},
      {"expired", [](World& w) { w.change_terms([&](FullmaktTerms& terms) { terms.valid_to = w.now; }); }},
      {"used up", [](World& w) { w.change<Fullmakt>(w.fullmakt, [](Fullmakt& one) { one.terms.max_readings = 0; }); }},
      {"who asked left",
       [](World& w) { w.change<Staff>(w.reader, [](Staff& one) { one.standing = Standing::removed; }); }},
      {"their organisation was suspended",
       [](World& w) {
         w.change<Organisation>(w.other, [](Organisation& one) { one.standing = Standing::suspended; });
       }},
      {"the source was suspended",
       [](World& w) {
         w.change<Organisation>(w.source, [](Organisation& one) { one.standing = Standing::suspended; });
       }},
      {"the flik type went",
       [](World& w) { w.change<FlikType>(kFlik, [](FlikType& one) { one.standing = Standing::removed; }); }},
      {"the person died",
       [](World& w) { w.change<Person>(w.person, [](Person& one) { one.died = *parse_date("2026-11-01"); }); }},
      {"a restore", [](World& w) { w.restore(); }}};
  for (const auto& [what, narrow] : all) {
    World world;
    ASSERT_TRUE(is_permitted(world.act(world.staff(asker(world)), asking(world)).decision));
    ASSERT_EQ(open_to_source(world.state, world.source, world.now).size(), 1u);
    narrow(world);
    EXPECT_EQ(status(world), SourceRequestStatus::open) << what;
    EXPECT_TRUE(open_to_source(world.state, world.source, world.now).empty()) << what;
    const Outcome list = world.ask(world.staff(world.source_staff), ListSourceRequests{});
    if (is_permitted(list.decision)) {
      EXPECT_TRUE(std::get<std::vector<SourceRequest>>(list.answer).empty()) << what;
    }
  }
  World resumed;
  (void)resumed.act(resumed.staff(asker(resumed)), asking(resumed));
  (void)resumed.act(resumed.person_actor(), PauseFullmakt{resumed.fullmakt});
  EXPECT_TRUE(open_to_source(resumed.state, resumed.source, resumed.now).empty());
  ASSERT_TRUE(is_permitted(resumed.act(resumed.person_actor(), ResumeFullmakt{resumed.fullmakt}).decision));
  EXPECT_EQ(open_to_source(resumed.state, resumed.source, resumed.now).size(), 1u);
  EXPECT_TRUE(open_to_source(resumed.state, resumed.source, resumed.now + 24h * 7).empty()) << "its time is over";
}

// SPEC CONN-25
TEST(HetaLinjen, ReachesTheSourceOnceHoweverOftenTheSameIsAsked) {
  World world;
  for (unsigned number = 1; number <= 40; ++number) {
    AskSource act = asking(world);
    act.id = id<RequestId>(number);
    ASSERT_TRUE(is_permitted(world.act(world.staff(asker(world)), act).decision));
  }
  const std::vector<SourceRequest> open = open_to_source(world.state, world.source, world.now);
  ASSERT_EQ(open.size(), 1u);
  EXPECT_EQ(open[0].id, id<RequestId>(1));
  ASSERT_TRUE(is_permitted(world.act(world.staff(world.source_staff), DeclineSourceRequest{open[0].id}).decision));
  EXPECT_TRUE(open_to_source(world.state, world.source, world.now).empty());
  for (unsigned number = 1; number <= 40; ++number)
    EXPECT_EQ(world.get<SourceRequest>(id<RequestId>(number)).status, SourceRequestStatus::declined) << number;
}

// SPEC CONN-44
TEST(HetaLinjen, WhatTheSourceAsksItselfHidesNothingThatItIsAsked) {
  World world;
  ASSERT_TRUE(is_permitted(world.act(world.staff(asker(world)), asking(world)).decision));
  SourceRequest own = world.get<SourceRequest>(kAsked);  // and later, of another
  own.organisation = world.source;
  own.staff = world.source_staff;
  own.source = world.provider;
  own.status = SourceRequestStatus::waiting;
  own.opened.reset();
  own.asked += 1h;
  for (unsigned number = 1000; number < 1250; ++number) {
    own.id = id<RequestId>(number);
    world.state.put(own);
  }
  const Outcome list = world.ask(world.staff(world.source_staff), ListSourceRequests{});
  ASSERT_TRUE(is_permitted(list.decision));
  const auto& shown = std::get<std::vector<SourceRequest>>(list.answer);
  EXPECT_EQ(shown.size(), 201u) << "200 of its own, and the one that it is asked";
  EXPECT_TRUE(std::ranges::any_of(shown, [](const SourceRequest& one) { return one.id == kAsked; }));
}

std::vector<SourceRequest> told(const World& world) {
  const Outcome out = world.ask(world.staff(asker(world)), ListSourceRequests{});
  return std::get<std::vector<SourceRequest>>(out.answer);
}

// SPEC CONN-42: with a Sparr or without one, by whatever list, limit or answer.
TEST(HetaLinjen, TellsWhoAsksNothingOfWhatStandsUntilItIsAnswered) {
  World open, blocked, unknown;
  blocked.set_sparr({}, blocked.person);
  for (World* world : {&open, &blocked, &unknown}) {
    AskSource act = asking(*world);
    if (world == &unknown) act.person = world->unknown_index;
    ASSERT_TRUE(is_permitted(world->act(world->staff(asker(*world)), act).decision));
  }
  ASSERT_EQ(status(open), SourceRequestStatus::open);
  ASSERT_EQ(status(blocked), SourceRequestStatus::waiting);
  const auto move = [&](std::chrono::hours by) {
    for (World* world : {&open, &blocked, &unknown}) {
      world->time += by;
      world->change<Issuer>(world->issuer, [&](Issuer& one) { one.crl_next_update = world->time + 24h; });
      while (world->state.next_due() && *world->state.next_due() <= world->time)
        (void)world->act(SystemActor{}, ExpireDue{});
    }
  };
  const auto all_alike = [&](const char* when) {
    const auto as_text = [](const World& world) { return to_text(to_json(told(world))); };
    EXPECT_EQ(as_text(open), as_text(blocked)) << when;
    EXPECT_EQ(as_text(open), as_text(unknown)) << when;
    for (const World* world : {&open, &blocked, &unknown}) {
      const Outcome list = world->ask(world->staff(asker(*world)), ListRequests{});
      EXPECT_TRUE(std::get<std::vector<AccessRequest>>(list.answer).empty()) << when;
      RequestAccess same{kAsked, world->person_index, asking(*world).terms};
      same.terms.valid_to = world->time + 24h;
      EXPECT_EQ(world->ask(world->staff(asker(*world)), same).decision.is_permitted(), told(open).empty()) << when;
    }
  };
  all_alike("at once");
  move(24h * 7 + 1h);  // one that is open lapses
  all_alike("after a week");
  EXPECT_EQ(told(open).at(0).status, SourceRequestStatus::waiting);
  move(24h * 24);  // and so does the request for access
  all_alike("after a month");
  move(24h * 7);
  all_alike("when all are told to be over");
  EXPECT_EQ(told(open).at(0).status, SourceRequestStatus::lapsed);
  move(24h * 30);
  all_alike("when they are gone");
  EXPECT_TRUE(told(open).empty());
}

// SPEC CONN-42
TEST(HetaLinjen, IsWithdrawnAlikeWhateverStands) {
  for (const bool is_open : {true, false}) {
    World world;
    if (!is_open) world.set_sparr({}, world.person);
    (void)world.act(world.staff(asker(world)), asking(world));
    EXPECT_TRUE(
        is_refused(world.ask(world.staff(world.source_staff), WithdrawRequest{kAsked}).decision, Reason::unknown));
    const Outcome out = world.act(world.staff(asker(world)), WithdrawRequest{kAsked});
    ASSERT_TRUE(is_permitted(out.decision)) << is_open;
    EXPECT_TRUE(concerns(out, world.person)) << is_open;
    EXPECT_EQ(told(world).at(0).status, SourceRequestStatus::withdrawn) << is_open;
    EXPECT_TRUE(open_to_source(world.state, world.source, world.now).empty()) << is_open;
    EXPECT_TRUE(is_permitted(world.act(world.staff(asker(world)), WithdrawRequest{kAsked}).decision)) << is_open;
  }
}

TEST(HetaLinjen, WaitsForThePersonWhereNoFullmaktCoversIt) {  // SPEC CONN-41, CONN-42
  const std::vector<std::pair<const char*, std::function<void(World&, AskSource&)>>> uncovered = {
      {"no fullmakt", [](World& w, AskSource&) { w.state.erase(row_id_of<Fullmakt>(w.fullmakt)); }},
      {"another purpose", [](World&, AskSource& a) { a.terms.purpose = "annat"; }},
      {"another source", [](World& w, AskSource& a) { a.terms.disclosers = {w.outsider}; }},
      {"a Sparr", [](World& w, AskSource&) { w.set_sparr({}, w.person); }},
      {"nobody known here", [](World& w, AskSource& a) { a.person = w.unknown_index; }}};
  for (const auto& [what, how] : uncovered) {
    World world;
    AskSource act = asking(world);
    how(world, act);
    const Outcome out = world.act(world.staff(asker(world)), act);
    ASSERT_TRUE(is_permitted(out.decision)) << what << ": the answer is the same";
    EXPECT_EQ(status(world), SourceRequestStatus::waiting) << what;
    EXPECT_FALSE(world.get<SourceRequest>(kAsked).opened) << what;
    ASSERT_TRUE(world.state.find<AccessRequest>(kAsked)) << what;
  }
}

TEST(HetaLinjen, NamesOneSourceAndOneFlikToRead) {  // SPEC CONN-40
  const World world;
  const auto says = [&](const std::function<void(AskSource&)>& how, std::optional<StaffId> who = {}) {
    AskSource act = asking(world);
    how(act);
    return world.ask(world.staff(who.value_or(asker(world))), act).decision;
  };
  EXPECT_TRUE(is_permitted(says([](auto&) {})));
  EXPECT_TRUE(is_refused(says([&](auto& a) { a.terms.disclosers.insert(world.other); }), Reason::terms_invalid));
  EXPECT_TRUE(is_refused(says([&](auto& a) { a.terms.flikar.insert("plan"); }), Reason::terms_invalid));
  EXPECT_TRUE(is_refused(says([&](auto& a) { a.terms.rights.insert(Right::deposit); }), Reason::terms_invalid));
  EXPECT_TRUE(is_refused(says([&](auto& a) { a.terms.flikar = {"none"}; }), Reason::flik_unknown));
  EXPECT_TRUE(is_refused(says([](auto&) {}, world.source_staff), Reason::not_entitled)) << "no recipient";
}

TEST(HetaLinjen, IsShownToTheSourceOnlyOnceItIsOpen) {  // SPEC CONN-44
  World world;
  (void)world.act(world.staff(asker(world)), asking(world));
  const auto shown = [&](const StaffId& who) {
    const Outcome out = world.ask(world.staff(who), ListSourceRequests{});
    return std::get<std::vector<SourceRequest>>(out.answer);
  };
  ASSERT_EQ(shown(world.source_staff).size(), 1u);
  EXPECT_EQ(shown(world.source_staff)[0].person, world.person);
  ASSERT_EQ(shown(asker(world)).size(), 1u);
  EXPECT_TRUE(shown(asker(world))[0].person.is_none());
  EXPECT_TRUE(shown(world.outsider_registrar).empty());
  world.change<SourceRequest>(kAsked, [](SourceRequest& one) {
    one.opened.reset();
    one.status = SourceRequestStatus::waiting;
  });
  EXPECT_TRUE(shown(world.source_staff).empty());
}

TEST(HetaLinjen, IsDeclinedByItsSourceAloneAndOnce) {  // SPEC CONN-46
  World world;
  (void)world.act(world.staff(asker(world)), asking(world));
  const DeclineSourceRequest no{kAsked};
  EXPECT_TRUE(is_refused(world.ask(world.staff(asker(world)), no).decision, Reason::unknown));
  EXPECT_TRUE(is_refused(world.ask(world.staff(world.source_staff), DeclineSourceRequest{id<RequestId>(9)}).decision,
                         Reason::unknown));
  ASSERT_TRUE(is_permitted(world.act(world.staff(world.source_staff), no).decision));
  EXPECT_EQ(status(world), SourceRequestStatus::declined);
  EXPECT_TRUE(is_refused(world.ask(world.staff(world.source_staff), no).decision, Reason::wrong_state));
}

TEST(HetaLinjen, FollowsWhatBecomesOfTheRequestForAccess) {  // SPEC CONN-43
  const auto waiting = [] {
    World world;
    AskSource act = asking(world);
    world.state.erase(row_id_of<Fullmakt>(world.fullmakt));
    act.terms.recipient = to_organisation(world.other);
    EXPECT_TRUE(is_permitted(world.act(world.staff(world.reader), act).decision));
    return world;
  };
  World declined = waiting();
  (void)declined.act(declined.person_actor(), DeclineRequest{kAsked});
  EXPECT_EQ(status(declined), SourceRequestStatus::declined);
  World withdrawn = waiting();
  (void)withdrawn.act(withdrawn.staff(withdrawn.reader), WithdrawRequest{kAsked});
  EXPECT_EQ(status(withdrawn), SourceRequestStatus::withdrawn);
  World lapsed = waiting();
  lapsed.time += 24h * 30;
  (void)lapsed.act(SystemActor{}, ExpireDue{});
  EXPECT_EQ(status(lapsed), SourceRequestStatus::lapsed);
  lapsed.time += 24h * 37;
  (void)lapsed.act(SystemActor{}, ExpireDue{});
  EXPECT_FALSE(lapsed.state.find<SourceRequest>(kAsked));

  World granted = waiting();
  SignFullmakt gives{id<FullmaktId>(20), World().terms(), "Jag ger fullmakt ..."};
  gives.terms.recipients = {to_organisation(granted.other)};
  gives.terms.disclosers = {granted.source};
  gives.terms.flikar = {kFlik};
  gives.terms.rights = {Right::read};
  gives.terms.valid_to = granted.now + 24h * 30;
  gives.request = kAsked;
  const Outcome out = granted.act(granted.person_actor(), gives);
  ASSERT_TRUE(is_permitted(out.decision)) << to_json(out.decision.reason);
  EXPECT_EQ(status(granted), SourceRequestStatus::open);
  World open;
  (void)open.act(open.staff(open.reader), asking(open));
  open.time += 24h * 7;
  (void)open.act(SystemActor{}, ExpireDue{});
  EXPECT_EQ(status(open), SourceRequestStatus::lapsed);
}

TEST(HetaLinjen, IsAnsweredByADocumentOfTheSourceInThatFlik) {  // SPEC CONN-45
  World world;
  (void)world.act(world.staff(asker(world)), asking(world));
  const auto seal = [&](const StaffId& who, const std::string& flik, unsigned number) {
    Deposit deposit;
    deposit.id = id<DepositId>(number);
    deposit.person = world.person;
    deposit.source = world.get<Staff>(who).organisation;
    deposit.depositor = who;
    deposit.facts = world.get<Document>(world.document).facts;
    deposit.facts.flik = flik;
    deposit.facts.replaces.reset();
    deposit.facts.other_subjects.clear();
    deposit.expires = world.now + 24h;
    world.state.put(deposit);
    SealDeposit act;
    act.deposit = deposit.id;
    act.document = id<DocumentId>(number);
    act.object = id<ObjectName>(number);
    act.key_id = id<KeyId>(number);
    Prepared prepared;
    prepared.keys.push_back(KeyRow{act.key_id, id<KeyId>(3), 3, 1, KeyStatus::active, {}});
    if (!world.state.find<Flik>({world.person, flik})) {
      act.new_flik_key = id<KeyId>(number + 1);
      prepared.keys.push_back(KeyRow{*act.new_flik_key, id<KeyId>(3), 2, 1, KeyStatus::active, {}});
    }
    return world.act(world.staff(who), act, prepared).decision;
  };
  World closed = world;
  closed.set_sparr({}, closed.person);
  std::swap(world.state, closed.state);
  ASSERT_TRUE(is_permitted(seal(world.source_staff, kFlik, 40)));
  EXPECT_EQ(status(world), SourceRequestStatus::open) << "closed meanwhile: who asked hears of no document";
  std::swap(world.state, closed.state);
  ASSERT_TRUE(is_permitted(seal(world.source_staff, kFlik, 40)));
  EXPECT_EQ(status(world), SourceRequestStatus::answered);
  EXPECT_EQ(world.get<SourceRequest>(kAsked).document, id<DocumentId>(40));
  EXPECT_EQ(world.get<SourceRequest>(kAsked).ended, world.now);
}

}  // namespace
}  // namespace flikvakt::policy::test
