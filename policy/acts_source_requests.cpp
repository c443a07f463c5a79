// Heta linjen: a recipient asks a source for a document that is missing. spec/connector.md, CONN-40 to CONN-48.
#include <algorithm>

#include "policy/membership.h"
#include "policy/requests.h"
#include "policy/terms.h"
#include "policy/who.h"

namespace flikvakt::policy {
namespace {

constexpr std::size_t kMostListed = 200;
constexpr std::size_t kMostAsked = 500;  // of one organisation, ended ones included

// SPEC CONN-40: one source, one flik, to read.
bool asks_for_one(const RequestTerms& terms) {
  return terms.disclosers.size() == 1 && terms.flikar.size() == 1 && terms.rights == std::set<Right>{Right::read};
}

// SPEC CONN-41: would a document of that flik, from that source, dated today, be open to who asks? Rules 1 and 2 were
// asked before; rule 6 is about a document that is not there yet.
bool is_covered(const Context& context, const Staff& staff, const PersonId& person, const RequestTerms& terms) {
  Document probe;
  probe.person = person;
  probe.source = *terms.disclosers.begin();
  probe.facts.flik = *terms.flikar.begin();
  probe.facts.date = std::chrono::floor<std::chrono::days>(context.now());
  const Organisation& organisation = *context.state.find<Organisation>(staff.organisation);
  const ReadCase read{context.state, staff, organisation, probe, terms.purpose, context.now()};
  return rule_3_sparr(read, person) == Reason::none && choose_fullmakt(read, person).fullmakt != nullptr;
}

AccessRequest as_request(const Context& context, const AskSource& act, const Person* person, const Staff& staff) {
  AccessRequest out;
  out.id = act.id;
  if (person) out.person = person->id;
  out.staff = staff.id;
  out.organisation = staff.organisation;
  out.terms = act.terms;
  out.asked = context.now();
  out.expires = context.now() + kRequestLasts;
  return out;
}

void open(SourceRequest& request, UtcTime now) {
  request.status = SourceRequestStatus::open;
  request.opened = now;
  request.expires = now + kSourceAskedFor;
}

void end(SourceRequest& request, SourceRequestStatus how, UtcTime now) {
  request.status = how;
  request.ended = now;
  request.expires = now + kEndedRequestStays;
}

bool is_over(const SourceRequest& request) {
  return request.status != SourceRequestStatus::waiting && request.status != SourceRequestStatus::open;
}

SourceRequestStatus status_after(RequestStatus how) {
  switch (how) {
    case RequestStatus::withdrawn:
      return SourceRequestStatus::withdrawn;
    case RequestStatus::lapsed:
      return SourceRequestStatus::lapsed;
    default:
      return SourceRequestStatus::declined;
  }
}

bool covers(const Fullmakt& fullmakt, const SourceRequest& request) {
  const FullmaktTerms& terms = fullmakt.terms;
  return terms.disclosers.contains(request.source) && terms.flikar.contains(request.flik) &&
         terms.rights.contains(Right::read) && terms.recipients.contains(request.recipient);
}

}  // namespace

// SPEC CONN-42: whatever stands, the same answer and as many entries as a request for access.
Outcome apply(const Context& context, const AskSource& act) {
  Effects effects(context);
  const Person* person = effects.concern(act.person);
  if (person) {
    Concern& concern = effects.concern(person->id);
    concern.subject = subject_of(act.id);
    concern.purpose = act.terms.purpose;
    if (act.terms.flikar.size() == 1) concern.flik = *act.terms.flikar.begin();
  }
  const ActingStaff who = acting_staff(context);
  if (!who.staff) return std::move(effects).refuse(who.why, Rule::actor);
  if (!may_receive(context.state, act.terms.recipient, *who.staff))
    return std::move(effects).refuse(Reason::not_entitled);
  if (act.id.is_none() || !asks_for_one(act.terms)) return std::move(effects).refuse(Reason::terms_invalid);
  if (context.state.find<AccessRequest>(act.id) || context.state.find<SourceRequest>(act.id))
    return std::move(effects).refuse(Reason::already_exists);
  const Reason why = check_asked(context.state, act.terms, context.now());
  if (why != Reason::none) return std::move(effects).refuse(why);
  // SPEC REQ-4: over the people of all requests, so that the limits tell nothing of any one of them.
  const bool has_too_many = context.state.source_requests_by(who.staff->organisation).size() >= kMostAsked ||
                            context.state.requests_by(who.staff->id).size() >= kMostRequests;
  if (has_too_many) return std::move(effects).refuse(Reason::wrong_state);
  SourceRequest fresh;
  fresh.id = act.id;
  if (person) fresh.person = person->id;
  fresh.staff = who.staff->id;
  fresh.organisation = who.staff->organisation;
  fresh.source = *act.terms.disclosers.begin();
  fresh.recipient = act.terms.recipient;
  fresh.flik = *act.terms.flikar.begin();
  fresh.purpose = act.terms.purpose;
  fresh.message = act.terms.message;
  fresh.asked = context.now();
  if (person && is_covered(context, *who.staff, person->id, act.terms)) {
    open(fresh, context.now());
  } else {
    // Longer than the request stands: what becomes of it is told to this one.
    fresh.expires = context.now() + kRequestLasts + kEndedRequestStays;
    effects.put(as_request(context, act, person, *who.staff));
  }
  effects.put(std::move(fresh));
  return std::move(effects).permit();
}

void follow_request(const Context& context, Effects& effects, const AccessRequest& ended, const Fullmakt* result) {
  const SourceRequest* found = context.state.find<SourceRequest>(ended.id);
  if (!found || found->status != SourceRequestStatus::waiting) return;
  SourceRequest changed = *found;
  if (result && covers(*result, changed))
    open(changed, context.now());
  else
    end(changed, status_after(ended.status), context.now());
  effects.put(std::move(changed));
}

void lapse_source_request(const Context& context, Effects& effects, const SourceRequest& request) {
  if (is_over(request)) return effects.erase<SourceRequest>(request.id);
  if (!request.person.is_none()) effects.concern(request.person).subject = subject_of(request.id);
  SourceRequest lapsed = request;
  end(lapsed, SourceRequestStatus::lapsed, context.now());
  effects.put(std::move(lapsed));
}

// SPEC CONN-45
void answer_source_requests(const Context& context, Effects& effects, const Document& document) {
  for (const RequestId& id : context.state.source_requests_at(document.source)) {
    const SourceRequest& one = *context.state.find<SourceRequest>(id);
    const bool is_answered =
        one.status == SourceRequestStatus::open && one.person == document.person && one.flik == document.facts.flik;
    if (!is_answered) continue;
    SourceRequest answered = one;
    end(answered, SourceRequestStatus::answered, context.now());
    answered.document = document.id;
    effects.put(std::move(answered));
  }
}

// SPEC CONN-44: of what the organisation asked nobody is named, known or not; of what it is asked only what is open or
// was answered, so that the source never hears of what waits for the person.
Outcome apply(const Context& context, const ListSourceRequests&) {
  const ActingStaff who = acting_staff(context);
  if (!who.staff) return refused(who.why, Rule::actor);
  const OrganisationId& own = who.staff->organisation;
  std::vector<SourceRequest> found;
  for (const RequestId& id : context.state.source_requests_by(own)) {
    const SourceRequest& one = *context.state.find<SourceRequest>(id);
    if (one.staff != who.staff->id && !may_receive(context.state, one.recipient, *who.staff)) continue;
    found.push_back(one);
    found.back().person = {};
  }
  for (const RequestId& id : context.state.source_requests_at(own)) {
    const SourceRequest& one = *context.state.find<SourceRequest>(id);
    if (!one.opened || one.organisation == own) continue;
    found.push_back(one);
  }
  const auto is_newer = [](const SourceRequest& a, const SourceRequest& b) {
    return std::pair(b.asked, a.id) < std::pair(a.asked, b.id);
  };
  std::ranges::sort(found, is_newer);
  if (found.size() > kMostListed) found.resize(kMostListed);
  Effects effects(context);
  effects.answer(std::move(found));
  return std::move(effects).permit();
}

// SPEC CONN-46
Outcome apply(const Context& context, const DeclineSourceRequest& act) {
  Effects effects(context);
  const SourceRequest* request = context.state.find<SourceRequest>(act.id);
  const bool is_shown = request && request->opened;
  if (is_shown && !request->person.is_none()) effects.concern(request->person).subject = subject_of(act.id);
  const ActingStaff who = acting_staff(context);
  if (!who.staff) return std::move(effects).refuse(who.why, Rule::actor);
  if (!is_shown || request->source != who.staff->organisation) return std::move(effects).refuse(Reason::unknown);
  if (request->status != SourceRequestStatus::open) return std::move(effects).refuse(Reason::wrong_state);
  SourceRequest declined = *request;
  end(declined, SourceRequestStatus::declined, context.now());
  effects.put(std::move(declined));
  return std::move(effects).permit();
}

}  // namespace flikvakt::policy
