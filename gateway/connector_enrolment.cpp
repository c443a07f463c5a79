#include "gateway/connector_enrolment.h"

#include <algorithm>

#include "gateway/api_answers.h"
#include "gateway/await_command.h"
#include "gateway/problem.h"
#include "gateway/sealed_answer.h"

namespace flikvakt::gateway {
namespace {

constexpr std::size_t kLongestKey = 4096;  // a public key in PEM
constexpr std::chrono::minutes kEnrolledAgain{15};

struct RenewBody {
  std::string public_key;  // PEM
  std::string proof;       // base64url: by that key
};
BOOST_DESCRIBE_STRUCT(RenewBody, (), (public_key, proof))

struct EnrolBody {
  std::string code;  // base64url
  json::value jwk;
  std::string public_key;
  std::string proof;
};
BOOST_DESCRIBE_STRUCT(EnrolBody, (), (code, jwk, public_key, proof))

// SPEC CONN-12: told to whoever showed a code, or a certificate, of a connector that stands.
Response enrolment_refused(Exchange& exchange, policy::Reason reason) {
  exchange.set_cause("enrolment: " + std::string(to_json(reason).as_string()));
  Response out = problem(403, "enrolment-refused", "Enrolment refused", "The member `reason` says why.");
  json::value body = parse_json(as_text(std::get<Bytes>(out.body))).value();
  body.get_object()["reason"] = to_json(reason);
  out.body = to_bytes(as_bytes(json::serialize(body)));
  return out;
}

}  // namespace

void ConnectorEnrolment::add_to(Router& router) {
  router.add(Method::post, "/v1/connector/certificates", AccessRule::organisation_certificate, whole_body(),
             [this](Exchange& e) { return renew(e); });
}

Result<policy::EnrolConnector> ConnectorEnrolment::issue(const policy::Connector& connector,
                                                         std::string_view public_key_pem, std::string_view proof,
                                                         crypto::Certificate& out) const {
  const auto organisation = core_.directory().row<policy::Organisation>(connector.organisation);
  if (!organisation) return fail(ErrorCode::not_found, "the connector's organisation is gone");
  if (public_key_pem.size() > kLongestKey) return malformed("`public_key`: too long");
  // SPEC CONN-13
  const Result<crypto::PublicKey> key = crypto::PublicKey::from_pem(public_key_pem);
  if (!key || key->algorithm() != crypto::KeyAlgorithm::p256) return malformed("`public_key`: expected one of P-256");
  const Result<Bytes> signature = from_base64url(proof);
  if (!signature || !key->verify(crypto::text_of_key_proof(connector.id, public_key_pem), *signature))
    return malformed("`proof`: expected a signature by that key");
  const crypto::Certificate issuer = TRY(crypto::Certificate::parse_pem(options_.issuer_pem));
  out = TRY(options_.issue(public_key_pem, *organisation, connector));
  policy::EnrolConnector act;
  act.id = connector.id;
  act.certificate = out.sha256_fingerprint();
  act.issuer = issuer.sha256_fingerprint();
  act.serial = out.serial_hex();
  act.valid_from = out.not_before();
  act.valid_to = out.not_after();
  return act;
}

json::object ConnectorEnrolment::enrolled(const policy::Connector& connector, const crypto::Certificate& certificate,
                                          std::optional<crypto::SealKeyId> first) const {
  json::array keys, log_keys;
  std::vector<crypto::hpke::PublicKey> seal_keys;
  for (const auto& key : options_.seal_keys) seal_keys.push_back(key->public_key());
  if (first)  // SPEC CONN-6
    std::stable_partition(seal_keys.begin(), seal_keys.end(),
                          [&](const auto& key) { return crypto::seal_key_id(key) == *first; });
  for (const auto& key : seal_keys) keys.push_back(json::string(to_base64url(key)));
  const std::string origin = core_.sequencer().origin();
  if (const auto verifiers = core_.log_keys().signing_verifiers(origin)) {
    for (const audit::NoteVerifier& one : *verifiers) log_keys.push_back(json::string(one.text()));
  }
  return {{"gateway", core_.directory().instance().name},
          {"connector", connector.id.text()},
          {"organisation", connector.organisation.text()},
          {"staff", connector.staff.text()},
          {"name", connector.name},
          {"end_to_end", connector.end_to_end},
          {"certificate", certificate.pem()},
          {"issuer", options_.issuer_pem},
          {"trust", options_.trust_pem},
          {"api", options_.api_address},
          {"origin", origin},
          {"log_keys", std::move(log_keys)},
          {"seal_keys", std::move(keys)},
          {"valid_to", to_rfc3339(certificate.not_after())},
          {"time", to_rfc3339(core_.clock().wall())}};
}

// SPEC CONN-5, CONN-6: the code is shown sealed, so that a proxy never sees it, by who holds the new keys.
Awaitable<Response> ConnectorEnrolment::enrol(Exchange& exchange, crypto::OpenedRequest opened,
                                              crypto::SealKeyId sealed_for) {
  if (!limits_.strangers.allow("enrol " + exchange.connection().source, core_.clock().steady()))
    co_return too_many_requests();
  const crypto::AnswerKey answer_key = opened.answer();
  const auto seal = [&](Response response) { return sealed_answer(answer_key, std::move(response)); };
  const Result<crypto::OpenedRequest::Claim> claim = opened.claim();
  const Result<EnrolBody> body = claim ? parse_as<EnrolBody>(as_text(claim->body)) : Result<EnrolBody>(claim.error());
  if (!body) co_return seal(not_accepted(exchange, body.error()));
  const Result<crypto::PublicKey> key = crypto::PublicKey::from_jwk(body->jwk);
  if (!key) co_return seal(not_accepted(exchange, key.error()));
  const ConnectorId id = opened.connector();
  const auto verified = std::move(opened).verify(crypto::Verifier(*key));
  if (!verified) co_return seal(enrolment_refused(exchange, policy::Reason::credential_not_valid));
  const Result<Bytes> code = from_base64url(body->code);
  const auto connector = core_.directory().row<policy::Connector>(id);
  const policy::Fingerprint shown = code ? crypto::sha256(*code) : policy::Fingerprint{};
  if (!code || !connector || connector->code != shown)
    co_return seal(enrolment_refused(exchange, policy::Reason::credential_not_valid));
  if (const std::optional<json::object> before = enrolled_before(*connector, key->thumbprint(), body->public_key))
    co_return seal(json_response(201, json::serialize(*before)));
  crypto::Certificate certificate = crypto::Certificate::parse_pem(options_.issuer_pem).value();
  Result<policy::EnrolConnector> act = issue(*connector, body->public_key, body->proof, certificate);
  if (!act) co_return seal(not_accepted(exchange, act.error()));
  act->code = shown;
  act->jwk = key->to_jwk();
  act->thumbprint = key->thumbprint();
  Awaitable<service::CommandResult> decision = decide(core_, policy::SystemActor{}, *act);
  const service::CommandResult result = co_await std::move(decision);
  if (result.status != service::CommandStatus::decided) co_return seal(plain_problem(503));
  if (!result.decision.is_permitted()) co_return seal(enrolment_refused(exchange, result.decision.reason));
  sessions_.forget(id);
  const json::object answer = enrolled(*connector, certificate, sealed_for);
  keep_enrolled(id, *act->thumbprint, body->public_key, answer);
  co_return seal(json_response(201, json::serialize(answer)));
}

// SPEC CONN-5: the same again changes nothing, and only who enrolled can read it.
std::optional<json::object> ConnectorEnrolment::enrolled_before(const policy::Connector& connector,
                                                                const policy::Fingerprint& key,
                                                                const std::string& public_key) {
  const bool stands =
      connector.standing == policy::Standing::active && connector.is_code_used && connector.assertion_key == key;
  const std::lock_guard lock(enrolled_mutex_);
  const auto found = enrolled_.find(connector.id);
  const bool is_same = stands && found != enrolled_.end() && found->second.key == key &&
                       found->second.public_key == public_key && core_.clock().steady() < found->second.until;
  if (!is_same) return std::nullopt;
  json::object out = found->second.answer;
  out["time"] = to_rfc3339(core_.clock().wall());
  return out;
}

void ConnectorEnrolment::keep_enrolled(const ConnectorId& connector, const policy::Fingerprint& key,
                                       const std::string& public_key, const json::object& answer) {
  const auto now = core_.clock().steady();
  const std::lock_guard lock(enrolled_mutex_);
  std::erase_if(enrolled_, [&](const auto& one) { return one.second.until <= now; });
  enrolled_.insert_or_assign(connector, Enrolled{key, public_key, answer, now + kEnrolledAgain});
}

// SPEC CONN-9
Awaitable<Response> ConnectorEnrolment::renew(Exchange& exchange) {
  const auto& who = exchange.identity<OrganisationIdentity>();
  const std::optional<policy::Connector> connector = core_.directory().connector_of(who.certificate());
  const bool is_one = connector && connector->standing == policy::Standing::active;
  if (!is_one) co_return with_cause(exchange, "no connector's certificate", refusal());
  if (!limits_.strangers.allow("renew " + connector->id.text(), core_.clock().steady())) co_return too_many_requests();
  const Result<RenewBody> body = read_json<RenewBody>(exchange);
  if (!body) co_return not_accepted(exchange, body.error());
  crypto::Certificate certificate = exchange.connection().peer_chain().empty()
                                        ? crypto::Certificate::parse_pem(options_.issuer_pem).value()
                                        : exchange.connection().peer_chain().front();
  Result<policy::EnrolConnector> act = issue(*connector, body->public_key, body->proof, certificate);
  if (!act) co_return not_accepted(exchange, act.error());
  act->under = who.certificate();
  Awaitable<service::CommandResult> decision = decide(core_, policy::SystemActor{}, *act);
  const service::CommandResult result = co_await std::move(decision);
  if (result.status != service::CommandStatus::decided) co_return plain_problem(503);
  if (!result.decision.is_permitted()) co_return enrolment_refused(exchange, result.decision.reason);
  co_return json_response(201, json::serialize(enrolled(*connector, certificate, std::nullopt)));
}

}  // namespace flikvakt::gateway
