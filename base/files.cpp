#include "base/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace flikvakt {

Error os_error(std::string_view doing, const std::filesystem::path& path) {
  const int code = errno;
  const ErrorCode kind = code == ENOSPC || code == EDQUOT ? ErrorCode::out_of_space
                         : code == ENOENT                 ? ErrorCode::not_found
                                                          : ErrorCode::io;
  return fail(kind, std::string(doing) + " `" + path.filename().string() + "`: " + std::strerror(code));
}

FileDescriptor::~FileDescriptor() {
  if (fd_ >= 0) ::close(fd_);
}

Result<FileDescriptor> open_file(const std::filesystem::path& path, int flags, int mode) {
  const int fd = ::open(path.c_str(), flags | O_CLOEXEC, mode);
  if (fd < 0) return os_error("opening", path);
  return FileDescriptor(fd);
}

Result<void> read_exactly(int fd, std::uint64_t offset, std::span<std::uint8_t> out) {
  while (!out.empty()) {
    const ssize_t got = ::pread(fd, out.data(), out.size(), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return os_error("reading", "file");
    if (got == 0) return fail(ErrorCode::corrupt, "the file ends too early");
    out = out.subspan(static_cast<std::size_t>(got));
    offset += static_cast<std::uint64_t>(got);
  }
  return {};
}

Result<void> write_exactly(int fd, std::uint64_t offset, BytesView data) {
  while (!data.empty()) {
    const ssize_t put = ::pwrite(fd, data.data(), data.size(), static_cast<off_t>(offset));
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return os_error("writing", "file");
    data = data.subspan(static_cast<std::size_t>(put));
    offset += static_cast<std::uint64_t>(put);
  }
  return {};
}

Result<void> sync_file(int fd) {
  if (::fdatasync(fd) != 0) return os_error("syncing", "file");
  return {};
}

Result<void> sync_directory(const std::filesystem::path& path) {
  FileDescriptor directory = TRY(open_file(path, O_RDONLY | O_DIRECTORY));
  if (::fsync(directory.get()) != 0) return os_error("syncing directory", path);
  return {};
}

Result<Bytes> read_file(const std::filesystem::path& path, std::size_t max_bytes) {
  FileDescriptor file = TRY(open_file(path, O_RDONLY));
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) return os_error("reading", path);
  if (!S_ISREG(info.st_mode)) return fail(ErrorCode::io, "`" + path.filename().string() + "` is not a regular file");
  const auto size = static_cast<std::size_t>(info.st_size);
  if (size > max_bytes) return fail(ErrorCode::invalid, "`" + path.filename().string() + "` is larger than expected");
  Bytes out(size);
  TRY_VOID(read_exactly(file.get(), 0, out));
  return out;
}

Result<void> write_file_atomically(const std::filesystem::path& path, BytesView data) {
  const std::filesystem::path temporary = path.string() + ".tmp";
  {
    FileDescriptor file = TRY(open_file(temporary, O_WRONLY | O_CREAT | O_TRUNC));
    TRY_VOID(write_exactly(file.get(), 0, data));
    if (::fsync(file.get()) != 0) return os_error("syncing", temporary);
  }
  if (::rename(temporary.c_str(), path.c_str()) != 0) return os_error("renaming", temporary);
  return sync_directory(path.has_parent_path() ? path.parent_path() : std::filesystem::path("."));
}

Result<void> require_private(const std::filesystem::path& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return os_error("checking", path);
  if ((info.st_mode & 077) != 0 || info.st_uid != ::geteuid()) {
    return fail(ErrorCode::invalid,
                "`" + path.filename().string() +
                    "` can be opened by others: it must belong to this user, mode 0700 (file: 0600)");
  }
  return {};
}

}  // namespace flikvakt
