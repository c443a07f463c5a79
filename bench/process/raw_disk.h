// What the disk alone can do: groups of records written to a preallocated file, each group made durable.
#pragma once

#include <cstddef>

#include "base/files.h"

namespace flikvakt::bench {

inline constexpr std::size_t kRecordBytes = 496;  // about what an entry takes

// Throws on an error.
class RawDisk {
public:
  explicit RawDisk(const std::filesystem::path& folder);  // the file is there, on the same file system, until we go
  ~RawDisk();
  RawDisk(const RawDisk&) = delete;
  RawDisk& operator=(const RawDisk&) = delete;

  double groups_per_second(std::size_t group_bytes, double seconds);

private:
  std::filesystem::path path_;
  FileDescriptor file_;
  std::size_t at_ = 0;
};

}  // namespace flikvakt::bench
