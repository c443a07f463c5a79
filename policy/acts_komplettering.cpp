// Fullmaktskomplettering: a signed difference to a standing fullmakt.
#include <algorithm>

#include "policy/effects.h"
#include "policy/membership.h"
#include "policy/requests.h"
#include "policy/terms.h"
#include "policy/who.h"

namespace flikvakt::policy {
namespace {

template <class T>
bool is_disjoint(const std::set<T>& given, const std::set<T>& stands) {
  return std::ranges::none_of(given, [&](const T& one) { return stands.contains(one); });
}

bool is_empty(const FullmaktDelta& delta) {
  return delta.disclosers.empty() && delta.recipients.empty() && delta.flikar.empty() && delta.documents.empty() &&
         delta.rights.empty() && !delta.valid_to && !delta.max_readings;
}

// SPEC KOMP-4: the person signs the difference, so it must be one in all that it names.
Reason check_delta(const FullmaktTerms& terms, const FullmaktDelta& delta) {
  const bool is_new = is_disjoint(delta.disclosers, terms.disclosers) &&
                      is_disjoint(delta.recipients, terms.recipients) && is_disjoint(delta.flikar, terms.flikar) &&
                      is_disjoint(delta.documents, terms.documents) && is_disjoint(delta.rights, terms.rights);
  const bool is_more = !delta.max_readings || (terms.max_readings && *delta.max_readings > *terms.max_readings);
  if (is_empty(delta) || !is_new || !is_more) return Reason::terms_invalid;
  return !delta.valid_to || *delta.valid_to > terms.valid_to ? Reason::none : Reason::period_invalid;
}

FullmaktTerms merged(FullmaktTerms terms, const FullmaktDelta& delta) {
  terms.disclosers.insert(delta.disclosers.begin(), delta.disclosers.end());
  terms.recipients.insert(delta.recipients.begin(), delta.recipients.end());
  terms.flikar.insert(delta.flikar.begin(), delta.flikar.end());
  terms.documents.insert(delta.documents.begin(), delta.documents.end());
  terms.rights.insert(delta.rights.begin(), delta.rights.end());
  terms.valid_to = delta.valid_to.value_or(terms.valid_to);
  if (delta.max_readings) terms.max_readings = delta.max_readings;
  return terms;
}

// SPEC KOMP-5
Reason check_result(const Context& context, const PersonId& person, FullmaktTerms result) {
  if (!is_within_bounds(result)) return Reason::terms_invalid;
  result.supersedes.reset();  // that was done by the first of the chain
  return check_terms(context.state, person, result, context.now());
}

// SPEC KOMP-2, KOMP-3
Reason check_standing(const Context& context, const Fullmakt& fullmakt, const Fingerprint& previous) {
  if (context.state.find<Person>(fullmakt.person)->died) return Reason::person_died;
  if (!is_reconfirmed(context.state, fullmakt.person)) return Reason::not_reconfirmed;
  const bool stands = fullmakt.status == FullmaktStatus::active || fullmakt.status == FullmaktStatus::paused ||
                      fullmakt.status == FullmaktStatus::exhausted;
  if (!stands) return Reason::wrong_state;
  if (context.now() >= fullmakt.terms.valid_to) return Reason::expired;
  return previous == fullmakt.signed_sha256 ? Reason::none : Reason::state_changed;
}

Fullmakt completed(const Context& context, Fullmakt fullmakt, const FullmaktDelta& delta) {
  fullmakt.terms = merged(std::move(fullmakt.terms), delta);
  ++fullmakt.revision;
  fullmakt.signed_sha256 = context.moment.act_sha256;
  const bool has_left = !fullmakt.terms.max_readings || fullmakt.readings < *fullmakt.terms.max_readings;
  if (fullmakt.status == FullmaktStatus::exhausted && has_left) fullmakt.status = FullmaktStatus::active;
  return fullmakt;
}

template <class Komplettering>
Reason complete(const Context& context, Effects& effects, const Fullmakt& old, const Komplettering& act) {
  effects.concern(old.person).purpose = old.terms.purpose;
  const Reason standing = check_standing(context, old, act.previous);
  if (standing != Reason::none) return standing;
  if (act.text.empty() || !is_text(act.text, kLongestText) || !is_language(act.language)) return Reason::terms_invalid;
  const Reason difference = check_delta(old.terms, act.delta);
  if (difference != Reason::none) return difference;
  Fullmakt result = completed(context, old, act.delta);
  const Reason terms = check_result(context, old.person, result.terms);
  if (terms != Reason::none) return terms;
  FullmaktTerms given = merged({}, act.delta);
  given.purpose = old.terms.purpose;
  const Reason asked = answer_request(context, effects, act.request, {result, std::move(given), old.id});
  if (asked != Reason::none) return asked;
  effects.put_consent(std::move(result));
  return Reason::none;
}

}  // namespace

Outcome apply(const Context& context, const SignKomplettering& act) {
  Effects effects(context);
  effects.concern_actor().fullmakt = act.fullmakt;
  const ActingPerson who = widening_person(context);
  if (!who.person) return std::move(effects).refuse(who.why, Rule::actor);
  const Fullmakt* old = find_own<Fullmakt>(context.state, act.fullmakt, who.person->id);
  if (!old) return std::move(effects).refuse(Reason::unknown);
  const Reason why = complete(context, effects, *old, act);
  return why == Reason::none ? std::move(effects).permit() : std::move(effects).refuse(why);
}

Outcome apply(const Context& context, const PaperKomplettering& act) {
  Effects effects(context);
  const Person* person = effects.concern(act.person);
  if (person) effects.concern(person->id).fullmakt = act.fullmakt;
  const ActingStaff who = acting_registrar(context);
  if (!who.staff) return std::move(effects).refuse(who.why, Rule::actor);
  const Fullmakt* old = person ? find_own<Fullmakt>(context.state, act.fullmakt, person->id) : nullptr;
  if (!old) return std::move(effects).refuse(Reason::unknown);
  const FullmaktTerms result = merged(old->terms, act.delta);
  const auto is_recipient = [&](const OrganisationId& id) { return receives(context.state, result, id); };
  const Reason organisations = check_two_organisations(context, *who.staff, is_recipient);
  if (organisations != Reason::none) return std::move(effects).refuse(organisations);
  const Reason why = complete(context, effects, *old, act);
  return why == Reason::none ? std::move(effects).permit() : std::move(effects).refuse(why);
}

}  // namespace flikvakt::policy
