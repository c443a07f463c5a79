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
ActingStaff acting_registrar(const Context& context);

// The acting person, with a key that may act (widen, read) or at least narrow.
struct ActingPerson {
  Reason why = Reason::not_entitled;
  const Person* person = nullptr;
};
ActingPerson acting_person(const Context& context);
ActingPerson narrowing_person(const Context& context);
// Widening: the key may act, and the state is the one that the person saw.
ActingPerson widening_person(const Context& context);

// A proposer who is no longer in place cannot be the first of two.
bool still_stands(const State& state, const StaffId& staff, StaffRole role);
bool still_stands(const State& state, const StaffId& staff);

}  // namespace flikvakt::policy
