// What an organisation's staff did, for its log reviewers' systems. spec/connector.md
#pragma once

#include "gateway/rate_limit.h"
#include "gateway/router.h"
#include "service/core.h"

namespace flikvakt::gateway {

class OrganisationLogApi {
public:
  explicit OrganisationLogApi(service::Core& core) : core_(core) {}
  void add_to(Router& router);

private:
  Awaitable<Response> read_log(Exchange& exchange);

  service::Core& core_;
  RateLimiter reads_{RatePolicy{2, 10, 100'000}};  // by organisation
};

}  // namespace flikvakt::gateway
