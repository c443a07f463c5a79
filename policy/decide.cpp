#include "policy/decide.h"

#include "policy/membership.h"
#include "policy/person_rules.h"
#include "policy/read_rules.h"

namespace flikvakt::policy {
namespace {

// Why each rule failed, by its number. Rules that could not be asked count as failed below a lower one that did.
struct Findings {
  std::array<Reason, 8> why{};

  Reason& operator[](Rule rule) { return why[static_cast<std::size_t>(rule)]; }
  bool is_only(Rule rule) const {
    for (std::size_t number = 1; number < why.size(); ++number) {
      if ((why[number] != Reason::none) != (static_cast<Rule>(number) == rule)) return false;
    }
    return true;
  }
  Decision decide(std::optional<FullmaktId> by) const {
    for (std::size_t number = 1; number < why.size(); ++number) {
      if (why[number] != Reason::none) return Decision::refuse(why[number], static_cast<Rule>(number));
    }
    return by ? Decision::permit(by) : Decision::refuse(Reason::error);
  }
};

bool is_open_to(const State& state, const Fullmakt& fullmakt, const Staff& staff) {
  return fullmakt.terms.rights.contains(Right::deposit) && is_recipient_of(state, fullmakt, staff);
}

// SPEC DEP-2: names the organisation as discloser for the flik, or gives it the right to deposit there.
bool receives_deposits(const State& state, const Fullmakt& fullmakt, const Staff& staff, const std::string& flik,
                       UtcTime now) {
  const FullmaktTerms& terms = fullmakt.terms;
  const bool runs = fullmakt.status == FullmaktStatus::active && terms.valid_from <= now && now < terms.valid_to;
  if (!runs || !terms.flikar.contains(flik)) return false;
  return terms.disclosers.contains(staff.organisation) || is_open_to(state, fullmakt, staff);
}

}  // namespace

ReadGrant grant_read(const State& state, const ReadRequest& request, UtcTime now) {
  Findings failed;
  const Document* document = state.find<Document>(request.document);
  failed[Rule::actor] = rule_1_actor(state, request.reader, now);
  failed[Rule::document] = rule_2_document(state, document);
  const Staff* staff = state.find<Staff>(request.reader.staff);
  const Organisation* organisation = state.find<Organisation>(request.reader.organisation);
  if (!document || !staff || !organisation) return {failed.decide({}), {}};

  const ReadCase read{state, *staff, *organisation, *document, request.purpose, now};
  failed[Rule::sparr] = rule_3_sparr(read, document->person);
  const FullmaktChoice choice = choose_fullmakt(read, document->person);
  if (!choice.fullmakt) failed[choice.rule] = choice.reason;
  OthersChoice others = rule_6_other_subjects(read);
  failed[Rule::other_subjects] = others.reason;
  const Decision decision = failed.decide(choice.fullmakt ? std::optional(choice.fullmakt->id) : std::nullopt);
  if (!decision.is_permitted()) return {decision, {}, failed.is_only(Rule::sparr)};
  return {decision, std::move(others.fullmakter)};
}

Decision decide_read(const State& state, const ReadRequest& request, UtcTime now) {
  return grant_read(state, request, now).decision;
}

Reason rule_2_document(const State& state, const Document* document) {
  if (!document || !state.find<Person>(document->person)) return Reason::unknown;
  if (document->status != DocumentStatus::sealed) return Reason::not_in_force;
  const FlikType* type = state.find<FlikType>(document->facts.flik);
  const bool is_open = type && type->standing == Standing::active && is_current(state, type->epoch);
  if (!is_open) return Reason::flik_unknown;
  return type->only_person.value_or(false) ? Reason::only_person : Reason::none;  // SPEC RULE-8
}

Decision decide_own_read(const State& state, const PersonActor& reader, const DocumentId& id, UtcTime now) {
  const Reason actor = person_may_act(state, reader, RepresentativePower::see, now);
  if (actor != Reason::none) return Decision::refuse(actor, Rule::actor);
  const Document* document = state.find<Document>(id);
  if (!document) return Decision::refuse(Reason::unknown, Rule::document);
  if (document->person != reader.person) return Decision::refuse(Reason::other_person, Rule::document);
  if (document->status != DocumentStatus::sealed) return Decision::refuse(Reason::not_in_force, Rule::document);
  if (is_withheld(*document, now)) return Decision::refuse(Reason::withheld, Rule::document);
  return Decision::permit();
}

namespace {

// SPEC CONT-3: only the fullmakter that it was opened under carry a reading on; no other steps in.
bool still_carries(const ReadCase& read, const std::optional<FullmaktId>& id, const PersonId& person,
                   Findings& failed) {
  const Fullmakt* fullmakt = id ? read.state.find<Fullmakt>(*id) : nullptr;
  if (!fullmakt || fullmakt->person != person) {
    failed[Rule::fullmakt] = Reason::no_fullmakt;
    return false;
  }
  failed[Rule::fullmakt] = rule_4_fullmakt(read, *fullmakt);
  failed[Rule::provider] = rule_5_provider(read.state, read.organisation, *fullmakt, read.now);
  return failed[Rule::fullmakt] == Reason::none && failed[Rule::provider] == Reason::none;
}

bool others_still_agree(const ReadCase& read, const Reading& reading) {
  if (read.document.masking) return true;
  for (const PersonId& other : read.document.facts.other_subjects) {
    bool carries = false;
    for (const FullmaktId& id : reading.others) {
      Findings ignored;
      carries = carries || still_carries(read, id, other, ignored);
    }
    if (!carries || rule_3_sparr(read, other) != Reason::none) return false;
  }
  return true;
}

Decision continue_staff_reading(const State& state, const Reading& reading, const StaffActor& reader, UtcTime now) {
  Findings failed;
  const Document* document = state.find<Document>(reading.document);
  const Staff* staff = state.find<Staff>(reader.staff);
  const Organisation* organisation = state.find<Organisation>(reader.organisation);
  failed[Rule::actor] = rule_1_actor(state, reader, now);
  if (reading.staff != reader.staff || reading.organisation != reader.organisation) {
    failed[Rule::actor] = Reason::not_entitled;
  }
  failed[Rule::document] = rule_2_document(state, document);
  if (!document || !staff || !organisation) return failed.decide({});

  const ReadCase read{state, *staff, *organisation, *document, reading.purpose, now};
  failed[Rule::sparr] = rule_3_sparr(read, document->person);
  still_carries(read, reading.fullmakt, document->person, failed);
  if (!others_still_agree(read, reading)) failed[Rule::other_subjects] = Reason::others_not_consented;
  return failed.decide(reading.fullmakt);
}

}  // namespace

Decision decide_continue(const State& state, const Reading& reading, const Actor& reader, UtcTime now) {
  if (const StaffActor* staff = std::get_if<StaffActor>(&reader)) {
    return continue_staff_reading(state, reading, *staff, now);
  }
  const PersonActor* person = std::get_if<PersonActor>(&reader);
  const bool is_own = person && !reading.fullmakt && !reading.staff && reading.person == person->person;
  if (!is_own) return Decision::refuse(Reason::not_entitled, Rule::actor);
  return decide_own_read(state, *person, reading.document, now);
}

Decision decide_deposit(const State& state, const StaffActor& depositor, const PersonId& person,
                        const std::string& flik, UtcTime now) {
  const Reason actor = rule_1_actor(state, depositor, now);
  if (actor != Reason::none) return Decision::refuse(actor, Rule::actor);
  const Reason giver = check_giver(state, person);
  if (giver != Reason::none) return Decision::refuse(giver, Rule::fullmakt);
  const Staff& staff = *state.find<Staff>(depositor.staff);
  const Organisation& organisation = *state.find<Organisation>(depositor.organisation);

  Decision best = Decision::refuse(Reason::no_fullmakt, Rule::fullmakt);
  const Fullmakt* chosen = nullptr;
  for (const FullmaktId& id : state.fullmakter_of(person)) {
    const Fullmakt& candidate = *state.find<Fullmakt>(id);
    if (!receives_deposits(state, candidate, staff, flik, now)) continue;
    const Reason provider = rule_5_provider(state, organisation, candidate, now);
    if (provider != Reason::none) {
      if (!chosen) best = Decision::refuse(provider, Rule::provider);
      continue;
    }
    const bool is_better = !chosen || candidate.terms.valid_to > chosen->terms.valid_to ||
                           (candidate.terms.valid_to == chosen->terms.valid_to && candidate.id < chosen->id);
    if (is_better) chosen = &candidate;
  }
  return chosen ? Decision::permit(chosen->id) : best;
}

}  // namespace flikvakt::policy
