// Those who opened something to this staff member: what ends when, and for each of them the path, with milestones that
// may be marked. Providers and coaches have their people here, teams the map of a case.
#pragma once

#include "gateway/portal_path.h"
#include "gateway/portal_staff.h"

namespace flikvakt::gateway {

void add_mine_pages(PortalContext& context, Router& router);

// One thing that ends. Pure values; `place`: of the person in the list.
struct Ending {
  UtcTime at;
  std::string what;
  std::size_t place = 0;
};
// What ends soonest first.
std::vector<Ending> endings_of(const PortalNames& names, const policy::PeopleList& list, UtcTime now);

}  // namespace flikvakt::gateway
