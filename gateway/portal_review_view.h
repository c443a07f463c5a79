// What pages of log reviewers are asked for by their address, and how they show acts. What each asks of the log is in
// portal_review.cpp. No functions here wait; they read the directory.
#pragma once

#include "gateway/portal_choices.h"
#include "gateway/portal_staff.h"
#include "service/organisation_log.h"

namespace flikvakt::gateway {

std::optional<std::uint64_t> review_number_in(const Request& request, std::string_view name);
// What makes no sense filters nothing: the page shows what it filters by.
service::OrganisationLogFilter review_filter_of(const PortalContext& context, const Exchange& exchange);
// What is filtered by, and more; what is empty is left out.
using ReviewMembers = std::vector<std::pair<std::string_view, std::string>>;
std::string review_address(std::string_view path, const Request& request, const ReviewMembers& more);

// Of choices that are few enough to stand there whole.
void put_review_choices(std::string_view section, std::vector<Choice> choices, std::string_view chosen,
                        web::Data& data);
void put_review_filters(const PortalContext& context, const StaffPage& page, web::Data& data);
// With what was found of it (SPEC PORTAL-63).
void put_reviewed_act(const PortalContext& context, const StaffPage& page, const service::OrganisationAct& act,
                      web::Data& data);
void put_reviewed_days(const PortalContext& context, const StaffPage& page,
                       const std::vector<service::OrganisationAct>& acts, web::Data& data);

}  // namespace flikvakt::gateway
