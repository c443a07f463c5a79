#include "audit/log_key_statement.h"

#include <algorithm>

namespace flikvakt::audit {
namespace {

constexpr std::uint64_t kLogKeyTable = 23;

Error wrong(const StatedLogKey& key, const std::string& what) {
  return fail(ErrorCode::invalid, "key " + std::to_string(key.generation) + " of the log: " + what);
}

// What a row of the log's keys says, as far as it matters here.
struct RecordedKey {
  std::uint64_t generation = 0;
  std::uint64_t from = 0;
  std::string status;
  std::string key;  // name+keyid+key
};

// The reader's grounds, with every key of the list in the place of those that they know.
struct Checking {
  const std::string& origin;
  LogKeyGrounds grounds;
};

std::optional<std::uint64_t> number_of(const json::object& row, std::string_view name) {
  const json::value* found = row.if_contains(name);
  const auto number = found ? from_json<std::uint64_t>(*found) : Result<std::uint64_t>(Error{});
  return number ? std::optional(*number) : std::nullopt;
}

Result<RecordedKey> recorded_key(const json::object& row, const std::string& origin) {
  const Error bad = fail(ErrorCode::invalid, "its record holds a key that is none");
  const json::value* status = row.if_contains("status");
  const json::value* key = row.if_contains("checkpoint_key");
  const auto generation = number_of(row, "generation"), from = number_of(row, "from");
  if (!generation || !from || !status || !status->is_string() || !key) return bad;
  const auto raw = from_json<ByteArray<32>>(*key);
  const auto parsed =
      raw ? crypto::PublicKey::parse(crypto::KeyAlgorithm::ed25519, *raw) : Result<crypto::PublicKey>(raw.error());
  const auto verifier = parsed ? NoteVerifier::make(origin, *parsed) : Result<NoteVerifier>(parsed.error());
  if (!verifier) return bad;
  return RecordedKey{*generation, *from, std::string(status->get_string()), verifier->text()};
}

// The keys that the act put into the state.
Result<std::vector<RecordedKey>> keys_in(const json::value& record, const std::string& origin) {
  const json::value* puts = record.is_object() ? record.get_object().if_contains("puts") : nullptr;
  if (!puts || !puts->is_array()) return fail(ErrorCode::invalid, "its record says nothing of what it changed");
  std::vector<RecordedKey> out;
  for (const json::value& put : puts->get_array()) {
    const json::object* one = put.if_object();
    const json::value* row = one ? one->if_contains("row") : nullptr;
    if (!row || !row->is_object() || number_of(*one, "table") != kLogKeyTable) continue;
    out.push_back(TRY(recorded_key(row->get_object(), origin)));
  }
  return out;
}

// SPEC LKEY-12: the record is what the entry commits to.
Result<json::value> open_record_of(const ShownPart& shown, const ActPart& act, const StatedLogKey& key) {
  const Result<Bytes> plaintext = from_hex(shown.plaintext);
  if (!plaintext || to_hex(*plaintext) != shown.plaintext) return wrong(key, "`record`: expected lower-case hex");
  if (commit_to_record(shown.opener, *plaintext) != act.record)
    return wrong(key, "`record` is not what the entry commits to");
  const Result<json::value> record = parse_json(as_text(*plaintext));
  return record ? record : wrong(key, "`record`: " + record.error().message);
}

// SPEC LKEY-12: in the record the key takes the place of the one before.
Result<void> check_replaces(const json::value& record, const StatedLogKey& before, const StatedLogKey& key,
                            const std::string& origin) {
  const Result<std::vector<RecordedKey>> recorded = keys_in(record, origin);
  if (!recorded) return wrong(key, recorded.error().message);
  const auto has = [&](const StatedLogKey& stated, bool is_current) {
    return std::ranges::any_of(*recorded, [&](const RecordedKey& one) {
      return one.generation == stated.generation && one.key == stated.key && one.from == stated.from &&
             (one.status == "current") == is_current;
    });
  };
  if (!has(key, true)) return wrong(key, "its announcement names another one");
  if (!has(before, false)) return wrong(key, "its announcement does not replace the key before it");
  return {};
}

// SPEC LKEY-12: the quorum is what counts. Which key of the list the checkpoint is under does not: it is the newest
// one's once those before are retired.
Result<CheckedReceipt> check_entry(const StatedLogKey& key, const ShownEntry& shown, const std::string& what,
                                   const Checking& by) {
  Result<CheckedReceipt> receipt = check_receipt(shown.receipt, by.grounds.trusted);
  if (!receipt) return wrong(key, receipt.error().message);
  if (receipt->seen.checkpoint.origin != by.origin) return wrong(key, "it was " + what + " in another log");
  if (receipt->seen.by.size() < by.grounds.quorum)
    return wrong(key, "the entry in which it was " + what + " is cosigned by " +
                          std::to_string(receipt->seen.by.size()) + " of the witnesses that you named, not by " +
                          std::to_string(by.grounds.quorum));
  return receipt;
}

bool is_by_administrator(const CheckedReceipt& receipt, ActKind kind) {
  return !receipt.is_pruned && !receipt.is_withheld && receipt.act.kind == kind &&
         receipt.act.outcome == Outcome::permitted && receipt.act.actor.kind() == ActorKind::administrator;
}

// SPEC LKEY-16
Result<Orderers> check_orders(const StatedLogKey& key, const CheckedReceipt& announced, const json::value& record,
                              const NoteVerifier& verifier, const Checking& by) {
  if (!key.proposed) return wrong(key, "nothing shows who proposed it");
  const CheckedReceipt proposed = TRY(check_entry(key, *key.proposed, "proposed", by));
  if (proposed.index >= announced.index || !is_by_administrator(proposed, ActKind::rotate_log_key))
    return wrong(key, "the entry is none in which an administrator proposed a key");
  const OrderedEntry proposal{proposed.act.act, proposed.leaf.time,
                              TRY(open_record_of(key.proposed->record, proposed.act, key))};
  const OrderedEntry approval{announced.act.act, announced.leaf.time, record};
  const auto orderers =
      check_log_key_orders(proposal, approval, by.origin, verifier.public_key(), *by.grounds.administrators);
  return orderers ? orderers : wrong(key, orderers.error().message);
}

Result<CheckedLogKeys::Proven> check_announcement(const StatedLogKey& before, const StatedLogKey& key,
                                                  const NoteVerifier& verifier, const Checking& by) {
  if (!key.announced) return wrong(key, "nothing shows that the log announced it");
  const CheckedReceipt receipt = TRY(check_entry(key, *key.announced, "announced", by));
  if (receipt.index != key.from || !is_by_administrator(receipt, ActKind::approve))
    return wrong(key, "the entry is none in which two administrators announced a key");
  const json::value record = TRY(open_record_of(key.announced->record, receipt.act, key));
  TRY_VOID(check_replaces(record, before, key, by.origin));
  CheckedLogKeys::Proven out{key.generation, key.key, receipt.seen.by, std::nullopt};
  if (by.grounds.administrators) out.ordered_by = TRY(check_orders(key, receipt, record, verifier, by));
  return out;
}

// SPEC LKEY-11: the newest key signs, and one before it may still do so; of each other it is said how far its word
// counts.
Result<void> check_statuses(const std::vector<StatedLogKey>& keys) {
  std::size_t retiring = 0;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const StatedLogKey& key = keys[i];
    const StatedLogKey* next = i + 1 < keys.size() ? &keys[i + 1] : nullptr;
    const bool is_over = key.status == "retired" || key.status == "compromised";
    if (!is_over && key.status != "current" && key.status != "retiring")
      return wrong(key, "`status`: expected `current`, `retiring`, `retired` or `compromised`");
    if ((key.status == "current") != (next == nullptr))
      return wrong(key,
                   next ? "it is not the newest, and is called the current one" : "it is not called the current one");
    retiring += key.status == "retiring" ? 1 : 0;
    if (retiring > 1) return wrong(key, "there is another one that is retiring");
    if (is_over != key.to.has_value())
      return wrong(key, is_over ? "it signs no more, and `to` is missing" : "it signs, and has a `to`");
    if (i == 0 && key.from != 0) return wrong(key, "the first one stands from 0 on");
    if (next && next->from <= key.from) return wrong(*next, "it was not announced after the one before it");
    if (key.to && *key.to < next->from) return wrong(key, "`to` is before the next one was announced");
  }
  return {};
}

// Every key of the list, if it makes sense.
Result<std::vector<NoteVerifier>> keys_of(const StatedLogKeys& stated) {
  if (stated.format != kLogKeysFormat)
    return fail(ErrorCode::invalid, "`format`: expected `" + std::string(kLogKeysFormat) + "`");
  std::vector<NoteVerifier> out;
  for (const StatedLogKey& key : stated.keys) {
    if (key.generation != out.size() + 1) return wrong(key, "the generations are not 1, 2, 3 …");
    const Result<NoteVerifier> verifier = NoteVerifier::parse(key.key);
    if (!verifier) return wrong(key, verifier.error().message);
    if (verifier->name() != stated.origin) return wrong(key, "it is of another log than `" + stated.origin + "`");
    const auto is_it = [&](const NoteVerifier& one) { return one.text() == verifier->text(); };
    if (std::ranges::any_of(out, is_it)) return wrong(key, "it was a key of this log before");  // SPEC LKEY-3
    out.push_back(*verifier);
  }
  TRY_VOID(check_statuses(stated.keys));
  return out;
}

}  // namespace

