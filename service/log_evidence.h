// What proves that the log's own key signed another history than the one that is here: two notes in a file of the data
// directory that is never replaced. While it lies there, whatever is in it, the gateway is locked. Format:
// spec/witness.md.
#pragma once

#include <filesystem>
#include <string_view>

#include "base/result.h"

namespace flikvakt::service {

// Disk space of a file of its own (store/reserve.h) that becomes the evidence where there is none left.
inline constexpr std::uint64_t kEvidenceRoomBytes = 128 * 1024;

// Durable when it returns; also when there is one already, and that one stays. `own`: a checkpoint of this log;
// `shown`: the one that contradicts it. Both as they were signed. On a full disk they are written into `room`, which
// then becomes `file`. An error: they could not be written; then `file` is there all the same and empty, as far as that
// is possible.
Result<void> keep_log_evidence(const std::filesystem::path& file, const std::filesystem::path& room,
                               std::string_view own, std::string_view shown);

// corrupt ("the gateway is locked: …"): it lies there, or it is not known whether it does.
Result<void> require_no_log_evidence(const std::filesystem::path& file);

}  // namespace flikvakt::service
