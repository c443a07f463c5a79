#include "service/log_keys.h"

#include <algorithm>

#include "service/row_seal.h"

namespace flikvakt::service {
namespace {

using policy::LogKey;
using policy::LogKeyStatus;

bool signs(const LogKey& key) { return key.status == LogKeyStatus::current || key.status == LogKeyStatus::retiring; }

Worth worth_of(const LogKey& key, std::uint64_t size) {
  if (signs(key)) return Worth::counts;
  if (size > key.to.value_or(0)) return Worth::beyond;
  return key.status == LogKeyStatus::compromised ? Worth::compromised : Worth::counts;
}

Result<std::vector<audit::NoteVerifier>> verifiers_of(const std::vector<LogKey>& keys, const std::string& origin) {
  std::vector<audit::NoteVerifier> out;
  for (const LogKey& key : keys) out.push_back(TRY(log_key_verifier(origin, key.checkpoint_key)));
  return out;
}

// The name under which a head is signed is its first line; the key is ours, whatever the name.
Result<audit::Head> head_under(std::string_view note, const LogKey& key) {
  const audit::NoteVerifier known = TRY(log_key_verifier(std::string(note.substr(0, note.find('\n'))), key.head_key));
  return audit::open_head(note, {&known, 1});
}

Result<std::unique_ptr<crypto::SigningKey>> signer_of(const KeyRing& keys, const KeyId& seed,
                                                      const ByteArray<32>& expected) {
  crypto::SigningKey out = TRY(keys.log_signer(seed));
  if (!std::ranges::equal(out.public_key().raw(), expected))
    return fail(ErrorCode::corrupt, "a signing key in the key store is not the one that the log's keys name");
  return std::make_unique<crypto::SigningKey>(std::move(out));
}

}  // namespace

Result<audit::NoteVerifier> log_key_verifier(std::string name, const ByteArray<32>& key) {
  const auto parsed = crypto::PublicKey::parse(crypto::KeyAlgorithm::ed25519, key);
  if (!parsed) return fail(ErrorCode::corrupt, "a row of the log's keys holds no key: " + parsed.error().message);
  return audit::NoteVerifier::make(std::move(name), *parsed);
}

LogKeys::LogKeys(std::vector<LogKey> keys) : keys_(std::move(keys)) {
  std::ranges::sort(keys_, {}, &LogKey::generation);
}

LogKeys LogKeys::of(const policy::State& state) {
  std::vector<LogKey> out;
  for (const auto& [generation, one] : state.all<LogKey>()) out.push_back(one);
  return LogKeys(std::move(out));
}

Result<LogKeys> LogKeys::read(const store::Rows& rows, const KeyRing& keys) {
  std::vector<LogKey> out;
  RowSealer sealer(keys);
  for (std::uint32_t generation = 1;; ++generation) {
    const policy::RowId id = policy::row_id_of<LogKey>(std::to_string(generation));
    const std::optional<store::StateRow> stored = TRY(rows.state_row(id.table, id.key));
    if (!stored) break;
    const policy::Row row = TRY(sealer.open({stored->table, stored->id, stored->version, stored->body}));
    out.push_back(get<LogKey>(row));
  }
  if (out.empty() && TRY(rows.entry_count()) == 0) out.push_back(TRY(keys.first_log_key()));
  LogKeys read(std::move(out));
  if (!read.current()) return fail(ErrorCode::corrupt, "no row says which key signs for the log");
  return read;
}

const LogKey* LogKeys::current() const {
  const auto found = std::ranges::find(keys_, LogKeyStatus::current, &LogKey::status);
  return found == keys_.end() ? nullptr : &*found;
}

std::vector<LogKey> LogKeys::signing() const {
  std::vector<LogKey> out;
  std::ranges::copy_if(keys_, std::back_inserter(out), signs);
  return out;
}

Result<std::vector<audit::NoteVerifier>> LogKeys::verifiers(const std::string& origin) const {
  return verifiers_of(keys_, origin);
}

Result<std::vector<audit::NoteVerifier>> LogKeys::signing_verifiers(const std::string& origin) const {
  return verifiers_of(signing(), origin);
}

// SPEC LKEY-9
Result<SignedCheckpoint> LogKeys::open_checkpoint(std::string_view note, const std::string& origin) const {
  const std::vector<audit::NoteVerifier> known = TRY(verifiers(origin));
  SignedCheckpoint out;
  out.checkpoint = TRY(audit::open_checkpoint(note, known));
  for (std::size_t i = 0; i < known.size(); ++i) {
    if (!audit::open_checkpoint(note, {&known[i], 1})) continue;  // another one signed
    out.worth = std::min(out.worth, worth_of(keys_[i], out.checkpoint.size));
  }
  return out;
}

// SPEC LKEY-6
Result<audit::Head> LogKeys::open_head(std::string_view note) const {
  const LogKey* key = current();
  return key ? head_under(note, *key) : fail(ErrorCode::corrupt, "no row says which key signs heads");
}

// SPEC LKEY-8: the next one signs from the batch on that announced it.
Result<audit::Head> LogKeys::open_kept_head(std::string_view note) const {
  Result<audit::Head> newest = open_head(note);
  if (newest || keys_.empty()) return newest;
  for (std::size_t i = 0; i + 1 < keys_.size(); ++i) {
    Result<audit::Head> older = head_under(note, keys_[i]);
    if (older && older->size <= keys_[i + 1].from) return older;
  }
  return newest;
}

Result<std::unique_ptr<LogSigners>> LogSigners::load(const KeyRing& keys, const LogKeys& named,
                                                     const std::string& origin) {
  const LogKey* current = named.current();
  if (!current) return fail(ErrorCode::corrupt, "no row says which key signs for the log");
  std::unique_ptr<LogSigners> out(new LogSigners());
  for (const LogKey& one : named.signing()) {
    out->keys_.push_back(TRY(signer_of(keys, one.seed, one.checkpoint_key)));
    out->checkpoint_.push_back(TRY(audit::NoteSigner::make(origin, *out->keys_.back())));
  }
  out->head_key_ = TRY(signer_of(keys, current->head_seed, current->head_key));
  out->head_.push_back(TRY(audit::NoteSigner::make(origin + std::string(audit::kHeadSuffix), *out->head_key_)));
  return out;
}

}  // namespace flikvakt::service
