#include "store/key_store.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <mutex>
#include <set>
#include <unordered_map>

#include "base/files.h"
#include "store/key_slot.h"

namespace flikvakt::store {
namespace {

constexpr std::uint64_t kGrowSlots = 512;
constexpr std::size_t kMostBytes = std::size_t{1} << 30;  // of a file that is read whole

std::uint64_t offset_of(std::uint64_t place) { return place * kSlotBytes; }

struct Place {
  std::uint64_t number = 0;  // from 1; 0 is the header
  std::uint32_t version = 0;
};

}  // namespace

struct KeyStore::Impl {
  FileDescriptor file;

  std::atomic<std::uint64_t> log_size{0};

  // Held over a whole change, sync included, so that changes come one after the other. Guards what follows it.
  std::mutex changing;
  std::vector<std::uint64_t> free;  // the lowest last
  std::vector<std::uint64_t> torn;  // of those, what load() found
  std::uint64_t next_new = 1;       // the first place that the file does not have
  bool in_doubt = false;            // a write or sync failed: what is on disk is not known

  // Held for moments only: a find never waits for a sync. Taken after `changing`. Guards writing to the index, and
  // reading it without `changing`. INVARIANT: a place in the index is wholly written and not being overwritten.
  mutable std::mutex mutex;
  std::unordered_multimap<KeyId, Place> index;

  Result<void> load();
  Result<void> write(std::span<const std::pair<std::uint64_t, SlotBytes>> slots);
  Result<void> grow(std::size_t needed);
  Result<void> check_new(std::span<const KeySlot> slots) const;
  Result<KeySlot> read(KeyId id, Place place) const;
  Result<void> erase(std::span<const KeyId> ids, std::optional<std::uint32_t> except);
};

// SPEC KST-4, KST-5
Result<void> KeyStore::Impl::load() {
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) return os_error("looking at", "the key store");
  SlotBytes bytes;
  TRY_VOID(read_exactly(file.get(), 0, bytes));
  TRY_VOID(check_header(bytes));
  next_new = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(info.st_size) / kSlotBytes);

  for (std::uint64_t place = 1; place < next_new; ++place) {
    TRY_VOID(read_exactly(file.get(), offset_of(place), bytes));
    if (is_free(bytes)) {
      free.push_back(place);
      continue;
    }
    const std::optional<KeySlot> slot = decode_slot(place, bytes);
    if (!slot) {
      torn.push_back(place);
      continue;
    }
    if (!torn.empty()) {
      return fail(ErrorCode::corrupt, "slot " + std::to_string(torn.front()) + " of the key store is damaged");
    }
    index.emplace(slot->id, Place{place, slot->version});
    log_size = std::max(log_size.load(), slot->log_size);
  }
  free.insert(free.end(), torn.begin(), torn.end());
  std::ranges::sort(free, std::greater<>());
  return {};
}

Result<void> KeyStore::Impl::write(std::span<const std::pair<std::uint64_t, SlotBytes>> slots) {
  if (in_doubt) return fail(ErrorCode::io, "an earlier write to the key store failed: stop and start again");
  if (slots.empty()) return {};
  in_doubt = true;
  for (const auto& [place, bytes] : slots) {
    Result<void> done = write_exactly(file.get(), offset_of(place), bytes);
    if (!done) return fail(ErrorCode::io, "writing the key store: " + done.error().message);
  }
  Result<void> done = sync_file(file.get());
  if (!done) return fail(ErrorCode::io, "syncing the key store: " + done.error().message);
  in_doubt = false;
  return {};
}

// Room comes before the write, so that a full disk is found while nothing has changed.
Result<void> KeyStore::Impl::grow(std::size_t needed) {
  if (free.size() >= needed) return {};
  const std::uint64_t more = std::max<std::uint64_t>(kGrowSlots, needed - free.size());
  int code = EINTR;
  while (code == EINTR) {
    code =
        ::posix_fallocate(file.get(), static_cast<off_t>(offset_of(next_new)), static_cast<off_t>(more * kSlotBytes));
  }
  if (code != 0) {
    errno = code;
    return os_error("making room in", "the key store");
  }
  for (std::uint64_t place = next_new; place < next_new + more; ++place) free.push_back(place);
  next_new += more;
  std::ranges::sort(free, std::greater<>());
  return {};
}

