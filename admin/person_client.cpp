#include "admin/person_client.h"

#include "crypto/associated_data.h"
#include "crypto/hash.h"
#include "crypto/labels.h"

namespace flikvakt::admin {
namespace {

constexpr std::string_view kExporterLabel = "EXPORTER-Channel-Binding";  // RFC 9266
constexpr std::size_t kExporterBytes = 32;

}  // namespace

Outcome<PersonClient> PersonClient::connect(const Profile& profile, crypto::SigningKey device_key,
                                            std::string representative) {
  HttpClient http(TRY(connect_tls(TRY(tls_options(profile)))), profile.server);
  std::string audience = TRY(check_gateway_name(http, profile));
  PersonClient client(std::move(http), std::move(audience), std::move(device_key), std::move(representative));
  TRY_VOID(client.open_session());
  return client;
}

// SPEC LOGV-32
std::string PersonClient::pseudonym() const {
  const crypto::SigningSeed seed = key_.seed();
  const auto label = crypto::AssociatedData(crypto::labels::kPersonPseudonym);
  const auto secret = crypto::hkdf_sha256(seed.expose(), {}, label.encoded());
  return to_hex(crypto::HmacSha256Key(secret.expose()).mac(as_bytes(audience_ + "\n" + representative_)));
}

Result<void> PersonClient::open_session() {
  const HttpResponse challenged = TRY(http_.send(post("/v1/session-challenges", json::object())));
  const json::value challenge = TRY(json_of(challenged));
  const json::value* text = challenge.is_object() ? challenge.get_object().if_contains("challenge") : nullptr;
  if (!text || !text->is_string()) return fail(ErrorCode::malformed, "the gateway gave no challenge");
  const Bytes binding = TRY(http_.stream().export_keying_material(kExporterLabel, kExporterBytes));
  const json::value signed_session = TRY(
      sign_session(key_, audience_, std::string(text->get_string()), binding, SystemClock().wall(), representative_));
  const HttpResponse opened = TRY(http_.send(post("/v1/sessions", signed_session)));
  TRY(json_of(opened));
  return {};
}

Result<json::value> PersonClient::overview() {
  const HttpResponse answer = TRY(http_.send(get("/v1/me")));
  return json_of(answer);
}

Result<json::value> PersonClient::catalogue() {
  const HttpResponse answer = TRY(http_.send(get("/v1/catalogue")));
  return json_of(answer);
}

Result<json::value> PersonClient::log(const std::string& query) {
  const HttpResponse answer = TRY(http_.send(get("/v1/me/log?" + query)));
  return json_of(answer);
}

Result<json::value> PersonClient::receipt(std::uint64_t entry) {
  const HttpResponse answer = TRY(http_.send(get("/v1/me/log/" + std::to_string(entry) + "/receipt")));
  return json_of(answer);
}

Result<json::value> PersonClient::log_receipts(std::optional<std::uint64_t> below, std::uint64_t limit,
                                               const AskingId& asking) {
  const std::string which = below ? "&below=" + std::to_string(*below) : "&asking=" + asking.text();
  const HttpResponse answer = TRY(http_.send(get("/v1/me/log/receipts?limit=" + std::to_string(limit) + which)));
  return json_of(answer);
}

Result<json::value> PersonClient::consistency(std::uint64_t from, std::uint64_t to) {
  const HttpResponse answer =
      TRY(http_.send(get("/v1/log/consistency?from=" + std::to_string(from) + "&to=" + std::to_string(to))));
  return json_of(answer);
}

Outcome<Fetched> PersonClient::fetch(const FetchOrder& order, const FetchSink& sink) {
  const HttpRequest request = TRY(fetch_request(order, "/v1/me/documents"));
  return admin::fetch(http_, request, sink);
}

Result<json::value> PersonClient::act(json::value act, std::optional<std::uint64_t> seen_version) {
  const ActEnvelope envelope =
      wrap_act(std::move(act), audience_, SystemClock().wall(), seen_version, std::nullopt, representative_);
  const json::value body = TRY(sign_act(key_, kPersonActType, envelope.body));
  const HttpResponse answer = TRY(http_.send(post("/v1/acts", body)));
  return json_of(answer);
}

Result<std::uint64_t> consent_version(const json::value& overview) {
  const json::object* object = overview.if_object();
  const json::value* version = object ? object->if_contains("consent_version") : nullptr;
  if (!version || !version->is_int64() || version->get_int64() < 0) {
    return fail(ErrorCode::malformed, "the overview names no `consent_version`");
  }
  return static_cast<std::uint64_t>(version->get_int64());
}

}  // namespace flikvakt::admin
