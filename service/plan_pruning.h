// What a pruning would leave, worked out from the log as it lies: by the gateway when the second administrator
// approves, and by whoever is to sign, beside it. Takes as long as the log is large: not for a thread that must wait
// for nothing.
#pragma once

#include <functional>

#include "policy/evaluate.h"
#include "service/key_ring.h"
#include "store/rows.h"

namespace flikvakt::service {

// Of what is older than `before`. The same for everybody who has the same log, until somebody is erased or a retention
// time is set. `between`: called after each piece of reading, so that a snapshot need not be held for all of it.
// `keep_on`: asked often; false: it is to end. unavailable: it was to. corrupt: something in the log is not as it
// should be; the message says what.
Result<policy::Prepared::PlannedPruning> plan_pruning(
    const store::Rows& rows, const KeyRing& keys, UtcTime before,
    const std::function<Result<void>()>& between = [] { return Result<void>(); },
    const std::function<bool()>& keep_on = [] { return true; });

}  // namespace flikvakt::service
