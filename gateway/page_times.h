// How long the pages of the portal took to be made, for whoever watches the gateway (spec/metrics.md). Thread-safe.
#pragma once

#include "service/counters.h"

namespace flikvakt::gateway {

inline constexpr std::array<std::chrono::microseconds, 12> kPageLimits{
    std::chrono::microseconds(500),    std::chrono::microseconds(1'000),  std::chrono::microseconds(2'000),
    std::chrono::microseconds(3'000),  std::chrono::microseconds(5'000),  std::chrono::microseconds(7'500),
    std::chrono::microseconds(10'000), std::chrono::microseconds(15'000), std::chrono::microseconds(20'000),
    std::chrono::microseconds(30'000), std::chrono::microseconds(50'000), std::chrono::microseconds(100'000)};

class PageTimes : public service::DurationCounts<kPageLimits.size()> {
public:
  PageTimes() : DurationCounts(kPageLimits) {}
};

}  // namespace flikvakt::gateway
