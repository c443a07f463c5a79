#include "policy/life_cycle.h"

#include "policy/membership.h"
#include "policy/terms.h"

namespace flikvakt::policy {

// SPEC LIFE-1: a step towards `to` that leaves less open than `from`; a state that ended for good is never left.
bool may_narrow_to(FullmaktStatus from, FullmaktStatus to) {
  const bool runs = from == FullmaktStatus::active || from == FullmaktStatus::exhausted;
  switch (to) {
    case FullmaktStatus::paused:
      return runs;
    case FullmaktStatus::revoked:
      return runs || from == FullmaktStatus::paused;
    case FullmaktStatus::expired:
      return runs || from == FullmaktStatus::paused;
    case FullmaktStatus::superseded:
      return runs || from == FullmaktStatus::paused || from == FullmaktStatus::expired;
    case FullmaktStatus::exhausted:
      return from == FullmaktStatus::active;
    case FullmaktStatus::active:
    case FullmaktStatus::relinquished:
      return false;
  }
  return false;
}

void change_status(const Context& context, Effects& effects, const FullmaktId& id, FullmaktStatus to) {
  Fullmakt changed = *context.state.find<Fullmakt>(id);
  if (!may_narrow_to(changed.status, to)) return;
  changed.status = to;
  effects.put_consent(std::move(changed));
}

Reason enter_fullmakt(const Context& context, Effects& effects, const NewFullmakt& fresh) {
  effects.concern(fresh.person).fullmakt = fresh.id;
  effects.concern(fresh.person).purpose = fresh.terms.purpose;
  if (!is_current(context.state, context.state.find<Person>(fresh.person)->epoch)) return Reason::not_reconfirmed;
  if (context.state.find<Fullmakt>(fresh.id)) return Reason::already_exists;
  if (fresh.id.is_none() || fresh.text.empty()) return Reason::terms_invalid;
  const Reason why = check_terms(context.state, fresh.person, fresh.terms, context.now());
  if (why != Reason::none) return why;
  if (fresh.terms.supersedes) change_status(context, effects, *fresh.terms.supersedes, FullmaktStatus::superseded);
  effects.put_consent(Fullmakt{fresh.id, fresh.person, fresh.terms, FullmaktStatus::active, 0, fresh.evidence});
  return Reason::none;
}

Reason open_case(const Context& context, Effects& effects, const Case& fresh) {
  effects.concern(fresh.person).subject = subject_of(fresh.id);
  const Team* team = context.state.find<Team>(fresh.team);
  const bool works = team && team->standing == Standing::active && team->accepted_by;
  if (!works || !is_current(context.state, team->epoch)) return Reason::recipient_unknown;
  if (fresh.id.is_none()) return Reason::terms_invalid;
  if (context.state.find<Case>(fresh.id)) return Reason::already_exists;
  effects.put(fresh);
  return Reason::none;
}

}  // namespace flikvakt::policy
