// Where witnesses are asked: the checkpoint that they cosigned is the one that is shown; health and status say how it
// stands.
#include "tests/gateway/unix_client.h"

namespace flikvakt::gateway::test {
namespace {

// SPEC API-95
TEST(ApiWitnessed, TheCheckpointIsTheNewestCosignedOneAndBeforeThatTheNewestOfAll) {
  std::string cosigned;
  ApiWorld world([&](Server::Options& options) {
    options.witnessed = [&] { return Witnessed{cosigned, 7, std::nullopt, true}; };
  });
  ApiClient client = world.portal();
  EXPECT_EQ(client.get("/v1/log/checkpoint").body, world.core->sequencer().checkpoint());
  cosigned = "flikvakt.test/log\n7\n…\n";
  EXPECT_EQ(client.get("/v1/log/checkpoint").body, cosigned);
  EXPECT_EQ(world.organisation(*world.region).get("/v1/log/checkpoint").body, cosigned);
}

// SPEC API-94
TEST(ApiWitnessed, HealthWarnsWhenTheNewestCosignedCheckpointIsLate) {
  Witnessed witnessed;
  witnessed.is_late = true;
  ApiWorld world([&](Server::Options& options) { options.witnessed = [&] { return witnessed; }; });
  ApiClient client = world.portal();
  EXPECT_EQ(client.get("/v1/health").body, R"({"status":"warn","cosigned":{"size":0},"readings":"opened"})");
  witnessed = {"note", 41, parse_rfc3339("2026-11-22T08:00:00Z").value(), false};
  EXPECT_EQ(client.get("/v1/health").body,
            R"({"status":"pass","cosigned":{"size":41,"time":"2026-11-22T08:00:00.000Z"},"readings":"opened"})");
  witnessed.is_late = true;
  EXPECT_EQ(client.get("/v1/health").text("/status"), "warn");
  EXPECT_EQ(client.get("/v1/health").text("/readings"), "opened");
  witnessed.is_doubted = true;
  EXPECT_EQ(client.get("/v1/health").text("/readings"), "refused");
}

// SPEC API-83
TEST(ApiWitnessed, TheStatusSaysHowFarTheyCosignedAndWhetherReadingsAreOpened) {
  Witnessed witnessed;
  witnessed.is_late = witnessed.is_doubted = true;
  ApiWorld world([&](Server::Options& options) { options.witnessed = [&] { return witnessed; }; });
  const UnixClient administrator(world.socket());
  const auto status = [&] { return administrator.get("/v1/status").json().at("witnesses"); };
  EXPECT_EQ(
      status(),
      (json::object{{"on", true}, {"cosigned", json::object{{"size", 0}}}, {"late", true}, {"readings", "refused"}}));
  witnessed = {"note", 41, parse_rfc3339("2026-11-22T08:00:00Z").value(), false};
  EXPECT_EQ(status(), (json::object{{"on", true},
                                    {"cosigned", json::object{{"size", 41}, {"time", "2026-11-22T08:00:00.000Z"}}},
                                    {"late", false},
                                    {"readings", "opened"}}));
}

// SPEC WIT-24
TEST(ApiWitnessed, WhileTheLogIsDoubtedNoDocumentIsOpenedAndEverythingElseGoesOn) {
  ApiWorld world;
  const std::string fullmakt = world.sign_fullmakt();
  const std::string document = world.deposit(as_bytes("Journal"));
  ApiClient handler = world.staff(*world.authority, world.handler);
  ApiClient person = world.portal();
  world.open_session(person);
  EXPECT_EQ(handler.get(world.path_of(document)).status, 200u);
  world.core->sequencer().doubt_log(true);
  const ApiReply refused = handler.get(world.path_of(document));
  const ApiReply unknown = handler.get(world.path_of("0123456789abcdef0123456789abcdef"));
  EXPECT_EQ(refused.status, unknown.status);
  EXPECT_EQ(refused.json().at("title"), unknown.json().at("title")) << "it does not say why";
  EXPECT_EQ(person.get("/v1/me/documents/" + document + "/content").status, 200u);
  const json::value log = person.get("/v1/me/log").json();
  EXPECT_NE(json::serialize(log).find("refused"), std::string::npos) << "the person sees the refusal";
  world.core->sequencer().doubt_log(false);
  EXPECT_EQ(handler.get(world.path_of(document)).status, 200u);
  world.core->sequencer().doubt_log(true);
  EXPECT_EQ(world.act_of_person(json::object{{"kind", "revoke_fullmakt"}, {"id", fullmakt}}).status, 200u);
}

// SPEC API-94, API-95
TEST(ApiWitnessed, WhereNobodyIsAskedNothingIsSaidOfWitnesses) {
  ApiWorld world;
  ApiClient client = world.portal();
  EXPECT_EQ(client.get("/v1/health").body, R"({"status":"pass"})");
  EXPECT_EQ(client.get("/v1/log/checkpoint").body, world.core->sequencer().checkpoint());
}

}  // namespace
}  // namespace flikvakt::gateway::test
