// The API of administrators, on the Unix socket. The acts are proven by their signatures, not by the socket.
#pragma once

#include "gateway/authentication.h"
#include "gateway/witnessed.h"

namespace flikvakt::gateway {

class AdminApi {
public:
  AdminApi(service::Core& core, const Authentication& authentication, AskWitnessed witnessed)
      : core_(core), authentication_(authentication), witnessed_(std::move(witnessed)) {}
  void add_to(Router& router);

private:
  Awaitable<Response> act(Exchange& exchange);
  Awaitable<Response> make_handle(Exchange& exchange);
  Awaitable<Response> status(Exchange& exchange);
  Awaitable<Response> metrics(Exchange& exchange);

  service::Core& core_;
  const Authentication& authentication_;
  const AskWitnessed witnessed_;
};

}  // namespace flikvakt::gateway
