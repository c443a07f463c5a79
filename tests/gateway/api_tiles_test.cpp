// The tree's hashes as tiles: what is served is recomputed here from the entries, and nothing is that is not there yet.
#include "audit/checkpoint.h"
#include "audit/tile_path.h"
#include "tests/gateway/api_world.h"

namespace flikvakt::gateway::test {
namespace {

using Hashes = std::vector<crypto::MerkleHash>;

// Entries of no person: quick to make.
void grow_to(ApiWorld& world, std::uint64_t size) {
  const auto count = [&] {
    return world.core->log_reader().with([](const store::Reader& rows) { return rows.entry_count(); }).value();
  };
  while (count() < size) world.decide(policy::SystemActor{}, policy::SumFailures{"192.0.2.7", 1, 0, 0, 0});
}

Hashes leaves_of(ApiWorld& world, std::uint64_t size) {
  Hashes out;
  EXPECT_TRUE(world.core->log_reader().with([&](const store::Reader& rows) {
    return rows.for_each_entry(0, size, [&](const store::EntryRowView& entry) -> Result<void> {
      out.push_back(crypto::leaf_hash(entry.leaf));
      return {};
    });
  }));
  return out;
}

crypto::MerkleHash root_of(std::span<const crypto::MerkleHash> leaves) {
  crypto::Frontier frontier;
  for (const crypto::MerkleHash& leaf : leaves) frontier.append(leaf);
  return frontier.root();
}

std::string bytes_of(std::span<const crypto::MerkleHash> hashes) {
  std::string out;
  for (const crypto::MerkleHash& hash : hashes) out += as_text(hash);
  return out;
}

ApiReply tile(ApiClient& client, unsigned level, std::uint64_t number, std::size_t width = audit::kTileHashes) {
  return client.get("/v1/log/" + audit::write_tile_path({level, number, width}));
}

// SPEC API-92, TIL-4, TIL-5
TEST(ApiTiles, HoldTheHashesThatTheEntriesGive) {
  ApiWorld world;
  grow_to(world, 600);
  ApiClient client = world.portal();
  const Hashes leaves = leaves_of(world, 600);
  const std::span all(leaves);

  const ApiReply full = tile(client, 0, 1);
  ASSERT_EQ(full.status, 200u) << full.body;
  EXPECT_EQ(full.body, bytes_of(all.subspan(256, 256)));
  EXPECT_EQ(full.field("Content-Type"), "application/octet-stream");
  EXPECT_EQ(full.field("Cache-Control"), "public, max-age=31536000, immutable");
  EXPECT_EQ(tile(client, 0, 0).body, bytes_of(all.first(256)));
  EXPECT_EQ(tile(client, 0, 2, 88).body, bytes_of(all.subspan(512, 88)));
  EXPECT_EQ(tile(client, 0, 2, 1).body, bytes_of(all.subspan(512, 1))) << "of a size that was";
  EXPECT_EQ(tile(client, 0, 1, 17).body, bytes_of(all.subspan(256, 17))) << "though it is full by now";

  const Hashes level1{root_of(all.first(256)), root_of(all.subspan(256, 256))};
  EXPECT_EQ(tile(client, 1, 0, 2).body, bytes_of(level1));
  EXPECT_EQ(tile(client, 1, 0, 1).body, bytes_of(std::span(level1).first(1)));
}

// SPEC API-92: a client that has the tiles has the tree.
TEST(ApiTiles, GiveTheRootOfTheCheckpoint) {
  ApiWorld world;
  grow_to(world, 300);
  ApiClient client = world.portal();
  const std::vector<audit::NoteVerifier> known{world.core->sequencer().signers().checkpoint().back().verifier()};
  const audit::Checkpoint checkpoint = audit::open_checkpoint(client.get("/v1/log/checkpoint").body, known).value();
  std::string bytes;
  for (std::uint64_t from = 0; from < checkpoint.size; from += 256) {
    const std::size_t width = static_cast<std::size_t>(std::min<std::uint64_t>(256, checkpoint.size - from));
    bytes += tile(client, 0, from / 256, width).body;
  }
  ASSERT_EQ(bytes.size(), checkpoint.size * 32);
  Hashes leaves(checkpoint.size);
  for (std::size_t i = 0; i < leaves.size(); ++i) std::copy_n(bytes.begin() + 32 * i, 32, leaves[i].begin());
  EXPECT_EQ(root_of(leaves), checkpoint.root);
}

// SPEC API-92
TEST(ApiTiles, OfSizesThatTheLogHasNotAndOtherPathsAreNotThere) {
  ApiWorld world;
  grow_to(world, 300);
  const std::uint64_t size =
      world.core->log_reader().with([](const store::Reader& rows) { return rows.entry_count(); }).value();
  ASSERT_LT(size, 400u);
  ApiClient client = world.portal();
  EXPECT_EQ(tile(client, 0, 1, static_cast<std::size_t>(size - 256)).status, 200u);
  for (const ApiReply& reply : {tile(client, 0, 1, static_cast<std::size_t>(size - 255)), tile(client, 0, 1),
                                tile(client, 0, 2, 1), tile(client, 1, 0), tile(client, 1, 0, 2), tile(client, 2, 0, 1),
                                tile(client, 63, 0, 1), tile(client, 0, (std::uint64_t{1} << 53) - 1, 255)}) {
    EXPECT_EQ(reply.status, 404u);
    EXPECT_EQ(reply.field("Cache-Control"), "no-store");
  }
  for (const char* path : {"/v1/log/tile", "/v1/log/tile/", "/v1/log/tile/0", "/v1/log/tile/0/0", "/v1/log/tile/00/000",
                           "/v1/log/tile/0/000/", "/v1/log/tile/0/000.p/256", "/v1/log/tile/0/000.p/0",
                           "/v1/log/tile/0/x000/000", "/v1/log/tile/entries/000", "/v1/log/tile/0/1/2/3/4/5/6/7/8/9"})
    EXPECT_EQ(client.get(path).status, 404u) << path;
}

// SPEC API-90
TEST(ApiTiles, AreTheSameForEveryoneOnBothListeners) {
  ApiWorld world;
  ApiClient portal = world.portal(), region = world.organisation(*world.region),
            nurse = world.staff(*world.region, world.nurse);
  const std::string first = tile(portal, 0, 0, 5).comparable();
  EXPECT_EQ(tile(region, 0, 0, 5).comparable(), first);
  EXPECT_EQ(tile(nurse, 0, 0, 5).comparable(), first);
}

// SPEC API-93
TEST(ApiTiles, ASourceThatAsksForTooManyIsSlowed) {
  ApiWorld world([](Server::Options& options) {
    options.proofs_per_second = options.tiles_per_second = 0.001;
    options.proof_burst = 2;
    options.tile_burst = 3;
  });
  ApiClient client = world.portal();
  for (int i = 0; i < 2; ++i) EXPECT_EQ(tile(client, 0, 0, 5).status, 200u);
  EXPECT_EQ(tile(client, 0, 0, 5).status, 429u) << "counts as a proof";
  EXPECT_EQ(client.get("/v1/log/inclusion?index=0&size=1").status, 429u);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(tile(client, 0, 0).status, 404u) << "not full yet";
  EXPECT_EQ(tile(client, 0, 0).status, 429u);
}

}  // namespace
}  // namespace flikvakt::gateway::test
