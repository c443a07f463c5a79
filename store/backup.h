// Online backup into a new directory while the gateway runs: rows (one snapshot), the named objects, a manifest. The
// key store is NOT in it: it goes to a place of its own with a short retention, or a destroyed key would live on beside
// what it opens. A backup is a copy, no proof of being the newest: restoring is a declared act of the log. Form:
// spec/store.md. The manifest finds damage, not malice: who can write the backup can rewrite the manifest.
#pragma once

#include <filesystem>
#include <span>
#include <vector>

#include "store/database.h"
#include "store/key_store.h"
#include "store/objects.h"

namespace flikvakt::store {

// A hard link costs nothing, but shares the disk blocks of the original.
enum class ObjectCopies { linked_where_possible, always_copied };

struct BackupSummary {
  std::uint64_t objects = 0;
  std::vector<ObjectName> missing;  // named by the caller, not there: erased since the snapshot, or lost
};

// `rows` fixes the snapshot; `objects` are those that its rows refer to. `into` must not exist (its parent must); it is
// whole, durable and verified, or it is not there: it is made as `into`.unfinished. Errors: conflict, not_found,
// out_of_space, io.
Result<BackupSummary> back_up(const Reader& rows, const crypto::DatabaseKey& key, const Objects& objects,
                              std::span<const ObjectName> names, const std::filesystem::path& into,
                              ObjectCopies copies);

// A copy of the key store with a manifest of its own, into a new directory. The caller must see to it that no key is
// put or destroyed meanwhile.
Result<void> back_up_key_store(const std::filesystem::path& key_store, const std::filesystem::path& into);

// The same beside a running gateway: each key as it is when its turn comes, in every version that is there.
Result<void> back_up_key_store(const KeyStore& keys, const std::filesystem::path& into);

// For restoring: the named documents of a backup, copied. not_found: the backup lacks one.
Result<void> take_back_objects(const std::filesystem::path& backup, std::span<const ObjectName> names,
                               const Objects& into);
// A new file with the same contents, durable but for its directory. conflict: it exists.
Result<void> copy_file_durably(const std::filesystem::path& from, const std::filesystem::path& to);

// Every file of the manifest is there and has its hash, and nothing else is there. corrupt names the file.
Result<void> verify_backup(const std::filesystem::path& backup);
// And the rows open under the key and pass verify_integrity().
Result<void> verify_backup(const std::filesystem::path& backup, const crypto::DatabaseKey& key);

}  // namespace flikvakt::store
