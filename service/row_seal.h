// State rows at rest: spec/state-rows.md. A row's body is JSON sealed under its owner's key: the person's state key for
// rows that concern a person, the gateway's state key for the registry. So a person's rows are gone when the key is.
#pragma once

#include <list>
#include <unordered_map>

#include "crypto/aead.h"
#include "crypto/lthash.h"
#include "policy/state.h"
#include "service/key_ring.h"
#include "store/rows.h"

namespace flikvakt::service {

// Seals and opens rows; keeps the state keys of the people last used. Owned by one thread.
class RowSealer {
public:
  explicit RowSealer(const KeyRing& keys, std::size_t kept_people = 1024)
      : keys_(keys), kept_people_(kept_people), registry_(keys.state()) {}

  // `version`: index of the log entry that changes the row. internal: what was made of it could not be read back.
  Result<store::StateRow> seal(const policy::Row& row, std::uint64_t version);
  Result<policy::Row> open(const store::StateRowView& row);

  // The same for a row of the gateway's own that is no noun of policy/, with any bytes as its plaintext.
  store::StateRow seal_own(std::uint16_t table, Bytes id, std::uint64_t version, BytesView plaintext);
  Result<Bytes> open_own(const store::StateRowView& row);

  void forget(const PersonId& person);

private:
  static store::StateRow seal_under(crypto::AeadKey& key, const PersonId& owner_or_none, std::uint16_t table, Bytes id,
                                    std::uint64_t version, BytesView plaintext);
  Result<crypto::AeadKey*> key_of(const std::optional<PersonId>& owner);

  const KeyRing& keys_;
  const std::size_t kept_people_;
  crypto::AeadKey registry_;
  struct Kept {
    PersonId person;
    crypto::AeadKey key;
  };
  std::list<Kept> recent_;  // most recently used first
  std::unordered_map<PersonId, std::list<Kept>::iterator> by_person_;
};

// The row of that key. not_found: it is not there, or its owner's key is gone; corrupt: it does not open.
template <class T>
Result<T> stored_row(const store::Rows& rows, RowSealer& sealer, const typename T::Key& key) {
  const policy::RowId id = policy::row_id_of<T>(key);
  const std::optional<store::StateRow> stored = TRY(rows.state_row(id.table, id.key));
  if (!stored) return fail(ErrorCode::not_found, "a state row is not there");
  policy::Row row = TRY(sealer.open({stored->table, stored->id, stored->version, stored->body}));
  return get<T>(std::move(row));
}

// The person whose key seals a stored row, readable without any key. corrupt: not a body of version 1.
Result<std::optional<PersonId>> sealed_owner(BytesView body);

// The element that stands for a stored row in the state digest (spec/state-rows.md).
Bytes digest_element(std::uint16_t table, BytesView id, std::uint64_t version, BytesView body);

}  // namespace flikvakt::service
