#include "gateway/api_public.h"

#include "gateway/api_answers.h"
#include "service/log_proofs.h"

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

}  // namespace

void PublicApi::add_to(Router& router) {
  const AccessRule everyone = AccessRule::public_info;
  router.add(Method::get, "/v1/health", everyone, no_body(), [this](Exchange& e) { return health(e); })
      .add(Method::get, "/v1/api-info", everyone, no_body(), [this](Exchange& e) { return api_info(e); })
      .add(Method::get, "/v1/log/checkpoint", everyone, no_body(), [this](Exchange& e) { return checkpoint(e); })
      .add(Method::get, "/v1/log/consistency", everyone, no_body(), [this](Exchange& e) { return consistency(e); })
      .add(Method::get, "/v1/log/inclusion", everyone, no_body(), [this](Exchange& e) { return inclusion(e); });
}

Awaitable<Response> PublicApi::health(Exchange&) { co_return json_response(200, R"({"status":"pass"})"); }

// The national profile's description of an API.
Awaitable<Response> PublicApi::api_info(Exchange&) {
  const json::object body{{"apiName", "Flikvakt"},       {"apiVersion", "1.0.0"},
                          {"apiReleased", "2026-11-22"}, {"apiDocumentation", "https://flikvakt.se/api/v1"},
                          {"apiStatus", "beta"},         {"instance", core_.directory().instance().name}};
  co_return json_response(200, json::serialize(body));
}

Awaitable<Response> PublicApi::checkpoint(Exchange&) {
  const std::string note = core_.sequencer().log_view().checkpoint;
  co_return bytes_response(200, "text/plain; charset=utf-8", to_bytes(as_bytes(note)));
}

Awaitable<Response> PublicApi::consistency(Exchange& exchange) {
  const Result<std::uint64_t> from = query_number(exchange, "from", std::nullopt);
  const Result<std::uint64_t> to = query_number(exchange, "to", std::nullopt);
  if (!from || !to) co_return not_accepted(exchange, from ? to.error() : from.error());
  co_return proof_response(exchange, service::consistency_proof(core_, *from, *to));
}

Awaitable<Response> PublicApi::inclusion(Exchange& exchange) {
  const Result<std::uint64_t> index = query_number(exchange, "index", std::nullopt);
  const Result<std::uint64_t> size = query_number(exchange, "size", std::nullopt);
  if (!index || !size) co_return not_accepted(exchange, index ? size.error() : index.error());
  co_return proof_response(exchange, service::inclusion_proof(core_, *index, *size));
}

}  // namespace flikvakt::gateway
