// "Who can see what": the fullmakter and Sparrar of the individual, and what waits for an answer.
#pragma once

#include "gateway/portal_own.h"

namespace flikvakt::gateway {

void add_see_pages(PortalContext& context, Router& router);

// A page about one fullmakt of the person: what a form did to it, or may do. nullptr: it is none of theirs.
const policy::Fullmakt* fullmakt_of(const OwnPage& page, std::string_view parameter = "fullmakt");

}  // namespace flikvakt::gateway
