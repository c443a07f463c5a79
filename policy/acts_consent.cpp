// The person's own word: giving, pausing, resuming and taking back, and Sparrar.
#include "policy/enrolment.h"
#include "policy/life_cycle.h"
#include "policy/membership.h"
#include "policy/terms.h"
#include "policy/who.h"

namespace flikvakt::policy {
namespace {

// SPEC CONSENT-3, CONSENT-9: on whatever stands, whatever version was seen, with any key that is the person's. The
// version grows though nothing changes, so that what waits cannot undo the newest word.
Outcome narrow(const Context& context, const FullmaktId& id, FullmaktStatus to) {
  Effects effects(context);
  effects.concern_actor().fullmakt = id;
  const ActingPerson who = narrowing_person(context);
  if (!who.person) return std::move(effects).refuse(who.why, Rule::actor);
  const bool stands = find_own<Fullmakt>(context.state, id, who.person->id);
  const bool waited = end_waiting(context, effects, who.person->id, id);
  if (!stands && !waited) return std::move(effects).refuse(Reason::unknown);
  if (stands) change_status(context, effects, id, to);
  effects.touch_consent(who.person->id);
  return std::move(effects).permit();
}

Reason check_resume(const Context& context, const Fullmakt& fullmakt) {
  if (const Reason giver = check_giver(context.state, fullmakt.person); giver != Reason::none) return giver;
  if (fullmakt.status != FullmaktStatus::paused) return Reason::wrong_state;
  return context.now() < fullmakt.terms.valid_to ? Reason::none : Reason::expired;
}

Outcome lift(const Context& context, Effects effects, const SparrId& id, const PersonId& person) {
  const Sparr* found = find_own<Sparr>(context.state, id, person);
  if (!found) return std::move(effects).refuse(Reason::unknown);
  if (!found->in_force) return std::move(effects).refuse(Reason::wrong_state);
  Sparr lifted = *found;
  lifted.in_force = false;
  effects.put_consent(std::move(lifted));
  return std::move(effects).permit();
}

}  // namespace

Outcome apply(const Context& context, const SignFullmakt& act) {
  Effects effects(context);
  effects.concern_actor().fullmakt = act.id;
  const ActingPerson who = widening_person(context);
  if (!who.person) return std::move(effects).refuse(who.why, Rule::actor);
  const NewFullmakt fresh{act.id, who.person->id, act.terms, act.text, evidence_of(context), act.request, act.based_on};
  const Reason why = enter_fullmakt(context, effects, fresh);
  return why == Reason::none ? std::move(effects).permit() : std::move(effects).refuse(why);
}

Outcome apply(const Context& context, const PauseFullmakt& act) {
  return narrow(context, act.id, FullmaktStatus::paused);
}

Outcome apply(const Context& context, const RevokeFullmakt& act) {
  return narrow(context, act.id, FullmaktStatus::revoked);
}

Outcome apply(const Context& context, const ResumeFullmakt& act) {
  Effects effects(context);
  effects.concern_actor().fullmakt = act.id;
  const ActingPerson who = widening_person(context);
  if (!who.person) return std::move(effects).refuse(who.why, Rule::actor);
  const Fullmakt* found = find_own<Fullmakt>(context.state, act.id, who.person->id);
  if (!found) return std::move(effects).refuse(Reason::unknown);
  const Reason why = check_resume(context, *found);
  if (why != Reason::none) return std::move(effects).refuse(why);
  Fullmakt resumed = *found;
  const bool is_used_up = found->terms.max_readings && found->readings >= *found->terms.max_readings;
  resumed.status = is_used_up ? FullmaktStatus::exhausted : FullmaktStatus::active;
  effects.put_consent(std::move(resumed));
  return std::move(effects).permit();
}

Outcome apply(const Context& context, const SetSparr& act) {
  Effects effects(context);
  effects.concern_actor().subject = subject_of(act.id);
  const ActingPerson who = narrowing_person(context);
  if (!who.person) return std::move(effects).refuse(who.why, Rule::actor);
  const Reason why = check_terms(context.state, act.terms, context.now());
  if (why != Reason::none) return std::move(effects).refuse(why);
  if (act.id.is_none()) return std::move(effects).refuse(Reason::terms_invalid);
  if (context.state.find<Sparr>(act.id)) return std::move(effects).refuse(Reason::already_exists);
  effects.put_consent(Sparr{act.id, who.person->id, act.terms, true});
  return std::move(effects).permit();
}

Outcome apply(const Context& context, const LiftSparr& act) {
  Effects effects(context);
  effects.concern_actor().subject = subject_of(act.id);
  const ActingPerson who = widening_person(context);
  if (!who.person) return std::move(effects).refuse(who.why, Rule::actor);
  return lift(context, std::move(effects), act.id, who.person->id);
}

// SPEC PAPER-8
Outcome apply(const Context& context, const PaperLiftSparr& act) {
  Effects effects(context);
  const Person* person = effects.concern(act.person);
  if (person) effects.concern(person->id).subject = subject_of(act.id);
  const Decision may = registrars_may(context, person);
  if (!may.is_permitted()) return std::move(effects).refuse(may);
  if (const Reason giver = check_giver(context.state, person->id); giver != Reason::none) {
    return std::move(effects).refuse(giver);
  }
  return lift(context, std::move(effects), act.id, person->id);
}

}  // namespace flikvakt::policy
