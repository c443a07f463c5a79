// Files that organisations have divided before they deposit the parts: what a file holds, which parts an order or a
// rule makes of it, what was found, and which of the parts may be deposited. Nothing of it is kept here but the hashes
// of the parts. spec/api.md, "Dividing a file".
#pragma once

#include "gateway/deposit_gate.h"
#include "gateway/exchange.h"
#include "gateway/source_limit.h"

namespace flikvakt::gateway {

class PartitionApi {
public:
  static constexpr std::size_t kMostAtOnce = 12;             // files in memory, as much of each as has come
  static constexpr std::size_t kMostOfOne = 2;               // organisation
  static constexpr std::size_t kBytesPerSecond = 64 * 1024;  // a file that comes more slowly than that is given up,
  static constexpr std::chrono::seconds kGrace{30};          // after so long

  PartitionApi(service::Core& core, DepositGate& gate) : core_(core), gate_(gate) {}

  // The body is an order's frame, the answer the child's (spec/partition.md, "Pipes").
  Awaitable<Response> divide(Exchange& exchange, policy::StaffActor staff);

private:
  service::Core& core_;
  DepositGate& gate_;
  SourceLimit files_{kMostAtOnce, kMostOfOne};
};

}  // namespace flikvakt::gateway
