// Who may act for a person. What a representative may do is in person_rules.h.
#include "policy/effects.h"
#include "policy/membership.h"
#include "policy/terms.h"
#include "policy/who.h"

namespace flikvakt::policy {
namespace {

Reason check_terms(const Context& context, const RegisterRepresentative& act) {
  if (act.id.is_none() || act.powers.empty()) return Reason::terms_invalid;
  const bool is_guardian = act.representative_kind == RepresentativeKind::guardian;
  if (act.jointly.value_or(false) && !is_guardian) return Reason::terms_invalid;  // SPEC REP-2
  if (context.state.find<Representative>(act.id)) return Reason::already_exists;
  const bool is_period_valid =
      act.valid_from < act.valid_to && act.valid_to > context.now() && act.valid_to <= context.now() + kLongestFullmakt;
  return is_period_valid ? Reason::none : Reason::period_invalid;
}

Reason check_people(const State& state, const Person* person, const Person* representative) {
  if (!person || !representative) return Reason::unknown;
  if (person->id == representative->id) return Reason::same_person;
  if (person->died || representative->died) return Reason::person_died;
  return check_giver(state, person->id);
}

// INVARIANT (whose entry is first): the represented person's, also when it comes to nothing: the own log of the
// representative tells by it that it is another's (SPEC LOGV-12).
void concern_both(Effects& effects, const RepresentativeId& role, const PersonId& person,
                  const PersonId& representative) {
  for (const PersonId& one : {person, representative}) effects.concern(one).subject = subject_of(role);
}

void concern_both(Effects& effects, const Representative& role) {
  concern_both(effects, role.id, role.person, role.representative);
}

Outcome end(Effects effects, const Representative& found) {
  if (found.standing == Standing::removed) return std::move(effects).permit();
  Representative ended = found;
  ended.standing = Standing::removed;
  effects.touch_consent(found.person);
  effects.put(std::move(ended));
  return std::move(effects).permit();
}

// SPEC REP-7: a representative ends only what they act under, and nobody else's.
bool may_end(const PersonActor& actor, const Representative& role) {
  if (actor.representative) return actor.representative == role.id;
  return role.person == actor.person || role.representative == actor.person;
}

Outcome end_as_person(const Context& context, const PersonActor& actor, const EndRepresentative& act) {
  Effects effects(context);
  effects.concern_actor().subject = subject_of(act.id);
  const Representative* found = context.state.find<Representative>(act.id);
  const bool is_own = found && may_end(actor, *found);
  const ActingPerson who = narrowing_person(context);
  if (!who.person) return std::move(effects).refuse(who.why, Rule::actor);
  if (!is_own) return std::move(effects).refuse(Reason::unknown);
  concern_both(effects, *found);
  return end(std::move(effects), *found);
}

}  // namespace

Outcome apply(const Context& context, const RegisterRepresentative& act) {
  Effects effects(context);
  const Person* person = effects.concern(act.person);
  const ActingStaff who = acting_registrar(context);
  if (!who.staff) return std::move(effects).refuse(who.why, Rule::actor);
  // Only now: who may not register must not learn from the number of entries which other number is known.
  const Person* representative = effects.concern(act.representative);
  if (person && representative) concern_both(effects, act.id, person->id, representative->id);
  const Reason people = check_people(context.state, person, representative);
  if (people != Reason::none) return std::move(effects).refuse(people);
  const Reason organisations = check_two_for(context, person->id, *who.staff);
  if (organisations != Reason::none) return std::move(effects).refuse(organisations);
  const Representative fresh{act.id,         person->id,   representative->id, act.representative_kind, act.powers,
                             act.valid_from, act.valid_to, Standing::active,   context.epoch(),         act.jointly};
  const Reason terms = check_terms(context, act);
  if (terms != Reason::none) return std::move(effects).refuse(terms);
  effects.touch_consent(person->id);
  effects.put(fresh);
  return std::move(effects).permit();
}

Outcome apply(const Context& context, const EndRepresentative& act) {
  if (const auto* actor = std::get_if<PersonActor>(&context.actor)) return end_as_person(context, *actor, act);
  Effects effects(context);
  const Representative* found = context.state.find<Representative>(act.id);
  if (found) concern_both(effects, *found);
  const ActingStaff who = acting_registrar(context, Epochs::any);
  if (!who.staff) return std::move(effects).refuse(who.why, Rule::actor);
  if (!found) return std::move(effects).refuse(Reason::unknown);
  return end(std::move(effects), *found);
}

}  // namespace flikvakt::policy
