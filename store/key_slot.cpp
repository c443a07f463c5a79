#include "store/key_slot.h"

#include <algorithm>

#include "crypto/hash.h"

namespace flikvakt::store {
namespace {

constexpr std::string_view kMagic = "FLIKKEYS";
constexpr std::uint32_t kFormat = 1;
constexpr std::uint8_t kInUse = 1;
constexpr std::size_t kCheckedBytes = 112;

// SPEC KST-3
ByteArray<16> check_of(std::uint64_t place, const SlotBytes& bytes) {
  ByteWriter at;
  at.text("flikvakt key slot v1").u64(place);
  const crypto::Hash256 hash = crypto::sha256(at.view(), BytesView(bytes).first(kCheckedBytes));
  ByteArray<16> out;
  std::copy_n(hash.begin(), out.size(), out.begin());
  return out;
}

SlotBytes closed(std::uint64_t place, const ByteWriter& writer) {
  SlotBytes out{};
  std::copy(writer.view().begin(), writer.view().end(), out.begin());
  const ByteArray<16> check = check_of(place, out);
  std::copy(check.begin(), check.end(), out.begin() + kCheckedBytes);
  return out;
}

bool checks(std::uint64_t place, const SlotBytes& bytes) {
  return std::ranges::equal(check_of(place, bytes), BytesView(bytes).subspan(kCheckedBytes));
}

}  // namespace

SlotBytes encode_header() {
  ByteWriter writer;
  writer.text(kMagic).u32(kFormat).u32(kSlotBytes);
  return closed(0, writer);
}

Result<void> check_header(const SlotBytes& bytes) {
  if (!as_text(bytes).starts_with(kMagic)) return fail(ErrorCode::invalid, "this is no flikvakt key store");
  ByteReader reader(BytesView(bytes).subspan(kMagic.size()));
  if (!checks(0, bytes)) return fail(ErrorCode::corrupt, "the header of the key store is damaged");
  if (reader.u32() != kFormat || reader.u32() != kSlotBytes) {
    return fail(ErrorCode::invalid, "the key store was written by a newer flikvakt");
  }
  return {};
}

// SPEC KST-2: status 1, level 1, zero 2, version 4, key id 16, parent id 16, wrap 60, log size 8, zero 4, check 16.
SlotBytes encode_slot(std::uint64_t place, const KeySlot& slot) {
  ByteWriter writer;
  writer.u8(kInUse).u8(slot.level).u16(0).u32(slot.version);
  writer.bytes(slot.id.value()).bytes(slot.parent.value()).bytes(slot.wrap).u64(slot.log_size);
  return closed(place, writer);
}

bool is_free(const SlotBytes& bytes) {
  return std::ranges::all_of(bytes, [](std::uint8_t byte) { return byte == 0; });
}

std::optional<KeySlot> decode_slot(std::uint64_t place, const SlotBytes& bytes) {
  if (!checks(place, bytes)) return std::nullopt;
  ByteReader reader(bytes);
  if (reader.u8() != kInUse) return std::nullopt;
  KeySlot slot;
  slot.level = reader.u8();
  if (reader.u16() != 0) return std::nullopt;
  slot.version = reader.u32();
  slot.id = KeyId(reader.array<16>());
  slot.parent = KeyId(reader.array<16>());
  slot.wrap = reader.array<60>();
  slot.log_size = reader.u64();
  return slot;
}

}  // namespace flikvakt::store
