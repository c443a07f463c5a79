// What the individual takes back: revoke, pause, say no, end, remove. Each asks once and is done; none needs more than
// the session (P7), and none asks for the overview again once it is sent.
#pragma once

#include "gateway/portal_acts.h"

namespace flikvakt::gateway {

void add_narrowing_pages(PortalContext& context, Router& router);

}  // namespace flikvakt::gateway
