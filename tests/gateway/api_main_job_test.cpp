// The product's main job over real TLS: enrol, sign, deposit, list, fetch, revoke, refused.
#include <future>

#include "tests/gateway/api_world.h"

namespace flikvakt::gateway::test {
namespace {

// Official test number, not enrolled in the world.
json::object propose(const std::string& handle, const crypto::SigningKey& key) {
  return {{"kind", "propose_key"},
          {"person", handle},
          {"jwk", key.public_key().to_jwk()},
          {"thumbprint", to_base64url(key.public_key().thumbprint())}};
}

TEST(ApiMainJob, APersonSignsAnAuthorityFetchesAndAfterTheRevocationTheDocumentIsAsIfUnknown) {
  ApiWorld world;
  const Bytes bytes = text_bytes(200'000);
  const std::string fullmakt = world.sign_fullmakt();
  const std::string document = world.deposit(bytes);

  ApiClient reader = world.staff(*world.authority, world.handler);
  const std::string handle = world.handle(reader);
  const ApiReply listed = reader.post("/v1/listings", json::object{{"person", handle}, {"purpose", "konsultation"}});
  ASSERT_EQ(listed.status, 200u) << listed.body;
  const json::value found = listed.json().at_pointer("/flikar/0/documents/0");
  EXPECT_EQ(listed.text("/flikar/0/documents/0/id"), document);
  EXPECT_EQ(listed.text("/flikar/0/documents/0/source"), world.region->id.text());
  EXPECT_EQ(found.as_object().size(), 9u) << "a listing shows these members and nothing internal";  // SPEC API-52

  const ApiReply whole = reader.get(world.path_of(document));  // SPEC API-53
  ASSERT_EQ(whole.status, 200u);
  EXPECT_TRUE(whole.body == as_text(bytes));
  EXPECT_EQ(whole.field("Content-Type"), "text/plain");
  EXPECT_EQ(reading_of(whole).size(), 32u);
  EXPECT_EQ(whole.field("ETag"), "");

  const ApiReply revoked = world.act_of_person(json::object{{"kind", "revoke_fullmakt"}, {"id", fullmakt}});
  ASSERT_EQ(revoked.status, 200u) << revoked.body;
  EXPECT_EQ(revoked.text("/status"), "permitted");

  const ApiReply refused = reader.get(world.path_of(document));
  EXPECT_EQ(refused.status, 403u);
  const std::string unknown = crypto::random_id<DocumentId>().text();
  EXPECT_EQ(refused.comparable(), reader.get(world.path_of(unknown)).comparable());
  const ApiReply empty = reader.post("/v1/listings", json::object{{"person", handle}, {"purpose", "konsultation"}});
  EXPECT_EQ(empty.body, R"({"flikar":[]})");
}

TEST(ApiMainJob, WithoutAFullmaktNothingIsListedOrOpened) {
  ApiWorld world;
  ApiClient depositor = world.staff(*world.region, world.nurse);
  const ApiReply refused = depositor.post("/v1/acts", world.begin_deposit(world.handle(depositor), text_bytes(100)));
  EXPECT_EQ(refused.status, 403u);

  world.sign_fullmakt("ekonomi");
  const std::string other_flik = world.deposit(text_bytes(10), "ekonomi");
  ApiClient reader = world.staff(*world.authority, world.handler);
  EXPECT_EQ(reader.get(world.path_of(other_flik)).status, 200u);
  EXPECT_EQ(reader.get("/v1/documents/" + other_flik + "/content?purpose=uppfoljning").status, 403u);
  ApiClient stranger = world.staff(*world.region, world.nurse);
  EXPECT_EQ(stranger.get(world.path_of(other_flik)).status, 403u) << "a discloser is no recipient";
}

TEST(ApiMainJob, TwoRegistrarsOfTwoOrganisationsEnrolAKeyThatThenOpensASession) {
  ApiWorld world;
  const auto key = crypto::SigningKey::generate(crypto::KeyAlgorithm::ed25519);
  ApiClient region = world.staff(*world.region, world.region_registrar);
  ApiClient authority = world.staff(*world.authority, world.authority_registrar);
  const ApiReply proposed =
      region.post("/v1/acts", world.sent(propose(world.handle(region, ApiWorld::kUnknownNumber), key)));
  ASSERT_EQ(proposed.status, 200u) << proposed.body;
  const json::object confirm{{"kind", "confirm_key"},
                             {"person", world.handle(authority, ApiWorld::kUnknownNumber)},
                             {"thumbprint", to_base64url(key.public_key().thumbprint())}};
  ApiClient same = world.staff(*world.region, world.region_registrar);
  json::object by_the_same = confirm;
  by_the_same["person"] = world.handle(same, ApiWorld::kUnknownNumber);
  EXPECT_EQ(same.post("/v1/acts", world.sent(by_the_same)).status, 403u) << "one organisation alone";
  EXPECT_EQ(authority.post("/v1/acts", world.sent(confirm)).status, 200u);
  world.device = crypto::SigningKey::from_seed(crypto::KeyAlgorithm::ed25519, key.seed()).value();
  ApiClient portal = world.portal();
  world.open_session(portal);
  EXPECT_EQ(portal.get("/v1/me").text("/numbers/0"), "191212121212");
}

// SPEC API-57
TEST(ApiMainJob, APaperFullmaktIsSeenAndApprovedByARegistrarOfAnotherOrganisation) {
  ApiWorld world;
  ApiClient region = world.staff(*world.region, world.region_registrar);
  ApiClient authority = world.staff(*world.authority, world.authority_registrar);
  json::object paper = world.fullmakt_act(crypto::random_id<FullmaktId>().text(), "journal");
  paper["kind"] = "paper_fullmakt";
  paper["person"] = world.handle(region);
  paper["scan_sha256"] = to_base64url(Bytes(32));
  const ApiReply proposed = region.post("/v1/acts", world.sent(paper));
  ASSERT_EQ(proposed.status, 200u) << proposed.body;
  const std::string path = "/v1/proposals/" + proposed.text("/proposal");
  const ApiReply stranger = world.staff(*world.authority, world.handler).get(path);
  EXPECT_EQ(stranger.status, 403u) << "no registrar";
  const ApiReply shown = authority.get(path);
  ASSERT_EQ(shown.status, 200u) << shown.body;
  EXPECT_EQ(shown.text("/proposals/0/act/person"), world.handle(authority)) << "as this organisation names the person";
  EXPECT_EQ(shown.text("/proposals/0/staff"), world.region_registrar.text());
  const json::value waiting = shown.json().at("proposals").at(0).at("act");
  const json::object approve{{"kind", "approve"}, {"proposal", proposed.text("/proposal")}, {"act", waiting}};
  json::object another = approve;
  another["act"].as_object()["text"] = "Another text";
  EXPECT_EQ(authority.post("/v1/acts", world.sent(another)).status, 403u);
  json::object as_they_sent_it = approve;
  as_they_sent_it["act"] = paper;
  EXPECT_EQ(authority.post("/v1/acts", world.sent(as_they_sent_it)).status, 403u) << "another organisation's handle";
  const ApiReply approved = authority.post("/v1/acts", world.sent(approve));
  EXPECT_EQ(approved.status, 200u) << approved.body;
  EXPECT_EQ(authority.get(path).status, 403u) << "it waits no more";
}

// SPEC API-45
TEST(ApiMainJob, ProposalsOfKeysAreBoundedForEachOrganisationAndNothingElseIs) {
  ApiWorld world;
  ApiClient region = world.staff(*world.region, world.region_registrar);
  const auto key = crypto::SigningKey::generate(crypto::KeyAlgorithm::ed25519);
  const std::string handle = world.handle(region);
  const auto once = [&] {
    json::object sent = world.sent(propose(handle, key));
    sent["id"] = crypto::random_id<ActId>().text();
    return region.post("/v1/acts", sent).status;
  };
  int accepted = 0;
  while (accepted < 60 && once() == 200u) ++accepted;
  EXPECT_EQ(accepted, 50);
  EXPECT_EQ(once(), 429u);
  ApiClient authority = world.staff(*world.authority, world.authority_registrar);
  const auto other = crypto::SigningKey::generate(crypto::KeyAlgorithm::ed25519);
  EXPECT_EQ(authority.post("/v1/acts", world.sent(propose(world.handle(authority), other))).status, 200u);
}

// SPEC API-42
TEST(ApiMainJob, ProposingAKeyTellsNothingOfWhetherTheNumberOrTheKeyWasKnown) {
  ApiWorld world;
  ApiClient region = world.staff(*world.region, world.region_registrar);
  const auto answer = [&](std::string_view number, const crypto::SigningKey& key) {
    json::object sent = world.sent(propose(world.handle(region, number), key));
    sent["id"] = crypto::random_id<ActId>().text();
    const ApiReply reply = region.post("/v1/acts", sent);
    json::object body = reply.json().as_object();
    EXPECT_EQ(reply.status, 200u);
    EXPECT_EQ(reply.text("/act"), to_text(sent["id"]).substr(1, 32));
    body.erase("act");
    body.erase("time");
    return json::serialize(body);
  };
  const auto key = crypto::SigningKey::generate(crypto::KeyAlgorithm::ed25519);
  const std::string unknown = answer(ApiWorld::kUnknownNumber, key);
  EXPECT_EQ(unknown, answer(ApiWorld::kUnknownNumber, key));
  EXPECT_EQ(unknown, answer(ApiWorld::kNumber, key));
  EXPECT_EQ(unknown, answer(ApiWorld::kNumber, world.device));
  EXPECT_EQ(unknown, R"({"status":"permitted"})");
}

// SPEC API-43, API-44
TEST(ApiMainJob, TheSameActAgainIsAnsweredTheSameAndAnotherUnderItsIdIsAConflict) {
  ApiWorld world;
  world.sign_fullmakt();
  ApiClient client = world.staff(*world.region, world.nurse);
  json::object begin = world.begin_deposit(world.handle(client), text_bytes(100));
  const ApiReply first = client.post("/v1/acts", begin);
  ASSERT_EQ(first.status, 200u);
  const ApiReply again = client.post("/v1/acts", begin);
  EXPECT_EQ(again.status, 200u);
  EXPECT_EQ(again.body, first.body);
  json::object other = begin;
  other["act"].as_object()["facts"].as_object()["title"] = "En annan";
  EXPECT_EQ(client.post("/v1/acts", other).status, 409u);
  json::object late = begin;
  late["id"] = crypto::random_id<ActId>().text();
  late["issued"] = to_rfc3339(world.now - 2h);
  late["expires"] = to_rfc3339(world.now - 1h);
  EXPECT_EQ(client.post("/v1/acts", late).status, 422u);
}

// SPEC API-41
TEST(ApiMainJob, WhoAsksTooOftenIsSlowedButMayStillTakeAccessAway) {
  ApiWorld world;
  ApiClient client = world.staff(*world.region, world.nurse);
  const std::string handle = world.handle(client);
  unsigned last = 0;
  for (int i = 0; i < 1000 && last != 429; ++i) last = client.post("/v1/handles", json::object{{"number", "x"}}).status;
  EXPECT_EQ(last, 429u);  // SPEC API-5
  const json::object narrowing{
      {"kind", "paper_narrowing"}, {"person", handle}, {"revoke", json::array()}, {"revoke_all", true}};
  EXPECT_EQ(client.post("/v1/acts", world.sent(narrowing)).status, 200u);
}

// SPEC API-41
TEST(ApiMainJob, WhoTakesAccessAwayTooOftenIsSlowedAndNoColleagueIs) {
  ApiWorld world([](Server::Options& options) {
    options.narrowing_per_second = 1.5;
    options.narrowing_burst = 4;
  });
  ApiClient client = world.staff(*world.region, world.nurse);
  ApiClient other = world.staff(*world.authority, world.handler);
  const auto narrowing = [&](const std::string& handle) {
    return world.sent(
        json::object{{"kind", "paper_narrowing"}, {"person", handle}, {"revoke", json::array()}, {"revoke_all", true}});
  };
  const std::string handle = world.handle(client);
  const std::string others = world.handle(other);
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 4; ++i) EXPECT_EQ(client.post("/v1/acts", narrowing(handle)).status, 200u);
  EXPECT_EQ(client.post("/v1/acts", narrowing(handle)).status, 200u) << "late, but not refused";
  EXPECT_GE(std::chrono::steady_clock::now() - begin, 600ms);
  std::vector<std::future<unsigned>> crowd;
  for (int i = 0; i < 12; ++i) {
    crowd.push_back(std::async(std::launch::async, [&] {
      return world.staff(*world.region, world.nurse).post("/v1/acts", narrowing(handle)).status;
    }));
  }
  ApiClient colleague = world.staff(*world.region, world.region_registrar);
  EXPECT_EQ(colleague.post("/v1/acts", narrowing(world.handle(colleague))).status, 200u);
  EXPECT_EQ(other.post("/v1/acts", narrowing(others)).status, 200u);
  std::map<unsigned, int> got;
  for (std::future<unsigned>& one : crowd) ++got[one.get()];
  EXPECT_GT(got[200u], 0);
  EXPECT_EQ(got[200u] + got[429u], 12);
}

}  // namespace
}  // namespace flikvakt::gateway::test
