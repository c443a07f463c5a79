// One person, as a staff member may see them: what is open to this staff member, flikar as tabs, documents.
#pragma once

#include "gateway/portal_staff.h"

namespace flikvakt::gateway {

void add_people_pages(PortalContext& context, Router& router);

}  // namespace flikvakt::gateway
