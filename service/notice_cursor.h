// Up to where the log has been told: a small file in the data directory. Format: spec/notice-hook.md.
#pragma once

#include <optional>

#include "base/files.h"

namespace flikvakt::service {

// The entry that comes next. nullopt: no file, or one of another log than `origin`; what was before the hook was there
// is told to nobody. Errors: corrupt (also an entry beyond `log_size`; the message names the file), io.
Result<std::optional<std::uint64_t>> read_notice_cursor(const std::filesystem::path& file, const std::string& origin,
                                                        std::uint64_t log_size);
Result<void> write_notice_cursor(const std::filesystem::path& file, const std::string& origin, std::uint64_t next);

}  // namespace flikvakt::service
