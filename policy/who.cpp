#include "policy/who.h"

#include "policy/membership.h"
#include "policy/person_rules.h"

namespace flikvakt::policy {

Reason must_be_administrator(const Context& context) {
  const AdministratorActor* actor = std::get_if<AdministratorActor>(&context.actor);
  if (!actor) return Reason::not_entitled;
  const Administrator* found = context.state.find<Administrator>(actor->administrator);
  if (!found) return Reason::actor_unknown;
  return found->standing == Standing::active ? Reason::none : Reason::actor_not_active;
}

Reason must_be_system(const Context& context) {
  return std::holds_alternative<SystemActor>(context.actor) ? Reason::none : Reason::not_entitled;
}

ActingStaff acting_staff(const Context& context, Epochs epochs) {
  const StaffActor* actor = std::get_if<StaffActor>(&context.actor);
  if (!actor) return {};
  const Reason why = rule_1_actor(context.state, *actor, context.now(), epochs);
  if (why != Reason::none) return {why, nullptr};
  return {Reason::none, context.state.find<Staff>(actor->staff)};
}

ActingStaff acting_registrar(const Context& context, Epochs epochs) {
  ActingStaff who = acting_staff(context, epochs);
  if (who.staff && !who.is(StaffRole::registrar)) return {Reason::not_entitled, nullptr};
  return who;
}

Reason check_two_for(const Context& context, const PersonId& person, const Staff& second) {
  return check_two_organisations(context, second, [&](const OrganisationId& id) {
    return receives_from(context.state, person, id, context.now());
  });
}

Decision registrars_may(const Context& context, const Person* person) {
  const ActingStaff who = acting_registrar(context);
  if (!who.staff) return Decision::refuse(who.why, Rule::actor);
  if (!person) return Decision::refuse(Reason::unknown);
  const Reason organisations = check_two_for(context, person->id, *who.staff);
  return organisations == Reason::none ? Decision::permit() : Decision::refuse(organisations);
}

namespace {

template <class May>
ActingPerson person_who(const Context& context, May may) {
  const PersonActor* actor = std::get_if<PersonActor>(&context.actor);
  if (!actor) return {};
  const Reason why = may(*actor);
  if (why != Reason::none) return {why, nullptr};
  return {Reason::none, context.state.find<Person>(actor->person)};
}

}  // namespace

ActingPerson acting_person(const Context& context, RepresentativePower power) {
  return person_who(
      context, [&](const PersonActor& actor) { return person_may_act(context.state, actor, power, context.now()); });
}

ActingPerson narrowing_person(const Context& context) {
  return person_who(context,
                    [&](const PersonActor& actor) { return person_may_narrow(context.state, actor, context.now()); });
}

ActingPerson widening_person(const Context& context) {
  ActingPerson who = acting_person(context);
  if (who.person && context.moment.seen_version != who.person->consent_version) return {Reason::state_changed, nullptr};
  return who;
}

bool still_stands(const State& state, const StaffId& id) {
  const Staff* staff = state.find<Staff>(id);
  const Organisation* organisation = staff ? state.find<Organisation>(staff->organisation) : nullptr;
  if (!organisation) return false;
  const bool active = staff->standing == Standing::active && organisation->standing == Standing::active;
  return active && is_current(state, staff->epoch) && is_current(state, organisation->epoch);
}

bool still_stands(const State& state, const StaffId& id, StaffRole role) {
  return still_stands(state, id) && state.find<Staff>(id)->roles.contains(role);
}

}  // namespace flikvakt::policy
