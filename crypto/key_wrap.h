// Keys sealed under keys: spec/key-wrap.md. Each wrap is AES-256-GCM whose associated data binds level, key id, parent
// id and version, so that a wrap opens only as what it was made for. Rotation re-wraps; what lies below is not touched.
//
// NOT covered: an older wrap of the same key with an older version still opens under the old parent: callers keep the
// version and wrap_hash() of each key in a state row and compare. Thread-safe.
#pragma once

#include "base/ids.h"
#include "crypto/hash.h"
#include "crypto/secret.h"

namespace flikvakt::crypto {

// The numbers are in the associated data: never renumber.
enum class KeyLevel : std::uint8_t {
  person = 1,
  flik = 2,
  document = 3,
  database = 4,
  blind_index = 5,
  forbund_log = 6,
  person_log = 7,
  handle = 8,
  state = 9,
  signing = 10,
};

inline constexpr std::size_t kWrappedKeyBytes = 12 + 32 + 16;  // nonce, key, tag
using WrappedKey = ByteArray<kWrappedKeyBytes>;

struct WrapBinding {
  KeyId key;
  KeyId parent;               // for keys under the master key: derive_master_key_id()
  std::uint32_t version = 0;  // counts from 1, one more at each rotation
};

// What each key type is, and which key it lies under.
template <class Child>
struct KeyPlace;
template <KeyLevel Level, class ParentKey>
struct PlacedUnder {
  static constexpr KeyLevel kLevel = Level;
  using Parent = ParentKey;
};
template <>
struct KeyPlace<PersonKey> : PlacedUnder<KeyLevel::person, MasterKey> {};
template <>
struct KeyPlace<FlikKey> : PlacedUnder<KeyLevel::flik, PersonKey> {};
template <>
struct KeyPlace<DocumentKey> : PlacedUnder<KeyLevel::document, FlikKey> {};
template <>
struct KeyPlace<DatabaseKey> : PlacedUnder<KeyLevel::database, MasterKey> {};
template <>
struct KeyPlace<BlindIndexKey> : PlacedUnder<KeyLevel::blind_index, MasterKey> {};
template <>
struct KeyPlace<ForbundLogKey> : PlacedUnder<KeyLevel::forbund_log, MasterKey> {};
template <>
struct KeyPlace<PersonLogKey> : PlacedUnder<KeyLevel::person_log, MasterKey> {};
template <>
struct KeyPlace<HandleSeed> : PlacedUnder<KeyLevel::handle, MasterKey> {};
template <>
struct KeyPlace<StateKey> : PlacedUnder<KeyLevel::state, MasterKey> {};
template <>
struct KeyPlace<SigningSeed> : PlacedUnder<KeyLevel::signing, MasterKey> {};

template <class Child>
inline constexpr KeyLevel kLevelOf = KeyPlace<Child>::kLevel;
template <class Child>
using ParentOf = typename KeyPlace<Child>::Parent;

namespace detail {
using KeyBytes = std::span<const std::uint8_t, 32>;
WrappedKey wrap_key(KeyBytes parent, KeyLevel level, const WrapBinding& binding, KeyBytes child);
Result<Secret<32>> unwrap_key(KeyBytes parent, KeyLevel level, const WrapBinding& binding, BytesView wrapped);
Result<void> check_rotation(const WrapBinding& from, const WrapBinding& to);
}  // namespace detail

template <class Child>
WrappedKey wrap(const ParentOf<Child>& parent, const Child& child, const WrapBinding& binding) {
  return detail::wrap_key(parent.expose(), kLevelOf<Child>, binding, child.expose());
}

// corrupt: damaged, or not this key under this parent in this version. malformed: not 60 bytes.
template <class Child>
Result<Child> unwrap(const ParentOf<Child>& parent, BytesView wrapped, const WrapBinding& binding) {
  return Child(TRY(detail::unwrap_key(parent.expose(), kLevelOf<Child>, binding, wrapped)));
}

// The same key under a new parent, or anew under the same. invalid: another key id, or a version that is not one more.
template <class Child>
Result<WrappedKey> rewrap(const ParentOf<Child>& old_parent, BytesView wrapped, const WrapBinding& from,
                          const ParentOf<Child>& new_parent, const WrapBinding& to) {
  TRY_VOID(detail::check_rotation(from, to));
  const Child child = TRY(unwrap<Child>(old_parent, wrapped, from));
  return wrap(new_parent, child, to);
}

// What the key's state row keeps, so that an exchanged or restored wrap is noticed. SHA-256 of the 60 bytes.
Hash256 wrap_hash(const WrappedKey& wrapped);

}  // namespace flikvakt::crypto
