#include "crypto/merkle.h"

#include <gtest/gtest.h>

#include <bit>
#include <boost/json/parse.hpp>
#include <filesystem>
#include <map>

#include "base/files.h"
#include "base/json.h"
#include "crypto/hash.h"

namespace flikvakt::crypto {
namespace {

MerkleHash hash(std::string_view hex) { return to_array<32>(from_hex(hex).value()).value(); }

std::vector<MerkleHash> make_leaves(std::size_t count) {
  std::vector<MerkleHash> out;
  for (std::size_t i = 0; i < count; ++i) out.push_back(leaf_hash(as_bytes("entry " + std::to_string(i))));
  return out;
}

using Leaves = std::span<const MerkleHash>;

// The definitions of RFC 6962 section 2.1, word for word, to compare with.
MerkleHash defined_root(Leaves leaves) {
  if (leaves.empty()) return sha256();
  if (leaves.size() == 1) return leaves[0];
  const std::size_t k = std::bit_ceil(leaves.size()) / 2;
  return node_hash(defined_root(leaves.first(k)), defined_root(leaves.subspan(k)));
}
std::vector<MerkleHash> defined_path(std::size_t index, Leaves leaves) {
  if (leaves.size() <= 1) return {};
  const std::size_t k = std::bit_ceil(leaves.size()) / 2;
  const bool left = index < k;
  std::vector<MerkleHash> out =
      left ? defined_path(index, leaves.first(k)) : defined_path(index - k, leaves.subspan(k));
  out.push_back(defined_root(left ? leaves.subspan(k) : leaves.first(k)));
  return out;
}
std::vector<MerkleHash> defined_proof(std::size_t m, Leaves leaves, bool complete) {
  if (m == leaves.size()) return complete ? std::vector<MerkleHash>{} : std::vector<MerkleHash>{defined_root(leaves)};
  const std::size_t k = std::bit_ceil(leaves.size()) / 2;
  const bool left = m <= k;
  std::vector<MerkleHash> out =
      left ? defined_proof(m, leaves.first(k), complete) : defined_proof(m - k, leaves.subspan(k), false);
  out.push_back(defined_root(left ? leaves.subspan(k) : leaves.first(k)));
  return out;
}

TEST(Merkle, LeavesNodesAndTheEmptyTreeHashAsRfc6962Says) {  // SPEC MRK-1, MRK-2, MRK-3
  EXPECT_EQ(empty_root(), hash("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
  EXPECT_EQ(leaf_hash({}), hash("6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"));
  EXPECT_EQ(leaf_hash(as_bytes("L123456")), hash("395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56"));
  const MerkleHash left = leaf_hash(as_bytes("a"));
  const MerkleHash right = leaf_hash(as_bytes("b"));
  EXPECT_EQ(node_hash(left, right), sha256(ByteArray<1>{1}, left, right));
  EXPECT_NE(node_hash(left, right), node_hash(right, left));
  EXPECT_NE(leaf_hash(ByteWriter().bytes(left).bytes(right).view()), node_hash(left, right));
}

TEST(Merkle, TheFrontierHasTheDefinedRootAtEverySize) {  // SPEC MRK-3, MRK-7
  const std::vector<MerkleHash> leaves = make_leaves(300);
  Frontier frontier;
  for (std::size_t size = 0; size <= leaves.size(); ++size) {
    ASSERT_EQ(frontier.size(), size);
    ASSERT_EQ(frontier.root(), defined_root(Leaves(leaves).first(size))) << size;
    ASSERT_EQ(frontier.nodes().size(), static_cast<std::size_t>(std::popcount(size)));
    if (size < leaves.size()) frontier.append(leaves[size]);
  }
}

TEST(Merkle, AFrontierTakenUpFromItsNodesGoesOnAsBefore) {  // SPEC MRK-7
  const std::vector<MerkleHash> leaves = make_leaves(40);
  Frontier frontier;
  for (std::size_t i = 0; i < 21; ++i) frontier.append(leaves[i]);
  Frontier resumed = Frontier::from_nodes(frontier.size(), frontier.nodes()).value();
  EXPECT_EQ(resumed.root(), frontier.root());
  for (std::size_t i = 21; i < leaves.size(); ++i) resumed.append(leaves[i]);
  EXPECT_EQ(resumed.root(), defined_root(leaves));
  EXPECT_TRUE(Frontier::from_nodes(0, {}));
}

TEST(Merkle, AFrontierWithAnotherNumberOfNodesIsRefused) {  // SPEC MRK-7
  const std::vector<MerkleHash> nodes = make_leaves(3);
  EXPECT_TRUE(Frontier::from_nodes(21, nodes));
  EXPECT_FALSE(Frontier::from_nodes(20, nodes));
  EXPECT_FALSE(Frontier::from_nodes(23, nodes));
  EXPECT_FALSE(Frontier::from_nodes(0, nodes));
  EXPECT_FALSE(Frontier::from_nodes(21, {}));
}

TEST(Merkle, EveryInclusionProofUpToSize40IsAcceptedAndNoneForAnotherPlace) {  // SPEC MRK-4
  const std::vector<MerkleHash> leaves = make_leaves(40);
  for (std::size_t size = 1; size <= leaves.size(); ++size) {
    const MerkleHash root = defined_root(Leaves(leaves).first(size));
    for (std::size_t index = 0; index < size; ++index) {
      std::vector<MerkleHash> proof = defined_path(index, Leaves(leaves).first(size));
      ASSERT_TRUE(verify_inclusion(index, size, leaves[index], proof, root)) << index << " of " << size;
      for (std::size_t other = 0; other <= size; ++other) {
        ASSERT_EQ(verify_inclusion(other, size, leaves[index], proof, root), other == index);
      }
      proof.push_back(root);
      ASSERT_FALSE(verify_inclusion(index, size, leaves[index], proof, root));
      proof.resize(proof.size() - 1);
      if (proof.empty()) continue;
      proof.back()[31] ^= 1;
      ASSERT_FALSE(verify_inclusion(index, size, leaves[index], proof, root));
      proof.pop_back();
      ASSERT_FALSE(verify_inclusion(index, size, leaves[index], proof, root));
    }
  }
}

TEST(Merkle, EveryConsistencyProofUpToSize40IsAcceptedAndNoneForAnotherPast) {  // SPEC MRK-5
  const std::vector<MerkleHash> leaves = make_leaves(40);
  std::vector<MerkleHash> rewritten = leaves;
  rewritten[0][0] ^= 1;
  for (std::size_t n = 1; n <= leaves.size(); ++n) {
    const MerkleHash root = defined_root(Leaves(leaves).first(n));
    for (std::size_t m = 1; m < n; ++m) {
      const MerkleHash old = defined_root(Leaves(leaves).first(m));
      std::vector<MerkleHash> proof = defined_proof(m, Leaves(leaves).first(n), true);
      ASSERT_TRUE(verify_consistency(m, n, proof, old, root)) << m << " to " << n;
      ASSERT_FALSE(verify_consistency(m, n, proof, defined_root(Leaves(rewritten).first(m)), root));
      ASSERT_FALSE(verify_consistency(m, n, proof, old, defined_root(Leaves(rewritten).first(n))));
      proof.push_back(root);
      ASSERT_FALSE(verify_consistency(m, n, proof, old, root));
      proof.resize(proof.size() - 2);
      ASSERT_FALSE(verify_consistency(m, n, proof, old, root));
    }
  }
}

TEST(Merkle, ConsistencyBetweenTrivialSizesAsksForAnEmptyProofAndFittingRoots) {  // SPEC MRK-6
  const std::vector<MerkleHash> leaves = make_leaves(5);
  const MerkleHash root = defined_root(leaves);
  const std::vector<MerkleHash> some = {root};
  EXPECT_TRUE(verify_consistency(5, 5, {}, root, root));
  EXPECT_FALSE(verify_consistency(5, 5, some, root, root));
  EXPECT_FALSE(verify_consistency(5, 5, {}, root, leaves[0]));
  EXPECT_TRUE(verify_consistency(0, 5, {}, empty_root(), root));
  EXPECT_FALSE(verify_consistency(0, 5, some, empty_root(), root));
  EXPECT_FALSE(verify_consistency(0, 5, {}, root, root));
  EXPECT_TRUE(verify_consistency(0, 0, {}, empty_root(), empty_root()));
  EXPECT_FALSE(verify_consistency(0, 0, {}, root, root));
  EXPECT_FALSE(verify_consistency(5, 4, {}, root, root));
  EXPECT_FALSE(verify_consistency(5, 0, {}, root, empty_root()));
  EXPECT_FALSE(verify_inclusion(0, 0, root, {}, root));
}

// A hash of another length cannot even be asked about: parsing it is where it is refused.
std::optional<MerkleHash> vector_hash(const json::value& text) {
  Result<MerkleHash> out = to_array<32>(from_base64(text.as_string()).value());
  return out ? std::optional(*out) : std::nullopt;
}
std::optional<std::vector<MerkleHash>> vector_proof(const json::value& proof) {
  std::vector<MerkleHash> out;
  if (proof.is_null()) return out;
  for (const json::value& element : proof.as_array()) {
    const std::optional<MerkleHash> node = vector_hash(element);
    if (!node) return std::nullopt;
    out.push_back(*node);
  }
  return out;
}

struct Verdict {
  bool expressible;  // every hash has 32 bytes
  bool accepted;
};

Verdict judge(const json::object& test) {
  const std::optional<std::vector<MerkleHash>> proof = vector_proof(test.at("proof"));
  const bool is_inclusion = test.contains("leafIdx");
  const std::optional<MerkleHash> first = vector_hash(test.at(is_inclusion ? "leafHash" : "root1"));
  const std::optional<MerkleHash> second = vector_hash(test.at(is_inclusion ? "root" : "root2"));
  if (!proof || !first || !second) return {false, false};
  auto number = [&](const char* name) { return test.at(name).to_number<std::uint64_t>(); };
  if (is_inclusion) return {true, verify_inclusion(number("leafIdx"), number("treeSize"), *first, *proof, *second)};
  return {true, verify_consistency(number("size1"), number("size2"), *proof, *first, *second)};
}

TEST(Merkle, EveryVectorOfTransparencyDevGetsItsVerdict) {  // SPEC MRK-4, MRK-5, MRK-6
  const std::filesystem::path folder = std::filesystem::path(FLIKVAKT_SHARED_DATA) / "merkle";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "the Merkle vectors are not here";
  std::map<std::string, int> counts;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().extension() != ".json") continue;
    const Bytes bytes = read_file(entry.path(), 1 << 20).value();
    const json::value test = json::parse(as_text(bytes));  // indexes of 64 bits: not for parse_json
    const Verdict verdict = judge(test.as_object());
    const bool wanted = !test.at("wantErr").as_bool();
    EXPECT_EQ(verdict.accepted, wanted) << entry.path();
    counts[wanted ? "accepted" : verdict.expressible ? "refused" : "not a hash"]++;
  }
  EXPECT_EQ(counts, (std::map<std::string, int>{{"accepted", 7}, {"refused", 69}, {"not a hash", 20}}));
}

}  // namespace
}  // namespace flikvakt::crypto
