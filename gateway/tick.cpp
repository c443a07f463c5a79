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

namespace {

Awaitable<void> wait_until(Steady::time_point time) {
  const Executor executor = co_await asio::this_coro::executor_t{};
  asio::basic_waitable_timer<Steady, asio::wait_traits<Steady>, Executor> timer(executor);
  timer.expires_at(time);
  co_await timer.async_wait(asio::use_awaitable_t<Executor>{});
}

}  // namespace

Awaitable<void> wait_for_tick(Steady::time_point arrival, TickPolicy policy) {
  return wait_until(release_time(arrival, Steady::now(), policy));
}

Awaitable<void> wait_for(Steady::duration time) {
  if (time <= Steady::duration::zero()) co_return;
  Awaitable<void> wait = wait_until(Steady::now() + time);
  co_await std::move(wait);
}

}  // namespace flikvakt::gateway
