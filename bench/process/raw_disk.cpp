#include "bench/process/raw_disk.h"

#include <fcntl.h>

#include <chrono>

#include "bench/process/cast.h"

namespace flikvakt::bench {
namespace {

constexpr std::size_t kFileBytes = 64u << 20;

}  // namespace

RawDisk::RawDisk(const std::filesystem::path& folder)
    : path_(folder / "bench-raw"), file_(must(open_file(path_, O_RDWR | O_CREAT | O_EXCL))) {
  // Zeros, not fallocate(): an extent that was never written costs a journal entry at its first sync.
  const Bytes zeros(1u << 20);
  for (std::size_t at = 0; at < kFileBytes; at += zeros.size()) must(write_exactly(file_.get(), at, zeros));
  must(sync_file(file_.get()));
}

RawDisk::~RawDisk() {
  std::error_code ignored;
  std::filesystem::remove(path_, ignored);
}

double RawDisk::groups_per_second(std::size_t group_bytes, double seconds) {
  const Bytes group(group_bytes, 0xa5);
  std::uint64_t groups = 0;
  const auto start = std::chrono::steady_clock::now();
  std::chrono::duration<double> passed{};
  do {
    if (at_ + group.size() > kFileBytes) at_ = 0;
    must(write_exactly(file_.get(), at_, group));
    must(sync_file(file_.get()));
    at_ += group.size();
    ++groups;
    passed = std::chrono::steady_clock::now() - start;
  } while (passed.count() < seconds);
  return static_cast<double>(groups) / passed.count();
}

}  // namespace flikvakt::bench
