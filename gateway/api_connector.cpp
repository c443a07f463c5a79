#include "gateway/api_connector.h"

#include <algorithm>

#include "gateway/api_answers.h"
#include "gateway/await_callback.h"
#include "gateway/await_command.h"
#include "gateway/problem.h"
#include "gateway/sealed_answer.h"
#include "service/handles.h"
#include "service/organisation_log.h"

namespace flikvakt::gateway {
namespace {

constexpr std::string_view kSealedType = "application/vnd.flikvakt.sealed";
constexpr std::string_view kSessionTarget = "/v1/connector/session";
constexpr std::string_view kEnrolTarget = "/v1/connector/enrolment";
constexpr std::string_view kCertificateHeader = "flikvakt-certificate";
constexpr std::size_t kMostKnown = 256;
constexpr std::size_t kLongestVersion = 64;
constexpr std::size_t kLongestReply = 64 * 1024;
constexpr std::size_t kLongestKey = 4096;  // a public key in PEM
constexpr std::chrono::minutes kEnrolledAgain{15};

struct PollBody {
  ConnectorStatus status;
  std::vector<RequestId> known;
  std::uint64_t wait_seconds = 0;
  std::optional<std::uint64_t> wanted;  // requests; none: as many as there are
  std::optional<HeardOf> after;
  std::optional<std::vector<RequestId>> working;  // none: nothing
};
BOOST_DESCRIBE_STRUCT(PollBody, (), (status, known, wait_seconds, wanted, after, working))

struct ReplyBody {
  std::string call;
  std::uint64_t status = 0;
  std::string body;
};
BOOST_DESCRIBE_STRUCT(ReplyBody, (), (call, status, body))

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

struct SessionBody {
  std::optional<std::string> nonce;
};
BOOST_DESCRIBE_STRUCT(SessionBody, (), (nonce))

Error malformed(std::string what) { return fail(ErrorCode::malformed, std::move(what)); }

Result<void> check_status(const ConnectorStatus& status) {
  if (status.version.size() > kLongestVersion) return malformed("`version`: too long");
  if (status.witness && status.witness->size() > 300) return malformed("`witness`: too long");
  return {};
}

// SPEC CONN-23: the source finds the document by the number; who calls this saw that it is open now (CONN-41).
std::optional<json::object> request_view(service::Core& core, const policy::SourceRequest& one) {
  const Result<std::string> person = service::handle_of(core, one.source, one.person);
  const std::optional<std::string> number = core.directory().newest_number(one.person);
  if (!person || !number) return std::nullopt;  // erased meanwhile
  json::object out{{"id", one.id.text()},
                   {"person", *person},
                   {"number", *number},
                   {"flik", one.flik},
                   {"purpose", one.purpose},
                   {"message", one.message},
                   {"organisation", one.organisation.text()},
                   {"asked", to_rfc3339(one.asked)},
                   {"opened", to_rfc3339(*one.opened)},
                   {"expires", to_rfc3339(one.expires)}};
  if (const auto asks = core.directory().row<policy::Organisation>(one.organisation)) out["name"] = asks->name;
  return out;
}

// SPEC CONN-66
void put_time(service::Core& core, json::object& answer) {
  const bool is_sure = core.sequencer().log_view().doubt == service::ClockDoubt::none;
  if (is_sure) answer["time"] = to_rfc3339(core.clock().wall());
}

json::object work_view(service::Core& core, const ConnectorHub::Work& work) {
  json::array requests, calls;
  for (const policy::SourceRequest& one : work.requests) {
    if (auto view = request_view(core, one)) requests.push_back(std::move(*view));
  }
  for (const ConnectorCall& one : work.calls) calls.push_back(to_json(one));
  json::object out{{"requests", std::move(requests)}, {"calls", std::move(calls)}};
  put_time(core, out);
  return out;
}

Awaitable<Response> answer(Response response) { co_return response; }

Response with_cause(Exchange& exchange, std::string cause, Response response) {
  exchange.set_cause(std::move(cause));
  return response;
}

// SPEC CONN-12: told to whoever showed a code, or a certificate, of a connector that stands.
Response enrolment_refused(Exchange& exchange, policy::Reason reason) {
  exchange.set_cause("enrolment: " + std::string(to_json(reason).as_string()));
  Response out = problem(403, "enrolment-refused", "Enrolment refused", "The member `reason` says why.");
  json::value body = parse_json(as_text(std::get<Bytes>(out.body))).value();
  body.get_object()["reason"] = to_json(reason);
  out.body = to_bytes(as_bytes(json::serialize(body)));
  return out;
}

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

struct LogPlace {
  std::optional<std::uint64_t> below;
  std::optional<std::uint64_t> above;
};

Result<LogPlace> log_place(const Exchange& exchange) {
  LogPlace out;
  const auto is_given = [&](std::string_view name) { return !exchange.request().query(name).empty(); };
  if (is_given("below") && is_given("above")) return malformed("`below` and `above`: one of them");
  if (is_given("below")) out.below = TRY(query_number(exchange, "below", std::nullopt));
  if (is_given("above")) out.above = TRY(query_number(exchange, "above", std::nullopt));
  return out;
}

json::object act_view(const service::OrganisationAct& act) {
  json::object out{{"entry", static_cast<std::int64_t>(act.entry)},
                   {"time", to_rfc3339(act.time)},
                   {"kind", audit::name_of(act.kind)},
                   {"staff", act.staff.text()}};
  if (act.outcome) out["outcome"] = audit::name_of(*act.outcome);
  return out;
}

}  // namespace

ConnectorApi::ConnectorApi(service::Core& core, const Authentication& authentication, ConnectorHub& hub,
                           ConnectorOptions options)
    : core_(core),
      authentication_(authentication),
      hub_(hub),
      options_(std::move(options)),
      polls_({20, 100, 100'000}),
      strangers_({2, 20}) {}

void ConnectorApi::add_to_organisations(Router& router) {
  const AccessRule certificate = AccessRule::organisation_certificate;
  router.add(Method::post, "/v1/connector/poll", certificate, whole_body(), [this](Exchange& e) { return poll(e); })
      .add(Method::post, "/v1/connector/replies", certificate, whole_body(2 * kLongestReply),
           [this](Exchange& e) { return reply(e); })
      .add(Method::post, "/v1/connector/certificates", certificate, whole_body(),
           [this](Exchange& e) { return renew(e); })
      .add(Method::get, "/v1/organisation-log", AccessRule::staff_assertion, no_body(),
           [this](Exchange& e) { return read_log(e); });
}

void ConnectorApi::add_to_persons(Router& router, const Router& inner) {
  router
      .add(Method::get, "/v1/seal-keys", AccessRule::public_info, no_body(),
           [this](Exchange&) { return answer(seal_keys()); })
      .add(Method::post, "/v1/sealed", AccessRule::signed_body, whole_body(crypto::kMaxSealedMessage),
           [this, &inner](Exchange& e) { return sealed(e, inner); });
}

void ConnectorApi::add_to_administrators(Router& router) {
  router
      .add(Method::get, "/v1/seal-keys", AccessRule::admin_socket, no_body(),
           [this](Exchange&) { return answer(seal_keys()); })
      .add(Method::get, "/v1/connectors", AccessRule::admin_socket, no_body(),
           [this](Exchange&) { return answer(presence()); });
}

std::optional<ConnectorCaller> ConnectorApi::caller_of(const Exchange& exchange) const {
  const auto& who = exchange.identity<OrganisationIdentity>();
  const service::Directory& directory = core_.directory();
  const std::optional<policy::Connector> row = directory.connector_of(who.certificate());
  const bool stands = row && row->standing == policy::Standing::active && row->assertion_key &&
                      directory.assertion_key(*row->assertion_key) &&
                      directory.is_certificate_good(who.certificate(), core_.clock().wall());
  if (!stands) return std::nullopt;
  return ConnectorCaller{row->id, row->organisation, who.certificate()};
}

// SPEC CONN-20
Awaitable<Response> ConnectorApi::poll(Exchange& exchange) {
  const std::optional<ConnectorCaller> caller = caller_of(exchange);
  if (!caller) co_return with_cause(exchange, "no connector's certificate", refusal());
  if (!polls_.allow(caller->id.text(), core_.clock().steady())) co_return too_many_requests();
  const Result<PollBody> body = read_json<PollBody>(exchange);
  if (!body) co_return not_accepted(exchange, body.error());
  const Result<void> fits = check_status(body->status);
  if (!fits) co_return not_accepted(exchange, fits.error());
  ConnectorHub::Asking asking;
  const auto known = std::span(body->known).first(std::min(body->known.size(), kMostKnown));
  asking.known.insert(known.begin(), known.end());
  if (body->working) {
    const auto working = std::span(*body->working).first(std::min(body->working->size(), kMostKnown));
    asking.working.insert(working.begin(), working.end());
  }
  asking.after = body->after;
  asking.wanted = static_cast<std::size_t>(
      std::min<std::uint64_t>(body->wanted.value_or(kMostKnown), ConnectorHub::kMostRequestsAtOnce));
  const auto patience = std::chrono::seconds(std::min<std::uint64_t>(body->wait_seconds, 55));
  Awaitable<ConnectorHub::Work> waiting = hub_.wait_for_work(*caller, body->status, std::move(asking), patience);
  const ConnectorHub::Work work = co_await std::move(waiting);
  // SPEC CONN-26: the wait may have been long.
  if (!caller_of(exchange)) co_return with_cause(exchange, "a connector that counts no more", refusal());
  co_return json_response(200, json::serialize(work_view(core_, work)));
}

// SPEC CONN-24
Awaitable<Response> ConnectorApi::reply(Exchange& exchange) {
  const std::optional<ConnectorCaller> caller = caller_of(exchange);
  if (!caller) co_return with_cause(exchange, "no connector's certificate", refusal());
  const Result<ReplyBody> body = read_json<ReplyBody>(exchange);
  if (!body) co_return not_accepted(exchange, body.error());
  if (body->body.size() > kLongestReply) co_return not_accepted(exchange, malformed("`body`: too long"));
  if (!hub_.take_reply(*caller, body->call, {body->status, body->body}))
    co_return with_cause(exchange, "nobody waits for that answer", plain_problem(409));
  co_return empty_response(204);
}

Result<policy::EnrolConnector> ConnectorApi::issue(const policy::Connector& connector, std::string_view public_key_pem,
                                                   std::string_view proof, crypto::Certificate& out) const {
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

json::object ConnectorApi::enrolled(const policy::Connector& connector, const crypto::Certificate& certificate,
                                    std::optional<crypto::SealKeyId> first) const {
  json::array keys, log_keys;
  std::vector<crypto::hpke::PublicKey> seal_keys;
  for (const auto& key : options_.seal_keys) seal_keys.push_back(crypto::hpke::public_of(*key));
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

// SPEC CONN-9
Awaitable<Response> ConnectorApi::renew(Exchange& exchange) {
  const auto& who = exchange.identity<OrganisationIdentity>();
  const std::optional<policy::Connector> connector = core_.directory().connector_of(who.certificate());
  const bool is_one = connector && connector->standing == policy::Standing::active;
  if (!is_one) co_return with_cause(exchange, "no connector's certificate", refusal());
  if (!strangers_.allow("renew " + connector->id.text(), core_.clock().steady())) co_return too_many_requests();
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

// SPEC CONN-60: a log reviewer's act, as the page is: decided and logged.
Awaitable<Response> ConnectorApi::read_log(Exchange& exchange) {
  const policy::StaffActor reviewer = exchange.identity<StaffIdentity>().actor();
  const Result<std::uint64_t> limit = query_number(exchange, "limit", service::kMostOrganisationActs);
  if (!limit) co_return not_accepted(exchange, limit.error());
  const Result<LogPlace> place = log_place(exchange);
  if (!place) co_return not_accepted(exchange, place.error());
  if (!polls_.allow("log " + reviewer.organisation.text(), core_.clock().steady(), 10)) co_return too_many_requests();
  using Page = std::shared_ptr<Result<service::OrganisationLogPage>>;
  const auto count = static_cast<std::uint32_t>(std::min<std::uint64_t>(*limit, service::kMostOrganisationActs));
  Awaitable<Page> reading = await_callback<Page>([this, reviewer, at = *place, count](std::function<void(Page)> done) {
    const auto give = [done](Result<service::OrganisationLogPage> page) {
      done(std::make_shared<Result<service::OrganisationLogPage>>(std::move(page)));
    };
    if (at.above) return service::follow_organisation_log(core_, reviewer, *at.above, count, give);
    service::read_organisation_log(core_, reviewer, {}, at.below, count, give);
  });
  const Page page = co_await std::move(reading);
  if (!*page) {
    if ((*page).error().code == ErrorCode::denied) co_return with_cause(exchange, page->error().message, refusal());
    co_return not_accepted(exchange, page->error());
  }
  json::array acts;
  for (const service::OrganisationAct& act : (*page)->acts) acts.push_back(act_view(act));
  json::object out{{"acts", std::move(acts)}, {"origin", core_.sequencer().origin()}};
  if ((*page)->next) out["next"] = static_cast<std::int64_t>(*(*page)->next);
  co_return json_response(200, json::serialize(out));
}

// ---- Sealed end to end

const crypto::hpke::PrivateKey* ConnectorApi::seal_key(const crypto::SealKeyId& id) const {
  for (const auto& key : options_.seal_keys) {
    if (crypto::seal_key_id(crypto::hpke::public_of(*key)) == id) return key.get();
  }
  return nullptr;
}

Response ConnectorApi::seal_keys() const {
  json::array keys;
  for (const auto& key : options_.seal_keys) keys.push_back(json::string(to_base64url(crypto::hpke::public_of(*key))));
  return json_response(200, json::serialize(json::object{{"keys", std::move(keys)}}));
}

// SPEC E2E-12: what is not sealed for us, and what nobody signed whom we know, is told apart from nothing.
Awaitable<Response> ConnectorApi::sealed(Exchange& exchange, const Router& inner) {
  const Bytes& message = exchange.request().body;
  if (exchange.request().header("content-type") != kSealedType)
    co_return not_accepted(exchange, fail(ErrorCode::invalid, "Content-Type: expected a sealed message"));
  const std::optional<crypto::SealKeyId> id = crypto::key_of_request(message);
  if (!id) co_return not_accepted(exchange, malformed("the body is no sealed message"));
  const crypto::hpke::PrivateKey* const key = seal_key(*id);
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
    Awaitable<Response> enrolling = enrol(exchange, std::move(*opened), *id);
    co_return co_await std::move(enrolling);
  }
  if (!strangers_.allow("sealed " + exchange.connection().source, core_.clock().steady(), signer ? 0 : 1))
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
std::optional<Response> ConnectorApi::open_session(const policy::Connector& connector, const Bytes& body) {
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
  if (!polls_.allow("session " + connector.id.text(), now, 5)) return too_many_requests();
  json::object session{{"session", sessions_.open(connector.id, now)}};
  put_time(core_, session);
  return json_response(201, json::serialize(session));
}

// SPEC E2E-40: what is asked is answered as on the organisations' listener, for who proved the connector's key in place
// of the certificate's.
Awaitable<Response> ConnectorApi::pass_on(Exchange& exchange, const policy::Connector& connector,
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

// SPEC CONN-5, CONN-6: the code is shown sealed, so that a proxy never sees it, by who holds the new keys.
Awaitable<Response> ConnectorApi::enrol(Exchange& exchange, crypto::OpenedRequest opened,
                                        crypto::SealKeyId sealed_for) {
  if (!strangers_.allow("enrol " + exchange.connection().source, core_.clock().steady())) co_return too_many_requests();
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
std::optional<json::object> ConnectorApi::enrolled_before(const policy::Connector& connector,
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

void ConnectorApi::keep_enrolled(const ConnectorId& connector, const policy::Fingerprint& key,
                                 const std::string& public_key, const json::object& answer) {
  const auto now = core_.clock().steady();
  const std::lock_guard lock(enrolled_mutex_);
  std::erase_if(enrolled_, [&](const auto& one) { return one.second.until <= now; });
  enrolled_.insert_or_assign(connector, Enrolled{key, public_key, answer, now + kEnrolledAgain});
}

// For administrators: no person, no document is in it.
Response ConnectorApi::presence() const {
  json::array out;
  for (const ConnectorPresence& one : hub_.presence()) {
    json::object view{{"id", one.row.id.text()},
                      {"organisation", one.row.organisation.text()},
                      {"name", one.row.name},
                      {"standing", to_json(one.row.standing)},
                      {"end_to_end", one.row.end_to_end},
                      {"enrolled", one.row.assertion_key.has_value()},
                      {"present", one.is_present},
                      {"queued", static_cast<std::int64_t>(one.status.queued)},
                      {"refused", static_cast<std::int64_t>(one.status.refused)},
                      {"version", one.status.version},
                      {"witness", one.status.witness.has_value()},
                      {"calls_waiting", static_cast<std::int64_t>(one.calls_waiting)}};
    if (one.seen) view["seen"] = to_rfc3339(*one.seen);
    if (one.status.oldest) view["oldest"] = to_rfc3339(*one.status.oldest);
    if (one.witnessed) {
      view["witnessed"] = to_rfc3339(*one.witnessed);
      view["witnessed_size"] = static_cast<std::int64_t>(one.witnessed_size);
    }
    out.push_back(std::move(view));
  }
  return json_response(200, json::serialize(json::object{{"connectors", std::move(out)}}));
}

}  // namespace flikvakt::gateway
