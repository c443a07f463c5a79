// What everyone may ask on both listeners: health, what this API is, and the log's checkpoint and proofs.
#pragma once

#include "gateway/router.h"
#include "service/core.h"

namespace flikvakt::gateway {

class PublicApi {
public:
  explicit PublicApi(service::Core& core) : core_(core) {}
  void add_to(Router& router);

private:
  Awaitable<Response> health(Exchange& exchange);
  Awaitable<Response> api_info(Exchange& exchange);
  Awaitable<Response> checkpoint(Exchange& exchange);
  Awaitable<Response> consistency(Exchange& exchange);
  Awaitable<Response> inclusion(Exchange& exchange);

  service::Core& core_;
};

}  // namespace flikvakt::gateway
