// Documents come in: permitted first, sealed when every byte has come, decided again then.
#include "policy/decide.h"
#include "policy/deposit_plan.h"
#include "policy/effects.h"
#include "policy/membership.h"
#include "policy/requests.h"
#include "policy/terms.h"
#include "policy/who.h"

namespace flikvakt::policy {
namespace {

// SPEC DEP-4: a new version replaces a document of the same person, flik and source.
bool may_replace(const State& state, const PersonId& person, const OrganisationId& source, const DocumentFacts& facts) {
  if (!facts.replaces) return true;
  const Document* old = state.find<Document>(*facts.replaces);
  return old && old->person == person && old->source == source && old->facts.flik == facts.flik;
}

// The other data subjects by id; nullopt when one is not known or is the person.
std::optional<std::set<PersonId>> resolve_others(const Context& context, Effects& effects, const BeginDeposit& act,
                                                 const PersonId& person) {
  std::set<PersonId> out;
  for (const BlindIndex& index : act.other_subjects) {
    const Person* other = effects.concern(index);
    if (!other || other->id == person) return std::nullopt;
    out.insert(other->id);
  }
  if (!act.facts.other_subjects.empty()) return std::nullopt;
  return context.state.find<Person>(person) ? std::optional(out) : std::nullopt;
}

void describe(Effects& effects, const PersonId& person, const DepositId& deposit, const std::string& flik) {
  Concern& concern = effects.concern(person);
  concern.subject = subject_of(deposit);
  concern.flik = flik;
}

// Those who are still known: who was erased has no log any more.
void concern_others(Effects& effects, const State& state, const std::set<PersonId>& others,
                    const DocumentId& document) {
  for (const PersonId& other : others) {
    if (state.find<Person>(other)) effects.concern(other).document = document;
  }
}

const KeyRow* prepared_key(const Prepared& prepared, const KeyId& id) {
  for (const KeyRow& key : prepared.keys) {
    if (key.id == id) return &key;
  }
  return nullptr;
}

// SPEC DEP-6: the first deposit in a flik brings the flik's key; of two that both do, the second is tried again.
Reason add_keys(const Context& context, Effects& effects, const SealDeposit& act, const Deposit& deposit) {
  const bool has_flik = context.state.find<Flik>({deposit.person, deposit.facts.flik}) != nullptr;
  if (has_flik && act.new_flik_key) return Reason::already_exists;
  if (!has_flik && !act.new_flik_key) return Reason::wrong_state;
  const KeyRow* key = prepared_key(context.prepared, act.key_id);
  if (!key || context.state.find<KeyRow>(act.key_id)) return Reason::error;
  effects.put(*key);
  if (!act.new_flik_key) return Reason::none;
  const KeyRow* flik_key = prepared_key(context.prepared, *act.new_flik_key);
  if (!flik_key || context.state.find<KeyRow>(*act.new_flik_key)) return Reason::error;
  effects.put(*flik_key);
  effects.put(Flik{deposit.person, deposit.facts.flik, *act.new_flik_key});
  return Reason::none;
}

Document seal(const Context& context, const SealDeposit& act, const Deposit& deposit) {
  Document out;
  out.id = act.document;
  out.person = deposit.person;
  out.source = deposit.source;
  out.depositor = deposit.depositor;
  out.facts = deposit.facts;
  if (act.made) {  // SPEC PART-58
    out.received = deposit.facts.sha256;
    out.facts.media_type = act.made->media_type;
    out.facts.size = act.made->size;
    out.facts.sha256 = act.made->sha256;
  }
  const Document* old = deposit.facts.replaces ? context.state.find<Document>(*deposit.facts.replaces) : nullptr;
  out.version = old ? old->version + 1 : 1;
  out.sealed_at = context.now();
  out.key_id = act.key_id;
  out.object = act.object;
  return out;
}

Reason check_seal(const Context& context, const SealDeposit& act, const Deposit& deposit) {
  if (context.now() >= deposit.expires) return Reason::expired;
  const FlikType* type = context.state.find<FlikType>(deposit.facts.flik);
  const bool is_open = type && type->standing == Standing::active && is_current(context.state, type->epoch);
  if (!is_open) return Reason::flik_unknown;  // SPEC DEP-5
  if (act.document.is_none() || context.state.find<Document>(act.document)) return Reason::already_exists;
  return may_replace(context.state, deposit.person, deposit.source, deposit.facts) ? Reason::none : Reason::unknown;
}

// SPEC DEP-7: sealed already, by this very depositor: said again, nothing changes.
Outcome seal_again(const Context& context, Effects effects, const StaffActor& actor, const SealDeposit& act) {
  const Document* document = context.state.find<Document>(act.document);
  const bool is_own = document && document->depositor == actor.staff && document->source == actor.organisation;
  if (!is_own || document->status != DocumentStatus::sealed) return std::move(effects).refuse(Reason::unknown);
  effects.concern(document->person).document = document->id;
  const Reason who = rule_1_actor(context.state, actor, context.now());
  if (who != Reason::none) return std::move(effects).refuse(who, Rule::actor);
  effects.answer(DocumentView{*document, {}});
  return std::move(effects).permit();
}

}  // namespace

Outcome apply(const Context& context, const BeginDeposit& act) {
  Effects effects(context);
  const Person* person = effects.concern(act.person);
  if (person) describe(effects, person->id, act.id, act.facts.flik);
  const StaffActor* actor = std::get_if<StaffActor>(&context.actor);
  if (!actor) return std::move(effects).refuse(Reason::not_entitled);
  const Reason who = rule_1_actor(context.state, *actor, context.now());
  if (who != Reason::none) return std::move(effects).refuse(who, Rule::actor);
  if (!person) return std::move(effects).refuse(Reason::unknown);
  const Decision decision = decide_deposit(context.state, *actor, person->id, act.facts.flik, context.now());
  if (!decision.is_permitted()) return std::move(effects).refuse(decision);
  // Only now: who may not deposit must not learn from the number of entries which other numbers are known.
  const auto others = resolve_others(context, effects, act, person->id);
  if (!others) return std::move(effects).refuse(Reason::unknown);
  if (act.id.is_none() || context.state.find<Deposit>(act.id)) return std::move(effects).refuse(Reason::already_exists);
  const Reason facts = check_facts(context.state, act.facts, context.now());
  if (facts != Reason::none) return std::move(effects).refuse(facts);
  if (!may_replace(context.state, person->id, actor->organisation, act.facts)) {
    return std::move(effects).refuse(Reason::unknown);
  }
  Deposit fresh{act.id, person->id, actor->organisation, actor->staff, act.facts, context.now() + kDepositLasts};
  fresh.facts.other_subjects = *others;
  effects.put(std::move(fresh));
  effects.concern(person->id).fullmakt = decision.fullmakt;
  return std::move(effects).permit(decision.fullmakt);
}

Outcome apply(const Context& context, const SealDeposit& act) {
  Effects effects(context);
  const Deposit* deposit = context.state.find<Deposit>(act.deposit);
  const StaffActor* actor = std::get_if<StaffActor>(&context.actor);
  if (deposit) {
    describe(effects, deposit->person, deposit->id, deposit->facts.flik);
    effects.concern(deposit->person).document = act.document;
  }
  if (!actor) return std::move(effects).refuse(Reason::not_entitled);
  if (!deposit) return seal_again(context, std::move(effects), *actor, act);
  const bool is_own = deposit->depositor == actor->staff && deposit->source == actor->organisation;
  if (!is_own) return std::move(effects).refuse(Reason::not_entitled);
  concern_others(effects, context.state, deposit->facts.other_subjects, act.document);
  const Decision decision = decide_deposit(context.state, *actor, deposit->person, deposit->facts.flik, context.now());
  if (!decision.is_permitted()) return std::move(effects).refuse(decision);
  const Reason why = check_seal(context, act, *deposit);
  if (why != Reason::none) return std::move(effects).refuse(why);
  if (act.plan && !is_bounded(*act.plan)) return std::move(effects).refuse(Reason::terms_invalid);  // SPEC PART-59
  const bool is_refused = act.plan && act.plan->refused;
  if (is_refused) return std::move(effects).refuse(Reason::file_refused);  // SPEC PART-57
  const Reason keys = add_keys(context, effects, act, *deposit);
  if (keys != Reason::none) return std::move(effects).refuse(keys);
  const Document sealed = seal(context, act, *deposit);
  answer_source_requests(context, effects, sealed);
  effects.put(sealed);
  effects.erase<Deposit>(act.deposit);
  effects.concern(deposit->person).fullmakt = decision.fullmakt;
  return std::move(effects).permit(decision.fullmakt);
}

// Two staff of the source organisation. The first act proposes, so at approval `first` names the other one.
Outcome apply(const Context& context, const RecordMasking& act) {
  Effects effects(context);
  const Document* document = context.state.find<Document>(act.document);
  if (document) effects.concern(document->person).document = document->id;
  const ActingStaff who = acting_staff(context);
  if (!who.staff) return std::move(effects).refuse(who.why, Rule::actor);
  if (!document || document->status != DocumentStatus::sealed) return std::move(effects).refuse(Reason::unknown);
  if (document->source != who.staff->organisation) return std::move(effects).refuse(Reason::not_entitled);
  concern_others(effects, context.state, document->facts.other_subjects, document->id);
  if (document->masking || document->facts.other_subjects.empty())
    return std::move(effects).refuse(Reason::wrong_state);
  if (context.first && context.first->organisation != document->source) {
    return std::move(effects).refuse(Reason::not_entitled);
  }
  Document masked = *document;
  masked.masking =
      Masking{context.first && context.first->staff ? *context.first->staff : who.staff->id, who.staff->id};
  effects.put(std::move(masked));
  return std::move(effects).permit();
}

// SPEC DISC-1, DISC-2: the source says what it gave out by itself. Nothing opens; those concerned see it in their logs.
Outcome apply(const Context& context, const RecordDisclosure& act) {
  Effects effects(context);
  const Document* document = context.state.find<Document>(act.document);
  const auto describe_disclosure = [&](const PersonId& person) {
    if (!context.state.find<Person>(person)) return;
    Concern& concern = effects.concern(person);
    concern.document = document->id;
    concern.flik = document->facts.flik;
    if (is_code(act.ground)) concern.purpose = act.ground;
  };
  if (document) describe_disclosure(document->person);
  const ActingStaff who = acting_staff(context);
  if (!who.staff) return std::move(effects).refuse(who.why, Rule::actor);
  if (!document) return std::move(effects).refuse(Reason::unknown);
  if (document->source != who.staff->organisation) return std::move(effects).refuse(Reason::not_entitled);
  for (const PersonId& other : document->facts.other_subjects) describe_disclosure(other);
  if (document->status != DocumentStatus::sealed) return std::move(effects).refuse(Reason::not_in_force);
  if (!is_name(act.recipient) || !is_code(act.ground)) return std::move(effects).refuse(Reason::terms_invalid);
  if (act.disclosed > context.now()) return std::move(effects).refuse(Reason::period_invalid);
  return std::move(effects).permit();
}

}  // namespace flikvakt::policy
