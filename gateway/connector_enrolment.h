// Certificates of connectors: they enrol with a code that was given to their organisation, and renew. spec/connector.md
#pragma once

#include <map>
#include <mutex>

#include "crypto/sealed_message.h"
#include "gateway/authentication.h"
#include "gateway/connector_doors.h"
#include "gateway/connector_options.h"
#include "gateway/sealed_sessions.h"

namespace flikvakt::gateway {

class ConnectorEnrolment {
public:
  // What is passed by reference outlives this.
  ConnectorEnrolment(service::Core& core, const ConnectorOptions& options, SealedSessions& sessions,
                     ConnectorLimits& limits)
      : core_(core), options_(options), sessions_(sessions), limits_(limits) {}
  void add_to(Router& router);  // of organisations
  Awaitable<Response> enrol(Exchange& exchange, crypto::OpenedRequest opened, crypto::SealKeyId sealed_for);

private:
  Awaitable<Response> renew(Exchange& exchange);
  Result<policy::EnrolConnector> issue(const policy::Connector& connector, std::string_view public_key_pem,
                                       std::string_view proof, crypto::Certificate& out) const;
  // `first`: the seal key that is named first; else the newest is.
  json::object enrolled(const policy::Connector& connector, const crypto::Certificate& certificate,
                        std::optional<crypto::SealKeyId> first) const;
  std::optional<json::object> enrolled_before(const policy::Connector& connector, const policy::Fingerprint& key,
                                              const std::string& public_key);
  void keep_enrolled(const ConnectorId& connector, const policy::Fingerprint& key, const std::string& public_key,
                     const json::object& answer);

  service::Core& core_;
  const ConnectorOptions& options_;
  SealedSessions& sessions_;
  ConnectorLimits& limits_;
  // Of an enrolment whose answer was lost on the way; for a while, and only to whoever has the same keys.
  struct Enrolled {
    policy::Fingerprint key;
    std::string public_key;
    json::object answer;
    std::chrono::steady_clock::time_point until;
  };
  std::mutex enrolled_mutex_;
  std::map<ConnectorId, Enrolled> enrolled_;
};

}  // namespace flikvakt::gateway
