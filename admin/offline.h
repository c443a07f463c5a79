// Reads a data directory without serving it: for verifying, exporting and showing checkpoints. Works beside a running
// gateway too, and then on a snapshot: nothing in the directory is written.
#pragma once

#include <memory>

#include "admin/open_core.h"
#include "service/key_ring.h"
#include "service/verify_log.h"
#include "store/database.h"

namespace flikvakt::admin {

class Offline {
public:
  static Outcome<Offline> open(const std::filesystem::path& data, crypto::MasterKey master);

  const store::DataDirectory& directory() const { return directory_; }
  const store::Reader& rows() const { return *rows_; }
  Result<void> refresh() { return rows_->refresh(); }  // to what is committed by now
  const service::KeyRing& keys() const { return *keys_; }
  // Live while no gateway runs on it, and none can start until this goes.
  service::VerifiedRows where() const { return where_; }

private:
  Offline(store::DataDirectory directory, service::VerifiedRows where)
      : directory_(std::move(directory)), where_(where) {}

  Outcome<void> load_keys(crypto::MasterKey master);

  store::DataDirectory directory_;
  service::VerifiedRows where_;
  std::unique_ptr<store::KeyStore> key_store_;
  std::unique_ptr<service::KeyRing> keys_;
  std::unique_ptr<store::Reader> rows_;
};

}  // namespace flikvakt::admin
