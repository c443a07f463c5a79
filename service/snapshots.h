// Copies of all state rows, each as of one size of the log, at which replay can begin once the entries before are
// pruned; and which entries a pruning leaves whole. Files: spec/store.md; why: docs/decisions/retention.md. They block
// for as long as the state or the log is large: not for a thread that must not wait.
#pragma once

#include <filesystem>
#include <set>

#include "policy/acts.h"
#include "policy/evaluate.h"
#include "policy/retention.h"
#include "service/key_ring.h"
#include "store/database.h"

namespace flikvakt::service {

std::filesystem::path snapshot_file(const std::filesystem::path& folder, std::uint64_t size);

// Of what `rows` shows. Durable under its name when it returns. corrupt: the rows are not those of their head.
Result<policy::Prepared::TakenSnapshot> write_snapshot(const store::Reader& rows, const KeyRing& keys,
                                                       const std::filesystem::path& folder);

// Removes files of snapshots that no row knows: leftovers of a crash, and those before the one that was pruned to.
Result<void> sweep_snapshots(const std::filesystem::path& folder, const std::set<std::uint64_t>& known);

// SPEC RET-5: of the entries before `order.size`, those that stay whole if the log is pruned at `now`. corrupt,
// not_found: the snapshot's file is not there, or not the one that the order names; an entry does not open.
Result<policy::EntrySet> entries_that_stay(const store::Reader& rows, const KeyRing& keys,
                                           const std::filesystem::path& folder, const policy::PruneLog& order,
                                           UtcTime now);

}  // namespace flikvakt::service
