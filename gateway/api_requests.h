// Bodies and answers that several doors share.
#pragma once

#include "gateway/exchange.h"
#include "service/core.h"

namespace flikvakt::gateway {

// What was signed, as a compact JWS.
struct SignedRequest {
  std::string jws;
};
BOOST_DESCRIBE_STRUCT(SignedRequest, (), (jws))

// SPEC API-50: the handle of the number in the body, in this organisation's namespace, known here or not.
Response make_handle(service::Core& core, Exchange& exchange, const OrganisationId& organisation);

// Organisations, units, teams and flik types in use.
// `asks`: an organisation, which also gets how its own files are divided. SPEC PART-54
Response catalogue_response(service::Core& core, const std::optional<OrganisationId>& asks = {});

}  // namespace flikvakt::gateway
