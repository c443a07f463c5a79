// Signing what changes something that stands: more in a fullmakt, one that counts again, a Sparr that is lifted, a
// kontrakt, a hand-over.
#pragma once

#include "gateway/portal_signing.h"

namespace flikvakt::gateway {

void add_standing_pages(PortalContext& context, Router& router);

}  // namespace flikvakt::gateway
