#include "service/recover.h"

#include <spdlog/spdlog.h>

#include <unordered_set>

#include "service/find_places.h"
#include "service/log_reader.h"
#include "service/open_rows.h"

namespace flikvakt::service {
namespace {

Error locked(std::string why) { return fail(ErrorCode::corrupt, "the gateway is locked: " + std::move(why)); }

Result<void> read_open_readings(const store::StateRowView& row, RowSealer& sealer, ReadingsByRow& out) {
  const Bytes plaintext = TRY(sealer.open_own(row));
  const std::vector<OpenAtRest> open = TRY(decode_open_readings(row.id, plaintext));
  ByteReader key(row.id);
  std::vector<OpenReadingAtRest>& readings = out[key.u64()];
  for (const OpenAtRest& one : open) readings.push_back({one, {}});
  return {};
}

// SPEC REC-10: what the log says of them.
Result<void> find_open_readings(const Durable& durable, Recovered& out) {
  for (auto& [row, readings] : out.open_readings) {
    for (OpenReadingAtRest& open : readings) {
      Result<policy::Reading> reading = reading_behind(open.at_rest, durable.rows, durable.keys, out.state);
      if (!reading) return locked(reading.error().message);
      open.reading = reading->id;
      out.state.put(std::move(*reading));
    }
  }
  return {};
}

bool is_own(std::uint16_t table) {
  return table == kReadingRowsTable || table == policy::Reading::kTable || table == kPlaceTable;
}

Result<void> read_own(const store::StateRowView& row, RowSealer& sealer, Recovered& out) {
  if (row.table == policy::Reading::kTable) return locked("a reading of its own row, which is never stored");
  const bool is_place = row.table == kPlaceTable;
  const Result<void> read =
      is_place ? out.places.load(row, sealer) : read_open_readings(row, sealer, out.open_readings);
  if (read) return {};
  return locked((is_place ? "a row of places: " : "a row of open readings: ") + read.error().message);
}

// State rows, and the digest over what is stored.
Result<void> read_state(const Durable& durable, Recovered& out) {
  RowSealer sealer(durable.keys);
  const RowConsumer consumer{is_own, [&](const store::StateRowView& row) { return read_own(row, sealer, out); },
                             [&](policy::Row row) { return out.state.put(std::move(row)), Result<void>(); }};
  out.digest = TRY(open_rows(durable.rows, durable.keys, consumer));
  return {};
}

Result<void> read_tree(const Durable& durable, const audit::Head& head, Recovered& out) {
  std::vector<audit::MerkleHash> partial;
  TRY_VOID(durable.rows.for_each_entry(head.size - head.size % audit::kTileHashes, head.size,
                                       [&](const store::EntryRowView& entry) -> Result<void> {
                                         partial.push_back(crypto::leaf_hash(entry.leaf));
                                         out.last_entry = TRY(audit::decode_leaf(entry.leaf)).time;
                                         return {};
                                       }));
  if (partial.empty() && head.size > 0) {
    const store::EntryRow last = TRY(durable.rows.entry(head.size - 1));
    out.last_entry = TRY(audit::decode_leaf(last.leaf)).time;
  }
  out.tree = TRY(audit::Tree::restore(head.size, partial, tiles_of(durable.rows)));
  if (out.tree.root() != head.root) return locked("the log's entries do not have the root that its head says");
  return {};
}

// SPEC REC-4: at or ahead of the head file, and an extension of it.
Result<void> check_head_file(const Durable& durable, const LogKeys& log_keys, const audit::Head& head,
                             const Recovered& recovered) {
  const Result<audit::Head> kept = log_keys.open_kept_head(as_text(durable.head_file.note()));
  if (!kept) return locked("the head file: " + kept.error().message);
  if (kept->origin != head.origin) return locked("head file and database belong to different logs");
  if (kept->size > head.size) {
    return locked("the database is behind the head file (" + std::to_string(head.size) + " of " +
                  std::to_string(kept->size) + " entries): an older copy was put back, or rows were lost");
  }
  const audit::MerkleHash root = TRY(recovered.tree.root_at(kept->size, tiles_of(durable.rows)));
  const bool same_state = kept->size < head.size || kept->state_digest == head.state_digest;
  if (root != kept->root || !same_state) return locked("head file and database say different things");
  return {};
}

// SPEC REC-5: any difference between rows and wraps locks, but a wrap too many. Nothing is touched.
Result<void> check_keys(const Durable& durable, const audit::Head& head, const policy::State& state) {
  const store::KeyStore& store = durable.keys.store();
  if (store.log_size() > head.size) {  // SPEC REC-14
    return locked("the database is behind the key store (" + std::to_string(head.size) + " of at least " +
                  std::to_string(store.log_size()) + " entries): an older copy was put back");
  }
  const policy::KeyRow* database = state.find<policy::KeyRow>(system_key_id(kDatabaseKeyName));
  if (database && database->parent != durable.keys.master_id()) {
    return locked(
        "a rotation of the master key was cut short, and this is not the master key that counts: start with the "
        "other one");  // SPEC REC-6
  }
  for (const auto& [id, row] : state.all<policy::KeyRow>()) {
    if (row.status == policy::KeyStatus::shredded) continue;
    const Result<store::KeySlot> slot = store.find(id, row.version);
    if (!slot) return locked("key " + id.text() + " is not in the key store: " + slot.error().message);
    if (crypto::wrap_hash(slot->wrap) != row.wrap_hash || slot->parent != row.parent || slot->level != row.level) {
      return locked("key " + id.text() + " in the key store is not the one that the state knows");
    }
  }
  return {};
}

// SPEC LKEY-8
Result<LogKeys> read_log_keys(const Durable& durable) {
  Result<LogKeys> read = LogKeys::read(durable.rows, durable.keys);
  if (read || read.error().code == ErrorCode::io || read.error().code == ErrorCode::unavailable) return read;
  return locked("a state row of the log's own keys: " + read.error().message);
}

Result<std::unique_ptr<LogSigners>> load_signers(const Durable& durable, const LogKeys& log_keys,
                                                 const std::string& origin) {
  Result<std::unique_ptr<LogSigners>> loaded = LogSigners::load(durable.keys, log_keys, origin);
  if (!loaded) return locked("the log's own keys: " + loaded.error().message);
  return loaded;
}

// SPEC REC-5: the wraps of what is shredded, of versions that were replaced, and of acts that were never committed.
Result<void> destroy_wraps_too_many(store::KeyStore& store, const policy::State& state) {
  if (state.all<policy::KeyRow>().empty()) return {};  // an instance that is being made
  for (const KeyId& id : store.with_several_versions()) {
    const policy::KeyRow* row = state.find<policy::KeyRow>(id);
    if (row && row->status != policy::KeyStatus::shredded) TRY_VOID(store.keep_only(id, row->version));
  }
  std::vector<KeyId> gone;
  TRY_VOID(store.for_each([&](const store::KeySlot& slot) -> Result<void> {
    const policy::KeyRow* row = state.find<policy::KeyRow>(slot.id);
    if (!row || row->status == policy::KeyStatus::shredded) gone.push_back(slot.id);
    return {};
  }));
  return store.destroy_all(gone);
}

Result<void> sweep_objects(const store::Objects& objects, const policy::State& state) {
  std::unordered_set<ObjectName> kept;
  for (const auto& [id, document] : state.all<policy::Document>()) {
    if (document.status == policy::DocumentStatus::sealed) kept.insert(document.object);
  }
  const store::Objects::Swept swept = TRY(objects.sweep([&](const ObjectName& name) { return kept.contains(name); }));
  if (swept.temporaries + swept.unreferenced > 0) {
    spdlog::info("swept {} temporary and {} unreferenced objects", swept.temporaries, swept.unreferenced);
  }
  return {};
}

}  // namespace

Result<VerifiedHead> read_head(const store::Rows& rows, const KeyRing& keys) {
  const std::optional<Bytes> note = TRY(rows.meta(store::kHeadNote));
  if (!note) return fail(ErrorCode::corrupt, "the database has no head");
  const LogKeys log_keys = TRY(LogKeys::read(rows, keys));
  audit::Head head = TRY(log_keys.open_head(as_text(*note)));
  return VerifiedHead{std::move(head), std::string(as_text(*note))};
}

Result<std::string> checkpoint_of(const store::Rows& rows, const KeyRing& keys) {
  const audit::Head head = TRY(read_head(rows, keys)).head;
  const LogKeys log_keys = TRY(LogKeys::read(rows, keys));
  const std::unique_ptr<LogSigners> signers = TRY(LogSigners::load(keys, log_keys, head.origin));
  return audit::sign_checkpoint(head.checkpoint(), signers->checkpoint());
}

Result<Recovered> recover(const Durable& durable) {
  Recovered out;
  const std::optional<Bytes> note = TRY(durable.rows.meta(store::kHeadNote));
  if (!note) return locked("the database has no head");
  const LogKeys log_keys = TRY(read_log_keys(durable));
  const Result<audit::Head> verified = log_keys.open_head(as_text(*note));
  if (!verified) return locked("the head in the database: " + verified.error().message);
  const audit::Head& head = *verified;
  out.origin = head.origin;

  if (TRY(durable.rows.entry_count()) != head.size) return locked("the number of entries is not the one its head says");
  TRY_VOID(read_state(durable, out));
  if (out.digest.digest() != head.state_digest) return locked("the state rows are not those that the head says");
  TRY_VOID(read_tree(durable, head, out));
  TRY_VOID(find_open_readings(durable, out));
  TRY_VOID(check_head_file(durable, log_keys, head, out));
  TRY_VOID(check_keys(durable, head, out.state));
  out.signers = TRY(load_signers(durable, log_keys, head.origin));
  TRY_VOID(find_places(durable, head, out));
  out.head_note = as_text(*note);
  return out;
}

// SPEC REC-9: the objects first, since what lies among them may still forbid to start.
Result<void> tidy_up(store::KeyStore& keys, store::HeadFile& head_file, const store::Objects& objects,
                     const Recovered& recovered) {
  TRY_VOID(sweep_objects(objects, recovered.state));
  if (as_text(head_file.note()) != recovered.head_note) TRY_VOID(head_file.write(as_bytes(recovered.head_note)));
  TRY_VOID(destroy_wraps_too_many(keys, recovered.state));
  return keys.clear_torn();
}

}  // namespace flikvakt::service
