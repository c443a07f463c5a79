// What the door checks of an act before it is decided, and what it leaves behind.
#include "crypto/canonical_json.h"
#include "crypto/jws.h"
#include "service/row_seal.h"
#include "tests/crypto/software_authenticator.h"
#include "tests/service/signed_world.h"
#include "tests/service/software_issuer.h"

namespace flikvakt::service::test {
namespace {

using namespace policy;

RegisterCertificate certificate_for(SignedWorld& world, certs::DevPki& signer) {
  const crypto::Certificate leaf = signer.issue_client("late", "Region", "5560000000", world.clock.wall())->leaf;
  RegisterCertificate act;
  act.fingerprint = leaf.sha256_fingerprint();
  act.organisation = world.region;
  act.issuer = world.issuer;
  act.serial = leaf.serial_hex();
  act.valid_from = leaf.not_before();
  act.valid_to = leaf.not_after();
  act.certificate = leaf.der();
  return act;
}

// SPEC ACT-49
TEST(SentAct, ACertificateIsRegisteredOnlyUnderTheIssuerThatSignedIt) {
  SignedWorld world;
  EXPECT_TRUE(world.by_two(certificate_for(world, *world.pki)).decision.is_permitted());
  const TemporaryFolder elsewhere;
  certs::DevPki other = certs::DevPki::create(elsewhere.path(), world.clock.wall()).value();
  const auto refused = [&](const RegisterCertificate& act) {
    const Result<Command> made = world.command(world.administrator(0), act);
    return made ? std::string("made") : made.error().message;
  };
  EXPECT_EQ(refused(certificate_for(world, other)), "the act: `certificate` is not signed by `issuer`");
  RegisterCertificate unknown = certificate_for(world, other);
  unknown.issuer = other.ca().certificate().sha256_fingerprint();
  EXPECT_EQ(refused(unknown), "the act: `issuer` is not a registered certificate authority");
  RegisterCertificate dated = certificate_for(world, *world.pki);
  dated.valid_to += 1s;
  EXPECT_EQ(refused(dated), "the act: its fields are not those of `certificate`");
}

// SPEC ACT-50
TEST(SentAct, WhatWasIssuedBeforeTheLogBeganOpensNothingButStillNarrows) {
  SignedWorld world;
  world.anna = world.enrol(world.anna.number);
  const FullmaktId fullmakt = world.sign(world.anna);
  const UtcTime since = world.core->directory().instance().since;
  EXPECT_EQ(since, std::chrono::floor<std::chrono::seconds>(since));
  EXPECT_TRUE(world.command(world.anna.actor, Reconfirm{}));
  world.clock.jump(since - 1s - world.clock.wall());
  const Result<Command> old = world.command(world.anna.actor, Reconfirm{});
  ASSERT_FALSE(old);
  EXPECT_EQ(old.error().message, "the act: it was issued before this log began: issue it anew");
  EXPECT_TRUE(world.command(world.anna.actor, RevokeFullmakt{fullmakt}));
  world.clock.jump(since - world.clock.wall());
  EXPECT_TRUE(world.command(world.anna.actor, Reconfirm{})) << "the second in which it began";
}

// SPEC ACT-53
TEST(SentAct, WhatNarrowsIsTakenWhicheverClockIsWrong) {
  SignedWorld world;
  world.anna = world.enrol(world.anna.number);
  const FullmaktId fullmakt = world.sign(world.anna);
  const auto signed_ahead = [&](const Act& act) {
    world.clock.jump(1h);  // the person's clock, not the gateway's
    Result<Command> made = world.command(world.anna.actor, act);
    world.clock.jump(-1h);
    EXPECT_TRUE(made);
    SentAct sent;
    sent.id = made->evidence->id;
    sent.audience = "test";
    sent.issued = world.clock.wall() + 1h;
    sent.expires = sent.issued + 1h;
    sent.act = act_to_json(act);
    return make_command(*world.core, world.anna.actor, sent, made->evidence->bytes, {});
  };
  EXPECT_TRUE(signed_ahead(RevokeFullmakt{fullmakt}));
  EXPECT_TRUE(signed_ahead(SetSparr{crypto::random_id<SparrId>(), {}}));
  const Result<Command> refused = signed_ahead(Reconfirm{});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "the act: it is issued in the future");
}

// SPEC ACT-56
TEST(SentAct, WhatNarrowsIsCarriedOutADayPastItsExpiryAndWhatOpensIsNot) {
  SignedWorld world;
  world.anna = world.enrol(world.anna.number);
  const FullmaktId fullmakt = world.sign(world.anna);
  const auto now = [&](const Command& made) { return world.core->decide(made); };
  const Command pause = world.command(world.anna.actor, PauseFullmakt{fullmakt}).value();
  const Command revoke = world.command(world.anna.actor, RevokeFullmakt{fullmakt}).value();
  const Command reconfirm = world.command(world.anna.actor, Reconfirm{}).value();
  const Command paper = world.command(world.nurse, PaperNarrowing{}, world.anna.number).value();
  world.clock.advance(24h);
  EXPECT_EQ(now(reconfirm).status, CommandStatus::expired);
  const CommandResult paused = now(pause);
  EXPECT_EQ(paused.status, CommandStatus::decided);
  EXPECT_TRUE(paused.decision.is_permitted());
  world.clock.advance(24h - 1ms);
  EXPECT_EQ(now(pause).status, CommandStatus::repeated);
  EXPECT_EQ(now(pause).entry, paused.entry);
  EXPECT_EQ(now(paper).status, CommandStatus::decided);
  world.clock.advance(1ms);
  EXPECT_EQ(now(revoke).status, CommandStatus::expired);
  EXPECT_EQ(now(pause).status, CommandStatus::expired) << "its receipt is forgotten";
  const std::vector<std::string> problems = world.verify().problems;
  EXPECT_EQ(problems, std::vector<std::string>());
}

// SPEC ACT-56
TEST(SentAct, WhateverItsTimesSayANarrowingActIsCarriedOutAndItsReceiptGoesInAMonth) {
  SignedWorld world;
  world.anna = world.enrol(world.anna.number);
  const auto send = [&](UtcTime issued, UtcTime expires) {
    SentAct sent;
    sent.id = crypto::random_id<ActId>();
    sent.audience = "test";
    sent.issued = issued;
    sent.expires = expires;
    sent.act = act_to_json(RevokeFullmakt{crypto::random_id<FullmaktId>()});
    const std::string text = crypto::canonical(to_json(sent));
    const std::string jws =
        crypto::sign_jws(world.anna.key, kPersonActJws, kid_of(world.anna.actor.key), as_bytes(text)).value();
    const Command made = make_command(*world.core, world.anna.actor, sent, to_bytes(as_bytes(jws)), {}).value();
    return std::pair(world.core->decide(made), made);
  };
  const UtcTime end = parse_rfc3339("9999-12-31T12:00:00Z").value();
  const auto [first, act] = send(end - 24h * 20, end);
  EXPECT_EQ(first.status, CommandStatus::decided);
  EXPECT_EQ(world.core->decide(act).status, CommandStatus::repeated);
  world.restart();
  EXPECT_EQ(world.core->decide(act).status, CommandStatus::repeated);
  world.clock.advance(24h * 31);
  for (int i = 0; i < 500 && world.core->decide(act).status == CommandStatus::repeated; ++i)
    std::this_thread::sleep_for(20ms);
  const CommandResult again = world.core->decide(act);
  EXPECT_GT(again.entry, first.entry) << "its receipt is gone: it is decided anew";
  EXPECT_EQ(send(world.clock.wall() - 24h * 20, world.clock.wall() - 24h).first.status, CommandStatus::expired);
  EXPECT_EQ(world.verify().problems, std::vector<std::string>());
}

// A clock that was ahead left a log that is: what narrows is asked of the wall clock too.
TEST(SentAct, ALogAheadOfTheClockStopsNothingThatNarrows) {
  SignedWorld world;
  world.anna = world.enrol(world.anna.number);
  const FullmaktId fullmakt = world.sign(world.anna);
  world.clock.advance(24h * 60);
  EXPECT_TRUE(world.by_person(world.anna, Reconfirm{}).status == CommandStatus::decided);
  world.clock.jump(-24h * 60);  // mended
  const CommandResult revoked = world.send(world.anna.actor, RevokeFullmakt{fullmakt});
  EXPECT_EQ(revoked.status, CommandStatus::decided);
  EXPECT_TRUE(revoked.decision.is_permitted());
  EXPECT_EQ(world.verify().problems.size(), 1u) << "SPEC LVR-3: the log is ahead of the verifier's clock too";
  world.clock.jump(24h * 60);
  EXPECT_EQ(world.verify().problems, std::vector<std::string>());
}

// A row that could not be read at the next start would lock the gateway.
TEST(SentAct, WhatCouldNotBeReadBackIsRefusedAndNotWritten) {
  SignedWorld world;
  RowSealer sealer(world.core->keys());
  Receipt receipt{{}, crypto::random_id<ActId>(), {}, 1, true, json::object{}, world.clock.wall()};
  EXPECT_TRUE(sealer.seal(receipt, 1));
  receipt.expires = UtcTime(std::chrono::milliseconds(std::int64_t{1} << 60));  // a year of more than four digits
  const Result<store::StateRow> sealed = sealer.seal(receipt, 1);
  ASSERT_FALSE(sealed);
  EXPECT_EQ(sealed.error().message, "a row of table 14 could not be read back");
}

std::size_t wraps_in(const Core& core) {
  std::size_t count = 0;
  EXPECT_TRUE(core.keys().store().for_each([&](const store::KeySlot&) -> Result<void> {
    ++count;
    return {};
  }));
  return count;
}

// SPEC ENROL-7
TEST(SentAct, AProposedKeyCostsTheKeyStoreTheSameForAKnownAndANewNumber) {
  SignedWorld world;
  world.anna = world.enrol(world.anna.number);
  const auto cost_of = [&](const std::string& number) {
    const std::size_t before = wraps_in(*world.core);
    const SigningKey key = SigningKey::generate(crypto::KeyAlgorithm::p256);
    const ProposeKey act{{}, key.public_key().to_jwk(), key.public_key().thumbprint()};
    EXPECT_TRUE(world.send(world.region_registrar, act, number).decision.is_permitted());
    return wraps_in(*world.core) - before;
  };
  EXPECT_EQ(cost_of(world.anna.number), 2u) << "known";
  EXPECT_EQ(cost_of("197302889931"), 2u) << "new";
  const std::size_t before = wraps_in(*world.core);
  world.restart();
  EXPECT_EQ(wraps_in(*world.core), before - 2) << "a start destroys those of the known number";
}

// SPEC ENROL-10
TEST(SentAct, ANewKeyHasItsOwnThumbprintAndOnlyAPasskeyIsOfRsa) {
  SignedWorld world;
  world.anna = world.enrol(world.anna.number);
  const crypto::WebKey rsa = flikvakt::test::RsaSigner().public_key();
  const crypto::PublicKey plain = SigningKey::generate(crypto::KeyAlgorithm::ed25519).public_key();
  const Passkey passkey{{1}, "portal.example", 0};
  const auto why = [&](const Act& act) {
    const Result<Command> made = world.command(world.anna.actor, act);
    return made ? std::string("made") : made.error().message;
  };
  EXPECT_EQ(why(AddKey{plain.to_jwk(), plain.thumbprint(), {}}), "made");
  EXPECT_EQ(why(AddKey{plain.to_jwk(), plain.thumbprint(), passkey}), "made");
  EXPECT_EQ(why(AddKey{rsa.to_jwk(), rsa.thumbprint(), passkey}), "made");
  EXPECT_NE(why(AddKey{rsa.to_jwk(), rsa.thumbprint(), {}}), "made") << "RSA signs no acts";
  EXPECT_EQ(why(AddKey{plain.to_jwk(), rsa.thumbprint(), {}}), "the act: `thumbprint` is not that of `jwk`");
  EXPECT_EQ(why(AddKey{rsa.to_jwk(), plain.thumbprint(), passkey}), "the act: `thumbprint` is not that of `jwk`");
  EXPECT_EQ(why(AddKey{{}, plain.thumbprint(), passkey}), "the act: a passkey without `jwk`");
  json::value more = rsa.to_jwk();
  more.get_object()["kid"] = "a";
  EXPECT_EQ(why(AddKey{more, rsa.thumbprint(), passkey}), "the act: `jwk` has more members than its key needs");
  const RegisterStaffKey staff_key{rsa.thumbprint(), world.coach.staff, plain.to_jwk(), passkey};
  EXPECT_FALSE(world.command(world.administrator(0), staff_key));
}

// SPEC OIDC-2
TEST(SentAct, AnIssuerIsAtAddressesThatCanBeAskedUnderRootsThatAreSome) {
  SignedWorld world;
  const OidcIssuer row = SoftwareIssuer().row();
  SetOidcIssuer act{row.code,
                    row.name,
                    row.issuer,
                    row.client_id,
                    {},
                    row.acr,
                    {},
                    row.authorization_endpoint,
                    row.token_endpoint,
                    row.jwks_uri,
                    world.pki->ca().certificate().pem()};
  EXPECT_TRUE(world.command(world.administrator(0), act));
  const auto refuses = [&](const std::function<void(SetOidcIssuer&)>& change) {
    SetOidcIssuer other = act;
    change(other);
    return !world.command(world.administrator(0), other);
  };
  EXPECT_TRUE(refuses([](SetOidcIssuer& a) { a.token_endpoint = "https://user@issuer.example"; }));
  EXPECT_TRUE(refuses([](SetOidcIssuer& a) { a.jwks_uri = "http://issuer.example"; }));
  EXPECT_TRUE(refuses([](SetOidcIssuer& a) { a.issuer = "https://issuer.example:0"; }));
  EXPECT_TRUE(refuses([](SetOidcIssuer& a) { a.authorization_endpoint = "https://issuer.example/#f"; }));
  EXPECT_TRUE(refuses([](SetOidcIssuer& a) { a.ca = "no certificate"; }));
}

}  // namespace
}  // namespace flikvakt::service::test
