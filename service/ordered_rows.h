// Rows by which people and staff are known and prove who they are, held against the order of the act that wrote them:
// of an old act that is not decided again, that is what can still be seen. Part of the independent verifier (SPEC
// LVR-31). Pure.
#pragma once

#include <span>

#include "policy/state.h"
#include "service/key_ring.h"

namespace flikvakt::service {

// An act that was passed over, and what stood before it as far as the acts that are left say.
struct PassedAct {
  const policy::State& before;
  const KeyRing& keys;
  const policy::Act* ordered;  // of an approval, the approval; nullptr: nobody ordered it, or it cannot be read
  const policy::Actor* actor;  // likewise
  std::span<const policy::Row> puts;
};

// The passkey that signed the act, with the count of that signature and otherwise as it stood (SPEC WA-16).
bool is_only_counted(const policy::Row& row, const PassedAct& act);

// Is the row that of another key, person or number than the order names, or otherwise than it says? No: it is as
// ordered, or a row of another noun.
bool is_other_than_ordered(const policy::Row& row, const PassedAct& act);

}  // namespace flikvakt::service
