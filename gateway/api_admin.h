// The API of administrators, on the Unix socket. The acts are proven by their signatures, not by the socket.
#pragma once

#include "gateway/authentication.h"
#include "gateway/connector_presence.h"
#include "gateway/page_times.h"
#include "gateway/witnessed.h"

namespace flikvakt::service {
class BrowserSessions;
}

namespace flikvakt::gateway {

class AdminApi {
public:
  // `sessions`: of the portal, which outlive this, as `pages` does; null: nobody signs in there.
  AdminApi(service::Core& core, const Authentication& authentication, AskWitnessed witnessed,
           service::BrowserSessions* sessions, const PageTimes& pages, AskConnectors connectors)
      : core_(core),
        authentication_(authentication),
        witnessed_(std::move(witnessed)),
        sessions_(sessions),
        pages_(pages),
        connectors_(std::move(connectors)) {}
  void add_to(Router& router);

private:
  Awaitable<Response> act(Exchange& exchange);
  Awaitable<Response> make_handle(Exchange& exchange);
  Awaitable<Response> invite(Exchange& exchange);
  Awaitable<Response> status(Exchange& exchange);
  Awaitable<Response> metrics(Exchange& exchange);

  service::Core& core_;
  const Authentication& authentication_;
  const AskWitnessed witnessed_;
  service::BrowserSessions* const sessions_;
  const PageTimes& pages_;
  const AskConnectors connectors_;
};

}  // namespace flikvakt::gateway