// SPEC LKEY-11
Result<StatedLogKeys> parse_log_keys(std::string_view text) {
  if (text.size() > kMostLogKeysBytes) return fail(ErrorCode::malformed, "a list of the log's keys is never that long");
  StatedLogKeys out = TRY(parse_as<StatedLogKeys>(text));
  if (out.format != kLogKeysFormat)
    return fail(ErrorCode::malformed, "`format`: expected `" + std::string(kLogKeysFormat) + "`");
  return out;
}

// SPEC LKEY-12
Result<CheckedLogKeys> check_log_keys(const StatedLogKeys& stated, const LogKeyGrounds& grounds) {
  if (grounds.quorum == 0) return fail(ErrorCode::invalid, "without a quorum of witnesses no later key can be proven");
  if (grounds.administrators && grounds.administrators->size() < 2)
    return fail(ErrorCode::invalid, "a key takes two administrators, and fewer are known");
  const std::vector<NoteVerifier> keys = TRY(keys_of(stated));
  std::size_t next = 0;  // behind the newest that is known
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const auto is_it = [&](const NoteVerifier& one) { return one.text() == keys[i].text(); };
    if (std::ranges::any_of(grounds.trusted.log, is_it)) next = i + 1;
  }
  if (next == 0) return fail(ErrorCode::invalid, "none of the keys that you named is one of this log's");
  const Checking by{stated.origin, {{keys, grounds.trusted.witnesses}, grounds.quorum, grounds.administrators}};
  CheckedLogKeys out;
  for (; next < keys.size(); ++next)
    out.later.push_back(TRY(check_announcement(stated.keys[next - 1], stated.keys[next], keys[next], by)));
  return out;
}

}  // namespace flikvakt::audit
