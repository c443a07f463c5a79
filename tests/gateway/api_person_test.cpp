// What a person does with a device key: signed acts, reasons told, own documents and log.
#include "tests/gateway/api_world.h"

namespace flikvakt::gateway::test {
namespace {

class ApiPerson : public testing::Test {
protected:
  ApiReply send(const json::value& sent, const crypto::SigningKey& key, std::string_view typ = "flikvakt-act+jws") {
    ApiClient client = world_.portal();
    return client.post("/v1/acts", json::object{{"jws", world_.signed_act(sent, key, typ)}});
  }
  ApiWorld world_;
};

// SPEC API-30
TEST_F(ApiPerson, AnActCountsByItsSignatureAloneWithoutASession) {
  const std::string id = world_.sign_fullmakt();
  const json::object revoke{{"kind", "revoke_fullmakt"}, {"id", id}};
  EXPECT_EQ(send(world_.sent(revoke), world_.device).status, 200u);
}

// SPEC API-30
TEST_F(ApiPerson, AnActOfAnUnknownKeyOrForAnotherPurposeIsRefusedAlike) {
  const json::object sent = world_.sent(json::object{{"kind", "revoke_fullmakt"}, {"id", std::string(32, 'a')}});
  const auto stranger = crypto::SigningKey::generate(crypto::KeyAlgorithm::ed25519);
  const ApiReply unknown = send(sent, stranger);
  EXPECT_EQ(unknown.status, 401u);
  EXPECT_EQ(send(sent, world_.device, "flikvakt-session+jws").comparable(), unknown.comparable());
  EXPECT_EQ(send(sent, world_.device, "flikvakt-admin+jws").comparable(), unknown.comparable());
  EXPECT_EQ(send(sent, world_.region->key).comparable(), unknown.comparable());
}

// SPEC API-31
TEST_F(ApiPerson, ARefusalTellsThePersonTheReason) {
  const json::object unknown{{"kind", "revoke_fullmakt"}, {"id", std::string(32, 'a')}};
  const ApiReply refused = send(world_.sent(unknown), world_.device);
  EXPECT_EQ(refused.status, 422u);
  EXPECT_EQ(refused.text("/reason"), "unknown");
  EXPECT_EQ(refused.field("Content-Type"), "application/problem+json");

  const std::string id = crypto::random_id<FullmaktId>().text();
  const ApiReply stale = send(world_.sent(world_.fullmakt_act(id, "journal"), 999), world_.device);
  EXPECT_EQ(stale.status, 409u);
  EXPECT_EQ(stale.text("/reason"), "state_changed");
}

// SPEC API-6
TEST_F(ApiPerson, WhatIsNoActIsAnsweredWithWhatIsWrongWithItsForm) {
  EXPECT_EQ(send(json::object{{"kind", "revoke_fullmakt"}}, world_.device).status, 400u);
  json::object elsewhere = world_.sent(json::object{{"kind", "revoke_fullmakt"}, {"id", std::string(32, 'a')}});
  elsewhere["audience"] = "flikvakt-other";
  EXPECT_EQ(send(elsewhere, world_.device).status, 422u);
  json::object changed = world_.fullmakt_act(std::string(32, 'b'), "journal");
  changed["text"] = "En annan text.";
  EXPECT_EQ(send(world_.sent(changed, 0), world_.device).status, 422u);
  ApiClient client = world_.portal();
  EXPECT_EQ(client.post("/v1/acts", json::object{{"jws", "x"}}).status, 401u);
  EXPECT_EQ(client.post("/v1/acts", json::object{{"jws", "x"}, {"more", 1}}).status, 400u);
}

// SPEC API-43
TEST_F(ApiPerson, ARefusedActAgainIsRefusedForTheSameReason) {
  const json::object sent = world_.sent(json::object{{"kind", "revoke_fullmakt"}, {"id", std::string(32, 'a')}});
  const std::string jws = world_.signed_act(sent, world_.device);
  ApiClient client = world_.portal();
  const ApiReply first = client.post("/v1/acts", json::object{{"jws", jws}});
  const ApiReply again = client.post("/v1/acts", json::object{{"jws", jws}});
  EXPECT_EQ(first.comparable(), again.comparable());
}

// SPEC API-51
TEST_F(ApiPerson, TheOverviewShowsWhatIsOnesOwnAndNothingInternal) {
  world_.sign_fullmakt();
  const std::string document = world_.deposit(text_bytes(1000));
  ApiClient client = world_.portal();
  world_.open_session(client);
  const ApiReply me = client.get("/v1/me");
  ASSERT_EQ(me.status, 200u);
  EXPECT_EQ(me.text("/documents/0/id"), document);
  EXPECT_EQ(me.text("/fullmakter/0/status"), "active");
  for (const char* internal : {"key_id", "object", "jwk\"", "log_key", "depositor", "\"person\""}) {
    EXPECT_EQ(me.body.find(internal), std::string::npos) << internal;
  }
}

// SPEC API-63
TEST_F(ApiPerson, OneReadsOwnDocumentsAndNoOthers) {
  const Bytes bytes = text_bytes(70'000);
  world_.sign_fullmakt();
  const std::string document = world_.deposit(bytes);
  ApiClient client = world_.portal();
  world_.open_session(client);
  const ApiReply own = client.get("/v1/me/documents/" + document + "/content");
  EXPECT_EQ(own.status, 200u);
  EXPECT_TRUE(own.body == as_text(bytes));
}

// SPEC API-63
TEST_F(ApiPerson, AWithheldAnErasedAnothersAndAnUnknownDocumentAreByteForByteOneRefusal) {
  world_.sign_fullmakt();
  const std::string erased = world_.deposit(text_bytes(1000));
  const std::string own = world_.deposit(text_bytes(1001));
  ApiClient depositor = world_.staff(*world_.region, world_.nurse);
  json::object begin = world_.begin_deposit(world_.handle(depositor), text_bytes(1002));
  begin["act"].as_object()["facts"].as_object()["withheld"] =
      json::object{{"ground", "osl-25-1"}, {"until", "2030-01-01T00:00:00Z"}};
  ASSERT_EQ(depositor.post("/v1/acts", begin).status, 200u);
  const std::string upload = "/v1/deposits/" + std::string(begin.at("act").at("id").as_string()) + "/content";
  const std::string withheld = depositor.put(upload, "text/plain", text_bytes(1002)).text("/document");
  ASSERT_FALSE(withheld.empty());

  const auto path = [](const std::string& document) { return "/v1/me/documents/" + document + "/content"; };
  ApiClient client = world_.portal();
  world_.open_session(client);
  const ApiReply unknown = client.get(path(std::string(32, 'c')));
  EXPECT_EQ(unknown.status, 403u);
  EXPECT_EQ(client.get(path(withheld)).comparable(), unknown.comparable()) << "withheld";
  ASSERT_EQ(client.get(path(erased)).status, 200u);
  ASSERT_TRUE(
      world_.by_administrators(policy::Shred{policy::ShredScope::document, {}, {}, DocumentId::parse(erased).value()})
          .decision.is_permitted());
  EXPECT_EQ(client.get(path(erased)).comparable(), unknown.comparable()) << "erased";
  ASSERT_EQ(client.get(path(own)).status, 200u);
  world_.device = crypto::SigningKey::generate(crypto::KeyAlgorithm::ed25519);
  world_.enrol(ApiWorld::kUnknownNumber, world_.device);
  ApiClient neighbour = world_.portal();
  world_.open_session(neighbour);
  EXPECT_EQ(neighbour.get(path(own)).comparable(), unknown.comparable()) << "another's";
}

// SPEC API-70
TEST_F(ApiPerson, TheLogIsNewestFirstAndShowsReadsAndRefusedAttempts) {
  world_.sign_fullmakt();
  const std::string document = world_.deposit(text_bytes(1000));
  ApiClient reader = world_.staff(*world_.authority, world_.handler);
  EXPECT_EQ(reader.get(world_.path_of(document)).status, 200u);
  EXPECT_EQ(reader.get("/v1/documents/" + document + "/content?purpose=annat").status, 403u);
  ApiClient client = world_.portal();
  world_.open_session(client);
  const ApiReply page = client.get("/v1/me/log?limit=5");
  ASSERT_EQ(page.status, 200u) << page.body;
  EXPECT_EQ(page.json().at("limit"), 5);
  EXPECT_EQ(page.json().at("page"), 1);
  EXPECT_EQ(page.json().at("entries").as_array().size(), 5u);
  EXPECT_NE(page.body.find("open_reading"), std::string::npos);
  EXPECT_NE(page.body.find("refused"), std::string::npos);
  EXPECT_GT(page.json().at("entries").at(0).at("entry").to_number<int>(),
            page.json().at("entries").at(1).at("entry").to_number<int>());
  for (const char* bad : {"?limit=0", "?limit=101", "?page=0", "?limit=x", "?limit=01", "?page=-1", "?limit="}) {
    EXPECT_EQ(client.get(std::string("/v1/me/log") + bad).status, 400u) << bad;
  }
}

}  // namespace
}  // namespace flikvakt::gateway::test
