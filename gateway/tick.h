// Refusals leave on a fixed grid of the steady clock, so that their time says nothing of why (P6). What remains
// visible: a refusal that took longer than the margin may leave one tick later; the margin is chosen above the work of
// any refusal.
#pragma once

#include <chrono>

#include "gateway/async.h"

namespace flikvakt::gateway {

struct TickPolicy {
  std::chrono::milliseconds grid{50};
  std::chrono::milliseconds margin{20};
};

// The first grid point that is at least margin after arrival (of the last byte of the request) and not before now.
std::chrono::steady_clock::time_point release_time(std::chrono::steady_clock::time_point arrival,
                                                   std::chrono::steady_clock::time_point now, TickPolicy policy);

// Waits for it, on the calling coroutine's executor.
Awaitable<void> wait_for_tick(std::chrono::steady_clock::time_point arrival, TickPolicy policy);

// Pauses it, if there is anything to wait for.
Awaitable<void> wait_for(std::chrono::steady_clock::duration time);

}  // namespace flikvakt::gateway
