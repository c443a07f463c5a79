// What a recipient may know of fullmakter, and giving one up.
#include <algorithm>

#include "policy/effects.h"
#include "policy/life_cycle.h"
#include "policy/membership.h"
#include "policy/who.h"

namespace flikvakt::policy {
namespace {

// SPEC RELINQ-1
bool is_shown_to(const Context& context, const Fullmakt& fullmakt, const Staff& staff) {
  const bool stands = fullmakt.status == FullmaktStatus::active || fullmakt.status == FullmaktStatus::paused;
  if (!stands || context.now() >= fullmakt.terms.valid_to) return false;
  return fullmakt.terms.disclosers.contains(staff.organisation) || is_recipient_of(context.state, fullmakt, staff);
}

std::vector<Fullmakt> shown_to(const Context& context, const PersonId& person, const Staff& staff) {
  std::vector<Fullmakt> found;
  if (check_giver(context.state, person) != Reason::none) return found;
  const bool is_hidden = context.state.find<Person>(person)->alias.has_value();  // SPEC PROT-3
  for (const FullmaktId& id : context.state.fullmakter_of(person)) {
    const Fullmakt& one = *context.state.find<Fullmakt>(id);
    if (!is_shown_to(context, one, staff)) continue;
    found.push_back(one);
    if (is_hidden)
      std::erase_if(found.back().terms.disclosers, [&](const auto& of) { return of != staff.organisation; });
  }
  std::ranges::sort(found, {}, &Fullmakt::id);
  return found;
}

// SPEC RELINQ-2: standing and epochs do not matter, since what is given up only narrows.
bool may_give_up(const State& state, const Recipient& recipient, const ActingStaff& who) {
  const bool speaks = who.is(StaffRole::roster_officer) || who.is(StaffRole::registrar);
  switch (recipient.kind) {
    case RecipientKind::staff:
      return StaffId(recipient.id) == who.staff->id;
    case RecipientKind::organisation:
      return speaks && OrganisationId(recipient.id) == who.staff->organisation;
    case RecipientKind::unit: {
      const Unit* unit = state.find<Unit>(UnitId(recipient.id));
      return speaks && unit && unit->organisation == who.staff->organisation;
    }
    case RecipientKind::team:
      return leads(state, TeamId(recipient.id), who.staff->id);
  }
  return false;
}

// SPEC RELINQ-3: without these recipients; relinquished when they were the last.
Fullmakt given_up(Fullmakt fullmakt, const std::set<Recipient>& by) {
  std::set<Recipient> all(fullmakt.relinquished.begin(), fullmakt.relinquished.end());
  all.insert(by.begin(), by.end());
  fullmakt.relinquished.assign(all.begin(), all.end());
  if (std::ranges::includes(all, fullmakt.terms.recipients)) fullmakt.status = FullmaktStatus::relinquished;
  return fullmakt;
}

}  // namespace

Outcome apply(const Context& context, const ListFullmakter& act) {
  Effects effects(context);
  const Person* person = effects.concern(act.person);
  const ActingStaff who = acting_staff(context);
  if (!who.staff) return std::move(effects).refuse(who.why, Rule::actor);
  effects.answer(person ? shown_to(context, person->id, *who.staff) : std::vector<Fullmakt>{});
  return std::move(effects).permit();
}

Outcome apply(const Context& context, const RelinquishFullmakt& act) {
  Effects effects(context);
  const Fullmakt* found = context.state.find<Fullmakt>(act.id);
  if (found) effects.concern(found->person).fullmakt = act.id;
  const ActingStaff who = acting_staff(context, Epochs::any);
  if (!who.staff) return std::move(effects).refuse(who.why, Rule::actor);
  if (!found) return std::move(effects).refuse(Reason::unknown);
  std::set<Recipient> mine;
  for (const Recipient& recipient : found->terms.recipients) {
    if (may_give_up(context.state, recipient, who)) mine.insert(recipient);
  }
  if (mine.empty()) return std::move(effects).refuse(Reason::not_entitled);
  Fullmakt narrower = given_up(*found, mine);
  const bool is_news = narrower.relinquished.size() > found->relinquished.size();
  if (is_news && may_narrow_to(found->status, FullmaktStatus::relinquished)) effects.put_consent(std::move(narrower));
  return std::move(effects).permit();
}

}  // namespace flikvakt::policy
