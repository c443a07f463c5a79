#include "store/backup.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <set>

namespace flikvakt::store {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kManifest = "MANIFEST";
constexpr std::string_view kRows = "rows.db";
constexpr std::string_view kKeys = "keys";
constexpr std::size_t kManifestMaxBytes = std::size_t{1} << 30;

Result<std::string> hash_of_file(const fs::path& path) {
  FileDescriptor file = TRY(open_file(path, O_RDONLY));
  crypto::Sha256 hash;
  Bytes buffer(1 << 18);
  for (;;) {
    const ssize_t got = ::read(file.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return os_error("reading", path);
    if (got == 0) return to_hex(hash.finish());
    hash.update(BytesView(buffer).first(static_cast<std::size_t>(got)));
  }
}

// A backup is made under a name of its own, and gets the one that was asked for when it is whole: what a crash or a
// full disk leaves behind never stands in the way of the next try, which removes it.
class Unfinished {
public:
  static Result<Unfinished> begin(const fs::path& name) {
    std::error_code ignored;
    if (fs::exists(fs::symlink_status(name, ignored)))
      return fail(ErrorCode::conflict, "`" + name.string() + "` is there already: nothing is overwritten");
    Unfinished out(name);
    fs::remove_all(out.folder_, ignored);
    if (::mkdir(out.folder_.c_str(), 0700) != 0) return os_error("creating", out.folder_);
    return out;
  }
  Unfinished(Unfinished&& other) noexcept
      : name_(std::move(other.name_)), folder_(std::exchange(other.folder_, fs::path())) {}
  Unfinished& operator=(Unfinished&&) = delete;
  ~Unfinished() {
    std::error_code ignored;
    if (!folder_.empty()) fs::remove_all(folder_, ignored);
  }
  const fs::path& folder() const { return folder_; }

  Result<void> finish() {
    // It replaces nothing but an empty folder.
    if (::rename(folder_.c_str(), name_.c_str()) != 0) return os_error("naming the backup", name_);
    folder_.clear();
    return sync_directory(folder_of(name_));
  }

private:
  // A name that ends in a slash is that of its folder.
  explicit Unfinished(const fs::path& name)
      : name_(name.has_filename() ? name : name.parent_path()), folder_(name_.string() + ".unfinished") {}
  fs::path name_;
  fs::path folder_;
};

// Relative paths of all files, in order; the folders on the way are synced.
Result<std::vector<std::string>> files_of(const fs::path& root) {
  std::vector<std::string> out;
  std::error_code ec;
  for (fs::recursive_directory_iterator entry(root, ec), end; !ec && entry != end; entry.increment(ec)) {
    if (!entry->is_directory()) out.push_back(entry->path().lexically_relative(root).generic_string());
  }
  if (ec) return fail(ErrorCode::io, "listing `" + root.string() + "`: " + ec.message());
  std::ranges::sort(out);
  return out;
}

// SPEC STO-13: the form that `sha256sum -c` reads.
Result<void> write_manifest(const fs::path& root) {
  std::string text;
  for (const std::string& name : TRY(files_of(root))) text += TRY(hash_of_file(root / name)) + "  " + name + "\n";
  return write_file_atomically(root / kManifest, as_bytes(text));
}

Result<std::map<std::string, std::string>> read_manifest(const fs::path& root) {
  const Bytes bytes = TRY(read_file(root / kManifest, kManifestMaxBytes));
  std::map<std::string, std::string> out;
  for (std::string_view text = as_text(bytes); !text.empty();) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos || end < 67 || text.substr(64, 2) != "  ") {
      return fail(ErrorCode::corrupt, "the manifest of the backup is damaged");
    }
    out.emplace(text.substr(66, end - 66), text.substr(0, 64));
    text.remove_prefix(end + 1);
  }
  return out;
}

Result<void> take_object(const fs::path& from, const fs::path& to, ObjectCopies copies) {
  if (copies == ObjectCopies::linked_where_possible && ::link(from.c_str(), to.c_str()) == 0) return {};
  return copy_file_durably(from, to);
}

Result<BackupSummary> take_objects(const Objects& objects, std::span<const ObjectName> names, const fs::path& into,
                                   ObjectCopies copies) {
  BackupSummary summary;
  if (::mkdir(into.c_str(), 0700) != 0) return os_error("creating", into);
  for (const ObjectName& name : names) {
    const fs::path folder = into / name.text().substr(0, 2);
    if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return os_error("creating", folder);
    Result<void> done = take_object(objects.path_of(name), folder / name.text(), copies);
    if (done)
      ++summary.objects;
    else if (done.error().code == ErrorCode::not_found)
      summary.missing.push_back(name);
    else
      return done.error();
  }
  std::error_code ec;
  for (const fs::directory_entry& folder : fs::directory_iterator(into, ec)) TRY_VOID(sync_directory(folder.path()));
  TRY_VOID(sync_directory(into));
  return summary;
}

}  // namespace

