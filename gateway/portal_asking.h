// What staff ask a person for, and what they enter on the person's word or give up themselves.
#pragma once

#include "gateway/portal_staff.h"

namespace flikvakt::gateway {

// As whom this staff member may receive, as far as the registry says: themselves, their unit, organisation and teams.
std::set<policy::Recipient> receives_as(PortalContext& context, const StaffPage& page);
// Is the fullmakt open to one of these, so that more can be asked for in it?
bool receives_by(const std::set<policy::Recipient>& mine, const policy::Fullmakt& fullmakt);

void add_asking_pages(PortalContext& context, Router& router);

}  // namespace flikvakt::gateway
