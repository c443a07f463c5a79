// Failures before authentication, summed: one line and one report per source and minute, however many there were.
// Thread-safe.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace flikvakt::gateway {

enum class EarlyFailure { handshake, too_many_connections, framing, slow_header, slow_body, access };
std::string_view to_string(EarlyFailure failure);

// What one source did within a minute.
struct FailureSum {
  std::string source;  // or "others"
  std::map<EarlyFailure, std::uint64_t> counts;
};

class FailureTally {
public:
  using Time = std::chrono::steady_clock::time_point;
  using WriteLine = std::function<void(const std::string& line)>;
  using Report = std::function<void(const FailureSum& sum)>;
  static constexpr std::size_t kMaxSources = 4096;  // more of them in one minute are summed as "others"
  static constexpr std::size_t kMaxReports = 64;    // of those that failed most; the rest is reported as "others"

  explicit FailureTally(WriteLine write, Report report = nullptr)
      : write_(std::move(write)), report_(std::move(report)) {}
  // `source` as in source_of(); `detail` only for the first of its kind in the minute.
  void count(std::string_view source, EarlyFailure failure, std::string_view detail);
  void write_and_clear();  // called each minute and at the end

private:
  struct Sum {
    std::map<EarlyFailure, std::uint64_t> counts;
    std::map<EarlyFailure, std::string> first_details;
  };
  using Sums = std::map<std::string, Sum, std::less<>>;
  void report(const Sums& sums) const;

  const WriteLine write_;
  const Report report_;
  std::mutex mutex_;
  Sums sums_;
};

}  // namespace flikvakt::gateway
