#include "gateway/api_public.h"

#include "gateway/api_answers.h"
#include "gateway/await_callback.h"
#include "gateway/problem.h"
#include "gateway/receipt_answers.h"
#include "gateway/waiting_place.h"
#include "service/log_key_statement.h"
#include "service/log_proofs.h"
#include "service/shown_checkpoint.h"

namespace flikvakt::gateway {
namespace {

Response proof_response(Exchange& exchange, const Result<std::vector<crypto::MerkleHash>>& proof) {
  if (!proof) {
    const bool is_ours = proof.error().code == ErrorCode::corrupt || proof.error().code == ErrorCode::io;
    const Error error = is_ours ? proof.error() : fail(ErrorCode::invalid, "the log has no such entries");
    return not_accepted(exchange, error);
  }
  json::array hashes;
  for (const crypto::MerkleHash& hash : *proof) hashes.push_back(json::string(to_base64(hash)));
  return json_response(200, json::serialize(json::object{{"hashes", std::move(hashes)}}));
}

Response last_word(Response response) {
  response.stands_when_locked = true;
  return response;
}

// SPEC WIT-30, WIT-31, WIT-33
Response response_to(Exchange& exchange, const Result<service::ShownVerdict>& verdict) {
  if (!verdict) return not_accepted(exchange, verdict.error());
  switch (*verdict) {
    case service::ShownVerdict::extended:
      return json_response(200, json::serialize(json::object{{"status", "extended"}}));
    case service::ShownVerdict::malformed:
      break;
    case service::ShownVerdict::unknown_log:
      return problem(404, "unknown-log", "Unknown log", "This is the checkpoint of another log.");
    case service::ShownVerdict::not_signed:
      return problem(403, "not-signed", "Not signed", "No key of the log signed this checkpoint whose word counts.");
    case service::ShownVerdict::contradicts:
      exchange.set_cause("a checkpoint under the log's own key that it does not extend");
      return last_word(problem(409, "log-forked", "Log forked",
                               "The log's own key signed this, and the log does not extend it. Keep it: nothing is "
                               "served here any more."));
  }
  return problem(400, "bad-request", "Bad request", "This is no signed checkpoint.");
}

Response too_many_wait(Exchange& exchange) {
  exchange.set_cause("too many proofs wait");
  return plain_problem(503);
}

}  // namespace

void PublicApi::add_to(Router& router) {
  const AccessRule everyone = AccessRule::public_info;
  router.add(Method::get, "/v1/health", everyone, no_body(), [this](Exchange& e) { return health(e); })
      .add(Method::get, "/v1/api-info", everyone, no_body(), [this](Exchange& e) { return api_info(e); })
      .add(Method::get, "/v1/log/checkpoint", everyone, no_body(), [this](Exchange& e) { return checkpoint(e); })
      .add(Method::get, "/v1/log/consistency", everyone, no_body(), [this](Exchange& e) { return consistency(e); })
      .add(Method::get, "/v1/log/inclusion", everyone, no_body(), [this](Exchange& e) { return inclusion(e); })
      .add(Method::get, "/v1/log/tile/{tile:rest}", everyone, no_body(), [this](Exchange& e) { return tile(e); })
      .add(Method::get, "/v1/log/keys", everyone, no_body(), [this](Exchange& e) { return log_keys(e); })
      .add(Method::post, "/v1/log/checkpoints", everyone, whole_body(),
           [this](Exchange& e) { return shown_checkpoint(e); });
}

// SPEC API-94
Awaitable<Response> PublicApi::health(Exchange&) {
  json::object body{{"status", "pass"}};
  if (witnessed_) {
    const Witnessed witnessed = witnessed_();
    if (witnessed.is_late) body["status"] = "warn";
    body["cosigned"] = cosigned_view(witnessed);
    body["readings"] = readings_view(witnessed);
  }
  if (core_.sequencer().doubts_rows()) {  // SPEC WIT-37
    body["status"] = "warn";
    body["readings"] = "refused";
  }
  co_return json_response(200, json::serialize(body));
}

// The national profile's description of an API.
Awaitable<Response> PublicApi::api_info(Exchange&) {
  const json::object body{{"apiName", "Flikvakt"},
                          {"apiVersion", FLIKVAKT_VERSION},
                          {"apiStatus", "beta"},
                          {"instance", core_.directory().instance().name}};
  co_return json_response(200, json::serialize(body));
}

// SPEC API-95
Awaitable<Response> PublicApi::checkpoint(Exchange&) {
  std::string note = witnessed_ ? witnessed_().checkpoint : "";
  if (note.empty()) note = core_.sequencer().checkpoint();
  co_return bytes_response(200, "text/plain; charset=utf-8", to_bytes(as_bytes(note)));
}

Awaitable<Response> PublicApi::consistency(Exchange& exchange) {
  return prove(exchange, "from", "to", &service::consistency_proof);
}

Awaitable<Response> PublicApi::inclusion(Exchange& exchange) {
  return prove(exchange, "index", "size", &service::inclusion_proof);
}

bool PublicApi::may_ask(RateLimiter& limiter, Exchange& exchange) {
  return limiter.allow(exchange.connection().source, core_.clock().steady());
}

template <class T>
Awaitable<std::shared_ptr<Result<T>>> PublicApi::read_log(std::function<Result<T>()> read, Turn turn) {
  const bool is_first = turn == Turn::first;
  const WaitingPlace place(is_first ? waiting_first_ : waiting_);
  if (place.is_beyond(is_first ? kMostWaitingSigned : kMostWaitingProofs)) co_return nullptr;
  using Read = std::shared_ptr<Result<T>>;
  Awaitable<Read> reading = await_callback<Read>([this, read, is_first](std::function<void(Read)> done) {
    const auto job = [read, done] { done(std::make_shared<Result<T>>(read())); };
    if (is_first)
      core_.log_reader().post_first(job);
    else
      core_.log_reader().post(job);
  });
  Read out = co_await std::move(reading);
  co_return out;
}

// SPEC API-91: anyone may ask, so it is slowed by source, and what waits is bounded and keeps no network thread busy.
Awaitable<Response> PublicApi::prove(Exchange& exchange, const char* first, const char* second, Prove proof_of) {
  if (!may_ask(proofs_, exchange)) co_return too_many_requests();
  const Result<std::uint64_t> a = query_number(exchange, first, std::nullopt);
  const Result<std::uint64_t> b = query_number(exchange, second, std::nullopt);
  if (!a || !b) co_return not_accepted(exchange, a ? b.error() : a.error());
  using Hashes = std::vector<crypto::MerkleHash>;
  std::function<Result<Hashes>()> read = [this, proof_of, from = *a, to = *b] { return proof_of(core_, from, to); };
  auto reading = read_log<Hashes>(std::move(read));
  const auto proof = co_await std::move(reading);
  if (!proof) co_return too_many_wait(exchange);
  co_return proof_response(exchange, *proof);
}

// SPEC API-92, API-93
Awaitable<Response> PublicApi::tile(Exchange& exchange) {
  const std::string path = "tile/" + exchange.text("tile");
  const bool is_partial = path.find(".p/") != path.npos;
  if (!may_ask(is_partial ? proofs_ : full_tiles_, exchange)) co_return too_many_requests();
  std::function<Result<Bytes>()> read = [this, path] { return service::tile(core_, path); };
  auto reading = read_log<Bytes>(std::move(read));
  const auto hashes = co_await std::move(reading);
  if (!hashes) co_return too_many_wait(exchange);
  if (!*hashes && hashes->error().code == ErrorCode::not_found) co_return plain_problem(404);
  if (!*hashes) co_return not_accepted(exchange, hashes->error());
  Response response = bytes_response(200, "application/octet-stream", std::move(**hashes));
  response.caching = Caching::forever;
  co_return response;
}

// SPEC WIT-30, WIT-38: whoever is in reach may show one. That of which no signature counts, and what the log was just
// found to extend, is slowed and bounded as a proof is (SPEC API-91); anything else may be the evidence, and waits
// behind neither.
Awaitable<Response> PublicApi::shown_checkpoint(Exchange& exchange) {
  const auto opened = service::open_shown_checkpoint(core_, as_text(exchange.request().body));
  const auto* shown = std::get_if<service::ShownCheckpoint>(&opened);
  const bool may_be_evidence = shown && shown->may_be_evidence() && !extended_.has(*shown);
  if (!may_ask(may_be_evidence ? signed_checkpoints_ : proofs_, exchange)) co_return too_many_requests();
  if (!shown) co_return response_to(exchange, std::get<service::ShownVerdict>(opened));
  std::function<Result<service::ShownVerdict>()> judge = [this, one = *shown] {
    return service::judge_shown_checkpoint(core_, one);
  };
  auto judging = read_log<service::ShownVerdict>(std::move(judge), may_be_evidence ? Turn::first : Turn::in_order);
  const auto verdict = co_await std::move(judging);
  if (!verdict) co_return too_many_wait(exchange);
  if (may_be_evidence && *verdict && **verdict == service::ShownVerdict::extended) extended_.add(*shown);
  co_return response_to(exchange, *verdict);
}

// SPEC LKEY-11: made of receipts, so it is slowed and bounded as a proof is.
Awaitable<Response> PublicApi::log_keys(Exchange& exchange) {
  if (!may_ask(proofs_, exchange)) co_return too_many_requests();
  std::function<Result<json::value>()> state = [this, cosigned = cosigned_note(witnessed_)] {
    return service::state_log_keys(core_, cosigned);
  };
  auto stating = read_log<json::value>(std::move(state));
  const auto keys = co_await std::move(stating);
  if (!keys) co_return too_many_wait(exchange);
  if (!*keys) co_return not_accepted(exchange, keys->error());
  co_return json_response(200, json::serialize(**keys));
}

}  // namespace flikvakt::gateway
