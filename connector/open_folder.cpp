#include "connector/open_folder.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "crypto/hash.h"
#include "crypto/random.h"

namespace flikvakt::connector {
namespace {

constexpr std::size_t kPieceOfFile = 64 * 1024;

// Beside what is written: a name that nobody could guess and lay something under, and that is no document's.
std::string name_of_draft() { return "." + to_hex(crypto::random_bytes<8>()) + ".tmp"; }

}  // namespace

Result<OpenFolder> OpenFolder::at(const std::filesystem::path& path) {
  FileDescriptor open = TRY(open_file(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return OpenFolder(std::move(open), path);
}

Result<OpenFolder> OpenFolder::in(const std::string& name, Missing missing) const {
  const std::filesystem::path path = path_ / name;
  if (missing == Missing::is_made) {
    if (::mkdirat(fd(), name.c_str(), 0777) == 0)
      TRY_VOID(sync());
    else if (errno != EEXIST)
      return os_error("making", path);
  }
  FileDescriptor open(::openat(fd(), name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!open.is_open() && (errno == ELOOP || errno == ENOTDIR))
    return fail(ErrorCode::invalid, "`" + path.string() + "` is no folder: a link is not followed");
  if (!open.is_open()) return os_error("opening", path);
  return OpenFolder(std::move(open), path);
}

Result<std::vector<std::string>> OpenFolder::names() const {
  const int again = ::openat(fd(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR* const dir = again < 0 ? nullptr : ::fdopendir(again);
  if (dir == nullptr) {
    const Error error = os_error("reading", path_);
    if (again >= 0) ::close(again);
    return error;
  }
  std::vector<std::string> out;
  int failed = 0;
  for (;;) {
    errno = 0;
    const dirent* const one = ::readdir(dir);
    failed = errno;
    if (one == nullptr) break;
    const std::string_view name(one->d_name);
    if (name != "." && name != "..") out.emplace_back(name);
  }
  ::closedir(dir);
  errno = failed;
  if (failed != 0) return os_error("reading", path_);
  return out;
}

std::optional<struct stat> OpenFolder::find(const std::string& name) const {
  struct stat out {};
  if (::fstatat(fd(), name.c_str(), &out, AT_SYMLINK_NOFOLLOW) != 0) return std::nullopt;
  return out;
}

Result<FileDescriptor> OpenFolder::open(const std::string& name) const {
  FileDescriptor out(::openat(fd(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!out.is_open()) return os_error("opening a file of", path_);
  return out;
}

Result<void> OpenFolder::write(const std::string& name, BytesView data) const {
  const std::string draft = name_of_draft();
  const FileDescriptor file(::openat(fd(), draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file.is_open()) return os_error("writing a file of", path_);
  Result<void> written = write_exactly(file.get(), 0, data);
  if (written) written = sync_file(file.get());
  if (written && ::renameat(fd(), draft.c_str(), fd(), name.c_str()) != 0)
    written = os_error("writing a file of", path_);
  if (!written) {
    ::unlinkat(fd(), draft.c_str(), 0);
    return written;
  }
  return sync();
}

Result<void> OpenFolder::remove(const std::string& name) const {
  if (::unlinkat(fd(), name.c_str(), 0) != 0 && errno != ENOENT) return os_error("removing a file of", path_);
  return sync();
}

Result<bool> OpenFolder::try_move(const std::string& name, const OpenFolder& to, const std::string& new_name) const {
  if (::renameat(fd(), name.c_str(), to.fd(), new_name.c_str()) != 0) {
    if (errno == EXDEV) return false;
    return os_error("moving a file of", path_);
  }
  TRY_VOID(to.sync());
  TRY_VOID(sync());
  return true;
}

Result<void> OpenFolder::move_to_new(const std::string& name, const OpenFolder& to, const std::string& new_name) const {
  int moved = ::renameat2(fd(), name.c_str(), to.fd(), new_name.c_str(), RENAME_NOREPLACE);
  // Some network file systems know no RENAME_NOREPLACE; a link does not replace either.
  if (moved != 0 && (errno == EINVAL || errno == ENOSYS)) {
    moved = ::linkat(fd(), name.c_str(), to.fd(), new_name.c_str(), 0);
    if (moved == 0) moved = ::unlinkat(fd(), name.c_str(), 0);
  }
  if (moved != 0 && errno == EEXIST)
    return fail(ErrorCode::conflict, "something of the same name was laid in `" + to.path_.string() + "` meanwhile");
  if (moved != 0) return os_error("moving a file of", path_);
  TRY_VOID(to.sync());
  return sync();
}

Result<void> OpenFolder::carry(const std::string& name, const OpenFolder& to, const std::string& new_name) const {
  const bool is_moved = TRY(try_move(name, to, new_name));
  if (is_moved) return {};
  TRY_VOID(copy(name, to, new_name));
  return remove(name);
}

Result<void> OpenFolder::copy(const std::string& name, const OpenFolder& to, const std::string& new_name) const {
  const FileDescriptor from = TRY(open(name));
  struct stat about {};
  if (::fstat(from.get(), &about) != 0) return os_error("reading a file of", path_);
  if (!S_ISREG(about.st_mode)) return fail(ErrorCode::invalid, "no ordinary file lies in `" + path_.string() + "`");
  const std::string draft = name_of_draft();
  const FileDescriptor file(
      ::openat(to.fd(), draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file.is_open()) return os_error("writing a file of", to.path_);
  const int copy = file.get();
  const Result<std::string> copied = hash_of(from, static_cast<std::uint64_t>(about.st_size), copy);
  Result<void> done = copied ? Result<void>() : Result<void>(copied.error());
  // Whoever could read it there may read it here, where the file system knows of that; else it is ours alone.
  (void)::fchmod(copy, about.st_mode & 0777);
  if (done) done = sync_file(copy);
  if (done && ::renameat(to.fd(), draft.c_str(), to.fd(), new_name.c_str()) != 0)
    done = os_error("writing a file of", to.path_);
  if (!done) {
    ::unlinkat(to.fd(), draft.c_str(), 0);
    return done;
  }
  return to.sync();
}

Result<void> OpenFolder::sync() const {
  // Some shares know no such thing for a folder.
  if (::fsync(fd()) != 0 && errno != EINVAL && errno != ENOTSUP) return os_error("keeping", path_);
  return {};
}

Result<Bytes> read_all(const FileDescriptor& file, std::size_t most) {
  struct stat about {};
  if (::fstat(file.get(), &about) != 0) return os_error("reading the size of", "a file");
  if (!S_ISREG(about.st_mode) || about.st_size > static_cast<off_t>(most))
    return fail(ErrorCode::invalid, "too large, or no ordinary file");
  Bytes out(static_cast<std::size_t>(about.st_size));
  TRY_VOID(read_exactly(file.get(), 0, out));
  return out;
}

Result<std::string> hash_of(const FileDescriptor& file, std::uint64_t size, std::optional<int> copy) {
  crypto::Sha256 hash;
  Bytes piece(kPieceOfFile);
  for (std::uint64_t at = 0; at < size; at += kPieceOfFile) {
    const auto part =
        std::span(piece).first(static_cast<std::size_t>(std::min<std::uint64_t>(kPieceOfFile, size - at)));
    const Result<void> read = read_exactly(file.get(), at, part);
    if (!read && read.error().code == ErrorCode::corrupt)
      return fail(ErrorCode::conflict, "it changed while it was read");
    if (!read) return read.error();
    hash.update(part);
    if (copy) TRY_VOID(write_exactly(*copy, at, part));
  }
  return to_base64url(hash.finish());
}

}  // namespace flikvakt::connector
