// A person's own log: what was done and tried with what is theirs, refused attempts too, newest first. Staff are shown
// by organisation, never by name.
#pragma once

#include "service/core.h"

namespace flikvakt::service {

struct PersonLogPage {
  std::uint64_t total = 0;  // entries of the person, this reading of the log included
  // {entry, time, kind, outcome, rule?, reason?, actor, organisation?: {id, name}, document?, flik?, purpose?,
  // fullmakt?, subject?, bytes?}; `reason` is the number of policy::Reason, `actor` the name of audit::ActorKind, or
  // "self" when the person acted.
  std::vector<json::value> entries;
};

inline constexpr std::uint32_t kMostLogEntries = 100;

// Decided and logged first. `page` counts from 1. Errors: invalid (limit, page), denied, unavailable; corrupt, io.
// `done` comes once, on any thread.
void read_own_log(Core& core, const policy::PersonActor& person, std::uint32_t limit, std::uint32_t page,
                  std::function<void(Result<PersonLogPage>)> done);

}  // namespace flikvakt::service
