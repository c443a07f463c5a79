// Which rows an act of each kind may write and erase when it is carried out: what a verifier holds an act to that it
// cannot decide again, because what it rests on is pruned (SPEC LVR-31). Whose rows, and what they say, it does not
// know. Pure.
#pragma once

#include <set>
#include <string_view>

#include "policy/evaluate.h"

namespace flikvakt::policy {

struct ChangedTables {
  std::set<std::uint16_t> puts;
  std::set<std::uint16_t> erases;
};

// Of a kind that waits for a second: what its approval changes, beside the proposal that it ends. Of `approve` itself:
// whatever could have waited. Of a kind that is none: nothing.
const ChangedTables& tables_changed_by(std::string_view kind);

// The passkey that the actor signed with, whose count goes up: written beside what any act writes (SPEC BS-23).
bool is_counted_passkey(const Row& row, const Actor& actor);

// Becomes a Proposal, always or when somebody sends it who acts jointly with another (SPEC ACT-4, REP-9).
bool kind_may_wait(std::string_view kind);

}  // namespace flikvakt::policy
