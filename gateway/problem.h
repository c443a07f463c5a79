// Problem details (RFC 9457), made in one place, never of request text. `instance` is a random id that the operational
// log carries together with the real cause.
#pragma once

#include <string>
#include <string_view>

#include "gateway/http.h"

namespace flikvakt::gateway {

inline constexpr std::string_view kProblemTypePrefix = "https://flikvakt.se/problem/";

// slug: lower case and hyphens, becomes the type's last part. title and detail: our own literal text only.
Response problem(unsigned status, std::string_view slug, std::string_view title, std::string_view detail);
// The title and slug that belong to a status, for the HTTP layer's own answers.
Response plain_problem(unsigned status);

// THE refusal (P6): one status, one set of headers, one body but for the 32 hex digits of its instance, whatever the
// cause; it leaves on the refusal tick.
Response refusal();
// The same for everyone who asks too often; no Retry-After, no counts.
Response too_many_requests();

// "urn:flikvakt:problem:" and 32 hex digits, as in the body; empty for a response that is no problem.
std::string instance_of(const Response& response);

}  // namespace flikvakt::gateway
