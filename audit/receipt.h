// Receipts: one entry of the log with everything that proves it, and a person's own log as a row of receipts without a
// gap. Whoever has the log's key (and its witnesses') checks them without asking anybody. Format: spec/receipt.md.
//
// Nothing stands in a receipt that is not proven: the parts are their very bytes, to be read by spec/log-entry.md.
// Values; thread-safe.
#pragma once

#include "audit/entry.h"
#include "audit/log_proof.h"
#include "base/json.h"

namespace flikvakt::audit {

constexpr std::string_view kReceiptFormat = "flikvakt-receipt/1";
constexpr std::string_view kOwnLogFormat = "flikvakt-own-log/1";
constexpr std::size_t kMostReceiptBytes = std::size_t{512} * 1024;
constexpr std::size_t kMostOwnLogBytes = std::size_t{256} * 1024 * 1024;

struct ShownPart {
  Opener opener{};
  std::string plaintext;  // hex
};
BOOST_DESCRIBE_STRUCT(ShownPart, (), (opener, plaintext))

struct Receipt {
  std::string format;
  std::string leaf;                 // hex
  std::string proof;                // spec/log-proof.md
  std::optional<ShownPart> act;     // none: the entry is pruned, and its leaf is all that is left; or it is withheld
  std::optional<ShownPart> person;  // only for the person whom it concerns
  std::optional<bool> withheld;     // true: both parts are kept back for the sake of somebody else
};
BOOST_DESCRIBE_STRUCT(Receipt, (), (format, leaf, proof, act, person, withheld))

// That the tree of one checkpoint begins with that of an older one.
struct ConsistencyProof {
  std::uint64_t from = 0;
  std::uint64_t to = 0;
  std::vector<ByteArray<32>> hashes;
};
BOOST_DESCRIBE_STRUCT(ConsistencyProof, (), (from, to, hashes))

// What an own log answers: who asked chose `id`, the gateway answered with `salt`. The id of the act that the asking
// was follows from both, so it is neither an older one's nor another act's.
struct Asking {
  AskingId id;
  AskingId salt;
};
BOOST_DESCRIBE_STRUCT(Asking, (), (id, salt))
ActId act_of(const Asking& asking);

struct OwnLogProof {
  std::string format;
  Asking asked;
  ByteArray<32> tag_key{};                    // finds the person's entries among all leaves; opens nothing
  std::vector<Receipt> receipts;              // of the person's entries number 0, 1, 2 …
  std::vector<ConsistencyProof> consistency;  // between the checkpoints of the receipts, by size
};
BOOST_DESCRIBE_STRUCT(OwnLogProof, (), (format, asked, tag_key, receipts, consistency))

// What PersonTagKey is made of, for nobody but the person: with it and all leaves, anybody finds their entries.
ByteArray<32> disclose_tag_key(const crypto::PersonLogKey& key);

ShownPart shown(const Opened<ActPart>& part);
ShownPart shown(const Opened<PersonPart>& part);

// Whom a reader believes.
struct Trusted {
  std::span<const NoteVerifier> log;
  std::span<const CosignatureVerifier> witnesses;
};

struct CheckedReceipt {
  std::uint64_t index = 0;
  Leaf leaf;
  bool is_pruned = false;    // then there is no part
  bool is_withheld = false;  // nor then
  ActPart act;
  std::optional<PersonPart> person;
  CosignedCheckpoint seen;  // how many cosignatures are enough is the caller's to judge
};
struct CheckedOwnLog {
  std::vector<CheckedReceipt> entries;
  // So many of the first entries are under a checkpoint that at least this many witnesses cosigned.
  std::size_t cosigned_by(std::size_t quorum) const;
  // Whether what is not among these first ones is too old to be without: by more than an hour behind the newest, or
  // when it is all.
  bool is_behind(std::size_t cosigned) const;
  // The number of the first entry without parts that could not have been pruned (may_be_pruned): its own newest entry
  // says nothing of that, since whoever makes the log may date it ahead.
  std::optional<std::size_t> left_out(std::size_t quorum, UtcTime now) const;
};

// malformed: not of the form. invalid, corrupt: something in it is not what the rest proves; the message says what.
Result<Receipt> parse_receipt(std::string_view text);
Result<CheckedReceipt> check_receipt(const Receipt& receipt, const Trusted& trusted);
// Of one without parts: had enough time passed that its entry could have been pruned, when so many witnesses had seen
// the log (0 counts as 1), or, where none did, by now? If not, somebody left them out. False too when fewer cosigned.
bool may_be_pruned(const CheckedReceipt& receipt, std::size_t quorum, UtcTime now);
Result<OwnLogProof> parse_own_log(std::string_view text);
Result<CheckedOwnLog> check_own_log(const OwnLogProof& log, const Trusted& trusted);

}  // namespace flikvakt::audit
