// What a decision costs when many fullmakter stand, and what they take of memory.
#pragma once

#include "base/json.h"

namespace flikvakt::bench {

// Four fullmakter and one document a person. Microseconds of CPU a decision, over people in an order that no cache
// foresees: `permitted` and `refused` are the rules alone, `opening` is everything that the sequencer asks of policy/
// for one opening. `mib_per_million`: of resident memory, per million fullmakter alone.
json::object measure_decisions(std::size_t fullmakter, double seconds);

}  // namespace flikvakt::bench
