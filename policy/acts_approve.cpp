// The second of two acts by different people: the waiting act is decided again, now, and carried out.
#include <algorithm>

#include "policy/effects.h"
#include "policy/person_rules.h"
#include "policy/who.h"

namespace flikvakt::policy {
namespace {

Reason check_administrators(const Context& context, const Proposal& proposal) {
  const Reason who = must_be_administrator(context);
  if (who != Reason::none) return who;
  if (std::get<AdministratorActor>(context.actor).administrator == *proposal.administrator) return Reason::same_person;
  const Administrator* first = context.state.find<Administrator>(*proposal.administrator);
  return first && first->standing == Standing::active ? Reason::none : Reason::actor_not_active;
}

Reason check_staff(const Context& context, const Proposal& proposal) {
  const ActingStaff who = acting_staff(context);
  if (!who.staff) return who.why;
  if (who.staff->id == *proposal.staff) return Reason::same_person;
  return still_stands(context.state, *proposal.staff) ? Reason::none : Reason::actor_not_active;
}

// SPEC REP-9: another one who acts jointly for the same person; the first, and the key it was signed with, still count.
Reason check_representatives(const Context& context, const Proposal& proposal) {
  const auto* actor = std::get_if<PersonActor>(&context.actor);
  if (!actor || !acts_jointly(context.state, *actor)) return Reason::not_entitled;
  const PersonActor first{*proposal.person, *proposal.key_used, *proposal.role};
  const Reason why = person_may_act(context.state, first, RepresentativePower::consent, context.now());
  if (why != Reason::none) return Reason::actor_not_active;
  const bool is_same = acting_person_of(context.state, first) == acting_person_of(context.state, *actor);
  return is_same ? Reason::same_person : Reason::none;
}

// SPEC ACT-5: the two are different people, and the first is still in place.
Reason check_pair(const Context& context, const Proposal& proposal) {
  if (proposal.administrator) return check_administrators(context, proposal);
  if (proposal.staff) return check_staff(context, proposal);
  if (proposal.role) return check_representatives(context, proposal);
  return Reason::error;
}

// SPEC ACT-47: what is approved is what waits, word for word, and not another act that came under the same id.
bool is_what_waits(const Approve& act, const Proposal& proposal) {
  const Result<Act> meant = parse_act(act.act);
  return meant && to_text(act_to_json(*meant)) == proposal.act;
}

// SPEC ACT-45: what the person changed since, a revocation above all, ends what waits in the person's name: all that
// two staff or two representatives do. A masking is the source's own.
bool has_person_moved_on(const Context& context, const Proposal& proposal, const Act& waiting) {
  if (proposal.administrator || holds_alternative<RecordMasking>(waiting)) return false;
  const Person* person = proposal.person ? context.state.find<Person>(*proposal.person) : nullptr;
  return !person || proposal.consent_version != person->consent_version;
}

Outcome read_as_administrator(const Context& context, const ReadProposals& act) {
  std::vector<Proposal> found;
  for (const auto& [id, proposal] : context.state.all<Proposal>()) {
    const bool is_asked_for = !act.proposal || *act.proposal == id;
    if (proposal.administrator && is_asked_for && context.now() < proposal.expires) found.push_back(proposal);
  }
  if (act.proposal && found.empty()) return refused(Reason::unknown);
  std::ranges::sort(found, {}, &Proposal::id);
  Effects effects(context);
  for (const Proposal& proposal : found) {
    if (proposal.person) effects.concern(*proposal.person);
  }
  effects.answer(std::move(found));
  return std::move(effects).permit();
}

bool could_be_second(const ActingStaff& who, const Proposal& proposal, const Act& waiting) {
  if (holds_alternative<RecordMasking>(waiting)) return who.staff->organisation == proposal.organisation;
  return who.is(StaffRole::registrar) && who.staff->organisation != proposal.organisation;
}

Outcome read_as_staff(const Context& context, const ReadProposals& act) {
  Effects effects(context);
  const Proposal* proposal = act.proposal ? context.state.find<Proposal>(*act.proposal) : nullptr;
  if (proposal && proposal->person) effects.concern(*proposal->person);
  const ActingStaff who = acting_staff(context);
  if (!who.staff) return std::move(effects).refuse(who.why, Rule::actor);
  if (!proposal || !proposal->staff || context.now() >= proposal->expires)
    return std::move(effects).refuse(Reason::unknown);
  const Result<Act> waiting = parse_proposal(*proposal);
  if (!waiting) return std::move(effects).refuse(Reason::error);
  const bool is_own = who.staff->id == *proposal->staff;
  if (!is_own && !could_be_second(who, *proposal, *waiting)) return std::move(effects).refuse(Reason::not_entitled);
  effects.answer(std::vector<Proposal>{*proposal});
  return std::move(effects).permit();
}

Outcome decide_again(const Context& context, const Proposal& proposal, const Act& waiting) {
  const Context second{context.state, context.actor, context.moment, context.prepared, &proposal};
  Outcome out = visit([&](const auto& one) { return apply(second, one); }, waiting);
  const RowId done = row_id_of<Proposal>(proposal.id);
  const bool is_gone = std::ranges::find(out.erases, done) != out.erases.end();  // with the person it concerned
  if (out.decision.is_permitted() && !is_gone) out.erases.push_back(done);
  return out;
}

// SPEC ACT-58. The pointer is set exactly when the reason is none.
struct Withdrawable {
  Reason why = Reason::unknown;
  Rule rule = Rule::none;
  const Proposal* proposal = nullptr;
};

Withdrawable find_withdrawable(const Context& context, const Proposal* proposal) {
  if (std::holds_alternative<PersonActor>(context.actor)) {
    const ActingPerson who = narrowing_person(context);
    if (!who.person) return {who.why, Rule::actor, nullptr};
    if (!proposal || proposal->person != who.person->id) return {};
  } else if (std::holds_alternative<AdministratorActor>(context.actor)) {
    if (const Reason why = must_be_administrator(context); why != Reason::none) return {why, Rule::actor, nullptr};
    if (!proposal || !proposal->administrator) return {};
  } else {
    const ActingStaff who = acting_staff(context, Epochs::any);
    if (!who.staff) return {who.why, Rule::actor, nullptr};
    const bool is_theirs = proposal && proposal->staff && proposal->organisation == who.staff->organisation;
    if (!is_theirs) return {};
    const bool may = *proposal->staff == who.staff->id || who.is(StaffRole::registrar);
    if (!may) return {Reason::not_entitled, Rule::none, nullptr};
  }
  return {Reason::none, Rule::none, proposal};
}

}  // namespace

// SPEC ACT-48: staff who could be the second: of what takes two organisations, a registrar of another one; of a
// masking, a colleague. The person whom it concerns sees that it was read.
Outcome apply(const Context& context, const ReadProposals& act) {
  if (must_be_administrator(context) == Reason::none) return read_as_administrator(context, act);
  return read_as_staff(context, act);
}

Outcome apply(const Context& context, const Approve& act) {
  const Proposal* proposal = context.state.find<Proposal>(act.proposal);
  if (const auto* person = std::get_if<PersonActor>(&context.actor)) {
    Effects effects(context);
    effects.concern_actor();
    // Of another person, or of staff, looks like none.
    const bool is_theirs = proposal && proposal->role && proposal->person == person->person;
    if (!is_theirs) return std::move(effects).refuse(Reason::unknown);
  }
  if (!proposal) return refused(Reason::unknown);
  const Result<Act> waiting = parse_proposal(*proposal);
  if (!waiting || !(takes_two(*waiting) || proposal->role)) return refused(Reason::error);
  const Reason pair = check_pair(context, *proposal);
  Outcome out = decide_again(context, *proposal, *waiting);
  Reason why = pair;
  if (why == Reason::none && !is_what_waits(act, *proposal)) why = Reason::other_act;
  if (why == Reason::none && context.now() >= proposal->expires) why = Reason::expired;
  if (why == Reason::none && has_person_moved_on(context, *proposal, *waiting)) why = Reason::state_changed;
  if (why == Reason::none) return out;
  Outcome refusal = refused(why);
  refusal.concerns = std::move(out.concerns);
  return refusal;
}

Outcome apply(const Context& context, const WithdrawProposal& act) {
  Effects effects(context);
  effects.concern_actor();
  const Withdrawable found = find_withdrawable(context, context.state.find<Proposal>(act.proposal));
  if (!found.proposal) return std::move(effects).refuse(found.why, found.rule);
  if (found.proposal->person) effects.concern(*found.proposal->person).subject = subject_of(act.proposal);
  effects.erase<Proposal>(act.proposal);
  return std::move(effects).permit();
}

}  // namespace flikvakt::policy
