#include "gateway/await_command.h"

#include "gateway/await_callback.h"
#include "service/sent_act.h"

namespace flikvakt::gateway {

// Arguments are copied into what is awaited: no reference of a caller outlives its call.

Awaitable<service::CommandResult> decide(service::Core& core, service::Command command) {
  auto shared = std::make_shared<service::Command>(std::move(command));
  return await_callback<service::CommandResult>([&core, shared](std::function<void(service::CommandResult)> done) {
    service::perform(core, std::move(*shared), std::move(done));
  });
}

Awaitable<service::CommandResult> decide(service::Core& core, policy::Actor actor, policy::Act act) {
  service::Command command;
  command.actor = std::move(actor);
  command.act = std::move(act);
  return decide(core, std::move(command));
}

namespace {

using Opening = std::function<void(std::function<void(service::CommandResult)>)>;

// On the handler's thread: the sequencer's must not wait for a disk.
Awaitable<service::OpenResult> unseal_after(service::Core& core, Opening begin) {
  Awaitable<service::CommandResult> opening = await_callback<service::CommandResult>(std::move(begin));
  service::CommandResult decided = co_await std::move(opening);
  co_return service::unseal(core, std::move(decided));
}

}  // namespace

Awaitable<service::OpenResult> open_document(service::Core& core, const policy::StaffActor& reader,
                                             const DocumentId& document, const std::string& purpose) {
  return unseal_after(core, [&core, reader, document, purpose](std::function<void(service::CommandResult)> done) {
    service::open_document(core, reader, document, purpose, std::move(done));
  });
}

Awaitable<service::OpenResult> open_own_document(service::Core& core, const policy::PersonActor& person,
                                                 const DocumentId& document) {
  return unseal_after(core, [&core, person, document](std::function<void(service::CommandResult)> done) {
    service::open_own_document(core, person, document, std::move(done));
  });
}

}  // namespace flikvakt::gateway
