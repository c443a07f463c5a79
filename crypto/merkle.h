// Merkle tree hashing and proof checking. Sources: RFC 6962 section 2.1 (hashing), RFC 9162 sections 2.1.3.2 and
// 2.1.4.2 (checking); our words: spec/merkle.md. Indexes count from 0, sizes are numbers of leaves, roots and nodes are
// SHA-256 values. A proof lists its nodes from the leaf's end to the root's. Nothing here keeps shared state.
#pragma once

#include "base/bytes.h"

namespace flikvakt::crypto {

using MerkleHash = ByteArray<32>;

MerkleHash leaf_hash(BytesView entry);
MerkleHash node_hash(const MerkleHash& left, const MerkleHash& right);
MerkleHash empty_root();  // of the tree without leaves

// True when `proof` shows that the leaf at `index` is in the tree of `size` leaves with this root.
[[nodiscard]] bool verify_inclusion(std::uint64_t index, std::uint64_t size, const MerkleHash& leaf,
                                    std::span<const MerkleHash> proof, const MerkleHash& root);

// True when `proof` shows that the tree of `size2` leaves begins with the tree of `size1` leaves. Between equal sizes
// the proof is empty and the roots are equal; from size 0 the proof is empty and `root1` is empty_root().
[[nodiscard]] bool verify_consistency(std::uint64_t size1, std::uint64_t size2, std::span<const MerkleHash> proof,
                                      const MerkleHash& root1, const MerkleHash& root2);

// The right edge of a growing tree: the roots of its perfect subtrees, largest first, one per set bit of the size. At
// most 64 hashes, whatever the size. Not thread-safe for writing.
class Frontier {
public:
  Frontier() = default;
  // Takes up from stored nodes; malformed when their number does not fit the size. Compare root() before trusting it.
  static Result<Frontier> from_nodes(std::uint64_t size, std::vector<MerkleHash> nodes);

  void append(const MerkleHash& leaf);  // a leaf_hash
  std::uint64_t size() const { return size_; }
  const std::vector<MerkleHash>& nodes() const { return nodes_; }
  MerkleHash root() const;

private:
  std::uint64_t size_ = 0;
  std::vector<MerkleHash> nodes_;
};

}  // namespace flikvakt::crypto
