// What is said of the log's own keys (spec/log-keys.md): to whoever asks, each with its status and sizes, and with the
// entry that announced it, proven; to administrators, from when on one may go. Thread-safe.
#pragma once

#include "service/core.h"

namespace flikvakt::service {

// For everyone. `cosigned`: the newest checkpoint that enough witnesses cosigned, or nothing. Blocks for some reads for
// each key. Errors: corrupt, io, unavailable.
Result<json::value> state_log_keys(Core& core, const std::string& cosigned);

// `log_keys` of `flikvakt status` and of the commands that change them. SPEC LKEY-10
json::array log_key_status(const LogKeys& keys, const std::string& origin);

}  // namespace flikvakt::service
