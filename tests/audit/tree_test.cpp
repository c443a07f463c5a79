#include "audit/tree.h"

#include <gtest/gtest.h>

#include <bit>
#include <map>

#include "crypto/hash.h"

namespace flikvakt::audit {
namespace {

using Hashes = std::vector<MerkleHash>;

MerkleHash leaf(std::uint64_t i) { return crypto::leaf_hash(ByteWriter().u64(i).view()); }

Hashes leaves(std::uint64_t from, std::uint64_t to) {
  Hashes out;
  for (; from < to; ++from) out.push_back(leaf(from));
  return out;
}

// RFC 6962 section 2.1, word for word.
MerkleHash naive_root(std::span<const MerkleHash> d) {
  if (d.empty()) return crypto::sha256();
  if (d.size() == 1) return d[0];
  const std::size_t k = std::bit_floor(d.size() - 1);
  return crypto::sha256(ByteArray<1>{1}, naive_root(d.first(k)), naive_root(d.subspan(k)));
}

// What the store does: keeps the tiles of committed batches.
struct Store {
  std::map<std::pair<unsigned, std::uint64_t>, Hashes> tiles;
  mutable int reads = 0;

  void keep(const Tree& tree) {
    for (const Tile& tile : tree.new_tiles()) {
      EXPECT_EQ(tile.hashes.size(), 256u);
      EXPECT_TRUE(tiles.emplace(std::pair(tile.level, tile.number), tile.hashes).second) << "a tile was made twice";
    }
  }
  TileSource source() const {
    return [this](unsigned level, std::uint64_t number) -> Result<Hashes> {
      ++reads;
      const auto found = tiles.find({level, number});
      if (found == tiles.end()) return fail(ErrorCode::corrupt, "no such tile");
      return found->second;
    };
  }
};

struct Log {
  Tree tree;
  Store store;
  void grow_to(std::uint64_t size) {
    while (tree.pending_size() < size) tree.append(leaf(tree.pending_size()));
    store.keep(tree);
    tree.commit();
  }
};

Result<Tree> restored(const Log& log) {
  const std::uint64_t size = log.tree.size();
  return Tree::restore(size, leaves(size - size % 256, size), log.store.source());
}

// Proofs check, and fail to check for everything but what they are of.
void check_inclusion(const Log& log, std::uint64_t index, std::uint64_t size, const MerkleHash& root) {
  const Result<Hashes> proof = log.tree.inclusion_proof(index, size, log.store.source());
  ASSERT_TRUE(proof) << index << " of " << size << ": " << proof.error().message;
  ASSERT_TRUE(crypto::verify_inclusion(index, size, leaf(index), *proof, root)) << index << " of " << size;
  EXPECT_FALSE(crypto::verify_inclusion(index, size, leaf(index + 1), *proof, root));
  for (std::size_t i = 0; i < proof->size(); ++i) {
    Hashes wrong = *proof;
    wrong[i][31] ^= 1;
    EXPECT_FALSE(crypto::verify_inclusion(index, size, leaf(index), wrong, root));
  }
}

void check_consistency(const Log& log, std::uint64_t size1, std::uint64_t size2, const MerkleHash& root1,
                       const MerkleHash& root2) {
  const Result<Hashes> proof = log.tree.consistency_proof(size1, size2, log.store.source());
  ASSERT_TRUE(proof) << size1 << " to " << size2 << ": " << proof.error().message;
  ASSERT_TRUE(crypto::verify_consistency(size1, size2, *proof, root1, root2)) << size1 << " to " << size2;
  MerkleHash forked = root1;
  forked[0] ^= 1;
  if (size1 > 0) {
    EXPECT_FALSE(crypto::verify_consistency(size1, size2, *proof, forked, root2));
  }
  for (std::size_t i = 0; i < proof->size(); ++i) {
    Hashes wrong = *proof;
    wrong[i][0] ^= 1;
    EXPECT_FALSE(crypto::verify_consistency(size1, size2, wrong, root1, root2));
  }
}

TEST(Tree, RootsAreThoseOfRfc6962AtEverySizeTo600) {
  Log log;
  const Hashes all = leaves(0, 600);
  EXPECT_EQ(log.tree.root(), naive_root({}));
  for (std::uint64_t size = 1; size <= 600; ++size) {
    log.grow_to(size);
    ASSERT_EQ(log.tree.root(), naive_root(std::span(all).first(size))) << size;
  }
  for (std::uint64_t size = 0; size <= 600; ++size) {
    ASSERT_EQ(*log.tree.root_at(size, log.store.source()), naive_root(std::span(all).first(size))) << size;
  }
}

TEST(Tree, InclusionProofsTo600CheckAndWrongOnesDoNot) {
  Log log;
  log.grow_to(600);
  const Hashes all = leaves(0, 600);
  for (std::uint64_t size = 1; size <= 600; size += size < 40 || (size > 250 && size < 260) || size > 508 ? 1 : 13) {
    const MerkleHash root = naive_root(std::span(all).first(size));
    for (std::uint64_t index = 0; index < size; index += size < 40 ? 1 : 17) check_inclusion(log, index, size, root);
    check_inclusion(log, size - 1, size, root);
  }
}

TEST(Tree, ConsistencyProofsTo600CheckAndWrongOnesDoNot) {
  Log log;
  log.grow_to(600);
  const Hashes all = leaves(0, 600);
  std::vector<MerkleHash> roots;
  for (std::uint64_t size = 0; size <= 600; ++size) roots.push_back(naive_root(std::span(all).first(size)));
  for (std::uint64_t size2 = 0; size2 <= 600; size2 += size2 < 70 || (size2 > 253 && size2 < 259) ? 1 : 11) {
    for (std::uint64_t size1 = 0; size1 <= size2; size1 += size2 < 70 ? 1 : 7)
      check_consistency(log, size1, size2, roots[size1], roots[size2]);
  }
}

TEST(Tree, TilesOfTheSecondAndThirdLevelAreRight) {  // SPEC CHK-8
  constexpr std::uint64_t kFrom = 65'535, kTo = 65'793;
  Log log;
  const Hashes all = leaves(0, kTo);
  const auto all_to = [&](std::uint64_t size) { return std::span(all).first(size); };
  log.grow_to(kFrom);
  EXPECT_EQ(log.store.tiles.size(), 255u);
  std::map<std::uint64_t, MerkleHash> roots;
  for (std::uint64_t size = kFrom; size <= kTo; ++size) {
    log.grow_to(size);
    const MerkleHash root = naive_root(all_to(size));
    ASSERT_EQ(log.tree.root(), root) << size;
    if (size < 65'540 || size % 64 == 0 || size > 65'788) roots[size] = root;  // proofs between all would take minutes
  }
  const Hashes& level1 = log.store.tiles.at({1, 0});
  for (const std::size_t i : {std::size_t{0}, std::size_t{1}, std::size_t{255}})
    EXPECT_EQ(level1[i], naive_root(std::span(all).subspan(i * 256, 256)));
  EXPECT_EQ(log.store.tiles.size(), 257u + 1u);
  for (const auto& [size, root] : roots) {
    EXPECT_EQ(*log.tree.root_at(size, log.store.source()), root);
    for (const std::uint64_t index :
         {std::uint64_t{0}, std::uint64_t{255}, std::uint64_t{256}, std::uint64_t{40'000}, size - 1})
      check_inclusion(log, index, size, root);
    for (const auto& [later, later_root] : roots) {
      if (later >= size) check_consistency(log, size, later, root, later_root);
    }
  }
  const Result<Tree> again = restored(log);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->root(), log.tree.root());
}

TEST(Tree, ARestoredTreeGoesOnAsIfNothingHadHappened) {  // SPEC CHK-9
  for (const std::uint64_t size : {0u, 1u, 255u, 256u, 257u, 511u, 512u, 600u}) {
    Log log;
    log.grow_to(size);
    Result<Tree> again = restored(log);
    ASSERT_TRUE(again) << size;
    ASSERT_EQ(again->root(), log.tree.root()) << size;
    Log second{*again, log.store};
    log.grow_to(size + 300);
    second.grow_to(size + 300);
    EXPECT_EQ(second.tree.root(), log.tree.root()) << size;
    EXPECT_EQ(second.store.tiles, log.store.tiles) << size;
    check_inclusion(second, size, size + 300, log.tree.root());
  }
}

TEST(Tree, AMissingOrDamagedTileOrLeafIsFound) {  // SPEC CHK-9
  Log log;
  log.grow_to(600);
  const TileSource tiles = log.store.source();
  EXPECT_EQ(Tree::restore(600, leaves(512, 599), tiles).error().code, ErrorCode::corrupt);
  EXPECT_EQ(Tree::restore(600, {}, tiles).error().code, ErrorCode::corrupt);
  EXPECT_EQ(Tree::restore(std::uint64_t{1} << 60, {}, tiles).error().code, ErrorCode::corrupt);
  Log lost = log;
  lost.store.tiles.at({0, 1}).pop_back();
  EXPECT_EQ(restored(lost).error().code, ErrorCode::corrupt);
  EXPECT_FALSE(lost.tree.inclusion_proof(300, 600, lost.store.source()));
  lost.store.tiles.erase({0, 1});
  EXPECT_FALSE(restored(lost));
  Log changed = log;
  changed.store.tiles.at({0, 1})[7][0] ^= 1;
  EXPECT_NE(restored(changed)->root(), log.tree.root());
}

TEST(Tree, ADroppedBatchLeavesNoTrace) {
  Log log;
  log.grow_to(500);
  const MerkleHash before = log.tree.root();
  for (int i = 0; i < 300; ++i) log.tree.append(leaf(10'000 + i));  // over the edge of a tile
  EXPECT_EQ(log.tree.pending_size(), 800u);
  EXPECT_NE(log.tree.pending_root(), before);
  EXPECT_EQ(log.tree.root(), before);  // proofs are of what is committed
  EXPECT_EQ(log.tree.size(), 500u);
  EXPECT_FALSE(log.tree.new_tiles().empty());
  check_inclusion(log, 499, 500, before);
  log.tree.drop();
  EXPECT_EQ(log.tree.root(), before);
  EXPECT_EQ(log.tree.pending_size(), 500u);
  EXPECT_TRUE(log.tree.new_tiles().empty());

  log.grow_to(900);
  Log straight;
  straight.grow_to(900);
  EXPECT_EQ(log.tree.root(), straight.tree.root());
  EXPECT_EQ(log.store.tiles, straight.store.tiles);
}

TEST(Tree, PendingIsCommittedExactly) {
  Log log;
  log.grow_to(255);
  log.tree.append(leaf(255));
  const MerkleHash root = log.tree.pending_root();
  log.store.keep(log.tree);
  log.tree.commit();
  EXPECT_EQ(log.tree.root(), root);
  EXPECT_TRUE(log.tree.new_tiles().empty());
  EXPECT_EQ(log.store.tiles.at({0, 0}), leaves(0, 256));
}

TEST(Tree, ProofsOfWhatIsNotThereAreRefused) {
  Log log;
  log.grow_to(10);
  log.tree.append(leaf(10));  // pending only
  const TileSource tiles = log.store.source();
  EXPECT_EQ(log.tree.inclusion_proof(10, 11, tiles).error().code, ErrorCode::invalid);
  EXPECT_EQ(log.tree.inclusion_proof(5, 5, tiles).error().code, ErrorCode::invalid);
  EXPECT_EQ(log.tree.consistency_proof(5, 11, tiles).error().code, ErrorCode::invalid);
  EXPECT_EQ(log.tree.consistency_proof(6, 5, tiles).error().code, ErrorCode::invalid);
  EXPECT_EQ(log.tree.root_at(11, tiles).error().code, ErrorCode::invalid);
}

TEST(Tree, AProofReadsEachTileOnce) {
  Log log;
  log.grow_to(65'792);
  log.store.reads = 0;
  ASSERT_TRUE(log.tree.inclusion_proof(300, 65'792, log.store.source()));
  EXPECT_LE(log.store.reads, 3);
}

}  // namespace
}  // namespace flikvakt::audit
