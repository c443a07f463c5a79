// Giving a new fullmakt: from a template of the coordination body, or freely chosen.
#pragma once

#include "gateway/portal_signing.h"

namespace flikvakt::gateway {

void add_give_pages(PortalContext& context, Router& router);

}  // namespace flikvakt::gateway
