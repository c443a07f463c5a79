// The figures of the förbund's periodic report, as `flikvakt report` tells them: charts, and the numbers in tables.
// What few people stand behind is withheld (spec/figures.md).
#pragma once

#include "gateway/portal_administration.h"

namespace flikvakt::gateway {

void add_admin_figures_pages(PortalContext& context, Router& router);

}  // namespace flikvakt::gateway
