// The desk: registrars help a person to join, confirm what another organisation's registrar proposed, and enter
// referrals on paper. Who may is decided with the act.
#pragma once

#include "gateway/portal_staff.h"

namespace flikvakt::gateway {

void add_desk_pages(PortalContext& context, Router& router);

}  // namespace flikvakt::gateway
