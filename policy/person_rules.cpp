#include "policy/person_rules.h"

#include "policy/membership.h"

namespace flikvakt::policy {

Reason person_may_narrow(const State& state, const PersonActor& actor) {
  const DeviceKey* key = state.find<DeviceKey>(actor.key);
  if (!key || key->person != actor.person || !state.find<Person>(actor.person)) return Reason::actor_unknown;
  return key->status == DeviceKeyStatus::removed ? Reason::credential_not_valid : Reason::none;
}

Reason person_may_act(const State& state, const PersonActor& actor) {
  const Reason narrowing = person_may_narrow(state, actor);
  if (narrowing != Reason::none) return narrowing;
  const DeviceKey& key = *state.find<DeviceKey>(actor.key);
  if (key.status != DeviceKeyStatus::active) return Reason::actor_not_active;
  return is_current(state, key.epoch) ? Reason::none : Reason::not_reattested;
}

bool is_withheld(const Document& document, UtcTime now) {
  return document.facts.withheld && now < document.facts.withheld->until;
}

}  // namespace flikvakt::policy
