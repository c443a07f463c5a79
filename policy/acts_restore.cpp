// A restore, and what follows: nothing old opens anything. Step by step each level says again who belongs to it.
#include "policy/effects.h"
#include "policy/membership.h"
#include "policy/who.h"

namespace flikvakt::policy {
namespace {

// Raises the epoch of each named row that is the organisation's and active; false when one is not.
template <class T>
bool reattest(const Context& context, Effects& effects, const std::set<typename T::Key>& keys,
              const OrganisationId& organisation) {
  for (const auto& key : keys) {
    const T* found = context.state.find<T>(key);
    if (!found || found->organisation != organisation || found->standing != Standing::active) return false;
    T current = *found;
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
                   reattest<Staff>(context, effects, act.officers, act.organisation);
  return all ? std::move(effects).permit() : refused(Reason::unknown);
}

Outcome apply(const Context& context, const ReattestStaff& act) {
  const ActingStaff who = acting_staff(context);
  if (!who.staff) return refused(who.why, Rule::actor);
  if (!who.is(StaffRole::roster_officer)) return refused(Reason::not_entitled);
  Effects effects(context);
  if (!reattest<Staff>(context, effects, act.staff, who.staff->organisation)) return refused(Reason::unknown);
  for (const StaffId& id : act.staff) {
    for (const TeamId& team : context.state.rosters_with(id)) {
      RosterEntry entry = *context.state.find<RosterEntry>({team, id});
      entry.epoch = context.epoch();
      effects.put(std::move(entry));
    }
  }
  return std::move(effects).permit();
}

namespace {

// SPEC ACT-44: the new log begins with everything that stands; what is half-made or open is not carried over.
template <class T>
void carry_over(const Context& context, Effects& effects) {
  if constexpr (std::is_same_v<T, Proposal> || std::is_same_v<T, Reading>) {
    for (const auto& [key, row] : context.state.all<T>()) effects.erase<T>(key);
  } else if constexpr (!std::is_same_v<T, Instance>) {
    for (const auto& [key, row] : context.state.all<T>()) effects.put(row);
  }
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
  effects.put(std::move(fresh));
  [&]<class... T>(std::type_identity<std::variant<T...>>) {
    (carry_over<T>(context, effects), ...);
  }(std::type_identity<RowVariant>{});
  for (const auto& [id, person] : context.state.all<Person>()) effects.concern(id);
  return std::move(effects).permit();
}

}  // namespace flikvakt::policy
