// The keys of the log: which one signs, and how long two do (spec/log-keys.md). Pure.
#pragma once

#include "policy/state.h"

namespace flikvakt::policy {

// SPEC LKEY-4: as long as a receipt or checkpoint that somebody saved may lie about before it is looked at.
inline constexpr std::chrono::days kLeastOverlap{30};

const LogKey* log_key_that_is(const State& state, LogKeyStatus status);  // of current and retiring there is at most one
// When the one that is retiring may be retired: so long after the newest was announced.
inline UtcTime overlap_ends(const LogKey& current) { return current.since + kLeastOverlap; }

}  // namespace flikvakt::policy
