// Requests, kompletteringar, notices and representatives as they are met over the API.
#include "crypto/tls.h"
#include "policy/terms.h"
#include "tests/gateway/api_world.h"
#include "tests/gateway/unix_client.h"

namespace flikvakt::gateway::test {
namespace {

class ApiConsent : public testing::Test {
protected:
  json::object request_terms() const {
    const std::string to = to_base64url(world_.authority->id.value());
    return {{"recipient", json::object{{"kind", "organisation"}, {"id", to}}},
            {"disclosers", json::array{world_.region->id.text()}},
            {"flikar", json::array{"ekonomi", "journal"}},
            {"purpose", "konsultation"},
            {"rights", json::array{"read"}},
            {"valid_to", to_rfc3339(world_.now + 24h * 120)},
            {"message", "Inför mötet."}};
  }
  ApiReply ask(ApiClient& client, const std::string& id, std::string_view number, json::object terms) const {
    return client.post("/v1/acts", world_.sent(json::object{{"kind", "request_access"},
                                                            {"id", id},
                                                            {"person", world_.handle(client, number)},
                                                            {"terms", std::move(terms)}}));
  }
  json::value me() const {
    ApiClient client = world_.portal();
    world_.open_session(client);
    return client.get("/v1/me").json();
  }
  json::object fullmakt(const std::string& id) const {
    const json::value mine = me();
    for (const json::value& one : mine.at("fullmakter").as_array()) {
      if (one.at("id") == json::value(json::string(id))) return one.as_object();
    }
    return {};
  }
  json::object komplettering(const std::string& id, const std::string& previous) const {
    const std::string text = "De får läsa ekonomin också.";
    return {{"kind", "sign_komplettering"},
            {"fullmakt", id},
            {"previous", previous},
            {"delta", json::object{{"disclosers", json::array()},
                                   {"recipients", json::array()},
                                   {"flikar", json::array{"ekonomi"}},
                                   {"documents", json::array()},
                                   {"rights", json::array()}}},
            {"language", "sv"},
            {"text", text},
            {"text_sha256", to_base64url(crypto::sha256(as_bytes(text)))}};
  }
  // A document that nothing opens: the fullmakt under which it was deposited is taken back.
  std::string closed_document(const std::string& flik) {
    const std::string id = world_.sign_fullmakt(flik);
    const std::string document = world_.deposit(text_bytes(3000), flik);
    EXPECT_EQ(world_.act_of_person(json::object{{"kind", "revoke_fullmakt"}, {"id", id}}).status, 200u);
    return document;
  }
  std::string new_id() const { return crypto::random_id<ActId>().text(); }
  unsigned read(const std::string& document) {
    ApiClient client = world_.staff(*world_.authority, world_.handler);
    return client.get(world_.path_of(document)).status;
  }

  // Both registrars say that `who` may act for the person; the id of that.
  std::string register_representative(std::string_view who, json::array powers, bool jointly = false) {
    const std::string id = new_id();
    ApiClient first = world_.staff(*world_.region, world_.region_registrar);
    ApiClient second = world_.staff(*world_.authority, world_.authority_registrar);
    const ApiReply proposed =
        first.post("/v1/acts", world_.sent(json::object{{"kind", "register_representative"},
                                                        {"id", id},
                                                        {"person", world_.handle(first)},
                                                        {"representative", world_.handle(first, who)},
                                                        {"representative_kind", jointly ? "guardian" : "god_man"},
                                                        {"powers", std::move(powers)},
                                                        {"valid_from", to_rfc3339(world_.now - 1h)},
                                                        {"valid_to", to_rfc3339(world_.now + 24h * 30)},
                                                        {"jointly", jointly}}));
    EXPECT_EQ(proposed.status, 200u) << proposed.body;
    const std::string proposal = proposed.text("/proposal");
    const ApiReply waiting = second.get("/v1/proposals/" + proposal);
    EXPECT_EQ(waiting.status, 200u) << waiting.body;
    const json::value act = waiting.json().at("proposals").at(0).at("act");
    const ApiReply approved =
        second.post("/v1/acts", world_.sent(json::object{{"kind", "approve"}, {"proposal", proposal}, {"act", act}}));
    EXPECT_EQ(approved.status, 200u) << approved.body;
    return id;
  }

