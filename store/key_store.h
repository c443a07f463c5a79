// Wrapped keys in a file of their own, so that a key can be destroyed in place and backed up apart. It holds ciphertext
// only, and trusts nobody's claim about a key's state: the database row of the key (version, status, hash of the wrap)
// does. Order of the callers: put, then the row's transaction; for a shred the row's transaction, then destroy, then
// the answer. Not covered: copies that the disk's firmware or a copying file system keeps of an overwritten slot.
// Format: spec/key-store.md. Thread-safe. The data directory's lock keeps other processes out.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"

namespace flikvakt::store {

struct KeySlot {
  KeyId id;
  KeyId parent;            // under the master key: crypto::derive_master_key_id
  std::uint8_t level = 0;  // the caller's meaning
  std::uint32_t version = 0;
  ByteArray<60> wrap{};        // nonce 12, ciphertext 32, tag 16
  std::uint64_t log_size = 0;  // entries that the log had when it was put: the store's own, whatever put() is given
  friend bool operator==(const KeySlot&, const KeySlot&) = default;
};

class KeyStore {
public:
  static Result<KeyStore> create(const std::filesystem::path& path);  // conflict: it exists
  // Reads every slot. corrupt names the slot. A torn slot at the end was never acknowledged: it counts as free.
  static Result<KeyStore> open(const std::filesystem::path& path);
  // A copy in memory, so that the file is not touched: of one that another process uses, or of a backup. What is put
  // or destroyed in it is gone with it.
  static Result<KeyStore> open_copy(const std::filesystem::path& path);
  KeyStore(KeyStore&&) noexcept;
  ~KeyStore();

  // Overwrites what was torn when it was opened. For after the rows were found to know nothing of it: of a key that
  // they do know, the slot is all that is left to look at.
  Result<void> clear_torn();

  // Durable when it returns. conflict: this id with this or a higher version is there. out_of_space: certain not to
  // have happened. io: unknown; every later write is refused: stop serving.
  Result<void> put(const KeySlot& slot);
  Result<void> put_all(std::span<const KeySlot> slots);  // one sync; all or (on conflict, out_of_space) none

  // SPEC KST-9: the log has so many entries, durably; each slot that is put from now on says so.
  void note_log_size(std::uint64_t entries);
  // The most that was noted, or that a slot says: a database with fewer entries is older than this store.
  std::uint64_t log_size() const;

  Result<KeySlot> find(KeyId id) const;  // the highest version; not_found
  Result<KeySlot> find(KeyId id, std::uint32_t version) const;

  // Overwrites every version of the key; durable when it returns. An unknown id is no error: it is gone. On io the key
  // is no longer found, but may still be on the disk.
  Result<void> destroy(KeyId id);
  Result<void> destroy_all(std::span<const KeyId> ids);  // one sync
  // Overwrites every version but this one. not_found: this one is not there, and nothing was touched.
  Result<void> keep_only(KeyId id, std::uint32_t version);
  // Rotation in one step: put, then keep_only. A crash between leaves both; the callers' row says which one counts. To
  // rotate a key that has a row: put, the row's transaction, keep_only.
  Result<void> replace(const KeySlot& slot);

  Result<void> for_each(const std::function<Result<void>(const KeySlot&)>& fn) const;  // in file order, a copy each
  std::size_t size() const;                                                            // live slots
  std::vector<KeyId> with_several_versions() const;  // after a rotation that a crash cut short

private:
  struct Impl;
  explicit KeyStore(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace flikvakt::store
