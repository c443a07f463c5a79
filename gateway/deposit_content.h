// The bytes of a deposit: streamed into an encrypted object in constant memory, sealed when all of them are there.
#pragma once

#include "gateway/exchange.h"
#include "service/deposit.h"

namespace flikvakt::gateway {

Awaitable<Response> receive_deposit(service::Core& core, Exchange& exchange, policy::StaffActor depositor);

}  // namespace flikvakt::gateway
