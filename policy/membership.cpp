#include "policy/membership.h"

#include <algorithm>

namespace flikvakt::policy {
namespace {

template <class T>
const T* find_active(const State& state, const typename T::Key& key) {
  const T* found = state.find<T>(key);
  return found && found->standing == Standing::active ? found : nullptr;
}

const RosterEntry* complete_entry(const State& state, const TeamId& team, const StaffId& staff) {
  const RosterEntry* entry = state.find<RosterEntry>({team, staff});
  return entry && entry->is_complete() ? entry : nullptr;
}

bool has_member_from(const State& state, const TeamId& team, const OrganisationId& organisation) {
  for (const StaffId& id : state.roster_of(team)) {
    const Staff* staff = state.find<Staff>(id);
    if (staff && staff->organisation == organisation) return true;
  }
  return false;
}

template <class T>
bool is_of(const T* found, const OrganisationId& organisation) {
  return found && found->organisation == organisation;
}

bool is_part_of(const State& state, const Recipient& recipient, const OrganisationId& organisation) {
  switch (recipient.kind) {
    case RecipientKind::organisation:
      return OrganisationId(recipient.id) == organisation;
    case RecipientKind::unit:
      return is_of(state.find<Unit>(UnitId(recipient.id)), organisation);
    case RecipientKind::staff:
      return is_of(state.find<Staff>(StaffId(recipient.id)), organisation);
    case RecipientKind::team: {
      const TeamId team(recipient.id);
      return is_of(state.find<Team>(team), organisation) || has_member_from(state, team, organisation);
    }
  }
  return true;
}

}  // namespace

bool is_current(const State& state, std::uint32_t epoch) { return epoch == state.instance().epoch; }

const Team* find_working(const State& state, const TeamId& id) {
  const Team* team = find_active<Team>(state, id);
  const Organisation* organisation = team ? find_active<Organisation>(state, team->organisation) : nullptr;
  const bool works =
      organisation && team->accepted_by && is_current(state, team->epoch) && is_current(state, organisation->epoch);
  return works ? team : nullptr;
}

bool may_receive(const State& state, const Recipient& recipient, const Staff& staff) {
  switch (recipient.kind) {
    case RecipientKind::organisation:
      return staff.organisation == OrganisationId(recipient.id);
    case RecipientKind::staff:
      return staff.id == StaffId(recipient.id);
    case RecipientKind::unit: {
      const Unit* unit = find_active<Unit>(state, UnitId(recipient.id));
      return staff.unit == UnitId(recipient.id) && unit && is_current(state, unit->epoch);
    }
    case RecipientKind::team: {
      const RosterEntry* entry = complete_entry(state, TeamId(recipient.id), staff.id);
      return find_working(state, TeamId(recipient.id)) && entry && is_current(state, entry->epoch);
    }
  }
  return false;
}

bool is_recipient_of(const State& state, const Fullmakt& fullmakt, const Staff& staff) {
  const std::vector<Recipient>& gone = fullmakt.relinquished;
  for (const Recipient& recipient : fullmakt.terms.recipients) {
    if (!gone.empty() && std::ranges::binary_search(gone, recipient)) continue;
    if (may_receive(state, recipient, staff)) return true;
  }
  return false;
}

bool is_meant(const State& state, const Recipient& recipient, const Staff& staff) {
  switch (recipient.kind) {
    case RecipientKind::organisation:
      return staff.organisation == OrganisationId(recipient.id);
    case RecipientKind::staff:
      return staff.id == StaffId(recipient.id);
    case RecipientKind::unit:
      return staff.unit == UnitId(recipient.id);
    case RecipientKind::team:
      return complete_entry(state, TeamId(recipient.id), staff.id) != nullptr;
  }
  return true;
}

bool is_active(const State& state, const Recipient& recipient) {
  switch (recipient.kind) {
    case RecipientKind::organisation:
      return find_active<Organisation>(state, OrganisationId(recipient.id));
    case RecipientKind::unit:
      return find_active<Unit>(state, UnitId(recipient.id));
    case RecipientKind::staff:
      return find_active<Staff>(state, StaffId(recipient.id));
    case RecipientKind::team: {
      const Team* team = find_active<Team>(state, TeamId(recipient.id));
      return team && team->accepted_by;
    }
  }
  return false;
}

bool receives(const State& state, const FullmaktTerms& terms, const OrganisationId& organisation) {
  for (const Recipient& recipient : terms.recipients) {
    if (is_part_of(state, recipient, organisation)) return true;
  }
  return false;
}

bool receives_from(const State& state, const PersonId& person, const OrganisationId& organisation, UtcTime now) {
  for (const FullmaktId& id : state.fullmakter_of(person)) {
    const Fullmakt* fullmakt = state.find<Fullmakt>(id);
    const bool may_open = fullmakt->status == FullmaktStatus::active || fullmakt->status == FullmaktStatus::paused;
    if (may_open && now < fullmakt->terms.valid_to && receives(state, fullmakt->terms, organisation)) return true;
  }
  return false;
}

bool leads(const State& state, const TeamId& team, const StaffId& staff) {
  const RosterEntry* entry = complete_entry(state, team, staff);
  return entry && (entry->role == TeamRole::lead || entry->role == TeamRole::deputy);
}

bool leads_now(const State& state, const TeamId& team, const StaffId& staff) {
  return leads(state, team, staff) && is_current(state, complete_entry(state, team, staff)->epoch);
}

std::uint32_t complete_entries(const State& state, const TeamId& team) {
  std::uint32_t count = 0;
  for (const StaffId& staff : state.roster_of(team)) {
    if (complete_entry(state, team, staff)) ++count;
  }
  return count;
}

}  // namespace flikvakt::policy
