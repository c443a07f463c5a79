// The gateway's own acts: time that has come, revocation lists, the first entry, start and stop.
#include "policy/effects.h"
#include "policy/kontrakt_life.h"
#include "policy/life_cycle.h"
#include "policy/requests.h"
#include "policy/who.h"

namespace flikvakt::policy {
namespace {

// A batch of its own must not hold up the narrowing acts behind it; State::next_due() stays in the past until all is
// done.
constexpr std::size_t kMostDueAtOnce = 1024;

// Serials of one issuer, of all lists so far: about 5 MB of JSON in one row.
constexpr std::size_t kMostRevoked = 100'000;

void lapse(const Context& context, Effects& effects, const FullmaktId& id) {
  const Fullmakt& fullmakt = *context.state.find<Fullmakt>(id);
  Concern& concern = effects.concern(fullmakt.person);
  if (!concern.fullmakt) concern.fullmakt = id;
  change_status(context, effects, id, FullmaktStatus::expired);
}

void lapse(const Context& context, Effects& effects, const Fingerprint& thumbprint) {
  DeviceKey key = *context.state.find<DeviceKey>(thumbprint);
  key.status = DeviceKeyStatus::removed;
  effects.concern(key.person);
  effects.put(std::move(key));
}

// SPEC SPARR-2: the person said until when.
void lapse(const Context& context, Effects& effects, const SparrId& id) {
  Sparr over = *context.state.find<Sparr>(id);
  over.in_force = false;
  effects.concern(over.person).subject = subject_of(id);
  effects.put_consent(std::move(over));
}

template <class Key>
Key key_of(const RowId& id) {
  if constexpr (std::is_same_v<Key, Fingerprint>)
    return *to_array<32>(id.key);
  else
    return Key(*to_array<16>(id.key));
}

void lapse(const Context& context, Effects& effects, Outcome& erased, const RowId& id) {
  if (id.table == Fullmakt::kTable) return lapse(context, effects, key_of<FullmaktId>(id));
  if (id.table == DeviceKey::kTable) return lapse(context, effects, key_of<Fingerprint>(id));
  if (id.table == Sparr::kTable) return lapse(context, effects, key_of<SparrId>(id));
  if (id.table == Kontrakt::kTable)
    return end_kontrakt(context, effects, *context.state.find<Kontrakt>(key_of<KontraktId>(id)));
  if (id.table == AccessRequest::kTable)
    return lapse_request(context, effects, *context.state.find<AccessRequest>(key_of<RequestId>(id)));
  if (id.table == SourceRequest::kTable)
    return lapse_source_request(context, effects, *context.state.find<SourceRequest>(key_of<RequestId>(id)));
  if (id.table == Deposit::kTable) {
    const Deposit& deposit = *context.state.find<Deposit>(key_of<DepositId>(id));
    effects.concern(deposit.person).subject = subject_of(deposit.id);
  }
  erased.erases.push_back(id);
}

bool is_empty(const State& state) {
  return state.all<Instance>().empty() && state.all<Administrator>().empty() && state.all<Organisation>().empty() &&
         state.all<Person>().empty();
}

// SPEC ACT-41: at least two personal administrators and one recovery key, all different.
bool are_founders(const std::vector<Administrator>& administrators) {
  std::size_t recovery = 0;
  std::set<AdministratorId> ids;
  std::set<Fingerprint> thumbprints;
  for (const Administrator& one : administrators) {
    if (one.kind == AdministratorKind::recovery) ++recovery;
    if (one.id.is_none() || one.name.empty() || one.standing != Standing::active) return false;
    ids.insert(one.id);
    thumbprints.insert(one.thumbprint);
  }
  const std::size_t count = administrators.size();
  return recovery == 1 && count >= 3 && ids.size() == count && thumbprints.size() == count;
}

}  // namespace

Outcome apply(const Context& context, const AcceptClock&) {
  const Reason who = must_be_administrator(context);
  return who == Reason::none ? Effects(context).permit() : refused(who);
}

Outcome apply(const Context& context, const ExpireDue&) {
  const Reason who = must_be_system(context);
  if (who != Reason::none) return refused(who);
  Effects effects(context);
  Outcome erased;
  for (const RowId& id : context.state.due(context.now(), kMostDueAtOnce)) lapse(context, effects, erased, id);
  Outcome out = std::move(effects).permit();
  out.erases.insert(out.erases.end(), erased.erases.begin(), erased.erases.end());
  return out;
}

// SPEC ACT-42: a list never goes back to a lower number, nor changes under the same one, and what was once revoked
// stays revoked though a later list leaves it out.
Outcome apply(const Context& context, const ApplyCrl& act) {
  const Reason who = must_be_system(context);
  if (who != Reason::none) return refused(who);
  const Issuer* issuer = context.state.find<Issuer>(act.issuer);
  if (!issuer) return refused(Reason::unknown);
  if (act.number == 0 || act.number < issuer->crl_number) return refused(Reason::state_changed);
  if (act.number == issuer->crl_number) {
    return act.hash == issuer->crl_hash ? Effects(context).permit() : refused(Reason::state_changed);
  }
  Issuer updated = *issuer;
  updated.crl_number = act.number;
  updated.crl_hash = act.hash;
  updated.crl_next_update = act.next_update;
  updated.revoked.insert(act.revoked.begin(), act.revoked.end());
  // SPEC ACT-52: what cannot be stored must not take the batch, and the revocations in it, along.
  if (updated.revoked.size() > kMostRevoked) return refused(Reason::terms_invalid);
  Effects effects(context);
  effects.put(std::move(updated));
  return std::move(effects).permit();
}

Outcome apply(const Context& context, const SumFailures&) {
  const Reason who = must_be_system(context);
  return who == Reason::none ? Effects(context).permit() : refused(who);
}

Outcome apply(const Context& context, const Initialise& act) {
  const Reason who = must_be_system(context);
  if (who != Reason::none) return refused(who);
  if (!is_empty(context.state)) return refused(Reason::wrong_state);
  const bool is_named = !act.instance.name.empty() && !act.instance.origin.empty() && !act.instance.restored_from;
  const bool is_fresh = act.instance.epoch == 0 && act.instance.since == UtcTime{} && !act.instance.names_staff_since;
  if (!is_named || !is_fresh || !are_founders(act.administrators)) return refused(Reason::terms_invalid);
  Effects effects(context);
  Instance begun = act.instance;
  begun.since = std::chrono::floor<std::chrono::seconds>(context.now());
  effects.put(std::move(begun));
  for (const Administrator& one : act.administrators) effects.put(one);
  for (const KeyRow& key : context.prepared.keys) effects.put(key);
  if (const auto& made = context.prepared.log_key) {  // SPEC LKEY-2
    effects.put(LogKey{1, made->checkpoint_key, made->head_key, made->seed, made->head_seed, LogKeyStatus::current, 0,
                       context.now()});
  }
  return std::move(effects).permit();
}

Outcome apply(const Context& context, const Start&) {
  const Reason who = must_be_system(context);
  return who == Reason::none ? Effects(context).permit() : refused(who);
}

Outcome apply(const Context& context, const Stop&) {
  const Reason who = must_be_system(context);
  return who == Reason::none ? Effects(context).permit() : refused(who);
}

}  // namespace flikvakt::policy
