// Who may act, apart from reading: the questions that the acts begin with. Reason::none: may.
#pragma once

#include "policy/apply.h"
#include "policy/read_rules.h"

namespace flikvakt::policy {

Reason must_be_administrator(const Context& context);
Reason must_be_system(const Context& context);

// The acting staff member, after rule 1. The pointer is set exactly when the reason is none.
struct ActingStaff {
  Reason why = Reason::not_entitled;
  const Staff* staff = nullptr;
  bool is(StaffRole role) const { return staff && staff->roles.contains(role); }
};
ActingStaff acting_staff(const Context& context, Epochs epochs = Epochs::must_be_current);
ActingStaff acting_registrar(const Context& context, Epochs epochs = Epochs::must_be_current);

// SPEC PAPER-1: two organisations, at least one of which is no recipient. Asked only of the second of two: the first
// stands alone.
template <class IsRecipient>
Reason check_two_organisations(const Context& context, const Staff& second, IsRecipient is_recipient) {
  if (!context.first) return Reason::none;
  const OrganisationId first = context.first->organisation.value_or(second.organisation);
  if (first == second.organisation) return Reason::same_organisation;
  return is_recipient(first) && is_recipient(second.organisation) ? Reason::only_recipients : Reason::none;
}

// The same for what concerns all of a person's fullmakter: no recipient of any that is active or paused.
Reason check_two_for(const Context& context, const PersonId& person, const Staff& second);
// The same, with who acts and whether the person is known: nullptr is refused as unknown.
Decision registrars_may(const Context& context, const Person* person);

// The person whose rights are used, by a key of theirs or of a representative. acting: may act, a representative with
// this power; narrowing: may at least narrow, whatever the power.
struct ActingPerson {
  Reason why = Reason::not_entitled;
  const Person* person = nullptr;
};
ActingPerson acting_person(const Context& context, RepresentativePower power = RepresentativePower::consent);
ActingPerson narrowing_person(const Context& context);
// Widening: the key may act, and the state is the one that the person saw.
ActingPerson widening_person(const Context& context);

// The row of that id when it is this person's; nullptr: none, or another's, which looks the same.
template <class T>
const T* find_own(const State& state, const typename T::Key& id, const PersonId& person) {
  const T* found = state.find<T>(id);
  return found && found->person == person ? found : nullptr;
}

// A proposer who is no longer in place cannot be the first of two.
bool still_stands(const State& state, const StaffId& staff, StaffRole role);
bool still_stands(const State& state, const StaffId& staff);

}  // namespace flikvakt::policy
