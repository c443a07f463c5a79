// The doors of connectors (spec/connector.md, spec/end-to-end.md): they ask for work and answer it, renew their
// certificates, and, sealed end to end where a network's proxy opens TLS, ask for all that an organisation's system may
// ask for.
#pragma once

#include <map>
#include <mutex>

#include "crypto/sealed_message.h"
#include "gateway/authentication.h"
#include "gateway/connector_hub.h"
#include "gateway/connector_options.h"
#include "gateway/deposit_content.h"
#include "gateway/rate_limit.h"
#include "gateway/sealed_sessions.h"

namespace flikvakt::gateway {

class ConnectorApi {
public:
  static constexpr std::uint64_t kLargestChunk = 1024 * 1024;  // bytes

  ConnectorApi(service::Core& core, const Authentication& authentication, ConnectorHub& hub, ConnectorOptions options);
  void add_to_organisations(Router& router);
  // `inner`: what is asked for in sealed messages.
  void add_to_persons(Router& router, const Router& inner);
  void add_to_administrators(Router& router);

private:
  std::optional<ConnectorCaller> caller_of(const Exchange& exchange) const;

  Awaitable<Response> poll(Exchange& exchange);
  Awaitable<Response> reply(Exchange& exchange);
  Awaitable<Response> renew(Exchange& exchange);
  Awaitable<Response> read_log(Exchange& exchange);

  Awaitable<Response> sealed(Exchange& exchange, const Router& inner);
  Awaitable<Response> enrol(Exchange& exchange, crypto::OpenedRequest opened, crypto::SealKeyId sealed_for);
  // Unsealed; nothing: it was given before, and whoever sends it is not told.
  std::optional<Response> open_session(const policy::Connector& connector, const Bytes& body);
  Awaitable<Response> pass_on(Exchange& exchange, const policy::Connector& connector,
                              crypto::OpenedRequest::Verified asked, const Router& inner);
  Response seal_keys() const;
  Response presence() const;
  const crypto::hpke::PrivateKey* seal_key(const crypto::SealKeyId& id) const;
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
  const Authentication& authentication_;
  ConnectorHub& hub_;
  const ConnectorOptions options_;
  SealedSessions sessions_;
  // Of an enrolment whose answer was lost on the way; for a while, and only to whoever has the same keys.
  struct Enrolled {
    policy::Fingerprint key;
    std::string public_key;
    json::object answer;
    std::chrono::steady_clock::time_point until;
  };
  std::mutex enrolled_mutex_;
  std::map<ConnectorId, Enrolled> enrolled_;
  ConnectionRegistry inner_connections_;  // of sealed requests; nothing is ever in it
  RateLimiter polls_;                     // by connector
  RateLimiter strangers_;                 // by source: of what nobody signed whom we know
};

}  // namespace flikvakt::gateway
