// A referral that the individual signs: their case comes to a team. At Forum, with somebody beside them, or alone.
#pragma once

#include "gateway/portal_signing.h"

namespace flikvakt::gateway {

void add_refer_pages(PortalContext& context, Router& router);

// What a referral means, before it is signed: all that stands in it.
std::vector<std::string> referral_paragraphs(const PortalNames& names, const policy::SignReferral& act);

}  // namespace flikvakt::gateway
