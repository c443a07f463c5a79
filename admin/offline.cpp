#include "admin/offline.h"

#include "base/files.h"
#include "store/head_file.h"

namespace flikvakt::admin {

Result<void> Offline::load(crypto::MasterKey master) {
  auto master_copy = crypto::MasterKey::copy_from(master.expose());
  TRY_VOID(load_keys(std::move(master_copy)));
  rows_ = std::make_unique<store::Reader>(TRY(store::Reader::open(directory_.database(), keys_->database())));
  // SPEC CHK-14: what a killed gateway left unsynced is visible, and checkpoints are signed over it here.
  TRY_VOID(store::sync_log_of(directory_.database()));
  // Again, after the rows were fixed: every key that one of them names was durable before that row.
  return load_keys(std::move(master));
}

Result<void> Offline::load_keys(crypto::MasterKey master) {
  keys_.reset();
  key_store_.reset();
  key_store_ = std::make_unique<store::KeyStore>(TRY(store::KeyStore::open_copy(directory_.keys())));
  keys_ = TRY(service::KeyRing::load(std::move(master), *key_store_));
  return {};
}

Outcome<Offline> Offline::open(const Arguments& arguments, BehindHeadFile behind) {
  const std::filesystem::path data = TRY(data_of(arguments));
  const MasterKeyPlace place = master_key_place(arguments, data);
  Result<store::DataDirectory> locked = store::DataDirectory::open(data);
  const bool is_served = !locked && locked.error().code == ErrorCode::unavailable;
  if (!locked && !is_served) return locked.error();
  Offline out = is_served ? Offline(TRY(store::DataDirectory::open_shared(data)), service::VerifiedRows::copy)
                          : Offline(std::move(*locked), service::VerifiedRows::live);
  TRY_VOID(check_files(out.directory_));
  const auto passphrases = Passphrases::from_options(arguments.all("--passphrase-file"));
  const Result<store::HeadFile> head_file = store::HeadFile::open(out.directory_.head());
  if (!head_file) return opening_failed(out.directory_, place, head_file.error());
  out.head_file_ = std::string(as_text(head_file->note()));
  const Result<void> loaded = out.load(TRY(read_master_key(place, passphrases)));
  if (!loaded) return opening_failed(out.directory_, place, loaded.error());
  if (behind == BehindHeadFile::reported) return out;
  const Result<void> current = service::check_against_head_file(*out.rows_, *out.keys_, out.head_file_);
  if (current) return out;
  return Failure(ExitCode::locked, current.error().message, "find out why with `flikvakt log verify`");
}

}  // namespace flikvakt::admin
