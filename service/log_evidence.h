// What proves that the log's own key signed another history than the one that is here: two notes in a file of the data
// directory that is never replaced. While it lies there the gateway is locked. Format: spec/witness.md.
#pragma once

#include <filesystem>
#include <string_view>

#include "base/result.h"

namespace flikvakt::service {

// Durable when it returns; also when there is one already, and that one stays. `own`: a checkpoint of this log;
// `shown`: the one that contradicts it. Both as they were signed.
Result<void> keep_log_evidence(const std::filesystem::path& file, std::string_view own, std::string_view shown);

// corrupt ("the gateway is locked: …"): it lies there, or it is not known whether it does.
Result<void> require_no_log_evidence(const std::filesystem::path& file);

}  // namespace flikvakt::service
