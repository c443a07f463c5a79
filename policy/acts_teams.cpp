// Teams: a Konsultation's people, each entered by two sides and taken out by either.
#include <algorithm>

#include "policy/effects.h"
#include "policy/membership.h"
#include "policy/who.h"

namespace flikvakt::policy {
namespace {

constexpr std::size_t kSizesKept = 64;

// SPEC ROSTER-5: for every roster entry that changes; `after` is null when the entry goes. Says whether the size did.
bool note_size(const Context& context, Team& team, const StaffId& staff, const RosterEntry* after) {
  const RosterEntry* before = context.state.find<RosterEntry>({team.id, staff});
  const bool was_in = before && before->is_complete();
  const bool is_in = after && after->is_complete();
  if (was_in == is_in) return false;
  const std::uint32_t people = complete_entries(context.state, team.id);
  team.sizes.push_back({context.now(), is_in ? people + 1 : people - 1});
  if (team.sizes.size() > kSizesKept) team.sizes.erase(team.sizes.begin());
  return true;
}

bool is_officer_for(const ActingStaff& who, const Staff& member) {
  return who.is(StaffRole::roster_officer) && who.staff->organisation == member.organisation;
}

// A yes of someone who has left the place it was given from does not count any more.
bool still_counts(const Context& context, const RosterEntry& entry) {
  const bool officer = !entry.officer || still_stands(context.state, *entry.officer, StaffRole::roster_officer);
  const bool lead =
      !entry.lead || (still_stands(context.state, *entry.lead) && leads_now(context.state, entry.team, *entry.lead));
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
  const RosterEntry lead{found->id, found->lead, TeamRole::lead, who.staff->id, found->lead, context.epoch()};
  note_size(context, accepted, found->lead, &lead);
  effects.put(lead);
  effects.put(std::move(accepted));
  return std::move(effects).permit();
}

Outcome apply(const Context& context, const RosterAdd& act) {
  const ActingStaff who = acting_staff(context);
  if (!who.staff) return refused(who.why, Rule::actor);
  const Reason why = check_addition(context, act);
  if (why != Reason::none) return refused(why);
  const bool as_officer = is_officer_for(who, *context.state.find<Staff>(act.staff));
  const bool as_lead = leads_now(context.state, act.team, who.staff->id);
  if (!as_officer && !as_lead) return refused(Reason::not_entitled);
  RosterEntry entry = entry_to_complete(context, act);
  const Reason twice = add_yes(entry, who.staff->id, as_officer, as_lead);
  if (twice != Reason::none) return refused(twice);
  Effects effects(context);
  Team team = *context.state.find<Team>(act.team);
  if (note_size(context, team, act.staff, &entry)) effects.put(std::move(team));
  effects.put(std::move(entry));
  return std::move(effects).permit();
}

Outcome apply(const Context& context, const RosterRemove& act) {
  const ActingStaff who = acting_staff(context, Epochs::any);
  if (!who.staff) return refused(who.why, Rule::actor);
  const Staff* member = context.state.find<Staff>(act.staff);
  const Team* found = context.state.find<Team>(act.team);
  if (!member || !found) return refused(Reason::unknown);
  if (!is_officer_for(who, *member) && !leads(context.state, act.team, who.staff->id))
    return refused(Reason::not_entitled);
  Effects effects(context);
  if (!context.state.find<RosterEntry>({act.team, act.staff})) return std::move(effects).permit();
  Team team = *found;
  if (note_size(context, team, act.staff, nullptr)) effects.put(std::move(team));
  effects.erase<RosterEntry>({act.team, act.staff});
  return std::move(effects).permit();
}

}  // namespace flikvakt::policy
