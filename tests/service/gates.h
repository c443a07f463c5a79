// Gates of hidden content for tests that have no child: what they let through is what is sealed.
#pragma once

#include "service/deposit.h"

namespace flikvakt::service::test {

// Everything is taken for a part that was made here: sealed as it came, with an empty plan.
inline ContentGate as_it_came() {
  return {[](const policy::Deposit&) { return std::optional(policy::DepositPlan{}); }, {}};
}

// Looks into every file, and says this of it.
inline ContentGate that_says(std::function<ContentGate::Passed(const Bytes& file)> what) {
  return {[](const policy::Deposit&) { return std::optional<policy::DepositPlan>(); },
          [what](const policy::Deposit&, Bytes file) -> Result<ContentGate::Passed> { return what(file); }};
}

}  // namespace flikvakt::service::test
