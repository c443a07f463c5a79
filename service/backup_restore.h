// Backups of a running gateway, and the restore on purpose. A restored gateway begins a new log: its first
// entry names the old head, states anew every row that stood then, and is signed by two administrators of the backup.
// Nothing that was attested before opens anything until it is attested again; whatever was erased since the backup is
// erased again. The old log is kept beside the new one (docs/decisions/restore.md).
#pragma once

#include "service/joint_act.h"
#include "service/verify_log.h"
#include "store/backup.h"

namespace flikvakt::service {

// Rows and documents, one consistent state, into a new directory (spec/backup.md). Thread-safe; takes as long as the
// documents are many. corrupt: a document that stands has no object.
Result<store::BackupSummary> back_up(Core& core, const std::filesystem::path& into, store::ObjectCopies copies);
// The same from a snapshot, beside a gateway that another process runs. What is missing was erased since, or lost:
// check_missing() tells, given a later snapshot.
Result<store::BackupSummary> back_up(const store::Reader& rows, const KeyRing& keys, const store::Objects& objects,
                                     const std::filesystem::path& into, store::ObjectCopies copies);
Result<void> check_missing(const store::Reader& later, const KeyRing& keys, const std::vector<ObjectName>& missing);
// The wrapped keys, to a place of their own with a short retention.
Result<void> back_up_keys(Core& core, const std::filesystem::path& into);

struct RestorePlan {
  std::filesystem::path backup;
  std::filesystem::path key_store_backup;         // not older than the backup
  std::optional<std::filesystem::path> erasures;  // the list of what was erased since (spec/backup.md); none: nothing
};

// What is in a backup, verified: for the operator to compare and the administrators to sign.
struct BackupContents {
  std::string head_note;
  std::uint64_t entries = 0;
  UtcTime last_entry;
  policy::Instance instance;
  std::vector<policy::Administrator> administrators;  // active ones: compare their thumbprints with those printed
  std::vector<std::string> problems;                  // of the log; none, or it is not restored
};
// denied: not the master key. corrupt: a changed or missing file.
Result<BackupContents> inspect_backup(const RestorePlan& plan, const crypto::MasterKey& master);

// The act to sign. `origin`: of the new log, another than the old one's. `without`: administrators of the backup who
// are none any more.
SentAct restore_act(const BackupContents& contents, const std::string& origin, const std::set<AdministratorId>& without,
                    UtcTime now);

// Fills the empty `directory` and makes the first entry. `act.signatures`: of two administrators of the backup (the
// recovery key counts as one). Errors: denied, invalid, expired (the act), corrupt (the backup), and those of writing;
// what is half-made cannot be opened: remove it.
Result<std::unique_ptr<Core>> restore(store::DataDirectory directory, crypto::MasterKey master, const RestorePlan& plan,
                                      const JointAct& act, const Clock& clock, Core::Hooks hooks);

}  // namespace flikvakt::service
