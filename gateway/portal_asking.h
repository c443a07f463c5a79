// What staff ask a person for, and what they enter on the person's word or give up themselves.
#pragma once

#include "gateway/portal_staff.h"

namespace flikvakt::gateway {

// As far as the registry says: is the fullmakt open to this staff member, so that more can be asked for in it?
bool receives_by(PortalContext& context, const StaffPage& page, const policy::Fullmakt& fullmakt);

void add_asking_pages(PortalContext& context, Router& router);

}  // namespace flikvakt::gateway
