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
Result<std::vector<RecordedKey>> keys_in(BytesView record, const std::string& origin) {
  const json::value read = TRY(parse_json(as_text(record)));
  const json::value* puts = read.is_object() ? read.get_object().if_contains("puts") : nullptr;
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

// SPEC LKEY-12: the record is what the entry commits to, and in it the key takes the place of the one before.
Result<void> check_record(const ShownPart& shown, const ActPart& act, const StatedLogKey& before,
                          const StatedLogKey& key, const std::string& origin) {
  const Result<Bytes> plaintext = from_hex(shown.plaintext);
  if (!plaintext || to_hex(*plaintext) != shown.plaintext) return wrong(key, "`record`: expected lower-case hex");
  if (commit_to_record(shown.opener, *plaintext) != act.record)
    return wrong(key, "`record` is not what the entry commits to");
  const Result<std::vector<RecordedKey>> recorded = keys_in(*plaintext, origin);
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
Result<std::vector<Cosignature>> check_announcement(const StatedLogKey& before, const StatedLogKey& key,
                                                    const std::string& origin, const Trusted& any_key,
                                                    std::size_t quorum) {
  if (!key.announced) return wrong(key, "nothing shows that the log announced it");
  const Result<CheckedReceipt> receipt = check_receipt(key.announced->receipt, any_key);
  if (!receipt) return wrong(key, receipt.error().message);
  if (receipt->seen.checkpoint.origin != origin) return wrong(key, "it was announced in another log");
  if (receipt->seen.by.size() < quorum)
    return wrong(key, "what announces it is cosigned by " + std::to_string(receipt->seen.by.size()) +
                          " of the witnesses that you named, not by " + std::to_string(quorum));
  const ActPart& act = receipt->act;
  const bool is_approval = !receipt->is_pruned && receipt->index == key.from && act.kind == ActKind::approve &&
                           act.outcome == Outcome::permitted && act.actor.kind() == ActorKind::administrator;
  if (!is_approval) return wrong(key, "the entry is none in which two administrators announced a key");
  TRY_VOID(check_record(key.announced->record, act, before, key, origin));
  return receipt->seen.by;
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
    out.push_back(*verifier);
  }
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
Result<CheckedLogKeys> check_log_keys(const StatedLogKeys& stated, const Trusted& trusted, std::size_t quorum) {
  if (quorum == 0) return fail(ErrorCode::invalid, "without a quorum of witnesses no later key can be proven");
  const std::vector<NoteVerifier> keys = TRY(keys_of(stated));
  std::size_t next = 0;  // behind the newest that is known
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const auto is_it = [&](const NoteVerifier& one) { return one.text() == keys[i].text(); };
    if (std::ranges::any_of(trusted.log, is_it)) next = i + 1;
  }
  if (next == 0) return fail(ErrorCode::invalid, "none of the keys that you named is one of this log's");
  CheckedLogKeys out;
  for (; next < stated.keys.size(); ++next) {
    const StatedLogKey& key = stated.keys[next];
    const auto by = check_announcement(stated.keys[next - 1], key, stated.origin, {keys, trusted.witnesses}, quorum);
    if (!by) return by.error();
    out.later.push_back({key.generation, key.key, *by});
  }
  return out;
}

}  // namespace flikvakt::audit
