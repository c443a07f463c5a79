// The list of destroyed keys, kept outside every backup: one line for each, {"key": …, "time": …}. When an older backup
// is restored, what lies under these keys is erased again. It names no person: key ids are random, or a hash of a
// random id. Form: spec/backup.md. One thread at a time.
#pragma once

#include <filesystem>
#include <set>
#include <span>

#include "base/ids.h"
#include "base/time.h"

namespace flikvakt::service {

// A last line without its end was never acknowledged and is left out. not_found: no such file (a mistyped path must not
// mean that nothing was erased); corrupt: another line that is none.
Result<std::set<KeyId>> read_erasures(const std::filesystem::path& path);

// Adds those that the list lacks; durable when it returns.
Result<void> note_erasures(const std::filesystem::path& path, std::span<const KeyId> keys, UtcTime time);

}  // namespace flikvakt::service
