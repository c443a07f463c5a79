// Fullmakter on paper, at the desk: the form to print, and what the person signed on it. Two registrars of two
// organisations (P8); the scan stays with the desk, only its hash goes in.
#pragma once

#include "gateway/portal_staff.h"

namespace flikvakt::gateway {

// The section `templates` of the desk: what can be printed.
void put_templates_to_print(PortalContext& context, const StaffPage& page, web::Data& data);
bool is_registrar(const service::Directory& directory, const StaffId& id);
void add_paper_pages(PortalContext& context, Router& router);

}  // namespace flikvakt::gateway
