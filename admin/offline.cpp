#include "admin/offline.h"

#include "base/files.h"

namespace flikvakt::admin {

Outcome<void> Offline::load_keys(crypto::MasterKey master) {
  keys_.reset();
  key_store_.reset();
  key_store_ = std::make_unique<store::KeyStore>(TRY(store::KeyStore::open_copy(directory_.keys())));
  keys_ = TRY(service::KeyRing::load(std::move(master), *key_store_));
  return {};
}

Outcome<Offline> Offline::open(const std::filesystem::path& data, crypto::MasterKey master) {
  Result<store::DataDirectory> locked = store::DataDirectory::open(data);
  const bool is_served = !locked && locked.error().code == ErrorCode::unavailable;
  if (!locked && !is_served) return locked.error();
  Offline out = is_served ? Offline(TRY(store::DataDirectory::open_shared(data)), service::VerifiedRows::copy)
                          : Offline(std::move(*locked), service::VerifiedRows::live);
  auto master_copy = crypto::MasterKey::copy_from(master.expose());
  TRY_VOID(out.load_keys(std::move(master_copy)));
  out.rows_ =
      std::make_unique<store::Reader>(TRY(store::Reader::open(out.directory_.database(), out.keys_->database())));
  // Again, after the snapshot: every key that a row of it names was durable before that row.
  TRY_VOID(out.load_keys(std::move(master)));
  return out;
}

}  // namespace flikvakt::admin
