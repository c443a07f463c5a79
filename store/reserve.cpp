#include "store/reserve.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>

#include "base/files.h"

namespace flikvakt::store {

Result<void> Reserve::hold() {
  FileDescriptor file = TRY(open_file(path_, O_RDWR | O_CREAT));
  int code = EINTR;
  while (code == EINTR) code = ::posix_fallocate(file.get(), 0, static_cast<off_t>(size_bytes_));
  if (code != 0) {
    errno = code;
    Error error = os_error("holding back", path_);
    TRY_VOID(release());
    return error;
  }
  return sync_file(file.get());
}

Result<void> Reserve::release() {
  if (::unlink(path_.c_str()) != 0 && errno != ENOENT) return os_error("releasing", path_);
  return {};
}

bool Reserve::held() const {
  struct stat info {};
  return ::stat(path_.c_str(), &info) == 0 && static_cast<std::uint64_t>(info.st_blocks) * 512 >= size_bytes_;
}

Result<bool> Reserve::rehold_if_possible(std::uint64_t watermark_bytes) {
  if (held()) return true;
  struct statvfs space {};
  const std::filesystem::path folder = path_.parent_path();
  if (::statvfs(folder.c_str(), &space) != 0) return os_error("asking for the free space of", folder);
  if (static_cast<std::uint64_t>(space.f_bavail) * space.f_frsize < size_bytes_ + watermark_bytes) return false;
  Result<void> done = hold();
  if (!done && done.error().code == ErrorCode::out_of_space) return false;  // another took it first
  if (!done) return done.error();
  return true;
}

}  // namespace flikvakt::store
