#include "gateway/await_command.h"

#include "gateway/errands.h"
#include "service/sent_act.h"

namespace flikvakt::gateway {
namespace {

// On the handler's thread: the sequencer's must not wait for a disk.
Awaitable<service::OpenResult> open(service::Core& core, service::Command opening) {
  Awaitable<service::CommandResult> decision = decide(core, std::move(opening));
  service::CommandResult decided = co_await std::move(decision);
  co_return service::unseal(core, std::move(decided));
}

}  // namespace

Awaitable<service::CommandResult> decide(service::Core& core, service::Command command) {
  if (!service::prepare(core, command)) co_return service::CommandResult{};
  Awaitable<Errands*> find = Errands::here();
  Errands* const errands = co_await std::move(find);
  Awaitable<service::CommandResult> decision = errands->decide(core.sequencer(), std::move(command));
  co_return co_await std::move(decision);
}

Awaitable<service::CommandResult> decide(service::Core& core, policy::Actor actor, policy::Act act) {
  service::Command command;
  command.actor = std::move(actor);
  command.act = std::move(act);
  return decide(core, std::move(command));
}

Awaitable<service::OpenResult> open_document(service::Core& core, const policy::StaffActor& reader,
                                             const DocumentId& document, const std::string& purpose) {
  return open(core, service::opening_of(reader, document, purpose));
}

Awaitable<service::OpenResult> open_own_document(service::Core& core, const policy::PersonActor& person,
                                                 const DocumentId& document) {
  return open(core, service::opening_of_own(person, document));
}

}  // namespace flikvakt::gateway
