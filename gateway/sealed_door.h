// Sealed end to end, where a network's proxy opens TLS: a connector enrols, and asks for all that an organisation's
// system may ask for. spec/end-to-end.md
#pragma once

#include "crypto/sealed_message.h"
#include "gateway/authentication.h"
#include "gateway/connector_doors.h"
#include "gateway/connector_enrolment.h"
#include "gateway/connector_options.h"
#include "gateway/sealed_sessions.h"

namespace flikvakt::gateway {

class SealedDoor {
public:
  // What is passed by reference outlives this.
  SealedDoor(service::Core& core, const Authentication& authentication, const ConnectorOptions& options,
             ConnectorEnrolment& enrolment, SealedSessions& sessions, ConnectorLimits& limits)
      : core_(core),
        authentication_(authentication),
        options_(options),
        enrolment_(enrolment),
        sessions_(sessions),
        limits_(limits) {}
  // `inner`: what is asked for in sealed messages.
  void add_to_persons(Router& router, const Router& inner);
  void add_to_administrators(Router& router);

private:
  Awaitable<Response> sealed(Exchange& exchange, const Router& inner);
  // Unsealed; nothing: it was given before, and whoever sends it is not told.
  std::optional<Response> open_session(const policy::Connector& connector, const Bytes& body);
  Awaitable<Response> pass_on(Exchange& exchange, const policy::Connector& connector,
                              crypto::OpenedRequest::Verified asked, const Router& inner);
  Awaitable<Response> seal_keys() const;
  const crypto::hpke::RecipientKey* seal_key(const crypto::SealKeyId& id) const;

  service::Core& core_;
  const Authentication& authentication_;
  const ConnectorOptions& options_;
  ConnectorEnrolment& enrolment_;
  SealedSessions& sessions_;
  ConnectorLimits& limits_;
  ConnectionRegistry inner_connections_;  // of sealed requests; nothing is ever in it
};

}  // namespace flikvakt::gateway