Result<void> KeyStore::Impl::check_new(std::span<const KeySlot> slots) const {
  std::set<KeyId> seen;
  for (const KeySlot& slot : slots) {
    if (slot.id.is_none()) return fail(ErrorCode::invalid, "a key without an id");
    if (!seen.insert(slot.id).second) return fail(ErrorCode::conflict, "one batch holds a key twice");
    const auto [begin, end] = index.equal_range(slot.id);
    for (auto it = begin; it != end; ++it) {
      if (it->second.version >= slot.version) {
        return fail(ErrorCode::conflict, "key `" + slot.id.text() + "` is there in version " +
                                             std::to_string(it->second.version) + " already");
      }
    }
  }
  return {};
}

Result<KeySlot> KeyStore::Impl::read(KeyId id, Place place) const {
  SlotBytes bytes;
  TRY_VOID(read_exactly(file.get(), offset_of(place.number), bytes));
  std::optional<KeySlot> slot = decode_slot(place.number, bytes);
  if (!slot || slot->id != id || slot->version != place.version) {
    return fail(ErrorCode::corrupt, "slot " + std::to_string(place.number) + " of the key store changed on disk");
  }
  return *slot;
}

// SPEC KST-6: no longer found, then overwritten.
Result<void> KeyStore::Impl::erase(std::span<const KeyId> ids, std::optional<std::uint32_t> except) {
  std::vector<std::pair<std::uint64_t, SlotBytes>> zeros;
  for (const KeyId& id : ids) {
    const std::lock_guard lock(mutex);
    const auto [begin, end] = index.equal_range(id);
    for (auto it = begin; it != end;) {
      if (it->second.version == except) {
        ++it;
        continue;
      }
      zeros.emplace_back(it->second.number, SlotBytes{});
      it = index.erase(it);
    }
  }
  TRY_VOID(write(zeros));
  for (const auto& [place, bytes] : zeros) free.push_back(place);
  return {};
}

