// The writer's Merkle tree (RFC 6962 section 2.1): appends in O(1), keeps no more than the right edge, and hands out
// full tiles of 256 hashes (C2SP tlog-tiles) for the store to keep. Format of tiles: spec/checkpoint.md.
//
// Level 0 holds leaf hashes; hash i of level l+1 is the root over hashes 256·i … 256·i+255 of level l. Tile n of a
// level holds its hashes 256·n … 256·n+255, left to right, and exists only when full.
//
// A batch is appended to a pending overlay, then committed or dropped; a dropped batch leaves no trace. A Tree is a
// value of some 24 KiB and belongs to one thread at a time: for proofs on other threads, hand them a copy.
#pragma once

#include <functional>
#include <vector>

#include "crypto/merkle.h"

namespace flikvakt::audit {

using crypto::MerkleHash;

constexpr std::size_t kTileHashes = 256;

struct Tile {
  unsigned level = 0;
  std::uint64_t number = 0;
  std::vector<MerkleHash> hashes;  // kTileHashes
};

// Reads a full tile of a committed batch. An error, or another number of hashes, is passed on or reported as corrupt.
using TileSource = std::function<Result<std::vector<MerkleHash>>(unsigned level, std::uint64_t number)>;

class Tree {
public:
  Tree() = default;  // empty

  // Takes up a stored tree: `partial_leaves` are the leaf hashes of entries size - size % 256 … size-1. Reads at most
  // 255 tiles per level. corrupt: a tile or leaf is missing. The caller compares root() with the head before trusting.
  static Result<Tree> restore(std::uint64_t size, std::span<const MerkleHash> partial_leaves, const TileSource& tiles);

  void append(const MerkleHash& leaf);  // to the overlay
  std::uint64_t pending_size() const { return pending_.size; }
  MerkleHash pending_root() const;
  const std::vector<Tile>& new_tiles() const { return new_tiles_; }  // completed by the overlay, in order
  void commit();  // the overlay is durable: it becomes the tree; new_tiles() is emptied
  void drop();    // the overlay never happened

  // Of what is committed.
  std::uint64_t size() const { return committed_.size; }
  MerkleHash root() const;
  // Roots and proofs at any earlier size. invalid: index ≥ size, size1 > size2, or a size beyond size().
  Result<MerkleHash> root_at(std::uint64_t size, const TileSource& tiles) const;
  Result<std::vector<MerkleHash>> inclusion_proof(std::uint64_t index, std::uint64_t size,
                                                  const TileSource& tiles) const;
  Result<std::vector<MerkleHash>> consistency_proof(std::uint64_t size1, std::uint64_t size2,
                                                    const TileSource& tiles) const;
  // The hashes of a level that no full tile holds.
  std::span<const MerkleHash> edge(unsigned level) const;

private:
  struct Edge {
    std::uint64_t size = 0;
    std::vector<MerkleHash> peaks;                  // roots of the perfect subtrees, largest first
    std::vector<std::vector<MerkleHash>> partials;  // per level, the hashes after its last full tile
  };
  void add_to_level(unsigned level, const MerkleHash& hash);

  Edge committed_;
  Edge pending_;
  std::vector<Tile> new_tiles_;
};

}  // namespace flikvakt::audit
