// The bytes of the key store's slots: spec/key-store.md. Internal to store/.
#pragma once

#include <optional>

#include "store/key_store.h"

namespace flikvakt::store {

inline constexpr std::size_t kSlotBytes = 128;
using SlotBytes = ByteArray<kSlotBytes>;

SlotBytes encode_header();
Result<void> check_header(const SlotBytes& bytes);

// `place` is the number of the slot, from 1: a slot that is moved or copied elsewhere does not check.
SlotBytes encode_slot(std::uint64_t place, const KeySlot& slot);

bool is_free(const SlotBytes& bytes);                                             // all zero
std::optional<KeySlot> decode_slot(std::uint64_t place, const SlotBytes& bytes);  // nothing: torn or damaged

}  // namespace flikvakt::store
