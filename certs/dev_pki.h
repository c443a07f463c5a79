// A development PKI in one folder, made at run time: for the demo, local work and tests. Never commit its files, never
// use it in production: its CA key lies unencrypted beside what it signs.
//   ca.pem ca.key crl.pem <label>.pem <label>.key         all mode 0600, the folder 0700
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "certs/profiles.h"

namespace flikvakt::certs {

struct IssuedIdentity {
  std::filesystem::path certificate;  // PEM chain, leaf first
  std::filesystem::path key;
  crypto::Certificate leaf;
};

class DevPki {
public:
  // Makes the folder, the CA and an empty list number 1, valid for 30 days. conflict: there is a CA already.
  static Result<DevPki> create(const std::filesystem::path& folder, UtcTime now);
  static Result<DevPki> open(const std::filesystem::path& folder);

  // Labels are file names: a-z, 0-9 and '-'. An existing label is replaced. Errors: invalid (label), io, internal.
  Result<IssuedIdentity> issue_server(std::string_view label, std::span<const std::string> names, UtcTime now) const;
  Result<IssuedIdentity> issue_client(std::string_view label, std::string_view organisation_name,
                                      std::string_view organisation_number, UtcTime now) const;
  // Any specification that still parses: the way to make a bad one.
  Result<IssuedIdentity> issue(std::string_view label, const CertificateSpec& spec) const;

  // Replaces crl.pem by a list of exactly these serials.
  Result<crypto::Crl> write_crl(std::span<const std::string> revoked_serials, std::uint64_t number, UtcTime this_update,
                                UtcTime next_update) const;

  std::filesystem::path ca_path() const { return folder_ / "ca.pem"; }
  std::filesystem::path crl_path() const { return folder_ / "crl.pem"; }
  const Issuer& ca() const { return ca_; }
  Result<crypto::TrustStore> trust() const;  // trusts this CA only
  Result<crypto::Crl> crl() const;           // as on disk

private:
  DevPki(std::filesystem::path folder, Issuer ca) : folder_(std::move(folder)), ca_(std::move(ca)) {}
  std::filesystem::path folder_;
  Issuer ca_;
};

}  // namespace flikvakt::certs
