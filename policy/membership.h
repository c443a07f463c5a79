// Whom a recipient of a fullmakt or a Sparr means. Membership is evaluated at the moment of the question.
#pragma once

#include "policy/state.h"

namespace flikvakt::policy {

bool is_current(const State& state, std::uint32_t epoch);  // of this life of the log, not from before a restore

// May this staff member receive what is opened to `recipient`? Closed by any doubt: a suspended unit or team, a roster
// entry that lacks one of its two acts or was not re-attested.
bool may_receive(const State& state, const Recipient& recipient, const Staff& staff);

// Is the fullmakt open to this staff member through one of its recipients? Who gave it up is none. SPEC RULE-18
bool is_recipient_of(const State& state, const Fullmakt& fullmakt, const Staff& staff);

// Is this staff member meant by a Sparr against `recipient`? Here doubt blocks: standing and epochs do not matter.
bool is_meant(const State& state, const Recipient& recipient, const Staff& staff);

bool is_active(const State& state, const Recipient& recipient);

// Is the organisation a recipient: itself, through a unit or staff member, or through anyone in a team?
bool receives(const State& state, const FullmaktTerms& terms, const OrganisationId& organisation);

// The same over every fullmakt of the person that is open or could be opened again by resuming.
bool receives_from(const State& state, const PersonId& person, const OrganisationId& organisation, UtcTime now);

// Active, accepted and current, and so is its organisation; nullptr: there is no such team at work.
const Team* find_working(const State& state, const TeamId& team);

// Lead or deputy of the team, by a roster entry that both sides made.
bool leads(const State& state, const TeamId& team, const StaffId& staff);
// The same, and the entry was made or re-attested in this life of the log.
bool leads_now(const State& state, const TeamId& team, const StaffId& staff);

// How many of the team's roster entries both sides have made.
std::uint32_t complete_entries(const State& state, const TeamId& team);

}  // namespace flikvakt::policy
