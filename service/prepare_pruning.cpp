// What the approval of a pruning needs beforehand: the list of what stays, from the whole log before it.
#include <spdlog/spdlog.h>

#include <algorithm>

#include "service/plan_pruning.h"
#include "service/sent_act.h"

namespace flikvakt::service {
namespace {

// What waits for a second, and would be carried out by this approval.
struct Approved {
  ProposalId proposal;
  policy::PruneLog order;
};
std::optional<Approved> pruning_approved(const policy::Act& act) {
  const auto* approve = get_if<policy::Approve>(&act);
  if (!approve) return std::nullopt;
  const Result<policy::Act> waiting = policy::parse_act(approve->act);
  const auto* pruning = waiting ? get_if<policy::PruneLog>(&*waiting) : nullptr;
  return pruning ? std::optional(Approved{approve->proposal, *pruning}) : std::nullopt;
}

// As the sequencer would have it next.
policy::Moment moment_now(Core& core, const Command& command) {
  const LogView log = core.sequencer().log_view();
  policy::Moment out;
  out.now = std::max(log.last_entry, core.clock().wall());
  if (command.evidence) out.act = command.evidence->id;
  out.clock_doubt = log.doubt != ClockDoubt::none;
  out.entry = log.size;
  return out;
}

// SPEC RET-7: the log's clock could have been set ahead; those of a quorum of witnesses are not the förbund's to set.
Result<void> check_witnesses(Core& core, const policy::PruneLog& order) {
  const std::optional<UtcTime> witnessed = core.witnessed();
  if (!witnessed || order.before + core.directory().shortest_retention() <= *witnessed) return {};
  return fail(ErrorCode::denied, "no quorum of witnesses has seen the log since the time of these entries ran out");
}

// A reader of its own, which lets go of what it sees after each piece, so that the write-ahead log does not grow.
Result<policy::Prepared::PlannedPruning> plan(Core& core, const policy::PruneLog& order,
                                              const LogWalker::KeepOn& keep_on) {
  try {
    store::Reader rows = TRY(store::Reader::open(core.data_directory().database(), core.keys().database()));
    return plan_pruning(
        rows, core.keys(), order.before, [&] { return rows.refresh(); }, keep_on);
  } catch (const std::exception& error) {  // memory
    return fail(ErrorCode::internal, error.what());
  }
}

// So that nobody alone can have the log read again and again. What failed otherwise (a disk, memory) may go well the
// next time. `before`: as of when it began; whoever was erased meanwhile may or may not be in what was found.
void note(Core& core, const Approved& approved, const Directory::PlanGrounds& before,
          const Result<policy::Prepared::PlannedPruning>& planned) {
  if (!planned && planned.error().code != ErrorCode::corrupt) return;
  Directory::PlanGrounds grounds = before;
  if (planned) {
    grounds.times = planned->times;
    grounds.pruned_to = planned->pruned_to;
  }
  const bool is_that = planned && planned->kept_sha256 == approved.order.kept_sha256;
  core.planned_prunings().keep(approved.proposal, std::move(grounds),
                               is_that ? PlannedPrunings::Plan(*planned) : PlannedPrunings::Plan(), core.directory());
}

void tell_why_refused(const Error& why) { spdlog::error("a pruning of the log is refused: {}", why.message); }

}  // namespace

bool takes_long_to_prepare(Core& core, const Command& command) {
  return pruning_approved(command.act) &&
         core.directory().lacks_only_a_plan(command.actor, command.act, moment_now(core, command));
}

// SPEC RET-8
void prepare_at_length(Core& core, Command command, std::function<void(Result<Command>)> then) {
  const std::optional<Approved> approved = pruning_approved(command.act);
  const Result<void> witnessed = approved ? check_witnesses(core, approved->order) : Result<void>();
  if (!witnessed) tell_why_refused(witnessed.error());
  if (!approved || !witnessed) return then(std::move(command));
  const Directory::PlanGrounds grounds = core.directory().plan_grounds();
  if (auto known = core.planned_prunings().find(approved->proposal, grounds)) {
    command.prepared.pruning = std::move(*known);
    return then(std::move(command));
  }
  const auto prepared = std::make_shared<Result<Command>>(std::move(command));
  const auto walk = [&core, approved = *approved, grounds, prepared](const LogWalker::KeepOn& keep_on) {
    Result<policy::Prepared::PlannedPruning> planned = plan(core, approved.order, keep_on);
    if (!planned && !keep_on()) {
      *prepared = fail(ErrorCode::unavailable, "the gateway stops");
      return;
    }
    note(core, approved, grounds, planned);
    if (planned)
      (*prepared)->prepared.pruning = std::move(*planned);
    else
      tell_why_refused(planned.error());
  };
  if (core.log_walker().begin(walk, [prepared, then] { then(std::move(*prepared)); })) return;
  then(fail(ErrorCode::unavailable, "the log is being read for the approval of another pruning, or the gateway stops"));
}

}  // namespace flikvakt::service
