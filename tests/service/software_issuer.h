// An issuer of ID tokens in software: its keys, what it publishes, and tokens that are right but for what a test
// changes.
#pragma once

#include "base/json.h"
#include "crypto/sign.h"
#include "policy/registry.h"
#include "service/id_token_claims.h"

namespace flikvakt::service::test {

inline constexpr std::string_view kLoa3 = "http://id.elegnamnden.se/loa/1.0/loa3";

class SoftwareIssuer {
public:
  std::string issuer = "https://issuer.example", client_id = "flikvakt", kid = "k1";
  crypto::SigningKey key = crypto::SigningKey::generate(crypto::KeyAlgorithm::p256);

  json::object claims(const crypto::Hash256& nonce, UtcTime now, const std::string& number) const {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
    json::object out{{"iss", issuer},  {"sub", "somebody"},           {"aud", client_id},
                     {"iat", seconds}, {"exp", seconds + 300},        {"auth_time", seconds},
                     {"acr", kLoa3},   {"nonce", to_base64url(nonce)}};
    if (!number.empty()) out[kNumberClaim] = number;
    return out;
  }
  std::string sign(const json::object& claims) const {
    const json::object header{{"alg", "ES256"}, {"kid", kid}, {"typ", "JWT"}};
    const std::string text =
        to_base64url(as_bytes(json::serialize(header))) + "." + to_base64url(as_bytes(json::serialize(claims)));
    return text + "." + to_base64url(key.sign(as_bytes(text)));
  }
  std::string token(const crypto::Hash256& nonce, UtcTime now, const std::string& number) const {
    return sign(claims(nonce, now, number));
  }

  json::value jwk() const { return key.public_key().to_jwk(); }
  std::string key_set() const {
    json::value one = jwk();
    one.get_object()["kid"] = kid;
    one.get_object()["use"] = "sig";
    return json::serialize(json::object{{"keys", json::array{std::move(one)}}});
  }
  policy::OidcIssuer row(std::string code = "e-id") const {
    policy::OidcIssuer out;
    out.code = std::move(code);
    out.name = "Exempel e-legitimation";
    out.issuer = issuer;
    out.client_id = client_id;
    out.acr = {std::string(kLoa3)};
    out.authorization_endpoint = issuer + "/auth";
    out.token_endpoint = issuer + "/token";
    out.jwks_uri = issuer + "/jwks";
    out.ca = "PEM";
    out.keys = {{kid, jwk(), {}}};
    return out;
  }
  // The same for an organisation's staff, by the claim `employee`.
  policy::OidcIssuer row_for(const OrganisationId& organisation) const {
    policy::OidcIssuer out = row("kommun");
    out.organisation = organisation;
    out.acr = {};
    out.staff_claim = "employee";
    return out;
  }
};

}  // namespace flikvakt::service::test
