#include "certs/profiles.h"

#include <algorithm>

#include "base/characters.h"

namespace flikvakt::certs {
namespace {

using std::chrono::days;
using std::chrono::hours;

// Valid from an hour ago, so that a clock a little behind does not refuse it.
CertificateSpec made_now(std::string_view common_name, UtcTime now, days validity) {
  CertificateSpec out;
  out.common_name = common_name;
  out.not_before = now - hours{1};
  out.not_after = now - hours{1} + validity;
  return out;
}

void add_extensions(CertificateSpec& spec, std::string_view constraints, std::string_view usage) {
  spec.extensions = {{"basicConstraints", "critical," + std::string(constraints)},
                     {"keyUsage", "critical," + std::string(usage)},
                     {"subjectKeyIdentifier", "hash"},
                     {"authorityKeyIdentifier", "keyid:always"}};
}

bool is_address(std::string_view name) {
  return name.find(':') != std::string_view::npos || name.find_first_not_of("0123456789.") == std::string_view::npos;
}

}  // namespace

CertificateSpec root_profile(std::string_view common_name, UtcTime now) {
  CertificateSpec out = made_now(common_name, now, days{3653});
  add_extensions(out, "CA:TRUE", "keyCertSign,cRLSign");
  return out;
}

CertificateSpec intermediate_profile(std::string_view common_name, UtcTime now) {
  CertificateSpec out = made_now(common_name, now, days{1826});
  add_extensions(out, "CA:TRUE,pathlen:0", "keyCertSign,cRLSign");
  return out;
}

CertificateSpec server_profile(std::span<const std::string> names, UtcTime now) {
  CertificateSpec out = made_now(names.empty() ? std::string_view() : std::string_view(names.front()), now, days{397});
  add_extensions(out, "CA:FALSE", "digitalSignature");
  out.set("extendedKeyUsage", "serverAuth");
  std::string alternatives;
  for (const std::string& name : names) {
    alternatives += (alternatives.empty() ? "" : ",") + std::string(is_address(name) ? "IP:" : "DNS:") + name;
  }
  if (!alternatives.empty()) out.set("subjectAltName", alternatives);
  return out;
}

CertificateSpec client_profile(std::string_view organisation_name, std::string_view organisation_number, UtcTime now) {
  CertificateSpec out = made_now(organisation_name, now, days{397});
  add_extensions(out, "CA:FALSE", "digitalSignature");
  out.set("extendedKeyUsage", "clientAuth");
  out.organisation_name = organisation_name;
  out.organisation_identifier = "NTRSE-";
  std::copy_if(organisation_number.begin(), organisation_number.end(), std::back_inserter(out.organisation_identifier),
               is_digit);
  return out;
}

CrlSpec crl_profile(std::span<const std::string> revoked_serials, std::uint64_t number, UtcTime this_update,
                    UtcTime next_update) {
  CrlSpec out;
  for (const std::string& serial : revoked_serials) out.revoked.push_back({serial, {}});
  out.number = number;
  out.this_update = this_update;
  out.next_update = next_update;
  return out;
}

}  // namespace flikvakt::certs
