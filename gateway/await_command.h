// From a handler's coroutine into the sequencer and back, on the handler's own thread.
#pragma once

#include "gateway/async.h"
#include "service/open_document.h"

namespace flikvakt::gateway {

Awaitable<service::CommandResult> decide(service::Core& core, service::Command command);

// A read or a listing: decided anew each time, so without evidence and idempotency.
Awaitable<service::CommandResult> decide(service::Core& core, policy::Actor actor, policy::Act act);

Awaitable<service::OpenResult> open_document(service::Core& core, const policy::StaffActor& reader,
                                             const DocumentId& document, const std::string& purpose);
Awaitable<service::OpenResult> open_own_document(service::Core& core, const policy::PersonActor& person,
                                                 const DocumentId& document);

}  // namespace flikvakt::gateway
