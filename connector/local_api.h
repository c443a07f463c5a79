// For the organisation's own systems, on this machine: what API v1 offers to staff, with the connector's certificate
// and an assertion for the staff member whom the system names. A loopback address and a token, else nobody is heard.
// spec/connector.md, CONN-61 to CONN-63.
#pragma once

#include <functional>
#include <memory>

#include "connector/gateway_link.h"

namespace flikvakt::connector {

class LocalApi {
public:
  using NewLink = std::function<std::unique_ptr<GatewayLink>()>;
  // usage: no loopback address, or no token.
  static Outcome<std::unique_ptr<LocalApi>> open(const Config& config, NewLink new_link);
  ~LocalApi();
  void start();
  void stop();
  std::uint16_t port() const;

private:
  struct State;
  explicit LocalApi(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace flikvakt::connector
