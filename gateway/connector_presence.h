// Which connectors are there, what waits with them, and when they last cosigned: for administrators, and for a monitor.
// Nothing of a person is in it.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "policy/registry.h"

namespace flikvakt::gateway {

// What a connector says of itself with each question.
struct ConnectorStatus {
  std::string version;
  std::uint64_t queued = 0;            // files that wait to be deposited
  std::uint64_t refused = 0;           // files in `refused/`
  std::optional<UtcTime> oldest;       // since when the oldest of those that wait does
  std::optional<std::string> witness;  // the key under which it cosigns: it has that duty
};
BOOST_DESCRIBE_STRUCT(ConnectorStatus, (), (version, queued, refused, oldest, witness))

struct ConnectorPresence {
  policy::Connector row;
  bool is_present = false;
  std::optional<UtcTime> seen;
  ConnectorStatus status;
  std::size_t calls_waiting = 0;
  std::optional<UtcTime> witnessed;  // when it last cosigned a checkpoint
  std::uint64_t witnessed_size = 0;
};

using AskConnectors = std::function<std::vector<ConnectorPresence>()>;  // from any thread; null: there are none

}  // namespace flikvakt::gateway
