#include "service/log_tree.h"

#include "service/log_reader.h"

namespace flikvakt::service {
namespace {

// Beyond so many new entries, reading the right edge is cheaper than following them.
constexpr std::uint64_t kMostFollowed = 20'000;

Result<audit::Tree> taken_up(const store::Rows& rows, std::uint64_t size) {
  std::vector<crypto::MerkleHash> partial;
  TRY_VOID(rows.for_each_entry(size - size % audit::kTileHashes, size,
                               [&](const store::EntryRowView& entry) -> Result<void> {
                                 partial.push_back(crypto::leaf_hash(entry.leaf));
                                 return {};
                               }));
  return audit::Tree::restore(size, partial, tiles_of(rows));
}

// The tiles that it completes are in the rows already.
Result<void> follow(audit::Tree& tree, const store::Rows& rows, std::uint64_t size) {
  const Result<void> followed =
      rows.for_each_entry(tree.size(), size, [&](const store::EntryRowView& entry) -> Result<void> {
        tree.append(crypto::leaf_hash(entry.leaf));
        return {};
      });
  if (followed && tree.pending_size() == size) {
    tree.commit();
    return {};
  }
  tree.drop();
  return followed ? Result<void>(fail(ErrorCode::corrupt, "an entry of the log is missing")) : followed;
}

}  // namespace

Result<audit::Tree> tree_of(const store::Rows& rows) { return taken_up(rows, TRY(rows.entry_count())); }

Result<audit::Tree> LogTree::of(const store::Rows& rows) {
  const std::uint64_t size = TRY(rows.entry_count());
  const std::lock_guard lock(mutex_);
  if (size < tree_.size()) return taken_up(rows, size);  // a snapshot from before the last that was asked for
  if (size - tree_.size() > kMostFollowed)
    tree_ = TRY(taken_up(rows, size));
  else if (size > tree_.size())
    TRY_VOID(follow(tree_, rows, size));
  return tree_;
}

}  // namespace flikvakt::service
