// Heta linjen: a recipient asks a source for a document that is missing. spec/connector.md, CONN-40 to CONN-48.
#include <algorithm>
#include <tuple>

#include "policy/membership.h"
#include "policy/requests.h"
#include "policy/terms.h"
#include "policy/who.h"

namespace flikvakt::policy {
namespace {

constexpr std::size_t kMostListed = 200;
constexpr std::size_t kMostAsked = 500;                               // of one organisation, ended ones included
constexpr std::chrono::days kTold = kRequestLasts + kSourceAskedFor;  // so long whoever asked is told the same

// SPEC CONN-40: one source, one flik, to read.
bool asks_for_one(const RequestTerms& terms) {
  return terms.disclosers.size() == 1 && terms.flikar.size() == 1 && terms.rights == std::set<Right>{Right::read};
}

bool is_in_use(const State& state, const Organisation* organisation) {
  return organisation && organisation->standing == Standing::active && is_current(state, organisation->epoch);
}
bool is_in_use(const State& state, const FlikType* type) {
  return type && type->standing == Standing::active && is_current(state, type->epoch);
}

// Would a document of that flik, from that source, dated today, be open to who asks? Rule 6 is about a document that is
// not there yet.
bool is_covered(const State& state, const SourceRequest& request, UtcTime now) {
  const bool stands = !request.person.is_none() && still_stands(state, request.staff) &&
                      is_in_use(state, state.find<Organisation>(request.source)) &&
                      is_in_use(state, state.find<FlikType>(request.flik));
  if (!stands) return false;
  const Staff& staff = *state.find<Staff>(request.staff);
  if (staff.organisation != request.organisation || !may_receive(state, request.recipient, staff)) return false;
  Document probe;
  probe.person = request.person;
  probe.source = request.source;
  probe.facts.flik = request.flik;
  probe.facts.date = std::chrono::floor<std::chrono::days>(now);
  const Organisation& organisation = *state.find<Organisation>(staff.organisation);
  const ReadCase read{state, staff, organisation, probe, request.purpose, now};
  return rule_3_sparr(read, request.person) == Reason::none &&
         choose_fullmakt(read, request.person).fullmakt != nullptr;
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

// SPEC CONN-42: one that lapsed stays as long as if it had waited: how long would tell what stood.
void end(SourceRequest& request, SourceRequestStatus how, UtcTime now) {
  request.status = how;
  request.ended = now;
  request.expires = (how == SourceRequestStatus::lapsed ? request.asked + kTold : now) + kEndedRequestStays;
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

// SPEC CONN-42: what who asked is told. Until it was answered, declined or withdrawn that is the same whatever stands.
SourceRequest as_told(SourceRequest request, UtcTime now) {
  request.person = {};
  request.opened.reset();
  request.document.reset();
  const bool is_told = is_over(request) && request.status != SourceRequestStatus::lapsed;
  if (is_told) return request;
  const bool is_past = now >= request.asked + kTold;
  request.status = is_past ? SourceRequestStatus::lapsed : SourceRequestStatus::waiting;
  request.expires = request.asked + kTold + (is_past ? kEndedRequestStays : std::chrono::days(0));
  request.ended = is_past ? std::optional(request.asked + kTold) : std::nullopt;
  return request;
}

bool is_same_question(const SourceRequest& one, const SourceRequest& other) {
  return one.organisation == other.organisation && one.source == other.source && one.person == other.person &&
         one.flik == other.flik;
}

// So that the rows of an act come in one order, whoever decides it again.
std::set<RequestId> in_order(const std::unordered_set<RequestId>& ids) { return {ids.begin(), ids.end()}; }

bool is_shown_before(const SourceRequest& a, const SourceRequest& b) {
  return std::pair(b.asked, a.id) < std::pair(a.asked, b.id);
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
  // SPEC REQ-4: over the people of all requests, so that the limit tells nothing of any one of them.
  const bool has_too_many = context.state.source_requests_by(who.staff->organisation).size() >= kMostAsked;
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
  if (is_covered(context.state, fresh, context.now())) {
    open(fresh, context.now());
  } else {
    // Longer than the request for access is there: what becomes of that one is told to this one.
    fresh.expires = context.now() + kTold + kEndedRequestStays;
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

bool goes_to_source(const State& state, const RequestId& id) { return state.find<SourceRequest>(id) != nullptr; }

// SPEC CONN-42: whoever asked may take it back as long as they are not told that it is over, whatever became of it.
void withdraw_source_request(const Context& context, Effects& effects, const SourceRequest& request) {
  if (as_told(request, context.now()).status != SourceRequestStatus::waiting) return;
  SourceRequest withdrawn = request;
  end(withdrawn, SourceRequestStatus::withdrawn, context.now());
  effects.put(std::move(withdrawn));
}

void lapse_source_request(const Context& context, Effects& effects, const SourceRequest& request) {
  if (is_over(request)) return effects.erase<SourceRequest>(request.id);
  if (!request.person.is_none()) effects.concern(request.person).subject = subject_of(request.id);
  SourceRequest lapsed = request;
  end(lapsed, SourceRequestStatus::lapsed, context.now());
  effects.put(std::move(lapsed));
}

bool is_open_to_source(const State& state, const SourceRequest& request, UtcTime now) {
  return request.status == SourceRequestStatus::open && now < request.expires && is_covered(state, request, now);
}

// SPEC CONN-25
std::vector<SourceRequest> open_to_source(const State& state, const OrganisationId& source, UtcTime now) {
  std::vector<const SourceRequest*> found;
  for (const RequestId& id : state.source_requests_at(source)) {
    const SourceRequest* const one = state.find<SourceRequest>(id);
    if (one->status == SourceRequestStatus::open) found.push_back(one);
  }
  std::ranges::sort(found, {}, [](const SourceRequest* one) { return std::pair(one->opened, one->id); });
  std::vector<SourceRequest> out;
  using Question = std::tuple<OrganisationId, PersonId, std::string>;
  std::set<Question> shown;
  for (const SourceRequest* const one : found) {
    const Question question{one->organisation, one->person, one->flik};
    if (shown.contains(question) || !is_open_to_source(state, *one, now)) continue;
    shown.insert(question);
    out.push_back(*one);
  }
  return out;
}

// SPEC CONN-45: of what is closed to the source meanwhile nobody is told that it was answered.
void answer_source_requests(const Context& context, Effects& effects, const Document& document) {
  for (const RequestId& id : in_order(context.state.source_requests_at(document.source))) {
    const SourceRequest& one = *context.state.find<SourceRequest>(id);
    const bool is_answered = one.person == document.person && one.flik == document.facts.flik &&
                             is_open_to_source(context.state, one, context.now());
    if (!is_answered) continue;
    SourceRequest answered = one;
    end(answered, SourceRequestStatus::answered, context.now());
    answered.document = document.id;
    effects.put(std::move(answered));
  }
}

// SPEC CONN-44: of what the organisation asked nobody is named, known or not; of what it is asked only what is open to
// it now, and what it answered itself, so that it never hears of what waits for the person, or was closed again.
Outcome apply(const Context& context, const ListSourceRequests&) {
  const ActingStaff who = acting_staff(context);
  if (!who.staff) return refused(who.why, Rule::actor);
  const OrganisationId& own = who.staff->organisation;
  // Each list is cut by itself: what it asks itself hides nothing that it is asked.
  std::vector<SourceRequest> found, open, ended;
  for (const RequestId& id : context.state.source_requests_by(own)) {
    const SourceRequest& one = *context.state.find<SourceRequest>(id);
    if (one.staff != who.staff->id && !may_receive(context.state, one.recipient, *who.staff)) continue;
    found.push_back(as_told(one, context.now()));
  }
  std::ranges::sort(found, is_shown_before);
  if (found.size() > kMostListed) found.resize(kMostListed);
  for (const RequestId& id : context.state.source_requests_at(own)) {
    const SourceRequest& one = *context.state.find<SourceRequest>(id);
    const bool was_answered =
        one.status == SourceRequestStatus::answered || one.status == SourceRequestStatus::declined;
    if (one.opened && was_answered && one.organisation != own) ended.push_back(one);
  }
  for (SourceRequest& one : open_to_source(context.state, own, context.now())) {
    if (one.organisation != own) open.push_back(std::move(one));
  }
  // First those that wait, of them those that have waited longest; and as many that are over as there is room for.
  std::ranges::sort(open, is_shown_before);
  if (open.size() > kMostListed) open.erase(open.begin(), open.end() - static_cast<std::ptrdiff_t>(kMostListed));
  std::ranges::sort(ended, is_shown_before);
  ended.resize(std::min(ended.size(), kMostListed - open.size()));
  std::ranges::move(open, std::back_inserter(found));
  std::ranges::move(ended, std::back_inserter(found));
  std::ranges::sort(found, is_shown_before);
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
  for (const RequestId& id : in_order(context.state.source_requests_at(request->source))) {
    const SourceRequest& one = *context.state.find<SourceRequest>(id);
    // SPEC CONN-25: whoever asked the same again is answered along with it.
    const bool is_declined =
        one.id == act.id || (is_same_question(one, *request) && is_open_to_source(context.state, one, context.now()));
    if (!is_declined) continue;
    SourceRequest declined = one;
    end(declined, SourceRequestStatus::declined, context.now());
    effects.put(std::move(declined));
  }
  return std::move(effects).permit();
}

}  // namespace flikvakt::policy
