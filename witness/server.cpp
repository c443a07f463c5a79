#include "witness/server.h"

#include "base/json.h"
#include "gateway/http_server.h"
#include "gateway/problem.h"

namespace flikvakt::witness {
namespace {

using gateway::Awaitable;
using gateway::Exchange;
using gateway::Response;

Response text_response(unsigned status, std::string_view content_type, std::string_view text) {
  return gateway::bytes_response(status, content_type, to_bytes(as_bytes(text)));
}

// SPEC WIT-16
Response stopped_response(const Answer& answer) {
  Response response = gateway::problem(403, "log-stopped", "Log stopped",
                                       "The log has forked, and this witness does not cosign it any more.");
  json::value body = parse_json(as_text(std::get<Bytes>(response.body))).value();
  body.get_object()["checkpoints"] = json::array(answer.contradicting.begin(), answer.contradicting.end());
  response.body = to_bytes(as_bytes(json::serialize(body)));
  return response;
}

// SPEC WIT-2 to WIT-9, WIT-14
Response response_to(const Answer& answer) {
  switch (answer.kind) {
    case Answer::Kind::cosigned:
      return text_response(200, "text/plain; charset=utf-8", answer.cosignatures);
    case Answer::Kind::malformed:
      return gateway::problem(400, "bad-request", "Bad request", "This is no checkpoint that grows from an old size.");
    case Answer::Kind::unknown_log:
      return gateway::problem(404, "unknown-log", "Unknown log", "This witness does not know the log of that origin.");
    case Answer::Kind::not_signed:
      return gateway::problem(403, "not-signed", "Not signed", "No known key of the log signed the checkpoint.");
    case Answer::Kind::conflict:
      return text_response(409, "text/x.tlog.size", std::to_string(answer.size) + "\n");
    case Answer::Kind::not_proven:
      return gateway::problem(422, "not-proven", "Not proven", "The consistency proof does not hold.");
    case Answer::Kind::stopped:
      return stopped_response(answer);
    case Answer::Kind::unavailable:
      break;
  }
  return gateway::plain_problem(503);
}

// Whoever runs the witness looks here: 200 when every log is cosigned, else 503.
Response health_of(const std::vector<Witness::Status>& logs) {
  json::array out;
  bool is_well = true;
  for (const Witness::Status& log : logs) {
    out.push_back(json::object{{"origin", log.origin}, {"size", log.size}, {"stopped", log.is_stopped}});
    is_well = is_well && !log.is_stopped;
  }
  const json::object body{{"status", is_well ? "pass" : "fail"}, {"logs", std::move(out)}};
  return gateway::json_response(is_well ? 200 : 503, json::serialize(body));
}

Awaitable<std::optional<Response>> let_everyone_in(Exchange&, gateway::AccessRule) { co_return std::nullopt; }

}  // namespace

struct WitnessServer::State {
  State(Witness& opened, const Options& options) : witness(opened), router(let_everyone_in), http(options.threads) {
    const auto everyone = gateway::AccessRule::public_info;
    router
        .add(gateway::Method::post, "/add-checkpoint", everyone, gateway::whole_body(audit::kMostAddCheckpointBytes),
             [this](Exchange& e) { return add_checkpoint(e); })
        .add(gateway::Method::get, "/health", everyone, gateway::no_body(), [this](Exchange& e) { return health(e); });
  }

  // The write to the disk holds this thread up, which the few who ask a witness can bear.
  Awaitable<Response> add_checkpoint(Exchange& exchange) {
    co_return response_to(witness.add_checkpoint(as_text(exchange.request().body)));
  }
  Awaitable<Response> health(Exchange&) { co_return health_of(witness.status()); }

  Result<void> listen(const Options& options) {
    if (options.certificate.empty()) {
      port = TRY(http.listen_plain("witness", options.address, router));
      return {};
    }
    crypto::ServerContext tls = TRY(crypto::ServerContext::for_persons(options.certificate, options.key));
    port = TRY(http.listen_tls("witness", options.address, std::move(tls), router));
    return {};
  }

  Witness& witness;
  gateway::Router router;
  std::uint16_t port = 0;
  gateway::HttpServer http;  // last: its threads use the router
};

WitnessServer::WitnessServer(std::unique_ptr<State> state) : state_(std::move(state)) {}
WitnessServer::~WitnessServer() { stop(std::chrono::milliseconds(0)); }

Result<std::unique_ptr<WitnessServer>> WitnessServer::open(Witness& witness, const Options& options) {
  auto state = std::make_unique<State>(witness, options);
  TRY_VOID(state->listen(options));
  return std::unique_ptr<WitnessServer>(new WitnessServer(std::move(state)));
}

void WitnessServer::start() { state_->http.start(); }
void WitnessServer::stop(std::chrono::milliseconds grace) { state_->http.stop(grace); }
std::uint16_t WitnessServer::port() const { return state_->port; }

}  // namespace flikvakt::witness
