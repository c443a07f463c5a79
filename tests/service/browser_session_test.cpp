// Sessions of a browser from their beginning to their end, acts in them and beside them, and what the log's verifier
// says of it all.
#include "tests/service/browser_world.h"

namespace flikvakt::service::test {
namespace {

using namespace policy;

std::string why(const auto& result) { return result ? "done" : result.error().message; }

// ---- Signing in by passkey

// SPEC BS-1
TEST(BrowserSessions, APasskeyOpensOne) {
  BrowserWorld it;
  SoftwareAuthenticator device;
  it.add_passkey(device);
  const auto opened = it.sign_in(device);
  ASSERT_TRUE(opened) << why(opened);
  const BrowserSession& session = opened->session;
  EXPECT_EQ(std::get<PersonActor>(session.actor).person, it.world.anna.actor.person);
  EXPECT_EQ(std::get<PersonActor>(session.actor).key, device.public_key().thumbprint());
  EXPECT_EQ(session.way, SignInWay::passkey);
  EXPECT_EQ(session.ends - session.opened, kLongestPersonSession);
  EXPECT_EQ(opened->cookie.value.size(), 43u);
  EXPECT_EQ(it.sessions->find(opened->cookie)->id, session.id);
  EXPECT_FALSE(it.sessions->find({"guessed"}));
  EXPECT_TRUE(it.world.ask(session.actor, ReadOverview{}).decision.is_permitted());
}

// SPEC BS-1
TEST(BrowserSessions, AnotherPasskeyChallengeOrOriginOpensNone) {
  BrowserWorld it;
  SoftwareAuthenticator device, stranger;
  it.add_passkey(device);
  EXPECT_FALSE(it.sign_in(stranger)) << "not registered";
  EXPECT_FALSE(it.sign_in(device, {.challenge = crypto::sha256(as_bytes("x"))}));
  EXPECT_FALSE(it.sign_in(device, {.origin = "https://portal.example.evil"}));
  EXPECT_FALSE(it.sign_in(device, {.flags = 0x01})) << "the user was not verified";
  EXPECT_FALSE(it.sign_in(device, {.is_damaged = true}));
  SoftwareAuthenticator thief;
  thief.credential_id = device.credential_id;
  EXPECT_FALSE(it.sign_in(thief)) << "the id is no secret";
  EXPECT_TRUE(it.sign_in(device));
}

// SPEC BS-6
TEST(BrowserSessions, ACeremonyServesOnceAndTenMinutes) {
  BrowserWorld it;
  SoftwareAuthenticator device;
  it.add_passkey(device);
  const PasskeyCeremony begun = it.sessions->begin_sign_in();
  const auto answer = device.answer(challenge_in(begun.options));
  EXPECT_TRUE(it.sessions->sign_in(begun.cookie, answer, ""));
  EXPECT_EQ(it.sessions->sign_in(begun.cookie, answer, "").error().code, ErrorCode::expired);
  const PasskeyCeremony other = it.sessions->begin_sign_in();
  EXPECT_EQ(it.sessions->sign_in(begun.cookie, device.answer(challenge_in(other.options)), "").error().code,
            ErrorCode::expired)
      << "of another browser";
  const PasskeyCeremony late = it.sessions->begin_sign_in();
  it.world.clock.advance(kCeremonyLife + 1s);
  EXPECT_EQ(it.sessions->sign_in(late.cookie, device.answer(challenge_in(late.options)), "").error().code,
            ErrorCode::expired);
  const PasskeyCeremony making = it.sessions->begin_new_passkey("Telefon");
  EXPECT_FALSE(it.sessions->sign_in(making.cookie, device.answer(challenge_in(making.options)), ""))
      << "of another kind";
}

// SPEC BS-9
TEST(BrowserSessions, WhoOnlyBeginsPushesOutNothingThatAnotherBegan) {
  BrowserWorld it;
  SoftwareAuthenticator device, fresh;
  it.add_passkey(device);
  it.register_issuer(it.issuer.row());
  const auto session = it.sign_in(device);
  ASSERT_TRUE(session) << why(session);
  const WantedAct wanted = it.wanted(it.fullmakt(), it.world.version_of(it.world.anna));
  const SigningCeremony signing = it.sessions->begin_signing(session->cookie, wanted, "sv").value();
  const PasskeyCeremony making = it.sessions->begin_new_passkey(session->cookie, "Telefon", {});
  const PasskeyCeremony signing_in = it.sessions->begin_sign_in();
  const IssuerCeremony at_issuer = it.sessions->begin_sign_in_at("e-id", "sv").value();
  const SignInCode code = it.sessions->invite(it.world.administrator(0), {it.world.clock.wall(), {}});
  for (int i = 0; i < 11'000; ++i) {
    it.sessions->begin_sign_in();
    it.sessions->begin_new_passkey("Telefon");
    ASSERT_TRUE(it.sessions->begin_sign_in_at("e-id", "sv"));
  }
  EXPECT_TRUE(it.sessions->finish_signing(session->cookie, signing.cookie,
                                          device.answer(challenge_in(*signing.passkey_options))));
  EXPECT_TRUE(it.sessions->finish_new_passkey(making.cookie, fresh.make(challenge_in(making.options))));
  EXPECT_TRUE(it.sessions->sign_in(signing_in.cookie, device.answer(challenge_in(signing_in.options)), ""));
  EXPECT_TRUE(it.sessions->sign_in_invited(code, ""));
  it.next_token = it.issuer.token(it.nonce_in(at_issuer.url), it.world.clock.wall(), it.world.anna.number);
  EXPECT_TRUE(it.finish(it.back_from(at_issuer.cookie, at_issuer.url)));
}

// SPEC BS-9
TEST(BrowserSessions, OneThatBeginsManyPushesOutItsOwn) {
  BrowserWorld it;
  SoftwareAuthenticator device;
  it.add_passkey(device);
  const auto one = it.sign_in(device), other = it.sign_in(device);
  ASSERT_TRUE(one && other);
  const auto version = it.world.version_of(it.world.anna);
  const auto begin = [&](const OpenedSession& session) {
    return it.sessions->begin_signing(session.cookie, it.wanted(it.fullmakt(), version), "sv").value();
  };
  const auto finish = [&](const OpenedSession& session, const SigningCeremony& begun) {
    return it.sessions->finish_signing(session.cookie, begun.cookie,
                                       device.answer(challenge_in(*begun.passkey_options)));
  };
  const SigningCeremony others = begin(*other);
  std::vector<SigningCeremony> mine;
  for (int i = 0; i < 9; ++i) mine.push_back(begin(*one));
  EXPECT_EQ(finish(*one, mine[0]).error().code, ErrorCode::expired) << "eight may wait";
  EXPECT_TRUE(finish(*one, mine[1]));
  mine.push_back(begin(*one));
  EXPECT_TRUE(finish(*one, mine[2])) << "what was finished leaves its place";
  EXPECT_TRUE(finish(*other, others)) << "another session's stays";
}

// SPEC WA-17
TEST(BrowserSessions, ACopyOfAnAuthenticatorIsToldByItsCount) {
  BrowserWorld it;
  SoftwareAuthenticator device;
  device.count = 7;
  it.add_passkey(device);
  EXPECT_TRUE(it.sign_in(device)) << "8";
  EXPECT_FALSE(it.sign_in(device, {.count = 8})) << "the same again";
  EXPECT_FALSE(it.sign_in(device, {.count = 7}));
  EXPECT_TRUE(it.sign_in(device, {.count = 20}));
  SoftwareAuthenticator silent;
  silent.counts = false;
  it.add_passkey(silent);
  EXPECT_TRUE(it.sign_in(silent));
  EXPECT_TRUE(it.sign_in(silent)) << "most passkeys count nothing";
}

// SPEC BS-1
TEST(BrowserSessions, AStaffMembersPasskeyOpensOneOfTheirs) {
  BrowserWorld it;
  SoftwareAuthenticator device;
  const StaffActor coach = it.add_staff_passkey(it.world.coach, device);
  const auto opened = it.sign_in(device);
  ASSERT_TRUE(opened) << why(opened);
  EXPECT_EQ(to_json(std::get<StaffActor>(opened->session.actor)), to_json(coach));
  EXPECT_EQ(opened->session.ends - opened->session.opened, kLongestStaffSession);
  EXPECT_TRUE(it.world.ask(opened->session.actor, ListCases{}).decision.is_permitted());
  it.world.send(it.world.administrator(0), Suspend{RegistryNoun::staff_key, to_hex(device.public_key().thumbprint())});
  EXPECT_FALSE(it.sessions->find(opened->cookie)) << "it ended with the key";
  EXPECT_FALSE(it.sign_in(device));
}

// ---- How a session ends

// SPEC BS-2, BS-3
TEST(BrowserSessions, EndWhenTheyAreIdleOrOld) {
  BrowserWorld it;
  SoftwareAuthenticator device;
  it.add_passkey(device);
  const auto idle = it.sign_in(device);
  it.world.clock.advance(BrowserSessions::kPersonIdle - 1s);
  EXPECT_TRUE(it.sessions->find(idle->cookie));
  it.world.clock.advance(BrowserSessions::kPersonIdle);
  EXPECT_FALSE(it.sessions->find(idle->cookie));
  const auto busy = it.sign_in(device);
  for (int minutes = 0; minutes < 50; minutes += 10) {
    it.world.clock.advance(10min);
    EXPECT_TRUE(it.sessions->find(busy->cookie)) << minutes;
  }
  it.world.clock.advance(10min);
  EXPECT_FALSE(it.sessions->find(busy->cookie)) << "an hour, however busy";
}

// SPEC BS-4
TEST(BrowserSessions, EndWithTheKeyThatOpenedThem) {
  BrowserWorld it;
  SoftwareAuthenticator device;
  it.add_passkey(device);
  const auto opened = it.sign_in(device);
  ASSERT_TRUE(opened);
  EXPECT_TRUE(it.world.by_person(it.world.anna, RemoveKey{device.public_key().thumbprint()}).decision.is_permitted());
  EXPECT_FALSE(it.sessions->find(opened->cookie));
  EXPECT_FALSE(it.sessions->command(opened->cookie, it.wanted(RevokeFullmakt{})));
  EXPECT_FALSE(it.sign_in(device));
}

// SPEC BS-7
TEST(BrowserSessions, AreListedAndEndedByWhoeverTheyBelongTo) {
  BrowserWorld it;
  SoftwareAuthenticator device, of_staff;
  it.add_passkey(device);
  it.add_staff_passkey(it.world.coach, of_staff);
  const auto first = it.sign_in(device), second = it.sign_in(device), third = it.sign_in(device);
  const auto another = it.sign_in(of_staff);
  EXPECT_EQ(it.sessions->sessions_like(first->cookie).size(), 3u);
  EXPECT_EQ(it.sessions->sessions_like(another->cookie).size(), 1u);
  EXPECT_TRUE(it.sessions->sessions_like(first->cookie)[0].form_token.empty()) << "of one's own page only";
  EXPECT_FALSE(it.sessions->end_one(first->cookie, another->session.id)) << "somebody else's";
  EXPECT_TRUE(it.sessions->end_one(first->cookie, second->session.id));
  EXPECT_FALSE(it.sessions->find(second->cookie));
  EXPECT_EQ(it.sessions->count(), 3u);
  EXPECT_EQ(it.sessions->end_all(first->cookie), 2u);
  EXPECT_FALSE(it.sessions->find(first->cookie) || it.sessions->find(third->cookie));
  EXPECT_TRUE(it.sessions->find(another->cookie));
  it.sessions->sign_out(another->cookie);
  EXPECT_FALSE(it.sessions->find(another->cookie));
  EXPECT_EQ(it.sessions->end_all(first->cookie), 0u);
}

// SPEC BS-30
TEST(BrowserSessions, AnAdministratorsCodeOpensOneOnceWithinTenMinutes) {
  BrowserWorld it;
  const AdministratorActor who = it.world.administrator(0);
  const auto invited = [&] { return it.sessions->invite(who, {it.world.clock.wall(), json::array{"a"}}); };
  const SignInCode code = invited();
  EXPECT_EQ(code.value.size(), 43u);
  const auto opened = it.sessions->sign_in_invited(code, "Firefox");
  ASSERT_TRUE(opened) << why(opened);
  EXPECT_EQ(std::get<AdministratorActor>(opened->session.actor).administrator, who.administrator);
  EXPECT_EQ(opened->session.ends - opened->session.opened, kLongestPersonSession);
  EXPECT_EQ(it.sessions->find(opened->cookie)->proposals->proposals.size(), 1u);
  EXPECT_EQ(it.sessions->sign_in_invited(code, "").error().code, ErrorCode::expired) << "it serves once";
  EXPECT_EQ(it.sessions->sign_in_invited({it.sessions->begin_sign_in().cookie.value}, "").error().code,
            ErrorCode::expired)
      << "what somebody began to sign in is no code";
  const SignInCode late = invited();
  it.world.clock.advance(10min + 1ms);
  EXPECT_EQ(it.sessions->sign_in_invited(late, "").error().code, ErrorCode::expired);
  EXPECT_TRUE(it.sessions->find(opened->cookie));
  it.world.clock.advance(15min);
  EXPECT_FALSE(it.sessions->find(opened->cookie)) << "idle";
  const auto again = it.sessions->sign_in_invited(invited(), "");
  const SignInCode unused = invited();
  ASSERT_TRUE(again);
  EXPECT_TRUE(it.world.send(it.world.administrator(1), Suspend{RegistryNoun::administrator, who.administrator.text()})
                  .decision.is_permitted());
  EXPECT_FALSE(it.sessions->find(again->cookie)) << "no longer in place";
  EXPECT_EQ(it.sessions->sign_in_invited(unused, "").error().code, ErrorCode::denied);
}

// SPEC BS-31
TEST(BrowserSessions, NothingIsSentInAnAdministrators) {
  BrowserWorld it;
  const SignInCode code = it.sessions->invite(it.world.administrator(0), {it.world.clock.wall(), {}});
  const auto opened = it.sessions->sign_in_invited(code, "");
  ASSERT_TRUE(opened) << why(opened);
  for (const Act& act :
       {Act(ReadProposals{}), Act(ListOverdue{}), Act(WithdrawProposal{}), Act(CloseCase{}),
        Act(SetRetention{"default", 2000}), Act(Suspend{RegistryNoun::staff, it.world.nurse.staff.text()})}) {
    EXPECT_EQ(it.sessions->command(opened->cookie, it.wanted(act)).error().code, ErrorCode::denied) << kind_of(act);
  }
  for (const Act& act : {Act(Approve{}), Act(SignFullmakt{}), Act(Reinstate{RegistryNoun::staff, "x"})}) {
    EXPECT_EQ(it.sessions->begin_signing(opened->cookie, it.wanted(act), "sv").error().code, ErrorCode::denied)
        << kind_of(act);
    EXPECT_FALSE(it.sessions->command(opened->cookie, it.wanted(act)));
  }
}

// SPEC BS-5
TEST(BrowserSessions, OfOnePersonAreTenAndTheOldestEnds) {
  BrowserWorld it;
  SoftwareAuthenticator device;
  it.add_passkey(device);
  const auto first = it.sign_in(device);
  for (std::size_t i = 0; i < BrowserSessions::kMostOfOne; ++i) {
    it.world.clock.advance(1s);
    EXPECT_TRUE(it.sign_in(device));
  }
  EXPECT_FALSE(it.sessions->find(first->cookie));
  EXPECT_EQ(it.sessions->count(), BrowserSessions::kMostOfOne);
}

// ---- Acts

// SPEC BS-10, BS-11
TEST(BrowserActs, WhatNarrowsTakesNothingButTheSession) {
  BrowserWorld it;
  SoftwareAuthenticator device;
  it.add_passkey(device);
  const FullmaktId fullmakt = it.world.sign(it.world.anna);
  const auto session = it.sign_in(device);
  EXPECT_FALSE(*BrowserSessions::needs_signing(act_to_json(PauseFullmakt{fullmakt})));
  EXPECT_TRUE(
      it.decide(it.sessions->command(session->cookie, it.wanted(PauseFullmakt{fullmakt}))).decision.is_permitted());
  EXPECT_TRUE(
      it.decide(it.sessions->command(session->cookie, it.wanted(RevokeFullmakt{fullmakt}))).decision.is_permitted());
  EXPECT_TRUE(*BrowserSessions::needs_signing(act_to_json(ResumeFullmakt{fullmakt})));
  EXPECT_EQ(it.sessions->command(session->cookie, it.wanted(ResumeFullmakt{fullmakt})).error().code,
            ErrorCode::invalid);
  EXPECT_FALSE(BrowserSessions::needs_signing(json::object{{"kind", "open_everything"}}));
  EXPECT_FALSE(BrowserSessions::needs_signing(json::array{}));
  EXPECT_EQ(it.problems(), std::vector<std::string>());
}

// SPEC BS-12, PORTAL-84
TEST(BrowserActs, TheSameFormTwiceIsOneAct) {
  BrowserWorld it;
  SoftwareAuthenticator device;
  it.add_passkey(device);
  const FullmaktId fullmakt = it.world.sign(it.world.anna);
  const auto session = it.sign_in(device);
  const WantedAct form = it.wanted(RevokeFullmakt{fullmakt});
  const CommandResult first = it.decide(it.sessions->command(session->cookie, form));
  it.world.clock.advance(3s);
  const CommandResult again = it.decide(it.sessions->command(session->cookie, form));
  EXPECT_EQ(again.status, CommandStatus::repeated);
  EXPECT_EQ(again.entry, first.entry);
  WantedAct other = it.wanted(SetSparr{crypto::random_id<SparrId>(), {}});
  other.id = form.id;
  EXPECT_EQ(it.sessions->command(session->cookie, other).error().code, ErrorCode::conflict);
}

// SPEC BS-13, BS-14, WA-16
TEST(BrowserActs, WhatWidensIsSignedOverTheActItself) {
  BrowserWorld it;
  SoftwareAuthenticator device;
  it.add_passkey(device);
  const auto session = it.sign_in(device);
  const SignFullmakt act = it.fullmakt();
  const auto version = it.world.version_of(it.world.anna);
  const auto signed_act = it.sign_with(*session, it.wanted(act, version), device);
  ASSERT_TRUE(signed_act) << why(signed_act);
  EXPECT_EQ(std::get<PersonActor>(signed_act->actor).sign_count, device.count);
  EXPECT_TRUE(it.decide(signed_act).decision.is_permitted());
  const CommandResult overview = it.world.ask(session->session.actor, ReadOverview{});
  const Overview& shown = std::get<Overview>(overview.answer);
  ASSERT_EQ(shown.fullmakter.size(), 1u);
  EXPECT_EQ(shown.fullmakter[0].evidence, EvidenceKind::passkey);
  EXPECT_EQ(shown.fullmakter[0].signed_sha256, signed_act->evidence->hash);
  EXPECT_EQ(it.world.core->directory().person_key(device.public_key().thumbprint())->passkey->sign_count, device.count);
  EXPECT_EQ(it.problems(), std::vector<std::string>());
}

// SPEC BS-14
TEST(BrowserActs, AnotherActChallengeSessionOrPasskeySignsNothing) {
  BrowserWorld it;
  SoftwareAuthenticator device, stranger, second;
  it.add_passkey(device);
  it.add_passkey(second);
  const auto session = it.sign_in(device), elsewhere = it.sign_in(device);
  const auto version = it.world.version_of(it.world.anna);
  const auto begin = [&] {
    return it.sessions->begin_signing(session->cookie, it.wanted(it.fullmakt(), version), "sv").value();
  };
  const SigningCeremony one = begin(), other = begin();
  EXPECT_FALSE(
      it.sessions->finish_signing(session->cookie, one.cookie, device.answer(challenge_in(*other.passkey_options))))
      << "the answer to another act";
  const SigningCeremony third = begin();
  EXPECT_FALSE(
      it.sessions->finish_signing(elsewhere->cookie, third.cookie, device.answer(challenge_in(*third.passkey_options))))
      << "in another session";
  EXPECT_FALSE(it.sign_with(*session, it.wanted(it.fullmakt(), version), stranger));
  EXPECT_FALSE(it.sign_with(*session, it.wanted(it.fullmakt(), version), device, {.flags = 0x01}));
  EXPECT_TRUE(it.sign_with(*session, it.wanted(it.fullmakt(), version), second)) << "another one of her own";
  WantedAct broken = it.wanted(it.fullmakt(), version);
  broken.act.get_object()["text"] = "another text";
  EXPECT_EQ(it.sessions->begin_signing(session->cookie, broken, "sv").error().code, ErrorCode::invalid)
      << "said before anything is signed";
}

// SPEC ENROL-8, BS-15
// Of each kind: the log verifies whatever order a key's members were made in.
class NewPasskeys : public testing::TestWithParam<SoftwareAuthenticator::Kind> {};
TEST_P(NewPasskeys, AreMadeAndEnrolledWithOneThatIsThere) {
  BrowserWorld it;
  SoftwareAuthenticator device, fresh(GetParam());
  it.add_passkey(device);
  const auto session = it.sign_in(device);
  const PasskeyCeremony making = it.sessions->begin_new_passkey(session->cookie, "Telefon", {it.passkey_of(device)});
  EXPECT_EQ(making.options.at("excludeCredentials").as_array().size(), 1u);
  EXPECT_FALSE(it.sessions->finish_new_passkey(making.cookie, fresh.make(crypto::sha256(as_bytes("x")))));
  const PasskeyCeremony again = it.sessions->begin_new_passkey("Telefon");
  const auto made = it.sessions->finish_new_passkey(again.cookie, fresh.make(challenge_in(again.options)));
  ASSERT_TRUE(made) << why(made);
  const AddKey act{made->jwk, made->thumbprint, made->passkey};
  const auto version = it.world.version_of(it.world.anna);
  EXPECT_TRUE(it.decide(it.sign_with(*session, it.wanted(act, version), device)).decision.is_permitted());
  const auto opened = it.sign_in(fresh);
  EXPECT_TRUE(opened) << why(opened);
  EXPECT_EQ(it.problems(), std::vector<std::string>());
}
INSTANTIATE_TEST_SUITE_P(OfEachKind, NewPasskeys,
                         testing::Values(SoftwareAuthenticator::Kind::es256, SoftwareAuthenticator::Kind::eddsa,
                                         SoftwareAuthenticator::Kind::rs256));

// ---- By an issuer

// SPEC EID-2, EID-7, BS-1
TEST(BrowserEId, OpensASessionOfWhoeverHasTheNumberKnownHereOrNot) {
  BrowserWorld it;
  it.register_issuer(it.issuer.row());
  ASSERT_EQ(it.sessions->issuers().size(), 1u);
  const auto anna = it.sign_in_with_e_id(it.world.anna.number);
  ASSERT_TRUE(anna) << why(anna);
  EXPECT_EQ(std::get<PersonActor>(anna->session.actor).person, it.world.anna.actor.person);
  EXPECT_EQ(anna->session.way, SignInWay::e_id);
  EXPECT_TRUE(it.world.ask(anna->session.actor, ReadOverview{}).decision.is_permitted());
  const std::uint64_t size = it.world.core->sequencer().log_view().size;
  const auto again = it.sign_in_with_e_id(it.world.anna.number);
  EXPECT_EQ(std::get<PersonActor>(again->session.actor).key, std::get<PersonActor>(anna->session.actor).key);
  EXPECT_EQ(it.world.core->sequencer().log_view().size, size) << "enrolled once";
  const auto newcomer = it.sign_in_with_e_id("197302889931");
  ASSERT_TRUE(newcomer) << why(newcomer);
  EXPECT_TRUE(it.world.ask(newcomer->session.actor, ReadOverview{}).decision.is_permitted());
  EXPECT_EQ(it.problems(), std::vector<std::string>());
}

// SPEC EID-7
TEST(BrowserEId, TheCoordinationNumberOfBeforeFindsThePerson) {
  BrowserWorld it;
  it.register_issuer(it.issuer.row());
  const auto before = it.sign_in_with_e_id("197302889931");
  ASSERT_TRUE(before) << why(before);
  const auto opened = it.sign_in_at("e-id", [&](const crypto::Hash256& nonce) {
    json::object claims = it.issuer.claims(nonce, it.world.clock.wall(), "194608239986");
    claims[kPreviousNumberClaim] = "197302889931";
    return claims;
  });
  ASSERT_TRUE(opened) << why(opened);
  EXPECT_EQ(std::get<PersonActor>(opened->session.actor).person, std::get<PersonActor>(before->session.actor).person);
  EXPECT_EQ(it.problems(), std::vector<std::string>());
}

// SPEC OIDC-31
TEST(BrowserEId, AnotherNonceStateIssuerOrBrowserOpensNone) {
  BrowserWorld it;
  it.register_issuer(it.issuer.row());
  const auto claims_with = [&](const char* name, json::value value) {
    return [&it, name, value](const crypto::Hash256& nonce) {
      json::object claims = it.issuer.claims(nonce, it.world.clock.wall(), it.world.anna.number);
      claims[name] = value;
      return claims;
    };
  };
  EXPECT_FALSE(it.sign_in_at("e-id", claims_with("nonce", "other")));
  EXPECT_FALSE(it.sign_in_at("e-id", claims_with("aud", "other")));
  EXPECT_FALSE(it.sign_in_at("e-id", claims_with("acr", "loa1")));
  EXPECT_FALSE(it.sign_in_at("none", claims_with("acr", "loa1")));
  const auto back = [&](const std::function<void(IssuerReturn&)>& change) {
    const IssuerCeremony begun = it.sessions->begin_sign_in_at("e-id", "sv").value();
    it.next_token = it.issuer.token(it.nonce_in(begun.url), it.world.clock.wall(), it.world.anna.number);
    IssuerReturn answer = it.back_from(begun.cookie, begun.url);
    change(answer);
    return it.finish(answer).has_value();
  };
  EXPECT_TRUE(back([](IssuerReturn&) {}));
  EXPECT_TRUE(back([](IssuerReturn& a) { a.issuer = "https://issuer.example"; }));
  EXPECT_FALSE(back([](IssuerReturn& a) { a.issuer = "https://other.example"; }));
  EXPECT_FALSE(back([](IssuerReturn& a) { a.state = "x"; }));
  EXPECT_FALSE(back([](IssuerReturn& a) { a.code = ""; }));
  EXPECT_FALSE(back([](IssuerReturn& a) { a.error = "access_denied"; }));
  EXPECT_FALSE(back([](IssuerReturn& a) { a.cookie.value = "another browser's"; }));
  it.is_down = true;
  EXPECT_FALSE(back([](IssuerReturn&) {}));
  it.is_down = false;
  it.world.send(it.world.administrator(0), Suspend{RegistryNoun::oidc_issuer, "e-id"});
  EXPECT_FALSE(it.sessions->begin_sign_in_at("e-id", "sv"));
  EXPECT_TRUE(it.sessions->issuers().empty());
}

// SPEC OIDC-36
TEST(BrowserEId, WhoComesBackAtAnotherIssuersAddressIsNotLetInAndNobodyIsAskedForAToken) {
  BrowserWorld it;
  it.register_issuer(it.issuer.row());
  policy::OidcIssuer other = it.issuer.row();
  other.code = "other";
  it.register_issuer(other);
  const auto begin = [&](const std::string& code) {
    const IssuerCeremony begun = it.sessions->begin_sign_in_at(code, "sv").value();
    it.next_token = it.issuer.token(it.nonce_in(begun.url), it.world.clock.wall(), it.world.anna.number);
    return begun;
  };
  const IssuerCeremony one = begin("e-id");
  EXPECT_EQ(parameter(one.url, "redirect_uri"), "https://portal.example/signed-in/e-id");
  EXPECT_EQ(parameter(begin("other").url, "redirect_uri"), "https://portal.example/signed-in/other");
  for (const char* at : {"other", "", "e-id/", "E-ID"}) {
    const IssuerCeremony begun = begin("e-id");
    const std::size_t asked = it.requests.size();
    IssuerReturn mixed_up = it.back_from(begun.cookie, begun.url);
    mixed_up.at = at;
    EXPECT_EQ(it.finish(mixed_up).error().code, ErrorCode::denied) << at;
    mixed_up.at = "e-id";
    EXPECT_EQ(it.finish(mixed_up).error().code, ErrorCode::expired) << "it was an attempt";
    EXPECT_EQ(it.requests.size(), asked) << at;
  }
  const IssuerCeremony right = begin("other");
  EXPECT_TRUE(it.finish(it.back_from(right.cookie, right.url)));
  const IssuerCeremony by_e_id = begin("e-id");
  const auto session = it.finish(it.back_from(by_e_id.cookie, by_e_id.url));
  ASSERT_TRUE(session) << why(session);
  const WantedAct wanted = it.wanted(it.fullmakt(), it.world.version_of(it.world.anna));
  const auto sign = [&](const char* at) {
    const SigningCeremony begun = it.sessions->begin_signing(session->cookie, wanted, "sv").value();
    it.next_token = it.issuer.token(it.nonce_in(*begun.url), it.world.clock.wall(), it.world.anna.number);
    IssuerReturn back = it.back_from(begun.cookie, *begun.url);
    back.at = at;
    std::promise<Result<Command>> promise;
    it.sessions->finish_signing_by_issuer(session->cookie, back,
                                          [&](Result<Command> made) { promise.set_value(std::move(made)); });
    return promise.get_future().get();
  };
  EXPECT_FALSE(sign("other")) << "nor is anything signed";
  EXPECT_TRUE(sign("e-id"));
}

// SPEC OIDC-32
TEST(BrowserEId, TheIssuersKeysAreFetchedWhenATokenHasAnotherOne) {
  BrowserWorld it;
  it.register_issuer(it.issuer.row());
  ASSERT_TRUE(it.sign_in_with_e_id(it.world.anna.number));
  EXPECT_EQ(it.world.core->directory().oidc_issuer("e-id")->keys.size(), 1u);
  it.issuer.key = crypto::SigningKey::generate(crypto::KeyAlgorithm::ed25519);
  it.issuer.kid = "k2";
  EXPECT_FALSE(it.sign_in_with_e_id(it.world.anna.number)) << "fetched a moment ago";
  it.world.clock.advance(OidcClient::kLeastBetweenFetches);
  EXPECT_FALSE(it.sign_in_with_e_id(it.world.anna.number)) << "the software issuer says ES256 of an Ed25519 key";
  it.issuer.key = crypto::SigningKey::generate(crypto::KeyAlgorithm::p256);
  it.issuer.kid = "k3";
  it.world.clock.advance(OidcClient::kLeastBetweenFetches);
  EXPECT_TRUE(it.sign_in_with_e_id(it.world.anna.number));
  EXPECT_TRUE(it.world.core->directory().oidc_issuer("e-id")->keys[1].gone) << "those of before stay a while";
  EXPECT_EQ(it.problems(), std::vector<std::string>());
}

// SPEC BS-14, OIDC-17
TEST(BrowserEId, SignsOverTheSameHash) {
  BrowserWorld it;
  it.register_issuer(it.issuer.row());
  const auto session = it.sign_in_with_e_id(it.world.anna.number);
  ASSERT_TRUE(session) << why(session);
  const auto claims_of = [&](const std::string& number) {
    return
        [&it, number](const crypto::Hash256& nonce) { return it.issuer.claims(nonce, it.world.clock.wall(), number); };
  };
  const auto version = it.world.version_of(it.world.anna);
  it.world.clock.advance(5min);
  const auto signed_act =
      it.sign_at_issuer(*session, it.wanted(it.fullmakt(), version), claims_of(it.world.anna.number));
  ASSERT_TRUE(signed_act) << why(signed_act);
  EXPECT_TRUE(it.decide(signed_act).decision.is_permitted());
  const auto now = it.world.version_of(it.world.anna);
  EXPECT_FALSE(it.sign_at_issuer(*session, it.wanted(it.fullmakt(), now), claims_of("197302889931")))
      << "another person";
  EXPECT_FALSE(it.sign_at_issuer(*session, it.wanted(it.fullmakt(), now), [&](const crypto::Hash256& nonce) {
    json::object claims = claims_of(it.world.anna.number)(nonce);
    claims["auth_time"] = claims["auth_time"].as_int64() - 300;
    return claims;
  })) << "signed in before, and not asked again";
  const FullmaktId fullmakt = get<SignFullmakt>(signed_act->act).id;
  EXPECT_TRUE(
      it.decide(it.sessions->command(session->cookie, it.wanted(RevokeFullmakt{fullmakt}))).decision.is_permitted());
  EXPECT_EQ(it.problems(), std::vector<std::string>());
}

// SPEC BS-16
TEST(BrowserEId, TheSameReturnAgainIsTheSameAct) {
  BrowserWorld it;
  it.register_issuer(it.issuer.row());
  const auto session = it.sign_in_with_e_id(it.world.anna.number);
  ASSERT_TRUE(session) << why(session);
  const WantedAct wanted = it.wanted(it.fullmakt(), it.world.version_of(it.world.anna));
  const SigningCeremony begun = it.sessions->begin_signing(session->cookie, wanted, "sv").value();
  it.next_token = it.issuer.token(it.nonce_in(*begun.url), it.world.clock.wall(), it.world.anna.number);
  const IssuerReturn back = it.back_from(begun.cookie, *begun.url);
  EXPECT_EQ(it.sessions->act_at_issuer(session->cookie, back.state), wanted.id);
  EXPECT_EQ(it.sessions->signed_before(session->cookie, wanted.id).error().code, ErrorCode::not_found);
  const auto finish = [&](const IssuerReturn& answer) {
    std::promise<Result<Command>> promise;
    it.sessions->finish_signing_by_issuer(session->cookie, answer,
                                          [&](Result<Command> made) { promise.set_value(std::move(made)); });
    return promise.get_future().get();
  };
  IssuerReturn other = back;
  other.state = "another's";
  EXPECT_FALSE(finish(other)) << "no attempt at this one (BS-6)";
  const CommandResult first = it.decide(finish(back));
  ASSERT_TRUE(first.decision.is_permitted());
  EXPECT_FALSE(finish(back)) << "the ceremony is over";
  const CommandResult again = it.decide(it.sessions->signed_before(session->cookie, wanted.id));
  EXPECT_EQ(again.status, CommandStatus::repeated);
  EXPECT_EQ(again.entry, first.entry);
  const auto another = it.sign_in_with_e_id(it.world.anna.number);
  ASSERT_TRUE(another) << why(another);
  EXPECT_FALSE(it.sessions->signed_before(another->cookie, wanted.id)) << "another session's";
  EXPECT_FALSE(it.sessions->act_at_issuer(another->cookie, back.state));
  EXPECT_EQ(it.problems(), std::vector<std::string>());
}

// While the issuer is asked, the same return waits for what comes of it.
TEST(BrowserEId, AReturnThatComesTwiceAtOnceIsAskedAboutOnce) {
  BrowserWorld it;
  it.register_issuer(it.issuer.row());
  const auto session = it.sign_in_with_e_id(it.world.anna.number);
  ASSERT_TRUE(session) << why(session);
  const WantedAct wanted = it.wanted(it.fullmakt(), it.world.version_of(it.world.anna));
  const SigningCeremony begun = it.sessions->begin_signing(session->cookie, wanted, "sv").value();
  it.next_token = it.issuer.token(it.nonce_in(*begun.url), it.world.clock.wall(), it.world.anna.number);
  const IssuerReturn back = it.back_from(begun.cookie, *begun.url);
  std::promise<void> gate, reached;
  it.before_answer = [&reached, let_go = gate.get_future().share()] {
    reached.set_value();
    let_go.wait();
  };
  std::promise<Result<Command>> first, second;
  it.sessions->finish_signing_by_issuer(session->cookie, back,
                                        [&](Result<Command> c) { first.set_value(std::move(c)); });
  it.sessions->finish_signing_by_issuer(session->cookie, back,
                                        [&](Result<Command> c) { second.set_value(std::move(c)); });
  reached.get_future().wait();
  const std::size_t asked = it.requests.size();
  gate.set_value();
  const CommandResult one = it.decide(first.get_future().get());
  const CommandResult two = it.decide(second.get_future().get());
  EXPECT_TRUE(one.decision.is_permitted());
  EXPECT_EQ(one.entry, two.entry);
  EXPECT_EQ(it.requests.size(), asked) << "one code was redeemed once";
}

// Or this test does not end.
TEST(BrowserEId, AnIssuerThatDoesNotAnswerHoldsNothingUpWhenTheGatewayStops) {
  BrowserWorld it;
  it.register_issuer(it.issuer.row());
  std::promise<void> asked;
  it.before_answer = [&] {
    if (it.is_down) return;
    asked.set_value();
    while (!it.requests.back().cancellation->is_cancelled()) std::this_thread::yield();
    it.is_down = true;
  };
  const IssuerCeremony begun = it.sessions->begin_sign_in_at("e-id", "sv").value();
  it.sessions->sign_in_by_issuer(it.back_from(begun.cookie, begun.url), "Firefox",
                                 [](const Result<OpenedSession>& opened) { EXPECT_FALSE(opened); });
  asked.get_future().wait();
  it.sessions.reset();
}

// SPEC EID-3, EID-6, BS-4
TEST(BrowserEId, EndsWithItsIssuerAndStaysOutWhenThePersonRemovedIt) {
  BrowserWorld it;
  it.register_issuer(it.issuer.row());
  const auto session = it.sign_in_with_e_id(it.world.anna.number);
  it.world.send(it.world.administrator(0), Suspend{RegistryNoun::oidc_issuer, "e-id"});
  EXPECT_FALSE(it.sessions->find(session->cookie));
  it.world.by_two(Reinstate{RegistryNoun::oidc_issuer, "e-id"});
  const auto again = it.sign_in_with_e_id(it.world.anna.number);
  ASSERT_TRUE(again) << why(again);
  const Fingerprint key = std::get<PersonActor>(again->session.actor).key;
  EXPECT_TRUE(it.decide(it.sessions->command(again->cookie, it.wanted(RemoveKey{key}))).decision.is_permitted());
  EXPECT_FALSE(it.sessions->find(again->cookie));
  EXPECT_FALSE(it.sign_in_with_e_id(it.world.anna.number)) << "until another key of hers lets it in";
  EXPECT_TRUE(it.world.by_person(it.world.anna, AddKey{{}, key, {}}).decision.is_permitted());
  EXPECT_TRUE(it.sign_in_with_e_id(it.world.anna.number));
  EXPECT_EQ(it.problems(), std::vector<std::string>());
}

// SPEC STKEY-2, OIDC-19
TEST(BrowserStaff, ComeThroughTheirOrganisationsIssuer) {
  BrowserWorld it;
  it.register_issuer(it.issuer.row_for(it.world.authority));
  const auto called = [&](const std::string& who) {
    return it.sign_in_at("kommun", [&](const crypto::Hash256& nonce) {
      json::object claims = it.issuer.claims(nonce, it.world.clock.wall(), "");
      claims["employee"] = who;
      return claims;
    });
  };
  EXPECT_FALSE(called("SE1"));
  EXPECT_TRUE(called(it.world.handler.staff.text())) << "the staff id itself";
  EXPECT_FALSE(called(it.world.nurse.staff.text())) << "another organisation's";
  it.world.send(it.world.administrator(0), SetSubject{it.world.chief.staff, "SE1"});
  const auto chief = called("SE1");
  ASSERT_TRUE(chief) << why(chief);
  EXPECT_EQ(chief->session.way, SignInWay::organisation);
  EXPECT_TRUE(it.world.ask(chief->session.actor, ListCases{}).decision.is_permitted());
  const std::string handle =
      handle_for(it.world.core->keys(), it.world.authority, it.world.anna.number, it.world.clock).value();
  WantedAct narrowing = it.wanted(PaperNarrowing{{}, {}, true, {}, {}});
  narrowing.act.get_object()["person"] = handle;
  EXPECT_TRUE(it.decide(it.sessions->command(chief->cookie, narrowing)).decision.is_permitted());
  WantedAct referral =
      it.wanted(PaperReferral{crypto::random_id<CaseId>(), {}, it.world.team, CaseFocus::illness, {}, {}});
  referral.act.get_object()["person"] = handle;
  EXPECT_FALSE(it.sessions->command(chief->cookie, referral)) << "a referral is signed";
  const auto signed_act = it.sign_at_issuer(*chief, referral, [&](const crypto::Hash256& nonce) {
    json::object claims = it.issuer.claims(nonce, it.world.clock.wall(), "");
    claims["employee"] = "SE1";
    return claims;
  });
  EXPECT_TRUE(it.decide(signed_act).decision.is_permitted());
  it.world.send(it.world.administrator(0), SetSubject{it.world.chief.staff, "SE2"});
  EXPECT_FALSE(it.sessions->find(chief->cookie)) << "the issuer now means another";
  EXPECT_EQ(it.problems(), std::vector<std::string>());
}

// ---- The demo

DemoPerson of_demo(const crypto::SigningKey& key) {
  return {
      "Anna",
      "Prova",
      "Try",
      {},
      std::make_shared<const crypto::SigningKey>(crypto::SigningKey::from_seed(key.algorithm(), key.seed()).value())};
}

// SPEC BS-41
TEST(BrowserDemo, SignsWithTheKeysOfTheDemosPeople) {
  BrowserWorld it;
  EXPECT_FALSE(it.sessions->sign_in_as_demo(0, "")) << "no demo";
  crypto::SigningKey key = crypto::SigningKey::generate(crypto::KeyAlgorithm::ed25519);
  const AddKey added{key.public_key().to_jwk(), key.public_key().thumbprint(), {}};
  ASSERT_TRUE(it.world.by_person(it.world.anna, added).decision.is_permitted());
  it.start(DemoPeople{of_demo(key)});
  const auto session = it.sessions->sign_in_as_demo(0, "");
  ASSERT_TRUE(session) << why(session);
  EXPECT_FALSE(it.sessions->sign_in_as_demo(1, ""));
  const auto version = it.world.version_of(it.world.anna);
  const auto begun = it.sessions->begin_signing(session->cookie, it.wanted(it.fullmakt(), version), "sv");
  ASSERT_TRUE(begun && begun->is_demo && !begun->passkey_options && !begun->url);
  const auto signed_act = it.sessions->finish_signing_in_demo(session->cookie, begun->cookie);
  ASSERT_TRUE(signed_act) << why(signed_act);
  EXPECT_TRUE(it.decide(signed_act).decision.is_permitted());
  EXPECT_TRUE(
      it.decide(it.sessions->command(session->cookie, it.wanted(RevokeFullmakt{get<SignFullmakt>(signed_act->act).id})))
          .decision.is_permitted());
  EXPECT_EQ(it.problems(), std::vector<std::string>());
}

// SPEC BS-41
TEST(BrowserDemo, AnAdministratorComesByAReadingThatTheirKeySigns) {
  BrowserWorld it;
  DemoPerson administrator = of_demo(it.world.officials[0].key);
  administrator.administrator = it.world.officials[0].row.id;
  DemoPerson impostor = of_demo(it.world.officials[1].key);
  impostor.administrator = it.world.officials[0].row.id;
  it.start(DemoPeople{administrator, of_demo(it.world.officials[0].key), impostor});
  EXPECT_FALSE(it.sessions->sign_in_as_demo(0, "")) << "without a reading that was decided";
  EXPECT_FALSE(it.sessions->demo_reading(1)) << "a person";
  EXPECT_FALSE(it.sessions->demo_reading(3)) << "nobody";
  const CommandResult read = it.decide(it.sessions->demo_reading(0));
  EXPECT_TRUE(std::holds_alternative<std::vector<Proposal>>(read.answer));
  EXPECT_EQ(it.problems(), std::vector<std::string>());
  it.decide(it.sessions->demo_reading(2));
  EXPECT_FALSE(it.problems().empty()) << "the log's verifier knows whose key it was not";
}

// SPEC BS-40
TEST(BrowserDemo, PeopleAreReadFromAFileThatOnlyItsOwnerReads) {
  const TemporaryFolder folder;
  const std::filesystem::path file = folder.path() / "demo-people.json";
  EXPECT_EQ(load_demo_people(file).error().code, ErrorCode::not_found);
  const crypto::SigningKey key = crypto::SigningKey::generate(crypto::KeyAlgorithm::ed25519);
  json::object one{{"name", "Milo"}, {"about_sv", "Prova"}, {"about_en", "Try"}};
  const crypto::SecretText pem = key.to_pem();
  one["key"] = std::string(pem.expose());
  const std::string text = json::serialize(json::object{{"version", 1}, {"people", json::array{std::move(one)}}});
  ASSERT_TRUE(write_file_atomically(file, as_bytes(text)));
  const auto people = load_demo_people(file);
  ASSERT_TRUE(people) << why(people);
  ASSERT_EQ(people->size(), 1u);
  EXPECT_EQ((*people)[0].key->public_key(), key.public_key());
  std::filesystem::permissions(file, std::filesystem::perms(0644));
  EXPECT_EQ(load_demo_people(file).error().code, ErrorCode::invalid);
}

// SPEC BS-40
TEST(BrowserDemo, SomebodyIsStaffOrAdministratorAndNotBoth) {
  const TemporaryFolder folder;
  const std::filesystem::path file = folder.path() / "demo-people.json";
  const crypto::SecretText pem = crypto::SigningKey::generate(crypto::KeyAlgorithm::ed25519).to_pem();
  const auto loaded = [&](json::object more) {
    json::object one{{"name", "Cleo"}, {"about_sv", ""}, {"about_en", ""}, {"key", std::string(pem.expose())}};
    for (const auto& [name, value] : more) one[name] = value;
    const std::string text = json::serialize(json::object{{"version", 1}, {"people", json::array{std::move(one)}}});
    EXPECT_TRUE(write_file_atomically(file, as_bytes(text)));
    return load_demo_people(file);
  };
  const auto id = crypto::random_id<AdministratorId>();
  const auto people = loaded({{"administrator", id.text()}});
  ASSERT_TRUE(people) << why(people);
  EXPECT_EQ((*people)[0].administrator, id);
  const json::value staff =
      to_json(StaffActor{crypto::random_id<StaffId>(), crypto::random_id<OrganisationId>(), {}, {}});
  EXPECT_EQ(loaded({{"administrator", id.text()}, {"staff", staff}}).error().code, ErrorCode::malformed);
  EXPECT_EQ(loaded({{"administrator", "nobody"}}).error().code, ErrorCode::malformed);
}

}  // namespace
}  // namespace flikvakt::service::test
