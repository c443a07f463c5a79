#include "service/log_proofs.h"

#include "audit/tile_path.h"

namespace flikvakt::service {
namespace {

constexpr unsigned kLevels = 7;  // no log of fewer than 2^53 entries has more

// SPEC TIL-4, TIL-5
Result<std::vector<crypto::MerkleHash>> hashes_of(Core& core, const store::Rows& rows, const audit::TilePath& path) {
  const Error missing = fail(ErrorCode::not_found, "the log has no such tile");
  if (path.level >= kLevels) return missing;
  const std::uint64_t there = TRY(rows.entry_count()) >> (8 * path.level);  // hashes of that level
  const std::uint64_t first = path.number * audit::kTileHashes;
  if (first + path.width > there) return missing;
  if (first + audit::kTileHashes <= there) return tiles_of(rows)(path.level, path.number);
  const audit::Tree tree = TRY(core.log_tree().of(rows));
  const auto edge = tree.edge(path.level);
  return std::vector<crypto::MerkleHash>(edge.begin(), edge.end());
}

}  // namespace

using Proof = Result<std::vector<crypto::MerkleHash>>;

Proof consistency_proof(Core& core, std::uint64_t from, std::uint64_t to) {
  return core.log_reader().with([&](const store::Reader& rows) -> Proof {
    return TRY(core.log_tree().of(rows)).consistency_proof(from, to, tiles_of(rows));
  });
}

Proof inclusion_proof(Core& core, std::uint64_t index, std::uint64_t size) {
  return core.log_reader().with([&](const store::Reader& rows) -> Proof {
    return TRY(core.log_tree().of(rows)).inclusion_proof(index, size, tiles_of(rows));
  });
}

Result<Bytes> tile(Core& core, std::string_view path) {
  const std::optional<audit::TilePath> parsed = audit::parse_tile_path(path);
  if (!parsed) return fail(ErrorCode::not_found, "no path of a tile");
  return core.log_reader().with([&](const store::Reader& rows) -> Result<Bytes> {
    const std::vector<crypto::MerkleHash> hashes = TRY(hashes_of(core, rows, *parsed));
    if (hashes.size() < parsed->width) return fail(ErrorCode::corrupt, "a tile of the log is too short");
    ByteWriter out;
    out.reserve(parsed->width * sizeof(crypto::MerkleHash));
    for (std::size_t i = 0; i < parsed->width; ++i) out.bytes(hashes[i]);
    return std::move(out).take();
  });
}

}  // namespace flikvakt::service
