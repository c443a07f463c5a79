// What the gateway says of the log's own keys to whoever asks (spec/log-keys.md): each with its status and sizes, and
// with the entry that announced it, proven. Thread-safe; blocks for some reads for each key.
#pragma once

#include "service/core.h"

namespace flikvakt::service {

// `cosigned`: the newest checkpoint that enough witnesses cosigned, or nothing. Errors: corrupt, io, unavailable.
Result<json::value> state_log_keys(Core& core, const std::string& cosigned);

}  // namespace flikvakt::service
