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

// All or nothing, durable when it returns: temporary file (mode 0600, of a name nobody can guess), fsync, rename, fsync
// of the directory. Replaces what is there.
Result<void> write_file_atomically(const std::filesystem::path& path, BytesView data);
// The same for what must never replace anything: private keys, what a user asked to keep. conflict: something is there.
Result<void> write_new_file(const std::filesystem::path& path, BytesView data);

// The folder that holds it: "." for a bare name.
std::filesystem::path folder_of(const std::filesystem::path& path);

// Refuses a directory or file that others than its owner can open; the message says the remedy.
Result<void> require_private(const std::filesystem::path& path);

Error os_error(std::string_view doing, const std::filesystem::path& path);  // from errno; ENOSPC gives out_of_space

}  // namespace flikvakt
