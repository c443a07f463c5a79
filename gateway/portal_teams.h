// Teams and who is in them: for those who are, their leads, and the roster officers of their organisations.
#pragma once

#include "gateway/portal_staff.h"

namespace flikvakt::gateway {

void add_team_pages(PortalContext& context, Router& router);

// SPEC PORTAL-41: the teams whose roster this staff member may see.
std::vector<policy::Team> teams_seen_by(const service::Directory& directory, const StaffId& staff);

// As lead or deputy.
bool leads_team(const service::Directory& directory, const TeamId& team, const StaffId& staff);

}  // namespace flikvakt::gateway
