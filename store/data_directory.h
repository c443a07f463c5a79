// Where everything of one gateway lies, and the lock that makes sure that only one process runs on it.
#pragma once

#include <filesystem>

#include "base/files.h"

namespace flikvakt::store {

// Owns the lock while it lives. The directory and everything in it belong to the user of the process, mode 0700/0600.
class DataDirectory {
public:
  // Makes the directory (its parent must exist) or takes over an empty one. conflict: something is in it.
  static Result<DataDirectory> create(const std::filesystem::path& root);
  // not_found (the text says how to create); invalid: others can open it; unavailable: another process runs on it.
  static Result<DataDirectory> open(const std::filesystem::path& root);
  // For readers beside the running gateway (verify, export, backup): the same checks, without the lock.
  static Result<DataDirectory> open_shared(const std::filesystem::path& root);

  const std::filesystem::path& root() const { return root_; }
  std::filesystem::path database() const { return root_ / "rows.db"; }
  std::filesystem::path keys() const { return root_ / "keys"; }
  std::filesystem::path head() const { return root_ / "head"; }
  std::filesystem::path objects() const { return root_ / "objects"; }
  std::filesystem::path reserve() const { return root_ / "reserve"; }
  std::filesystem::path erasures() const { return root_ / "erasures"; }  // what no backup may bring back
  std::filesystem::path archive() const { return root_ / "archive"; }    // logs that ended with a restore
  std::filesystem::path notice_cursor() const { return root_ / "notice-cursor"; }
  std::filesystem::path cosigned_checkpoint() const { return root_ / "cosigned-checkpoint"; }  // by a quorum
  std::filesystem::path log_evidence() const { return root_ / "log-evidence"; }            // while it is there: locked
  std::filesystem::path log_evidence_room() const { return root_ / "log-evidence.room"; }  // held back for it
  std::filesystem::path uncompared_checkpoint() const { return root_ / "uncompared-checkpoint"; }
  std::filesystem::path demo_people() const { return root_ / "demo-people.json"; }  // only the demo writes it
  std::filesystem::path config() const { return root_ / "flikvakt.toml"; }
  std::filesystem::path master_key() const { return root_ / "master-key"; }  // sealed by a passphrase
  std::filesystem::path socket() const { return root_ / "admin.sock"; }

private:
  DataDirectory(std::filesystem::path root, FileDescriptor lock) : root_(std::move(root)), lock_(std::move(lock)) {}

  std::filesystem::path root_;
  FileDescriptor lock_;
};

}  // namespace flikvakt::store
