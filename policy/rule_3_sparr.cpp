#include "policy/membership.h"
#include "policy/read_rules.h"

namespace flikvakt::policy {
namespace {

bool is_dated_within(const Date& date, const SparrTerms& terms) {
  return (!terms.from || date >= *terms.from) && (!terms.to || date <= *terms.to);
}

// SPEC RULE-12: a target that lacks its own member blocks everything.
bool hits_document(const State& state, const SparrTerms& terms, const Document& document) {
  switch (terms.target) {
    case SparrTarget::everything:
      return true;
    case SparrTarget::flik:
      return !terms.flik || *terms.flik == document.facts.flik;
    case SparrTarget::document:
      return !terms.document || first_version(state, *terms.document) == first_version(state, document.id);
    case SparrTarget::dates:
      return is_dated_within(document.facts.date, terms);
  }
  return true;
}

bool hits_reader(const State& state, const SparrTerms& terms, const Staff& staff) {
  if (terms.everyone || terms.recipients.empty()) return true;
  for (const Recipient& recipient : terms.recipients) {
    if (is_meant(state, recipient, staff)) return true;
  }
  return false;
}

// SPEC RULE-10: also before expire_due has said so.
bool is_in_force(const Sparr& sparr, UtcTime now) {
  return sparr.in_force && (!sparr.terms.until || now < *sparr.terms.until);
}

}  // namespace

DocumentId first_version(const State& state, const DocumentId& id) {
  const Document* document = state.find<Document>(id);
  DocumentId first = id;
  while (document && document->facts.replaces) {
    const Document* older = state.find<Document>(*document->facts.replaces);
    if (older && older->version >= document->version) break;
    first = *document->facts.replaces;  // also when nothing is known of it: doubt blocks
    document = older;
  }
  return first;
}

Reason rule_3_sparr(const ReadCase& read, const PersonId& person) {
  for (const SparrId& id : read.state.sparrar_of(person)) {
    const Sparr& sparr = *read.state.find<Sparr>(id);
    if (!is_in_force(sparr, read.now)) continue;
    if (hits_document(read.state, sparr.terms, read.document) && hits_reader(read.state, sparr.terms, read.staff)) {
      return Reason::blocked;
    }
  }
  return Reason::none;
}

}  // namespace flikvakt::policy
