// The doors of connectors (spec/connector.md): they ask for work and answer it. How they get their certificates is in
// gateway/connector_enrolment.h, what they ask sealed in gateway/sealed_door.h.
#pragma once

#include "gateway/authentication.h"
#include "gateway/connector_doors.h"
#include "gateway/connector_enrolment.h"
#include "gateway/connector_hub.h"
#include "gateway/connector_options.h"
#include "gateway/sealed_door.h"
#include "gateway/sealed_sessions.h"

namespace flikvakt::gateway {

class ConnectorApi {
public:
  ConnectorApi(service::Core& core, const Authentication& authentication, ConnectorHub& hub, ConnectorOptions options);
  void add_to_organisations(Router& router);
  // `inner`: what is asked for in sealed messages.
  void add_to_persons(Router& router, const Router& inner);
  void add_to_administrators(Router& router);

private:
  std::optional<ConnectorCaller> caller_of(const Exchange& exchange) const;

  Awaitable<Response> poll(Exchange& exchange);
  Awaitable<Response> reply(Exchange& exchange);
  Response presence() const;

  service::Core& core_;
  ConnectorHub& hub_;
  const ConnectorOptions options_;
  ConnectorLimits limits_;
  SealedSessions sessions_;
  ConnectorEnrolment enrolment_;
  SealedDoor door_;
};

}  // namespace flikvakt::gateway
