#include "service/log_key_statement.h"

#include "audit/log_key_statement.h"
#include "service/receipt_maker.h"

namespace flikvakt::service {
namespace {

std::string name_of(policy::LogKeyStatus status) { return std::string(to_json(status).as_string()); }

// SPEC LKEY-11: of an entry that was pruned since, nothing is left to show.
Result<std::optional<audit::KeyAnnouncement>> announcement(const store::Rows& rows, ReceiptMaker& maker,
                                                           const policy::LogKey& key) {
  if (key.generation == 1) return std::optional<audit::KeyAnnouncement>();
  const store::EntryRow row = TRY(rows.entry(key.from));
  if (row.is_bare()) return std::optional<audit::KeyAnnouncement>();
  audit::KeyAnnouncement out;
  out.receipt = TRY(maker.make(row, nullptr));
  out.record = TRY(maker.record(row));
  return std::optional(std::move(out));
}

Result<audit::StatedLogKey> stated(const std::string& origin, const store::Rows& rows, ReceiptMaker& maker,
                                   const policy::LogKey& key) {
  audit::StatedLogKey out;
  out.generation = key.generation;
  out.key = TRY(log_key_verifier(origin, key.checkpoint_key)).text();
  out.status = name_of(key.status);
  out.from = key.from;
  out.since = key.since;
  out.to = key.to;
  out.announced = TRY(announcement(rows, maker, key));
  return out;
}

}  // namespace

Result<json::value> state_log_keys(Core& core, const std::string& cosigned) {
  const LogKeys keys = core.log_keys();
  Grounds grounds = TRY(Grounds::at(core, cosigned));
  return core.log_reader().with([&](const store::Reader& rows) -> Result<json::value> {
    ReceiptMaker maker(core, rows, std::move(grounds));
    audit::StatedLogKeys out{std::string(audit::kLogKeysFormat), core.sequencer().origin(), {}};
    for (const policy::LogKey& key : keys.all()) out.keys.push_back(TRY(stated(out.origin, rows, maker, key)));
    return to_json(out);
  });
}

}  // namespace flikvakt::service
