// Rules 1 to 7 of spec/decision-rules.md, one function each. Each answers why it fails, or Reason::none when it holds.
#pragma once

#include <string_view>

#include "policy/evaluate.h"

namespace flikvakt::policy {

// Whether an old epoch counts. After a restore nothing opens until it is re-attested, but narrowing works at once.
enum class Epochs { must_be_current, any };

Reason rule_1_actor(const State& state, const StaffActor& actor, UtcTime now, Epochs epochs = Epochs::must_be_current);
Reason rule_2_document(const State& state, const Document* document);

// What rules 3 to 7 look at: rule 1 and 2 have found these rows.
struct ReadCase {
  const State& state;
  const Staff& staff;
  const Organisation& organisation;
  const Document& document;
  std::string_view purpose;
  UtcTime now;
};
Reason rule_3_sparr(const ReadCase& read, const PersonId& person);
Reason rule_4_fullmakt(const ReadCase& read, const Fullmakt& fullmakt);
Reason rule_5_provider(const State& state, const Organisation& organisation, const Fullmakt& fullmakt, UtcTime now);
// The part of rule 5 that is about the kontrakt: a part of it runs for the provider, who is authorised for its area.
Reason kontrakt_runs_for(const State& state, const Kontrakt* kontrakt, const OrganisationId& provider, UtcTime now);
Reason rule_7_use_limit(const Fullmakt& fullmakt);

// Rules 4, 5 and 7 must hold for one and the same fullmakt of the person: the one that does, or how far the best came.
struct FullmaktChoice {
  const Fullmakt* fullmakt = nullptr;
  Rule rule = Rule::fullmakt;
  Reason reason = Reason::no_fullmakt;
};
FullmaktChoice choose_fullmakt(const ReadCase& read, const PersonId& person);

// A permit names the fullmakt that each other data subject gave: they are used up along with the deciding one.
struct OthersChoice {
  Reason reason = Reason::none;
  std::set<FullmaktId> fullmakter;
};
OthersChoice rule_6_other_subjects(const ReadCase& read);

// The first of the versions that replaced one another. INVARIANT (versions): each replaces a lower version, so it ends.
DocumentId first_version(const State& state, const DocumentId& id);

// SPEC OVERVIEW-4: all that hangs on the fullmakt and its giver, whoever asks for what.
bool is_in_force(const State& state, const Fullmakt& fullmakt, UtcTime now);

bool is_reconfirmed(const State& state, const PersonId& person);
// SPEC RULE-17, RULE-19: none when what the person gave counts at all.
Reason check_giver(const State& state, const PersonId& person);

}  // namespace flikvakt::policy
