// P6: what an organisation must not be able to tell apart is one answer, at one time.
#include "tests/gateway/api_world.h"

namespace flikvakt::gateway::test {
namespace {

// SPEC API-8
TEST(ApiRefusal, UnknownBlockedRevokedAndNotYoursAreByteForByteOneAnswer) {
  ApiWorld world;
  const std::string fullmakt = world.sign_fullmakt();
  const std::string document = world.deposit(text_bytes(1000));
  ApiClient reader = world.staff(*world.authority, world.handler);
  ASSERT_EQ(reader.get(world.path_of(document)).status, 200u);
  const ApiReply unknown = reader.get(world.path_of(std::string(32, 'f')));
  EXPECT_EQ(unknown.status, 403u);

  std::map<std::string, ApiReply> refusals;
  refusals["another purpose"] = reader.get("/v1/documents/" + document + "/content?purpose=annat");
  ApiClient depositor = world.staff(*world.region, world.nurse);
  refusals["no recipient"] = depositor.get(world.path_of(document));
  refusals["unknown staff"] = world.staff(*world.authority, crypto::random_id<StaffId>()).get(world.path_of(document));
  const json::object terms{{"target", "everything"}, {"everyone", true}, {"recipients", json::array()}};
  const std::string sparr = crypto::random_id<SparrId>().text();
  ASSERT_EQ(world.act_of_person(json::object{{"kind", "set_sparr"}, {"id", sparr}, {"terms", terms}}).status, 200u);
  refusals["blocked"] = reader.get(world.path_of(document));
  refusals["blocked, with a range outside"] = reader.get(world.path_of(document), "Range: bytes=5000-\r\n");
  refusals["blocked, conditional"] = reader.get(world.path_of(document), "If-None-Match: *\r\n");
  ASSERT_EQ(world.act_of_person(json::object{{"kind", "lift_sparr"}, {"id", sparr}}).status, 200u);
  ASSERT_EQ(reader.get(world.path_of(document)).status, 200u);
  ASSERT_EQ(world.act_of_person(json::object{{"kind", "pause_fullmakt"}, {"id", fullmakt}}).status, 200u);
  refusals["paused"] = reader.get(world.path_of(document));
  ASSERT_EQ(world.act_of_person(json::object{{"kind", "revoke_fullmakt"}, {"id", fullmakt}}).status, 200u);
  refusals["revoked"] = reader.get(world.path_of(document));
  refusals["unknown reading"] = reader.get("/v1/readings/" + std::string(32, 'f') + "/content");
  refusals["act refused"] = reader.post(
      "/v1/acts",
      world.sent(json::object{{"kind", "approve"}, {"proposal", std::string(32, 'f')}, {"act", json::object()}}));
  refusals["unknown proposal"] = reader.get("/v1/proposals/" + std::string(32, 'f'));
  for (const auto& [why, refusal] : refusals) EXPECT_EQ(refusal.comparable(), unknown.comparable()) << why;
}

// SPEC API-54
TEST(ApiRefusal, AnUnknownPersonAndOneWithNothingToSeeHaveTheSameEmptyListing) {
  ApiWorld world;
  ApiClient reader = world.staff(*world.authority, world.handler);
  const auto list = [&](const std::string& handle) {
    return reader.post("/v1/listings", json::object{{"person", handle}, {"purpose", "konsultation"}});
  };
  const ApiReply known = list(world.handle(reader));
  EXPECT_EQ(known.body, R"({"flikar":[]})");
  EXPECT_EQ(list(world.handle(reader, ApiWorld::kUnknownNumber)).comparable(), known.comparable());
  ApiClient other = world.staff(*world.region, world.nurse);
  EXPECT_EQ(list(world.handle(other)).comparable(), known.comparable()) << "another organisation's handle is nobody's";
  EXPECT_EQ(list("x").status, 400u);
}

// SPEC API-51: what an organisation gets, of a person with a case, documents and acts, read through for what is ours.
TEST(ApiRefusal, NothingThatOnlyTheGatewayNeedsGoesOutToOrganisations) {
  ApiWorld world;
  world.sign_fullmakt();
  const std::string document = world.deposit(text_bytes(1000));
  const auto team = crypto::random_id<TeamId>();
  world.by_administrators(policy::RegisterTeam{team, world.authority->id, "Teamet", world.handler});
  ApiClient reader = world.staff(*world.authority, world.handler);
  ApiClient registrar = world.staff(*world.authority, world.authority_registrar);
  const json::object accept{{"kind", "accept_team"}, {"team", team.text()}};
  ASSERT_EQ(registrar.post("/v1/acts", world.sent(accept)).status, 200u);
  const json::object referral{{"kind", "sign_referral"},
                              {"id", crypto::random_id<CaseId>().text()},
                              {"team", team.text()},
                              {"focus", "illness"},
                              {"meetings", json::array{to_rfc3339(world.now + 24h)}}};
  ASSERT_EQ(world.act_of_person(referral).status, 200u);
  json::object paper = world.fullmakt_act(crypto::random_id<FullmaktId>().text(), "journal");
  paper["kind"] = "paper_fullmakt";
  paper["person"] = world.handle(registrar);
  paper["scan_sha256"] = to_base64url(Bytes(32));
  const ApiReply proposed = registrar.post("/v1/acts", world.sent(paper));
  ASSERT_EQ(proposed.status, 200u);
  ApiClient other = world.staff(*world.region, world.region_registrar);
  const json::object ask{{"person", world.handle(reader)}, {"purpose", "konsultation"}};
  const std::vector<ApiReply> answers{reader.post("/v1/listings", ask),
                                      reader.get("/v1/cases"),
                                      proposed,
                                      other.get("/v1/proposals/" + proposed.text("/proposal")),
                                      reader.get(world.path_of(document)),
                                      reader.get("/v1/catalogue")};
  const policy::BlindIndex index = world.core->keys().blind_index("197302889931");
  std::vector<std::string> internal{world.person.text(), to_base64url(world.person.value()),
                                    "197302889931",      "19730288-9931",
                                    to_hex(index),       to_base64url(index)};
  world.core->keys()
      .store()
      .for_each([&](const store::KeySlot& slot) -> Result<void> {
        internal.push_back(slot.id.text());
        internal.push_back(to_base64url(slot.id.value()));
        return {};
      })
      .value();
  for (const auto& file : std::filesystem::recursive_directory_iterator(world.folder / "data" / "objects")) {
    if (file.is_regular_file()) internal.push_back(file.path().filename().string());
  }
  EXPECT_GT(internal.size(), 12u);
  EXPECT_EQ(answers[1].json().at("cases").as_array().size(), 1u) << answers[1].body;
  for (const ApiReply& answer : answers) {
    EXPECT_EQ(answer.status, 200u) << answer.body;
    for (const std::string& secret : internal) {
      EXPECT_EQ((answer.head + answer.body).find(secret), std::string::npos) << secret << " in " << answer.body;
    }
  }
}

// SPEC API-50
TEST(ApiRefusal, EveryValidNumberHasAHandleAndEachOrganisationItsOwn) {
  ApiWorld world;
  ApiClient region = world.staff(*world.region, world.nurse);
  ApiClient authority = world.staff(*world.authority, world.handler);
  EXPECT_EQ(world.handle(region).size(), 38u);
  EXPECT_EQ(world.handle(region), world.handle(region, "197302889931"));
  EXPECT_EQ(world.handle(region, ApiWorld::kUnknownNumber).size(), 38u);
  EXPECT_NE(world.handle(region), world.handle(authority));
  const ApiReply invalid = region.post("/v1/handles", json::object{{"number", "19730288-9932"}});
  EXPECT_EQ(invalid.status, 422u);
  EXPECT_EQ(invalid.body.find("9932"), std::string::npos);
}

// SPEC API-8
TEST(ApiRefusal, LeavesOnTheTickWhetherTheDocumentExistsOrNot) {
  ApiWorld world;
  world.sign_fullmakt();
  const std::string document = world.deposit(text_bytes(1000));
  ApiClient stranger = world.staff(*world.region, world.nurse);
  const auto fastest = [&](const std::string& id) {
    auto best = std::chrono::steady_clock::duration::max();
    for (int i = 0; i < 5; ++i) {
      const auto begin = std::chrono::steady_clock::now();
      EXPECT_EQ(stranger.get(world.path_of(id)).status, 403u);
      best = std::min(best, std::chrono::steady_clock::now() - begin);
    }
    return best;
  };
  EXPECT_GE(fastest(document), 20ms);
  EXPECT_GE(fastest(std::string(32, 'f')), 20ms);
}

// SPEC API-9
TEST(ApiRefusal, HeadIsNotServedAndNothingIsCacheable) {
  ApiWorld world;
  world.sign_fullmakt();
  const std::string document = world.deposit(text_bytes(1000));
  ApiClient reader = world.staff(*world.authority, world.handler);
  const ApiReply whole =
      reader.get(world.path_of(document), "If-None-Match: *\r\nIf-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n");
  EXPECT_EQ(whole.status, 200u);
  EXPECT_EQ(whole.field("Cache-Control"), "no-store");
  EXPECT_EQ(whole.field("ETag") + whole.field("Last-Modified"), "");
  reader.send("HEAD " + world.path_of(document) +
              " HTTP/1.1\r\nHost: localhost\r\nAuthorization: " + reader.authorization + "\r\n\r\n");
  while (reader.received().find("\r\n\r\n") == std::string::npos && reader.more()) {
  }
  EXPECT_TRUE(reader.received().starts_with("HTTP/1.1 405"));
}

// SPEC API-7
TEST(ApiRefusal, WhenNothingCanBeDecidedReadsAreUnavailableAndDepositsHaveNoSpace) {
  ApiWorld world;
  world.sign_fullmakt();
  const std::string document = world.deposit(text_bytes(1000));
  ApiClient reader = world.staff(*world.authority, world.handler);
  ApiClient depositor = world.staff(*world.region, world.nurse);
  const json::object begin = world.begin_deposit(world.handle(depositor), text_bytes(10));
  world.core->sequencer().stop();
  const ApiReply known = reader.get(world.path_of(document));
  EXPECT_EQ(known.status, 503u);
  EXPECT_EQ(reader.get(world.path_of(std::string(32, 'f'))).comparable(), known.comparable());
  EXPECT_EQ(depositor.post("/v1/acts", begin).status, 507u);
}

}  // namespace
}  // namespace flikvakt::gateway::test
