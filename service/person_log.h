// A person's own log: what was done and tried with what is theirs, refused attempts too, newest first, in pages that
// stay right while the log grows (spec/log-view.md).
#pragma once

#include "service/core.h"
#include "service/log_filter.h"

namespace flikvakt::service {

inline constexpr std::uint32_t kMostLogEntries = 100;
// So many entries are looked through for one answer to a filter; what follows is asked for anew.
inline constexpr std::uint32_t kMostLookedThrough = 500;

struct LogQuery {
  std::uint32_t limit = 20;
  std::optional<std::uint32_t> page = {};   // from 1; the pages move on as the log grows
  std::optional<std::uint64_t> below = {};  // the person's entries of a lower number: these stay the same
  LogFilter filter = {};
};

struct PersonLogPage {
  std::uint64_t total = 0;            // entries of the person, this reading of the log included
  json::value begins;                 // {entry, time} of the person's first in this log; null: it cannot be read
  std::vector<json::value> entries;   // LogEntry in gateway/openapi.json
  std::optional<std::uint64_t> next;  // `below` for what follows; none: nothing does
};

// Decided and logged first. Errors: invalid (limit, page; page with below or a filter), denied, unavailable; corrupt,
// io. `done` comes once, on any thread.
void read_own_log(Core& core, const policy::PersonActor& person, LogQuery query,
                  std::function<void(Result<PersonLogPage>)> done);

}  // namespace flikvakt::service
