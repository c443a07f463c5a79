// The doors of connectors, asked over real TLS: enrolment, questions that wait, calls, pieces of deposits, sealed
// messages.
#include <future>

#include "gateway/partial_uploads.h"
#include "tests/gateway/connector_world.h"
#include "tests/gateway/unix_client.h"

namespace flikvakt::gateway::test {
namespace {

using namespace policy;

class ConnectorDoors : public testing::Test {
protected:
  ConnectorDoors()
      : issuer_(SystemClock().wall()), world_([this](Server::Options& options) { issuer_.put_into(options); }) {
    issuer_.admit(world_);
  }
  ConnectorHub& hub() { return *world_.server->connectors(); }
  std::string reason(const SealedReply& reply) { return reply.text("/reason"); }
  // Asks and waits, on a thread of its own.
  std::future<ApiReply> asks(const TestConnector& one, std::uint64_t seconds) {
    return std::async(std::launch::async, [&one, seconds] { return one.poll(seconds); });
  }
  void wait_for_questions(std::size_t count) {
    const auto present = [&] {
      std::size_t out = 0;
      for (const ConnectorPresence& one : hub().presence()) out += one.is_present;
      return out;
    };
    for (int i = 0; i < 500 && present() < count; ++i) std::this_thread::sleep_for(10ms);
    EXPECT_GE(present(), count);
  }

