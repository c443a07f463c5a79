// Failures before authentication, summed: one line per source and minute, however many there were. Thread-safe.
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

class FailureTally {
public:
  using Time = std::chrono::steady_clock::time_point;
  using WriteLine = std::function<void(const std::string& line)>;
  static constexpr std::size_t kMaxSources = 4096;  // more of them in one minute are summed as "others"

  explicit FailureTally(WriteLine write) : write_(std::move(write)) {}
  // `source` as in source_of(); `detail` only for the first of its kind in the minute.
  void count(std::string_view source, EarlyFailure failure, std::string_view detail);
  void write_and_clear();  // called each minute and at the end

private:
  struct Sum {
    std::map<EarlyFailure, std::size_t> counts;
    std::map<EarlyFailure, std::string> first_details;
  };
  const WriteLine write_;
  std::mutex mutex_;
  std::map<std::string, Sum, std::less<>> sums_;
};

}  // namespace flikvakt::gateway
