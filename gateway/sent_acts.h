// Which acts may come in through which door. What is missing here is refused as not understood, so that an act meant
// for the gateway itself cannot be sent. spec/acts.md says who may do what; this is only the first gate.
#pragma once

#include "policy/acts.h"

namespace flikvakt::gateway {

bool staff_may_send(const policy::Act& act);
bool person_may_send(const policy::Act& act);
bool administrator_may_send(const policy::Act& act);

}  // namespace flikvakt::gateway
