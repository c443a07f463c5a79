// Log entries: leaf, act part, person part and act record. What decodes encodes to the same bytes; what is sealed
// opens, and not after one byte has changed.
#include "audit/entry.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/targets.h"

namespace flikvakt::fuzz {
namespace {

using namespace flikvakt::audit;

struct Keys {
  ForbundEntryKeys forbund{fixed_secret<crypto::ForbundLogKey>(1)};
  PersonEntryKeys person{fixed_secret<crypto::PersonLogKey>(2)};
};

template <class Encoded>
void same(const Encoded& encoded, BytesView in) {
  claim(std::ranges::equal(encoded, in), "what decodes encodes to the same bytes");
}

void check_plain(BytesView in) {
  if (const auto leaf = decode_leaf(in)) same(encode_leaf(*leaf), in);
  if (const auto part = decode_act(in)) same(encode(*part), in);
  if (const auto part = decode_person(in)) same(encode(*part), in);
  const auto code = EntryCode::parse(as_text(in));
  if (code) claim(code->text() == as_text(in) && *EntryCode::decode(code->padded()) == *code, "a code comes back");
  if (!in.empty()) (void)name_of(static_cast<ActKind>(in[0]));
}

void damage(std::span<std::uint8_t> bytes, std::uint16_t place, std::uint8_t how) {
  bytes[place % bytes.size()] ^= how;
}

// An entry of parts that the input spells out.
void check_sealed(BytesView in) {
  static Keys keys;
  ByteReader reader(in);
  const std::uint16_t place = reader.u16();
  const std::uint8_t how = reader.u8();
  const auto act = decode_act(reader.bytes(kActPartBytes));
  const auto person = decode_person(reader.bytes(kPersonPartBytes));
  if (!act || !person) return;
  const UtcTime time{std::chrono::milliseconds(reader.u64() % 253'402'300'800'000)};
  SealedEntry entry = seal_entry(time, *act, AboutPerson{*person, keys.person, reader.u32()}, keys.forbund);
  const Leaf leaf = decode_leaf(entry.leaf).value();
  claim(open_act(leaf, entry.act, keys.forbund).value().part == *act, "a sealed act part opens");
  claim(open_person(leaf, entry.person, keys.person).value().part == *person, "a sealed person part opens");
  if (how == 0) return;
  damage(entry.act, place, how);
  damage(entry.person, place, how);
  claim(!open_act(leaf, entry.act, keys.forbund) && !open_person(leaf, entry.person, keys.person),
        "a changed byte is found");
}

void check_record(BytesView in) {
  static Keys keys;
  ByteReader reader(in);
  const std::uint16_t place = reader.u16();
  const std::uint8_t how = reader.u8();
  const BytesView plain = reader.bytes(reader.left());
  SealedRecord record = seal_record(plain, keys.forbund.record);
  const auto opened = open_record(record.commitment, record.ciphertext, keys.forbund.record);
  claim(opened && std::ranges::equal(*opened, plain), "a sealed record opens");
  claim(!open_record(record.commitment, record.ciphertext, keys.person.record), "under no other key");
  claim(!open_record(record.commitment, plain, keys.forbund.record), "nobody but the key's holder seals");
  if (how == 0) return;
  damage(record.ciphertext, place, how);
  claim(!open_record(record.commitment, record.ciphertext, keys.forbund.record), "a changed byte is found");
}

void check_received(BytesView in) {
  static Keys keys;
  const auto leaf = decode_leaf(in.first(std::min(in.size(), kLeafBytes)));
  if (!leaf) return;
  const BytesView rest = in.subspan(kLeafBytes);
  claim(!open_act(*leaf, rest, keys.forbund) && !open_person(*leaf, rest, keys.person),
        "nobody but the keys' holder seals");
}

}  // namespace

void log_entry(BytesView in) {
  switch (choose(in, 4)) {
    case 0:
      return check_sealed(in);
    case 1:
      return check_record(in);
    case 2:
      return check_received(in);
    default:
      return check_plain(in);
  }
}

}  // namespace flikvakt::fuzz
