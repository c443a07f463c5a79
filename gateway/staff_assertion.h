// The staff assertion: an organisation's word for which of its staff is asking (spec/api.md, API-10 to API-13). Pure.
#pragma once

#include "service/directory.h"

namespace flikvakt::gateway {

inline constexpr std::string_view kStaffAssertionType = "flikvakt-staff+jws";
inline constexpr std::chrono::seconds kLongestAssertion{300};

// What the assertion must fit, apart from its own signature.
struct AssertionContext {
  std::string_view audience;
  OrganisationId organisation;        // of the certificate
  policy::Fingerprint certificate{};  // of the connection
  UtcTime now;
  std::chrono::seconds clock_skew;
};

struct VerifiedAssertion {
  policy::StaffActor actor;
  UtcTime expires;
};

// denied, for whatever is wrong; the message is for the operational log.
Result<VerifiedAssertion> verify_staff_assertion(std::string_view jws, const service::Directory& directory,
                                                 const AssertionContext& context);

// A key's thumbprint out of `kid`.
Result<policy::Fingerprint> thumbprint_of(std::string_view kid);

}  // namespace flikvakt::gateway
