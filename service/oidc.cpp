#include "service/oidc.h"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "crypto/canonical_json.h"
#include "crypto/id_token.h"
#include "crypto/jws.h"
#include "crypto/random.h"

namespace flikvakt::service {
namespace {

constexpr std::string_view kAssertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
constexpr std::string_view kMessageParameter = "https://id.oidc.se/param/userMessage";
constexpr std::chrono::seconds kClientAssertionLives{60};

// RFC 3986: everything but what is unreserved is written as %XX.
std::string escaped(std::string_view text) {
  constexpr std::string_view kUnreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (kUnreserved.find(c) != kUnreserved.npos) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += kDigits[byte >> 4];
    out += kDigits[byte & 0xf];
  }
  return out;
}

using Parameters = std::vector<std::pair<std::string, std::string>>;

std::string encoded(const Parameters& parameters) {
  std::string out;
  for (const auto& [name, value] : parameters) {
    if (!out.empty()) out += '&';
    out += escaped(name) + "=" + escaped(value);
  }
  return out;
}

std::string random_text() { return to_base64url(crypto::random_bytes<32>()); }

std::string joined(const std::set<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : " ") + word;
  return out;
}

// SPEC OIDC-30: the level as an essential claim, and whose number it is.
std::string claims_asked_for(const policy::OidcIssuer& issuer) {
  json::object id_token;
  if (!issuer.acr.empty()) {
    json::array levels;
    for (const std::string& level : issuer.acr) levels.push_back(json::value(level));
    id_token["acr"] = json::object{{"essential", true}, {"values", std::move(levels)}};
  }
  const json::object essential{{"essential", true}};
  if (issuer.staff_claim) id_token[*issuer.staff_claim] = essential;
  if (!issuer.organisation) {
    id_token[kNumberClaim] = essential;
    id_token[kPreviousNumberClaim] = nullptr;
  }
  return json::serialize(json::object{{"id_token", std::move(id_token)}});
}

std::string client_assertion(const policy::OidcIssuer& issuer, const crypto::SigningKey& key, UtcTime now) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
  const json::object claims{{"aud", issuer.token_endpoint},
                            {"exp", seconds + kClientAssertionLives.count()},
                            {"iat", seconds},
                            {"iss", issuer.client_id},
                            {"jti", random_text()},
                            {"sub", issuer.client_id}};
  const std::string kid = to_base64url(key.public_key().thumbprint());
  return crypto::sign_jws(key, "JWT", kid, as_bytes(crypto::canonical(claims))).value();
}

Error unavailable(std::string_view what) { return fail(ErrorCode::unavailable, "the issuer: " + std::string(what)); }

bool are_same(const std::vector<policy::OidcKey>& known, const std::vector<policy::PublishedKey>& published) {
  std::size_t at = 0;
  for (const policy::OidcKey& one : known) {
    if (one.gone) continue;
    if (at == published.size() || published[at].kid != one.kid || published[at].jwk != one.jwk) return false;
    ++at;
  }
  return at == published.size();
}

}  // namespace

IssuerAsked ask_issuer(const std::string& issuer, const std::string& redirect_uri) {
  return {issuer, random_text(), random_text(), redirect_uri};
}

std::string authorization_url(const policy::OidcIssuer& issuer, const IssuerAsked& asked, const crypto::Hash256& nonce,
                              const std::string& language, const std::string& message) {
  Parameters parameters{{"response_type", "code"},
                        {"client_id", issuer.client_id},
                        {"redirect_uri", asked.redirect_uri},
                        {"scope", "openid"},
                        {"state", asked.state},
                        {"nonce", to_base64url(nonce)},
                        {"code_challenge", to_base64url(crypto::sha256(as_bytes(asked.code_verifier)))},
                        {"code_challenge_method", "S256"},
                        {"claims", claims_asked_for(issuer)}};
  if (!issuer.acr.empty()) parameters.emplace_back("acr_values", joined(issuer.acr));
  if (!language.empty()) parameters.emplace_back("ui_locales", language);
  if (!message.empty()) {  // to sign: the user is verified anew, and sees what for
    parameters.emplace_back("prompt", "login");
    parameters.emplace_back("max_age", "0");
    const json::object shown{{"message", to_base64(as_bytes(message))}, {"mime_type", "text/plain"}};
    if (!issuer.organisation) parameters.emplace_back(kMessageParameter, json::serialize(shown));
  }
  const char* const glue = issuer.authorization_endpoint.find('?') == std::string::npos ? "?" : "&";
  return issuer.authorization_endpoint + glue + encoded(parameters);
}

HttpsRequest token_request(const policy::OidcIssuer& issuer, const IssuerAsked& asked, const std::string& code,
                           const crypto::SigningKey& key, UtcTime now) {
  const Parameters parameters{{"grant_type", "authorization_code"},
                              {"code", code},
                              {"redirect_uri", asked.redirect_uri},
                              {"client_id", issuer.client_id},
                              {"code_verifier", asked.code_verifier},
                              {"client_assertion_type", std::string(kAssertionType)},
                              {"client_assertion", client_assertion(issuer, key, now)}};
  return {issuer.token_endpoint, issuer.ca, encoded(parameters)};
}

