// How long entries are kept, snapshots at which replay can begin, and the order to prune what is older.
#include <algorithm>

#include "policy/effects.h"
#include "policy/retention.h"
#include "policy/who.h"

namespace flikvakt::policy {
namespace {

bool is_pruned_to(const State& state, std::uint64_t size) {
  const Pruning* pruning = state.find<Pruning>("pruning");
  return pruning && pruning->size >= size;
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

// SPEC RET-3
Outcome apply(const Context& context, const TakeSnapshot&) {
  const Reason who = must_be_administrator(context);
  if (who != Reason::none) return refused(who);
  const auto& taken = context.prepared.snapshot;
  if (!taken) return refused(Reason::wrong_state);
  const bool is_newest = std::ranges::none_of(context.state.all<Snapshot>(),
                                              [&](const auto& one) { return one.second.size >= taken->size; });
  if (!is_newest || is_pruned_to(context.state, taken->size)) return refused(Reason::already_exists);
  Effects effects(context);
  effects.put(Snapshot{taken->size, taken->state_digest, context.now()});
  return std::move(effects).permit();
}

// SPEC RET-4
Outcome apply(const Context& context, const PruneLog& act) {
  const Reason who = must_be_administrator(context);
  if (who != Reason::none) return refused(who);
  if (is_pruned_to(context.state, act.size)) return refused(Reason::already_exists);
  const Snapshot* base = context.state.find<Snapshot>(std::to_string(act.size));
  if (!base) return refused(Reason::unknown);
  if (base->state_digest != act.state_digest) return refused(Reason::terms_invalid);
  if (base->taken + shortest_retention(context.state) > context.now()) return refused(Reason::period_invalid);
  Effects effects(context);
  if (!context.first) return std::move(effects).permit();  // it waits for a second; what stays is worked out then
  const auto& kept = context.prepared.kept;
  if (!kept || !EntrySet::decode(*kept)) return refused(Reason::wrong_state);
  effects.put(Pruning{act.size, act.state_digest, context.now(), *kept});
  for (const auto& [key, older] : context.state.all<Snapshot>()) {
    if (older.size < act.size) effects.erase<Snapshot>(key);
  }
  return std::move(effects).permit();
}

}  // namespace flikvakt::policy
