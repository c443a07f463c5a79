// The rest of what is the individual's: representatives and for whom one acts, keys and sessions, and what waits in
// one's name.
#pragma once

#include "gateway/portal_acts.h"

namespace flikvakt::gateway {

void add_more_pages(PortalContext& context, Router& router);

}  // namespace flikvakt::gateway
