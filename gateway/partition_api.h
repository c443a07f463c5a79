// Files that organisations have divided before they deposit the parts: what a file holds, which parts an order or a
// rule makes of it, what was found, and which of the parts may be deposited. Nothing of it is kept here but the hashes
// of the parts. spec/api.md, "Dividing a file".
#pragma once

#include <atomic>

#include "gateway/deposit_gate.h"
#include "gateway/exchange.h"

namespace flikvakt::gateway {

class PartitionApi {
public:
  static constexpr std::size_t kMostAtOnce = 2;  // files in memory

  PartitionApi(service::Core& core, DepositGate& gate) : core_(core), gate_(gate) {}

  // The body is an order's frame, the answer the child's (spec/partition.md, "Pipes").
  Awaitable<Response> divide(Exchange& exchange, policy::StaffActor staff);

private:
  service::Core& core_;
  DepositGate& gate_;
  std::atomic<std::size_t> running_ = 0;
};

}  // namespace flikvakt::gateway
