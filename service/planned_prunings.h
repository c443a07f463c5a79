// What was worked out for prunings that wait for their second administrator, so that an approval that is refused, or
// sent again, makes nobody read the whole log once more (SPEC RET-8). Thread-safe. Memory: of each that waits one list,
// as long as it is the one that was signed for.
#pragma once

#include <functional>
#include <map>
#include <mutex>

#include "service/directory.h"

namespace flikvakt::service {

class PlannedPrunings {
public:
  // The list that was ordered; none: the gateway's own is another, or the log is not as it should be.
  using Plan = std::optional<policy::Prepared::PlannedPruning>;

  // Nothing: it is not known, on these grounds.
  std::optional<Plan> find(const ProposalId& proposal, const Directory::PlanGrounds& grounds) const;
  // In the place of what was kept of it before. What waits no more is dropped.
  void keep(const ProposalId& proposal, Directory::PlanGrounds grounds, Plan plan, const Directory& directory);

private:
  struct Kept {
    Directory::PlanGrounds grounds;
    Plan plan;
  };
  mutable std::mutex mutex_;
  std::map<ProposalId, Kept> kept_;
};

}  // namespace flikvakt::service
