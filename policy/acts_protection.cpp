// Protected identity: what others see of the person is an alias, and nothing that locates.
#include "policy/effects.h"
#include "policy/terms.h"
#include "policy/who.h"

namespace flikvakt::policy {

// SPEC PROT-1: the answer is one, known or not.
Outcome apply(const Context& context, const ProtectIdentity& act) {
  Effects effects(context);
  const Person* person = effects.concern(act.person);
  const ActingStaff who = acting_registrar(context, Epochs::any);
  if (!who.staff) return std::move(effects).refuse(who.why, Rule::actor);
  if (!is_name(act.alias)) return std::move(effects).refuse(Reason::terms_invalid);
  // Also when the alias stays: what waits to end the protection is from before this word.
  if (person) effects.change_person(person->id, [&](Person& one) { one.alias = act.alias; });
  return std::move(effects).permit();
}

// SPEC PROT-2
Outcome apply(const Context& context, const EndProtection& act) {
  Effects effects(context);
  const Person* person = effects.concern(act.person);
  const Decision may = registrars_may(context, person);
  if (!may.is_permitted()) return std::move(effects).refuse(may);
  if (!person->alias) return std::move(effects).refuse(Reason::wrong_state);
  effects.change_person(person->id, [](Person& one) { one.alias.reset(); });
  return std::move(effects).permit();
}

}  // namespace flikvakt::policy
