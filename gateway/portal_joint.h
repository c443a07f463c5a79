// The second of two guardians: reading what the first one signed, and signing it too.
#pragma once

#include "gateway/portal_signing.h"

namespace flikvakt::gateway {

void add_joint_pages(PortalContext& context, Router& router);

}  // namespace flikvakt::gateway
