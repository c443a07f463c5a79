// What the approval of a pruning needs beforehand: the list of what stays, from the whole log before it.
#include <spdlog/spdlog.h>

#include "service/plan_pruning.h"
#include "service/sent_act.h"

namespace flikvakt::service {
namespace {

// What waits for a second, and would be carried out by this approval.
std::optional<policy::PruneLog> pruning_approved(const policy::Act& act) {
  const auto* approve = std::get_if<policy::Approve>(&act);
  if (!approve) return std::nullopt;
  const Result<policy::Act> waiting = policy::parse_act(approve->act);
  const auto* pruning = waiting ? std::get_if<policy::PruneLog>(&*waiting) : nullptr;
  return pruning ? std::optional(*pruning) : std::nullopt;
}

// SPEC RET-7: the log's clock could have been set ahead; those of a quorum of witnesses are not the förbund's to set.
Result<void> check_witnesses(Core& core, const policy::PruneLog& order) {
  const std::optional<UtcTime> witnessed = core.witnessed();
  if (!witnessed || order.before + core.directory().shortest_retention() <= *witnessed) return {};
  return fail(ErrorCode::denied, "no quorum of witnesses has seen the log since the time of these entries ran out");
}

// A reader of its own, which lets go of what it sees after each piece, so that the write-ahead log does not grow.
Result<policy::Prepared::PlannedPruning> plan(Core& core, const policy::PruneLog& order) {
  try {
    TRY_VOID(check_witnesses(core, order));
    store::Reader rows = TRY(store::Reader::open(core.data_directory().database(), core.keys().database()));
    return plan_pruning(rows, core.keys(), order.before, [&] { return rows.refresh(); });
  } catch (const std::exception& error) {  // memory
    return fail(ErrorCode::internal, error.what());
  }
}

}  // namespace

bool takes_long_to_prepare(const policy::Act& act) { return pruning_approved(act).has_value(); }

void prepare_at_length(Core& core, Command command, std::function<void(Command)> then) {
  core.log_reader().post([&core, command = std::move(command), then = std::move(then)]() mutable {
    if (const std::optional<policy::PruneLog> order = pruning_approved(command.act)) {
      Result<policy::Prepared::PlannedPruning> planned = plan(core, *order);
      if (planned)
        command.prepared.pruning = std::move(*planned);
      else
        spdlog::error("a pruning of the log is refused: {}", planned.error().message);
    }
    then(std::move(command));
  });
}

}  // namespace flikvakt::service
