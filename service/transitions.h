// What is taken back comes back by no other act than those that may bring it (spec/log-verify.md, LVR-12). A second,
// slower guard beside the rules: it looks at the rows alone. Part of the independent verifier; pure, thread-safe.
#pragma once

#include "audit/act_kind.h"
#include "policy/state.h"

namespace flikvakt::service {

// What was carried out: of an approval the act that had waited, or `approve` where that can no longer be read.
struct CarriedOut {
  audit::ActKind kind = audit::ActKind::approve;
  bool is_approved = false;  // by a second
};

// What is wrong with `before` becoming `after` (the same row) through it; empty: nothing.
std::string_view wrong_change(const policy::Row& before, const policy::Row& after, CarriedOut act);

}  // namespace flikvakt::service
