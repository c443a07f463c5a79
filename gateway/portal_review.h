// A log reviewer looks at what the staff of the own organisation did: with filters, in pages that stay the same, or a
// random sample that a second reviewer draws again; and notes what they found. Nothing of a person is in it.
#pragma once

#include "gateway/portal_staff.h"

namespace flikvakt::gateway {

void add_review_pages(PortalContext& context, Router& router);

}  // namespace flikvakt::gateway
