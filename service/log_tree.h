// The tree of the durable log, kept from one proof to the next: taking it up anew reads hundreds of tiles, following
// the log from there a leaf for each new entry. Thread-safe.
#pragma once

#include <mutex>

#include "audit/tree.h"
#include "store/rows.h"

namespace flikvakt::service {

// The tree of exactly these rows, made of their tiles and of the leaves after the last full one: nothing is kept of it.
// corrupt: a tile or leaf is missing or damaged.
Result<audit::Tree> tree_of(const store::Rows& rows);

class LogTree {
public:
  // The same; what was read before is not read again.
  Result<audit::Tree> of(const store::Rows& rows);

private:
  std::mutex mutex_;
  audit::Tree tree_;  // of the largest log that was asked for
};

}  // namespace flikvakt::service
