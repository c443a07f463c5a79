// The API of organisations: what their systems do for their staff. spec/api.md
#pragma once

#include <atomic>

#include "gateway/authentication.h"
#include "gateway/deposit_content.h"
#include "gateway/partition_api.h"
#include "gateway/rate_limit.h"
#include "gateway/witnessed.h"
#include "partition/limits.h"

namespace flikvakt::gateway {

class OrganisationApi {
public:
  static constexpr std::uint64_t kLargestDocument = partition::kMostInputBytes;  // more is not looked into
  static constexpr std::uint64_t kLargestChunk = 1024 * 1024;                    // bytes
  static constexpr std::size_t kMostWaitingReceipts = 32;

  // `keep_free`: bytes of the disk that deposits must leave.
  OrganisationApi(service::Core& core, DepositGate& gate, RatePolicy rate, RatePolicy narrowing,
                  std::uint64_t keep_free, AskWitnessed witnessed)
      : core_(core),
        witnessed_(std::move(witnessed)),
        limiter_(rate),
        narrowing_(narrowing),
        enrolments_({0.05, 50}),
        content_(core, gate, keep_free),
        partitions_(core, gate) {}
  void add_to(Router& router);
  void finish() { content_.finish(); }  // when the gate has finished

private:
  Handler limited(Handler handler);  // within the organisation's rate
  bool is_too_fast(const Exchange& exchange);

  Awaitable<Response> act(Exchange& exchange);
  Awaitable<Response> list_documents(Exchange& exchange);
  Awaitable<Response> read_document(Exchange& exchange);
  Awaitable<Response> read_on(Exchange& exchange);
  Awaitable<Response> list_fullmakter(Exchange& exchange);
  Awaitable<Response> receipt(Exchange& exchange);

  service::Core& core_;
  const AskWitnessed witnessed_;
  std::atomic<std::size_t> waiting_receipts_ = 0;
  RateLimiter limiter_;     // by organisation
  RateLimiter narrowing_;   // by staff member, so that nobody is slowed by a colleague
  RateLimiter enrolments_;  // of these, proposals of keys: each costs the key store two places until the next start
  DepositContent content_;
  PartitionApi partitions_;
};

}  // namespace flikvakt::gateway
