// How long entries are kept, and the order to prune what is older.
#include "policy/effects.h"
#include "policy/retention.h"
#include "policy/who.h"

namespace flikvakt::policy {
namespace {

std::uint64_t pruned_to(const State& state) {
  const Pruning* pruning = state.find<Pruning>("pruning");
  return pruning ? pruning->size : 0;
}

// What stays was worked out on another thread: nothing that it follows from may have changed meanwhile. One reason for
// whatever is wrong with it: of a refused act a verifier has no list.
bool is_current(const State& state, const PruneLog& act, const std::optional<Prepared::PlannedPruning>& plan) {
  return plan && EntrySet::decode(plan->kept) && plan->kept_sha256 == act.kept_sha256 &&
         plan->times == retention_times(state) && plan->pruned_to == pruned_to(state) && plan->size > pruned_to(state);
}

}  // namespace

// SPEC RET-1, RET-2
Outcome apply(const Context& context, const SetRetention& act) {
  const Reason who = must_be_administrator(context);
  if (who != Reason::none) return refused(who);
  if (act.act_kind != kAllOtherKinds && !is_act_kind(act.act_kind)) return refused(Reason::unknown);
  const std::chrono::days time{act.days};
  if (time < kLeastRetention || time > kMostRetention) return refused(Reason::period_invalid);
  Effects effects(context);
  effects.put(Retention{act.act_kind, act.days});
  return std::move(effects).permit();
}

// SPEC RET-3, RET-4
Outcome apply(const Context& context, const PruneLog& act) {
  const Reason who = must_be_administrator(context);
  if (who != Reason::none) return refused(who);
  const Pruning* earlier = context.state.find<Pruning>("pruning");
  if (earlier && earlier->before >= act.before) return refused(Reason::already_exists);
  if (act.before + shortest_retention(context.state) > context.now()) return refused(Reason::period_invalid);
  Effects effects(context);
  if (!context.first) return std::move(effects).permit();  // it waits for a second; what stays is worked out then
  const std::optional<Prepared::PlannedPruning>& plan = context.prepared.pruning;
  if (!is_current(context.state, act, plan)) return refused(Reason::wrong_state);
  effects.put(Pruning{plan->size, act.before, context.now(), plan->kept});
  return std::move(effects).permit();
}

}  // namespace flikvakt::policy
