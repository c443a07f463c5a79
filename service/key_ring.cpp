#include "service/key_ring.h"

#include <algorithm>

#include "crypto/associated_data.h"
#include "crypto/hash.h"
#include "crypto/labels.h"
#include "crypto/random.h"

namespace flikvakt::service {
namespace {

// policy/ knows no crypto/, and writes these two as numbers (acts_enrolment.cpp).
static_assert(static_cast<std::uint8_t>(crypto::KeyLevel::person) == 1);
static_assert(static_cast<std::uint8_t>(crypto::KeyLevel::person_log) == 7);

KeyId computed_id(crypto::Label label, BytesView of) {
  const crypto::Hash256 hash = crypto::sha256(crypto::AssociatedData(label).field(of).encoded());
  ByteArray<16> id;
  std::copy_n(hash.begin(), id.size(), id.begin());
  return KeyId(id);
}

// The newest wrap under this parent. While a rotation of the master key is under way, or was cut short, each key lies
// there under the old one and, one version up, under the new one.
Result<store::KeySlot> slot_under(const store::KeyStore& store, const KeyId& parent, const KeyId& id) {
  store::KeySlot newest = TRY(store.find(id));
  if (newest.parent == parent || newest.version == 1) return newest;
  Result<store::KeySlot> older = store.find(id, newest.version - 1);
  return older && older->parent == parent ? *older : newest;
}

template <class Child>
Result<Child> unwrap_from(store::KeyStore& store, const crypto::ParentOf<Child>& parent, const KeyId& parent_id,
                          const KeyId& id) {
  const store::KeySlot slot = TRY(slot_under(store, parent_id, id));
  return crypto::unwrap<Child>(parent, slot.wrap, crypto::WrapBinding{slot.id, slot.parent, slot.version});
}

template <class Child>
Result<Child> system_key(store::KeyStore& store, const crypto::MasterKey& master, std::string_view name) {
  return unwrap_from<Child>(store, master, crypto::derive_master_key_id(master), system_key_id(name));
}

ByteArray<32> raw_of(const crypto::SigningKey& key) { return *to_array<32>(key.public_key().raw()); }

}  // namespace

KeyId system_key_id(std::string_view name) { return computed_id(crypto::labels::kSystemKeyId, as_bytes(name)); }
KeyId person_key_id(const PersonId& person) { return computed_id(crypto::labels::kPersonKeyId, person.value()); }

std::vector<NewKey> KeyRing::make_system_keys(const crypto::MasterKey& master) {
  const KeyId parent = crypto::derive_master_key_id(master);
  std::vector<NewKey> out;
  auto make = [&]<class K>(std::string_view name, const K& key) {
    out.push_back(wrap_new<K>(master, parent, system_key_id(name), key));
  };
  make(kDatabaseKeyName, crypto::DatabaseKey::random());
  make(kBlindIndexKeyName, crypto::BlindIndexKey::random());
  make(kForbundLogKeyName, crypto::ForbundLogKey::random());
  make(kHandleSeedName, crypto::HandleSeed::random());
  make(kStateKeyName, crypto::StateKey::random());
  make(kCheckpointSeedName, crypto::SigningSeed::random());
  make(kHeadSeedName, crypto::SigningSeed::random());
  return out;
}

Result<std::unique_ptr<KeyRing>> KeyRing::load(crypto::MasterKey master, store::KeyStore& store) {
  const KeyId master_id = crypto::derive_master_key_id(master);
  if (TRY(slot_under(store, master_id, system_key_id(kDatabaseKeyName))).parent != master_id) {
    return fail(ErrorCode::denied, "opening the key store: this master key is not the one that its keys lie under");
  }
  auto database = TRY(system_key<crypto::DatabaseKey>(store, master, kDatabaseKeyName));
  auto blind = TRY(system_key<crypto::BlindIndexKey>(store, master, kBlindIndexKeyName));
  auto log = TRY(system_key<crypto::ForbundLogKey>(store, master, kForbundLogKeyName));
  auto handle = TRY(system_key<crypto::HandleSeed>(store, master, kHandleSeedName));
  auto state = TRY(system_key<crypto::StateKey>(store, master, kStateKeyName));
  return std::unique_ptr<KeyRing>(new KeyRing(std::move(master), store, std::move(database), std::move(blind),
                                              std::move(log), std::move(handle), std::move(state)));
}

KeyRing::KeyRing(crypto::MasterKey master, store::KeyStore& store, crypto::DatabaseKey database,
                 crypto::BlindIndexKey blind, crypto::ForbundLogKey log, crypto::HandleSeed handle,
                 crypto::StateKey state)
    : master_(std::move(master)),
      master_id_(crypto::derive_master_key_id(master_)),
      store_(store),
      database_(std::move(database)),
      blind_(std::move(blind)),
      forbund_log_(std::move(log)),
      handle_(std::move(handle)),
      state_(std::move(state)) {}

Result<crypto::SigningKey> KeyRing::log_signer(const KeyId& seed) const {
  const auto found = TRY(unwrap_from<crypto::SigningSeed>(store_, master_, master_id_, seed));
  return crypto::SigningKey::from_seed(crypto::KeyAlgorithm::ed25519, found);
}

Result<policy::LogKey> KeyRing::first_log_key() const {
  policy::LogKey out;
  out.seed = system_key_id(kCheckpointSeedName);
  out.head_seed = system_key_id(kHeadSeedName);
  out.checkpoint_key = raw_of(TRY(log_signer(out.seed)));
  out.head_key = raw_of(TRY(log_signer(out.head_seed)));
  return out;
}

KeyRing::NewLogKey KeyRing::make_log_key() const {
  NewLogKey out;
  const auto make = [&](ByteArray<32>& public_key) {
    const auto key = crypto::SigningKey::generate(crypto::KeyAlgorithm::ed25519);
    public_key = raw_of(key);
    const auto id = crypto::random_id<KeyId>();
    out.seeds.push_back(wrap_new<crypto::SigningSeed>(master_, master_id_, id, key.seed()));
    return id;
  };
  out.row.seed = make(out.row.checkpoint_key);
  out.row.head_seed = make(out.row.head_key);
  return out;
}

policy::BlindIndex KeyRing::blind_index(std::string_view twelve_digits) const {
  return crypto::hmac_sha256(blind_.expose(),
                             crypto::AssociatedData(crypto::labels::kBlindIndex).text(twelve_digits).encoded());
}

crypto::HandleKey KeyRing::handle_key(const OrganisationId& organisation) const {
  return crypto::derive_handle_key(handle_, organisation);
}

template <class Child>
Result<Child> KeyRing::unwrap_stored(const crypto::ParentOf<Child>& parent, const KeyId& parent_id,
                                     const KeyId& id) const {
  return unwrap_from<Child>(store_, parent, parent_id, id);
}

Result<crypto::PersonKey> KeyRing::person_key(const PersonId& person) const {
  return unwrap_stored<crypto::PersonKey>(master_, master_id_, person_key_id(person));
}
Result<crypto::PersonLogKey> KeyRing::person_log_key(const KeyId& id) const {
  return unwrap_stored<crypto::PersonLogKey>(master_, master_id_, id);
}
Result<crypto::FlikKey> KeyRing::flik_key(const PersonId& person, const KeyId& id) const {
  const crypto::PersonKey parent = TRY(person_key(person));
  return unwrap_stored<crypto::FlikKey>(parent, person_key_id(person), id);
}

std::vector<NewKey> KeyRing::make_person_keys(const PersonId& person, const KeyId& log_key_id) const {
  std::vector<NewKey> out;
  out.push_back(wrap_new<crypto::PersonKey>(master_, master_id_, person_key_id(person), crypto::PersonKey::random()));
  out.push_back(wrap_new<crypto::PersonLogKey>(master_, master_id_, log_key_id, crypto::PersonLogKey::random()));
  return out;
}

Result<crypto::DocumentKey> KeyRing::document_key(const LoggedPermit& permit) const {
  const crypto::FlikKey parent = TRY(flik_key(permit.document().person, permit.flik_key()));
  return unwrap_stored<crypto::DocumentKey>(parent, permit.flik_key(), permit.document().key_id);
}

Result<NewKey> KeyRing::make_flik_key(const PersonId& person, const KeyId& id) const {
  const crypto::PersonKey parent = TRY(person_key(person));
  return wrap_new<crypto::FlikKey>(parent, person_key_id(person), id, crypto::FlikKey::random());
}

Result<NewKey> KeyRing::wrap_document_key(const PersonId& person, const KeyId& flik, const KeyId& id,
                                          const crypto::DocumentKey& key) const {
  const crypto::FlikKey parent = TRY(flik_key(person, flik));
  return wrap_new<crypto::DocumentKey>(parent, flik, id, key);
}

Result<KeyRing::NewDocumentKey> KeyRing::make_document_key(const PersonId& person, const KeyId& flik,
                                                           const KeyId& id) const {
  crypto::DocumentKey key = crypto::DocumentKey::random();
  NewKey wrapped = TRY(wrap_document_key(person, flik, id, key));
  return NewDocumentKey{std::move(wrapped), std::move(key)};
}

namespace {

template <class Child>
Result<NewKey> rewrapped(const crypto::MasterKey& from, const crypto::MasterKey& to, const store::KeySlot& slot) {
  const crypto::WrapBinding old_binding{slot.id, slot.parent, slot.version};
  const crypto::WrapBinding new_binding{slot.id, crypto::derive_master_key_id(to), slot.version + 1};
  const crypto::WrappedKey wrap = TRY(crypto::rewrap<Child>(from, slot.wrap, old_binding, to, new_binding));
  NewKey out;
  out.slot = {slot.id, new_binding.parent, slot.level, new_binding.version, wrap};
  out.row = {
      slot.id, new_binding.parent, slot.level, new_binding.version, policy::KeyStatus::active, crypto::wrap_hash(wrap)};
  return out;
}

Result<NewKey> rewrapped_by_level(const crypto::MasterKey& from, const crypto::MasterKey& to,
                                  const store::KeySlot& slot) {
  switch (static_cast<crypto::KeyLevel>(slot.level)) {
    case crypto::KeyLevel::person:
      return rewrapped<crypto::PersonKey>(from, to, slot);
    case crypto::KeyLevel::database:
      return rewrapped<crypto::DatabaseKey>(from, to, slot);
    case crypto::KeyLevel::blind_index:
      return rewrapped<crypto::BlindIndexKey>(from, to, slot);
    case crypto::KeyLevel::forbund_log:
      return rewrapped<crypto::ForbundLogKey>(from, to, slot);
    case crypto::KeyLevel::person_log:
      return rewrapped<crypto::PersonLogKey>(from, to, slot);
    case crypto::KeyLevel::handle:
      return rewrapped<crypto::HandleSeed>(from, to, slot);
    case crypto::KeyLevel::state:
      return rewrapped<crypto::StateKey>(from, to, slot);
    case crypto::KeyLevel::signing:
      return rewrapped<crypto::SigningSeed>(from, to, slot);
    case crypto::KeyLevel::flik:
    case crypto::KeyLevel::document:
      break;
  }
  return fail(ErrorCode::corrupt, "rotating keys: a key of another level claims to lie under the master key");
}

}  // namespace

Result<std::vector<NewKey>> KeyRing::rewrap_all(const crypto::MasterKey& new_master) const {
  std::vector<NewKey> out;
  TRY_VOID(store_.for_each([&](const store::KeySlot& slot) -> Result<void> {
    if (slot.parent == master_id_) out.push_back(TRY(rewrapped_by_level(master_, new_master, slot)));
    return {};
  }));
  return out;
}

}  // namespace flikvakt::service
