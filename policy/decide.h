// The decisions that open or receive documents, with what evaluate() needs to carry them out. decide_read(),
// decide_own_read() and decide_continue() are in evaluate.h.
#pragma once

#include "policy/evaluate.h"

namespace flikvakt::policy {

struct ReadGrant {
  Decision decision;
  std::set<FullmaktId> others;   // of other data subjects
  bool is_only_blocked = false;  // refused by rule 3 alone
};
ReadGrant grant_read(const State& state, const ReadRequest& request, UtcTime now);

Decision decide_deposit(const State& state, const StaffActor& depositor, const PersonId& person,
                        const std::string& flik, UtcTime now);

}  // namespace flikvakt::policy
