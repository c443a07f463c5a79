// Every key of the gateway, from the master key down. Wraps lie in the key store; unwrapped keys live as long as their
// use. Which key lies under which: docs/ARCHITECTURE.md, "Keys". Thread-safe after load().
#pragma once

#include <array>
#include <memory>

#include "crypto/derived_keys.h"
#include "crypto/key_wrap.h"
#include "crypto/sign.h"
#include "policy/person.h"
#include "service/logged_permit.h"
#include "store/key_store.h"

namespace flikvakt::service {

// A key that was just made: its wrap for the key store and its row for the state, which must be written in that order.
struct NewKey {
  store::KeySlot slot;
  policy::KeyRow row;
};

template <class Child>
NewKey wrap_new(const crypto::ParentOf<Child>& parent, KeyId parent_id, KeyId id, const Child& child,
                std::uint32_t version = 1) {
  const crypto::WrappedKey wrapped = crypto::wrap(parent, child, crypto::WrapBinding{id, parent_id, version});
  NewKey out;
  out.slot = {id, parent_id, static_cast<std::uint8_t>(crypto::kLevelOf<Child>), version, wrapped};
  out.row = {id, parent_id, out.slot.level, version, policy::KeyStatus::active, crypto::wrap_hash(wrapped)};
  return out;
}

// Ids that are computed, so that a key can be found before the rows that name it can be read.
KeyId system_key_id(std::string_view name);
KeyId person_key_id(const PersonId& person);

// A document has one object for ever (what replaces it is another document), so its envelope's version is always this.
inline constexpr std::uint32_t kObjectVersion = 1;

inline constexpr std::string_view kDatabaseKeyName = "database";
inline constexpr std::string_view kBlindIndexKeyName = "blind-index";
inline constexpr std::string_view kForbundLogKeyName = "forbund-log";
inline constexpr std::string_view kHandleSeedName = "handle";
inline constexpr std::string_view kStateKeyName = "state";
inline constexpr std::array kSystemKeyNames = {kDatabaseKeyName, kBlindIndexKeyName, kForbundLogKeyName,
                                               kHandleSeedName, kStateKeyName};
// Of the log's first key only: later ones lie under random ids, which their rows name (spec/log-keys.md).
inline constexpr std::string_view kCheckpointSeedName = "checkpoint-signing";
inline constexpr std::string_view kHeadSeedName = "head-signing";

class KeyRing {
public:
  // Makes the gateway's own keys. For `init`: the slots go to the key store, the rows into the first entry.
  static std::vector<NewKey> make_system_keys(const crypto::MasterKey& master);

  // Unwraps the gateway's own keys. denied: the master key is not the one that wrapped them. corrupt, not_found.
  static Result<std::unique_ptr<KeyRing>> load(crypto::MasterKey master, store::KeyStore& store);

  const crypto::DatabaseKey& database() const { return database_; }
  const crypto::ForbundLogKey& forbund_log() const { return forbund_log_; }
  const crypto::StateKey& state() const { return state_; }
  KeyId master_id() const { return master_id_; }

  // The log's own keys, which sign. Which of them count is in the state rows: service/log_keys.h
  Result<crypto::SigningKey> log_signer(const KeyId& seed) const;
  // As make_system_keys() made it, for the first entry of a log.
  Result<policy::LogKey> first_log_key() const;
  struct NewLogKey {
    policy::LogKey row;  // generation, status and sizes are the rules' to say
    std::vector<NewKey> seeds;
  };
  NewLogKey make_log_key() const;

  // People
  policy::BlindIndex blind_index(std::string_view twelve_digits) const;
  crypto::HandleKey handle_key(const OrganisationId& organisation) const;
  Result<crypto::PersonKey> person_key(const PersonId& person) const;
  Result<crypto::PersonLogKey> person_log_key(const KeyId& id) const;
  std::vector<NewKey> make_person_keys(const PersonId& person, const KeyId& log_key_id) const;

  // Documents. The key that opens a document is had only for a logged permit (P1).
  Result<crypto::DocumentKey> document_key(const LoggedPermit& permit) const;
  Result<NewKey> make_flik_key(const PersonId& person, const KeyId& id) const;
  struct NewDocumentKey {
    NewKey wrapped;
    crypto::DocumentKey key;
  };
  Result<NewDocumentKey> make_document_key(const PersonId& person, const KeyId& flik_key, const KeyId& id) const;
  Result<NewKey> wrap_document_key(const PersonId& person, const KeyId& flik_key, const KeyId& id,
                                   const crypto::DocumentKey& key) const;

  // Rotation of the master key: the same keys under a new one, one version up. Durable by the caller, row by row.
  Result<std::vector<NewKey>> rewrap_all(const crypto::MasterKey& new_master) const;

  store::KeyStore& store() const { return store_; }

private:
  KeyRing(crypto::MasterKey master, store::KeyStore& store, crypto::DatabaseKey database, crypto::BlindIndexKey blind,
          crypto::ForbundLogKey log, crypto::HandleSeed handle, crypto::StateKey state);

  template <class Child>
  Result<Child> unwrap_stored(const crypto::ParentOf<Child>& parent, const KeyId& parent_id, const KeyId& id) const;
  Result<crypto::FlikKey> flik_key(const PersonId& person, const KeyId& id) const;

  crypto::MasterKey master_;
  KeyId master_id_;
  store::KeyStore& store_;
  crypto::DatabaseKey database_;
  crypto::BlindIndexKey blind_;
  crypto::ForbundLogKey forbund_log_;
  crypto::HandleSeed handle_;
  crypto::StateKey state_;
};

}  // namespace flikvakt::service
