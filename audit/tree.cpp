#include "audit/tree.h"

#include <bit>

namespace flikvakt::audit {
namespace {

using crypto::node_hash;
using Hashes = std::vector<MerkleHash>;

constexpr unsigned kTileHeight = 8;
constexpr std::uint64_t kMostLeaves = std::uint64_t{1} << 53;  // what JSON numbers carry exactly

Error missing(unsigned level, std::uint64_t number) {
  return fail(ErrorCode::corrupt,
              "reading tile " + std::to_string(number) + " of level " + std::to_string(level) + ": not 256 hashes");
}

Result<Hashes> full_tile(const TileSource& tiles, unsigned level, std::uint64_t number) {
  Hashes out = TRY(tiles(level, number));
  if (out.size() != kTileHashes) return missing(level, number);
  return out;
}

// Of 2^n hashes: the root of the perfect tree over them.
MerkleHash perfect_root(std::span<const MerkleHash> hashes) {
  Hashes row(hashes.begin(), hashes.end());
  for (; row.size() > 1; row.resize(row.size() / 2)) {
    for (std::size_t i = 0; i < row.size() / 2; ++i) row[i] = node_hash(row[2 * i], row[2 * i + 1]);
  }
  return row.front();
}

// The roots of perfect subtrees, largest first, joined from the right (RFC 6962 section 2.1).
MerkleHash join(std::span<const MerkleHash> peaks) {
  if (peaks.empty()) return crypto::empty_root();
  MerkleHash out = peaks.back();
  for (std::size_t i = peaks.size() - 1; i-- > 0;) out = node_hash(peaks[i], out);
  return out;
}

// One lookup of nodes below a committed size: whole tiles from the store, kept for this proof, else the right edge.
class Nodes {
public:
  Nodes(const std::vector<Hashes>& partials, std::uint64_t size, const TileSource& tiles)
      : partials_(partials), size_(size), tiles_(tiles) {}

  // The root over leaves [from, from + 2^height), which must be a node of the tree.
  Result<MerkleHash> node(std::uint64_t from, unsigned height) {
    const unsigned level = height / kTileHeight;
    const std::uint64_t first = from >> (level * kTileHeight);  // among the hashes of that level
    const std::uint64_t tile = first / kTileHashes;
    const Hashes& hashes = *TRY(hashes_of(level, tile));
    const std::size_t count = std::size_t{1} << (height % kTileHeight);
    const std::size_t offset = static_cast<std::size_t>(first % kTileHashes);
    if (offset + count > hashes.size()) return missing(level, tile);
    return perfect_root(std::span(hashes).subspan(offset, count));
  }

  // The root over leaves [from, to); `from` is a multiple of the largest power of two below or at the width.
  Result<MerkleHash> range(std::uint64_t from, std::uint64_t to) {
    Hashes peaks;
    while (from < to) {
      const std::uint64_t width = std::bit_floor(to - from);
      peaks.push_back(TRY(node(from, static_cast<unsigned>(std::countr_zero(width)))));
      from += width;
    }
    return join(peaks);
  }

private:
  Result<const Hashes*> hashes_of(unsigned level, std::uint64_t tile) {
    if (tile == size_ >> ((level + 1) * kTileHeight)) {
      if (level >= partials_.size()) return missing(level, tile);
      return &partials_[level];
    }
    for (const Tile& kept : kept_) {
      if (kept.level == level && kept.number == tile) return &kept.hashes;
    }
    kept_.push_back({level, tile, TRY(full_tile(tiles_, level, tile))});
    return &kept_.back().hashes;
  }

