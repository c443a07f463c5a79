// The Unix socket of administrators, and what everyone may ask.
#include "audit/checkpoint.h"
#include "crypto/jws.h"
#include "tests/gateway/api_world.h"
#include "tests/gateway/unix_client.h"

namespace flikvakt::gateway::test {
namespace {

class ApiAdmin : public testing::Test {
protected:
  ApiReply get(const std::string& path) { return UnixClient(world_.socket()).get(path); }
  ApiReply post(const std::string& path, const json::value& body) {
    return UnixClient(world_.socket()).post(path, body);
  }
  ApiReply act(const json::value& sent, const crypto::SigningKey& key, std::string_view typ = "flikvakt-admin+jws") {
    return post("/v1/acts", json::object{{"jws", world_.signed_act(sent, key, typ)}});
  }
  json::object organisation(std::string_view id) const {
    return world_.sent(json::object{{"kind", "register_organisation"},
                                    {"id", id},
                                    {"name", "Kommunen"},
                                    {"number", "212000-0142"},
                                    {"organisation_kind", "municipality"}});
  }
  ApiWorld world_;
};

// SPEC API-80
TEST_F(ApiAdmin, TwoAdministratorsSignAndTheSocketAloneProvesNothing) {
  const std::string id = crypto::random_id<OrganisationId>().text();
  const ApiReply proposed = act(organisation(id), world_.administrator_keys[0]);
  ASSERT_EQ(proposed.status, 200u) << proposed.body;
  EXPECT_EQ(proposed.text("/status"), "proposed");
  const json::value reading =
      world_.sent(json::object{{"kind", "read_proposals"}, {"proposal", proposed.text("/proposal")}});
  const ApiReply shown = act(reading, world_.administrator_keys[1]);
  ASSERT_EQ(shown.status, 200u) << shown.body;
  EXPECT_EQ(shown.text("/proposals/0/id"), proposed.text("/proposal"));  // SPEC API-82
  EXPECT_EQ(shown.text("/proposals/0/act/id"), id);
  EXPECT_EQ(act(reading, world_.administrator_keys[1]).body.find("Kommunen"), std::string::npos) << "only once";
  EXPECT_EQ(act(world_.sent(json::object{{"kind", "read_proposals"}, {"proposal", id}}), world_.administrator_keys[1])
                .text("/reason"),
            "unknown");
  const json::value waiting = parse_json(shown.body).value().at("proposals").at(0).at("act");
  const json::object approve{{"kind", "approve"}, {"proposal", proposed.text("/proposal")}, {"act", waiting}};
  json::object another = approve;
  another["act"].as_object()["name"] = "Kommunens granne";
  EXPECT_EQ(act(world_.sent(another), world_.administrator_keys[1]).text("/reason"), "other_act");
  const ApiReply alone = act(world_.sent(approve), world_.administrator_keys[0]);
  EXPECT_EQ(alone.status, 422u);
  EXPECT_EQ(alone.text("/reason"), "same_person");  // SPEC API-31
  const ApiReply approved = act(world_.sent(approve), world_.administrator_keys[1]);
  EXPECT_EQ(approved.status, 200u) << approved.body;
  EXPECT_EQ(approved.text("/status"), "permitted");

  EXPECT_EQ(act(organisation(id), world_.device).status, 401u);
  EXPECT_EQ(act(organisation(id), world_.administrator_keys[0], "flikvakt-act+jws").status, 401u);
  EXPECT_EQ(post("/v1/acts", organisation(id)).status, 400u);
}

// SPEC API-82, ACT-47
TEST_F(ApiAdmin, WhatIsShownIsWhatIsApprovedAlsoWhenItNamesAPersonOnlyByADocument) {
  (void)world_.sign_fullmakt();
  const std::string document = world_.deposit(text_bytes(100));
  const json::object shred{{"kind", "shred"}, {"scope", "document"}, {"document", document}};
  const ApiReply proposed = act(world_.sent(shred), world_.administrator_keys[0]);
  ASSERT_EQ(proposed.status, 200u) << proposed.body;
  const json::object read{{"kind", "read_proposals"}, {"proposal", proposed.text("/proposal")}};
  const ApiReply shown = act(world_.sent(read), world_.administrator_keys[1]);
  const json::value waiting = shown.json().at("proposals").at(0).at("act");
  const json::object approve{{"kind", "approve"}, {"proposal", proposed.text("/proposal")}, {"act", waiting}};
  const ApiReply approved = act(world_.sent(approve), world_.administrator_keys[1]);
  EXPECT_EQ(approved.status, 200u) << approved.body;
}

// SPEC API-81
TEST_F(ApiAdmin, TheStatusCountsAndNamesNobody) {
  const ApiReply status = get("/v1/status");
  ASSERT_EQ(status.status, 200u);
  EXPECT_EQ(status.text("/instance"), "flikvakt-test");
  EXPECT_EQ(status.text("/clock/doubt"), "none");
  EXPECT_EQ(status.json().at("log").at("size").to_number<std::uint64_t>(), world_.core->sequencer().log_view().size);
  EXPECT_GT(status.json().at("keys").at("active").to_number<int>(), 7);
  EXPECT_EQ(status.json().at("notice_hook"), (json::object{{"on", false}}));
  EXPECT_EQ(status.json().at("witnesses"), (json::object{{"on", false}}));
  EXPECT_EQ(status.body.find("9931"), std::string::npos);
}

TEST_F(ApiAdmin, TheForbundHasHandlesOfItsOwn) {
  const ApiReply made = post("/v1/handles", json::object{{"number", ApiWorld::kNumber}});
  EXPECT_EQ(made.status, 200u);
  ApiClient region = world_.staff(*world_.region, world_.nurse);
  EXPECT_NE(made.text("/handle"), world_.handle(region));
}

// SPEC API-80: the paths of the socket are nowhere else.
TEST_F(ApiAdmin, TheSocketsPathsAreNotOnTheNetwork) {
  ApiClient portal = world_.portal();
  EXPECT_EQ(portal.get("/v1/status").status, 404u);
  ApiClient api = world_.staff(*world_.region, world_.nurse);
  EXPECT_EQ(api.get("/v1/status").status, 404u);
  EXPECT_EQ(api.get("/v1/me").status, 404u);
  EXPECT_EQ(portal.post("/v1/handles", json::object{{"number", "x"}}).status, 404u);
}

// SPEC API-90
TEST_F(ApiAdmin, TheLogsCheckpointAndProofsAreForEveryone) {
  ApiClient portal = world_.portal();
  ApiClient api = world_.organisation(*world_.region);
  EXPECT_EQ(portal.get("/v1/health").comparable(), api.get("/v1/health").comparable());
  EXPECT_EQ(portal.get("/v1/api-info").text("/instance"), "flikvakt-test");
  const ApiReply note = portal.get("/v1/log/checkpoint");
  const std::vector<audit::NoteVerifier> known{world_.core->sequencer().signers().checkpoint().back().verifier()};
  const Result<audit::Checkpoint> early = audit::open_checkpoint(note.body, known);
  ASSERT_TRUE(early) << note.body;
  world_.sign_fullmakt();
  const Result<audit::Checkpoint> late = audit::open_checkpoint(portal.get("/v1/log/checkpoint").body, known);
  ASSERT_GT(late->size, early->size);
  const ApiReply reply =
      api.get("/v1/log/consistency?from=" + std::to_string(early->size) + "&to=" + std::to_string(late->size));
  ASSERT_EQ(reply.status, 200u) << reply.body;
  std::vector<crypto::MerkleHash> proof;
  const json::value body = reply.json();
  for (const json::value& hash : body.at("hashes").as_array()) {
    proof.push_back(to_array<32>(from_base64(hash.as_string()).value()).value());
  }
  EXPECT_TRUE(crypto::verify_consistency(early->size, late->size, proof, early->root, late->root));
  EXPECT_EQ(api.get("/v1/log/inclusion?index=9&size=9").status, 422u);
  EXPECT_EQ(api.get("/v1/log/consistency?from=1").status, 400u);
  EXPECT_EQ(api.get("/v1/log/consistency?from=1&to=x").status, 400u);
}

}  // namespace
}  // namespace flikvakt::gateway::test
