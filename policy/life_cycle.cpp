#include "policy/life_cycle.h"

#include "policy/membership.h"
#include "policy/read_rules.h"
#include "policy/requests.h"
#include "policy/templates.h"
#include "policy/terms.h"

namespace flikvakt::policy {

// SPEC LIFE-1: a step towards `to` that leaves less open than `from`; a state that ended for good is never left.
bool may_narrow_to(FullmaktStatus from, FullmaktStatus to) {
  const bool runs = from == FullmaktStatus::active || from == FullmaktStatus::exhausted;
  switch (to) {
    case FullmaktStatus::paused:
      return runs;
    case FullmaktStatus::revoked:
      return runs || from == FullmaktStatus::paused;
    case FullmaktStatus::expired:
      return runs || from == FullmaktStatus::paused;
    case FullmaktStatus::superseded:
      return runs || from == FullmaktStatus::paused || from == FullmaktStatus::expired;
    case FullmaktStatus::relinquished:
      return runs || from == FullmaktStatus::paused;
    case FullmaktStatus::exhausted:
      return from == FullmaktStatus::active;
    case FullmaktStatus::active:
      return false;
  }
  return false;
}

void change_status(const Context& context, Effects& effects, const FullmaktId& id, FullmaktStatus to) {
  Fullmakt changed = *context.state.find<Fullmakt>(id);
  if (!may_narrow_to(changed.status, to)) return;
  changed.status = to;
  effects.put_consent(std::move(changed));
}

bool end_waiting(const Context& context, Effects& effects, const PersonId& person, const FullmaktId& id) {
  bool found = false;
  for (const auto& [proposal_id, proposal] : context.state.all<Proposal>()) {
    if (proposal.person != person) continue;
    const Result<Act> waiting = parse_proposal(proposal);
    const auto* on_paper = waiting ? get_if<PaperFullmakt>(&*waiting) : nullptr;
    const auto* is_signed = waiting ? get_if<SignFullmakt>(&*waiting) : nullptr;
    if (!(on_paper && on_paper->id == id) && !(is_signed && is_signed->id == id)) continue;
    effects.erase<Proposal>(proposal_id);
    found = true;
  }
  return found;
}

Reason enter_fullmakt(const Context& context, Effects& effects, const NewFullmakt& fresh) {
  effects.concern(fresh.person).fullmakt = fresh.id;
  effects.concern(fresh.person).purpose = fresh.terms.purpose;
  const Reason giver = check_giver(context.state, fresh.person);
  if (giver != Reason::none) return giver;
  if (context.state.find<Fullmakt>(fresh.id)) return Reason::already_exists;
  if (fresh.id.is_none() || fresh.text.empty() || !is_text(fresh.text, kLongestText)) return Reason::terms_invalid;
  const Reason why = check_terms(context.state, fresh.person, fresh.terms, context.now());
  if (why != Reason::none) return why;
  const Reason prepared = check_template(context.state, fresh.based_on, fresh.terms, fresh.text);
  if (prepared != Reason::none) return prepared;
  Fullmakt entered;
  entered.id = fresh.id;
  entered.person = fresh.person;
  entered.terms = fresh.terms;
  entered.evidence = fresh.evidence;
  entered.signed_sha256 = context.moment.act_sha256;
  entered.request = fresh.request;
  const Reason asked = answer_request(context, effects, fresh.request, {entered, fresh.terms, {}});
  if (asked != Reason::none) return asked;
  if (fresh.terms.supersedes) change_status(context, effects, *fresh.terms.supersedes, FullmaktStatus::superseded);
  effects.put_consent(std::move(entered));
  return Reason::none;
}

}  // namespace flikvakt::policy
