// The coroutines of TlsStream: receiving, sending under the gate, handshake and shutdown.
#include <sys/socket.h>

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <memory>
#include <utility>

#include "crypto/tls_stream_state.h"

namespace flikvakt::crypto {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::size_t kReceiveBytes = 32 * 1024;
// What a browser may be in the midst of sending when its answer is there already: unread, it would show none.
constexpr std::size_t kMaxDrainedBytes = 16 * 1024 * 1024;
constexpr auto kAwait = asio::as_tuple(asio::use_awaitable_t<Executor>{});

// The thread's, not the stream's: an idle connection holds no buffer of ours (30.7 KiB instead of 35.5 in all).
std::span<std::uint8_t> receive_room() {
  thread_local const auto room = std::make_unique_for_overwrite<std::array<std::uint8_t, kReceiveBytes>>();
  return *room;
}

}  // namespace

// INVARIANT (lent buffer): what pipes.in shows lies in the thread's buffer from here to keep_rest(), and no coroutine
// is suspended between the two.
Result<bool> TlsStream::State::receive() {
  const std::span<std::uint8_t> room = receive_room();
  ssize_t got = 0;
  do {
    got = ::recv(socket.native_handle(), room.data(), room.size(), MSG_DONTWAIT);
  } while (got < 0 && errno == EINTR);
  if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return false;
  if (got < 0) {
    return broken(ErrorCode::io, "receiving: " + error_code(errno, boost::system::system_category()).message());
  }
  pipes.in_closed = got == 0;
  pipes.in = room.first(static_cast<std::size_t>(got));
  return true;
}

void TlsStream::State::keep_rest() {
  if (pipes.in.empty()) {
    rest = Bytes();
  } else if (rest.empty()) {
    rest = to_bytes(pipes.in);
    pipes.in = rest;
  }
}

// OpenSSL has read everything that was there. Waits before it receives: the buffer is not held while nothing comes.
Task<Result<void>> TlsStream::State::fill(Deadline deadline) {
  for (;;) {
    if (is_broken) co_return broken(ErrorCode::io, "the connection is closed");
    if (std::chrono::steady_clock::now() >= deadline) co_return broken(ErrorCode::expired, "receiving took too long");
    watchdog->begin(watchdog->read, deadline);
    auto wait = socket.async_wait(TcpSocket::wait_read, kAwait);
    const std::tuple<error_code> waited = co_await std::move(wait);
    watchdog->end(watchdog->read);
    const error_code error = std::get<0>(waited);
    if (!error && is_broken) continue;
    if (!error) {
      const Result<bool> received = receive();
      if (!received) co_return received.error();
      if (*received) co_return Result<void>();
      continue;
    }
    if (watchdog->read.expired) co_return broken(ErrorCode::expired, "receiving took too long");
    // Cancelled because the writer's time ran out: this wait goes on.
    if (error == asio::error::operation_aborted && socket.is_open()) continue;
    co_return broken(ErrorCode::io, "receiving: " + error.message());
  }
}

Task<Result<void>> TlsStream::State::wait_writable(Deadline deadline) {
  for (;;) {
    if (is_broken) co_return broken(ErrorCode::io, "the connection is closed");
    if (std::chrono::steady_clock::now() >= deadline) co_return broken(ErrorCode::expired, "sending took too long");
    watchdog->begin(watchdog->write, deadline);
    auto wait = socket.async_wait(TcpSocket::wait_write, kAwait);
    const std::tuple<error_code> waited = co_await std::move(wait);
    watchdog->end(watchdog->write);
    const error_code error = std::get<0>(waited);
    if (!error) co_return Result<void>();
    if (watchdog->write.expired) co_return broken(ErrorCode::expired, "sending took too long");
    if (error == asio::error::operation_aborted && socket.is_open()) continue;
    co_return broken(ErrorCode::io, "sending: " + error.message());
  }
}

