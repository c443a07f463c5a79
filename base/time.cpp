#include "base/time.h"

#include <fmt/format.h>

#include <charconv>

namespace flikvakt {
namespace {

using namespace std::chrono;

// Reads exactly `width` decimal digits off the front of `text`.
bool digits(std::string_view& text, std::size_t width, int& out) {
  if (text.size() < width) return false;
  out = 0;
  for (char c : text.substr(0, width)) {
    if (c < '0' || c > '9') return false;
    out = out * 10 + (c - '0');
  }
  text.remove_prefix(width);
  return true;
}

bool symbol(std::string_view& text, std::string_view any_of) {
  if (text.empty() || any_of.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

bool date(std::string_view& text, Date& out) {
  int y = 0, m = 0, d = 0;
  if (!digits(text, 4, y) || !symbol(text, "-") || !digits(text, 2, m) || !symbol(text, "-") || !digits(text, 2, d)) {
    return false;
  }
  out = Date{year{y}, month{static_cast<unsigned>(m)}, day{static_cast<unsigned>(d)}};
  return out.ok();
}

}  // namespace

std::string to_text(Date value) {
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(value.year()), static_cast<unsigned>(value.month()),
                     static_cast<unsigned>(value.day()));
}

Result<Date> parse_date(std::string_view text) {
  Date out;
  if (!date(text, out) || !text.empty()) return fail(ErrorCode::malformed, "not a date like 2026-11-22");
  return out;
}

std::string to_rfc3339(UtcTime time) {
  const auto day_start = floor<days>(time);
  const hh_mm_ss clock{time - day_start};
  return fmt::format("{}T{:02}:{:02}:{:02}.{:03}Z", to_text(Date{day_start}), clock.hours().count(),
                     clock.minutes().count(), clock.seconds().count(), clock.subseconds().count());
}

Result<UtcTime> parse_rfc3339(std::string_view text) {
  const Error bad = fail(ErrorCode::malformed, "not an RFC 3339 time like 2026-11-22T06:40:25Z");
  Date day;
  int hour = 0, minute = 0, second = 0, milli = 0, offset_minutes = 0;
  if (!date(text, day) || !symbol(text, "Tt") || !digits(text, 2, hour) || !symbol(text, ":") ||
      !digits(text, 2, minute) || !symbol(text, ":") || !digits(text, 2, second)) {
    return bad;
  }
  if (hour > 23 || minute > 59 || second > 59) return bad;
  if (symbol(text, ".")) {
    int scale = 100, count = 0;
    for (int digit = 0; digits(text, 1, digit); ++count, scale /= 10) milli += digit * scale;
    if (count == 0 || count > 9) return bad;
  }
  const bool behind = text.starts_with('-');
  if (!symbol(text, "Zz")) {
    int offset_hour = 0, offset_minute = 0;
    if (!symbol(text, "+-") || !digits(text, 2, offset_hour) || !symbol(text, ":") || !digits(text, 2, offset_minute) ||
        offset_hour > 23 || offset_minute > 59) {
      return bad;
    }
    offset_minutes = (offset_hour * 60 + offset_minute) * (behind ? -1 : 1);
  }
  if (!text.empty()) return bad;
  const UtcTime out{sys_days{day} + hours{hour} + minutes{minute - offset_minutes} + seconds{second} +
                    milliseconds{milli}};
  // An offset can carry a time out of the years 0000 to 9999. to_rfc3339 could not write it, and whoever kept it,
  // start-up among them, could not read it again.
  if (out < sys_days{year{0} / 1 / 1} || out >= sys_days{year{10000} / 1 / 1}) return bad;
  return out;
}

UtcTime SystemClock::wall() const { return floor<milliseconds>(system_clock::now()); }
steady_clock::time_point SystemClock::steady() const { return steady_clock::now(); }

}  // namespace flikvakt
