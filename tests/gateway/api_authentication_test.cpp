// Who asks: certificates, staff assertions and persons' sessions, each accepted, and refused when one thing is wrong.
#include <thread>

#include "crypto/jws.h"
#include "tests/gateway/api_world.h"

namespace flikvakt::gateway::test {
namespace {

constexpr const char* kProtected = "/v1/cases";

// SPEC API-1, API-2
TEST(ApiAuthentication, ACertificateThatIsNotRegisteredIsRefusedWhateverItPresents) {
  ApiWorld world;
  const certs::IssuedIdentity stranger =
      world.pki.issue_client("stranger", "Stranger", "232100-0016", world.now).value();
  ApiClient client(world.server->ports().api, world.ca_pem, &stranger);
  EXPECT_EQ(client.get("/v1/health").status, 200u);
  EXPECT_EQ(client.get("/v1/catalogue").status, 403u);
  client.authorization = "Bearer " + world.assertion(*world.region, world.nurse);
  const ApiReply refused = client.get(kProtected);
  EXPECT_EQ(refused.status, 403u);

  ApiClient suspended = world.staff(*world.region, world.nurse);
  EXPECT_EQ(suspended.get(kProtected).status, 200u);
  EXPECT_EQ(suspended.get("/v1/catalogue").status, 200u);
  world.decide(world.administrators[0], policy::Suspend{policy::RegistryNoun::organisation, world.region->id.text()});
  ApiClient again = world.staff(*world.region, world.nurse);
  EXPECT_EQ(again.get(kProtected).comparable(), refused.comparable());
}

// SPEC API-3
TEST(ApiAuthentication, ARegisteredCertificateOutsideTheProfileIsRefused) {
  ApiWorld world;
  certs::CertificateSpec spec = certs::client_profile("Long", "232100-0016", world.now);
  spec.not_after = world.now + 24h * 365 * 5;
  const certs::IssuedIdentity made = world.pki.issue("long", spec).value();
  world.by_administrators(policy::RegisterCertificate{
      made.leaf.sha256_fingerprint(), world.region->id, world.pki.ca().certificate().sha256_fingerprint(),
      made.leaf.serial_hex(), made.leaf.not_before(), made.leaf.not_after(), made.leaf.der()});
  ApiClient client(world.server->ports().api, world.ca_pem, &made);
  EXPECT_EQ(client.get("/v1/catalogue").status, 403u);
}

// SPEC HTTP-46
TEST(ApiAuthentication, FailuresBeforeAuthenticationAreOneEntryOfTheLogAndNoneWithoutThem) {
  const auto entries_of_stop = [](int failures) {
    ApiWorld world;
    ApiClient client = world.portal();
    EXPECT_EQ(client.get("/v1/health").status, 200u) << "the handshake is over on both sides";
    for (int i = 0; i < failures; ++i) EXPECT_EQ(client.get("/v1/me").status, 401u);
    const std::uint64_t before = world.core->sequencer().log_view().size;
    world.server->stop(0ms);
    // Decided after what the stop has submitted.
    world.decide(world.administrators[0], policy::ReadProposals{});
    return world.core->sequencer().log_view().size - before - 1;
  };
  EXPECT_EQ(entries_of_stop(0), 0u);
  EXPECT_EQ(entries_of_stop(3), 1u);
}

struct AssertionCase {
  const char* name;
  std::function<void(ApiWorld&, AssertionTricks&)> change;
};

json::object cnf(BytesView fingerprint) { return {{"x5t#S256", to_base64url(fingerprint)}}; }

std::vector<AssertionCase> assertion_cases() {
  const auto claim = [](const char* name, json::value value) {
    return [name, value](ApiWorld&, AssertionTricks& tricks) {
      tricks.claims = [name, value](json::object& claims) { claims[name] = value; };
    };
  };
  const auto shifted = [](const char* name, int by) {
    return [name, by](ApiWorld&, AssertionTricks& tricks) {
      tricks.claims = [name, by](json::object& claims) { claims[name] = claims[name].as_int64() + by; };
    };
  };
  const auto moved = [](int by) {
    return [by](ApiWorld&, AssertionTricks& tricks) {
      tricks.claims = [by](json::object& claims) {
        claims["iat"] = claims["iat"].as_int64() + by;
        claims["exp"] = claims["exp"].as_int64() + by;
      };
    };
  };
  return {
      {"another gateway", claim("aud", "flikvakt-other")},
      {"another certificate", claim("cnf", cnf(ByteArray<32>{1}))},
      {"certificate by another name", claim("cnf", json::object{{"jkt", "x"}})},
      {"two bindings",
       [](ApiWorld& world, AssertionTricks& tricks) {
         json::object both = cnf(world.region->identity.leaf.sha256_fingerprint());
         both["jkt"] = "x";
         tricks.claims = [both](json::object& claims) { claims["cnf"] = both; };
       }},
      {"another organisation",
       [](ApiWorld& world, AssertionTricks& tricks) {
         const std::string other = world.authority->id.text();
         tricks.claims = [other](json::object& claims) { claims["iss"] = other; };
       }},
      {"no subject",
       [](ApiWorld&, AssertionTricks& tricks) { tricks.claims = [](json::object& claims) { claims.erase("sub"); }; }},
      {"a further claim", claim("admin", true)},
      {"zero jti", claim("jti", "00000000000000000000000000000000")},
      {"short jti", claim("jti", "abc")},
      {"expired", moved(-300)},
      {"just expired", moved(-241)},
      {"issued in the future", moved(90)},
      {"too long a life", shifted("exp", 61)},
      {"ends before it begins", shifted("exp", -1000)},
      {"times as text", claim("exp", "soon")},
      {"huge time", claim("exp", std::int64_t{1} << 52)},
      {"another key under our kid",
       [](ApiWorld& world, AssertionTricks& tricks) { tricks.key = &world.authority->key; }},
      {"another organisation's key and kid",
       [](ApiWorld& world, AssertionTricks& tricks) {
         tricks.key = &world.authority->key;
         tricks.kid = to_base64url(world.authority->key.public_key().thumbprint());
       }},
      {"unknown kid", [](ApiWorld&, AssertionTricks& tricks) { tricks.kid = to_base64url(ByteArray<32>{7}); }},
      {"kid that is no thumbprint", [](ApiWorld&, AssertionTricks& tricks) { tricks.kid = "key-1"; }},
      {"another typ", [](ApiWorld&, AssertionTricks& tricks) { tricks.typ = "flikvakt-act+jws"; }},
  };
}

// SPEC API-10, API-11, API-12, API-14
TEST(ApiAuthentication, AnAssertionThatIsWrongInOneThingIsAnsweredLikeNone) {
  ApiWorld world;
  ApiClient client = world.organisation(*world.region);
  client.authorization = "Bearer " + world.assertion(*world.region, world.nurse);
  ASSERT_EQ(client.get(kProtected).status, 200u);
  client.authorization.clear();
  const ApiReply none = client.get(kProtected);
  EXPECT_EQ(none.status, 401u);
  EXPECT_EQ(none.field("WWW-Authenticate"), "Bearer");
  for (const AssertionCase& one : assertion_cases()) {
    AssertionTricks tricks;
    one.change(world, tricks);
    client.authorization = "Bearer " + world.assertion(*world.region, world.nurse, tricks);
    EXPECT_EQ(client.get(kProtected).comparable(), none.comparable()) << one.name;
  }
  const std::string good = world.assertion(*world.region, world.nurse);
  for (const std::string& field : {good, "Basic " + good, "bearer " + good, "Bearer  " + good, "Bearer " + good + "x",
                                   "Bearer " + good.substr(0, good.size() - 2), std::string("Bearer a.b.c")}) {
    client.authorization = field;
    EXPECT_EQ(client.get(kProtected).comparable(), none.comparable()) << field.substr(0, 12);
  }
}

// SPEC API-11
TEST(ApiAuthentication, AnAssertionWhosePayloadIsNotCanonicalIsRefused) {
  ApiWorld world;
  ApiClient client = world.organisation(*world.region);
  const std::string good = world.assertion(*world.region, world.nurse);
  const std::size_t dot = good.find('.');
  const Bytes payload = from_base64url(good.substr(dot + 1, good.rfind('.') - dot - 1)).value();
  const std::string spaced = "{ " + std::string(as_text(payload)).substr(1);
  const std::string kid = to_base64url(world.region->key.public_key().thumbprint());
  client.authorization =
      "Bearer " + crypto::sign_jws(world.region->key, "flikvakt-staff+jws", kid, as_bytes(spaced)).value();
  EXPECT_EQ(client.get(kProtected).status, 401u);
}

// SPEC API-12
TEST(ApiAuthentication, TheSendersClockMayBeAMinuteAhead) {
  ApiWorld world;
  ApiClient client = world.organisation(*world.region);
  AssertionTricks tricks;
  tricks.claims = [](json::object& claims) { claims["iat"] = claims["iat"].as_int64() + 50; };
  client.authorization = "Bearer " + world.assertion(*world.region, world.nurse, tricks);
  EXPECT_EQ(client.get(kProtected).status, 200u);
}

// SPEC API-13
TEST(ApiAuthentication, AnAcceptedAssertionEndsWithItsTimeOnTheSameConnection) {
  ApiWorld world;
  ApiClient client = world.organisation(*world.region);
  AssertionTricks tricks;
  tricks.claims = [](json::object& claims) { claims["exp"] = claims["iat"].as_int64() + 2; };
  client.authorization = "Bearer " + world.assertion(*world.region, world.nurse, tricks);
  EXPECT_EQ(client.get(kProtected).status, 200u);
  std::this_thread::sleep_for(2100ms);
  EXPECT_EQ(client.get(kProtected).status, 401u);
  client.authorization = "Bearer " + world.assertion(*world.region, world.nurse);
  EXPECT_EQ(client.get(kProtected).status, 200u);
}

// SPEC API-13
TEST(ApiAuthentication, AKeyThatIsRemovedEndsTheAssertionsItSigned) {
  ApiWorld world;
  ApiClient client = world.staff(*world.region, world.nurse);
  ASSERT_FALSE(world.handle(client).empty());
  world.decide(world.administrators[0], policy::Remove{policy::RegistryNoun::assertion_key,
                                                       to_hex(world.region->key.public_key().thumbprint())});
  EXPECT_TRUE(world.handle(client).empty());
}

// SPEC API-4
TEST(ApiAuthentication, ASuspendedOrganisationsOpenConnectionIsClosedAndOthersStayOpen) {
  ApiWorld world;
  ApiClient theirs = world.staff(*world.region, world.nurse);
  ApiClient others = world.staff(*world.authority, world.handler);
  ASSERT_EQ(theirs.get(kProtected).status, 200u);
  ASSERT_EQ(others.get(kProtected).status, 200u);
  world.decide(world.administrators[0], policy::Suspend{policy::RegistryNoun::organisation, world.region->id.text()});
  EXPECT_TRUE(theirs.is_closed_within(2000ms));
  EXPECT_EQ(others.get(kProtected).status, 200u);
}

// SPEC API-4
TEST(ApiAuthentication, ARevocationListEndsTheConnectionsOfTheCertificatesItNames) {
  ApiWorld world;
  ApiClient theirs = world.staff(*world.region, world.nurse);
  ASSERT_EQ(theirs.get(kProtected).status, 200u);
  world.decide(policy::SystemActor{}, policy::ApplyCrl{world.pki.ca().certificate().sha256_fingerprint(),
                                                       2,
                                                       policy::Fingerprint{2},
                                                       world.now + 24h,
                                                       {world.region->identity.leaf.serial_hex()}});
  EXPECT_TRUE(theirs.is_closed_within(2000ms));
  ApiClient anew = world.staff(*world.region, world.nurse);
  EXPECT_EQ(anew.get(kProtected).status, 403u);
}

// SPEC API-20, API-21
TEST(ApiSession, ASessionIsOpenedByTheDeviceKeyOnThisConnectionOnly) {
  ApiWorld world;
  ApiClient client = world.portal();
  EXPECT_EQ(client.get("/v1/me").status, 401u);
  world.open_session(client);
  EXPECT_EQ(client.get("/v1/me").status, 200u);
  EXPECT_EQ(client.get("/v1/catalogue").status, 200u);
  ApiClient other = world.portal();
  EXPECT_EQ(other.get("/v1/me").status, 401u);
  EXPECT_EQ(other.get("/v1/catalogue").status, 401u);
}

// SPEC API-22
TEST(ApiSession, AChallengeServesOnceAndOnlyItsConnection) {
  ApiWorld world;
  ApiClient client = world.portal();
  const ApiReply challenged = client.post("/v1/session-challenges", json::object());
  const std::string jws = world.session_jws(client.tls(), challenged.json().at("challenge"));
  EXPECT_EQ(client.post("/v1/sessions", json::object{{"jws", jws}}).status, 201u);
  EXPECT_EQ(client.post("/v1/sessions", json::object{{"jws", jws}}).status, 401u) << "replayed";

  ApiClient other = world.portal();
  const ApiReply own = other.post("/v1/session-challenges", json::object());
  EXPECT_EQ(other.post("/v1/sessions", json::object{{"jws", jws}}).status, 401u) << "another's challenge and binding";
  const std::string after = world.session_jws(other.tls(), own.json().at("challenge"));
  EXPECT_EQ(other.post("/v1/sessions", json::object{{"jws", after}}).status, 401u) << "the attempt used it up";
}

// SPEC API-21
TEST(ApiSession, ASessionRequestThatIsWrongInOneThingIsRefused) {
  ApiWorld world;
  ApiClient client = world.portal();
  ApiClient bystander = world.portal();
  const Bytes elsewhere = bystander.tls().export_keying_material("EXPORTER-Channel-Binding", 32).value();
  const std::pair<const char*, std::function<void(json::object&)>> cases[] = {
      {"another connection", [&](json::object& claims) { claims["binding"] = to_base64url(elsewhere); }},
      {"no binding", [](json::object& claims) { claims["binding"] = ""; }},
      {"another gateway", [](json::object& claims) { claims["audience"] = "flikvakt-other"; }},
      {"another challenge", [](json::object& claims) { claims["challenge"] = to_base64url(ByteArray<32>{}); }},
      {"old", [&](json::object& claims) { claims["issued"] = to_rfc3339(world.now - 10min); }},
      {"in the future", [&](json::object& claims) { claims["issued"] = to_rfc3339(world.now + 10min); }},
      {"a further member", [](json::object& claims) { claims["role"] = "admin"; }},
  };
  for (const auto& [name, change] : cases) {
    const ApiReply challenged = client.post("/v1/session-challenges", json::object());
    const std::string jws = world.session_jws(client.tls(), challenged.json().at("challenge"), change);
    EXPECT_EQ(client.post("/v1/sessions", json::object{{"jws", jws}}).status, 401u) << name;
  }
  world.open_session(client);
  EXPECT_EQ(client.get("/v1/me").status, 200u);
}

// SPEC API-23
TEST(ApiSession, ARemovedKeyEndsItsSession) {
  ApiWorld world;
  ApiClient client = world.portal();
  world.open_session(client);
  ASSERT_EQ(client.get("/v1/me").status, 200u);
  const json::object remove{{"kind", "remove_key"},
                            {"thumbprint", to_base64url(world.device.public_key().thumbprint())}};
  EXPECT_EQ(client.post("/v1/acts", json::object{{"jws", world.signed_act(world.sent(remove), world.device)}}).status,
            200u);
  EXPECT_EQ(client.get("/v1/me").status, 401u);
}

}  // namespace
}  // namespace flikvakt::gateway::test
