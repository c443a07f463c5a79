#include "web/dates.h"

#include <fmt/format.h>

namespace flikvakt::web {
namespace {

using namespace std::chrono;

sys_seconds change_in(year y, month m) { return sys_days{y / m / Sunday[last]} + hours(1); }

bool is_summer(UtcTime time) {
  const year y = year_month_day{floor<days>(time)}.year();
  return time >= change_in(y, March) && time < change_in(y, October);
}

std::string month_key(Date date) { return "month." + std::to_string(unsigned{date.month()}); }

}  // namespace

local_time<milliseconds> swedish_time(UtcTime time) {
  return local_time<milliseconds>(time.time_since_epoch() + hours(is_summer(time) ? 2 : 1));
}

// In the hour that comes twice in October: the first of the two.
UtcTime from_swedish_time(local_time<milliseconds> local) {
  const UtcTime summer(local.time_since_epoch() - hours(2));
  return is_summer(summer) ? summer : summer + hours(1);
}

Date swedish_date(UtcTime time) { return Date{floor<days>(swedish_time(time))}; }

std::string day_text(const Words& words, Language language, Date date) {
  return fmt::format("{} {} {}", unsigned{date.day()}, words.text(language, month_key(date)), int{date.year()});
}

std::string day_text(const Words& words, Language language, UtcTime time) {
  return day_text(words, language, swedish_date(time));
}

std::string clock_text(const Words& words, Language language, UtcTime time) {
  const auto local = swedish_time(time);
  const hh_mm_ss of_day(floor<minutes>(local - floor<days>(local)));
  return words.text(language, "time.clock",
                    {{"hours", fmt::format("{:02}", of_day.hours().count())},
                     {"minutes", fmt::format("{:02}", of_day.minutes().count())}});
}

std::string time_text(const Words& words, Language language, UtcTime time) {
  return day_text(words, language, time) + " " + clock_text(words, language, time);
}

std::string last_day_text(const Words& words, Language language, UtcTime end) {
  return day_text(words, language, end - milliseconds(1));
}

}  // namespace flikvakt::web
