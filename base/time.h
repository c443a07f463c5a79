// Points in time. Inside the product all time is UTC with millisecond resolution; zones exist only at the edge.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/result.h"

namespace flikvakt {

using UtcTime = std::chrono::sys_time<std::chrono::milliseconds>;
using Date = std::chrono::year_month_day;

std::string to_rfc3339(UtcTime time);                  // 2026-11-22T06:40:25.123Z
Result<UtcTime> parse_rfc3339(std::string_view text);  // any offset in, UTC out; RFC 3339 section 5.6
std::string to_text(Date date);                        // 2026-11-22
Result<Date> parse_date(std::string_view text);

// Passed in wherever time matters, so that tests own the time. Implementations are thread-safe.
class Clock {
public:
  virtual ~Clock() = default;
  virtual UtcTime wall() const = 0;                                  // may jump
  virtual std::chrono::steady_clock::time_point steady() const = 0;  // never goes back
};

class SystemClock final : public Clock {
public:
  UtcTime wall() const override;
  std::chrono::steady_clock::time_point steady() const override;
};

}  // namespace flikvakt
