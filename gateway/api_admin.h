// The API of administrators, on the Unix socket. The acts are proven by their signatures, not by the socket.
#pragma once

#include "gateway/authentication.h"

namespace flikvakt::gateway {

class AdminApi {
public:
  AdminApi(service::Core& core, const Authentication& authentication) : core_(core), authentication_(authentication) {}
  void add_to(Router& router);

private:
  Awaitable<Response> act(Exchange& exchange);
  Awaitable<Response> make_handle(Exchange& exchange);
  Awaitable<Response> status(Exchange& exchange);

  service::Core& core_;
  const Authentication& authentication_;
};

}  // namespace flikvakt::gateway
