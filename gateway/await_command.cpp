#include "gateway/await_command.h"

#include "gateway/await_callback.h"
#include "service/sent_act.h"

namespace flikvakt::gateway {

// None of these is itself a coroutine: what is awaited lives in await_callback, arguments are copied into it.

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

Awaitable<service::OpenResult> open_document(service::Core& core, const policy::StaffActor& reader,
                                             const DocumentId& document, const std::string& purpose) {
  return await_callback<service::OpenResult>(
      [&core, reader, document, purpose](std::function<void(service::OpenResult)> done) {
        service::open_document(core, reader, document, purpose, std::move(done));
      });
}

Awaitable<service::OpenResult> open_own_document(service::Core& core, const policy::PersonActor& person,
                                                 const DocumentId& document) {
  return await_callback<service::OpenResult>([&core, person, document](std::function<void(service::OpenResult)> done) {
    service::open_own_document(core, person, document, std::move(done));
  });
}

}  // namespace flikvakt::gateway
