// Rates by source, as source_of() names it. Whoever has an IPv6 network often has all /64s beside it: those of one /48
// have four times the rate of one together. Thread-safe.
#pragma once

#include "gateway/rate_limit.h"

namespace flikvakt::gateway {

// "2001:db8:1::/48" of "2001:db8:1:2::/64"; empty: of anything else.
std::string network_of(std::string_view source);

class SourceRate {
public:
  using Time = RateLimiter::Time;
  explicit SourceRate(RatePolicy policy);

  // As RateLimiter::allow.
  [[nodiscard]] bool allow(std::string_view source, Time now, double tokens = 1);
  // For what is paid afterwards, and only if it fails.
  [[nodiscard]] bool has_left(std::string_view source, Time now);
  void charge(std::string_view source, Time now, double tokens);

private:
  RateLimiter sources_;
  RateLimiter networks_;
};

}  // namespace flikvakt::gateway
