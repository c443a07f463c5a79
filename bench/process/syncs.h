// How often this process made something durable. Counted in the calls themselves, SQLite's among them.
#pragma once

#include <cstdint>

namespace flikvakt::bench {

std::uint64_t syncs_so_far();

}  // namespace flikvakt::bench
