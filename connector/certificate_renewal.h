// Gets another certificate while there is time, for a key that is kept before it is asked for. spec/connector.md,
// CONN-9. Of the thread that asks for work.
#pragma once

#include "connector/gateway_link.h"

namespace flikvakt::connector {

class CertificateRenewal {
public:
  CertificateRenewal(const Config& config, CurrentIdentity& identity, const Clock& clock)
      : config_(config), identity_(identity), clock_(clock) {}

  // Did other keys of the log come with it? What fails is said in the log, and tried again in a while.
  bool renew_if_due(GatewayLink& link);

private:
  bool make_next_key();

  const Config& config_;
  CurrentIdentity& identity_;
  const Clock& clock_;
  std::chrono::steady_clock::time_point renew_not_before_{};
};

}  // namespace flikvakt::connector
