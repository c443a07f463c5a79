// Proofs of the log: for everyone, so bounded in number, slowed by source, and made where nobody waits for them.
#include <future>
#include <list>
#include <thread>

#include "audit/checkpoint.h"
#include "gateway/api_public.h"
#include "tests/gateway/api_world.h"

namespace flikvakt::gateway::test {
namespace {

constexpr const char* kProof = "/v1/log/inclusion?index=0&size=1";

std::vector<crypto::MerkleHash> hashes_of(const ApiReply& reply) {
  std::vector<crypto::MerkleHash> out;
  const json::value body = reply.json();
  for (const json::value& hash : body.at("hashes").as_array()) {
    out.push_back(to_array<32>(from_base64(hash.as_string()).value()).value());
  }
  return out;
}

audit::Checkpoint checkpoint_of(ApiWorld& world, ApiClient& client) {
  const std::vector<audit::NoteVerifier> known{world.core->sequencer().signers().checkpoint().back().verifier()};
  return audit::open_checkpoint(client.get("/v1/log/checkpoint").body, known).value();
}

// SPEC API-90
TEST(ApiProofs, TheProofOfAnEntryHoldsAgainstTheCheckpointAndForNoOtherEntry) {
  ApiWorld world;
  ApiClient client = world.portal();
  const audit::Checkpoint checkpoint = checkpoint_of(world, client);
  std::vector<crypto::MerkleHash> leaves;
  ASSERT_TRUE(world.core->log_reader().with([&](const store::Reader& rows) {
    return rows.for_each_entry(0, checkpoint.size, [&](const store::EntryRowView& entry) -> Result<void> {
      leaves.push_back(crypto::leaf_hash(entry.leaf));
      return {};
    });
  }));
  ASSERT_GT(leaves.size(), 5u);
  for (const std::uint64_t index : {std::uint64_t{0}, std::uint64_t{4}, checkpoint.size - 1}) {
    const ApiReply reply =
        client.get("/v1/log/inclusion?index=" + std::to_string(index) + "&size=" + std::to_string(checkpoint.size));
    ASSERT_EQ(reply.status, 200u) << reply.body;
    const std::vector<crypto::MerkleHash> proof = hashes_of(reply);
    EXPECT_TRUE(crypto::verify_inclusion(index, checkpoint.size, leaves[index], proof, checkpoint.root)) << index;
    const std::uint64_t other = (index + 1) % checkpoint.size;
    EXPECT_FALSE(crypto::verify_inclusion(index, checkpoint.size, leaves[other], proof, checkpoint.root)) << index;
  }
}

// SPEC API-91
TEST(ApiProofs, ProofsThatWaitHoldUpNobodyAndTooManyAreUnavailable) {
  ApiWorld world([](Server::Options& options) {
    options.threads = 1;
    options.proof_burst = 1000;
  });
  std::promise<void> go;
  world.core->log_reader().post([until = go.get_future().share()] { until.wait(); });
  std::list<ApiClient> clients;
  for (std::size_t i = 0; i < PublicApi::kMostWaitingProofs + 3; ++i) {
    clients.push_back(world.portal());
    clients.back().send(std::string("GET ") + kProof + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
  }
  ApiClient bystander = world.portal();
  EXPECT_EQ(bystander.get("/v1/health").status, 200u) << "on the one thread that there is";
  std::this_thread::sleep_for(300ms);
  go.set_value();
  std::map<unsigned, std::size_t> answers;
  for (ApiClient& client : clients) ++answers[client.receive().status];
  EXPECT_EQ(answers, (std::map<unsigned, std::size_t>{{200, PublicApi::kMostWaitingProofs}, {503, 3}}));
  EXPECT_EQ(bystander.get(kProof).status, 200u) << "places are given back";
}

// SPEC API-91
TEST(ApiProofs, ASourceThatAsksForTooManyIsSlowedOnBothListeners) {
  ApiWorld world([](Server::Options& options) {
    options.proofs_per_second = 0.001;
    options.proof_burst = 3;
  });
  ApiClient portal = world.portal();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(portal.get(kProof).status, 200u);
  EXPECT_EQ(portal.get(kProof).status, 429u);
  ApiClient api = world.organisation(*world.region);
  EXPECT_EQ(api.get(kProof).status, 429u);
  EXPECT_EQ(portal.get("/v1/log/checkpoint").status, 200u);
}

}  // namespace
}  // namespace flikvakt::gateway::test
