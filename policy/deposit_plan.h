// The bounds of a plan (spec/partition.md, PART-59), and the plan of whom this gateway does not know. Pure.
#pragma once

#include "policy/person.h"

namespace flikvakt::policy {

inline constexpr std::size_t kLongestPlanWords = 80;  // bytes of what a file says of its own

// A record can never be taken back: what is in it has its bounds, whoever made the plan.
bool is_bounded(const DepositPlan& plan);
// Without any word of the file: it would stay where no erasure reaches it.
DepositPlan without_words(DepositPlan plan);

}  // namespace flikvakt::policy
