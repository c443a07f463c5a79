// Figures as Prometheus reads them: text exposition format 0.0.4. Names and label values are our own literals, never of
// a request. A family is written whole, once. Ours: spec/metrics.md.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace flikvakt::gateway {

class MetricsText {
public:
  static constexpr std::string_view kContentType = "text/plain; version=0.0.4; charset=utf-8";

  struct Sample {
    std::string_view label_value;
    std::uint64_t value;
  };
  void counter(std::string_view name, std::string_view help, std::uint64_t value);
  void counters(std::string_view name, std::string_view help, std::string_view label, std::span<const Sample> samples);
  void gauge(std::string_view name, std::string_view help, std::uint64_t value);
  void gauges(std::string_view name, std::string_view help, std::string_view label, std::span<const Sample> samples);
  void moment(std::string_view name, std::string_view help, UtcTime time);  // a gauge: seconds since 1970

  struct Durations {
    std::span<const std::chrono::microseconds> limits;  // of the buckets, ascending
    std::vector<std::uint64_t> counts;                  // of each bucket alone, and at last of what is longer
    std::chrono::nanoseconds sum;
  };
  void histogram(std::string_view name, std::string_view help, const Durations& durations);

  std::string take() && { return std::move(out_); }

private:
  void family(std::string_view name, std::string_view kind, std::string_view help);
  void samples(std::string_view name, std::string_view label, std::span<const Sample> samples);
  std::string out_;
};

}  // namespace flikvakt::gateway
