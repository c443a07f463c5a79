// Reads a data directory without serving it: for verifying, exporting and showing checkpoints. Works beside a running
// gateway too, on the rows as of one moment: nothing in the directory is written.
#pragma once

#include <memory>

#include "admin/open_core.h"
#include "service/key_ring.h"
#include "service/verify_log.h"
#include "store/database.h"

namespace flikvakt::admin {

// Rows that are behind the head file were put back from an older copy: `refused`, unless the command itself reports it.
enum class BehindHeadFile { refused, reported };

class Offline {
public:
  // From master_key_options(). ExitCode::locked: the data does not fit together.
  static Outcome<Offline> open(const Arguments& arguments, BehindHeadFile behind = BehindHeadFile::refused);

  const store::DataDirectory& directory() const { return directory_; }
  const store::Reader& rows() const { return *rows_; }
  const std::string& head_file() const { return head_file_; }  // its note, read before the rows
  Result<void> refresh() { return rows_->refresh(); }          // to what is committed by now
  const service::KeyRing& keys() const { return *keys_; }
  // Live while no gateway runs on it, and none can start until this goes.
  service::VerifiedRows where() const { return where_; }

private:
  Offline(store::DataDirectory directory, service::VerifiedRows where)
      : directory_(std::move(directory)), where_(where) {}

  Result<void> load(crypto::MasterKey master);
  Result<void> load_keys(crypto::MasterKey master);

  store::DataDirectory directory_;
  service::VerifiedRows where_;
  std::string head_file_;
  std::unique_ptr<store::KeyStore> key_store_;
  std::unique_ptr<service::KeyRing> keys_;
  std::unique_ptr<store::Reader> rows_;
};

}  // namespace flikvakt::admin
