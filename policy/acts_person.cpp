// The person's other acts: referral, keys, re-confirmation, and seeing what is one's own.
#include <algorithm>

#include "policy/effects.h"
#include "policy/life_cycle.h"
#include "policy/membership.h"
#include "policy/person_rules.h"
#include "policy/who.h"

namespace flikvakt::policy {
namespace {

template <class T, class Ids>
std::vector<T> collect(const State& state, const Ids& ids) {
  std::vector<T> out;
  for (const auto& id : ids) out.push_back(*state.find<T>(id));
  std::sort(out.begin(), out.end(), [](const T& a, const T& b) { return a.key() < b.key(); });
  return out;
}

Overview overview_of(const State& state, const Person& person, UtcTime now) {
  Overview out;
  out.person = person;
  out.fullmakter = collect<Fullmakt>(state, state.fullmakter_of(person.id));
  out.sparrar = collect<Sparr>(state, state.sparrar_of(person.id));
  out.keys = collect<DeviceKey>(state, state.keys_of(person.id));
  out.cases = collect<Case>(state, state.cases_of(person.id));
  out.kontrakt = collect<Kontrakt>(state, state.kontrakt_of(person.id));
  out.documents = collect<Document>(state, state.documents_of(person.id));
  std::erase_if(out.documents, [&](const Document& document) {
    return document.status != DocumentStatus::sealed || is_withheld(document, now);
  });
  return out;
}

// SPEC ENROL-5: a key that is not fully trusted may take only itself away.
bool may_remove(const Context& context, const Fingerprint& thumbprint) {
  const PersonActor& actor = std::get<PersonActor>(context.actor);
  return thumbprint == actor.key || person_may_act(context.state, actor) == Reason::none;
}

}  // namespace

Outcome apply(const Context& context, const SignReferral& act) {
  Effects effects(context);
  effects.concern_actor();
  const ActingPerson who = acting_person(context);
  if (!who.person) return std::move(effects).refuse(who.why, Rule::actor);
  const Case fresh{act.id, who.person->id, act.team, act.focus, act.meetings, context.now(), EvidenceKind::device_key};
  const Reason why = open_case(context, effects, fresh);
  return why == Reason::none ? std::move(effects).permit() : std::move(effects).refuse(why);
}

Outcome apply(const Context& context, const RemoveKey& act) {
  Effects effects(context);
  effects.concern_actor();
  const ActingPerson who = narrowing_person(context);
  if (!who.person) return std::move(effects).refuse(who.why, Rule::actor);
  const DeviceKey* key = context.state.find<DeviceKey>(act.thumbprint);
  if (!key || key->person != who.person->id) return std::move(effects).refuse(Reason::unknown);
  if (!may_remove(context, act.thumbprint)) return std::move(effects).refuse(Reason::not_entitled);
  DeviceKey removed = *key;
  removed.status = DeviceKeyStatus::removed;
  if (key->status != DeviceKeyStatus::removed) effects.put(std::move(removed));
  return std::move(effects).permit();
}

Outcome apply(const Context& context, const Reconfirm&) {
  Effects effects(context);
  effects.concern_actor();
  const ActingPerson who = widening_person(context);
  if (!who.person) return std::move(effects).refuse(who.why, Rule::actor);
  if (is_reconfirmed(context.state, who.person->id)) return std::move(effects).refuse(Reason::wrong_state);
  effects.reconfirm(who.person->id);
  return std::move(effects).permit();
}

Outcome apply(const Context& context, const ReadOverview&) {
  Effects effects(context);
  effects.concern_actor();
  const ActingPerson who = acting_person(context);
  if (!who.person) return std::move(effects).refuse(who.why, Rule::actor);
  effects.answer(overview_of(context.state, *who.person, context.now()));
  return std::move(effects).permit();
}

Outcome apply(const Context& context, const ReadOwnLog&) {
  Effects effects(context);
  effects.concern_actor();
  const ActingPerson who = acting_person(context);
  if (!who.person) return std::move(effects).refuse(who.why, Rule::actor);
  return std::move(effects).permit();
}

}  // namespace flikvakt::policy
