// Teams: a Konsultation's people, each entered by two sides and taken out by either.
#include <algorithm>

#include "policy/effects.h"
#include "policy/membership.h"
#include "policy/who.h"

namespace flikvakt::policy {
namespace {

const Team* find_working(const State& state, const TeamId& id) {
  const Team* team = state.find<Team>(id);
  const bool works = team && team->standing == Standing::active && team->accepted_by;
  return works && is_current(state, team->epoch) ? team : nullptr;
}

bool is_officer_for(const ActingStaff& who, const Staff& member) {
  return who.is(StaffRole::roster_officer) && who.staff->organisation == member.organisation;
}

bool leads_now(const Context& context, const TeamId& team, const StaffId& staff) {
  return leads(context.state, team, staff) &&
         is_current(context.state, context.state.find<RosterEntry>({team, staff})->epoch);
}

// A yes of someone who has left the place it was given from does not count any more.
bool still_counts(const Context& context, const RosterEntry& entry) {
  const bool officer = !entry.officer || still_stands(context.state, *entry.officer, StaffRole::roster_officer);
  const bool lead =
      !entry.lead || (still_stands(context.state, *entry.lead) && leads_now(context, entry.team, *entry.lead));
  return officer && lead;
}

// The entry that this act adds its yes to: a fresh one unless the other side has already named the same role.
RosterEntry entry_to_complete(const Context& context, const RosterAdd& act) {
  const RosterEntry* found = context.state.find<RosterEntry>({act.team, act.staff});
  const bool continues = found && found->role == act.role && is_current(context.state, found->epoch) &&
                         (found->is_complete() || still_counts(context, *found));
  return continues ? *found : RosterEntry{act.team, act.staff, act.role, {}, {}, context.epoch()};
}

// SPEC ROSTER-2: two acts of two people. One who could give either yes gives the one that is missing.
Reason add_yes(RosterEntry& entry, const StaffId& actor, bool as_officer, bool as_lead) {
  if (entry.is_complete()) return Reason::none;
  if (entry.officer == actor || entry.lead == actor) return Reason::same_person;
  if (as_officer && !entry.officer) {
    entry.officer = actor;
  } else if (as_lead && !entry.lead) {
    entry.lead = actor;
  }
  return Reason::none;  // a second yes of the same side changes nothing
}

Reason check_addition(const Context& context, const RosterAdd& act) {
  const Team* team = find_working(context.state, act.team);
  const Staff* member = context.state.find<Staff>(act.staff);
  if (!team || !member) return Reason::unknown;
  if (member->standing != Standing::active) return Reason::not_in_force;
  if (act.role == TeamRole::lead) return Reason::terms_invalid;  // named when the team is registered
  const RosterEntry* found = context.state.find<RosterEntry>({act.team, act.staff});
  const bool stands = found && found->is_complete() && is_current(context.state, found->epoch);
  return stands && found->role != act.role ? Reason::wrong_state : Reason::none;
}

}  // namespace

Outcome apply(const Context& context, const AcceptTeam& act) {
  const ActingStaff who = acting_staff(context);
  if (!who.staff) return refused(who.why, Rule::actor);
  const Team* found = context.state.find<Team>(act.team);
  if (!found || found->standing != Standing::active || !is_current(context.state, found->epoch))
    return refused(Reason::unknown);
  const bool may = who.is(StaffRole::roster_officer) && who.staff->organisation == found->organisation;
  if (!may) return refused(Reason::not_entitled);
  if (found->accepted_by) return refused(Reason::wrong_state);
  if (who.staff->id == found->lead) return refused(Reason::same_person);
  Effects effects(context);
  Team accepted = *found;
  accepted.accepted_by = who.staff->id;
  effects.put(RosterEntry{found->id, found->lead, TeamRole::lead, who.staff->id, found->lead, context.epoch()});
  effects.put(std::move(accepted));
  return std::move(effects).permit();
}

Outcome apply(const Context& context, const RosterAdd& act) {
  const ActingStaff who = acting_staff(context);
  if (!who.staff) return refused(who.why, Rule::actor);
  const Reason why = check_addition(context, act);
  if (why != Reason::none) return refused(why);
  const bool as_officer = is_officer_for(who, *context.state.find<Staff>(act.staff));
  const bool as_lead = leads_now(context, act.team, who.staff->id);
  if (!as_officer && !as_lead) return refused(Reason::not_entitled);
  RosterEntry entry = entry_to_complete(context, act);
  const Reason twice = add_yes(entry, who.staff->id, as_officer, as_lead);
  if (twice != Reason::none) return refused(twice);
  Effects effects(context);
  effects.put(std::move(entry));
  return std::move(effects).permit();
}

Outcome apply(const Context& context, const RosterRemove& act) {
  const ActingStaff who = acting_staff(context, Epochs::any);
  if (!who.staff) return refused(who.why, Rule::actor);
  const Staff* member = context.state.find<Staff>(act.staff);
  if (!member || !context.state.find<Team>(act.team)) return refused(Reason::unknown);
  if (!is_officer_for(who, *member) && !leads(context.state, act.team, who.staff->id))
    return refused(Reason::not_entitled);
  Effects effects(context);
  if (context.state.find<RosterEntry>({act.team, act.staff})) effects.erase<RosterEntry>({act.team, act.staff});
  return std::move(effects).permit();
}

// SPEC CASE-3: the cases of the teams one belongs to now; it tells names, it opens nothing.
Outcome apply(const Context& context, const ListCases&) {
  const ActingStaff who = acting_staff(context);
  if (!who.staff) return refused(who.why, Rule::actor);
  Effects effects(context);
  std::vector<Case> found;
  for (const TeamId& team : context.state.rosters_with(who.staff->id)) {
    if (!may_receive(context.state, {RecipientKind::team, team.value()}, *who.staff)) continue;
    for (const CaseId& id : context.state.cases_of_team(team)) {
      const Case& one = *context.state.find<Case>(id);
      if (!is_reconfirmed(context.state, one.person)) continue;
      effects.concern(one.person).subject = subject_of(id);
      found.push_back(one);
    }
  }
  std::sort(found.begin(), found.end(), [](const Case& a, const Case& b) { return a.id < b.id; });
  effects.answer(std::move(found));
  return std::move(effects).permit();
}

}  // namespace flikvakt::policy
