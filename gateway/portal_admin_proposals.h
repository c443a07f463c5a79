// Four eyes: what waits for a second administrator, with what exactly would change. As it stood when the administrator
// signed in, by an act that they signed; approved and withdrawn by a command, with their key.
#pragma once

#include "gateway/portal_administration.h"

namespace flikvakt::gateway {

void add_admin_proposal_pages(PortalContext& context, Router& router);

}  // namespace flikvakt::gateway
