// What administrators have registered: organisations with their authorisations, units, staff and certificates; teams
// with their rosters; templates of fullmakter.
#pragma once

#include "gateway/portal_administration.h"

namespace flikvakt::gateway {

void add_admin_registry_pages(PortalContext& context, Router& router);

}  // namespace flikvakt::gateway
