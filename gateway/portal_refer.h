// A referral that the individual signs: their case comes to a team. At Forum, with somebody beside them, or alone.
#pragma once

#include "gateway/portal_signing.h"

namespace flikvakt::gateway {

void add_refer_pages(PortalContext& context, Router& router);

// What a referral means, before it is signed.
std::string referral_text(const PortalNames& names, const TeamId& team, policy::CaseFocus focus);

}  // namespace flikvakt::gateway
