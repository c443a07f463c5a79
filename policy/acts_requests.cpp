// A recipient asks; the person grants all, part or none, or lets it lapse.
#include <algorithm>

#include "policy/membership.h"
#include "policy/requests.h"
#include "policy/terms.h"
#include "policy/who.h"

namespace flikvakt::policy {
namespace {

// SPEC REQ-4: over the people of all requests, so that the limit tells nothing of any one of them; ended ones too, so
// that asking and withdrawing fills nothing. Those of heta linjen have a limit of their own: whether there is a request
// for access as well would tell what stands (CONN-42).
bool has_too_many(const State& state, const Staff& staff) {
  std::size_t count = 0;
  for (const RequestId& id : state.requests_by(staff.id)) count += goes_to_source(state, id) ? 0 : 1;
  return count >= kMostRequests;
}

void end(const Context& context, Effects& effects, const AccessRequest& request, RequestStatus how) {
  AccessRequest over = ended(context, request, how);
  follow_request(context, effects, over, nullptr);
  effects.put(std::move(over));
}

}  // namespace

Outcome apply(const Context& context, const RequestAccess& act) {
  Effects effects(context);
  const Person* person = effects.concern(act.person);
  if (person) {
    Concern& concern = effects.concern(person->id);
    concern.subject = subject_of(act.id);
    concern.purpose = act.terms.purpose;
  }
  const ActingStaff who = acting_staff(context);
  if (!who.staff) return std::move(effects).refuse(who.why, Rule::actor);
  if (!may_receive(context.state, act.terms.recipient, *who.staff))
    return std::move(effects).refuse(Reason::not_entitled);
  if (act.id.is_none()) return std::move(effects).refuse(Reason::terms_invalid);
  if (context.state.find<AccessRequest>(act.id) || goes_to_source(context.state, act.id))
    return std::move(effects).refuse(Reason::already_exists);
  const Reason why = check_asked(context.state, act.terms, context.now());
  if (why != Reason::none) return std::move(effects).refuse(why);
  if (has_too_many(context.state, *who.staff)) return std::move(effects).refuse(Reason::wrong_state);
  AccessRequest fresh;
  fresh.id = act.id;
  if (person) fresh.person = person->id;
  fresh.staff = who.staff->id;
  fresh.organisation = who.staff->organisation;
  fresh.terms = act.terms;
  fresh.asked = context.now();
  fresh.expires = context.now() + kRequestLasts;
  effects.put(std::move(fresh));
  return std::move(effects).permit();
}

Outcome apply(const Context& context, const WithdrawRequest& act) {
  Effects effects(context);
  const AccessRequest* request = context.state.find<AccessRequest>(act.id);
  const SourceRequest* direct = context.state.find<SourceRequest>(act.id);  // with a request for access or without
  const PersonId person = direct ? direct->person : request ? request->person : PersonId();
  if (!person.is_none()) effects.concern(person).subject = subject_of(act.id);
  const ActingStaff who = acting_staff(context, Epochs::any);
  if (!who.staff) return std::move(effects).refuse(who.why, Rule::actor);
  const bool is_own = direct ? direct->organisation == who.staff->organisation
                             : request && request->organisation == who.staff->organisation;
  if (!is_own) return std::move(effects).refuse(Reason::unknown);
  if (request && request->status == RequestStatus::open)
    end(context, effects, *request, RequestStatus::withdrawn);
  else if (direct)
    withdraw_source_request(context, effects, *direct);
  return std::move(effects).permit();
}

// SPEC REQ-5: those whose number is unknown stand among the others, and nobody is named or concerned: the number of
// entries would tell how many are known.
Outcome apply(const Context& context, const ListRequests&) {
  const ActingStaff who = acting_staff(context);
  if (!who.staff) return refused(who.why, Rule::actor);
  std::vector<AccessRequest> found;
  for (const RequestId& id : context.state.requests_of(who.staff->organisation)) {
    const AccessRequest& one = *context.state.find<AccessRequest>(id);
    if (one.staff != who.staff->id && !may_receive(context.state, one.terms.recipient, *who.staff)) continue;
    if (goes_to_source(context.state, id)) continue;  // SPEC CONN-42
    found.push_back(one);
    found.back().person = {};
  }
  // The newest, and of those by id.
  const auto is_newer = [](const AccessRequest& a, const AccessRequest& b) {
    return std::pair(b.asked, a.id) < std::pair(a.asked, b.id);
  };
  const std::size_t count = std::min(found.size(), kMostRequestsListed);
  std::ranges::partial_sort(found, found.begin() + static_cast<std::ptrdiff_t>(count), is_newer);
  found.resize(count);
  Effects effects(context);
  effects.answer(std::move(found));
  return std::move(effects).permit();
}

Outcome apply(const Context& context, const DeclineRequest& act) {
  Effects effects(context);
  effects.concern_actor().subject = subject_of(act.id);
  const ActingPerson who = narrowing_person(context);
  if (!who.person) return std::move(effects).refuse(who.why, Rule::actor);
  const AccessRequest* request = context.state.find<AccessRequest>(act.id);
  if (!request || !is_asked_of(context.state, *request, who.person->id))
    return std::move(effects).refuse(Reason::unknown);
  if (request->status == RequestStatus::open) end(context, effects, *request, RequestStatus::declined);
  return std::move(effects).permit();
}

}  // namespace flikvakt::policy
