// Whom a staff member may know of because they opened something to them: what ends when, and where these people are on
// their path. It opens nothing; what of a kontrakt is shown is what the staff member needs to do their part of it.
#include <algorithm>
#include <span>

#include "policy/effects.h"
#include "policy/membership.h"
#include "policy/terms.h"
#include "policy/who.h"

namespace flikvakt::policy {
namespace {

// SPEC PEOPLE-1: also a paused one, which may count again.
bool is_received(const Context& context, const Fullmakt& fullmakt, const Staff& staff) {
  const bool stands = fullmakt.status == FullmaktStatus::active || fullmakt.status == FullmaktStatus::paused;
  return stands && context.now() < fullmakt.terms.valid_to && is_recipient_of(context.state, fullmakt, staff);
}

std::vector<Fullmakt> received_from(const Context& context, const Person& person, const Staff& staff) {
  std::vector<Fullmakt> found;
  for (const FullmaktId& id : context.state.fullmakter_of(person.id)) {
    const Fullmakt& one = *context.state.find<Fullmakt>(id);
    if (!is_received(context, one, staff)) continue;
    found.push_back(one);
    if (person.alias)  // SPEC PROT-3
      std::erase_if(found.back().terms.disclosers, [&](const auto& of) { return of != staff.organisation; });
  }
  std::ranges::sort(found, {}, &Fullmakt::id);
  return found;
}

// As list_cases has them (SPEC CASE-3).
bool is_listed(const Context& context, const Case& one, const Staff& staff) {
  return one.status != CaseStatus::closed && may_receive(context.state, {RecipientKind::team, one.team.value()}, staff);
}

std::vector<Case> cases_with(const Context& context, const Person& person, const Staff& staff) {
  std::vector<Case> found;
  for (const CaseId& id : context.state.cases_of(person.id)) {
    const Case& one = *context.state.find<Case>(id);
    if (!is_listed(context, one, staff)) continue;
    found.push_back(one);
    if (person.alias) found.back().referred_by.reset();
  }
  std::ranges::sort(found, {}, &Case::id);
  return found;
}

bool is_authorised(const State& state, const OrganisationId& provider, const std::string& area, UtcTime now) {
  return std::ranges::any_of(state.authorisations_of(provider), [&](const AuthorisationId& id) {
    const Authorisation& one = *state.find<Authorisation>(id);
    const bool runs = one.standing == Standing::active && one.valid_from <= now && now < one.valid_to;
    return runs && is_current(state, one.epoch) && one.areas.contains(area);
  });
}

// SPEC PEOPLE-3: of a provider's own part also what is still to begin, so that it can be planned.
bool performs(const Context& context, const KontraktPart& part, const Staff& staff) {
  return part.provider == staff.organisation && context.now() < part.valid_to &&
         is_authorised(context.state, part.provider, part.area, context.now());
}

// SPEC PEOPLE-3: without what is for the person and the förbund alone.
Kontrakt as_seen(Kontrakt one) {
  one.proposed.reset();
  for (KontraktPart& part : one.parts) part.ceiling.reset();
  return one;
}

Kontrakt own_part_of(const Context& context, Kontrakt one, const Staff& staff, bool runs) {
  std::erase_if(one.parts, [&](const KontraktPart& part) { return !performs(context, part, staff); });
  one.goals.clear();
  if (!runs) one.milestones.clear();
  return one;
}

bool leads_an_open_one(const Context& context, const std::vector<Case>& cases, const Staff& staff) {
  return std::ranges::any_of(cases, [&](const Case& one) {
    return one.status == CaseStatus::open && leads_now(context.state, one.team, staff.id);
  });
}

// SPEC PEOPLE-3
void put_plans(const Context& context, const Staff& staff, PersonView& view) {
  if (view.fullmakter.empty()) return;
  const bool is_whole = !view.cases.empty() && !view.alias;
  const bool leads = leads_an_open_one(context, view.cases, staff);
  for (const KontraktId& id : context.state.kontrakt_of(view.person)) {
    const Kontrakt& one = *context.state.find<Kontrakt>(id);
    if (one.standing != Standing::active || !is_current(context.state, one.epoch)) continue;
    const bool runs = kontrakt_runs_for(context.state, &one, staff.organisation, context.now()) == Reason::none;
    Kontrakt seen = as_seen(is_whole ? one : own_part_of(context, one, staff, runs));
    if (seen.parts.empty()) continue;
    if (runs || (is_whole && leads)) view.can_reach.insert(id);
    view.kontrakt.push_back(std::move(seen));
  }
  std::ranges::sort(view.kontrakt, {}, &Kontrakt::id);
}

PersonView view_of(const Context& context, const Person& person, const Staff& staff) {
  PersonView view;
  if (check_giver(context.state, person.id) != Reason::none) return view;
  view.person = person.id;
  view.alias = person.alias;
  view.fullmakter = received_from(context, person, staff);
  view.cases = cases_with(context, person, staff);
  put_plans(context, staff, view);
  return view;
}

// SPEC PEOPLE-2
std::set<PersonId> whom_to_look_at(const State& state, const Staff& staff) {
  std::set<PersonId> out;
  const auto add_named = [&](const Recipient& recipient) {
    for (const FullmaktId& id : state.fullmakter_naming(recipient)) out.insert(state.find<Fullmakt>(id)->person);
  };
  add_named({RecipientKind::staff, staff.id.value()});
  if (staff.unit) add_named({RecipientKind::unit, staff.unit->value()});
  for (const KontraktId& id : state.kontrakt_with(staff.organisation)) out.insert(state.find<Kontrakt>(id)->person);
  return out;
}

// When the first of what view_of() would show ends, looked at where it is: a provider may have thousands of people, and
// shows a hundred. nullopt: they opened nothing to this staff member.
std::optional<UtcTime> first_end(const Context& context, const Person& person, const Staff& staff) {
  if (check_giver(context.state, person.id) != Reason::none) return std::nullopt;
  std::optional<UtcTime> out;
  const auto put = [&](UtcTime end) { out = std::min(out.value_or(end), end); };
  for (const FullmaktId& id : context.state.fullmakter_of(person.id)) {
    const Fullmakt& one = *context.state.find<Fullmakt>(id);
    if (is_received(context, one, staff)) put(one.terms.valid_to);
  }
  if (!out) return out;
  const bool has_case = std::ranges::any_of(context.state.cases_of(person.id), [&](const CaseId& id) {
    return is_listed(context, *context.state.find<Case>(id), staff);
  });
  const bool is_whole = has_case && !person.alias;
  for (const KontraktId& id : context.state.kontrakt_of(person.id)) {
    const Kontrakt& one = *context.state.find<Kontrakt>(id);
    if (one.standing != Standing::active || !is_current(context.state, one.epoch)) continue;
    for (const KontraktPart& part : one.parts) {
      if (is_whole || performs(context, part, staff)) put(part.valid_to);
    }
  }
  return out;
}

PeopleList everybody(const Context& context, const Staff& staff) {
  std::vector<std::pair<UtcTime, PersonId>> ends;
  for (const PersonId& id : whom_to_look_at(context.state, staff)) {
    const Person* person = context.state.find<Person>(id);
    const std::optional<UtcTime> end = person ? first_end(context, *person, staff) : std::nullopt;
    if (end) ends.emplace_back(*end, id);
  }
  PeopleList out;
  out.more = ends.size() > kMostPeople;
  const std::size_t count = std::min(ends.size(), kMostPeople);
  std::ranges::partial_sort(ends, ends.begin() + static_cast<std::ptrdiff_t>(count));
  for (const auto& [end, id] : std::span(ends).first(count)) {
    out.people.push_back(view_of(context, *context.state.find<Person>(id), staff));
  }
  return out;
}

PeopleList only(const Context& context, const Person* person, const Staff& staff) {
  PeopleList out;
  if (!person) return out;
  PersonView view = view_of(context, *person, staff);
  if (!view.fullmakter.empty() || !view.cases.empty()) out.people.push_back(std::move(view));
  return out;
}

}  // namespace

// SPEC PEOPLE-1, PEOPLE-2: everybody who is shown has an entry of it; who is asked about by name also when nothing is
// shown.
Outcome apply(const Context& context, const ListPeople& act) {
  Effects effects(context);
  const Person* person = act.person ? effects.concern(*act.person) : nullptr;
  const ActingStaff who = acting_staff(context);
  if (!who.staff) return std::move(effects).refuse(who.why, Rule::actor);
  PeopleList found = act.person ? only(context, person, *who.staff) : everybody(context, *who.staff);
  for (const PersonView& one : found.people) effects.concern(one.person);
  effects.answer(std::move(found));
  return std::move(effects).permit();
}

}  // namespace flikvakt::policy
