// Where somebody is signed in, and signing out there: of persons beside their keys, of staff on a page of their own.
#pragma once

#include "gateway/portal_acts.h"

namespace flikvakt::gateway {

// The list, and its buttons; the tokens of their forms are put_form()'s.
void put_sessions(PortalContext& context, const BrowserIdentity& who, const PortalNames& names, web::Data& data);
void add_session_pages(PortalContext& context, Router& router);

}  // namespace flikvakt::gateway
