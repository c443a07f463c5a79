#include "audit/receipt.h"

#include <algorithm>
#include <map>

#include "crypto/hash.h"
#include "crypto/labels.h"

namespace flikvakt::audit {
namespace {

// SPEC RET-2: no kind of entry is kept for less.
constexpr std::chrono::days kLeastRetention{1830};
constexpr std::chrono::hours kMostBehind{1};  // SPEC RCPT-13

Error wrong(std::string what) { return fail(ErrorCode::invalid, std::move(what)); }

Error in(std::string_view where, Error error) {
  error.message = std::string(where) + ": " + error.message;
  return error;
}

template <class T>
Result<T> parsed(std::string_view text, std::string_view format, std::size_t most_bytes, std::string_view what) {
  if (text.size() > most_bytes) return fail(ErrorCode::malformed, std::string(what) + " is never that long");
  Result<T> out = parse_as<T>(text);
  if (!out) return in("not " + std::string(what), out.error());
  if (out->format != format) return fail(ErrorCode::malformed, "`format`: expected `" + std::string(format) + "`");
  return out;
}

// SPEC RCPT-4: one spelling, so that nothing can hide in another.
Result<Bytes> bytes_of(const std::string& hex, std::string_view member) {
  const Result<Bytes> out = from_hex(hex);
  if (!out || to_hex(*out) != hex) return wrong("`" + std::string(member) + "`: expected lower-case hex");
  return *out;
}

// SPEC RCPT-5
template <class Part>
Result<Part> opened(const ShownPart& shown, const Commitment& commitment, Result<Part> (*decode)(BytesView),
                    std::string_view member) {
  const Bytes plaintext = TRY(bytes_of(shown.plaintext, member));
  const Result<Part> part = decode(plaintext);
  if (!part) return in("`" + std::string(member) + "`", part.error());
  if (commit_to(shown.opener, *part) != commitment)
    return wrong("`" + std::string(member) + "` is not what the leaf commits to");
  return *part;
}

// SPEC RCPT-12: what the same log said at one time is the beginning of what it said later.
Result<void> check_consistency(const OwnLogProof& log, const std::map<std::uint64_t, crypto::MerkleHash>& roots) {
  auto older = roots.begin();
  for (const ConsistencyProof& proof : log.consistency) {
    const auto newer = older == roots.end() ? older : std::next(older);
    if (newer == roots.end() || proof.from != older->first || proof.to != newer->first)
      return wrong("`consistency`: expected one proof between each checkpoint and the next larger one, by size");
    if (!crypto::verify_consistency(proof.from, proof.to, proof.hashes, older->second, newer->second))
      return wrong("the log of " + std::to_string(proof.to) + " entries does not begin with that of " +
                   std::to_string(proof.from));
    older = newer;
  }
  if (older != roots.end() && std::next(older) != roots.end())
    return wrong("`consistency`: no proof from the checkpoint over " + std::to_string(older->first) + " entries on");
  return {};
}

}  // namespace

// SPEC LOG-4
ByteArray<32> disclose_tag_key(const crypto::PersonLogKey& key) {
  const auto label = crypto::AssociatedData(crypto::labels::kLogPersonTagKey);
  return *to_array<32>(crypto::hkdf_sha256(key.expose(), {}, label.encoded()).expose());
}

// SPEC RCPT-14
ActId act_of(const Asking& asking) {
  ByteWriter out;
  out.bytes(as_bytes("flikvakt/v1/asking")).bytes(asking.id.value()).bytes(asking.salt.value());
  return ActId(*to_array<16>(BytesView(crypto::sha256(out.view())).first(16)));
}

ShownPart shown(const Opened<ActPart>& part) { return {part.opener, to_hex(encode(part.part))}; }
ShownPart shown(const Opened<PersonPart>& part) { return {part.opener, to_hex(encode(part.part))}; }

// SPEC RCPT-1, RCPT-2
Result<Receipt> parse_receipt(std::string_view text) {
  return parsed<Receipt>(text, kReceiptFormat, kMostReceiptBytes, "a receipt");
}

// SPEC RCPT-3, RCPT-4, RCPT-5, RCPT-15
Result<CheckedReceipt> check_receipt(const Receipt& receipt, const Trusted& trusted) {
  if (receipt.format != kReceiptFormat) return wrong("`format`: expected `" + std::string(kReceiptFormat) + "`");
  CheckedReceipt out;
  const Bytes leaf = TRY(bytes_of(receipt.leaf, "leaf"));
  const Result<Leaf> fields = decode_leaf(leaf);
  if (!fields) return in("`leaf`", fields.error());
  out.leaf = *fields;
  const Result<LogProof> proof = parse_log_proof(receipt.proof);
  if (!proof) return in("`proof`", proof.error());
  if (proof->extra) return wrong("`proof`: a receipt has no extra line");
  const auto seen = check_log_proof(*proof, crypto::leaf_hash(leaf), trusted.log, trusted.witnesses);
  if (!seen) return in("`proof`", seen.error());
  out.index = proof->index;
  out.seen = *seen;
  // SPEC RCPT-17
  if (receipt.withheld && (!*receipt.withheld || receipt.act || receipt.person))
    return wrong("`withheld`: expected true, and no part beside it");
  out.is_withheld = receipt.withheld.has_value();
  out.is_pruned = !receipt.act && !out.is_withheld;
  if (out.is_pruned && receipt.person) return wrong("`person`: the act part is missing");
  if (receipt.act) out.act = TRY(opened<ActPart>(*receipt.act, out.leaf.act_commitment, &decode_act, "act"));
  if (receipt.person)
    out.person = TRY(opened<PersonPart>(*receipt.person, out.leaf.person_commitment, &decode_person, "person"));
  return out;
}

// SPEC RCPT-15
bool may_be_pruned(const CheckedReceipt& receipt, std::size_t quorum, UtcTime now) {
  const std::vector<Cosignature>& by = receipt.seen.by;
  const std::optional<UtcTime> seen = by.empty() ? now : time_of_quorum(by, std::max<std::size_t>(quorum, 1));
  return seen && receipt.leaf.time + kLeastRetention <= *seen;
}

// SPEC RCPT-10
Result<OwnLogProof> parse_own_log(std::string_view text) {
  return parsed<OwnLogProof>(text, kOwnLogFormat, kMostOwnLogBytes, "a proof of an own log");
}

namespace {

// SPEC RCPT-14
bool is_that_asking(const ActPart& act, const Asking& asked) {
  return act.kind == ActKind::read_own_log && act.outcome == Outcome::permitted &&
         act.actor.kind() == ActorKind::person && act.act == act_of(asked);
}

}  // namespace

// SPEC RCPT-10, RCPT-11, RCPT-12, RCPT-14
Result<CheckedOwnLog> check_own_log(const OwnLogProof& log, const Trusted& trusted) {
  if (log.receipts.empty()) return wrong("`receipts`: there is none");
  const crypto::HmacSha256Key tag_key{BytesView(log.tag_key)};
  CheckedOwnLog out;
  std::optional<PersonId> person;
  std::map<std::uint64_t, crypto::MerkleHash> roots;  // of the checkpoints, by size
  for (std::size_t number = 0; number < log.receipts.size(); ++number) {
    const std::string name = "receipt " + std::to_string(number);
    Result<CheckedReceipt> checked = check_receipt(log.receipts[number], trusted);
    if (!checked) return in(name, checked.error());
    const bool has_none = checked->is_pruned || checked->is_withheld;  // SPEC RCPT-15, RCPT-17
    if (!checked->person && !has_none) return wrong(name + ": the person part is missing");
    if (checked->leaf.person_tag != tag_key.mac(ByteWriter().u64(number).view()))
      return wrong(name + ": not the person's entry of that number: one is missing, out of order, or another's");
    const CheckedReceipt* const before = out.entries.empty() ? nullptr : &out.entries.back();
    if (checked->person && checked->person->person != person.value_or(checked->person->person))
      return wrong(name + ": of another person");
    if (checked->person) person = checked->person->person;
    if (before && checked->seen.checkpoint.origin != before->seen.checkpoint.origin)
      return wrong(name + ": of another log");
    if (before && checked->index <= before->index)
      return wrong(name + ": it is not later in the log than the one before");
    const audit::Checkpoint& checkpoint = checked->seen.checkpoint;
    if (roots.emplace(checkpoint.size, checkpoint.root).first->second != checkpoint.root)
      return wrong(name + ": two checkpoints over " + std::to_string(checkpoint.size) +
                   " entries differ: the log is forked");
    out.entries.push_back(std::move(*checked));
  }
  // SPEC RCPT-15: so that nothing that happened lately can be kept from a person as if it were pruned.
  for (std::size_t number = 0; number < out.entries.size(); ++number) {
    const CheckedReceipt& one = out.entries[number];
    if (one.is_pruned && one.leaf.time + kLeastRetention > out.entries.back().leaf.time)
      return wrong("receipt " + std::to_string(number) + ": it holds no part, and is too young to be pruned");
  }
  TRY_VOID(check_consistency(log, roots));
  if (!is_that_asking(out.entries.back().act, log.asked))
    return wrong("the newest entry is not the asking for it: what came after that was left out");
  return out;
}

// SPEC RCPT-13
std::size_t CheckedOwnLog::cosigned_by(std::size_t quorum) const {
  const auto is_short = [&](const CheckedReceipt& one) { return one.seen.by.size() < quorum; };
  return static_cast<std::size_t>(std::ranges::find_if(entries, is_short) - entries.begin());
}

bool CheckedOwnLog::is_behind(std::size_t cosigned) const {
  if (cosigned == entries.size()) return false;
  return cosigned == 0 || entries.back().leaf.time - entries[cosigned].leaf.time > kMostBehind;
}

// SPEC RCPT-15
std::optional<std::size_t> CheckedOwnLog::left_out(std::size_t quorum, UtcTime now) const {
  const auto found = std::ranges::find_if(
      entries, [&](const CheckedReceipt& one) { return one.is_pruned && !may_be_pruned(one, quorum, now); });
  if (found == entries.end()) return std::nullopt;
  return static_cast<std::size_t>(found - entries.begin());
}

}  // namespace flikvakt::audit
