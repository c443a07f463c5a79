// What is taken back comes back by no other act than those that may bring it (spec/log-verify.md, LVR-12). A second,
// slower guard beside the rules: it looks at the rows alone. Part of the independent verifier; pure, thread-safe.
#pragma once

#include "audit/act_kind.h"
#include "policy/state.h"

namespace flikvakt::service {

// What is wrong with `before` becoming `after` (the same row) through an act of this kind; empty: nothing.
std::string_view wrong_change(const policy::Row& before, const policy::Row& after, audit::ActKind kind);

}  // namespace flikvakt::service
