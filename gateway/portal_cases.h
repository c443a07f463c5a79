// The cases of the teams that a staff member belongs to: the waiting list, and what a team's lead does with them.
#pragma once

#include "gateway/portal_staff.h"

namespace flikvakt::gateway {

void add_case_pages(PortalContext& context, Router& router);

// "2026-12-13T10:00", by Swedish time. malformed.
Result<UtcTime> meeting_time(std::string_view text);

}  // namespace flikvakt::gateway
