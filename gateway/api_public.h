// What everyone may ask on both listeners: health, what this API is, and the log's checkpoint, keys, proofs and tiles.
#pragma once

#include <atomic>

#include "crypto/merkle.h"
#include "gateway/rate_limit.h"
#include "gateway/router.h"
#include "gateway/witnessed.h"
#include "service/core.h"

namespace flikvakt::gateway {

class PublicApi {
public:
  static constexpr std::size_t kMostWaitingProofs = 32;

  PublicApi(service::Core& core, RatePolicy proofs, RatePolicy tiles, AskWitnessed witnessed)
      : core_(core), witnessed_(std::move(witnessed)), proofs_(proofs), full_tiles_(tiles) {}
  void add_to(Router& router);

private:
  Awaitable<Response> health(Exchange& exchange);
  Awaitable<Response> api_info(Exchange& exchange);
  Awaitable<Response> checkpoint(Exchange& exchange);
  Awaitable<Response> consistency(Exchange& exchange);
  Awaitable<Response> inclusion(Exchange& exchange);
  Awaitable<Response> tile(Exchange& exchange);
  Awaitable<Response> shown_checkpoint(Exchange& exchange);
  Awaitable<Response> log_keys(Exchange& exchange);
  using Prove = Result<std::vector<crypto::MerkleHash>> (*)(service::Core&, std::uint64_t, std::uint64_t);
  Awaitable<Response> prove(Exchange& exchange, const char* first, const char* second, Prove prove);

  bool may_ask(RateLimiter& limiter, Exchange& exchange);
  // What `read` gives, on the log reader's thread; null, and nothing is read, when too many wait.
  template <class T>
  Awaitable<std::shared_ptr<Result<T>>> read_log(std::function<Result<T>()> read);

  service::Core& core_;
  const AskWitnessed witnessed_;
  RateLimiter proofs_;  // by source, as the next
  RateLimiter full_tiles_;
  std::atomic<std::size_t> waiting_ = 0;
};

}  // namespace flikvakt::gateway
