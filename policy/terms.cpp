#include "policy/terms.h"

#include <algorithm>

#include "base/utf8.h"
#include "policy/membership.h"

namespace flikvakt::policy {
namespace {

bool is_of(std::string_view text, std::size_t most, std::string_view letters) {
  return !text.empty() && text.size() <= most && text.find_first_not_of(letters) == std::string_view::npos;
}

constexpr std::string_view kCodeLetters = "abcdefghijklmnopqrstuvwxyz0123456789-";
constexpr std::string_view kTagLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-";
constexpr std::string_view kMediaLetters = "abcdefghijklmnopqrstuvwxyz0123456789-+./";

bool are_words_valid(const FullmaktTerms& terms) {
  return is_code(terms.purpose) && is_of(terms.secrecy_consent, 32, kCodeLetters) &&
         is_of(terms.legal_ground, 32, kCodeLetters) && is_language(terms.language);
}

bool names_enough(const FullmaktTerms& terms) {
  return !terms.disclosers.empty() && !terms.recipients.empty() && !terms.rights.empty() &&
         (!terms.flikar.empty() || !terms.documents.empty());
}

bool is_period_valid(const FullmaktTerms& terms, UtcTime now) {
  return terms.valid_from < terms.valid_to && terms.valid_to > now && terms.valid_to <= now + kLongestFullmakt;
}

bool are_recipients_known(const State& state, const FullmaktTerms& terms) {
  const auto is_known = [&](const Recipient& recipient) { return is_active(state, recipient); };
  return std::ranges::all_of(terms.recipients, is_known) && are_disclosers_known(state, terms.disclosers);
}

// Of the person, or one that declares the person as another data subject.
bool concerns(const Document& document, const PersonId& person) {
  return document.person == person || document.facts.other_subjects.contains(person);
}

template <class T>
bool is_own_or_absent(const State& state, const std::optional<typename T::Key>& key, const PersonId& person) {
  if (!key) return true;
  const T* found = state.find<T>(*key);
  return found && found->person == person;
}

bool is_all_own(const State& state, const PersonId& person, const FullmaktTerms& terms) {
  for (const DocumentId& id : terms.documents) {
    const Document* document = state.find<Document>(id);
    if (!document || document->status != DocumentStatus::sealed || !concerns(*document, person)) return false;
  }
  return is_own_or_absent<Kontrakt>(state, terms.kontrakt, person) &&
         is_own_or_absent<Case>(state, terms.case_id, person);
}

bool may_be_superseded(const State& state, const std::optional<FullmaktId>& id, const PersonId& person) {
  if (!id) return true;
  const Fullmakt* old = state.find<Fullmakt>(*id);
  if (!old || old->person != person) return false;
  return old->status != FullmaktStatus::revoked && old->status != FullmaktStatus::relinquished &&
         old->status != FullmaktStatus::superseded;
}

}  // namespace

bool is_code(std::string_view text) { return is_of(text, 16, kCodeLetters); }
bool is_name(std::string_view text) { return !text.empty() && text.size() <= 200; }
bool is_language(std::string_view text) { return is_of(text, 35, kTagLetters); }

bool is_text(std::string_view text, std::size_t most) {
  if (text.size() > most) return false;
  while (!text.empty()) {
    const std::optional<Character> next = first_character(text);
    if (!next) return false;
    const bool is_layout = next->code == '\t' || next->code == '\n' || next->code == '\r';
    if (moves_or_turns(next->code) && !is_layout) return false;
    text.remove_prefix(next->bytes);
  }
  return true;
}

bool are_disclosers_known(const State& state, const std::set<OrganisationId>& disclosers) {
  return std::ranges::all_of(disclosers, [&](const OrganisationId& discloser) {
    return is_active(state, {RecipientKind::organisation, discloser.value()});
  });
}

bool are_flikar_known(const State& state, const std::set<std::string>& flikar) {
  return std::ranges::all_of(flikar, [&](const std::string& code) {
    const FlikType* type = state.find<FlikType>(code);
    return type && type->standing == Standing::active && is_current(state, type->epoch);
  });
}

bool is_within_bounds(const FullmaktTerms& terms) {
  return terms.disclosers.size() <= kMostInSet && terms.recipients.size() <= kMostInSet &&
         terms.flikar.size() <= kMostInSet && terms.documents.size() <= kMostInSet;
}

bool is_near(UtcTime time, UtcTime now) { return now - kLongestFullmakt <= time && time <= now + kLongestFullmakt; }
bool is_near(const Date& date, UtcTime now) { return date.ok() && is_near(UtcTime{std::chrono::sys_days{date}}, now); }

Reason check_terms(const State& state, const PersonId& person, const FullmaktTerms& terms, UtcTime now) {
  if (!are_words_valid(terms) || !names_enough(terms)) return Reason::terms_invalid;
  if (terms.max_readings && *terms.max_readings == 0) return Reason::terms_invalid;
  if (!is_within_bounds(terms)) return Reason::terms_invalid;
  if (!is_period_valid(terms, now)) return Reason::period_invalid;
  if (!are_recipients_known(state, terms)) return Reason::recipient_unknown;
  if (!are_flikar_known(state, terms.flikar)) return Reason::flik_unknown;
  if (!is_all_own(state, person, terms)) return Reason::other_person;
  return may_be_superseded(state, terms.supersedes, person) ? Reason::none : Reason::wrong_state;
}

namespace {

// Removed or suspended ones too: doubt blocks. SPEC CONSENT-7
bool is_registered(const State& state, const Recipient& recipient) {
  switch (recipient.kind) {
    case RecipientKind::organisation:
      return state.find<Organisation>(OrganisationId(recipient.id));
    case RecipientKind::unit:
      return state.find<Unit>(UnitId(recipient.id));
    case RecipientKind::staff:
      return state.find<Staff>(StaffId(recipient.id));
    case RecipientKind::team:
      return state.find<Team>(TeamId(recipient.id));
  }
  return false;
}

}  // namespace

Reason check_terms(const State& state, const SparrTerms& terms, UtcTime now) {
  const bool has_target = terms.target == SparrTarget::everything ||
                          (terms.target == SparrTarget::flik && terms.flik) ||
                          (terms.target == SparrTarget::document && terms.document) ||
                          (terms.target == SparrTarget::dates && (terms.from || terms.to));
  const bool is_ordered = !terms.from || !terms.to || *terms.from <= *terms.to;
  const bool has_readers = terms.everyone || !terms.recipients.empty();
  if (!has_target || !is_ordered || !has_readers) return Reason::terms_invalid;
  if (terms.flik && !state.find<FlikType>(*terms.flik)) return Reason::flik_unknown;
  const bool are_known =
      std::ranges::all_of(terms.recipients, [&](const Recipient& one) { return is_registered(state, one); });
  if (!are_known) return Reason::recipient_unknown;
  return terms.until && *terms.until <= now ? Reason::period_invalid : Reason::none;  // SPEC SPARR-1
}

Reason check_facts(const State& state, const DocumentFacts& facts, UtcTime now) {
  if (!is_name(facts.title) || !is_name(facts.author) || !is_of(facts.media_type, 100, kMediaLetters)) {
    return Reason::terms_invalid;
  }
  if (facts.media_type.find('/') == std::string::npos || facts.size == 0) return Reason::terms_invalid;
  const auto tomorrow = std::chrono::floor<std::chrono::days>(now) + std::chrono::days{1};
  if (!facts.date.ok() || std::chrono::sys_days{facts.date} > tomorrow) return Reason::period_invalid;
  if (facts.withheld && (!is_name(facts.withheld->ground) || facts.withheld->until <= now))
    return Reason::period_invalid;
  return are_flikar_known(state, {facts.flik}) ? Reason::none : Reason::flik_unknown;
}

}  // namespace flikvakt::policy
