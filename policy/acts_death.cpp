// A person has died: everything closes.
#include "policy/effects.h"
#include "policy/who.h"

namespace flikvakt::policy {
namespace {

bool is_valid(const Date& died, UtcTime now) {
  const auto tomorrow = std::chrono::floor<std::chrono::days>(now) + std::chrono::days{1};
  return died.ok() && std::chrono::sys_days{died} <= tomorrow;
}

}  // namespace

// SPEC DEATH-2: the answer is one, whoever is named and whatever stood.
Outcome apply(const Context& context, const RecordDeath& act) {
  Effects effects(context);
  const Person* person = effects.concern(act.person);
  const ActingStaff who = acting_registrar(context, Epochs::any);
  if (!who.staff) return std::move(effects).refuse(who.why, Rule::actor);
  if (!is_valid(act.died, context.now())) return std::move(effects).refuse(Reason::period_invalid);
  if (person && !person->died) effects.change_person(person->id, [&](Person& one) { one.died = act.died; });
  return std::move(effects).permit();
}

Outcome apply(const Context& context, const CorrectDeath& act) {
  Effects effects(context);
  const Person* person = effects.concern(act.person);
  const Decision may = registrars_may(context, person);
  if (!may.is_permitted()) return std::move(effects).refuse(may);
  if (!person->died) return std::move(effects).refuse(Reason::wrong_state);
  effects.change_person(person->id, [](Person& one) { one.died.reset(); });
  return std::move(effects).permit();
}

}  // namespace flikvakt::policy
