#include "service/keys_admin.h"

#include <map>

#include "service/sent_act.h"

namespace flikvakt::service {
namespace {

std::string level_name(std::uint8_t level) {
  switch (static_cast<crypto::KeyLevel>(level)) {
    case crypto::KeyLevel::person:
      return "person";
    case crypto::KeyLevel::flik:
      return "flik";
    case crypto::KeyLevel::document:
      return "document";
    case crypto::KeyLevel::database:
      return "database";
    case crypto::KeyLevel::blind_index:
      return "blind_index";
    case crypto::KeyLevel::forbund_log:
      return "forbund_log";
    case crypto::KeyLevel::person_log:
      return "person_log";
    case crypto::KeyLevel::handle:
      return "handle";
    case crypto::KeyLevel::state:
      return "state";
    case crypto::KeyLevel::signing:
      return "signing";
  }
  return "unknown";
}

void count(const policy::KeyRow& key, KeyLevelStatus& out) {
  if (key.status == policy::KeyStatus::shredded) {
    ++out.shredded;
    return;
  }
  out.oldest_version = out.active == 0 ? key.version : std::min(out.oldest_version, key.version);
  out.newest_version = std::max(out.newest_version, key.version);
  ++out.active;
}

// When a key was destroyed: the time of the entry that changed its row.
Result<UtcTime> time_of(const store::Rows& rows, std::uint64_t entry) {
  return TRY(audit::decode_leaf(TRY(rows.entry(entry)).leaf)).time;
}

Result<KeysStatus> read_status(const store::Rows& rows, const KeyRing& keys) {
  KeysStatus out;
  out.master_key = keys.master_id().text();
  std::map<std::uint8_t, KeyLevelStatus> levels;
  std::optional<std::uint64_t> last_shred;
  RowSealer sealer(keys);
  TRY_VOID(rows.for_each_state_row([&](const store::StateRowView& stored) -> Result<void> {
    if (stored.table != policy::KeyRow::kTable) return {};
    const policy::Row row = TRY(sealer.open(stored));
    const auto& key = get<policy::KeyRow>(row);
    count(key, levels[key.level]);
    if (key.status == policy::KeyStatus::shredded) last_shred = std::max(last_shred.value_or(0), stored.version);
    return {};
  }));
  for (auto& [level, status] : levels) {
    status.level = level_name(level);
    out.levels.push_back(std::move(status));
  }
  if (last_shred) out.last_shred = TRY(time_of(rows, *last_shred));
  return out;
}

Result<void> keep_only_new_wraps(store::KeyStore& store, const std::vector<NewKey>& rewrapped) {
  for (const NewKey& key : rewrapped) TRY_VOID(store.keep_only(key.slot.id, key.slot.version));
  return {};
}

}  // namespace

Result<KeysStatus> keys_status(Core& core, std::chrono::days retention) {
  return core.log_reader().with([&](const store::Reader& rows) { return keys_status(rows, core.keys(), retention); });
}

Result<KeysStatus> keys_status(const store::Rows& rows, const KeyRing& keys, std::chrono::days retention) {
  KeysStatus out = TRY(read_status(rows, keys));
  if (out.last_shred) out.complete_in_backups = *out.last_shred + retention;
  return out;
}

Result<void> rotate_master_key(std::unique_ptr<Core> core, const crypto::MasterKey& new_master, Command ordered) {
  if (!holds_alternative<policy::RotateKeys>(ordered.act)) {
    return fail(ErrorCode::invalid, "rotating the master key: another act was ordered");
  }
  if (crypto::derive_master_key_id(new_master) == core->keys().master_id()) {
    return fail(ErrorCode::invalid, "rotating the master key: the new one is the old one");
  }
  const std::vector<NewKey> rewrapped = TRY(core->keys().rewrap_all(new_master));
  ordered.prepared.keys = TRY(make_durable(core->keys(), rewrapped));
  const CommandResult result = core->decide(std::move(ordered));
  const bool rotated = result.status == CommandStatus::decided && result.decision.is_permitted();
  core->sequencer().stop();
  // SPEC REC-7: a refused rotation leaves the second wraps to the next start-up, which drops them.
  if (!rotated) return fail(ErrorCode::denied, "rotating the master key: the act was refused; the old key stays");
  return keep_only_new_wraps(core->keys().store(), rewrapped);
}

}  // namespace flikvakt::service
