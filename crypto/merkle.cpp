#include "crypto/merkle.h"

#include <bit>

#include "crypto/hash.h"

namespace flikvakt::crypto {
namespace {

// So that no leaf can be taken for a node.
constexpr ByteArray<1> kLeafPrefix = {0x00};
constexpr ByteArray<1> kNodePrefix = {0x01};

// Where a proof's walk from a leaf to the root is: the number of the node and of the last node of its level.
struct Walk {
  std::uint64_t node;
  std::uint64_t last;

  bool at_root() const { return last == 0; }
  bool sibling_is_left() const { return (node & 1) != 0 || node == last; }
  void up() {
    node >>= 1;
    last >>= 1;
  }
  // The last node of a level without a right sibling is the same node one level up.
  void skip_levels_without_sibling() {
    while ((node & 1) == 0 && node != 0) up();
  }
};

}  // namespace

// SPEC MRK-1
MerkleHash leaf_hash(BytesView entry) { return sha256(kLeafPrefix, entry); }

// SPEC MRK-2
MerkleHash node_hash(const MerkleHash& left, const MerkleHash& right) { return sha256(kNodePrefix, left, right); }

// SPEC MRK-3
MerkleHash empty_root() { return sha256(); }

// SPEC MRK-4: RFC 9162 section 2.1.3.2.
bool verify_inclusion(std::uint64_t index, std::uint64_t size, const MerkleHash& leaf,
                      std::span<const MerkleHash> proof, const MerkleHash& root) {
  if (index >= size) return false;
  Walk walk{index, size - 1};
  MerkleHash node = leaf;
  for (const MerkleHash& sibling : proof) {
    if (walk.at_root()) return false;
    if (walk.sibling_is_left()) {
      node = node_hash(sibling, node);
      walk.skip_levels_without_sibling();
    } else {
      node = node_hash(node, sibling);
    }
    walk.up();
  }
  return walk.at_root() && node == root;
}

// SPEC MRK-5, MRK-6: RFC 9162 section 2.1.4.2.
bool verify_consistency(std::uint64_t size1, std::uint64_t size2, std::span<const MerkleHash> proof,
                        const MerkleHash& root1, const MerkleHash& root2) {
  if (size1 > size2) return false;
  if (size1 == 0 && root1 != empty_root()) return false;
  if (size1 == size2) return proof.empty() && root1 == root2;
  if (size1 == 0) return proof.empty();
  // A perfect smaller tree is itself a node of the larger one, so the proof leaves it out.
  const bool starts_at_root1 = std::has_single_bit(size1);
  if (!starts_at_root1 && proof.empty()) return false;
  MerkleHash old_node = starts_at_root1 ? root1 : proof.front();
  MerkleHash new_node = old_node;
  if (!starts_at_root1) proof = proof.subspan(1);

  Walk walk{size1 - 1, size2 - 1};
  while ((walk.node & 1) != 0) walk.up();
  for (const MerkleHash& sibling : proof) {
    if (walk.at_root()) return false;
    if (walk.sibling_is_left()) {
      old_node = node_hash(sibling, old_node);
      new_node = node_hash(sibling, new_node);
      walk.skip_levels_without_sibling();
    } else {
      new_node = node_hash(new_node, sibling);
    }
    walk.up();
  }
  return walk.at_root() && old_node == root1 && new_node == root2;
}

Result<Frontier> Frontier::from_nodes(std::uint64_t size, std::vector<MerkleHash> nodes) {
  if (nodes.size() != static_cast<std::size_t>(std::popcount(size))) {
    return fail(ErrorCode::malformed, "the right edge of a tree has one node per set bit of its size");
  }
  Frontier out;
  out.size_ = size;
  out.nodes_ = std::move(nodes);
  return out;
}

// Adding one carries through the trailing set bits of the size; each carry joins two equal perfect subtrees.
void Frontier::append(const MerkleHash& leaf) {
  MerkleHash node = leaf;
  for (int joins = std::countr_one(size_); joins > 0; --joins) {
    node = node_hash(nodes_.back(), node);
    nodes_.pop_back();
  }
  nodes_.push_back(node);
  ++size_;
}

// SPEC MRK-3
MerkleHash Frontier::root() const {
  if (nodes_.empty()) return empty_root();
  MerkleHash root = nodes_.back();
  for (std::size_t i = nodes_.size() - 1; i-- > 0;) root = node_hash(nodes_[i], root);
  return root;
}

}  // namespace flikvakt::crypto
