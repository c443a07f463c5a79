#include "base/files.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace flikvakt {
namespace {

// A name beside `path` that nobody could guess and lay something under.
Result<std::filesystem::path> temporary_beside(const std::filesystem::path& path) {
  ByteArray<8> random{};
  if (::getrandom(random.data(), random.size(), 0) != static_cast<ssize_t>(random.size()))
    return os_error("choosing a name beside", path);
  return std::filesystem::path(path.string() + "." + to_hex(random) + ".tmp");
}

// 0, or what errno said. Some network file systems know no RENAME_NOREPLACE; a link does not replace either.
int rename_to_new(const std::filesystem::path& from, const std::filesystem::path& to) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return 0;
  if (errno != EINVAL && errno != ENOSYS) return errno;
  if (::link(from.c_str(), to.c_str()) != 0) return errno;
  ::unlink(from.c_str());
  return 0;
}

}  // namespace

std::filesystem::path folder_of(const std::filesystem::path& path) {
  return path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
}

Error os_error(std::string_view doing, const std::filesystem::path& path) {
  const int code = errno;
  const ErrorCode kind = code == ENOSPC || code == EDQUOT ? ErrorCode::out_of_space
                         : code == ENOENT                 ? ErrorCode::not_found
                                                          : ErrorCode::io;
  return fail(kind, std::string(doing) + " `" + path.string() + "`: " + std::strerror(code));
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
  FileDescriptor file = TRY(open_file(path, O_RDONLY | O_NONBLOCK));  // of a pipe nobody waits for the other end
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) return os_error("reading", path);
  if (!S_ISREG(info.st_mode)) return fail(ErrorCode::io, "`" + path.string() + "` is not a regular file");
  const auto size = static_cast<std::size_t>(info.st_size);
  if (size > max_bytes) return fail(ErrorCode::invalid, "`" + path.string() + "` is larger than expected");
  Bytes out(size);
  TRY_VOID(read_exactly(file.get(), 0, out));
  return out;
}

Result<void> move_to_new_name(const std::filesystem::path& from, const std::filesystem::path& to) {
  const int trouble = rename_to_new(from, to);
  if (trouble == EEXIST)
    return fail(ErrorCode::conflict, "`" + to.string() + "` exists already: nothing is overwritten");
  errno = trouble;
  if (trouble != 0) return os_error("making", to);
  return sync_directory(folder_of(to));
}

Result<Draft> Draft::make(const std::filesystem::path& path) {
  const std::filesystem::path beside = TRY(temporary_beside(path));
  return Draft(path, beside, TRY(open_file(beside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW)));
}

Draft::~Draft() {
  if (!beside_.empty()) ::unlink(beside_.c_str());
}

Result<void> Draft::sync() const {
  if (::fsync(file_.get()) != 0) return os_error("syncing", beside_);
  return {};
}

Result<void> Draft::keep() && {
  TRY_VOID(sync());
  const Result<void> moved = move_to_new_name(beside_, path_);
  if (moved) beside_.clear();
  return moved;
}

Result<void> Draft::replace() && {
  TRY_VOID(sync());
  if (::rename(beside_.c_str(), path_.c_str()) != 0) return os_error("replacing", path_);
  beside_.clear();
  return sync_directory(folder_of(path_));
}

Result<void> write_file_atomically(const std::filesystem::path& path, BytesView data) {
  Draft draft = TRY(Draft::make(path));
  TRY_VOID(write_exactly(draft.get(), 0, data));
  return std::move(draft).replace();
}

Result<void> write_new_file(const std::filesystem::path& path, BytesView data) {
  Draft draft = TRY(Draft::make(path));
  TRY_VOID(write_exactly(draft.get(), 0, data));
  return std::move(draft).keep();
}

Result<void> require_private(const std::filesystem::path& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return os_error("checking", path);
  if (info.st_uid != ::geteuid()) {
    const std::string whose = "`" + path.string() + "` belongs to another user: run this as that user";
    // Not a directory: that of a gateway would be taken away from its user.
    const std::string change = ", or `chown " + std::to_string(::geteuid()) + " " + path.string() + "`";
    return fail(ErrorCode::invalid, S_ISDIR(info.st_mode) ? whose : whose + change);
  }
  if ((info.st_mode & 077) == 0) return {};
  return fail(ErrorCode::invalid, "`" + path.string() + "` can be opened by others: `chmod " +
                                      (S_ISDIR(info.st_mode) ? "700 " : "600 ") + path.string() + "`");
}

}  // namespace flikvakt
