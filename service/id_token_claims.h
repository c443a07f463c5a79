// What an ID token says, after its signature holds: who somebody is, by an issuer that two administrators registered
// (spec/oidc.md). Checked at the door, and again by the verifier of the log with the issuer's row as it stood. Pure;
// thread-safe.
#pragma once

#include "crypto/hash.h"
#include "policy/registry.h"

namespace flikvakt::service {

inline constexpr std::chrono::seconds kTokenSkew{60};  // between the issuer's clock and ours
inline constexpr std::chrono::minutes kLongestTokenAge{5};
inline constexpr std::chrono::minutes kLongestTokenLife{5};  // of a token of a person's, as its issuer says
inline constexpr std::chrono::minutes kCeremonyLife{10};     // of whatever is begun with an issuer or an authenticator

struct TokenContext {
  crypto::Hash256 nonce{};          // its base64url is the claim's value
  UtcTime began;                    // when the ceremony began that the token ends
  std::optional<UtcTime> now = {};  // at the door; none: as a log is verified
  bool signs = false;               // the user must have been verified anew, since then
};

struct IdTokenClaims {
  std::optional<std::string> number;           // of a person: twelve digits
  std::optional<std::string> previous_number;  // the coordination number that the person had before
  std::optional<std::string> staff;            // of an organisation's issuer: the value of its claim
  UtcTime issued;
};

// denied: not of this issuer, for us, of now, for this nonce, of a level that is taken, or without who it is; the
// message is for the operational log. not_found: a key that is not in the issuer's row.
Result<IdTokenClaims> verify_id_token(std::string_view token, const policy::OidcIssuer& issuer,
                                      const TokenContext& context);

inline constexpr std::string_view kNumberClaim = "https://id.oidc.se/claim/personalIdentityNumber";
inline constexpr std::string_view kPreviousNumberClaim = "https://id.oidc.se/claim/previousCoordinationNumber";

}  // namespace flikvakt::service
