#include "policy/enrolment.h"

#include "policy/terms.h"

namespace flikvakt::policy {
namespace {

constexpr std::uint8_t kPersonKeyLevel = 1;     // crypto::KeyLevel::person
constexpr std::uint8_t kPersonLogKeyLevel = 7;  // crypto::KeyLevel::person_log

const KeyRow* prepared_key(const Prepared& prepared, std::uint8_t level) {
  for (const KeyRow& key : prepared.keys) {
    if (key.level == level) return &key;
  }
  return nullptr;
}

// The count that a passkey gave with this act, and the row of its key.
struct Counted {
  std::uint32_t count = 0;
  const DeviceKey* key = nullptr;
};
std::optional<Counted> counted(const State& state, const Actor& actor) {
  const auto* person = std::get_if<PersonActor>(&actor);
  if (!person || !person->sign_count) return std::nullopt;
  return Counted{*person->sign_count, state.find<DeviceKey>(person->key)};
}

}  // namespace

bool create_person(const Context& context, Effects& effects, const BlindIndex& index) {
  const KeyRow* key = prepared_key(context.prepared, kPersonKeyLevel);
  const KeyRow* log_key = prepared_key(context.prepared, kPersonLogKeyLevel);
  const std::optional<PersonId>& id = context.prepared.person;
  if (!id || context.state.find<Person>(*id) || !key || !log_key || context.prepared.number.empty()) return false;
  effects.put(*key);
  effects.put(*log_key);
  effects.put(Person{*id, {context.prepared.number}, key->id, log_key->id, 0, context.epoch(), {}});
  effects.put(BlindIndexRow{index, *id});
  effects.concern(*id);
  return true;
}

bool is_passkey(const Passkey& passkey) {
  return !passkey.credential_id.empty() && passkey.credential_id.size() <= kLongestCredentialId &&
         is_name(passkey.rp_id);
}

EvidenceKind evidence_of(const Context& context) {
  const auto* actor = std::get_if<PersonActor>(&context.actor);
  const DeviceKey* key = actor ? context.state.find<DeviceKey>(actor->key) : nullptr;
  if (!key) return EvidenceKind::device_key;
  switch (kind_of(*key)) {
    case DeviceKeyKind::passkey:
      return EvidenceKind::passkey;
    case DeviceKeyKind::e_id:
      return EvidenceKind::e_id;
    case DeviceKeyKind::device:
      break;
  }
  return EvidenceKind::device_key;
}

Reason check_sign_count(const State& state, const Actor& actor) {
  const std::optional<Counted> now = counted(state, actor);
  if (!now) return Reason::none;
  if (!now->key || !now->key->passkey) return Reason::credential_not_valid;
  const std::uint32_t before = now->key->passkey->sign_count;
  const bool counts = now->count != 0 || before != 0;
  return counts && now->count <= before ? Reason::credential_not_valid : Reason::none;
}

// Not of a representative: their key's row is under their own keys, and the act is not one of theirs in the log.
void note_sign_count(const State& state, const Actor& actor, Outcome& permitted) {
  const std::optional<Counted> now = counted(state, actor);
  const bool is_represented = now && std::get<PersonActor>(actor).representative.has_value();
  if (!now || is_represented || !now->key || !now->key->passkey) return;
  const auto raise = [&](DeviceKey& key) {
    if (key.passkey && key.passkey->sign_count < now->count) key.passkey->sign_count = now->count;
  };
  for (Row& row : permitted.puts) {
    auto* put = get_if<DeviceKey>(&row);
    if (put && put->thumbprint == now->key->thumbprint) return raise(*put);
  }
  if (now->key->passkey->sign_count >= now->count) return;
  DeviceKey key = *now->key;
  raise(key);
  permitted.puts.emplace_back(std::move(key));
}

}  // namespace flikvakt::policy
