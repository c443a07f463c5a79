// Where witnesses are asked: the checkpoint that they cosigned is the one that is shown, and health says how it stands.
#include "tests/gateway/api_world.h"

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
  EXPECT_EQ(client.get("/v1/health").body, R"({"status":"warn","cosigned":{"size":0}})");
  witnessed = {"note", 41, parse_rfc3339("2026-11-22T08:00:00Z").value(), false};
  EXPECT_EQ(client.get("/v1/health").body,
            R"({"status":"pass","cosigned":{"size":41,"time":"2026-11-22T08:00:00.000Z"}})");
  witnessed.is_late = true;
  EXPECT_EQ(client.get("/v1/health").text("/status"), "warn");
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