  ConnectorIssuer issuer_;
  ApiWorld world_;
};

// SPEC CONN-5, CONN-6, CONN-12
TEST_F(ConnectorDoors, ACodeEnrolsOnceAndIsToldApartOnlyByWhoHasIt) {
  TestConnector one(world_, issuer_);
  EXPECT_EQ(reason(one.enrol(to_bytes(crypto::random_bytes<20>()))), "credential_not_valid") << "nobody invited it";
  const Bytes code = one.invite();
  EXPECT_EQ(reason(one.enrol(to_bytes(crypto::random_bytes<20>()))), "credential_not_valid");
  const SealedReply enrolled = one.enrol(code);
  ASSERT_EQ(enrolled.status, 201u) << enrolled.body;
  EXPECT_EQ(enrolled.text("/gateway"), "flikvakt-test");
  EXPECT_EQ(enrolled.text("/staff"), world_.nurse.text());
  EXPECT_EQ(enrolled.text("/api"), "https://localhost");
  EXPECT_EQ(one.poll().status, 200u);
  EXPECT_EQ(reason(one.enrol(to_bytes(crypto::random_bytes<20>()))), "credential_not_valid") << "the code is over";
  TestConnector late(world_, issuer_);
  const Bytes old = late.invite(5min);
  world_.clock.move(6min);
  EXPECT_EQ(reason(late.enrol(old)), "expired");
}

// SPEC CONN-6
TEST_F(ConnectorDoors, WhatIsSealedIsSignedByTheKeyThatEnrols) {
  TestConnector one(world_, issuer_);
  const Bytes code = one.invite();
  const crypto::SigningKey other = crypto::SigningKey::generate(crypto::KeyAlgorithm::ed25519);
  const json::object body{{"code", to_base64url(code)},
                          {"jwk", other.public_key().to_jwk()},
                          {"public_key", one.tls_key.public_key().to_pem()},
                          {"proof", one.proof(one.tls_key)}};
  EXPECT_EQ(reason(one.sealed({"/v1/connector/enrolment"}, json::serialize(body))), "credential_not_valid");
  json::object no_key{{"code", to_base64url(code)},
                      {"jwk", one.key.public_key().to_jwk()},
                      {"public_key", "none"},
                      {"proof", one.proof(one.tls_key)}};
  const auto enrols = [&](const json::object& asked) {
    return one.sealed({"/v1/connector/enrolment"}, json::serialize(asked)).status;
  };
  EXPECT_EQ(enrols(no_key), 400u);
  // SPEC CONN-13: of a key that it does not hold, or of another kind.
  const crypto::SigningKey not_held = crypto::SigningKey::generate(crypto::KeyAlgorithm::p256);
  no_key["public_key"] = not_held.public_key().to_pem();
  EXPECT_EQ(enrols(no_key), 400u);
  no_key["public_key"] = other.public_key().to_pem();
  no_key["proof"] = one.proof(other);
  EXPECT_EQ(enrols(no_key), 400u) << "Ed25519";
  EXPECT_EQ(one.enrol(code).status, 201u) << "the code was not used up";
}

// SPEC CONN-5, CONN-6: an answer that was lost on the way does not burn the code, and gives nobody else anything.
TEST_F(ConnectorDoors, TheSameEnrolmentAgainIsAnsweredAgainAndChangesNothing) {
  TestConnector one(world_, issuer_);
  const Bytes code = one.invite();
  const SealedReply first = one.enrol(code);
  ASSERT_EQ(first.status, 201u);
  EXPECT_EQ(first.text("/seal_keys/0"), to_base64url(issuer_.seal_key())) << "what the code pins";
  const std::uint64_t size = world_.core->sequencer().log_view().size;
  const SealedReply again = one.enrol(code);
  ASSERT_EQ(again.status, 201u) << again.body;
  EXPECT_EQ(again.text("/certificate"), first.text("/certificate"));
  EXPECT_EQ(world_.core->sequencer().log_view().size, size);
  TestConnector thief(world_, issuer_);
  thief.id = one.id;
  EXPECT_EQ(reason(thief.enrol(code)), "wrong_state") << "under other keys";
  one.tls_key = crypto::SigningKey::generate(crypto::KeyAlgorithm::p256);
  EXPECT_EQ(reason(one.enrol(code)), "wrong_state");
}

// SPEC CONN-8, CONN-20
TEST_F(ConnectorDoors, OnlyAConnectorsCertificateAsksForWork) {
  ApiClient usual = world_.organisation(*world_.region);
  EXPECT_EQ(usual.post("/v1/connector/poll", TestConnector::question(0)).status, 403u);
  EXPECT_EQ(usual.post("/v1/connector/certificates", json::object{{"public_key", "x"}}).status, 403u);
  TestConnector one(world_, issuer_);
  one.must_enrol();
  const ApiReply reply = one.poll();
  ASSERT_EQ(reply.status, 200u) << reply.body;
  EXPECT_EQ(reply.json().at("requests"), json::array());
  EXPECT_EQ(reply.json().at("calls"), json::array());
  json::object more = TestConnector::question(0);
  more["more"] = 1;
  EXPECT_EQ(one.direct().post("/v1/connector/poll", more).status, 400u);
  json::array known;
  for (int i = 0; i < 300; ++i) known.push_back(json::string(crypto::random_id<RequestId>().text()));
  EXPECT_EQ(one.poll(0, known).status, 200u) << "whatever it knows, it is answered";
}

// SPEC CONN-9, CONN-10
TEST_F(ConnectorDoors, ACertificateIsRenewedUnderTheOneThatCounts) {
  TestConnector one(world_, issuer_);
  one.must_enrol();
  const crypto::SigningKey next = crypto::SigningKey::generate(crypto::KeyAlgorithm::p256);
  const json::object body{{"public_key", next.public_key().to_pem()}, {"proof", one.proof(next)}};
  const ApiReply renewed = one.direct().post("/v1/connector/certificates", body);
  ASSERT_EQ(renewed.status, 201u) << renewed.body;
  EXPECT_NE(renewed.text("/certificate"), "");
  EXPECT_EQ(one.poll().status, 200u) << "the one before counts too";
  EXPECT_EQ(world_.core->directory().row<Connector>(one.id)->certificates.size(), 2u);
  const json::object none{{"public_key", "none"}, {"proof", one.proof(next)}};
  EXPECT_EQ(one.direct().post("/v1/connector/certificates", none).status, 400u);
  const crypto::SigningKey not_held = crypto::SigningKey::generate(crypto::KeyAlgorithm::p256);
  const json::object foreign{{"public_key", not_held.public_key().to_pem()}, {"proof", one.proof(next)}};
  EXPECT_EQ(one.direct().post("/v1/connector/certificates", foreign).status, 400u) << "a key that it does not hold";
  for (int lost = 0; lost < 6; ++lost) {  // SPEC CONN-10: it asks again and again under the one that it has
    const crypto::SigningKey key = crypto::SigningKey::generate(crypto::KeyAlgorithm::p256);
    const json::object more{{"public_key", key.public_key().to_pem()}, {"proof", one.proof(key)}};
    EXPECT_EQ(one.direct().post("/v1/connector/certificates", more).status, 201u) << lost;
  }
  EXPECT_EQ(one.poll().status, 200u);
  EXPECT_LE(world_.core->directory().row<Connector>(one.id)->certificates.size(), 4u);
}

// SPEC CONN-21, CONN-23, CONN-41, CONN-45
TEST_F(ConnectorDoors, AQuestionThatWaitsIsAnsweredWhenSomethingIsAskedUnderAFullmakt) {
  TestConnector one(world_, issuer_);
  one.must_enrol();
  world_.sign_fullmakt();
  std::future<ApiReply> waits = asks(one, 50);
  wait_for_questions(1);
  const std::string id = ask_source(world_);
  const ApiReply reply = waits.get();
  ASSERT_EQ(reply.status, 200u) << reply.body;
  ASSERT_EQ(reply.json().at("requests").as_array().size(), 1u) << reply.body;
  EXPECT_EQ(reply.text("/requests/0/id"), id);
  EXPECT_EQ(reply.text("/requests/0/flik"), "journal");
  EXPECT_EQ(reply.text("/requests/0/number"), "197302889931");
  EXPECT_EQ(reply.text("/requests/0/organisation"), world_.authority->id.text());
  EXPECT_EQ(one.poll(0, json::array{id}).json().at("requests"), json::array()) << "it works on that";
  world_.deposit(as_bytes("Journal"));
  EXPECT_EQ(one.poll().json().at("requests"), json::array()) << "answered";
}

// SPEC CONN-41
TEST_F(ConnectorDoors, WithoutAFullmaktTheSourceHearsOfNothing) {
  TestConnector one(world_, issuer_);
  one.must_enrol();
  const std::string id = ask_source(world_);
  EXPECT_EQ(one.poll().json().at("requests"), json::array());
  const std::string other = ask_source(world_, "ekonomi");
  json::object act = world_.fullmakt_act(crypto::random_id<FullmaktId>().text(), "journal");
  act["request"] = id;
  act["terms"].as_object()["valid_to"] = to_rfc3339(world_.now + 24h * 30);  // no longer than was asked for
  const ApiReply given = world_.act_of_person(act);
  EXPECT_EQ(given.status, 200u) << given.body;
  const ApiReply reply = one.poll();
  ASSERT_EQ(reply.json().at("requests").as_array().size(), 1u) << reply.body;
  EXPECT_EQ(reply.text("/requests/0/id"), id) << "not " << other;
}

// SPEC CONN-41
TEST_F(ConnectorDoors, ARequestIsClosedWhenTheFullmaktIsPausedAndOpenAgainWhenItIsResumed) {
  TestConnector one(world_, issuer_);
  one.must_enrol();
  const std::string fullmakt = world_.sign_fullmakt();
  const std::string id = ask_source(world_);
  ASSERT_EQ(one.poll().text("/requests/0/id"), id);
  const auto sends = [&](const std::string& kind) {
    return world_.act_of_person(json::object{{"kind", kind}, {"id", fullmakt}}).status;
  };
  ASSERT_EQ(sends("pause_fullmakt"), 200u);
  const ApiReply closed = one.poll();
  EXPECT_EQ(closed.status, 200u);
  EXPECT_EQ(closed.json().at("requests"), json::array());
  EXPECT_EQ(closed.body.find("9931"), closed.body.npos);
  std::future<ApiReply> waits = asks(one, 1);
  EXPECT_EQ(waits.get().json().at("requests"), json::array()) << "and is not waited for in vain";
  ApiClient source = world_.staff(*world_.region, world_.nurse);
  EXPECT_EQ(source.get("/v1/source-requests").json().at("source_requests"), json::array());
  ASSERT_EQ(sends("resume_fullmakt"), 200u);
  EXPECT_EQ(one.poll().text("/requests/0/id"), id);
  ASSERT_EQ(sends("revoke_fullmakt"), 200u);
  EXPECT_EQ(one.poll().json().at("requests"), json::array());
}

// SPEC CONN-20, CONN-25
TEST_F(ConnectorDoors, RequestsAreHeardOfInTheirOrderAndTheSameOneOnce) {
  TestConnector one(world_, issuer_);
  one.must_enrol();
  world_.sign_fullmakt();
  const std::string first = ask_source(world_);
  world_.clock.move(1s);
  (void)ask_source(world_);
  world_.clock.move(1s);
  world_.sign_fullmakt("ekonomi");
  const std::string other = ask_source(world_, "ekonomi");
  const auto poll = [&](const json::object& more) {
    json::object question = TestConnector::question(0);
    for (const auto& [name, value] : more) question[name] = value;
    return one.direct().post("/v1/connector/poll", question);
  };
  const ApiReply both = poll(json::object());
  ASSERT_EQ(both.json().at("requests").as_array().size(), 2u) << both.body;
  EXPECT_EQ(both.text("/requests/0/id"), first);
  EXPECT_EQ(poll(json::object{{"wanted", 1}}).json().at("requests").as_array().size(), 1u);
  EXPECT_EQ(poll(json::object{{"wanted", 0}}).json().at("requests"), json::array());
  const json::object after{{"opened", both.text("/requests/0/opened")}, {"id", first}};
  const ApiReply later = poll(json::object{{"after", after}});
  ASSERT_EQ(later.json().at("requests").as_array().size(), 1u) << later.body;
  EXPECT_EQ(later.text("/requests/0/id"), other);
  const json::object end{{"opened", both.text("/requests/1/opened")}, {"id", other}};
  EXPECT_EQ(poll(json::object{{"after", end}}).json().at("requests"), json::array());
}

// SPEC CONN-26
TEST_F(ConnectorDoors, OneThatIsRemovedWhileItsSealedQuestionWaitsGetsNothing) {
  TestConnector one(world_, issuer_, true);
  one.must_enrol();
  world_.sign_fullmakt();
  TestConnector::Sent what{"/v1/connector/poll", one.session(), 1};
  what.headers["flikvakt-certificate"] = one.certificate_hex();
  std::future<SealedReply> waits =
      std::async(std::launch::async, [&] { return one.sealed(what, json::serialize(TestConnector::question(50))); });
  wait_for_questions(1);
  EXPECT_TRUE(
      world_.decide(world_.administrators[0], Remove{RegistryNoun::connector, one.id.text()}).decision.is_permitted());
  ASSERT_EQ(waits.wait_for(10s), std::future_status::ready) << "it does not wait on";
  const SealedReply reply = waits.get();
  EXPECT_TRUE(reply.is_open);
  EXPECT_EQ(reply.status, 403u) << reply.body;
  (void)ask_source(world_);
  EXPECT_EQ(reply.body.find("9931"), reply.body.npos);
}

// SPEC CONN-21
TEST_F(ConnectorDoors, ASecondQuestionEndsTheFirst) {
  TestConnector one(world_, issuer_);
  one.must_enrol();
  std::future<ApiReply> first = asks(one, 50);
  wait_for_questions(1);
  std::future<ApiReply> second = asks(one, 50);
  EXPECT_EQ(first.get().status, 200u);
  hub().break_off();
  EXPECT_EQ(second.get().status, 200u);
}

// SPEC CONN-24
TEST_F(ConnectorDoors, ACallIsAnsweredByTheConnectorThatItWasFor) {
  TestConnector one(world_, issuer_), other(world_, issuer_);
  one.must_enrol();
  other.must_enrol();
  std::future<ApiReply> waits = asks(one, 50);
  wait_for_questions(1);
  auto called = std::async(std::launch::async, [&] { return hub().call(one.id, "add-checkpoint", "note", 20s); });
  const ApiReply work = waits.get();
  ASSERT_EQ(work.json().at("calls").as_array().size(), 1u) << work.body;
  EXPECT_EQ(work.text("/calls/0/kind"), "add-checkpoint");
  EXPECT_EQ(work.text("/calls/0/body"), "note");
  const json::object answer{{"call", work.text("/calls/0/id")}, {"status", 200}, {"body", "cosigned"}};
  EXPECT_EQ(other.direct().post("/v1/connector/replies", answer).status, 409u) << "not its call";
  EXPECT_EQ(one.direct().post("/v1/connector/replies", answer).status, 204u);
  const Result<ConnectorReply> reply = called.get();
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(reply->status, 200u);
  EXPECT_EQ(reply->body, "cosigned");
  EXPECT_EQ(one.direct().post("/v1/connector/replies", answer).status, 409u) << "nobody waits any more";
}

// SPEC CONN-22
TEST_F(ConnectorDoors, CallsOfOneThatDoesNotAnswerAreFewAndNobodyElseWaitsForThem) {
  TestConnector slow(world_, issuer_), other(world_, issuer_);
  slow.must_enrol();
  other.must_enrol();
  EXPECT_EQ(hub().call(slow.id, "x", "", 20s).error().code, ErrorCode::unavailable) << "it is not there";
  EXPECT_EQ(slow.poll().status, 200u);
  std::vector<std::future<Result<ConnectorReply>>> calls;
  for (std::size_t i = 0; i < ConnectorHub::kMostCallsOfOne; ++i)
    calls.push_back(std::async(std::launch::async, [&] { return hub().call(slow.id, "x", "", 30s); }));
  const auto waiting = [&] {
    for (const ConnectorPresence& one : hub().presence()) {
      if (one.row.id == slow.id) return one.calls_waiting;
    }
    return std::size_t{0};
  };
  for (int i = 0; i < 500 && waiting() < ConnectorHub::kMostCallsOfOne; ++i) std::this_thread::sleep_for(10ms);
  ASSERT_EQ(waiting(), ConnectorHub::kMostCallsOfOne);
  EXPECT_EQ(hub().call(slow.id, "x", "", 20s).error().code, ErrorCode::unavailable) << "too much to do";
  EXPECT_EQ(slow.poll().json().at("calls").as_array().size(), ConnectorHub::kMostCallsAtOnce);
  std::future<ApiReply> waits = asks(other, 50);
  wait_for_questions(2);
  auto called = std::async(std::launch::async, [&] { return hub().call(other.id, "x", "", 20s); });
  const ApiReply work = waits.get();
  const json::object answer{{"call", work.text("/calls/0/id")}, {"status", 200}, {"body", ""}};
  EXPECT_EQ(other.direct().post("/v1/connector/replies", answer).status, 204u);
  EXPECT_TRUE(called.get());
  hub().break_off();
  for (auto& one : calls) EXPECT_FALSE(one.get());
}

// SPEC CONN-30, CONN-31
TEST_F(ConnectorDoors, PiecesOfADepositAreTakenInOrderAndTheLastOneSeals) {
  TestConnector one(world_, issuer_);
  one.must_enrol();
  world_.sign_fullmakt();
  ApiClient client = one.deposits();
  const Bytes text = text_bytes(300'000);
  const json::object begin = world_.begin_deposit(world_.handle(client), text);
  ASSERT_EQ(client.post("/v1/acts", begin).status, 200u);
  const std::string path = "/v1/deposits/" + std::string(begin.at("act").at("id").as_string()) + "/chunks";
  const auto put = [&](std::size_t offset, std::size_t size) {
    return client.put(path + "/" + std::to_string(offset), "application/octet-stream",
                      BytesView(text).subspan(offset, std::min(size, text.size() - offset)));
  };
  EXPECT_EQ(client.get(path).body, R"({"received":0})");
  EXPECT_EQ(put(0, 100'000).body, R"({"received":100000})");
  EXPECT_EQ(put(0, 100'000).body, R"({"received":100000})") << "again: nothing changes";
  EXPECT_EQ(put(200'000, 100'000).body, R"({"received":100000})") << "a gap: nothing changes";
  EXPECT_EQ(put(100'000, 100'000).body, R"({"received":200000})");
  EXPECT_EQ(client.get(path).body, R"({"received":200000})");
  const ApiReply sealed = put(200'000, 100'000);
  ASSERT_EQ(sealed.status, 201u) << sealed.body;
  const ApiReply again = client.get(path);
  EXPECT_EQ(again.status, 201u);
  EXPECT_EQ(again.text("/document"), sealed.text("/document"));
  ApiClient stranger = world_.staff(*world_.authority, world_.handler);
  EXPECT_EQ(stranger.get(path).status, 403u);
}

// SPEC CONN-32: a line that breaks leaves uploads behind; they never stop the ones that follow.
TEST_F(ConnectorDoors, OfManyUploadsThatWereBegunTheOldestBeginsAnew) {
  TestConnector one(world_, issuer_);
  one.must_enrol();
  world_.sign_fullmakt();
  ApiClient client = one.deposits();
  const Bytes text = text_bytes(2000);
  std::vector<std::string> paths;
  for (std::size_t number = 0; number <= PartialUploads::kMostOfOne; ++number) {
    const json::object begin = world_.begin_deposit(world_.handle(client), text);
    ASSERT_EQ(client.post("/v1/acts", begin).status, 200u);
    paths.push_back("/v1/deposits/" + std::string(begin.at("act").at("id").as_string()) + "/chunks");
    const ApiReply begun =
        client.put(paths.back() + "/0", "application/octet-stream", BytesView(text).subspan(0, 1000));
    EXPECT_EQ(begun.body, R"({"received":1000})") << number;
  }
  EXPECT_EQ(client.get(paths.front()).body, R"({"received":0})");
  EXPECT_EQ(client.get(paths.at(1)).body, R"({"received":1000})");
  EXPECT_EQ(client.put(paths.front() + "/0", "application/octet-stream", text).status, 201u) << "nothing is lost";
}

// SPEC E2E-3, E2E-7, E2E-12, E2E-30, E2E-31
TEST_F(ConnectorDoors, ASealedMessageCountsOnceAndOnlyForWhoMayAndSignedIt) {
  TestConnector one(world_, issuer_, true), plain(world_, issuer_);
  one.must_enrol();
  plain.must_enrol();
  EXPECT_EQ(plain.sealed({"/v1/connector/session"}, "{}").text("/type"),
            "https://flikvakt.se/problem/end-to-end-not-set");
  const std::string session = one.session();
  TestConnector::Sent what{"/v1/connector/poll", session, 1};
  what.headers["flikvakt-certificate"] = one.certificate_hex();
  const std::string body = json::serialize(TestConnector::question(0));
  const crypto::SealedRequest request = one.sealed_message(what, body);
  const SealedReply first = one.send(request.message, request.answer);
  EXPECT_EQ(first.status, 200u) << first.outer << first.body;
  const SealedReply replayed = one.send(request.message, request.answer);
  EXPECT_EQ(replayed.outer, 403u);
  EXPECT_FALSE(replayed.is_open);
  what.number = 2;
  EXPECT_EQ(one.sealed(what, body).status, 200u);
  what.session = to_base64url(crypto::random_bytes<32>());
  const crypto::SealedRequest lost = one.sealed_message(what, body);
  const SealedReply unknown = one.send(lost.message, lost.answer);
  EXPECT_EQ(unknown.status, 440u);
  what.session = session;
  what.number = 3;
  what.headers["flikvakt-certificate"] = plain.certificate_hex();
  EXPECT_EQ(one.sealed(what, body).status, 403u) << "another's certificate";
  const crypto::SealedRequest damaged = one.sealed_message(what, body);
  Bytes message = damaged.message;
  message.back() ^= 1;
  EXPECT_EQ(one.send(message, damaged.answer).outer, 403u);
  message = damaged.message;
  message[5] ^= 1;  // of the key's id
  EXPECT_EQ(one.send(message, damaged.answer).outer, 421u);
  EXPECT_EQ(one.send(as_bytes("FVS1"), damaged.answer).outer, 400u);
  TestConnector nobody(world_, issuer_, true);
  EXPECT_EQ(nobody.sealed({"/v1/connector/session"}, "{}").outer, 403u);
}

// SPEC E2E-40
TEST_F(ConnectorDoors, SealedItAsksForWhatAnOrganisationsSystemMayAskFor) {
  TestConnector one(world_, issuer_, true);
  one.must_enrol();
  world_.sign_fullmakt();
  const std::string session = one.session();
  std::uint64_t number = 0;
  const auto ask = [&](std::string method, std::string target, std::string_view body, bool with_staff = true) {
    TestConnector::Sent what{std::move(target), session, ++number, std::move(method)};
    what.headers["flikvakt-certificate"] = one.certificate_hex();
    if (with_staff) what.headers["authorization"] = one.assertion();
    return one.sealed(what, body);
  };
  const SealedReply handle = ask("POST", "/v1/handles", R"({"number":"19730288-9931"})");
  ASSERT_EQ(handle.status, 200u) << handle.outer << handle.body;
  const Bytes text = text_bytes(1000);
  const json::object begin = world_.begin_deposit(handle.text("/handle"), text);
  EXPECT_EQ(ask("POST", "/v1/acts", json::serialize(begin)).status, 200u);
  const std::string id(begin.at("act").at("id").as_string());
  const SealedReply sealed = ask("PUT", "/v1/deposits/" + id + "/chunks/0", as_text(text));
  EXPECT_EQ(sealed.status, 201u) << sealed.body;
  EXPECT_EQ(ask("GET", "/v1/notices", "", false).status, 401u) << "no staff member is named";
  EXPECT_EQ(ask("GET", "/v1/nothing", "").status, 404u);
  EXPECT_EQ(ask("POST", "/v1/sealed", "").status, 404u) << "nothing is sealed twice";
}

// SPEC CONN-8
TEST_F(ConnectorDoors, ARemovedOneIsNobodySealedOrNot) {
  TestConnector one(world_, issuer_, true);
  one.must_enrol();
  const std::string session = one.session();
  EXPECT_TRUE(
      world_.decide(world_.administrators[0], Remove{RegistryNoun::connector, one.id.text()}).decision.is_permitted());
  TestConnector::Sent what{"/v1/connector/poll", session, 1};
  what.headers["flikvakt-certificate"] = one.certificate_hex();
  const SealedReply refused = one.sealed(what, json::serialize(TestConnector::question(0)));  // SPEC E2E-13
  EXPECT_EQ(refused.outer, 200u);
  EXPECT_TRUE(refused.is_open) << "so that it knows that it was not the network";
  EXPECT_EQ(refused.status, 403u);
  EXPECT_EQ(one.sealed({"/v1/connector/session"}, "{}").status, 403u);
  const crypto::SigningKey own = std::exchange(one.key, crypto::SigningKey::generate(crypto::KeyAlgorithm::ed25519));
  EXPECT_EQ(one.sealed(what, "{}").outer, 403u) << "by another key it is nobody";
  EXPECT_NE(one.poll().status, 200u);
}

// SPEC E2E-20, E2E-30: whoever recorded how a session was opened opens none with it, takes none from the connector, and
// gets of answers that are given again nothing that was in another one.
TEST_F(ConnectorDoors, TheOpeningOfASessionCountsOnceAndRecordedOnesAreOfNoUse) {
  TestConnector one(world_, issuer_, true);
  one.must_enrol();
  const TestConnector::Sent target{"/v1/connector/session"};
  const crypto::SealedRequest asks = one.sealed_message(target, "{}");
  const SealedReply nonce = one.send(asks.message, asks.answer);
  ASSERT_EQ(nonce.status, 200u) << nonce.body;
  const std::string with_nonce = json::serialize(json::object{{"nonce", nonce.text("/nonce")}});
  const crypto::SealedRequest opens = one.sealed_message(target, with_nonce);
  const SealedReply opened = one.send(opens.message, opens.answer);
  ASSERT_EQ(opened.status, 201u) << opened.body;
  TestConnector::Sent what{"/v1/connector/poll", opened.text("/session"), 0};
  what.headers["flikvakt-certificate"] = one.certificate_hex();
  std::set<std::string> nonces;
  for (int i = 0; i < 60; ++i) {
    const SealedReply again = one.send(asks.message, asks.answer);
    ASSERT_EQ(again.status, 200u);
    nonces.insert(again.text("/nonce"));
    const SealedReply replayed = one.send(opens.message, opens.answer);
    ASSERT_EQ(replayed.outer, 403u);
    ASSERT_FALSE(replayed.is_open);
  }
  EXPECT_EQ(nonces.size(), 60u);
  what.number = 1;
  EXPECT_EQ(one.sealed(what, json::serialize(TestConnector::question(0))).status, 200u) << "its session stands";
  EXPECT_FALSE(one.session().empty()) << "nor was its turn used up";
  TestConnector other(world_, issuer_, true);
  other.must_enrol();
  EXPECT_EQ(other.sealed(target, json::serialize(json::object{{"nonce", *nonces.begin()}})).status, 440u)
      << "a nonce is for one connector";
  EXPECT_EQ(one.sealed(target, R"({"nonce":"AAAA"})").status, 440u);
  EXPECT_EQ(one.sealed(target, R"({"nonce":1})").status, 400u);
  world_.clock.move(61s);
  EXPECT_EQ(one.sealed(target, json::serialize(json::object{{"nonce", *nonces.begin()}})).status, 440u) << "its time";
}

// SPEC CONN-80
TEST_F(ConnectorDoors, AdministratorsSeeWhoIsThereAndNothingOfAPerson) {
  TestConnector one(world_, issuer_), invited(world_, issuer_);
  one.must_enrol();
  invited.invite();
  one.poll();
  hub().note_witnessed(one.id, 41, world_.now);
  const ApiReply reply = UnixClient(world_.socket()).get("/v1/connectors");
  ASSERT_EQ(reply.status, 200u) << reply.body;
  ASSERT_EQ(reply.json().at("connectors").as_array().size(), 2u);
  const json::value said = reply.json();
  for (const json::value& shown : said.at("connectors").as_array()) {
    const bool is_one = shown.at("id").as_string() == one.id.text();
    EXPECT_EQ(shown.at("enrolled").as_bool(), is_one);
    EXPECT_EQ(shown.at("present").as_bool(), is_one);
    if (!is_one) continue;
    EXPECT_EQ(shown.at("queued").as_int64(), 3);
    EXPECT_EQ(shown.at("refused").as_int64(), 1);
    EXPECT_EQ(shown.at("witnessed_size").as_int64(), 41);
  }
  EXPECT_EQ(reply.body.find("9931"), reply.body.npos);
}

// SPEC CONN-65
TEST_F(ConnectorDoors, ARequestIsWithOneConnectorOfTheSourceAtATime) {
  TestConnector one(world_, issuer_), two(world_, issuer_);
  one.must_enrol();
  two.must_enrol();
  world_.sign_fullmakt();
  const std::string id = ask_source(world_);
  const json::array none;
  EXPECT_EQ(one.poll().text("/requests/0/id"), id);
  EXPECT_EQ(one.poll().text("/requests/0/id"), id) << "its answer may have been lost";
  EXPECT_EQ(two.poll().json().at("requests"), none);
  const auto works = [&] {
    json::object question = TestConnector::question(0, json::array{id});
    question["working"] = json::array{id};
    return one.direct().post("/v1/connector/poll", question).json().at("requests");
  };
  for (int i = 0; i < 3; ++i) {
    world_.clock.move(90s);
    EXPECT_EQ(works(), none);
    EXPECT_EQ(two.poll().json().at("requests"), none) << "it takes long";
  }
  world_.clock.move(ConnectorHub::kGivenFor);
  EXPECT_EQ(one.poll(0, json::array{id}).json().at("requests"), none) << "it is there, and gave it up";
  EXPECT_EQ(two.poll().text("/requests/0/id"), id);
}

// SPEC CONN-65: a connector that went leaves nothing undone, and one that left it to people does not get it for ever.
TEST_F(ConnectorDoors, ARequestGoesToAnotherConnectorOnceWhenWhoHadItWentOrLetItLie) {
  TestConnector one(world_, issuer_), two(world_, issuer_);
  one.must_enrol();
  two.must_enrol();
  world_.sign_fullmakt();
  const std::string first = ask_source(world_);
  const ApiReply heard = one.poll();
  ASSERT_EQ(heard.text("/requests/0/id"), first);
  world_.clock.move(ConnectorHub::kPresentFor);
  // It has heard of a later one, as far as `after` tells.
  json::object question = TestConnector::question(0);
  question["after"] = json::object{{"opened", to_rfc3339(world_.clock.wall())}, {"id", std::string(32, 'f')}};
  EXPECT_EQ(two.direct().post("/v1/connector/poll", question).text("/requests/0/id"), first);
  json::object behind = TestConnector::question(0);
  behind["after"] = json::object{{"opened", heard.text("/requests/0/opened")}, {"id", first}};
  EXPECT_EQ(one.direct().post("/v1/connector/poll", behind).json().at("requests"), json::array());
  world_.clock.move(ConnectorHub::kGivenFor);
  EXPECT_EQ(one.direct().post("/v1/connector/poll", behind).json().at("requests"), json::array())
      << "it had it, and left it to people";
}

// SPEC CONN-80
TEST_F(ConnectorDoors, OneIsThereForAWhileAfterItsQuestionEndedHoweverLongThatWaited) {
  TestConnector one(world_, issuer_);
  one.must_enrol();
  std::future<ApiReply> waits = asks(one, 1);
  wait_for_questions(1);
  world_.clock.move(ConnectorHub::kPresentFor * 2);
  EXPECT_EQ(waits.get().status, 200u);
  const auto is_present = [&] { return hub().presence().at(0).is_present; };
  EXPECT_TRUE(is_present());
  world_.clock.move(ConnectorHub::kPresentFor);
  EXPECT_FALSE(is_present());
}

// SPEC CONN-66
TEST_F(ConnectorDoors, WhileTheGatewayDoubtsItsClockItTellsNoTime) {
  TestConnector one(world_, issuer_);
  one.must_enrol();
  EXPECT_TRUE(one.poll().json().as_object().contains("time"));
  world_.clock.jump(61s);
  (void)world_.decide(world_.actor(*world_.authority, world_.handler), ListRequests{});  // an act: it notices
  ASSERT_NE(world_.core->sequencer().log_view().doubt, service::ClockDoubt::none);
  const ApiReply reply = one.poll();
  EXPECT_EQ(reply.status, 200u) << reply.body;
  EXPECT_FALSE(reply.json().as_object().contains("time"));
}

// SPEC CONN-60
TEST_F(ConnectorDoors, TheOrganisationsLogSaysWhichLogItIsAndKnowsNoEntryOfAnother) {
  const StaffId reviewer = world_.add_staff(*world_.region, {StaffRole::log_reviewer});
  ApiClient client = world_.staff(*world_.region, reviewer);
  const ApiReply page = client.get("/v1/organisation-log?above=0");
  ASSERT_EQ(page.status, 200u) << page.body;
  EXPECT_EQ(page.text("/origin"), world_.core->sequencer().origin());
  ApiClient again = world_.staff(*world_.region, reviewer);
  EXPECT_EQ(again.get("/v1/organisation-log?above=1000000").status, 422u);
}

}  // namespace
}  // namespace flikvakt::gateway::test
