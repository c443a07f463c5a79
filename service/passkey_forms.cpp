#include "service/passkey_forms.h"

namespace flikvakt::service {
namespace {

constexpr std::size_t kMostAnswer = 64 * 1024;
constexpr int kTimeoutMilliseconds = 300'000;  // what Level 3 recommends

Error malformed(std::string_view what) { return fail(ErrorCode::malformed, "passkey: " + std::string(what)); }

Result<Bytes> bytes_in(const json::object& object, std::string_view name) {
  const json::value* found = object.if_contains(name);
  if (!found || !found->is_string()) return malformed("the answer lacks `" + std::string(name) + "`");
  return from_base64url(found->get_string());
}

struct Answer {
  json::object whole;
  json::object response;
};
Result<Answer> parse_answer(std::string_view text) {
  if (text.size() > kMostAnswer) return malformed("a long answer");
  json::value value = TRY(parse_json(text));
  json::object* whole = value.if_object();
  json::value* response = whole ? whole->if_contains("response") : nullptr;
  const json::value* type = whole ? whole->if_contains("type") : nullptr;
  if (!response || !response->is_object() || !type || *type != json::value("public-key"))
    return malformed("no answer of an authenticator");
  return Answer{*whole, response->get_object()};
}

json::array descriptors(const std::vector<Bytes>& ids) {
  json::array out;
  for (const Bytes& id : ids) out.push_back(json::object{{"type", "public-key"}, {"id", to_base64url(id)}});
  return out;
}

json::object parameters(int algorithm) { return {{"type", "public-key"}, {"alg", algorithm}}; }

}  // namespace

Result<PasskeyAnswer> parse_passkey_answer(std::string_view text) {
  const Answer answer = TRY(parse_answer(text));
  PasskeyAnswer out;
  out.credential_id = TRY(bytes_in(answer.whole, "rawId"));
  out.client_data = TRY(bytes_in(answer.response, "clientDataJSON"));
  out.authenticator_data = TRY(bytes_in(answer.response, "authenticatorData"));
  out.signature = TRY(bytes_in(answer.response, "signature"));
  return out;
}

Result<NewPasskeyAnswer> parse_new_passkey_answer(std::string_view text) {
  const Answer answer = TRY(parse_answer(text));
  NewPasskeyAnswer out;
  out.client_data = TRY(bytes_in(answer.response, "clientDataJSON"));
  out.attestation_object = TRY(bytes_in(answer.response, "attestationObject"));
  return out;
}

json::value request_options(const std::string& rp_id, const crypto::Hash256& challenge,
                            const std::vector<Bytes>& allowed) {
  return json::object{{"challenge", to_base64url(challenge)},
                      {"timeout", kTimeoutMilliseconds},
                      {"rpId", rp_id},
                      {"allowCredentials", descriptors(allowed)},
                      {"userVerification", "required"}};
}

// ES256 and EdDSA before RS256, which Windows Hello needs.
json::value creation_options(const std::string& rp_id, const crypto::Hash256& challenge, const Bytes& user,
                             const std::string& name, const std::vector<Bytes>& excluded) {
  return json::object{
      {"rp", json::object{{"id", rp_id}, {"name", "Flikvakt"}}},
      {"user", json::object{{"id", to_base64url(user)}, {"name", name}, {"displayName", name}}},
      {"challenge", to_base64url(challenge)},
      {"pubKeyCredParams", json::array{parameters(-7), parameters(-8), parameters(-257)}},
      {"timeout", kTimeoutMilliseconds},
      {"excludeCredentials", descriptors(excluded)},
      {"authenticatorSelection",
       json::object{{"residentKey", "required"}, {"requireResidentKey", true}, {"userVerification", "required"}}},
      {"attestation", "none"}};
}

}  // namespace flikvakt::service
