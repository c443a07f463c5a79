// Asking for the own log, in whichever form: it is decided and logged first, then read beside the sequencer.
#pragma once

#include "service/core.h"

namespace flikvakt::service {

// `act`: the id of the act that asks, when who asks chose it (SPEC RCPT-14). `then` gets what came of that act, whose
// entry is the person's newest, on the thread of the log's reader. Errors: denied, unavailable, and those of `then`.
// `done` comes once, on any thread.
template <class T>
void after_own_log_is_read(Core& core, const policy::PersonActor& person, std::optional<ActId> act,
                           std::function<void(Result<T>)> done, std::function<Result<T>(const CommandResult&)> then) {
  Command command;
  command.act_id = act;
  command.actor = person;
  command.act = policy::ReadOwnLog{};
  command.done = [&core, done = std::move(done), then = std::move(then)](CommandResult result) {
    if (result.status == CommandStatus::unavailable)
      return done(fail(ErrorCode::unavailable, "the log cannot be read now"));
    if (!result.decision.is_permitted()) return done(fail(ErrorCode::denied, "this key may not read the log"));
    core.log_reader().post([result = std::move(result), done, then] { done(then(result)); });
  };
  core.sequencer().submit(std::move(command));
}

}  // namespace flikvakt::service
