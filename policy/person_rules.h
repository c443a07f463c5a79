// What a person's own key may do, and what is the person's own to see.
#pragma once

#include "policy/state.h"

namespace flikvakt::policy {

// Reason::none: the key is confirmed, current and the person's. A proposed key, and any key from before a restore,
// fails.
Reason person_may_act(const State& state, const PersonActor& actor);
// Reason::none: the key is the person's and not removed. Enough to narrow.
Reason person_may_narrow(const State& state, const PersonActor& actor);

bool is_withheld(const Document& document, UtcTime now);

}  // namespace flikvakt::policy