  ApiWorld world_;
};

std::string without_ids(const ApiReply& reply) {
  json::object body = reply.json().as_object();
  body.erase("act");
  body.erase("time");
  return std::to_string(reply.status) + json::serialize(body);
}

// SPEC API-42, API-100
TEST_F(ApiConsent, ARequestLooksTheSameForAKnownAndAnUnknownNumber) {
  ApiClient client = world_.staff(*world_.authority, world_.handler);
  const ApiReply known = ask(client, new_id(), ApiWorld::kNumber, request_terms());
  const ApiReply unknown = ask(client, new_id(), ApiWorld::kUnknownNumber, request_terms());
  EXPECT_EQ(known.status, 200u) << known.body;
  EXPECT_EQ(without_ids(known), without_ids(unknown));
  const json::value listed = client.get("/v1/requests").json();
  ASSERT_EQ(listed.at("requests").as_array().size(), 2u);
  for (const json::value& one : listed.at("requests").as_array()) {
    EXPECT_EQ(one.at("status"), "open");
    EXPECT_FALSE(one.as_object().contains("person"));
  }
}

TEST_F(ApiConsent, AColleagueOfAnotherOrganisationSeesNoRequestOfOurs) {
  ApiClient client = world_.staff(*world_.authority, world_.handler);
  ask(client, new_id(), ApiWorld::kNumber, request_terms());
  ApiClient other = world_.staff(*world_.region, world_.nurse);
  EXPECT_TRUE(other.get("/v1/requests").json().at("requests").as_array().empty());
}

TEST_F(ApiConsent, ARequestReachesThePersonWhoGrantsAPartOfIt) {
  const std::string journal = closed_document("journal");
  const std::string request = new_id();
  ApiClient client = world_.staff(*world_.authority, world_.handler);
  ASSERT_EQ(ask(client, request, ApiWorld::kNumber, request_terms()).status, 200u);
  EXPECT_EQ(me().at("requests").at(0).at("terms").at("message"), "Inför mötet.");
  EXPECT_EQ(read(journal), 403u);
  json::object grant = world_.fullmakt_act(new_id(), "journal");
  grant["request"] = request;
  const ApiReply granted = world_.act_of_person(grant);
  EXPECT_EQ(granted.status, 200u) << granted.body;
  EXPECT_EQ(client.get("/v1/requests").text("/requests/0/status"), "granted_in_part");
  EXPECT_EQ(read(journal), 200u);
}

TEST_F(ApiConsent, WhatWasNotAskedForIsNotGrantedByARequest) {
  const std::string request = new_id();
  ApiClient client = world_.staff(*world_.authority, world_.handler);
  json::object terms = request_terms();
  terms["flikar"] = json::array{"ekonomi"};
  ask(client, request, ApiWorld::kNumber, std::move(terms));
  json::object grant = world_.fullmakt_act(new_id(), "journal");
  grant["request"] = request;
  const ApiReply refused = world_.act_of_person(grant);
  EXPECT_EQ(refused.status, 422u);
  EXPECT_EQ(refused.text("/reason"), "not_asked_for");
  EXPECT_EQ(client.get("/v1/requests").text("/requests/0/status"), "open");
}

// SPEC API-101
TEST_F(ApiConsent, FullmakterAreShownToTheirRecipientWithoutOtherRecipients) {
  const std::string id = world_.sign_fullmakt();
  ApiClient client = world_.staff(*world_.authority, world_.handler);
  const ApiReply found = client.post("/v1/fullmakt-listings", json::object{{"person", world_.handle(client)}});
  EXPECT_EQ(found.text("/fullmakter/0/id"), id) << found.body;
  EXPECT_EQ(found.body.find("recipients"), std::string::npos);
  const std::string unknown = world_.handle(client, ApiWorld::kUnknownNumber);
  const ApiReply nobody = client.post("/v1/fullmakt-listings", json::object{{"person", unknown}});
  EXPECT_EQ(nobody.body, R"({"fullmakter":[]})");
  ApiClient region = world_.staff(*world_.region, world_.nurse);
  EXPECT_EQ(region.post("/v1/fullmakt-listings", json::object{{"person", world_.handle(region)}}).status, 200u)
      << "its secrecy is lifted";
}

TEST_F(ApiConsent, AKompletteringNamesTheSignedActThatItChanges) {
  const std::string ekonomi = closed_document("ekonomi");
  const std::string id = world_.sign_fullmakt();
  EXPECT_EQ(read(ekonomi), 403u);
  const std::string first(fullmakt(id).at("signed_sha256").as_string());
  ASSERT_EQ(world_.act_of_person(komplettering(id, first)).status, 200u);
  EXPECT_EQ(read(ekonomi), 200u);
  const json::object after = fullmakt(id);
  EXPECT_EQ(after.at("revision"), 2);
  EXPECT_NE(after.at("signed_sha256").as_string(), first);
  const ApiReply stale = world_.act_of_person(komplettering(id, first));
  EXPECT_EQ(stale.status, 409u) << stale.body;
}

TEST_F(ApiConsent, AKompletteringWhoseTextIsNotTheOneOfItsHashIsNotTaken) {
  const std::string id = world_.sign_fullmakt();
  json::object act = komplettering(id, std::string(fullmakt(id).at("signed_sha256").as_string()));
  act["text"] = "De får läsa allt.";
  EXPECT_EQ(world_.act_of_person(act).status, 422u);
  EXPECT_EQ(fullmakt(id).at("revision"), 1);
}

// SPEC API-102
TEST_F(ApiConsent, WhoReadUnderAFullmaktHearsThatItWasPausedAndAcknowledgesIt) {
  const std::string journal = closed_document("journal");
  const std::string id = world_.sign_fullmakt();
  ASSERT_EQ(read(journal), 200u);
  ASSERT_EQ(world_.act_of_person(json::object{{"kind", "pause_fullmakt"}, {"id", id}}).status, 200u);
  ApiClient client = world_.staff(*world_.authority, world_.handler);
  const ApiReply found = client.get("/v1/notices");
  EXPECT_EQ(found.text("/notices/0/status"), "paused") << found.body;
  EXPECT_EQ(found.text("/notices/0/person"), world_.handle(client));
  ApiClient other = world_.staff(*world_.region, world_.nurse);
  EXPECT_TRUE(other.get("/v1/notices").json().at("notices").as_array().empty());
  const json::object act{
      {"kind", "acknowledge_notice"}, {"fullmakt", id}, {"changed", found.text("/notices/0/changed")}};
  EXPECT_EQ(other.post("/v1/acts", world_.sent(act)).status, 403u);
  EXPECT_EQ(client.post("/v1/acts", world_.sent(act)).status, 200u);
  EXPECT_TRUE(client.get("/v1/notices").json().at("notices").as_array().empty());
}

// SPEC API-102
TEST_F(ApiConsent, WhoIsNoProviderHasNothingToErase) {
  ApiClient client = world_.staff(*world_.authority, world_.handler);
  EXPECT_EQ(client.get("/v1/erase-orders").body, R"({"erase_orders":[]})");
}

// SPEC API-103
TEST_F(ApiConsent, AdministratorsCountWhatIsOverdueAndSeeNobody) {
  const std::string journal = closed_document("journal");
  const std::string id = world_.sign_fullmakt();
  read(journal);
  world_.act_of_person(json::object{{"kind", "revoke_fullmakt"}, {"id", id}});
  const auto overdue = [&] {
    const std::string jws = world_.signed_act(world_.sent(json::object{{"kind", "list_overdue"}}),
                                              world_.administrator_keys[0], "flikvakt-admin+jws");
    return UnixClient(world_.socket()).post("/v1/acts", json::object{{"jws", jws}});
  };
  EXPECT_EQ(overdue().body, R"({"overdue":[]})");
  world_.clock.move(policy::kNoticeAcknowledgedWithin + 1h);
  const ApiReply late = overdue();
  EXPECT_EQ(late.text("/overdue/0/organisation"), world_.authority->id.text()) << late.body;
  EXPECT_EQ(late.json().at("overdue").at(0).at("notices"), 1);
  EXPECT_EQ(late.body.find(id), std::string::npos);
}

// SPEC API-104
TEST_F(ApiConsent, MoreThatIsBlockedIsToldOnlyInAFlikThatTells) {
  closed_document("journal");
  world_.sign_fullmakt();
  const json::object terms{{"target", "flik"}, {"flik", "journal"}, {"everyone", true}, {"recipients", json::array()}};
  ASSERT_EQ(world_.act_of_person(json::object{{"kind", "set_sparr"}, {"id", new_id()}, {"terms", terms}}).status, 200u);
  ApiClient client = world_.staff(*world_.authority, world_.handler);
  const auto list = [&] {
    return client.post("/v1/listings", json::object{{"person", world_.handle(client)}, {"purpose", "konsultation"}});
  };
  EXPECT_EQ(list().body, R"({"flikar":[]})");
  ASSERT_TRUE(world_.by_administrators(policy::SetTelling{"journal", true}).decision.is_permitted());
  EXPECT_EQ(list().body, R"({"flikar":[],"more_blocked":true})");
}

class ApiRepresentatives : public ApiConsent {
protected:
  static constexpr std::string_view kGodMan = "19121212-1212";
  ApiRepresentatives() { world_.enrol(kGodMan, key_); }

