#include "service/log_proofs.h"

namespace flikvakt::service {
namespace {

Result<audit::Tree> stored_tree(const store::Rows& rows) {
  const std::uint64_t size = TRY(rows.entry_count());
  std::vector<crypto::MerkleHash> partial;
  TRY_VOID(rows.for_each_entry(size - size % audit::kTileHashes, size,
                               [&](const store::EntryRowView& entry) -> Result<void> {
                                 partial.push_back(crypto::leaf_hash(entry.leaf));
                                 return {};
                               }));
  return audit::Tree::restore(size, partial, tiles_of(rows));
}

}  // namespace

using Proof = Result<std::vector<crypto::MerkleHash>>;

Proof consistency_proof(Core& core, std::uint64_t from, std::uint64_t to) {
  return core.log_reader().with([&](const store::Reader& rows) -> Proof {
    return TRY(stored_tree(rows)).consistency_proof(from, to, tiles_of(rows));
  });
}

Proof inclusion_proof(Core& core, std::uint64_t index, std::uint64_t size) {
  return core.log_reader().with([&](const store::Reader& rows) -> Proof {
    return TRY(stored_tree(rows)).inclusion_proof(index, size, tiles_of(rows));
  });
}

}  // namespace flikvakt::service
