// The doors of connectors, asked over real TLS: enrolment, questions that wait, calls, pieces of deposits, sealed
// messages.
#include <future>

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
  EXPECT_EQ(reason(one.enrol(code)), "wrong_state");
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
                          {"public_key", one.tls_key.public_key().to_pem()}};
  EXPECT_EQ(reason(one.sealed({"/v1/connector/enrolment"}, json::serialize(body))), "credential_not_valid");
  const json::object no_key{
      {"code", to_base64url(code)}, {"jwk", one.key.public_key().to_jwk()}, {"public_key", "none"}};
  EXPECT_EQ(one.sealed({"/v1/connector/enrolment"}, json::serialize(no_key)).status, 400u);
  EXPECT_EQ(one.enrol(code).status, 201u) << "the code was not used up";
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
  for (int i = 0; i < 257; ++i) known.push_back(json::string(crypto::random_id<RequestId>().text()));
  EXPECT_EQ(one.poll(0, known).status, 400u);
}

// SPEC CONN-9, CONN-10
TEST_F(ConnectorDoors, ACertificateIsRenewedUnderTheOneThatCounts) {
  TestConnector one(world_, issuer_);
  one.must_enrol();
  const crypto::SigningKey next = crypto::SigningKey::generate(crypto::KeyAlgorithm::p256);
  const json::object body{{"public_key", next.public_key().to_pem()}};
  const ApiReply renewed = one.direct().post("/v1/connector/certificates", body);
  ASSERT_EQ(renewed.status, 201u) << renewed.body;
  EXPECT_NE(renewed.text("/certificate"), "");
  EXPECT_EQ(one.poll().status, 200u) << "the one before counts too";
  EXPECT_EQ(world_.core->directory().row<Connector>(one.id)->certificates.size(), 2u);
  EXPECT_EQ(one.direct().post("/v1/connector/certificates", json::object{{"public_key", "none"}}).status, 400u);
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
  EXPECT_EQ(world_.act_of_person(act).status, 200u);
  const ApiReply reply = one.poll();
  ASSERT_EQ(reply.json().at("requests").as_array().size(), 1u) << reply.body;
  EXPECT_EQ(reply.text("/requests/0/id"), id) << "not " << other;
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
  EXPECT_EQ(one.sealed(what, body).status, 440u);
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
  EXPECT_EQ(one.sealed(what, json::serialize(TestConnector::question(0))).outer, 403u);
  EXPECT_NE(one.poll().status, 200u);
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
  for (const json::value& shown : reply.json().at("connectors").as_array()) {
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

// Two connectors of one source hear of the same request; what waits with one is nothing to the other.
TEST_F(ConnectorDoors, EveryConnectorOfTheSourceHearsOfARequestAndNoOther) {
  TestConnector one(world_, issuer_), two(world_, issuer_);
  one.must_enrol();
  two.must_enrol();
  world_.sign_fullmakt();
  const std::string id = ask_source(world_);
  EXPECT_EQ(one.poll().text("/requests/0/id"), id);
  EXPECT_EQ(two.poll().text("/requests/0/id"), id);
}

}  // namespace
}  // namespace flikvakt::gateway::test