  // The session of the god man's key, as whom `representative` says.
  ApiReply open(ApiClient& client, const std::optional<std::string>& representative) {
    const ApiReply challenged = client.post("/v1/session-challenges", json::object());
    const Bytes binding =
        client.tls().export_keying_material(crypto::kChannelBindingLabel, crypto::kChannelBindingBytes).value();
    json::object claims{{"audience", "flikvakt-test"},
                        {"binding", to_base64url(binding)},
                        {"challenge", challenged.json().at("challenge")},
                        {"issued", to_rfc3339(world_.clock.wall())}};
    if (representative) claims["representative"] = *representative;
    return client.post("/v1/sessions", json::object{{"jws", world_.signed_act(claims, key_, "flikvakt-session+jws")}});
  }
  ApiReply act(json::object what, const std::string& representative, std::optional<std::uint64_t> seen = {}) {
    json::object sent = world_.sent(std::move(what), seen);
    sent["representative"] = representative;
    return world_.portal().post("/v1/acts", json::object{{"jws", world_.signed_act(sent, key_)}});
  }

  crypto::SigningKey key_ = crypto::SigningKey::generate(crypto::KeyAlgorithm::p256);
};

// SPEC API-24, SHAPE-3
TEST_F(ApiRepresentatives, ARepresentativeSeesAndActsForThePersonAndTheLogSaysSo) {
  const std::string fullmakt = world_.sign_fullmakt();
  const std::string id = register_representative(kGodMan, json::array{"see"});
  ApiClient client = world_.portal();
  ASSERT_EQ(open(client, id).status, 201u);
  const ApiReply me = client.get("/v1/me");
  EXPECT_EQ(me.text("/fullmakter/0/id"), fullmakt) << me.body;
  EXPECT_TRUE(me.json().at("numbers").as_array().empty());
  EXPECT_TRUE(me.json().at("represents").as_array().empty());
  EXPECT_EQ(act({{"kind", "revoke_fullmakt"}, {"id", fullmakt}}, id).status, 200u);
  const json::value log = client.get("/v1/me/log").json();
  bool is_named = false;
  for (const json::value& one : log.at("entries").as_array()) {
    if (one.at("kind") == "revoke_fullmakt") is_named = one.at("actor") == "representative";
  }
  EXPECT_TRUE(is_named) << json::serialize(log);
}

TEST_F(ApiRepresentatives, WithoutThePowerToConsentNothingIsSigned) {
  const std::string id = register_representative(kGodMan, json::array{"see"});
  const ApiReply refused = act(world_.fullmakt_act(new_id(), "journal"), id, 0);
  EXPECT_EQ(refused.status, 422u) << refused.body;
  EXPECT_TRUE(me().at("fullmakter").as_array().empty());
}

// SPEC API-24
TEST_F(ApiRepresentatives, WhoIsNoRepresentativeGetsTheAnswerOfAWrongSession) {
  register_representative(kGodMan, json::array{"see"});
  ApiClient client = world_.portal();
  EXPECT_EQ(open(client, new_id()).status, 401u);
  EXPECT_EQ(act({{"kind", "revoke_fullmakt"}, {"id", new_id()}}, new_id()).status, 401u);
}

// SPEC API-24
TEST_F(ApiRepresentatives, AnothersKeyIsNotTheRepresentatives) {
  const std::string id = register_representative(kGodMan, json::array{"consent", "see"});
  key_ = crypto::SigningKey::generate(crypto::KeyAlgorithm::p256);
  world_.enrol("19090121-9931", key_);
  ApiClient client = world_.portal();
  EXPECT_EQ(open(client, id).status, 401u);
}

// SPEC REP-9, OVERVIEW-3
TEST_F(ApiRepresentatives, TwoWhoActJointlySignTogether) {
  const std::string_view kOtherGuardian = "19090121-9931";
  const std::string first = register_representative(kGodMan, json::array{"consent", "see"}, true);
  crypto::SigningKey first_key = std::exchange(key_, crypto::SigningKey::generate(crypto::KeyAlgorithm::p256));
  world_.enrol(kOtherGuardian, key_);
  const std::string second = register_representative(kOtherGuardian, json::array{"consent", "see"}, true);
  crypto::SigningKey second_key = std::exchange(key_, std::move(first_key));
  const auto version = [&] { return me().at("consent_version").to_number<std::uint64_t>(); };

  const std::string fullmakt = new_id();
  const ApiReply proposed = act(world_.fullmakt_act(fullmakt, "journal"), first, version());
  ASSERT_EQ(proposed.status, 200u) << proposed.body;
  EXPECT_EQ(proposed.text("/status"), "proposed");
  EXPECT_TRUE(me().at("fullmakter").as_array().empty());
  const json::value waiting = me().at("proposals").at(0);
  EXPECT_EQ(waiting.at("id"), json::string(proposed.text("/proposal")));
  EXPECT_EQ(waiting.at("role"), json::string(first));
  const json::object approval{{"kind", "approve"}, {"proposal", waiting.at("id")}, {"act", waiting.at("act")}};
  EXPECT_EQ(act(approval, first, version()).status, 422u) << "one person twice";
  EXPECT_EQ(world_.act_of_person(approval).status, 422u) << "not a guardian";
  key_ = std::move(second_key);
  const ApiReply approved = act(approval, second, version());
  EXPECT_EQ(approved.status, 200u) << approved.body;
  EXPECT_EQ(approved.text("/status"), "permitted");
  EXPECT_EQ(me().at("fullmakter").at(0).at("id"), json::string(fullmakt));
  EXPECT_TRUE(me().at("proposals").as_array().empty());
}

TEST_F(ApiRepresentatives, OnceEndedARepresentativeSeesNothing) {
  const std::string id = register_representative(kGodMan, json::array{"consent", "see"});
  ApiClient client = world_.portal();
  ASSERT_EQ(open(client, id).status, 201u);
  ASSERT_EQ(world_.act_of_person(json::object{{"kind", "end_representative"}, {"id", id}}).status, 200u);
  EXPECT_NE(client.get("/v1/me").status, 200u);
}

}  // namespace
}  // namespace flikvakt::gateway::test
