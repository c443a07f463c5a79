// Opening, listing and closing. The rules themselves are in decide.cpp.
#include <algorithm>

#include "policy/decide.h"
#include "policy/effects.h"
#include "policy/life_cycle.h"
#include "policy/terms.h"
#include "policy/who.h"

namespace flikvakt::policy {
namespace {

// A person in a document, with what was asked of it: also when the answer is no.
void describe(Effects& effects, const State& state, const PersonId& person, const Document& document,
              const OpenReading& act) {
  if (!state.find<Person>(person)) return;
  Concern& concern = effects.concern(person);
  concern.document = document.id;
  concern.subject = subject_of(act.id);
  concern.flik = document.facts.flik;
  concern.purpose = act.purpose;
}

// SPEC NOTICE-1: an organisation relies on a fullmakt from its first reading on.
bool begins_to_rely(const Fullmakt& fullmakt, const OrganisationId& reader) {
  return fullmakt.relied.size() < kMostRelied && !std::ranges::binary_search(fullmakt.relied, reader);
}

// SPEC RULE-31: one opening counts once, on every fullmakt that it needed and that has a limit. Without a limit the log
// is the count: no row changes at a reading, but for an organisation's first.
void count_reading(const Context& context, Effects& effects, const FullmaktId& id, const OrganisationId& reader) {
  const Fullmakt& found = *context.state.find<Fullmakt>(id);
  effects.concern(found.person).fullmakt = id;
  const bool is_first = begins_to_rely(found, reader);
  if (!is_first && !found.terms.max_readings) return;
  Fullmakt used = found;
  if (is_first) used.relied.insert(std::ranges::upper_bound(used.relied, reader), reader);
  if (!used.terms.max_readings) return effects.put(std::move(used));
  if (++used.readings < *used.terms.max_readings) return effects.put(std::move(used));
  used.status = FullmaktStatus::exhausted;
  effects.put_consent(std::move(used));
}

bool is_earlier_view(const DocumentView& a, const DocumentView& b) {
  if (a.document.facts.date != b.document.facts.date) return a.document.facts.date > b.document.facts.date;
  return a.document.id < b.document.id;
}

// SPEC LIST-3: only where the flik says so, and only of the person's own Sparr: rule 6 has those of others in it.
bool tells_blocked(const State& state, const Document& document) {
  const FlikType* type = state.find<FlikType>(document.facts.flik);
  return type && type->tells_blocked;
}

// SPEC PROT-3: of a person with protected identity nothing goes to others that locates: who wrote it, whence it came, a
// title in free words.
void hide_where_from(const State& state, Document& document) {
  document.source = OrganisationId();
  document.facts.author.clear();
  document.facts.title = state.find<FlikType>(document.facts.flik)->name_sv;
}

Listing readable(const State& state, const StaffActor& reader, const PersonId& person, const std::string& purpose,
                 UtcTime now) {
  Listing out;
  out.alias = state.find<Person>(person)->alias;
  for (const DocumentId& id : state.documents_of(person)) {
    const Document& document = *state.find<Document>(id);
    const ReadGrant grant = grant_read(state, {reader, id, purpose}, now);
    if (grant.decision.is_permitted()) {
      out.documents.push_back({document, grant.decision.fullmakt});
      const bool is_own_source = reader.organisation == document.source;
      if (out.alias && !is_own_source) hide_where_from(state, out.documents.back().document);
    }
    if (grant.is_only_blocked && tells_blocked(state, document)) out.more_blocked = true;
  }
  std::sort(out.documents.begin(), out.documents.end(), is_earlier_view);
  if (out.documents.empty())
    out.alias.reset();  // SPEC LIST-2: who has nothing to see may not know that there is somebody
  return out;
}

}  // namespace

Outcome apply(const Context& context, const OpenReading& act) {
  Effects effects(context);
  const Document* document = context.state.find<Document>(act.document);
  if (document) describe(effects, context.state, document->person, *document, act);
  const StaffActor* actor = std::get_if<StaffActor>(&context.actor);
  if (!actor) return std::move(effects).refuse(Reason::not_entitled);
  const ReadGrant grant = grant_read(context.state, {*actor, act.document, act.purpose}, context.now());
  if (!grant.decision.is_permitted()) return std::move(effects).refuse(grant.decision);
  if (act.id.is_none() || context.state.find<Reading>(act.id)) return std::move(effects).refuse(Reason::already_exists);
  // SPEC RULE-32: only now, since who is refused must not learn from the number of entries whom else it concerns.
  for (const PersonId& other : document->facts.other_subjects) {
    describe(effects, context.state, other, *document, act);
  }
  count_reading(context, effects, *grant.decision.fullmakt, actor->organisation);
  for (const FullmaktId& other : grant.others) count_reading(context, effects, other, actor->organisation);
  effects.put(Reading{act.id, document->id, document->person, grant.decision.fullmakt, grant.others, actor->staff,
                      actor->organisation, act.purpose, context.now()});
  effects.answer(DocumentView{*document, grant.decision.fullmakt});
  return std::move(effects).permit(grant.decision.fullmakt);
}

// SPEC LIST-2: an unknown person and one with nothing to see get the same empty list.
Outcome apply(const Context& context, const ListDocuments& act) {
  Effects effects(context);
  const Person* person = effects.concern(act.person);
  if (person) effects.concern(person->id).purpose = act.purpose;
  const StaffActor* actor = std::get_if<StaffActor>(&context.actor);
  if (!actor) return std::move(effects).refuse(Reason::not_entitled);
  const Reason why = rule_1_actor(context.state, *actor, context.now());
  if (why != Reason::none) return std::move(effects).refuse(why, Rule::actor);
  Listing found;
  if (person) found = readable(context.state, *actor, person->id, act.purpose, context.now());
  effects.answer(std::move(found));
  return std::move(effects).permit();
}

Outcome apply(const Context& context, const OpenOwnDocument& act) {
  Effects effects(context);
  const PersonActor* actor = std::get_if<PersonActor>(&context.actor);
  if (!actor) return std::move(effects).refuse(Reason::not_entitled);
  Concern& concern = effects.concern_actor();
  concern.document = act.document;
  concern.subject = subject_of(act.id);
  const Decision decision = decide_own_read(context.state, *actor, act.document, context.now());
  if (!decision.is_permitted()) return std::move(effects).refuse(decision);
  if (act.id.is_none() || context.state.find<Reading>(act.id)) return std::move(effects).refuse(Reason::already_exists);
  const Document& document = *context.state.find<Document>(act.document);
  concern.flik = document.facts.flik;
  Reading reading;
  reading.id = act.id;
  reading.document = document.id;
  reading.person = document.person;
  reading.opened = context.now();
  effects.put(std::move(reading));
  effects.answer(DocumentView{document, {}});
  return std::move(effects).permit();
}

Outcome apply(const Context& context, const CloseReading& act) {
  Effects effects(context);
  const Reason who = must_be_system(context);
  if (who != Reason::none) return refused(who);
  const Reading* reading = context.state.find<Reading>(act.id);
  if (!reading) return refused(Reason::unknown);
  const Document* document = context.state.find<Document>(reading->document);
  Concern& concern = effects.concern(reading->person);
  concern.document = reading->document;
  concern.fullmakt = reading->fullmakt;
  concern.subject = subject_of(act.id);
  concern.flik = document ? document->facts.flik : "";
  concern.purpose = reading->purpose;
  concern.bytes = act.bytes;
  effects.erase<Reading>(act.id);
  return std::move(effects).permit(reading->fullmakt);
}

}  // namespace flikvakt::policy
