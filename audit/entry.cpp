#include "audit/entry.h"

#include <algorithm>

#include "crypto/hash.h"
#include "crypto/labels.h"
#include "crypto/random.h"

namespace flikvakt::audit {
namespace {

using crypto::AeadKey;
using crypto::AssociatedData;
using crypto::Label;
namespace labels = crypto::labels;

constexpr std::uint8_t kVersion = 1;
constexpr std::int64_t kLastMillisecond = 253'402'300'799'999;  // of the year 9999

// The numbers of the three kinds of sealed part. SPEC LOG-5
const AssociatedData kActData = AssociatedData(labels::kLogPart).number(kVersion).number(1);
const AssociatedData kPersonData = AssociatedData(labels::kLogPart).number(kVersion).number(2);
const AssociatedData kRecordData = AssociatedData(labels::kLogPart).number(kVersion).number(3);

// SPEC LOG-4
template <class Tag>
crypto::Secret<32> derive(const crypto::Key<Tag>& key, Label label) {
  return crypto::hkdf_sha256(key.expose(), {}, AssociatedData(label).encoded());
}

// SPEC LOG-6
Commitment commitment_of(Label label, BytesView opener, BytesView plaintext) {
  return crypto::hmac_sha256(opener, as_bytes(label.text()), plaintext);
}

// Seals opener ‖ plaintext into `out` and returns the commitment.
template <std::size_t N>
Commitment seal_part(AeadKey& key, const AssociatedData& ad, Label label, BytesView opener,
                     const ByteArray<N>& plaintext, std::span<std::uint8_t> out) {
  ByteArray<kOpenerBytes + N> inner;
  std::copy(plaintext.begin(), plaintext.end(), std::copy(opener.begin(), opener.end(), inner.begin()));
  key.seal_into(ad, inner, out);
  return commitment_of(label, opener, plaintext);
}

Error not_committed() {
  return fail(ErrorCode::corrupt, "opening a log part: its contents are not what was committed to");
}

// opener ‖ plaintext, checked against the commitment. The length is the ciphertext's.
Result<Bytes> open_part(AeadKey& key, const AssociatedData& ad, Label label, const Commitment& commitment,
                        BytesView ciphertext) {
  Bytes inner = TRY(key.open(ad, ciphertext));
  if (inner.size() < kOpenerBytes) return not_committed();
  const BytesView all(inner);
  // SPEC LOG-7
  if (commitment_of(label, all.first(kOpenerBytes), all.subspan(kOpenerBytes)) != commitment) return not_committed();
  return inner;
}

Result<void> check_hash(const ByteArray<32>& hash, BytesView ciphertext) {
  if (crypto::sha256(ciphertext) == hash) return {};
  return fail(ErrorCode::corrupt, "opening a log part: the ciphertext is not the one that the leaf speaks of");
}

Opener opener_of(const Bytes& inner) { return *to_array<kOpenerBytes>(BytesView(inner).first(kOpenerBytes)); }

// SPEC LOG-11: random bytes look like a part sealed under a key that one does not hold, and there is no key to throw
// away.
void fill_for_nobody(Leaf& leaf, ByteArray<kPersonCiphertextBytes>& ciphertext) {
  const auto random = crypto::random_bytes<32 + 32 + kPersonCiphertextBytes>();
  const auto from = random.begin();
  std::copy_n(from, 32, leaf.person_tag.begin());
  std::copy_n(from + 32, 32, leaf.person_commitment.begin());
  std::copy_n(from + 64, kPersonCiphertextBytes, ciphertext.begin());
}

}  // namespace

ForbundEntryKeys::ForbundEntryKeys(const crypto::ForbundLogKey& key)
    : act(derive(key, labels::kLogActKey)), record(derive(key, labels::kLogRecordKey)) {}

PersonEntryKeys::PersonEntryKeys(const crypto::PersonLogKey& key)
    : person(derive(key, labels::kLogPersonKey)), record(derive(key, labels::kLogRecordKey)), tags_(key) {}

PersonTagKey::PersonTagKey(const crypto::PersonLogKey& key) : key_(derive(key, labels::kLogPersonTagKey).expose()) {}

// SPEC LOG-3
PersonTag PersonTagKey::tag(std::uint64_t count) const {
  ByteArray<8> number;
  for (std::size_t i = 0; i < number.size(); ++i) number[i] = static_cast<std::uint8_t>(count >> (56 - 8 * i));
  return key_.mac(number);
}

// SPEC LOG-1
ByteArray<kLeafBytes> encode_leaf(const Leaf& leaf) {
  ByteArray<kLeafBytes> out{kVersion};
  const auto time = static_cast<std::uint64_t>(leaf.time.time_since_epoch().count());
  for (std::size_t i = 0; i < 8; ++i) out[1 + i] = static_cast<std::uint8_t>(time >> (56 - 8 * i));
  auto at = out.begin() + 9;
  for (const ByteArray<32>* field : {&leaf.person_tag, &leaf.act_commitment, &leaf.act_ciphertext_hash,
                                     &leaf.person_commitment, &leaf.person_ciphertext_hash}) {
    at = std::copy(field->begin(), field->end(), at);
  }
  return out;
}

// SPEC LOG-2
Result<Leaf> decode_leaf(BytesView bytes) {
  ByteReader in(bytes);
  Leaf out;
  const std::uint8_t version = in.u8();
  const std::uint64_t time = in.u64();
  for (ByteArray<32>* field : {&out.person_tag, &out.act_commitment, &out.act_ciphertext_hash, &out.person_commitment,
                               &out.person_ciphertext_hash}) {
    *field = in.array<32>();
  }
  if (!in.done()) return fail(ErrorCode::corrupt, "reading a leaf: wrong length");
  if (version != kVersion) return fail(ErrorCode::corrupt, "reading a leaf: unknown version");
  if (time > static_cast<std::uint64_t>(kLastMillisecond))
    return fail(ErrorCode::corrupt, "reading a leaf: no such time");
  out.time = UtcTime{std::chrono::milliseconds{static_cast<std::int64_t>(time)}};
  return out;
}

SealedEntry seal_entry(UtcTime time, const ActPart& act, const std::optional<AboutPerson>& person,
                       ForbundEntryKeys& forbund) {
  SealedEntry out;
  Leaf leaf;
  leaf.time = time;
  // One call for both: asking for random bytes costs as much as hashing an entry.
  const auto random = crypto::random_bytes<2 * kOpenerBytes>();
  const BytesView openers(random);
  leaf.act_commitment =
      seal_part(forbund.act, kActData, labels::kLogActCommitment, openers.first(kOpenerBytes), encode(act), out.act);
  if (person) {
    leaf.person_tag = person->keys.tag(person->count);
    leaf.person_commitment = seal_part(person->keys.person, kPersonData, labels::kLogPersonCommitment,
                                       openers.last(kOpenerBytes), encode(person->part), out.person);
  } else {
    fill_for_nobody(leaf, out.person);
  }
  leaf.act_ciphertext_hash = crypto::sha256(out.act);
  leaf.person_ciphertext_hash = crypto::sha256(out.person);
  out.leaf = encode_leaf(leaf);
  out.hash = crypto::leaf_hash(out.leaf);
  return out;
}

Result<Opened<ActPart>> open_act(const Leaf& leaf, BytesView ciphertext, ForbundEntryKeys& keys) {
  TRY_VOID(check_hash(leaf.act_ciphertext_hash, ciphertext));
  const Bytes inner = TRY(open_part(keys.act, kActData, labels::kLogActCommitment, leaf.act_commitment, ciphertext));
  return Opened<ActPart>{TRY(decode_act(BytesView(inner).subspan(kOpenerBytes))), opener_of(inner)};
}

Result<Opened<PersonPart>> open_person(const Leaf& leaf, BytesView ciphertext, PersonEntryKeys& keys) {
  TRY_VOID(check_hash(leaf.person_ciphertext_hash, ciphertext));
  const Bytes inner =
      TRY(open_part(keys.person, kPersonData, labels::kLogPersonCommitment, leaf.person_commitment, ciphertext));
  return Opened<PersonPart>{TRY(decode_person(BytesView(inner).subspan(kOpenerBytes))), opener_of(inner)};
}

Commitment commit_to(const Opener& opener, const ActPart& part) {
  return commitment_of(labels::kLogActCommitment, opener, encode(part));
}
Commitment commit_to(const Opener& opener, const PersonPart& part) {
  return commitment_of(labels::kLogPersonCommitment, opener, encode(part));
}

// SPEC LOG-12
SealedRecord seal_record(BytesView plaintext, AeadKey& key) {
  Bytes inner(kOpenerBytes + plaintext.size());
  const auto opener = std::span(inner).first(kOpenerBytes);
  crypto::fill_random(opener);
  std::copy(plaintext.begin(), plaintext.end(), inner.begin() + kOpenerBytes);
  return {key.seal(kRecordData, inner), commitment_of(labels::kLogRecordCommitment, opener, plaintext)};
}

Result<OpenedRecord> open_record_to_show(const Commitment& commitment, BytesView ciphertext, AeadKey& key) {
  Bytes inner = TRY(open_part(key, kRecordData, labels::kLogRecordCommitment, commitment, ciphertext));
  OpenedRecord out{opener_of(inner), {}};
  inner.erase(inner.begin(), inner.begin() + kOpenerBytes);
  out.plaintext = std::move(inner);
  return out;
}

Result<Bytes> open_record(const Commitment& commitment, BytesView ciphertext, AeadKey& key) {
  return TRY(open_record_to_show(commitment, ciphertext, key)).plaintext;
}

Commitment commit_to_record(const Opener& opener, BytesView plaintext) {
  return commitment_of(labels::kLogRecordCommitment, opener, plaintext);
}

}  // namespace flikvakt::audit
