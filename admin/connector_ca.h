// What a gateway has connectors with (spec/connector.md): the CA that issues their certificates, the lists of it, and
// the keys for which they seal their messages. A folder of the gateway's user; `flikvakt connector init` makes it.
//
// The CA's key opens nothing by itself: a certificate counts only once it is in the log, and which one that is the
// gateway says. Thread-safe after open().
#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "admin/outcome.h"
#include "certs/issuer.h"
#include "crypto/hpke.h"
#include "policy/registry.h"

namespace flikvakt::admin {

class ConnectorCa {
public:
  // conflict: something is there.
  static Outcome<void> init(const std::filesystem::path& folder, const std::string& name, UtcTime now);
  // usage: not there, or open to others.
  static Outcome<ConnectorCa> open(const std::filesystem::path& folder, std::chrono::minutes validity);

  Result<crypto::Certificate> issue(std::string_view public_key_pem, const policy::Organisation& organisation,
                                    const policy::Connector& connector, UtcTime now) const;
  const std::vector<std::shared_ptr<const crypto::hpke::RecipientKey>>& seal_keys() const { return seal_keys_; }
  std::string pem() const { return issuer_.certificate().pem(); }
  std::filesystem::path list() const { return folder_ / "crl.pem"; }
  // Writes a new list when the one that is there is older than a day.
  Result<void> renew_list(UtcTime now) const;

private:
  ConnectorCa(std::filesystem::path folder, certs::Issuer issuer, std::chrono::minutes validity)
      : folder_(std::move(folder)), issuer_(std::move(issuer)), validity_(validity) {}
  std::filesystem::path folder_;
  certs::Issuer issuer_;
  std::chrono::minutes validity_;
  std::vector<std::shared_ptr<const crypto::hpke::RecipientKey>> seal_keys_;  // the newest first
};

}  // namespace flikvakt::admin
