#include "gateway/tick.h"

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace flikvakt::gateway {

using Steady = std::chrono::steady_clock;

// SPEC HTTP-23
Steady::time_point release_time(Steady::time_point arrival, Steady::time_point now, TickPolicy policy) {
  const Steady::duration grid = policy.grid;
  const Steady::duration earliest = std::max(arrival + policy.margin, now).time_since_epoch();
  const auto ticks = (earliest + grid - Steady::duration(1)) / grid;
  return Steady::time_point(ticks * grid);
}

Awaitable<void> wait_for_tick(Steady::time_point arrival, TickPolicy policy) {
  const Executor executor = co_await asio::this_coro::executor_t{};
  asio::basic_waitable_timer<Steady, asio::wait_traits<Steady>, Executor> timer(executor);
  timer.expires_at(release_time(arrival, Steady::now(), policy));
  co_await timer.async_wait(asio::use_awaitable_t<Executor>{});
}

}  // namespace flikvakt::gateway
