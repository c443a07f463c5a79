// A restore, and what follows: nothing old opens anything. Step by step each level says again who belongs to it.
#include "policy/effects.h"
#include "policy/membership.h"
#include "policy/who.h"

namespace flikvakt::policy {
namespace {

// Raises the epoch of each named row that is active and, when one is given, the organisation's; false when one is not.
template <class T>
bool reattest(const Context& context, Effects& effects, const std::set<typename T::Key>& keys,
              const std::optional<OrganisationId>& organisation = {}) {
  for (const auto& key : keys) {
    const T* found = context.state.find<T>(key);
    if (!found || found->standing != Standing::active) return false;
    if constexpr (requires { found->organisation; }) {
      if (found->organisation != organisation) return false;
    }
    T current = *found;
    // SPEC LIST-4: telling may have been turned off since the backup.
    if constexpr (std::is_same_v<T, FlikType>) current.tells_blocked &= current.epoch == context.epoch();
    current.epoch = context.epoch();
    effects.put(std::move(current));
  }
  return true;
}

bool are_officers(const State& state, const std::set<StaffId>& staff) {
  for (const StaffId& id : staff) {
    const Staff* found = state.find<Staff>(id);
    if (!found || !found->roles.contains(StaffRole::roster_officer)) return false;
  }
  return true;
}

}  // namespace

Outcome apply(const Context& context, const ReattestOrganisation& act) {
  const Reason who = must_be_administrator(context);
  if (who != Reason::none) return refused(who);
  const Organisation* found = context.state.find<Organisation>(act.organisation);
  if (!found || found->standing != Standing::active || !are_officers(context.state, act.officers)) {
    return refused(Reason::unknown);
  }
  Effects effects(context);
  Organisation current = *found;
  current.epoch = context.epoch();
  effects.put(std::move(current));
  const bool all = reattest<Certificate>(context, effects, act.certificates, act.organisation) &&
                   reattest<AssertionKey>(context, effects, act.assertion_keys, act.organisation) &&
                   reattest<Staff>(context, effects, act.officers, act.organisation) &&
                   reattest<Unit>(context, effects, act.units, act.organisation) &&
                   reattest<Team>(context, effects, act.teams, act.organisation) &&
                   reattest<Authorisation>(context, effects, act.authorisations, act.organisation);
  return all ? std::move(effects).permit() : refused(Reason::unknown);
}

Outcome apply(const Context& context, const ReattestCatalogue& act) {
  const Reason who = must_be_administrator(context);
  if (who != Reason::none) return refused(who);
  Effects effects(context);
  const bool all =
      reattest<Issuer>(context, effects, act.issuers) && reattest<FlikType>(context, effects, act.flik_types);
  return all ? std::move(effects).permit() : refused(Reason::unknown);
}

Outcome apply(const Context& context, const ReattestKontrakt& act) {
  Effects effects(context);
  bool all = true;
  for (const KontraktId& id : act.kontrakt) {
    const Kontrakt* found = context.state.find<Kontrakt>(id);
    all = all && found && found->standing == Standing::active;
    if (!found) continue;
    effects.concern(found->person).subject = subject_of(id);
    Kontrakt current = *found;
    current.epoch = context.epoch();
    effects.put(std::move(current));
  }
  const Reason who = must_be_administrator(context);
  if (who != Reason::none) return std::move(effects).refuse(who);
  return all ? std::move(effects).permit() : std::move(effects).refuse(Reason::unknown);
}

Outcome apply(const Context& context, const ReattestStaff& act) {
  const ActingStaff who = acting_staff(context);
  if (!who.staff) return refused(who.why, Rule::actor);
  if (!who.is(StaffRole::roster_officer)) return refused(Reason::not_entitled);
  Effects effects(context);
  if (!reattest<Staff>(context, effects, act.staff, who.staff->organisation)) return refused(Reason::unknown);
  for (const RosterPlace& place : act.roster) {
    const Staff* member = context.state.find<Staff>(place.staff);
    const RosterEntry* found = context.state.find<RosterEntry>({place.team, place.staff});
    const bool is_own = member && member->organisation == who.staff->organisation;
    if (!is_own || !found || !found->is_complete()) return refused(Reason::unknown);
    RosterEntry entry = *found;
    entry.epoch = context.epoch();
    effects.put(std::move(entry));
  }
  return std::move(effects).permit();
}

namespace {

// SPEC ACT-44: the new log begins with everything that stands; what is half-made or open is not carried over.
template <class T>
void carry_over(const Context& context, Effects& effects) {
  if constexpr (std::is_same_v<T, Proposal> || std::is_same_v<T, Reading> || std::is_same_v<T, Pruning>) {
    for (const auto& [key, row] : context.state.all<T>()) effects.erase<T>(key);
  } else if constexpr (!std::is_same_v<T, Instance> && !std::is_same_v<T, Administrator>) {
    for (const auto& [key, row] : context.state.all<T>()) effects.put(row);
  }
}

// SPEC ACT-46: who was removed after the backup was made is not back by it: only those who are named go on.
bool carry_over_administrators(const Context& context, Effects& effects, const std::set<AdministratorId>& named) {
  std::size_t active = 0;
  for (const auto& [id, row] : context.state.all<Administrator>()) {
    Administrator one = row;
    const bool goes_on = named.contains(id) && one.standing == Standing::active;
    if (goes_on) ++active;
    if (!goes_on && one.standing == Standing::active) one.standing = Standing::suspended;
    effects.put(std::move(one));
  }
  return active >= 2 && active == named.size();
}

}  // namespace

Outcome apply(const Context& context, const Restore& act) {
  const Reason who = must_be_system(context);
  if (who != Reason::none) return refused(who);
  const Instance* old = context.state.find<Instance>("instance");
  if (!old || act.origin.empty() || act.origin == old->origin || act.old_head.empty())
    return refused(Reason::wrong_state);
  Effects effects(context);
  Instance fresh = *old;
  ++fresh.epoch;
  fresh.origin = act.origin;
  fresh.restored_from = act.old_head;
  fresh.since = std::chrono::floor<std::chrono::seconds>(context.now());
  fresh.names_staff_since.reset();  // SPEC LOGV-11
  effects.put(std::move(fresh));
  if (!carry_over_administrators(context, effects, act.administrators)) return refused(Reason::terms_invalid);
  [&]<class... T>(std::type_identity<boost::variant2::variant<T...>>) {
    (carry_over<T>(context, effects), ...);
  }(std::type_identity<RowVariant>{});
  for (const auto& [id, person] : context.state.all<Person>()) effects.concern(id);
  return std::move(effects).permit();
}

}  // namespace flikvakt::policy