Result<void> copy_file_durably(const fs::path& from, const fs::path& to) {
  FileDescriptor in = TRY(open_file(from, O_RDONLY));
  FileDescriptor out = TRY(open_file(to, O_WRONLY | O_CREAT | O_EXCL));
  Bytes buffer(1 << 18);
  for (std::uint64_t offset = 0;;) {
    const ssize_t got = ::read(in.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return os_error("reading", from);
    if (got == 0) return sync_file(out.get());
    TRY_VOID(write_exactly(out.get(), offset, BytesView(buffer).first(static_cast<std::size_t>(got))));
    offset += static_cast<std::uint64_t>(got);
  }
}

Result<BackupSummary> back_up(const Reader& rows, const crypto::DatabaseKey& key, const Objects& objects,
                              std::span<const ObjectName> names, const fs::path& into, ObjectCopies copies) {
  Unfinished unfinished = TRY(Unfinished::begin(into));
  const fs::path folder = unfinished.folder();
  TRY_VOID(rows.copy_to(folder / kRows, key));
  BackupSummary summary = TRY(take_objects(objects, names, folder / "objects", copies));
  TRY_VOID(write_manifest(folder));
  TRY_VOID(verify_backup(folder, key));
  TRY_VOID(unfinished.finish());
  return summary;
}

Result<void> back_up_key_store(const fs::path& key_store, const fs::path& into) {
  Unfinished unfinished = TRY(Unfinished::begin(into));
  TRY_VOID(copy_file_durably(key_store, unfinished.folder() / kKeys));
  TRY_VOID(write_manifest(unfinished.folder()));
  TRY_VOID(verify_backup(unfinished.folder()));
  return unfinished.finish();
}

Result<void> back_up_key_store(const KeyStore& keys, const fs::path& into) {
  Unfinished unfinished = TRY(Unfinished::begin(into));
  std::vector<KeySlot> slots;
  TRY_VOID(keys.for_each([&](const KeySlot& slot) -> Result<void> {
    slots.push_back(slot);
    return {};
  }));
  std::ranges::sort(slots, {}, &KeySlot::version);  // a later version is not followed by an earlier one
  {
    KeyStore copy = TRY(KeyStore::create(unfinished.folder() / kKeys));
    TRY_VOID(copy.put_all(slots));
  }
  TRY_VOID(write_manifest(unfinished.folder()));
  TRY_VOID(verify_backup(unfinished.folder()));
  return unfinished.finish();
}

Result<void> take_back_objects(const fs::path& backup, std::span<const ObjectName> names, const Objects& into) {
  std::set<fs::path> folders;
  for (const ObjectName& name : names) {
    const fs::path to = into.path_of(name);
    if (folders.insert(to.parent_path()).second && ::mkdir(to.parent_path().c_str(), 0700) != 0 && errno != EEXIST) {
      return os_error("creating", to.parent_path());
    }
    TRY_VOID(copy_file_durably(backup / "objects" / name.text().substr(0, 2) / name.text(), to));
  }
  for (const fs::path& folder : folders) {
    TRY_VOID(sync_directory(folder));
    TRY_VOID(sync_directory(folder.parent_path()));
  }
  return {};
}

// SPEC STO-14
Result<void> verify_backup(const fs::path& backup) {
  std::map<std::string, std::string> expected = TRY(read_manifest(backup));
  for (const std::string& name : TRY(files_of(backup))) {
    if (name == kManifest) continue;
    const auto found = expected.find(name);
    if (found == expected.end()) return fail(ErrorCode::corrupt, "`" + name + "` is not in the backup's manifest");
    if (TRY(hash_of_file(backup / name)) != found->second) {
      return fail(ErrorCode::corrupt, "`" + name + "` of the backup has changed");
    }
    expected.erase(found);
  }
  if (expected.empty()) return {};
  return fail(ErrorCode::corrupt, "`" + expected.begin()->first + "` is missing from the backup");
}

Result<void> verify_backup(const fs::path& backup, const crypto::DatabaseKey& key) {
  TRY_VOID(verify_backup(backup));
  return TRY(Reader::open(backup / kRows, key)).verify_integrity();
}

}  // namespace flikvakt::store
