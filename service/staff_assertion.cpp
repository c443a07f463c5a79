#include "service/staff_assertion.h"

#include "crypto/canonical_json.h"
#include "crypto/jws.h"

namespace flikvakt::service {
namespace {

struct Claims {
  std::string aud;
  json::value cnf;
  std::int64_t exp = 0;
  std::int64_t iat = 0;
  OrganisationId iss;
  ActId jti;
  StaffId sub;
};
BOOST_DESCRIBE_STRUCT(Claims, (), (aud, cnf, exp, iat, iss, jti, sub))

Error denied(std::string_view why) { return fail(ErrorCode::denied, "staff assertion: " + std::string(why)); }

// Years 1970 to 9999, so that no arithmetic on it overflows.
Result<UtcTime> time_of(std::int64_t seconds) {
  if (seconds < 0 || seconds > 253402300799) return denied("a time out of range");
  return UtcTime(std::chrono::seconds(seconds));
}

bool is_bound_to(const json::value& cnf, const policy::Fingerprint& certificate) {
  const json::object* object = cnf.if_object();
  const json::value* bound = object && object->size() == 1 ? object->if_contains("x5t#S256") : nullptr;
  return bound && bound->is_string() && bound->get_string() == to_base64url(certificate);
}

// SPEC API-11, API-12
Result<UtcTime> check_claims(const Claims& claims, const AssertionContext& context) {
  const UtcTime issued = TRY(time_of(claims.iat));
  const UtcTime expires = TRY(time_of(claims.exp));
  if (claims.aud != context.audience) return denied("for another gateway");
  if (claims.iss != context.organisation) return denied("of another organisation");
  if (!is_bound_to(claims.cnf, context.certificate)) return denied("bound to another certificate");
  if (claims.jti.is_none() || claims.sub.is_none()) return denied("`jti` or `sub` is zero");
  if (expires <= issued || expires - issued > kLongestAssertion) return denied("its life is not 1 to 300 s");
  if (issued > context.now + context.clock_skew) return denied("issued in the future");
  if (context.now >= expires + context.grace) return denied("expired");
  return expires;
}

}  // namespace

Result<policy::Fingerprint> thumbprint_of(std::string_view kid) { return to_array<32>(TRY(from_base64url(kid))); }

Result<VerifiedAssertion> verify_staff_assertion(std::string_view jws, const FindAssertionKey& find,
                                                 const AssertionContext& context) {
  const Result<crypto::ParsedJws> parsed = crypto::parse_jws(jws);
  if (!parsed) return denied(parsed.error().message);
  const Result<policy::Fingerprint> thumbprint = thumbprint_of(parsed->kid());
  if (!thumbprint) return denied("`kid` is no thumbprint");
  const std::optional<Directory::AssertionKey> key = find(*thumbprint);
  if (!key || key->organisation != context.organisation) return denied("signed with no key of this organisation");
  const Result<Bytes> payload = crypto::verify_jws(*parsed, key->verifier, kStaffAssertionType);
  if (!payload) return denied(payload.error().message);
  if (!crypto::is_canonical(as_text(*payload))) return denied("the payload is not canonical");
  const Result<Claims> claims = parse_as<Claims>(as_text(*payload));
  if (!claims) return denied(claims.error().message);
  const UtcTime expires = TRY(check_claims(*claims, context));
  return VerifiedAssertion{{claims->sub, context.organisation, context.certificate, *thumbprint}, expires};
}

}  // namespace flikvakt::service
