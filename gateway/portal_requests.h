// What others ask of the individual: all of it, a part of it, or no.
#pragma once

#include "gateway/portal_signing.h"

namespace flikvakt::gateway {

void add_request_pages(PortalContext& context, Router& router);

}  // namespace flikvakt::gateway
