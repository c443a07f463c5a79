// What it costs the sequencer to withdraw the authorisation of a provider that many fullmakter name.
#pragma once

#include "base/json.h"

namespace flikvakt::bench {

// Microseconds of CPU, the median of `runs`. `withdraw_us`: evaluate the act and put its rows. `cut_us`: decide each
// running reading of the provider again; each must have been permitted before, and be refused now.
json::object measure_withdrawal(std::size_t fullmakter, std::size_t readings, int runs);

}  // namespace flikvakt::bench
