// Disk space held back, so that acts that narrow access still find room on a full disk. The file system must allocate
// on posix_fallocate (ext4, xfs, tmpfs do; copying and compressing ones promise nothing). One thread at a time.
#pragma once

#include <cstdint>
#include <filesystem>

#include "base/result.h"

namespace flikvakt::store {

class Reserve {
public:
  // Touches no disk; what an earlier run left is taken over as it is.
  Reserve(std::filesystem::path path, std::uint64_t size_bytes) : path_(std::move(path)), size_bytes_(size_bytes) {}

  Result<void> hold();     // allocates; out_of_space leaves nothing behind
  Result<void> release();  // gives the space back at once; no error when nothing is held
  bool held() const;       // the whole size is allocated
  // Holds again once the file system has `watermark_bytes` free beyond the reserve; says whether it is held now.
  Result<bool> rehold_if_possible(std::uint64_t watermark_bytes);

private:
  std::filesystem::path path_;
  std::uint64_t size_bytes_;
};

}  // namespace flikvakt::store
