// Token bucket per key (an organisation, a source). Thread-safe.
#pragma once

#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace flikvakt::gateway {

struct RatePolicy {
  double per_second = 50;
  double burst = 100;
  std::size_t max_keys = 10'000;  // beyond it, full buckets are forgotten; if none is full, new keys are refused
};

constexpr std::chrono::seconds kLongestWait{1};  // of a narrowing act for its turn (SPEC API-41)

class RateLimiter {
public:
  using Time = std::chrono::steady_clock::time_point;
  explicit RateLimiter(RatePolicy policy) : policy_(policy) {}
  // Takes so many tokens, or none. False: answer too_many_requests().
  [[nodiscard]] bool allow(std::string_view key, Time now, double tokens = 1);
  // For what is paid afterwards. A key that nobody was charged for has all of its tokens.
  [[nodiscard]] bool has_left(std::string_view key, Time now);
  // On credit, when there are too few: of one full bucket at the most. Of a key for which there is no room, nothing.
  void charge(std::string_view key, Time now, double tokens);
  // For what is slowed before it is refused: takes one token, on credit when there is none. How long until it is there
  // (zero also when no more keys are kept); nothing, and none is taken, when that is longer than `longest`.
  [[nodiscard]] std::optional<Time::duration> take_on_credit(std::string_view key, Time now, Time::duration longest);

private:
  struct Bucket {
    double tokens;
    Time at;
  };
  struct Hash {  // of a view too: a look-up makes no string
    using is_transparent = void;
    std::size_t operator()(std::string_view key) const { return std::hash<std::string_view>()(key); }
  };
  double level(const Bucket& bucket, Time now) const;
  Bucket* refilled(std::string_view key, Time now);  // nullptr: no room for another key
  bool make_room(Time now);

  const RatePolicy policy_;
  std::mutex mutex_;
  std::unordered_map<std::string, Bucket, Hash, std::equal_to<>> buckets_;
};

}  // namespace flikvakt::gateway
