// What a person's own key may do, and what is the person's own to see.
#pragma once

#include "policy/state.h"

namespace flikvakt::policy {

// Reason::none: the key is confirmed, current and the person's, or that of a representative with this power. A proposed
// key, and any key or representative from before a restore, fails.
Reason person_may_act(const State& state, const PersonActor& actor, RepresentativePower power, UtcTime now);
// Reason::none: the key is the person's, or that of a representative of any power, and not removed. Enough to narrow.
Reason person_may_narrow(const State& state, const PersonActor& actor, UtcTime now);

// As a representative who widens only together with another one.
bool acts_jointly(const State& state, const PersonActor& actor);

// Who acts: the person, or the representative who acts for the person. nullopt: nobody known.
std::optional<PersonId> acting_person_of(const State& state, const PersonActor& actor);

bool is_withheld(const Document& document, UtcTime now);

}  // namespace flikvakt::policy