KeyStore::KeyStore(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
KeyStore::KeyStore(KeyStore&&) noexcept = default;
KeyStore::~KeyStore() = default;

Result<KeyStore> KeyStore::create(const std::filesystem::path& path) {
  if (std::filesystem::exists(path)) {
    return fail(ErrorCode::conflict, "`" + path.filename().string() + "` is there already: nothing is overwritten");
  }
  TRY_VOID(write_file_atomically(path, encode_header()));
  return open(path);
}

Result<KeyStore> KeyStore::open(const std::filesystem::path& path) {
  TRY_VOID(require_private(path));
  auto impl = std::make_unique<Impl>();
  impl->file = TRY(open_file(path, O_RDWR));
  TRY_VOID(impl->load());
  return KeyStore(std::move(impl));
}

Result<KeyStore> KeyStore::open_copy(const std::filesystem::path& path) {
  const Bytes bytes = TRY(read_file(path, kMostBytes));
  auto impl = std::make_unique<Impl>();
  impl->file = FileDescriptor(::memfd_create("flikvakt-keys", MFD_CLOEXEC));
  if (!impl->file.is_open()) return os_error("making a copy in memory of", path);
  TRY_VOID(write_exactly(impl->file.get(), 0, bytes));
  TRY_VOID(impl->load());
  return KeyStore(std::move(impl));
}

// SPEC KST-5
Result<void> KeyStore::clear_torn() {
  const std::lock_guard change(impl_->changing);
  std::vector<std::pair<std::uint64_t, SlotBytes>> cleared;
  for (const std::uint64_t place : std::exchange(impl_->torn, {})) {
    if (std::ranges::find(impl_->free, place) != impl_->free.end()) cleared.emplace_back(place, SlotBytes{});
  }
  return impl_->write(cleared);
}

Result<void> KeyStore::put(const KeySlot& slot) { return put_all({&slot, 1}); }

Result<void> KeyStore::put_all(std::span<const KeySlot> slots) {
  const std::lock_guard change(impl_->changing);
  TRY_VOID(impl_->check_new(slots));
  TRY_VOID(impl_->grow(slots.size()));
  std::vector<std::pair<std::uint64_t, SlotBytes>> filled;
  for (KeySlot slot : slots) {
    slot.log_size = impl_->log_size;
    const std::uint64_t place = impl_->free[impl_->free.size() - 1 - filled.size()];
    filled.emplace_back(place, encode_slot(place, slot));
  }
  TRY_VOID(impl_->write(filled));
  impl_->free.resize(impl_->free.size() - slots.size());
  const std::lock_guard lock(impl_->mutex);
  for (std::size_t i = 0; i < slots.size(); ++i) {
    impl_->index.emplace(slots[i].id, Place{filled[i].first, slots[i].version});
  }
  return {};
}

void KeyStore::note_log_size(std::uint64_t entries) { impl_->log_size = entries; }
std::uint64_t KeyStore::log_size() const { return impl_->log_size; }

Result<KeySlot> KeyStore::find(KeyId id) const {
  const std::lock_guard lock(impl_->mutex);
  const auto [begin, end] = impl_->index.equal_range(id);
  if (begin == end) return fail(ErrorCode::not_found, "there is no such key");
  const auto newest =
      std::max_element(begin, end, [](const auto& a, const auto& b) { return a.second.version < b.second.version; });
  return impl_->read(id, newest->second);
}

Result<KeySlot> KeyStore::find(KeyId id, std::uint32_t version) const {
  const std::lock_guard lock(impl_->mutex);
  const auto [begin, end] = impl_->index.equal_range(id);
  const auto found = std::find_if(begin, end, [&](const auto& entry) { return entry.second.version == version; });
  if (found == end) return fail(ErrorCode::not_found, "there is no such key in this version");
  return impl_->read(id, found->second);
}

Result<void> KeyStore::destroy(KeyId id) { return destroy_all({&id, 1}); }

Result<void> KeyStore::destroy_all(std::span<const KeyId> ids) {
  const std::lock_guard change(impl_->changing);
  return impl_->erase(ids, std::nullopt);
}

Result<void> KeyStore::keep_only(KeyId id, std::uint32_t version) {
  const std::lock_guard change(impl_->changing);
  const auto [begin, end] = impl_->index.equal_range(id);
  if (std::none_of(begin, end, [&](const auto& entry) { return entry.second.version == version; })) {
    return fail(ErrorCode::not_found, "there is no such key in this version: nothing was destroyed");
  }
  return impl_->erase({&id, 1}, version);
}

Result<void> KeyStore::replace(const KeySlot& slot) {
  TRY_VOID(put(slot));
  return keep_only(slot.id, slot.version);
}

Result<void> KeyStore::for_each(const std::function<Result<void>(const KeySlot&)>& fn) const {
  std::vector<std::pair<KeyId, Place>> all;
  {
    const std::lock_guard lock(impl_->mutex);
    all.assign(impl_->index.begin(), impl_->index.end());
  }
  std::ranges::sort(all, {}, [](const auto& entry) { return entry.second.number; });
  for (const auto& [id, place] : all) {
    Result<KeySlot> slot = find(id, place.version);
    if (!slot && slot.error().code == ErrorCode::not_found) continue;  // destroyed meanwhile
    TRY_VOID(fn(TRY(std::move(slot))));
  }
  return {};
}

std::size_t KeyStore::size() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->index.size();
}

std::vector<KeyId> KeyStore::with_several_versions() const {
  const std::lock_guard lock(impl_->mutex);
  std::vector<KeyId> out;
  for (auto it = impl_->index.begin(); it != impl_->index.end();) {
    const auto end = impl_->index.equal_range(it->first).second;
    if (std::distance(it, end) > 1) out.push_back(it->first);
    it = end;
  }
  return out;
}

}  // namespace flikvakt::store
