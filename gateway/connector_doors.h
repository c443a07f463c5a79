// What the doors of connectors share.
#pragma once

#include "gateway/rate_limit.h"
#include "service/core.h"

namespace flikvakt::gateway {

struct ConnectorLimits {
  RateLimiter polls{RatePolicy{20, 100, 100'000}};  // by connector
  RateLimiter strangers{RatePolicy{2, 20}};         // by source: of what nobody signed whom we know
};

inline Error malformed(std::string what) { return fail(ErrorCode::malformed, std::move(what)); }

// The gateway's time, unless its clock is in doubt.
void put_time(service::Core& core, json::object& answer);

}  // namespace flikvakt::gateway
