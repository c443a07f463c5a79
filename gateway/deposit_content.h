// The bytes of deposits: streamed into an encrypted object in constant memory; when all of them are there they pass the
// gate of hidden content and are sealed.
#pragma once

#include "gateway/deposit_gate.h"
#include "gateway/exchange.h"
#include "gateway/partial_uploads.h"
#include "gateway/running_uploads.h"

namespace flikvakt::gateway {

class DepositContent {
public:
  // `keep_free`: bytes of the disk that no deposit may take, since the log needs them.
  DepositContent(service::Core& core, DepositGate& gate, std::uint64_t keep_free)
      : core_(core), gate_(gate), keep_free_(keep_free) {}

  Awaitable<Response> receive(Exchange& exchange, policy::StaffActor depositor);

  // In pieces (spec/connector.md): one piece; and how far it has got.
  Awaitable<Response> receive_chunk(Exchange& exchange, policy::StaffActor depositor);
  Awaitable<Response> chunks(Exchange& exchange, policy::StaffActor depositor);

  // When the gate has finished: nothing more may be received.
  void finish() { partial_.clear(); }

private:
  Awaitable<Response> fill(Exchange& exchange, policy::StaffActor depositor, policy::Deposit deposit);
  Awaitable<Response> answer_closed(Exchange& exchange, policy::StaffActor depositor, DepositId id);
  Awaitable<Response> seal(Exchange& exchange, policy::Deposit deposit, service::Upload upload);
  Awaitable<Response> answer_sealed(Exchange& exchange, policy::StaffActor depositor, DepositId id);

  service::Core& core_;
  DepositGate& gate_;
  const std::uint64_t keep_free_;
  RunningUploads running_;
  PartialUploads partial_;
};

// A document that is sealed, to its depositor, whose first answer may be lost.
json::object sealed_body(const policy::Document& document, std::uint64_t entry);

// SPEC API-71, API-77: told to the depositor, since it is the depositor's own deposit. invalid: a media type that is
// not taken, or more bytes than are looked into.
Result<void> check_announced(const policy::DocumentFacts& facts);

}  // namespace flikvakt::gateway
