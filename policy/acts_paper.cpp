// What a person says on paper or in person, and staff enter. Widening takes two registrars of two organisations;
// narrowing one staff member, who learns nothing of what stood.
#include "policy/effects.h"
#include "policy/life_cycle.h"
#include "policy/membership.h"
#include "policy/terms.h"
#include "policy/who.h"

namespace flikvakt::policy {
namespace {

void revoke_named(const Context& context, Effects& effects, const PersonId& person, const PaperNarrowing& act) {
  for (const FullmaktId& id : context.state.fullmakter_of(person)) {
    if (!act.revoke_all && !act.revoke.contains(id)) continue;
    change_status(context, effects, id, FullmaktStatus::revoked);
    if (!act.revoke_all && act.revoke.size() == 1) effects.concern(person).fullmakt = id;
  }
}

// SPEC PAPER-7
void end_roles_of(const Context& context, Effects& effects, const PersonId& person) {
  for (const RepresentativeId& id : context.state.representatives_of(person)) {
    Representative over = *context.state.find<Representative>(id);
    if (over.standing == Standing::removed) continue;
    over.standing = Standing::removed;
    effects.put(std::move(over));
  }
}

// SPEC PAPER-6: an id that is taken must neither lose the new block (the answer is the same, so nobody would hear of
// it) nor replace another's.
SparrId free_sparr_id(const State& state, const SparrId& wished) {
  ByteArray<16> bytes = wished.value();
  while (SparrId(bytes).is_none() || state.find<Sparr>(SparrId(bytes))) {
    for (std::uint8_t& byte : bytes) {
      if (++byte != 0) break;
    }
  }
  return SparrId(bytes);
}

}  // namespace

Outcome apply(const Context& context, const PaperFullmakt& act) {
  Effects effects(context);
  const Person* person = effects.concern(act.person);
  const ActingStaff who = acting_registrar(context);
  if (!who.staff) return std::move(effects).refuse(who.why, Rule::actor);
  if (!person) return std::move(effects).refuse(Reason::unknown);
  const auto is_recipient = [&](const OrganisationId& id) { return receives(context.state, act.terms, id); };
  const Reason organisations = check_two_organisations(context, *who.staff, is_recipient);
  if (organisations != Reason::none) return std::move(effects).refuse(organisations);
  const NewFullmakt fresh{act.id, person->id, act.terms, act.text, EvidenceKind::paper, act.request, act.based_on};
  const Reason why = enter_fullmakt(context, effects, fresh);
  return why == Reason::none ? std::move(effects).permit() : std::move(effects).refuse(why);
}

// SPEC PAPER-5: after the words themselves were found valid the answer is one, whoever and whatever they name.
Outcome apply(const Context& context, const PaperNarrowing& act) {
  Effects effects(context);
  const Person* person = effects.concern(act.person);
  const ActingStaff who = acting_staff(context, Epochs::any);
  if (!who.staff) return std::move(effects).refuse(who.why, Rule::actor);
  const bool has_both = act.sparr.has_value() == act.sparr_terms.has_value();
  if (!has_both || (act.sparr_terms && check_terms(context.state, *act.sparr_terms, context.now()) != Reason::none)) {
    return std::move(effects).refuse(Reason::terms_invalid);
  }
  if (!person) return std::move(effects).permit();
  revoke_named(context, effects, person->id, act);
  if (act.end_representatives.value_or(false)) end_roles_of(context, effects, person->id);
  effects.touch_consent(person->id);  // SPEC CONSENT-9: also when nothing stood
  if (act.sparr) {
    const SparrId id = free_sparr_id(context.state, *act.sparr);
    effects.put_consent(Sparr{id, person->id, *act.sparr_terms, true});
    effects.concern(person->id).subject = subject_of(id);
  }
  return std::move(effects).permit();
}

Outcome apply(const Context& context, const PaperReconfirm& act) {
  Effects effects(context);
  const Person* person = effects.concern(act.person);
  const Decision may = registrars_may(context, person);
  if (!may.is_permitted()) return std::move(effects).refuse(may);
  if (person->died) return std::move(effects).refuse(Reason::person_died);
  if (is_reconfirmed(context.state, person->id)) return std::move(effects).refuse(Reason::wrong_state);
  effects.change_person(person->id, [&](Person& one) { one.epoch = context.epoch(); });
  return std::move(effects).permit();
}

}  // namespace flikvakt::policy
