#include "gateway/metrics_text.h"

#include <fmt/format.h>

#include <iterator>

namespace flikvakt::gateway {
namespace {

template <class... Values>
void write(std::string& out, fmt::format_string<Values...> form, Values&&... values) {
  fmt::format_to(std::back_inserter(out), form, std::forward<Values>(values)...);
}

double seconds(std::chrono::nanoseconds duration) { return std::chrono::duration<double>(duration).count(); }

}  // namespace

void MetricsText::family(std::string_view name, std::string_view kind, std::string_view help) {
  write(out_, "# HELP {} {}\n# TYPE {} {}\n", name, help, name, kind);
}

void MetricsText::samples(std::string_view name, std::string_view label, std::span<const Sample> samples) {
  for (const Sample& one : samples) write(out_, "{}{{{}=\"{}\"}} {}\n", name, label, one.label_value, one.value);
}

void MetricsText::counter(std::string_view name, std::string_view help, std::uint64_t value) {
  family(name, "counter", help);
  write(out_, "{} {}\n", name, value);
}

void MetricsText::counters(std::string_view name, std::string_view help, std::string_view label,
                           std::span<const Sample> all) {
  family(name, "counter", help);
  samples(name, label, all);
}

void MetricsText::gauge(std::string_view name, std::string_view help, std::uint64_t value) {
  family(name, "gauge", help);
  write(out_, "{} {}\n", name, value);
}

void MetricsText::gauges(std::string_view name, std::string_view help, std::string_view label,
                         std::span<const Sample> all) {
  family(name, "gauge", help);
  samples(name, label, all);
}

void MetricsText::moment(std::string_view name, std::string_view help, UtcTime time) {
  family(name, "gauge", help);
  write(out_, "{} {:.3f}\n", name, seconds(time.time_since_epoch()));
}

// SPEC MET-2: buckets are cumulative, and the last one is the count.
void MetricsText::histogram(std::string_view name, std::string_view help, const Durations& durations) {
  family(name, "histogram", help);
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < durations.limits.size(); ++i) {
    count += durations.counts.at(i);
    write(out_, "{}_bucket{{le=\"{}\"}} {}\n", name, seconds(durations.limits[i]), count);
  }
  count += durations.counts.at(durations.limits.size());
  write(out_, "{}_bucket{{le=\"+Inf\"}} {}\n", name, count);
  write(out_, "{}_sum {:.9f}\n{}_count {}\n", name, seconds(durations.sum), name, count);
}

}  // namespace flikvakt::gateway
