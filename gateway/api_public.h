// What everyone may ask on both listeners: health, what this API is, and the log's checkpoint and proofs.
#pragma once

#include <atomic>

#include "crypto/merkle.h"
#include "gateway/rate_limit.h"
#include "gateway/router.h"
#include "service/core.h"

namespace flikvakt::gateway {

class PublicApi {
public:
  static constexpr std::size_t kMostWaitingProofs = 32;

  PublicApi(service::Core& core, RatePolicy proofs) : core_(core), limiter_(proofs) {}
  void add_to(Router& router);

private:
  Awaitable<Response> health(Exchange& exchange);
  Awaitable<Response> api_info(Exchange& exchange);
  Awaitable<Response> checkpoint(Exchange& exchange);
  Awaitable<Response> consistency(Exchange& exchange);
  Awaitable<Response> inclusion(Exchange& exchange);
  using Prove = Result<std::vector<crypto::MerkleHash>> (*)(service::Core&, std::uint64_t, std::uint64_t);
  Awaitable<Response> prove(Exchange& exchange, const char* first, const char* second, Prove prove);

  service::Core& core_;
  RateLimiter limiter_;  // of proofs, by source
  std::atomic<std::size_t> waiting_ = 0;
};

}  // namespace flikvakt::gateway
