// How a number becomes a person and a key becomes that person's: two registrars of two organisations (P8).
#include "policy/enrolment.h"
#include "policy/membership.h"
#include "policy/terms.h"
#include "policy/who.h"

namespace flikvakt::policy {
namespace {

DeviceKey proposed_key(const Context& context, const ProposeKey& act, const PersonId& person, const Staff& registrar) {
  DeviceKey key;
  key.thumbprint = act.thumbprint;
  key.person = person;
  key.jwk = act.jwk;
  key.passkey = act.passkey;
  key.proposed_by = registrar.id;
  key.proposed_by_organisation = registrar.organisation;
  key.confirm_before = context.now() + kKeyConfirmedWithin;
  key.epoch = context.epoch();
  return key;
}

// SPEC ENROL-3: what this proposal would change for a key that is known already. One that was confirmed and then
// removed stays removed; one that lapsed unconfirmed, or is from before a restore, may be proposed anew.
bool may_propose_again(const Context& context, const DeviceKey& known, const PersonId& person) {
  if (known.person != person) return false;
  if (known.status == DeviceKeyStatus::removed) return !known.confirmed_by;
  return !is_current(context.state, known.epoch);
}

bool has_outsider(const State& state, const PersonId& person, const OrganisationId& one, const OrganisationId& other,
                  UtcTime now) {
  return !receives_from(state, person, one, now) || !receives_from(state, person, other, now);
}

Reason check_confirmation(const Context& context, const Staff& registrar, const DeviceKey& key) {
  const State& state = context.state;
  if (key.status != DeviceKeyStatus::proposed || !is_current(state, key.epoch)) return Reason::wrong_state;
  if (context.now() >= key.confirm_before) return Reason::expired;
  if (key.proposed_by == registrar.id) return Reason::same_person;
  if (key.proposed_by_organisation == registrar.organisation) return Reason::same_organisation;
  if (!still_stands(state, key.proposed_by, StaffRole::registrar)) return Reason::actor_not_active;
  const bool fair =
      has_outsider(state, key.person, key.proposed_by_organisation, registrar.organisation, context.now());
  return fair ? Reason::none : Reason::only_recipients;
}

}  // namespace

// SPEC ENROL-2: the answer is the same for a number that is new, known, or another's, so every path here permits.
Outcome apply(const Context& context, const ProposeKey& act) {
  Effects effects(context);
  const Person* person = effects.concern(act.person);
  const ActingStaff who = acting_registrar(context);
  if (!who.staff) return std::move(effects).refuse(who.why, Rule::actor);
  const bool is_key =
      act.jwk.is_object() && act.thumbprint != Fingerprint{} && (!act.passkey || is_passkey(*act.passkey));
  if (!is_key) return std::move(effects).refuse(Reason::terms_invalid);
  const DeviceKey* known = context.state.find<DeviceKey>(act.thumbprint);
  if (person) {
    if (!known || may_propose_again(context, *known, person->id)) {
      effects.put(proposed_key(context, act, person->id, *who.staff));
    }
    return std::move(effects).permit();
  }
  if (known) return std::move(effects).permit();
  if (!create_person(context, effects, act.person)) return std::move(effects).refuse(Reason::error);
  effects.put(proposed_key(context, act, *context.prepared.person, *who.staff));
  return std::move(effects).permit();
}

Outcome apply(const Context& context, const ConfirmKey& act) {
  Effects effects(context);
  const Person* person = effects.concern(act.person);
  const ActingStaff who = acting_registrar(context);
  if (!who.staff) return std::move(effects).refuse(who.why, Rule::actor);
  const DeviceKey* key = context.state.find<DeviceKey>(act.thumbprint);
  if (!person || !key || key->person != person->id) return std::move(effects).refuse(Reason::unknown);
  if (person->died) return std::move(effects).refuse(Reason::person_died);
  const Reason why = check_confirmation(context, *who.staff, *key);
  if (why != Reason::none) return std::move(effects).refuse(why);
  DeviceKey confirmed = *key;
  confirmed.status = DeviceKeyStatus::active;
  confirmed.confirmed_by = who.staff->id;
  effects.put(std::move(confirmed));
  return std::move(effects).permit();
}

}  // namespace flikvakt::policy
