// The life of a fullmakt, shared by the acts of the person and those on paper.
// spec/fullmakt.md has the tables of states.
#pragma once

#include "policy/effects.h"

namespace flikvakt::policy {

struct NewFullmakt {
  FullmaktId id;
  PersonId person;
  const FullmaktTerms& terms;
  const std::string& text;
  EvidenceKind evidence;
  std::optional<RequestId> request = {};
  std::optional<TemplateId> based_on = {};
};
// Reason::none: entered, and the one that it supersedes is superseded.
Reason enter_fullmakt(const Context& context, Effects& effects, const NewFullmakt& fresh);

// Pausing, revoking, expiring, superseding: applies to whatever stands, and changes nothing where nothing is narrowed.
void change_status(const Context& context, Effects& effects, const FullmaktId& id, FullmaktStatus to);
// A fullmakt of that id that the person, a representative or registrars proposed, and that waits for a second, waits no
// more. False: there is none.
bool end_waiting(const Context& context, Effects& effects, const PersonId& person, const FullmaktId& id);
bool may_narrow_to(FullmaktStatus from, FullmaktStatus to);

}  // namespace flikvakt::policy
