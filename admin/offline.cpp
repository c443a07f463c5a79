#include "admin/offline.h"

#include <sys/mman.h>

#include "base/files.h"

namespace flikvakt::admin {
namespace {

constexpr std::size_t kLargestKeyStore = std::size_t{1} << 30;

// The key store is opened for writing, which only the gateway may do to its own: so a copy in memory is opened.
Outcome<FileDescriptor> copy_to_memory(const std::filesystem::path& file) {
  const Bytes bytes = TRY(read_file(file, kLargestKeyStore));
  FileDescriptor copy(::memfd_create("flikvakt-keys", MFD_CLOEXEC));
  if (!copy.is_open()) return os_error("making a copy of the key store", file);
  TRY_VOID(write_exactly(copy.get(), 0, bytes));
  return copy;
}

}  // namespace

Outcome<void> Offline::load_keys(crypto::MasterKey master) {
  keys_.reset();
  key_store_.reset();
  key_copy_ = TRY(copy_to_memory(directory_.keys()));
  const std::filesystem::path copy = "/proc/self/fd/" + std::to_string(key_copy_.get());
  key_store_ = std::make_unique<store::KeyStore>(TRY(store::KeyStore::open(copy)));
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
