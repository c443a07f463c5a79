#include "crypto/derived_keys.h"

#include <algorithm>

#include "crypto/associated_data.h"
#include "crypto/hash.h"
#include "crypto/openssl_check.h"

namespace flikvakt::crypto {

// SPEC KEY-7
PersonStateKey derive_person_state_key(const PersonKey& key, const PersonId& person) {
  const AssociatedData info = AssociatedData(labels::kPersonStateKey).id(person);
  return PersonStateKey(hkdf_sha256(key.expose(), {}, info.encoded()));
}

// SPEC KEY-6
HandleKey derive_handle_key(const HandleSeed& seed, const OrganisationId& organisation) {
  const AssociatedData info = AssociatedData(labels::kHandleKey).id(organisation);
  auto out = HandleKey::zero();
  detail::must(hkdf_sha256_into(seed.expose(), {}, info.encoded(), out.expose_mutable()).has_value(), "deriving a key");
  return out;
}

// SPEC KEY-5
KeyId derive_master_key_id(const MasterKey& key) {
  const Secret<32> derived = hkdf_sha256(key.expose(), {}, AssociatedData(labels::kMasterKeyId).encoded());
  return KeyId(*to_array<16>(derived.expose().first<16>()));
}

}  // namespace flikvakt::crypto
