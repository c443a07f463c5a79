// The coroutine type of every handler. It is bound to the worker's io_context, so awaiting costs no type-erased
// executor. Bodies that wait for timers or callbacks include <boost/asio/use_awaitable.hpp> or gateway/await_callback.h
// themselves.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

namespace flikvakt::gateway {

namespace asio = boost::asio;

using Executor = asio::io_context::executor_type;
template <class T>
using Awaitable = asio::awaitable<T, Executor>;

}  // namespace flikvakt::gateway
