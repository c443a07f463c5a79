// The newest head note, kept outside the database, so that an old database put back is noticed. Two slots of 4096
// bytes, written in turn: a write that tears leaves the slot of before. It cannot notice that file and database were
// rolled back together (witnesses do). Format: spec/head-file.md. One thread at a time.
#pragma once

#include <filesystem>

#include "base/bytes.h"
#include "base/files.h"

namespace flikvakt::store {

inline constexpr std::size_t kMaxHeadNoteBytes = 4096 - 64;

class HeadFile {
public:
  static Result<HeadFile> create(const std::filesystem::path& path, BytesView note);  // durable; conflict: it exists
  // not_found; corrupt: no slot is valid, or the two contradict each other.
  static Result<HeadFile> open(const std::filesystem::path& path);

  const Bytes& note() const { return note_; }
  std::uint64_t sequence() const { return sequence_; }  // 1 for the first note, then one more per write

  // Durable when it returns. After `io` the outcome is unknown: stop serving. Errors: invalid (too long), io.
  Result<void> write(BytesView note);

private:
  HeadFile(FileDescriptor file, std::uint64_t sequence, Bytes note)
      : file_(std::move(file)), sequence_(sequence), note_(std::move(note)) {}

  FileDescriptor file_;
  std::uint64_t sequence_;
  Bytes note_;
};

}  // namespace flikvakt::store
