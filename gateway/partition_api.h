// Files that organisations have divided before they deposit the parts: what a file holds, which parts an order makes of
// it, what was found. Nothing of it is kept here. spec/api.md, "Dividing a file".
#pragma once

#include <atomic>
#include <boost/asio/thread_pool.hpp>

#include "gateway/exchange.h"
#include "partition/run_child.h"

namespace flikvakt::gateway {

class PartitionApi {
public:
  static constexpr std::size_t kMostAtOnce = 2;  // files in memory, and children beside the gateway

  // An empty path: nothing is divided here.
  explicit PartitionApi(partition::ChildProgram program) : program_(std::move(program)) {}

  // The body is an order's frame, the answer the child's (spec/partition.md, "Pipes").
  Awaitable<Response> divide(Exchange& exchange);

  void finish() { waiting_.join(); }  // waits for the children that run

private:
  const partition::ChildProgram program_;
  std::atomic<std::size_t> running_ = 0;
  boost::asio::thread_pool waiting_{kMostAtOnce};  // threads that wait for a child
};

}  // namespace flikvakt::gateway
