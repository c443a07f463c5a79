// What a client of the gateway signs: acts of administrators and persons, staff assertions, session challenges. All
// are compact JWS (spec/jws.md) over canonical JSON; spec/api.md says what the members mean.
#pragma once

#include <optional>

#include "base/json.h"
#include "crypto/sign.h"

namespace flikvakt::admin {

inline constexpr std::string_view kAdminActType = "flikvakt-admin+jws";
inline constexpr std::string_view kPersonActType = "flikvakt-act+jws";
inline constexpr std::string_view kStaffAssertionType = "flikvakt-staff+jws";
inline constexpr std::string_view kSessionType = "flikvakt-session+jws";
inline constexpr std::chrono::seconds kAssertionLasts{300};
inline constexpr std::chrono::hours kActLasts{24};  // how long a lost answer can be asked for again

// The envelope of an act (service::SentAct), under a fresh id. `representative`: the id as whom the signer acts, or
// empty.
struct ActEnvelope {
  ActId id;
  json::value body;
};
ActEnvelope wrap_act(json::value act, const std::string& audience, UtcTime now,
                     std::optional<std::uint64_t> seen_version = std::nullopt, std::optional<ActId> id = std::nullopt,
                     const std::string& representative = {});

// {"jws": …}, for POST /v1/acts. Errors: invalid.
Result<json::value> sign_act(const crypto::SigningKey& key, std::string_view type, const json::value& envelope);

struct StaffIdentity {
  std::string audience;  // the instance's name
  OrganisationId organisation;
  StaffId staff;
  ByteArray<32> certificate{};  // SHA-256 of the client certificate (RFC 8705 section 3.1)
};
// The value of `Authorization: Bearer`.
Result<std::string> make_staff_assertion(const crypto::SigningKey& key, const StaffIdentity& identity, UtcTime now);

// Proves possession of a device key on this very connection (RFC 9266).
Result<json::value> sign_session(const crypto::SigningKey& key, const std::string& audience,
                                 const std::string& challenge, BytesView channel_binding, UtcTime now,
                                 const std::string& representative = {});

}  // namespace flikvakt::admin
