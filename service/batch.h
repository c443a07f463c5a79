// What the files of the sequencer share: a batch on its way from decided to answered. The sequencer's thread only.
#pragma once

#include "service/sequencer.h"

namespace flikvakt::service {

struct Sequencer::Applied {
  Command command;
  CommandResult result;
  policy::Outcome outcome;
  std::vector<store::EntryRow> entries;
  std::vector<store::StateRow> rows;
  std::vector<std::pair<policy::RowId, std::optional<policy::Row>>> before;  // what stood there, in order of change
};

struct Sequencer::Batch {
  CommitClock::Reading time;
  std::uint64_t next_index = 0;
  std::vector<Applied> applied;
  std::vector<store::StateRow> places;
  bool rights_change = false;
  bool narrows = false;
  bool changes_log_keys = false;
  std::string head;
  std::unique_ptr<LogSigners> signers;  // from this batch on, when its acts changed the log's keys

  bool writes(std::uint64_t log_size) const { return next_index != log_size; }  // false: repeats of old acts only
};

// What the gateway owes the log by itself.
inline Command of_gateway(policy::Act act) {
  Command out;
  out.actor = policy::SystemActor{};
  out.act = std::move(act);
  return out;
}

}  // namespace flikvakt::service
