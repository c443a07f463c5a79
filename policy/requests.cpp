#include "policy/requests.h"

#include <algorithm>

#include "policy/terms.h"

namespace flikvakt::policy {
namespace {

// SPEC REQ-7
bool goes_beyond(const RequestTerms& asked, const FullmaktTerms& given) {
  const std::set<Recipient> recipient{asked.recipient};
  const bool is_within =
      std::ranges::includes(recipient, given.recipients) && std::ranges::includes(asked.disclosers, given.disclosers) &&
      std::ranges::includes(asked.flikar, given.flikar) && std::ranges::includes(asked.rights, given.rights) &&
      given.documents.empty() && given.purpose == asked.purpose && given.valid_to <= asked.valid_to;
  return !is_within;
}

bool receives_under(const Fullmakt& result, const Recipient& recipient) {
  return result.terms.recipients.contains(recipient) && !std::ranges::binary_search(result.relinquished, recipient);
}

// SPEC REQ-8
bool gives_all(const RequestTerms& asked, const FullmaktTerms& result) {
  return std::ranges::includes(result.disclosers, asked.disclosers) &&
         std::ranges::includes(result.flikar, asked.flikar) && std::ranges::includes(result.rights, asked.rights) &&
         result.valid_to >= asked.valid_to;
}

template <class T>
bool is_of_or_absent(const State& state, const std::optional<typename T::Key>& key, const PersonId& person) {
  const T* found = key ? state.find<T>(*key) : nullptr;
  return !key || (found && found->person == person);
}

}  // namespace

// SPEC REQ-3
bool is_asked_of(const State& state, const AccessRequest& request, const PersonId& person) {
  return request.person == person && is_of_or_absent<Fullmakt>(state, request.terms.fullmakt, person) &&
         is_of_or_absent<Case>(state, request.terms.case_id, person);
}

Reason check_asked(const State& state, const RequestTerms& asked, UtcTime now) {
  const bool names_enough = !asked.disclosers.empty() && !asked.flikar.empty() && !asked.rights.empty();
  const bool is_bounded = asked.disclosers.size() <= kMostDisclosersAsked && asked.flikar.size() <= kMostInSet;
  if (!names_enough || !is_bounded || !is_code(asked.purpose) || !is_text(asked.message, kLongestMessage))
    return Reason::terms_invalid;
  if (asked.valid_to <= now || asked.valid_to > now + kLongestFullmakt) return Reason::period_invalid;
  if (!are_disclosers_known(state, asked.disclosers)) return Reason::recipient_unknown;
  return are_flikar_known(state, asked.flikar) ? Reason::none : Reason::flik_unknown;
}

Reason answer_request(const Context& context, Effects& effects, const std::optional<RequestId>& id,
                      const Answering& answer) {
  if (!id) return Reason::none;
  effects.concern(answer.result.person).subject = subject_of(*id);
  const AccessRequest* request = context.state.find<AccessRequest>(*id);
  if (!request || !is_asked_of(context.state, *request, answer.result.person)) return Reason::unknown;
  if (request->status != RequestStatus::open || request->terms.fullmakt != answer.completes) return Reason::wrong_state;
  if (context.now() >= request->expires) return Reason::expired;
  const bool reaches = receives_under(answer.result, request->terms.recipient);
  if (!reaches || goes_beyond(request->terms, answer.given)) return Reason::not_asked_for;
  const bool is_all = gives_all(request->terms, answer.result.terms);
  AccessRequest answered = ended(context, *request, is_all ? RequestStatus::granted : RequestStatus::granted_in_part);
  answered.fullmakt = answer.result.id;
  follow_request(context, effects, answered, &answer.result);
  effects.put(std::move(answered));
  return Reason::none;
}

void lapse_request(const Context& context, Effects& effects, const AccessRequest& request) {
  if (request.status != RequestStatus::open) return effects.erase<AccessRequest>(request.id);
  if (!request.person.is_none()) effects.concern(request.person).subject = subject_of(request.id);
  const AccessRequest lapsed = ended(context, request, RequestStatus::lapsed);
  follow_request(context, effects, lapsed, nullptr);
  effects.put(lapsed);
}

AccessRequest ended(const Context& context, AccessRequest request, RequestStatus how) {
  request.status = how;
  request.expires = context.now() + kEndedRequestStays;
  return request;
}

}  // namespace flikvakt::policy
