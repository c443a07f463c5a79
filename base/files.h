// Files, crash-safely. Every function reports what the operating system said, naming the file as the caller did.
#pragma once

#include <filesystem>
#include <string_view>
#include <utility>

#include "base/bytes.h"

namespace flikvakt {

// Owns one descriptor.
class FileDescriptor {
public:
  FileDescriptor() = default;
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~FileDescriptor();
  int get() const { return fd_; }
  bool is_open() const { return fd_ >= 0; }

private:
  int fd_ = -1;
};

Result<FileDescriptor> open_file(const std::filesystem::path& path, int flags, int mode = 0600);
Result<Bytes> read_file(const std::filesystem::path& path, std::size_t max_bytes);
Result<void> read_exactly(int fd, std::uint64_t offset, std::span<std::uint8_t> out);  // corrupt when the file is short
Result<void> write_exactly(int fd, std::uint64_t offset, BytesView data);
Result<void> sync_file(int fd);  // fdatasync
Result<void> sync_directory(const std::filesystem::path& path);

// Gives it another name where there is nothing, durably. conflict: something is there.
Result<void> move_to_new_name(const std::filesystem::path& from, const std::filesystem::path& to);

// A file that is written piece by piece, whole or not there: a temporary one beside its place (mode 0600, of a name
// nobody can guess), removed again unless it is kept: fsync, rename, fsync of the directory.
class Draft {
public:
  static Result<Draft> make(const std::filesystem::path& path);
  Draft(Draft&& other) noexcept
      : path_(std::move(other.path_)), beside_(std::exchange(other.beside_, {})), file_(std::move(other.file_)) {}
  Draft& operator=(Draft&&) = delete;
  ~Draft();
  int get() const { return file_.get(); }
  Result<void> keep() &&;     // conflict: something is there, and stays
  Result<void> replace() &&;  // whatever is there

private:
  Draft(std::filesystem::path path, std::filesystem::path beside, FileDescriptor file)
      : path_(std::move(path)), beside_(std::move(beside)), file_(std::move(file)) {}
  Result<void> sync() const;
  std::filesystem::path path_;
  std::filesystem::path beside_;  // empty: kept
  FileDescriptor file_;
};

// All or nothing, durable when it returns. Replaces what is there.
Result<void> write_file_atomically(const std::filesystem::path& path, BytesView data);
// The same for what must never replace anything: private keys, what a user asked to keep. conflict: something is there.
Result<void> write_new_file(const std::filesystem::path& path, BytesView data);

// The folder that holds it: "." for a bare name.
std::filesystem::path folder_of(const std::filesystem::path& path);

// Refuses a directory or file that others than its owner can open; the message says the remedy.
Result<void> require_private(const std::filesystem::path& path);

Error os_error(std::string_view doing, const std::filesystem::path& path);  // from errno; ENOSPC gives out_of_space

}  // namespace flikvakt
