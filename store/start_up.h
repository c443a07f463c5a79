// Opens an encrypted connection and makes sure that every protection is on. Internal to store/.
#pragma once

#include <filesystem>

#include "crypto/secret.h"
#include "store/sqlite.h"

namespace flikvakt::store {

enum class Role { writer, reader };

// An existing file, keyed and set up, but not yet migrated and not yet closed to everything but rows. Errors as
// Database::open.
Result<std::unique_ptr<Connection>> open_keyed(const std::filesystem::path& path, const crypto::DatabaseKey& key,
                                               Role role);

// A new file (mode 0600), keyed, in rollback-journal mode, without tables. conflict: it exists.
Result<std::unique_ptr<Connection>> create_keyed(const std::filesystem::path& path, const crypto::DatabaseKey& key);

// From here on: rows can be read and written, transactions begun and ended; no schema change, no ATTACH, no PRAGMA but
// the reading ones, no function but the few we use.
void allow_rows_only(Connection& connection);

}  // namespace flikvakt::store
