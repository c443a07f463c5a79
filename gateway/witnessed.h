// How the log stands with its witnesses, as whoever asks them tells. A value, and what of it goes out.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "base/json.h"
#include "base/time.h"

namespace flikvakt::gateway {

struct Witnessed {
  std::string checkpoint;           // the newest that enough witnesses cosigned; empty: none yet
  std::uint64_t size = 0;           // its
  std::optional<UtcTime> cosigned;  // when it was
  bool is_late = false;             // longer ago than it may be, or there is none yet
  bool is_doubted = false;          // so long ago that no document is opened, or there is none yet
};

using AskWitnessed = std::function<Witnessed()>;  // from any thread; null: no witness is asked

// {"size": 41, "time": "…"}; no time before the first.
json::object cosigned_view(const Witnessed& witnessed);
std::string_view readings_view(const Witnessed& witnessed);  // "opened", or "refused" while the log is doubted

}  // namespace flikvakt::gateway
