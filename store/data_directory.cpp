#include "store/data_directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>

namespace flikvakt::store {
namespace {

namespace fs = std::filesystem;

Result<FileDescriptor> take_lock(const fs::path& root) {
  const fs::path path = root / "lock";
  FileDescriptor lock = TRY(open_file(path, O_RDWR | O_CREAT));
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) == 0) return lock;
  if (errno != EWOULDBLOCK) return os_error("locking", path);
  return fail(ErrorCode::unavailable, "another flikvakt process runs on `" + root.string() +
                                          "`: use the command that talks to it, or stop it first (`fuser " +
                                          path.string() + "` names it)");
}

Result<void> check(const fs::path& root) {
  std::error_code ec;
  if (!fs::is_directory(root, ec)) {
    return fail(ErrorCode::not_found,
                "there is no data directory `" + root.string() + "`: `flikvakt init` creates one");
  }
  return require_private(root);
}

}  // namespace

Result<DataDirectory> DataDirectory::create(const fs::path& root) {
  if (::mkdir(root.c_str(), 0700) != 0) {
    if (errno != EEXIST) return os_error("creating", root);
    std::error_code ec;
    if (!fs::is_directory(root, ec) || !fs::is_empty(root, ec) || ec) {
      return fail(ErrorCode::conflict, "`" + root.string() + "` is not an empty directory: nothing is overwritten");
    }
    TRY_VOID(require_private(root));
  }
  FileDescriptor lock = TRY(take_lock(root));
  TRY_VOID(sync_directory(root));
  const fs::path parent = fs::absolute(root).parent_path();
  TRY_VOID(sync_directory(parent));
  return DataDirectory(root, std::move(lock));
}

Result<DataDirectory> DataDirectory::open(const fs::path& root) {
  TRY_VOID(check(root));
  FileDescriptor lock = TRY(take_lock(root));
  return DataDirectory(root, std::move(lock));
}

Result<DataDirectory> DataDirectory::open_shared(const fs::path& root) {
  TRY_VOID(check(root));
  return DataDirectory(root, FileDescriptor());
}

}  // namespace flikvakt::store
