// The staff assertion: an organisation's word for which of its staff is asking (spec/api.md, API-10 to API-13). Checked
// at the door, and again by the verifier of the log. Pure; thread-safe.
#pragma once

#include "service/directory.h"

namespace flikvakt::service {

inline constexpr std::string_view kStaffAssertionType = "flikvakt-staff+jws";
inline constexpr std::chrono::seconds kLongestAssertion{300};

// What the assertion must fit, apart from its own signature.
struct AssertionContext {
  std::string_view audience;
  OrganisationId organisation;        // of the certificate
  policy::Fingerprint certificate{};  // of the connection
  UtcTime now;
  std::chrono::seconds clock_skew;  // how far ahead the organisation's clock may be
  std::chrono::seconds grace{0};    // how long after its end it is still good: for a verifier, between door and log
};

using FindAssertionKey = std::function<std::optional<Directory::AssertionKey>(const policy::Fingerprint&)>;

struct VerifiedAssertion {
  policy::StaffActor actor;
  UtcTime expires;
};

// denied, for whatever is wrong; the message is for the operational log.
Result<VerifiedAssertion> verify_staff_assertion(std::string_view jws, const FindAssertionKey& find,
                                                 const AssertionContext& context);

// A key's thumbprint out of `kid`.
Result<policy::Fingerprint> thumbprint_of(std::string_view kid);

}  // namespace flikvakt::service