// RFC 6749 sections 4.1.2.1 and 5.2, OpenID Connect Core section 3.1.2.6
std::string error_named(std::string_view said) {
  constexpr std::string_view kNames[] = {"access_denied",
                                         "account_selection_required",
                                         "consent_required",
                                         "interaction_required",
                                         "invalid_client",
                                         "invalid_grant",
                                         "invalid_request",
                                         "invalid_request_object",
                                         "invalid_request_uri",
                                         "invalid_scope",
                                         "login_required",
                                         "registration_not_supported",
                                         "request_not_supported",
                                         "request_uri_not_supported",
                                         "server_error",
                                         "temporarily_unavailable",
                                         "unauthorized_client",
                                         "unsupported_grant_type",
                                         "unsupported_response_type",
                                         "unmet_authentication_requirements"};
  const bool is_known = std::ranges::find(kNames, said) != std::end(kNames);
  return is_known ? "`" + std::string(said) + "`" : "an error of its own";
}

Result<std::string> id_token_in(const HttpsAnswer& answer) {
  const Result<json::value> body = parse_json(answer.body);
  if (answer.status == 400 || answer.status == 401) {
    const json::value* error = body && body->is_object() ? body->get_object().if_contains("error") : nullptr;
    const bool is_named = error && error->is_string();
    return fail(ErrorCode::denied,
                "the issuer: it refuses the code: " + (is_named ? error_named(error->get_string()) : error_named({})));
  }
  if (answer.status != 200) return unavailable("it answered " + std::to_string(answer.status));
  const json::value* token = body && body->is_object() ? body->get_object().if_contains("id_token") : nullptr;
  if (!token || !token->is_string()) return fail(ErrorCode::denied, "the issuer: an answer without an ID token");
  return std::string(token->get_string());
}

std::string client_key_set(const crypto::SigningKey& key) {
  json::value jwk = key.public_key().to_jwk();
  jwk.get_object()["kid"] = to_base64url(key.public_key().thumbprint());
  jwk.get_object()["use"] = "sig";
  jwk.get_object()["alg"] = crypto::jws_name(key.algorithm());
  return json::serialize(json::object{{"keys", json::array{std::move(jwk)}}});
}

Result<HttpsAnswer> OidcClient::ask(HttpsRequest request) const {
  request.cancellation = cancellation_;
  return fetch_(request);
}

Result<std::string> OidcClient::redeem(const policy::OidcIssuer& issuer, const IssuerAsked& asked,
                                       const std::string& code) {
  const Result<HttpsAnswer> answer = ask(token_request(issuer, asked, code, key_, core_.clock().wall()));
  if (!answer) return unavailable(answer.error().message);
  return id_token_in(*answer);
}

Result<policy::OidcIssuer> OidcClient::refresh_keys(const std::string& code, bool is_key_unknown) {
  const std::optional<policy::OidcIssuer> issuer = core_.directory().oidc_issuer(code);
  if (!issuer) return fail(ErrorCode::not_found, "the issuer: it is not registered");
  const auto now = core_.clock().steady();
  {
    std::lock_guard lock(mutex_);
    const auto last = fetched_.find(code);
    const bool is_fresh = last != fetched_.end() && now - last->second < kKeysOldAfter && !is_key_unknown;
    const bool is_too_soon = last != fetched_.end() && now - last->second < kLeastBetweenFetches;
    if (is_fresh || is_too_soon) return *issuer;
    fetched_[code] = now;
  }
  Result<policy::OidcIssuer> fetched = fetch_keys(*issuer);
  if (fetched) return fetched;
  spdlog::warn("the keys of the issuer `{}` could not be fetched: {}", code, fetched.error().message);
  std::lock_guard lock(mutex_);
  fetched_.erase(code);
  return *issuer;  // those that are known may still do
}

Result<policy::OidcIssuer> OidcClient::fetch_keys(const policy::OidcIssuer& issuer) {
  const HttpsAnswer answer = TRY(ask({issuer.jwks_uri, issuer.ca}));
  if (answer.status != 200) return unavailable("its keys: it answered " + std::to_string(answer.status));
  policy::ApplyOidcKeys act{issuer.code, {}};
  for (const auto& [kid, key] : TRY(crypto::parse_key_set(answer.body))) act.keys.push_back({kid, key.to_jwk()});
  if (are_same(issuer.keys, act.keys)) return issuer;
  Command command;
  command.actor = policy::SystemActor{};
  command.act = std::move(act);
  const CommandResult applied = core_.decide(std::move(command));
  if (applied.status != CommandStatus::decided || !applied.decision.is_permitted())
    return unavailable("its keys were not applied");
  const std::optional<policy::OidcIssuer> now = core_.directory().oidc_issuer(issuer.code);
  return now ? Result<policy::OidcIssuer>(*now) : unavailable("it is gone");
}

}  // namespace flikvakt::service
