// The checkpoints that were shown of late and that the log extended: whoever shows one of them again has no evidence.
// Thread-safe.
#pragma once

#include <algorithm>
#include <deque>
#include <mutex>

#include "service/shown_checkpoint.h"

namespace flikvakt::gateway {

class RecentlyExtended {
public:
  bool has(const service::ShownCheckpoint& one) const {
    const std::lock_guard lock(mutex_);
    return std::ranges::find(kept_, key_of(one)) != kept_.end();
  }
  void add(const service::ShownCheckpoint& one) {
    const std::lock_guard lock(mutex_);
    kept_.push_back(key_of(one));
    if (kept_.size() > kMostKept) kept_.pop_front();
  }

private:
  static constexpr std::size_t kMostKept = 64;
  using Key = std::pair<std::uint64_t, crypto::MerkleHash>;
  static Key key_of(const service::ShownCheckpoint& one) { return {one.size, one.root}; }

  mutable std::mutex mutex_;
  std::deque<Key> kept_;  // oldest first
};

}  // namespace flikvakt::gateway
