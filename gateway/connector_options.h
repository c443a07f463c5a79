// What whoever runs the gateway gives it so that it can have connectors (spec/connector.md).
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "crypto/hpke.h"
#include "crypto/x509.h"
#include "policy/registry.h"

namespace flikvakt::gateway {

struct ConnectorOptions {
  std::vector<std::shared_ptr<const crypto::hpke::RecipientKey>> seal_keys;  // the newest first; none: no connectors
  // A client certificate for that public key (PEM), of the issuer below. From any thread.
  std::function<Result<crypto::Certificate>(std::string_view public_key_pem, const policy::Organisation& organisation,
                                            const policy::Connector& connector)>
      issue;
  std::string issuer_pem;   // the CA that issues them
  std::string trust_pem;    // roots of the gateway's own certificates, told at enrolment
  std::string api_address;  // "https://api.example:443", told at enrolment
};

}  // namespace flikvakt::gateway
