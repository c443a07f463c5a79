// How the log stands with its witnesses, as whoever asks them tells. A value.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "base/time.h"

namespace flikvakt::gateway {

struct Witnessed {
  std::string checkpoint;           // the newest that enough witnesses cosigned; empty: none yet
  std::uint64_t size = 0;           // its
  std::optional<UtcTime> cosigned;  // when it was
  bool is_late = false;             // longer ago than it may be
  bool is_doubted = false;          // so long ago that no document is opened
};

using AskWitnessed = std::function<Witnessed()>;  // from any thread; null: no witness is asked

}  // namespace flikvakt::gateway
