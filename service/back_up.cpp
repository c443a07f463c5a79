#include "service/backup_restore.h"

namespace flikvakt::service {
namespace {

// Of the snapshot. Rows whose owner was erased meanwhile do not open any more; they need no document.
Result<std::map<ObjectName, DocumentId>> documents_of(const store::Rows& rows, const KeyRing& keys) {
  std::map<ObjectName, DocumentId> out;
  RowSealer sealer(keys);
  TRY_VOID(rows.for_each_state_row([&](const store::StateRowView& stored) -> Result<void> {
    if (stored.table != policy::Document::kTable) return {};
    const Result<policy::Row> row = sealer.open(stored);
    if (!row && row.error().code == ErrorCode::not_found) return {};
    if (!row) return row.error();
    const auto& document = get<policy::Document>(*row);
    if (document.status == policy::DocumentStatus::sealed) out.emplace(document.object, document.id);
    return {};
  }));
  return out;
}

}  // namespace

Result<store::BackupSummary> back_up(const store::Reader& rows, const KeyRing& keys, const store::Objects& objects,
                                     const std::filesystem::path& into, store::ObjectCopies copies) {
  std::vector<ObjectName> names;
  for (const auto& [name, document] : TRY(documents_of(rows, keys))) names.push_back(name);
  return store::back_up(rows, keys.database(), objects, names, into, copies);
}

Result<void> check_missing(const store::Reader& later, const KeyRing& keys, const std::vector<ObjectName>& missing) {
  if (missing.empty()) return {};
  const std::map<ObjectName, DocumentId> now = TRY(documents_of(later, keys));
  for (const ObjectName& name : missing) {
    if (now.contains(name)) return fail(ErrorCode::corrupt, "document " + now.at(name).text() + " has no object");
  }
  return {};
}

Result<store::BackupSummary> back_up(Core& core, const std::filesystem::path& into, store::ObjectCopies copies) {
  const store::BackupSummary summary =
      TRY(core.log_reader().with([&](const store::Reader& rows) -> Result<store::BackupSummary> {
        return back_up(rows, core.keys(), core.objects(), into, copies);
      }));
  TRY_VOID(core.log_reader().with(
      [&](const store::Reader& rows) -> Result<void> { return check_missing(rows, core.keys(), summary.missing); }));
  return summary;
}

Result<void> back_up_keys(Core& core, const std::filesystem::path& into) {
  return store::back_up_key_store(core.keys().store(), into);
}

}  // namespace flikvakt::service
