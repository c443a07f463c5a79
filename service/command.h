// What goes into the sequencer and what comes out.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "crypto/hash.h"
#include "policy/evaluate.h"

namespace flikvakt::service {

class LoggedPermit;

// What proves a state-changing act and makes a repeat of it recognisable.
struct ActEvidence {
  ActId id;                   // chosen by the actor
  UtcTime carried_out_until;  // sent_act.h
  Bytes bytes;                // exactly what was signed or sent; kept in the act record
  crypto::Hash256 hash{};     // SHA-256 of `bytes`
  std::string assertion{};    // of staff: their organisation's word for who they are, as it came
};

enum class CommandStatus {
  decided,      // in the log; see `decision`
  repeated,     // the very same act was decided before: `decision` and `entry` are those of then
  conflict,     // another act under the same id: nothing happened
  expired,      // the act's time has passed: nothing happened
  unavailable,  // certain not to have happened: disk full, stopping, or locked
};
BOOST_DESCRIBE_ENUM(CommandStatus, decided, repeated, conflict, expired, unavailable)

struct CommandResult {
  CommandStatus status = CommandStatus::unavailable;
  policy::Decision decision;
  std::uint64_t entry = 0;           // index of its (first) log entry
  UtcTime time;                      // of that entry
  std::uint64_t person_entries = 0;  // how many the (last) person concerned has, those of this act included
  policy::Answer answer;
  std::shared_ptr<const LoggedPermit> permit;  // of a permitted opening
};

// Where the answers to one worker's commands go, so that several of a batch come as one delivery. Called on the
// sequencer's thread; neither function may block. end_delivery always follows begin_delivery, also when an answer
// throws. Answers outside a batch (no room, stopping) come without either, and on any thread.
class Mailbox {
public:
  virtual ~Mailbox() = default;
  virtual void begin_delivery() noexcept = 0;  // the next answers need not be announced one by one
  virtual void end_delivery() noexcept = 0;
};

struct Command {
  policy::Actor actor;
  policy::Act act;
  std::optional<ActEvidence> evidence;  // of acts that change state; none for reads and the gateway's own acts
  std::optional<std::uint64_t> seen_version;
  std::optional<ActId> act_id;  // in the log, of an act without evidence; else the reading's, or a random one
  policy::Prepared prepared;
  // Called once, on the sequencer's thread, after the entry is durable. Must not block: post to your own executor.
  std::function<void(CommandResult)> done;
  std::shared_ptr<Mailbox> mailbox = nullptr;  // that `done` puts the answer into, when it belongs to one
};

}  // namespace flikvakt::service