  const std::vector<Hashes>& partials_;
  std::uint64_t size_;
  const TileSource& tiles_;
  std::vector<Tile> kept_;
};

// PATH(m, D[n]) of RFC 6962 section 2.1.1, over leaves [from, from + size).
Result<void> add_path(Nodes& nodes, std::uint64_t index, std::uint64_t from, std::uint64_t size, Hashes& out) {
  if (size == 1) return {};
  const std::uint64_t left = std::bit_floor(size - 1);
  if (index < left) {
    TRY_VOID(add_path(nodes, index, from, left, out));
    out.push_back(TRY(nodes.range(from + left, from + size)));
  } else {
    TRY_VOID(add_path(nodes, index - left, from + left, size - left, out));
    out.push_back(TRY(nodes.range(from, from + left)));
  }
  return {};
}

enum class OldRoot { known, not_yet };

// SUBPROOF(m, D[n], b) of RFC 6962 section 2.1.2.
Result<void> add_subproof(Nodes& nodes, std::uint64_t size1, std::uint64_t from, std::uint64_t size, OldRoot old_root,
                          Hashes& out) {
  if (size1 == size) {
    if (old_root == OldRoot::not_yet) out.push_back(TRY(nodes.range(from, from + size)));
    return {};
  }
  const std::uint64_t left = std::bit_floor(size - 1);
  if (size1 <= left) {
    TRY_VOID(add_subproof(nodes, size1, from, left, old_root, out));
    out.push_back(TRY(nodes.range(from + left, from + size)));
  } else {
    TRY_VOID(add_subproof(nodes, size1 - left, from + left, size - left, OldRoot::not_yet, out));
    out.push_back(TRY(nodes.range(from, from + left)));
  }
  return {};
}

}  // namespace

// SPEC CHK-9
Result<Tree> Tree::restore(std::uint64_t size, std::span<const MerkleHash> partial_leaves, const TileSource& tiles) {
  if (size >= kMostLeaves) return fail(ErrorCode::corrupt, "restoring the tree: no log is that long");
  if (partial_leaves.size() != size % kTileHashes)
    return fail(ErrorCode::corrupt, "restoring the tree: wrong number of leaves after the last full tile");
  Tree out;
  Edge& edge = out.committed_;
  edge.size = size;
  if (!partial_leaves.empty() || size >= kTileHashes)
    edge.partials.emplace_back(partial_leaves.begin(), partial_leaves.end());
  // The hashes of a level that no full tile holds are the roots of the full tiles below them.
  for (unsigned level = 1; size >> (level * kTileHeight) > 0; ++level) {
    const std::uint64_t count = size >> (level * kTileHeight);
    Hashes& partial = edge.partials.emplace_back();
    for (std::uint64_t i = count - count % kTileHashes; i < count; ++i)
      partial.push_back(perfect_root(TRY(full_tile(tiles, level - 1, i))));
  }
  Nodes nodes(edge.partials, size, tiles);
  for (std::uint64_t from = 0; from < size;) {
    const std::uint64_t width = std::bit_floor(size - from);
    edge.peaks.push_back(TRY(nodes.node(from, static_cast<unsigned>(std::countr_zero(width)))));
    from += width;
  }
  out.pending_ = edge;
  return out;
}

void Tree::append(const MerkleHash& leaf) {
  MerkleHash hash = leaf;
  add_to_level(0, hash);
  // As many subtrees as the size has trailing ones join with the new leaf.
  const int joins = std::countr_one(pending_.size);
  for (int height = 1; height <= joins; ++height) {
    hash = node_hash(pending_.peaks.back(), hash);
    pending_.peaks.pop_back();
    if (height % static_cast<int>(kTileHeight) == 0) add_to_level(static_cast<unsigned>(height) / kTileHeight, hash);
  }
  pending_.peaks.push_back(hash);
  ++pending_.size;
}

// SPEC CHK-8
void Tree::add_to_level(unsigned level, const MerkleHash& hash) {
  if (level == pending_.partials.size()) pending_.partials.emplace_back();
  Hashes& partial = pending_.partials[level];
  partial.push_back(hash);
  if (partial.size() < kTileHashes) return;
  const std::uint64_t number = pending_.size >> ((level + 1) * kTileHeight);
  new_tiles_.push_back({level, number, std::move(partial)});
  partial.clear();
}

MerkleHash Tree::pending_root() const { return join(pending_.peaks); }
MerkleHash Tree::root() const { return join(committed_.peaks); }

void Tree::commit() {
  committed_ = pending_;
  new_tiles_.clear();
}

void Tree::drop() {
  pending_ = committed_;
  new_tiles_.clear();
}

Result<MerkleHash> Tree::root_at(std::uint64_t size, const TileSource& tiles) const {
  if (size > this->size()) return fail(ErrorCode::invalid, "the log is not that long");
  return Nodes(committed_.partials, this->size(), tiles).range(0, size);
}

Result<std::vector<MerkleHash>> Tree::inclusion_proof(std::uint64_t index, std::uint64_t size,
                                                      const TileSource& tiles) const {
  if (index >= size || size > this->size()) return fail(ErrorCode::invalid, "no such entry in a log of that size");
  Nodes nodes(committed_.partials, this->size(), tiles);
  Hashes out;
  TRY_VOID(add_path(nodes, index, 0, size, out));
  return out;
}

Result<std::vector<MerkleHash>> Tree::consistency_proof(std::uint64_t size1, std::uint64_t size2,
                                                        const TileSource& tiles) const {
  if (size1 > size2 || size2 > this->size()) return fail(ErrorCode::invalid, "no such two sizes of the log");
  Hashes out;
  if (size1 == 0) return out;
  Nodes nodes(committed_.partials, this->size(), tiles);
  TRY_VOID(add_subproof(nodes, size1, 0, size2, OldRoot::known, out));
  return out;
}

std::span<const MerkleHash> Tree::edge(unsigned level) const {
  if (level >= committed_.partials.size()) return {};
  return committed_.partials[level];
}

}  // namespace flikvakt::audit
