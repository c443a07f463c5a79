#include "gateway/sealed_door.h"

#include <algorithm>

#include "gateway/api_answers.h"
#include "gateway/problem.h"
#include "gateway/sealed_answer.h"

namespace flikvakt::gateway {
namespace {

constexpr std::string_view kSealedType = "application/vnd.flikvakt.sealed";
constexpr std::string_view kSessionTarget = "/v1/connector/session";
constexpr std::string_view kEnrolTarget = "/v1/connector/enrolment";
constexpr std::string_view kCertificateHeader = "flikvakt-certificate";

struct SessionBody {
  std::optional<std::string> nonce;
};
BOOST_DESCRIBE_STRUCT(SessionBody, (), (nonce))

Response unknown_session() { return problem(440, "unknown-session", "Unknown session", "Open a session first."); }

// The key of its messages, also when it counts no more; none: it never enrolled.
std::optional<crypto::Verifier> signer_of(const service::Directory& directory, const policy::Connector& connector) {
  if (!connector.assertion_key) return std::nullopt;
  if (const auto known = directory.assertion_key(*connector.assertion_key)) return known->verifier;
  const auto row = directory.row<policy::AssertionKey>(*connector.assertion_key);
  const Result<crypto::PublicKey> key =
      row ? crypto::PublicKey::from_jwk(row->jwk) : fail(ErrorCode::not_found, "no such key");
  return key ? std::optional(crypto::Verifier(*key)) : std::nullopt;
}

// Of a body that is there as a whole.
class GivenBody final : public BodyReader {
public:
  explicit GivenBody(BytesView bytes) : left_(bytes) {}
  Awaitable<Result<std::size_t>> read_body(std::span<std::uint8_t> out) override {
    const std::size_t count = std::min(out.size(), left_.size());
    std::copy_n(left_.begin(), count, out.begin());
    left_ = left_.subspan(count);
    co_return count;
  }

private:
  BytesView left_;
};

Result<Request> request_of(const crypto::SealedHead& head, const Bytes& body) {
  Request out;
  const std::optional<Method> method = parse_method(head.method);
  if (!method) return malformed("`method`: none that is known");
  out.method = *method;
  out.target = TRY(parse_target(head.target));
  for (const auto& [name, value] : head.headers) out.headers.emplace(name, value);
  out.content_length = body.size();
  return out;
}

}  // namespace

void SealedDoor::add_to_persons(Router& router, const Router& inner) {
  router
      .add(Method::get, "/v1/seal-keys", AccessRule::public_info, no_body(), [this](Exchange&) { return seal_keys(); })
      .add(Method::post, "/v1/sealed", AccessRule::signed_body, whole_body(crypto::kMaxSealedMessage),
           [this, &inner](Exchange& e) { return sealed(e, inner); });
}

void SealedDoor::add_to_administrators(Router& router) {
  router.add(Method::get, "/v1/seal-keys", AccessRule::admin_socket, no_body(),
             [this](Exchange&) { return seal_keys(); });
}

const crypto::hpke::RecipientKey* SealedDoor::seal_key(const crypto::SealKeyId& id) const {
  for (const auto& key : options_.seal_keys) {
    if (crypto::seal_key_id(key->public_key()) == id) return key.get();
  }
  return nullptr;
}

Awaitable<Response> SealedDoor::seal_keys() const {
  json::array keys;
  for (const auto& key : options_.seal_keys) keys.push_back(json::string(to_base64url(key->public_key())));
  co_return json_response(200, json::serialize(json::object{{"keys", std::move(keys)}}));
}

// SPEC E2E-12: what is not sealed for us, and what nobody signed whom we know, is told apart from nothing.
Awaitable<Response> SealedDoor::sealed(Exchange& exchange, const Router& inner) {
  const Bytes& message = exchange.request().body;
  if (exchange.request().header("content-type") != kSealedType)
    co_return not_accepted(exchange, fail(ErrorCode::invalid, "Content-Type: expected a sealed message"));
  const std::optional<crypto::SealKeyId> id = crypto::key_of_request(message);
  if (!id) co_return not_accepted(exchange, malformed("the body is no sealed message"));
  const crypto::hpke::RecipientKey* const key = seal_key(*id);
  if (key == nullptr) {  // SPEC E2E-7
    co_return with_cause(exchange, "sealed for a key that is not ours",
                         problem(421, "other-seal-key", "Sealed for another key",
                                 "The message is sealed for a key that this gateway does not have (any more)."));
  }
  Result<crypto::OpenedRequest> opened = crypto::open_request(message, *key);
  if (!opened) co_return with_cause(exchange, opened.error().message, refusal());
  const auto connector = core_.directory().row<policy::Connector>(opened->connector());
  const std::optional<crypto::Verifier> signer = connector ? signer_of(core_.directory(), *connector) : std::nullopt;
  // Copied: the claim below must not be read before a signature holds but for the target, which says what is asked.
  const Result<crypto::OpenedRequest::Claim> claim = opened->claim();
  const bool enrols = claim && claim->head.target == kEnrolTarget;
  if (enrols) {
    Awaitable<Response> enrolling = enrolment_.enrol(exchange, std::move(*opened), *id);
    co_return co_await std::move(enrolling);
  }
  if (!limits_.strangers.allow("sealed " + exchange.connection().source, core_.clock().steady(), signer ? 0 : 1))
    co_return too_many_requests();
  if (!signer || !connector) co_return with_cause(exchange, "sealed by nobody whom we know", refusal());
  const crypto::AnswerKey& answer_key = opened->answer();
  const auto seal = [&](Response response) { return sealed_answer(answer_key, std::move(response)); };
  crypto::OpenedRequest copy = *opened;
  Result<crypto::OpenedRequest::Verified> asked = std::move(copy).verify(*signer);
  if (!asked) co_return with_cause(exchange, asked.error().message, refusal());
  // From here on whoever asks is the connector, or was it, and nobody else can read the answer.
  const bool counts = connector->standing == policy::Standing::active &&
                      core_.directory().assertion_key(*connector->assertion_key).has_value();
  if (!counts)  // SPEC E2E-13: nothing else tells it that it was not the network
    co_return seal(with_cause(exchange, "sealed by a connector that counts no more", refusal()));
  if (!connector->end_to_end)  // SPEC E2E-3: never on one side alone
    co_return seal(with_cause(exchange, "end-to-end mode is not set for this connector",
                              problem(403, "end-to-end-not-set", "End-to-end mode is not set",
                                      "The administrators have not set end-to-end mode for this connector.")));
  if (asked->head.target == kSessionTarget) {
    std::optional<Response> session = open_session(*connector, asked->body);
    if (!session) co_return with_cause(exchange, "the opening of a session that came before", refusal());
    co_return seal(std::move(*session));
  }
  switch (sessions_.take(connector->id, asked->head.session, asked->head.number, core_.clock().steady())) {
    case SealedSessions::Verdict::fresh:
      break;
    case SealedSessions::Verdict::replayed:  // whoever replays cannot read it
      co_return with_cause(exchange, "a sealed message that came before", refusal());
    case SealedSessions::Verdict::unknown_session:
      co_return seal(unknown_session());
  }
  Awaitable<Response> passing = pass_on(exchange, *connector, std::move(*asked), inner);
  Response response = co_await std::move(passing);
  if (std::holds_alternative<DocumentBody>(response.body)) {
    Awaitable<Response> sealing = sealed_document(answer_key, std::move(response));
    co_return co_await std::move(sealing);
  }
  co_return seal(std::move(response));
}

// SPEC E2E-30: what was recorded of an opening opens nothing, and costs the connector nothing: neither a session nor
// its turn.
std::optional<Response> SealedDoor::open_session(const policy::Connector& connector, const Bytes& body) {
  const auto now = core_.clock().steady();
  const Result<SessionBody> said = body.empty() ? SessionBody() : parse_as<SessionBody>(as_text(body));
  if (!said) return plain_problem(400);
  if (!said->nonce) {
    json::object nonce{{"nonce", sessions_.nonce(connector.id, now)}};
    put_time(core_, nonce);
    return json_response(200, json::serialize(nonce));
  }
  switch (sessions_.use(connector.id, *said->nonce, now)) {
    case SealedSessions::Verdict::fresh:
      break;
    case SealedSessions::Verdict::replayed:
      return std::nullopt;
    case SealedSessions::Verdict::unknown_session:
      return unknown_session();
  }
  if (!limits_.polls.allow("session " + connector.id.text(), now, 5)) return too_many_requests();
  json::object session{{"session", sessions_.open(connector.id, now)}};
  put_time(core_, session);
  return json_response(201, json::serialize(session));
}

// SPEC E2E-40: what is asked is answered as on the organisations' listener, for who proved the connector's key in place
// of the certificate's.
Awaitable<Response> SealedDoor::pass_on(Exchange& exchange, const policy::Connector& connector,
                                        crypto::OpenedRequest::Verified asked, const Router& inner) {
  const auto named = asked.head.headers.find(std::string(kCertificateHeader));
  const Result<Bytes> bytes =
      named == asked.head.headers.end() ? malformed("no certificate is named") : from_hex(named->second);
  const Result<policy::Fingerprint> fingerprint = bytes ? to_array<32>(*bytes) : bytes.error();
  const auto certificate = fingerprint && connector.certificates.contains(*fingerprint)
                               ? core_.directory().row<policy::Certificate>(*fingerprint)
                               : std::nullopt;
  if (!certificate) co_return with_cause(exchange, "no certificate of this connector is named", refusal());
  Result<Request> request = request_of(asked.head, asked.body);
  if (!request) co_return not_accepted(exchange, request.error());
  std::variant<Router::Match, Response> routed = inner.match(request->method, request->target.segments);
  if (Response* none = std::get_if<Response>(&routed)) co_return std::move(*none);
  Router::Match match = std::get<Router::Match>(std::move(routed));
  if (request->content_length > match.endpoint->body.max_bytes) co_return plain_problem(413);
  GivenBody body(asked.body);
  if (match.endpoint->body.kind == BodyLimit::Kind::whole) request->body = asked.body;
  ConnectionContext connection(inner_connections_, 0);
  connection.listener = "sealed";
  connection.remote = exchange.connection().remote;
  connection.source = exchange.connection().source;
  connection.certificate_fingerprint = *fingerprint;
  authentication_.vouch_for(connection, *certificate);
  Exchange within(std::move(*request), connection, body);
  Awaitable<Response> running = inner.run(std::move(match), within);
  Response response = co_await std::move(running);
  exchange.set_cause(within.cause());
  co_return response;
}

}  // namespace flikvakt::gateway
