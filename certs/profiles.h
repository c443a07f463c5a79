// The certificates that certs/README.md describes, as specifications to issue; tests change one thing and expect a no.
#pragma once

#include <span>
#include <string_view>

#include "certs/issuer.h"

namespace flikvakt::certs {

CertificateSpec root_profile(std::string_view common_name, UtcTime now);          // 10 years
CertificateSpec intermediate_profile(std::string_view common_name, UtcTime now);  // 5 years, issues leaves only

// `names`: DNS names and IP addresses, the first also the common name. 397 days.
CertificateSpec server_profile(std::span<const std::string> names, UtcTime now);

// The organisation number becomes organizationIdentifier NTRSE-<digits> (ETSI EN 319 412-1 section 5.1.4). 397 days.
CertificateSpec client_profile(std::string_view organisation_name, std::string_view organisation_number, UtcTime now);

CrlSpec crl_profile(std::span<const std::string> revoked_serials, std::uint64_t number, UtcTime this_update,
                    UtcTime next_update);

}  // namespace flikvakt::certs
