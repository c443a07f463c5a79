// What of our nouns goes out, and nothing else: no key ids, object names, person ids or anyone's number but one's own.
#pragma once

#include "service/core.h"

namespace flikvakt::gateway {

json::value listing_view(const std::vector<policy::DocumentView>& documents);  // {"flikar": […]}

// A team's cases. People are named by the handles of the organisation that asks.
json::value cases_view(service::Core& core, const std::vector<policy::Case>& cases, const OrganisationId& asks);

// {"proposals": […]}: what waits, as the one who asks would send it to approve it.
json::value proposals_view(service::Core& core, const std::vector<policy::Proposal>& proposals,
                           const OrganisationId& asks);

json::value overview_view(const policy::Overview& overview);

}  // namespace flikvakt::gateway
