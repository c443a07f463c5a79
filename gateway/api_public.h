// What everyone may ask on both listeners: health, what this API is, and the log's checkpoint, keys, proofs and tiles.
#pragma once

#include <atomic>

#include "crypto/merkle.h"
#include "gateway/rate_limit.h"
#include "gateway/recently_extended.h"
#include "gateway/router.h"
#include "gateway/witnessed.h"
#include "service/core.h"

namespace flikvakt::gateway {

class PublicApi {
public:
  static constexpr std::size_t kMostWaitingProofs = 32;
  static constexpr std::size_t kMostWaitingSigned = 8;

  PublicApi(service::Core& core, RatePolicy proofs, RatePolicy tiles, RatePolicy signed_checkpoints,
            AskWitnessed witnessed)
      : core_(core),
        witnessed_(std::move(witnessed)),
        proofs_(proofs),
        full_tiles_(tiles),
        signed_checkpoints_(signed_checkpoints) {}
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
  // What `read` gives, on the log reader's thread; null, and nothing is read, when too many wait. `first`: before
  // proofs and own logs, with a bound of its own.
  enum class Turn { in_order, first };
  template <class T>
  Awaitable<std::shared_ptr<Result<T>>> read_log(std::function<Result<T>()> read, Turn turn = Turn::in_order);

  service::Core& core_;
  const AskWitnessed witnessed_;
  RateLimiter proofs_;  // by source, as the next two
  RateLimiter full_tiles_;
  RateLimiter signed_checkpoints_;  // that may be evidence
  RecentlyExtended extended_;
  std::atomic<std::size_t> waiting_ = 0;
  std::atomic<std::size_t> waiting_first_ = 0;
};

}  // namespace flikvakt::gateway
