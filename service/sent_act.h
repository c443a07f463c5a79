// From what somebody sent to a command: the envelope of every state-changing act (spec/acts.md), the checks that need
// keys or certificates, and the keys an act may use up. Whether the act is permitted is decided later, in the
// sequencer.
#pragma once

#include "service/core.h"

namespace flikvakt::service {

// The payload of a signed act, or the body of a staff member's act. JSON as received, canonical when signed.
struct SentAct {
  ActId id;
  std::string audience;  // the instance's name
  UtcTime issued;
  UtcTime expires;  // at most 30 days after `issued`
  std::optional<std::uint64_t> seen_version;
  std::optional<RepresentativeId> representative = {};  // as whom the signer acts; none: for themselves
  json::value act;  // {"kind": …}; a person is named by handle where policy::Act has a blind index
};
BOOST_DESCRIBE_STRUCT(SentAct, (), (id, audience, issued, expires, seen_version, representative, act))

// SPEC ACT-56: from when on an act is not carried out any more: its own expiry, a day later when it narrows.
UtcTime carried_out_until(const SentAct& sent);
// When its receipt goes: then, but a day after it was decided at the earliest, and 31 days after it at the latest.
UtcTime receipt_goes_at(UtcTime carried_out_until, UtcTime decided);

// Makes keys durable before the command that may use them; its rows go into Command::prepared.
Result<std::vector<policy::KeyRow>> make_durable(const KeyRing& keys, const std::vector<NewKey>& made);
// For keys of a command that was not permitted: destroys those that no durable row knows.
void destroy_unused_keys(Core& core, const std::vector<policy::KeyRow>& rows);

// A command without `done`; nothing is written. Errors are about form only and tell nothing of people: malformed;
// invalid (audience, times, a text, key or certificate that is not what the act says of it). `evidence`: the bytes that
// were signed or sent. `namespace_of`: the organisation whose handles the act uses (the förbund's own for
// administrators).
Result<Command> make_command(Core& core, policy::Actor actor, const SentAct& sent, Bytes evidence,
                             const OrganisationId& namespace_of);

// Must the whole log be read for it? Only for the approval of a pruning against which nothing else speaks: what is not
// to be carried out is refused without. SPEC RET-8
bool takes_long_to_prepare(Core& core, const Command& command);
// Then: with the list of what a pruning leaves, worked out on a thread of its own, once for what waits as long as it
// would come out the same. When that cannot be had the act goes on without, and is refused. `then`: once, on whichever
// thread. unavailable: the log is being read for another one, or the gateway stops; nothing is decided.
void prepare_at_length(Core& core, Command command, std::function<void(Result<Command>)> then);

// Before a command is submitted: makes the keys that a proposal of a key may use up. False: the disk is full, and it is
// to be answered `unavailable`.
[[nodiscard]] bool prepare(Core& core, Command& command);
// Prepares, at length where it must, and submits.
void perform(Core& core, Command command, std::function<void(CommandResult)> done);

}  // namespace flikvakt::service
