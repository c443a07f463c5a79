// API JSON in: requests of every door, through the real routers, authentication and sequencer of a small gateway. The
// input is a door, a request line and a body; a body that begins with `{"kind"` is an act: it is put into an envelope
// and signed by whoever stands at the door, so that what lies behind the signature is reached too.
#include <boost/asio/co_spawn.hpp>

#include "base/files.h"
#include "crypto/canonical_json.h"
#include "crypto/jws.h"
#include "gateway/api_routes.h"
#include "service/joint_act.h"
#include "service/log_filter.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/targets.h"
#include "tests/service/signed_world.h"

namespace flikvakt::fuzz {
namespace {

using namespace flikvakt::gateway;
using service::test::SignedWorld;

enum class Door { person, nurse, registrar, administrator };

// The body of one request, for endpoints that read it piece by piece.
class WholeBody final : public BodyReader {
public:
  explicit WholeBody(BytesView body) : body_(body) {}
  Awaitable<Result<std::size_t>> read_body(std::span<std::uint8_t> out) override {
    const std::size_t count = std::min(out.size(), body_.size());
    std::ranges::copy(body_.first(count), out.begin());
    body_ = body_.subspan(count);
    co_return count;
  }

private:
  BytesView body_;
};

struct Gateway {
  SignedWorld world;
  std::unique_ptr<ApiRoutes> routes;
  std::vector<crypto::Certificate> chain;  // of the nurse's organisation
  ConnectionRegistry connections;

  Gateway() {
    world.anna = world.enrol(world.anna.number);
    world.annas_fullmakt = world.sign(world.anna);
    const RatePolicy no_limit{1e9, 1e9, 10'000};
    crypto::TrustStore trust = world.pki->trust().value();
    routes = std::make_unique<ApiRoutes>(*world.core, ApiRoutes::Rates{no_limit, no_limit, no_limit, no_limit},
                                         std::move(trust), 0);
    const auto pem = read_file(world.folder.path() / "pki" / "region.pem", crypto::kMaxCertificateBytes).value();
    const std::string_view text = as_text(pem);
    constexpr std::string_view kEnd = "-----END CERTIFICATE-----\n";
    chain.push_back(crypto::Certificate::parse_pem(text.substr(0, text.find(kEnd) + kEnd.size())).value());
  }
  ~Gateway() { routes->finish(); }

  const Router& router(Door door) const {
    if (door == Door::administrator) return routes->administrators();
    return door == Door::person ? routes->persons() : routes->organisations();
  }
};

// As it would be sent, so that the audience, the times and the signature are right.
std::string sent(Gateway& gateway, Door door, const json::value& act) {
  SignedWorld& world = gateway.world;
  service::SentAct envelope;
  envelope.id = crypto::random_id<ActId>();
  envelope.audience = "test";
  envelope.issued = world.clock.wall();
  envelope.expires = world.clock.wall() + std::chrono::hours(1);
  if (door == Door::person) envelope.seen_version = world.version_of(world.anna);
  envelope.act = act;
  const std::string text = crypto::canonical(to_json(envelope));
  if (door == Door::nurse || door == Door::registrar) return text;
  const bool is_person = door == Door::person;
  const crypto::SigningKey& key = is_person ? world.anna.key : world.officials.front().key;
  const auto jws = crypto::sign_jws(key, is_person ? service::kPersonActJws : service::kAdministratorActJws,
                                    service::kid_of(key.public_key().thumbprint()), as_bytes(text));
  return jws ? flikvakt::to_text(json::object{{"jws", *jws}}) : text;
}

Request make_request(Gateway& gateway, Door door, Method method, Target target, std::string_view body) {
  Request request;
  request.method = method;
  request.target = std::move(target);
  const Result<json::value> act = body.starts_with("{\"kind\"") ? parse_json(body) : fail(ErrorCode::malformed, "");
  request.body = to_bytes(as_bytes(act ? sent(gateway, door, *act) : std::string(body)));
  request.content_length = request.body.size();
  request.headers["content-type"] = "application/json";
  if (door == Door::nurse) {
    request.headers["authorization"] = "Bearer " + gateway.world.assertion_for(gateway.world.nurse);
  }
  if (door == Door::registrar) {
    request.headers["authorization"] = "Bearer " + gateway.world.assertion_for(gateway.world.region_registrar);
  }
  return request;
}

Response answer(Gateway& gateway, Door door, Request request) {
  ConnectionContext connection(gateway.connections, 1);
  if (door == Door::administrator) connection.unix_peer = UnixPeer{};
  if (door == Door::nurse || door == Door::registrar) {
    connection.certificate_fingerprint = gateway.chain.front().sha256_fingerprint();
    connection.peer_chain = [&gateway] { return gateway.chain; };
  }
  connection.source = "192.0.2.1";
  const auto match = gateway.router(door).match(request.method, request.target.segments);
  if (const Response* none = std::get_if<Response>(&match)) return bytes_response(none->status, "text/plain", {});
  WholeBody body(request.body);
  Exchange exchange(std::move(request), connection, body);
  std::optional<Response> out;
  std::exception_ptr fault;
  asio::io_context context;
  asio::co_spawn(context, gateway.router(door).run(std::get<Router::Match>(match), exchange),
                 [&](std::exception_ptr thrown, Response response) {
                   fault = thrown;
                   out = std::move(response);
                 });
  context.run();  // until nobody holds on to it, the sequencer included
  if (fault) std::rethrow_exception(fault);
  claim(out.has_value(), "every request is answered");
  return std::move(*out);
}

void check(const Response& response) {
  claim(response.status >= 200 && response.status < 600 && response.status != 500,
        "no input is a fault of the gateway");
  const Bytes* body = std::get_if<Bytes>(&response.body);
  if (!body || body->empty() || response.headers.empty()) return;
  const std::string& type = response.headers.front().second;
  if (type.find("json") != std::string::npos)
    claim(parse_json(as_text(*body)).has_value(), "an answer in JSON is JSON");
}

// The filters of the own log lie behind a session, which nobody has here.
void check_filters(const TextMap& query) {
  for (const auto& [name, value] : query) {
    service::LogFilter filter;
    const bool is_set = filter.set(name, value).has_value();
    claim(is_set != filter.is_empty(), "a filter is set, or refused and left as it was");
  }
}

}  // namespace

void api(BytesView in) {
  static Gateway gateway;
  const Door door = static_cast<Door>(choose(in, 4));
  std::string_view text = as_text(in);
  const std::string_view line = take_line(text);
  const std::size_t space = line.find(' ');
  const std::optional<Method> method = parse_method(line.substr(0, space));
  if (!method || space == line.npos) return;
  Result<Target> target = parse_target(line.substr(space + 1));
  if (!target) return;
  check_filters(target->query);
  check(answer(gateway, door, make_request(gateway, door, *method, std::move(*target), text)));
}

}  // namespace flikvakt::fuzz
