// The bytes of deposits: streamed into an encrypted object in constant memory, sealed when all of them are there.
#pragma once

#include <boost/asio/thread_pool.hpp>

#include "gateway/exchange.h"
#include "gateway/running_uploads.h"
#include "service/deposit.h"

namespace flikvakt::gateway {

class DepositContent {
public:
  // `keep_free`: bytes of the disk that no deposit may take, since the log needs them.
  DepositContent(service::Core& core, std::uint64_t keep_free) : core_(core), keep_free_(keep_free) {}

  Awaitable<Response> receive(Exchange& exchange, policy::StaffActor depositor);

  // Waits for what is being made durable. After it nothing more may be received.
  void finish() { waiting_.join(); }

private:
  Awaitable<Response> fill(Exchange& exchange, policy::StaffActor depositor, policy::Deposit deposit);
  Awaitable<Response> answer_closed(Exchange& exchange, policy::StaffActor depositor, DepositId id);
  Awaitable<Response> seal(Exchange& exchange, service::Upload upload);

  service::Core& core_;
  const std::uint64_t keep_free_;
  RunningUploads running_;
  boost::asio::thread_pool waiting_{2};  // threads that may wait for the disk
};

}  // namespace flikvakt::gateway
