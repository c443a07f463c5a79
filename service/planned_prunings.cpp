#include "service/planned_prunings.h"

namespace flikvakt::service {

std::optional<PlannedPrunings::Plan> PlannedPrunings::find(const ProposalId& proposal,
                                                           const Directory::PlanGrounds& grounds) const {
  const std::lock_guard lock(mutex_);
  const auto found = kept_.find(proposal);
  if (found == kept_.end() || found->second.grounds != grounds) return std::nullopt;
  return found->second.plan;
}

void PlannedPrunings::keep(const ProposalId& proposal, Directory::PlanGrounds grounds, Plan plan,
                           const Directory& directory) {
  const std::lock_guard lock(mutex_);
  std::erase_if(kept_, [&](const auto& one) { return !directory.row<policy::Proposal>(one.first); });
  kept_.insert_or_assign(proposal, Kept{std::move(grounds), std::move(plan)});
}

}  // namespace flikvakt::service
