// What staff ask a person for, and what they enter on the person's word or give up themselves.
#pragma once

#include "gateway/portal_staff.h"

namespace flikvakt::gateway {

void add_asking_pages(PortalContext& context, Router& router);

}  // namespace flikvakt::gateway
