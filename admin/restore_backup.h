// `flikvakt restore`: a new gateway from a backup, as a declared act that two administrators of the backup sign.
#pragma once

#include "admin/open_core.h"
#include "admin/passphrases.h"
#include "service/backup_restore.h"

namespace flikvakt::admin {

struct RestoreOrder {
  service::RestorePlan plan;
  std::filesystem::path data;                  // a new or empty directory
  MasterKeyPlace master_key;                   // of the backup
  std::string origin;                          // of the new log
  std::uint64_t entries = 0;                   // that the backup must have: the operator looked at it first
  std::vector<std::filesystem::path> signers;  // key files, two or more
  std::vector<std::string> without;            // thumbprints of administrators of the backup who are none any more
};

// For the operator to compare: head, entries, last entry, administrators with their thumbprints, problems.
json::value describe(const service::BackupContents& contents);

// service::inspect_backup, whose refusal of the master key says which one may fit.
Outcome<service::BackupContents> open_backup(const service::RestorePlan& plan, const crypto::MasterKey& master);

Outcome<json::value> restore_backup(const RestoreOrder& order, const Passphrases& passphrases);

}  // namespace flikvakt::admin
