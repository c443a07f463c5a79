// Days and times as people in Sweden read them: by Swedish time, in words. Pure; thread-safe.
#pragma once

#include <chrono>
#include <string>

#include "base/time.h"
#include "web/words.h"

namespace flikvakt::web {

// Swedish wall time: an hour ahead of UTC, two from the last Sunday of March to that of October (Directive 2000/84/EC).
std::chrono::local_time<std::chrono::milliseconds> swedish_time(UtcTime time);
UtcTime from_swedish_time(std::chrono::local_time<std::chrono::milliseconds> local);
Date swedish_date(UtcTime time);

std::string day_text(const Words& words, Language language, Date date);  // 29 november 2026
std::string day_text(const Words& words, Language language, UtcTime time);
std::string clock_text(const Words& words, Language language, UtcTime time);  // kl. 10.42
std::string time_text(const Words& words, Language language, UtcTime time);   // 29 november 2026 kl. 10.42
// The last day of a period whose end is not part of it: midnight belongs to the day before.
std::string last_day_text(const Words& words, Language language, UtcTime end);

}  // namespace flikvakt::web
