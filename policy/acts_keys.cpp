// Wrapped keys: erasure by dropping them, and rotation.
#include "policy/effects.h"
#include "policy/who.h"

namespace flikvakt::policy {
namespace {

// What stays of an erased document, so that a Sparr on one version keeps covering the others (spec/state-rows.md).
Document tombstone(const Document& document) {
  Document out;
  out.id = document.id;
  out.person = document.person;
  out.source = document.source;
  out.facts.flik = document.facts.flik;
  out.facts.date = Date{std::chrono::year{1970}, std::chrono::January, std::chrono::day{1}};
  out.facts.replaces = document.facts.replaces;
  out.version = document.version;
  out.key_id = document.key_id;
  out.object = document.object;
  out.status = DocumentStatus::erased;
  return out;
}

// Of every noun that has a person, so that none that comes is forgotten.
template <class T>
void erase_all_of(const State& state, Effects& effects, const PersonId& person) {
  if constexpr (requires(const T& row) { row.person; }) {
    for (const auto& [key, row] : state.all<T>()) {
      if (row.person == person) effects.erase<T>(key);
    }
  }
}

void erase_receipts_of(const State& state, Effects& effects, const PersonId& person) {
  for (const auto& [key, row] : state.all<Receipt>()) {
    if (row.actor == person.value()) effects.erase<Receipt>(key);
  }
}

// SPEC ACT-31: every row of the person goes, and every key of the person is destroyed.
void shred_person(const State& state, Effects& effects, const Person& person) {
  effects.shred(person.key_id);
  effects.shred(person.log_key_id);
  for (const DocumentId& id : state.documents_of(person.id)) effects.shred(state.find<Document>(id)->key_id);
  for (const auto& [key, flik] : state.all<Flik>()) {
    if (flik.person == person.id) effects.shred(flik.key_id);
  }
  [&]<class... T>(std::type_identity<boost::variant2::variant<T...>>) {
    (erase_all_of<T>(state, effects, person.id), ...);
  }(std::type_identity<RowVariant>{});
  for (const RepresentativeId& id : state.represented_by(person.id)) effects.erase<Representative>(id);
  for (const auto& [id, proposal] : state.all<Proposal>()) {
    if (proposal.representative == person.id) effects.erase<Proposal>(id);
  }
  erase_receipts_of(state, effects, person.id);
  effects.erase<Person>(person.id);
}

void shred_document(Effects& effects, const Document& document) {
  if (document.status == DocumentStatus::erased) return;
  effects.shred(document.key_id);
  effects.put(tombstone(document));
}

void shred_flik(const State& state, Effects& effects, const Flik& flik) {
  effects.shred(flik.key_id);
  effects.erase<Flik>(flik.key());
  for (const DocumentId& id : state.documents_of(flik.person)) {
    const Document& document = *state.find<Document>(id);
    if (document.facts.flik == flik.type) shred_document(effects, document);
  }
  for (const auto& [id, deposit] : state.all<Deposit>()) {
    if (deposit.person == flik.person && deposit.facts.flik == flik.type) effects.erase<Deposit>(id);
  }
}

Outcome shred_scope_document(const Context& context, const Shred& act, Effects effects) {
  const Document* document = act.document ? context.state.find<Document>(*act.document) : nullptr;
  if (!document) return std::move(effects).refuse(Reason::unknown);
  effects.concern(document->person).document = document->id;
  shred_document(effects, *document);
  return std::move(effects).permit();
}

}  // namespace

Outcome apply(const Context& context, const Shred& act) {
  const Reason who = must_be_administrator(context);
  Effects effects(context);
  const Person* person = act.person ? effects.concern(*act.person) : nullptr;
  if (who != Reason::none) return std::move(effects).refuse(who);
  if (act.scope == ShredScope::document) return shred_scope_document(context, act, std::move(effects));
  if (!person) return std::move(effects).refuse(Reason::unknown);
  if (act.scope == ShredScope::person) {
    shred_person(context.state, effects, *person);
    return std::move(effects).permit();
  }
  const Flik* flik = act.flik ? context.state.find<Flik>({person->id, *act.flik}) : nullptr;
  if (!flik) return std::move(effects).refuse(Reason::unknown);
  effects.concern(person->id).flik = flik->type;
  shred_flik(context.state, effects, *flik);
  return std::move(effects).permit();
}

// SPEC ACT-32: a rotated key is the same key at a later version; a shredded one never comes back.
Outcome apply(const Context& context, const RotateKeys&) {
  const Reason who = must_be_administrator(context);
  if (who != Reason::none) return refused(who);
  Effects effects(context);
  for (const KeyRow& fresh : context.prepared.keys) {
    const KeyRow* old = context.state.find<KeyRow>(fresh.id);
    if (!old || old->status != KeyStatus::active || fresh.status != KeyStatus::active)
      return refused(Reason::wrong_state);
    if (fresh.level != old->level || fresh.version <= old->version) return refused(Reason::wrong_state);
    effects.put(fresh);
  }
  return std::move(effects).permit();
}

}  // namespace flikvakt::policy
