// Everything that is the individual's, to take along: the overview, the log as data and as a table, every document.
#pragma once

#include "gateway/portal_own.h"

namespace flikvakt::gateway {

void add_everything_pages(PortalContext& context, Router& router);

}  // namespace flikvakt::gateway
