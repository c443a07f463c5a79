// Log entries: what is said, how it is sealed, and how a reader opens and checks it. Format: spec/log-entry.md.
//
// An entry is a leaf (169 bytes, hashed into the tree) and two ciphertexts beside it. The act part is under the förbund
// log key and never names a person; the person part is under that person's log key, so that erasure is dropping one
// key. Every entry has the same size, whatever it says (P6); one that concerns no known person carries random bytes
// in the place of tag, commitment and person part.
//
// Errors when opening: corrupt (not the bytes the leaf speaks of, or sealed under another key, or not committed to).
// Thread-safety: ForbundEntryKeys and PersonEntryKeys each belong to one thread at a time; the rest are values.
#pragma once

#include <optional>

#include "audit/act_kind.h"
#include "audit/parts.h"
#include "base/time.h"
#include "crypto/aead.h"
#include "crypto/hash.h"
#include "crypto/merkle.h"
#include "crypto/secret.h"

namespace flikvakt::audit {

constexpr std::size_t kOpenerBytes = 32;
constexpr std::size_t kLeafBytes = 169;
constexpr std::size_t kActCiphertextBytes = crypto::kSealOverheadBytes + kOpenerBytes + kActPartBytes;
constexpr std::size_t kPersonCiphertextBytes = crypto::kSealOverheadBytes + kOpenerBytes + kPersonPartBytes;
static_assert(kLeafBytes + kActCiphertextBytes + kPersonCiphertextBytes <= 512);

using Opener = ByteArray<kOpenerBytes>;
using Commitment = ByteArray<32>;  // HMAC-SHA-256(opener, label ‖ plaintext)
using PersonTag = ByteArray<32>;

struct Leaf {
  UtcTime time;  // 1970 to 9999
  PersonTag person_tag{};
  Commitment act_commitment{};
  ByteArray<32> act_ciphertext_hash{};  // SHA-256
  Commitment person_commitment{};
  ByteArray<32> person_ciphertext_hash{};

  friend bool operator==(const Leaf&, const Leaf&) = default;
};

ByteArray<kLeafBytes> encode_leaf(const Leaf& leaf);
Result<Leaf> decode_leaf(BytesView bytes);  // corrupt: length, version or time

// The förbund log key made ready: derived and expanded once.
class ForbundEntryKeys {
public:
  explicit ForbundEntryKeys(const crypto::ForbundLogKey& key);

  crypto::AeadKey act;     // act parts
  crypto::AeadKey record;  // act records that concern no single person
};

// What finds a person's entries, without what opens them.
class PersonTagKey {
public:
  explicit PersonTagKey(const crypto::PersonLogKey& key);

  // The tag of the person's entry number `count`, from 0, without gaps: whoever holds the key finds entry n by it, and
  // that none is missing.
  PersonTag tag(std::uint64_t count) const;

private:
  crypto::HmacSha256Key key_;
};

// A person's log key made ready. Keep it while the person's key is in memory; making one costs a few derivations.
class PersonEntryKeys {
public:
  explicit PersonEntryKeys(const crypto::PersonLogKey& key);

  PersonTag tag(std::uint64_t count) const { return tags_.tag(count); }

  crypto::AeadKey person;  // person parts
  crypto::AeadKey record;  // act records that concern this person

private:
  PersonTagKey tags_;
};

// One entry of one known person.
struct AboutPerson {
  const PersonPart& part;
  PersonEntryKeys& keys;
  std::uint64_t count;  // how many entries the person had before this one
};

// As it is stored. `hash` is the RFC 6962 leaf hash of `leaf`.
struct SealedEntry {
  ByteArray<kLeafBytes> leaf;
  ByteArray<kActCiphertextBytes> act;
  ByteArray<kPersonCiphertextBytes> person;
  crypto::MerkleHash hash;
};

SealedEntry seal_entry(UtcTime time, const ActPart& act, const std::optional<AboutPerson>& person,
                       ForbundEntryKeys& forbund);

// A part with the opener that proves it: whoever is given both can check them against the leaf alone.
template <class Part>
struct Opened {
  Part part;
  Opener opener{};
};

// Checks the ciphertext against the leaf's hash, opens it, and checks the contents against the leaf's commitment.
Result<Opened<ActPart>> open_act(const Leaf& leaf, BytesView ciphertext, ForbundEntryKeys& keys);
Result<Opened<PersonPart>> open_person(const Leaf& leaf, BytesView ciphertext, PersonEntryKeys& keys);

// What the leaf commits to.
Commitment commit_to(const Opener& opener, const ActPart& part);
Commitment commit_to(const Opener& opener, const PersonPart& part);

// Act records: what an entry has no room for (signed act, exact text, effects for replay), of any size, in a row of its
// own. `commitment` goes into ActPart::record. `key` is the `record` key of the person whom it concerns, else the
// förbund's: what names a person must not be under the förbund's.
struct SealedRecord {
  Bytes ciphertext;  // kSealOverheadBytes + kOpenerBytes longer than the plaintext
  Commitment commitment{};
};
SealedRecord seal_record(BytesView plaintext, crypto::AeadKey& key);
Result<Bytes> open_record(const Commitment& commitment, BytesView ciphertext, crypto::AeadKey& key);
// The same with its opener, for whoever is to check it against the act part alone.
struct OpenedRecord {
  Opener opener{};
  Bytes plaintext;
};
Result<OpenedRecord> open_record_to_show(const Commitment& commitment, BytesView ciphertext, crypto::AeadKey& key);
Commitment commit_to_record(const Opener& opener, BytesView plaintext);

}  // namespace flikvakt::audit
