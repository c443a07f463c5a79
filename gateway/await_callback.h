// Awaits something that answers through a callback from any thread, such as a command to the sequencer.
#pragma once

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <functional>
#include <memory>
#include <utility>

#include "gateway/async.h"

namespace flikvakt::gateway {

// `start` is called once, on this coroutine's thread, with a callback to be called at most once, from any thread (also
// at once, inside start). The coroutine goes on on its own thread. Nothing that start captures may live in the same
// full expression as the co_await: name the awaitable first.
template <class T>
Awaitable<T> await_callback(std::function<void(std::function<void(T)>)> start) {
  asio::use_awaitable_t<Executor> token;
  auto initiate = [start = std::move(start)](auto handler) {
    auto executor = asio::get_associated_executor(handler);
    auto work = std::make_shared<asio::executor_work_guard<decltype(executor)>>(executor);
    auto shared = std::make_shared<decltype(handler)>(std::move(handler));
    start([shared, work, executor](T value) {
      asio::post(executor,
                 [shared, work, value = std::move(value)]() mutable { std::move (*shared)(std::move(value)); });
    });
  };
  auto operation = asio::async_initiate<asio::use_awaitable_t<Executor>, void(T)>(std::move(initiate), token);
  T value = co_await std::move(operation);
  co_return value;
}

}  // namespace flikvakt::gateway
