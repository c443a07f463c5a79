// What of our nouns goes out, and nothing else: no key ids, object names, person ids or anyone's number but one's own.
#pragma once

#include "service/core.h"

namespace flikvakt::gateway {

json::value listing_view(const policy::Listing& listing);  // {"flikar": […], "more_blocked": true}

// A team's cases. People are named by the handles of the organisation that asks.
// What a staff member may know of the fullmakter that let them receive: never who else receives.
json::value fullmakter_view(const std::vector<policy::Fullmakt>& fullmakter);
// Of nobody: whoever asked knows whom they asked about, and an unknown number must look the same.
json::value requests_view(service::Core& core, const std::vector<policy::AccessRequest>& requests,
                          const OrganisationId& asks);
// Of what the own organisation asked nobody is named; of what it is asked, the person by its handle.
json::value source_requests_view(service::Core& core, const std::vector<policy::SourceRequest>& requests,
                                 const OrganisationId& asks);
json::value notices_view(service::Core& core, const std::vector<policy::Notice>& notices, const OrganisationId& asks);
json::value erase_orders_view(service::Core& core, const std::vector<policy::EraseOrder>& orders,
                              const OrganisationId& asks);
json::value overdue_view(const std::vector<policy::OverdueCount>& counts);
json::value cases_view(service::Core& core, const std::vector<policy::CaseView>& cases, const OrganisationId& asks);

// {"proposals": […]}: what waits, as the one who asks would send it to approve it.
json::value proposals_view(service::Core& core, const std::vector<policy::Proposal>& proposals,
                           const OrganisationId& asks);

// The same for an administrator's pages, without anything of a person.
json::array proposals_of_nobody(service::Core& core, const std::vector<policy::Proposal>& proposals);

json::value overview_view(const policy::Overview& overview);

}  // namespace flikvakt::gateway