// SPEC TLS-22. INVARIANT (gate): between enter() and leave() there is one send(2) and nothing else.
Task<Result<void>> TlsStream::State::flush(Deadline deadline, SendGate* gate) {
  while (pipes.out_pending() > 0) {
    if (is_broken) co_return broken(ErrorCode::io, "the connection is closed");
    const int descriptor = socket.native_handle();
    const std::uint8_t* data = pipes.out.data() + pipes.out_begin;
    const std::size_t size = pipes.out_pending();
    if (gate != nullptr && !gate->enter()) co_return broken(ErrorCode::denied, "cut");
    const ssize_t sent = ::send(descriptor, data, size, MSG_NOSIGNAL | MSG_DONTWAIT);
    const int code = errno;
    if (gate != nullptr) gate->leave(sent > 0 ? static_cast<std::size_t>(sent) : 0);
    if (sent >= 0) {
      pipes.out_begin += static_cast<std::size_t>(sent);
      continue;
    }
    if (code == EINTR) continue;
    if (code != EAGAIN && code != EWOULDBLOCK) {
      co_return broken(ErrorCode::io, "sending: " + error_code(code, boost::system::system_category()).message());
    }
    auto wait = wait_writable(deadline);
    const Result<void> writable = co_await std::move(wait);
    if (!writable) co_return writable.error();
  }
  // A reader that failed meanwhile has dropped what was pending.
  if (is_broken) co_return broken(ErrorCode::io, "the connection is closed");
  give_back_buffer(pipes.out);
  pipes.out_begin = 0;
  co_return Result<void>();
}

Task<Result<void>> TlsStream::State::handshake(Deadline deadline) {
  for (;;) {
    if (is_broken) co_return broken(ErrorCode::io, "the connection is closed");
    ERR_clear_error();
    const int done = SSL_do_handshake(ssl.get());
    keep_rest();
    const int code = SSL_get_error(ssl.get(), done);
    const bool failed = done != 1 && code != SSL_ERROR_WANT_READ;
    const std::string reason = failed ? take_openssl_reason() : std::string();
    // Also when it failed: the alert tells the peer why.
    auto send = flush(deadline, nullptr);
    const Result<void> sent = co_await std::move(send);
    if (failed) co_return broken(ErrorCode::malformed, "handshake: " + reason);
    if (!sent) co_return sent.error();
    if (done == 1) co_return Result<void>();
    auto receive = fill(deadline);
    const Result<void> filled = co_await std::move(receive);
    if (!filled) co_return filled.error();
    if (pipes.in_closed) co_return broken(ErrorCode::malformed, "handshake: the peer closed");
  }
}

Task<Result<std::size_t>> TlsStream::State::read_some(std::span<std::uint8_t> out, Deadline deadline) {
  if (out.empty()) co_return fail(ErrorCode::invalid, "reading into an empty buffer");
  for (;;) {
    if (is_broken) co_return broken(ErrorCode::io, "the connection is closed");
    ERR_clear_error();
    std::size_t got = 0;
    const int done = SSL_read_ex(ssl.get(), out.data(), out.size(), &got);
    keep_rest();
    if (done == 1) co_return got;
    const int code = SSL_get_error(ssl.get(), done);
    if (code == SSL_ERROR_ZERO_RETURN) co_return std::size_t{0};
    if (code != SSL_ERROR_WANT_READ) co_return broken(ErrorCode::malformed, "receiving: " + take_openssl_reason());
    auto receive = fill(deadline);
    const Result<void> filled = co_await std::move(receive);
    if (!filled) co_return filled.error();
    // SPEC TLS-20
    if (pipes.in_closed) co_return broken(ErrorCode::malformed, "the stream ended without close_notify");
  }
}

Task<void> TlsStream::State::shutdown(Deadline deadline) {
  ERR_clear_error();
  const bool can_say_goodbye = !is_broken && pipes.out_pending() == 0 && SSL_is_init_finished(ssl.get()) == 1;
  if (!can_say_goodbye || SSL_shutdown(ssl.get()) < 0) {
    abort();
    co_return;
  }
  auto send = flush(deadline, nullptr);
  const Result<void> sent = co_await std::move(send);
  error_code ignored;
  if (sent) socket.shutdown(TcpSocket::shutdown_send, ignored);
  // Closing with unread bytes would reset the connection and lose the tail of what we sent.
  pipes.in = {};
  for (std::size_t drained = 0; sent && !pipes.in_closed && drained < kMaxDrainedBytes;) {
    auto receive = fill(deadline);
    const Result<void> filled = co_await std::move(receive);
    if (!filled) break;
    drained += std::exchange(pipes.in, {}).size();
  }
  is_broken = true;
  socket.close(ignored);
}

}  // namespace flikvakt::crypto
