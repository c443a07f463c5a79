// What the sequencer counts for whoever watches the gateway (spec/metrics.md). Thread-safe and relaxed: figures that
// are looked at together need not fit together to the last act. Numbers only, nothing of anybody.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <span>

namespace flikvakt::service {

// How long something took, as a histogram. `limits`: of its buckets, ascending; must outlive it.
template <std::size_t Buckets>
class DurationCounts {
public:
  explicit DurationCounts(const std::array<std::chrono::microseconds, Buckets>& limits) : limits_(limits) {}
  void count(std::chrono::nanoseconds took) {
    std::size_t bucket = 0;
    while (bucket < Buckets && took > limits_[bucket]) ++bucket;
    counts_[bucket].fetch_add(1, std::memory_order_relaxed);
    nanoseconds_.fetch_add(static_cast<std::uint64_t>(took.count()), std::memory_order_relaxed);
  }
  std::span<const std::chrono::microseconds> limits() const { return limits_; }
  std::uint64_t in_bucket(std::size_t bucket) const {  // alone; Buckets: longer than every limit
    return counts_[bucket].load(std::memory_order_relaxed);
  }
  std::chrono::nanoseconds sum() const {
    return std::chrono::nanoseconds(nanoseconds_.load(std::memory_order_relaxed));
  }

private:
  const std::array<std::chrono::microseconds, Buckets>& limits_;
  std::array<std::atomic<std::uint64_t>, Buckets + 1> counts_{};
  std::atomic<std::uint64_t> nanoseconds_{0};
};

inline constexpr std::array<std::chrono::microseconds, 11> kCommitLimits{
    std::chrono::microseconds(250),     std::chrono::microseconds(500),      std::chrono::microseconds(1'000),
    std::chrono::microseconds(2'500),   std::chrono::microseconds(5'000),    std::chrono::microseconds(10'000),
    std::chrono::microseconds(25'000),  std::chrono::microseconds(50'000),   std::chrono::microseconds(100'000),
    std::chrono::microseconds(250'000), std::chrono::microseconds(1'000'000)};

struct Counters {
  using Count = std::atomic<std::uint64_t>;
  static void add(Count& count, std::uint64_t by = 1) { count.fetch_add(by, std::memory_order_relaxed); }

  // Acts of others, by what they were answered.
  Count permitted{0};
  Count refused{0};
  Count repeated{0};  // the same act again: the same answer
  Count conflicting{0};
  Count expired{0};
  Count unavailable{0};  // nothing was decided: no room, a full disk, the end

  Count readings_opened{0};
  Count readings_not_witnessed{0};  // refused while the log was doubted (SPEC WIT-24); among `refused` too
  Count pruning_left{0};            // entries that the pruning which was ordered has still to go through
  Count commits_failed{0};          // with certainty: the batch was refused and the gateway went on
  DurationCounts<kCommitLimits.size()> commits{kCommitLimits};
};

}  // namespace flikvakt::service
