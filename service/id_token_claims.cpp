#include "service/id_token_claims.h"

#include "crypto/id_token.h"
#include "policy/personnummer.h"
#include "policy/terms.h"

namespace flikvakt::service {
namespace {

Error denied(std::string_view why) { return fail(ErrorCode::denied, "ID token: " + std::string(why)); }

std::optional<std::string> text_in(const json::object& claims, std::string_view name) {
  const json::value* found = claims.if_contains(name);
  if (!found || !found->is_string()) return std::nullopt;
  return std::string(found->get_string());
}

// Years 1970 to 9999, so that no arithmetic on it overflows.
Result<UtcTime> time_in(const json::object& claims, std::string_view name) {
  const json::value* found = claims.if_contains(name);
  const std::int64_t* seconds = found ? found->if_int64() : nullptr;
  if (!seconds || *seconds < 0 || *seconds > 253402300799) return denied("no time in `" + std::string(name) + "`");
  return UtcTime(std::chrono::seconds(*seconds));
}

// SPEC OIDC-13
Result<void> check_parties(const json::object& claims, const policy::OidcIssuer& issuer) {
  if (text_in(claims, "iss") != issuer.issuer) return denied("of another issuer");
  const json::value* aud = claims.if_contains("aud");
  const json::value one(issuer.client_id);
  const bool is_for_us = aud && (*aud == one || *aud == json::value(json::array{one}));
  if (!is_for_us) return denied("for somebody else");
  if (claims.contains("azp") && text_in(claims, "azp") != issuer.client_id) return denied("asked for by somebody else");
  if (text_in(claims, "sub").value_or("").empty()) return denied("of nobody");
  return {};
}

// SPEC OIDC-14, OIDC-17
Result<UtcTime> check_times(const json::object& claims, const policy::OidcIssuer& issuer, const TokenContext& context) {
  const UtcTime issued = TRY(time_in(claims, "iat"));
  const UtcTime expires = TRY(time_in(claims, "exp"));
  if (issued < context.began - kTokenSkew) return denied("issued before it was asked for");
  if (issued > context.began + kCeremonyLife + kLongestTokenAge) return denied("issued long after it was asked for");
  if (expires <= issued) return denied("it was never valid");
  if (!issuer.organisation && expires - issued > kLongestTokenLife) return denied("valid for longer than 5 minutes");
  if (context.now && issued > *context.now + kTokenSkew) return denied("issued in the future");
  if (context.now && (*context.now - issued > kLongestTokenAge || *context.now >= expires)) return denied("expired");
  if (!context.signs) return issued;
  const UtcTime authenticated = TRY(time_in(claims, "auth_time"));
  if (authenticated < context.began - kTokenSkew || authenticated > issued + kTokenSkew)
    return denied("the user was not verified for this");
  return issued;
}

// SPEC OIDC-15, OIDC-16
Result<void> check_binding(const json::object& claims, const policy::OidcIssuer& issuer, const TokenContext& context) {
  if (text_in(claims, "nonce") != to_base64url(context.nonce)) return denied("for another nonce");
  const std::optional<std::string> acr = text_in(claims, "acr");
  if (!issuer.acr.empty() && !(acr && issuer.acr.contains(*acr))) return denied("of a level that is not taken");
  return {};
}

// With its century, as the profile has it: nothing is left to be guessed.
Result<std::optional<std::string>> number_in(const json::object& claims, std::string_view name, UtcTime issued) {
  if (!claims.contains(name)) return std::optional<std::string>();
  const Date day{std::chrono::floor<std::chrono::days>(issued)};
  const std::string text = text_in(claims, name).value_or("");
  const Result<std::string> number = policy::parse_personnummer(text, day);
  if (!number || *number != text) return denied("a number that is none");
  return std::optional(*number);
}

bool is_coordination_number(const std::string& number) { return number.substr(6, 2) > "60"; }

// SPEC OIDC-18, OIDC-19
Result<IdTokenClaims> who_is_it(const json::object& claims, const policy::OidcIssuer& issuer, UtcTime issued) {
  IdTokenClaims out;
  out.issued = issued;
  if (issuer.organisation) {
    out.staff = text_in(claims, issuer.staff_claim.value_or(""));
    if (!out.staff || !policy::is_name(*out.staff)) return denied("it does not say who of the staff it is");
    return out;
  }
  out.number = TRY(number_in(claims, kNumberClaim, issued));
  out.previous_number = TRY(number_in(claims, kPreviousNumberClaim, issued));
  if (!out.number) return denied("it does not say whose number it is");
  if (out.previous_number && !is_coordination_number(*out.previous_number))
    return denied("a number of before that is no coordination number");
  return out;
}

// SPEC OIDC-22: of a kid that was used anew both keys may be there; one that is gone opens nothing that began later.
Result<json::object> verified_claims(const crypto::ParsedIdToken& token, const policy::OidcIssuer& issuer,
                                     UtcTime began) {
  bool is_known = false;
  for (const policy::OidcKey& one : issuer.keys) {
    const bool counts = one.kid == token.kid() && (!one.gone || *one.gone > began);
    const Result<crypto::WebKey> key = crypto::WebKey::from_jwk(counts ? one.jwk : json::value());
    if (!counts || !key) continue;
    is_known = true;
    Result<json::object> claims = crypto::verify_id_token(token, *key);
    if (claims || claims.error().code != ErrorCode::denied) return claims;
  }
  if (is_known) return denied("the signature is not the issuer's");
  return fail(ErrorCode::not_found, "ID token: a key that its issuer is not known to have");
}

}  // namespace

Result<IdTokenClaims> verify_id_token(std::string_view token, const policy::OidcIssuer& issuer,
                                      const TokenContext& context) {
  const Result<crypto::ParsedIdToken> parsed = crypto::parse_id_token(token);
  if (!parsed) return denied(parsed.error().message);
  const json::object claims = TRY(verified_claims(*parsed, issuer, context.began));
  TRY_VOID(check_parties(claims, issuer));
  TRY_VOID(check_binding(claims, issuer, context));
  const UtcTime issued = TRY(check_times(claims, issuer, context));
  return who_is_it(claims, issuer, issued);
}

}  // namespace flikvakt::service
