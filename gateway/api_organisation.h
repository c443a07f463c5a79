// The API of organisations: what their systems do for their staff. spec/api.md
#pragma once

#include "gateway/authentication.h"
#include "gateway/rate_limit.h"

namespace flikvakt::gateway {

class OrganisationApi {
public:
  static constexpr std::uint64_t kLargestDocument = std::uint64_t{1} << 30;  // bytes

  OrganisationApi(service::Core& core, RatePolicy rate) : core_(core), limiter_(rate) {}
  void add_to(Router& router);

private:
  using Method1 = Awaitable<Response> (OrganisationApi::*)(Exchange&);
  Handler limited(Method1 handler);  // within the organisation's rate
  bool is_too_fast(const Exchange& exchange);

  Awaitable<Response> make_handle(Exchange& exchange);
  Awaitable<Response> act(Exchange& exchange);
  Awaitable<Response> list_documents(Exchange& exchange);
  Awaitable<Response> read_document(Exchange& exchange);
  Awaitable<Response> read_on(Exchange& exchange);
  Awaitable<Response> list_cases(Exchange& exchange);
  Awaitable<Response> read_proposal(Exchange& exchange);
  Awaitable<Response> put_content(Exchange& exchange);
  Awaitable<Response> catalogue(Exchange& exchange);

  service::Core& core_;
  RateLimiter limiter_;  // by organisation
};

}  // namespace flikvakt::gateway
