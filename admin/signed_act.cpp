#include "admin/signed_act.h"

#include "admin/key_file.h"
#include "crypto/canonical_json.h"
#include "crypto/jws.h"
#include "crypto/random.h"

namespace flikvakt::admin {
namespace {

Result<std::string> sign_value(const crypto::SigningKey& key, std::string_view type, const json::value& value) {
  const std::string payload = crypto::canonical(value);
  return crypto::sign_jws(key, type, key_id(key.public_key()), as_bytes(payload));
}

std::int64_t unix_seconds(UtcTime time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

}  // namespace

ActEnvelope wrap_act(json::value act, const std::string& audience, UtcTime now,
                     std::optional<std::uint64_t> seen_version, std::optional<ActId> id,
                     const std::string& representative) {
  const ActId chosen = id.value_or(crypto::random_id<ActId>());
  json::object body{{"id", chosen.text()},
                    {"audience", audience},
                    {"issued", to_rfc3339(now)},
                    {"expires", to_rfc3339(now + kActLasts)},
                    {"act", std::move(act)}};
  if (seen_version) body["seen_version"] = static_cast<std::int64_t>(*seen_version);
  if (!representative.empty()) body["representative"] = representative;
  return {chosen, std::move(body)};
}

Result<json::value> sign_act(const crypto::SigningKey& key, std::string_view type, const json::value& envelope) {
  return json::value(json::object{{"jws", TRY(sign_value(key, type, envelope))}});
}

Result<std::string> make_staff_assertion(const crypto::SigningKey& key, const StaffIdentity& identity, UtcTime now) {
  const std::int64_t issued = unix_seconds(now);
  return sign_value(key, kStaffAssertionType,
                    json::object{{"aud", identity.audience},
                                 {"cnf", json::object{{"x5t#S256", to_base64url(identity.certificate)}}},
                                 {"exp", issued + kAssertionLasts.count()},
                                 {"iat", issued},
                                 {"iss", identity.organisation.text()},
                                 {"jti", to_hex(crypto::random_bytes<16>())},
                                 {"sub", identity.staff.text()}});
}

Result<json::value> sign_session(const crypto::SigningKey& key, const std::string& audience,
                                 const std::string& challenge, BytesView channel_binding, UtcTime now,
                                 const std::string& representative) {
  json::object payload{{"audience", audience},
                       {"binding", to_base64url(channel_binding)},
                       {"challenge", challenge},
                       {"issued", to_rfc3339(now)}};
  if (!representative.empty()) payload["representative"] = representative;
  return json::value(json::object{{"jws", TRY(sign_value(key, kSessionType, payload))}});
}

}  // namespace flikvakt::admin
