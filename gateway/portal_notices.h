// What an organisation hears: fullmakter that it relied on and that changed, and what it is told to erase.
#pragma once

#include "gateway/portal_staff.h"

namespace flikvakt::gateway {

void add_notice_pages(PortalContext& context, Router& router);

}  // namespace flikvakt::gateway
