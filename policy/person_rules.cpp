#include "policy/person_rules.h"

#include "policy/membership.h"

namespace flikvakt::policy {

namespace {

// As whom the key's holder acts; nullptr also when it is somebody else's.
const Representative* find_role(const State& state, const PersonActor& actor) {
  const Representative* role = actor.representative ? state.find<Representative>(*actor.representative) : nullptr;
  return role && role->person == actor.person ? role : nullptr;
}

// SPEC REP-3, REP-5: what stands, whatever epoch it is from.
Reason check_role(const State& state, const Representative& role, UtcTime now) {
  if (role.standing != Standing::active) return Reason::actor_not_active;
  if (now < role.valid_from || now >= role.valid_to) return Reason::expired;
  const Person* holder = state.find<Person>(role.representative);
  if (!holder) return Reason::actor_unknown;
  return holder->died ? Reason::person_died : Reason::none;
}

// SPEC EID-6: an e-ID counts as long as its issuer does.
Reason check_issuer(const State& state, const DeviceKey& key) {
  if (!key.oidc_issuer) return Reason::none;
  const OidcIssuer* issuer = state.find<OidcIssuer>(*key.oidc_issuer);
  const bool counts = issuer && !issuer->organisation && issuer->standing == Standing::active;
  return counts ? Reason::none : Reason::credential_not_valid;
}

bool is_issuer_current(const State& state, const DeviceKey& key) {
  const OidcIssuer* issuer = key.oidc_issuer ? state.find<OidcIssuer>(*key.oidc_issuer) : nullptr;
  return !key.oidc_issuer || (issuer && is_current(state, issuer->epoch));
}

}  // namespace

Reason person_may_narrow(const State& state, const PersonActor& actor, UtcTime now) {
  const Person* person = state.find<Person>(actor.person);
  const DeviceKey* key = state.find<DeviceKey>(actor.key);
  const Representative* role = find_role(state, actor);
  if (!person || !key || (actor.representative && !role)) return Reason::actor_unknown;
  if (key->person != (role ? role->representative : actor.person)) return Reason::actor_unknown;
  const Reason why = role ? check_role(state, *role, now) : Reason::none;
  if (why != Reason::none) return why;
  if (role && person->died) return Reason::person_died;  // SPEC DEATH-4: their own word still narrows
  return key->status == DeviceKeyStatus::removed ? Reason::credential_not_valid : check_issuer(state, *key);
}

Reason person_may_act(const State& state, const PersonActor& actor, RepresentativePower power, UtcTime now) {
  const Reason narrowing = person_may_narrow(state, actor, now);
  if (narrowing != Reason::none) return narrowing;
  if (state.find<Person>(actor.person)->died) return Reason::person_died;
  const DeviceKey& key = *state.find<DeviceKey>(actor.key);
  if (key.status != DeviceKeyStatus::active) return Reason::actor_not_active;
  if (!is_current(state, key.epoch) || !is_issuer_current(state, key)) return Reason::not_reattested;
  const Representative* role = find_role(state, actor);
  if (!role) return Reason::none;
  if (!is_current(state, role->epoch)) return Reason::not_reattested;
  return role->powers.contains(power) ? Reason::none : Reason::not_entitled;
}

bool acts_jointly(const State& state, const PersonActor& actor) {
  const Representative* role = find_role(state, actor);
  return role && role->jointly.value_or(false);
}

std::optional<PersonId> acting_person_of(const State& state, const PersonActor& actor) {
  if (!actor.representative) return actor.person;
  const DeviceKey* key = state.find<DeviceKey>(actor.key);
  return key ? std::optional(key->person) : std::nullopt;
}

bool is_withheld(const Document& document, UtcTime now) {
  return document.facts.withheld && now < document.facts.withheld->until;
}

}  // namespace flikvakt::policy
