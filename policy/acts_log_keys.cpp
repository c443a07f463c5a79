// A new key for the log, and the end of the one before (docs/decisions/log-key-rotation.md).
#include <algorithm>

#include "policy/effects.h"
#include "policy/log_keys.h"
#include "policy/who.h"

namespace flikvakt::policy {
namespace {

bool is_used(const State& state, const RotateLogKey& act) {
  return std::ranges::any_of(state.all<LogKey>(), [&](const auto& row) {
    const LogKey& one = row.second;
    return one.checkpoint_key == act.checkpoint_key || one.head_key == act.head_key;
  });
}

bool is_new_seed(const Context& context, const KeyId& id) {
  const auto& made = context.prepared.keys;
  const auto found = std::ranges::find(made, id, &KeyRow::id);
  return found != made.end() && found->status == KeyStatus::active && !context.state.find<KeyRow>(id);
}

// What was made for it is what the two administrators named.
bool is_made(const Context& context, const RotateLogKey& act) {
  const std::optional<LogKey>& fresh = context.prepared.log_key;
  return fresh && fresh->checkpoint_key == act.checkpoint_key && fresh->head_key == act.head_key &&
         context.prepared.keys.size() == 2 && fresh->seed != fresh->head_seed && is_new_seed(context, fresh->seed) &&
         is_new_seed(context, fresh->head_seed);
}

LogKey ended(const Context& context, LogKey key, LogKeyStatus how) {
  key.status = how;
  key.to = context.moment.entry;
  return key;
}

}  // namespace

const LogKey* log_key_that_is(const State& state, LogKeyStatus status) {
  for (const auto& [generation, one] : state.all<LogKey>()) {
    if (one.status == status) return &one;
  }
  return nullptr;
}

// SPEC LKEY-3
Outcome apply(const Context& context, const RotateLogKey& act) {
  const Reason who = must_be_administrator(context);
  if (who != Reason::none) return refused(who);
  const LogKey* old = log_key_that_is(context.state, LogKeyStatus::current);
  if (!old || act.origin != context.state.instance().origin) return refused(Reason::unknown);
  if (is_used(context.state, act)) return refused(Reason::already_exists);
  const bool overlaps = log_key_that_is(context.state, LogKeyStatus::retiring) != nullptr;
  if (overlaps && !act.compromised) return refused(Reason::wrong_state);
  Effects effects(context);
  if (!context.first) return std::move(effects).permit();  // it waits for a second, who brings the seeds
  if (!is_made(context, act)) return refused(Reason::wrong_state);
  LogKey before = act.compromised ? ended(context, *old, LogKeyStatus::compromised) : *old;
  if (!act.compromised) before.status = LogKeyStatus::retiring;
  LogKey fresh = *context.prepared.log_key;
  fresh.generation = old->generation + 1;
  fresh.status = LogKeyStatus::current;
  fresh.from = context.moment.entry;
  fresh.since = context.now();
  fresh.to.reset();
  effects.shred(old->head_seed);  // SPEC LKEY-7: nobody outside reads heads, so two of them need not overlap
  if (act.compromised) effects.shred(old->seed);
  effects.put(std::move(before));
  effects.put(std::move(fresh));
  for (const KeyRow& key : context.prepared.keys) effects.put(key);
  return std::move(effects).permit();
}

// SPEC LKEY-4
Outcome apply(const Context& context, const RetireLogKey& act) {
  const Reason who = must_be_administrator(context);
  if (who != Reason::none) return refused(who);
  const LogKey* old = log_key_that_is(context.state, LogKeyStatus::retiring);
  const LogKey* current = log_key_that_is(context.state, LogKeyStatus::current);
  if (!old || !current || old->generation != act.generation) return refused(Reason::wrong_state);
  if (context.now() < overlap_ends(*current)) return refused(Reason::period_invalid);
  Effects effects(context);
  effects.shred(old->seed);
  effects.put(ended(context, *old, LogKeyStatus::retired));
  return std::move(effects).permit();
}

// SPEC LKEY-14: of one that was retired it stays said what it had signed by then, and its seed is gone already.
Outcome apply(const Context& context, const GiveUpLogKey& act) {
  const Reason who = must_be_administrator(context);
  if (who != Reason::none) return refused(who);
  const LogKey* key = context.state.find<LogKey>(std::to_string(act.generation));
  if (!key) return refused(Reason::unknown);
  const bool is_retiring = key->status == LogKeyStatus::retiring;
  if (!is_retiring && key->status != LogKeyStatus::retired) return refused(Reason::wrong_state);
  Effects effects(context);
  LogKey given_up = is_retiring ? ended(context, *key, LogKeyStatus::compromised) : *key;
  given_up.status = LogKeyStatus::compromised;
  if (is_retiring) effects.shred(key->seed);
  effects.put(std::move(given_up));
  return std::move(effects).permit();
}

}  // namespace flikvakt::policy
