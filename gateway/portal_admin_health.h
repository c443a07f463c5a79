// How the gateway is: what /v1/status, /v1/metrics and the registry know, for people. Counts and times, nothing of a
// person.
#pragma once

#include "gateway/portal_administration.h"

namespace flikvakt::gateway {

struct HealthCheck {
  std::string name;
  std::string value;
  std::string tone;  // tone-go, tone-wait: look at it, tone-stop: at once; empty: there is no good or bad
};
std::vector<HealthCheck> health_checks(const PortalContext& context, const AdministrationPage& page);

void add_admin_health_pages(PortalContext& context, Router& router);

}  // namespace flikvakt::gateway
