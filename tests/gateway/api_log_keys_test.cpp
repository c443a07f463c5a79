// The keys of the log over the API: the list for everyone, the status for administrators.
#include "service/log_key_statement.h"

#include "tests/gateway/api_world.h"
#include "tests/gateway/unix_client.h"
#include "tests/service/log_key_orders.h"

namespace flikvakt::gateway::test {
namespace {

service::Command command(policy::Actor actor, policy::Act act, UtcTime now) {
  service::Command out;
  out.actor = std::move(actor);
  out.act = std::move(act);
  const Bytes bytes = to_bytes(crypto::random_bytes<32>());
  out.evidence = service::ActEvidence{crypto::random_id<ActId>(), now + 1h, bytes, crypto::sha256(bytes)};
  return out;
}

// In the form in which the log keeps who ordered it.
void sign(const ApiWorld& world, std::size_t administrator, service::Command& order) {
  json::object sent = world.sent(policy::act_to_json(order.act));
  sent["id"] = order.evidence->id.text();
  const std::string jws = world.signed_act(sent, world.administrator_keys[administrator], "flikvakt-admin+jws");
  order.evidence->bytes = to_bytes(as_bytes(jws));
  order.evidence->hash = crypto::sha256(order.evidence->bytes);
}

// As the command does it on a gateway that is stopped.
std::uint64_t rotate(ApiWorld& world) {
  const auto ordered_by = [&](std::size_t who, const policy::Act& act) {
    service::Command out = command(world.administrators[who], act, world.now);
    sign(world, who, out);
    return out;
  };
  auto orders =
      service::test::LogKeyOrders::make(world.core->keys(), world.core->sequencer().origin(), false, ordered_by);
  orders.bring_seeds(world.core->keys());
  EXPECT_TRUE(world.core->decide(std::move(orders.first)).decision.is_permitted());
  const service::CommandResult done = world.core->decide(std::move(orders.approval));
  EXPECT_TRUE(done.decision.is_permitted()) << static_cast<int>(done.decision.reason);
  return done.entry;
}

// SPEC LKEY-11
TEST(ApiLogKeys, EveryoneGetsTheListOnBothListenersWithWhatAnnouncedEach) {
  ApiWorld world;
  ApiClient portal = world.portal(), region = world.organisation(*world.region);
  const json::value first = portal.get("/v1/log/keys").json();
  EXPECT_EQ(first.at("format"), "flikvakt-log-keys/1");
  EXPECT_EQ(first.at("origin"), "flikvakt.test/log");
  ASSERT_EQ(first.at("keys").as_array().size(), 1u);
  EXPECT_EQ(first.at("keys").at(0).at("status"), "current");
  EXPECT_FALSE(first.at("keys").at(0).as_object().contains("announced"));

  const std::uint64_t entry = rotate(world);
  for (ApiClient* client : {&portal, &region}) {
    const json::value list = client->get("/v1/log/keys").json();
    ASSERT_EQ(list.at("keys").as_array().size(), 2u);
    EXPECT_EQ(list.at("keys").at(0).at("key"), first.at("keys").at(0).at("key"));
    EXPECT_EQ(list.at("keys").at(0).at("status"), "retiring");
    const json::value& fresh = list.at("keys").at(1);
    EXPECT_EQ(fresh.at("status"), "current");
    EXPECT_EQ(fresh.at("from").to_number<std::uint64_t>(), entry);
    for (const char* shown : {"proposed", "announced"}) {
      ASSERT_TRUE(fresh.as_object().contains(shown));
      EXPECT_TRUE(fresh.at(shown).as_object().contains("receipt")) << shown;
      EXPECT_TRUE(fresh.at(shown).at("record").as_object().contains("plaintext")) << shown;
    }
  }
}

// SPEC LKEY-3, LKEY-14
TEST(ApiLogKeys, WhatIsForAStoppedGatewayIsNeitherOrderedNorApprovedThroughTheSocket) {
  ApiWorld world;
  rotate(world);
  const auto send = [&](const json::object& what) {
    const std::string jws = world.signed_act(world.sent(what), world.administrator_keys[1], "flikvakt-admin+jws");
    return UnixClient(world.socket()).post("/v1/acts", json::object{{"jws", jws}});
  };
  const policy::GiveUpLogKey act{1};
  const json::object ordered = policy::act_to_json(act).as_object();
  EXPECT_EQ(send(ordered).status, 422u);
  service::Command first = command(world.administrators[0], act, world.now);
  const ProposalId proposal(first.evidence->id.value());
  EXPECT_TRUE(world.core->decide(std::move(first)).decision.is_permitted());
  EXPECT_EQ(send({{"kind", "approve"}, {"proposal", proposal.text()}, {"act", ordered}}).status, 422u);
  const auto status = [&] { return world.core->log_keys().all().front().status; };
  EXPECT_EQ(status(), policy::LogKeyStatus::retiring);
  const policy::Approve approve{proposal, ordered};
  EXPECT_TRUE(world.core->decide(command(world.administrators[1], approve, world.now)).decision.is_permitted())
      << "it does wait";
  EXPECT_EQ(status(), policy::LogKeyStatus::compromised);
  const json::value told = UnixClient(world.socket()).get("/v1/status").json().at("log_keys").at(0);  // SPEC LKEY-10
  EXPECT_EQ(told.at("to").to_number<std::uint64_t>(), world.core->log_keys().all().front().to);
  EXPECT_FALSE(told.as_object().contains("retire_from"));

  const ApiReply other = send({{"kind", "register_flik_type"},
                               {"code", "prov"},
                               {"name_sv", "Prov"},
                               {"name_en", "Test"},
                               {"description", ""},
                               {"sensitivity", "ordinary"}});
  EXPECT_EQ(other.status, 200u) << other.body;
}

// SPEC API-91
TEST(ApiLogKeys, ASourceThatAsksTooOftenIsSlowed) {
  ApiWorld world([](Server::Options& options) {
    options.proofs_per_second = 0.001;
    options.proof_burst = 1;
  });
  ApiClient client = world.portal();
  EXPECT_EQ(client.get("/v1/log/keys").status, 200u);
  EXPECT_EQ(client.get("/v1/log/keys").status, 429u);
}

// SPEC LKEY-10
TEST(ApiLogKeys, TheStatusSaysWhichSignsAndFromWhenOnTheOldOneMayGo) {
  ApiWorld world;
  const UnixClient socket(world.socket());
  const json::value before = socket.get("/v1/status").json().at("log_keys");
  ASSERT_EQ(before.as_array().size(), 1u);
  EXPECT_EQ(before.at(0).at("status"), "current");
  EXPECT_FALSE(before.at(0).as_object().contains("retire_from"));
  rotate(world);
  const json::value after = socket.get("/v1/status").json().at("log_keys");
  ASSERT_EQ(after.as_array().size(), 2u);
  EXPECT_EQ(after.at(0).at("status"), "retiring");
  const UtcTime since = parse_rfc3339(after.at(1).at("since").as_string()).value();
  EXPECT_EQ(std::string(after.at(0).at("retire_from").as_string()), to_rfc3339(since + policy::kLeastOverlap));
  EXPECT_FALSE(after.at(0).as_object().contains("to"));
}

}  // namespace
}  // namespace flikvakt::gateway::test
