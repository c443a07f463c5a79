#include "gateway/plain_stream.h"

#include <sys/socket.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <cstring>
#include <sstream>

namespace flikvakt::gateway {

namespace {

using Timer =
    asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Executor>;
using boost::system::error_code;
constexpr auto kAwait = asio::as_tuple(asio::use_awaitable_t<Executor>{});
constexpr std::size_t kMaxDrainedBytes = 16 * 1024 * 1024;
constexpr std::string_view kUnix = "unix";

}  // namespace

std::string remote_of(const PlainSocket& socket) {
  error_code error;
  const auto remote = socket.remote_endpoint(error);
  if (error) return "gone";
  if (remote.protocol().family() == AF_UNIX) return std::string(kUnix);
  asio::ip::tcp::endpoint endpoint;
  endpoint.resize(remote.size());
  std::memcpy(endpoint.data(), remote.data(), remote.size());
  std::ostringstream text;
  text << endpoint;
  return text.str();
}

struct PlainStream::State {
  // Alive while a timer's handler may still run; `socket` is null once the stream is gone.
  struct Watch {
    PlainSocket* socket;
    std::uint64_t wait = 0;  // the current wait; a handler of an earlier one does nothing
    bool expired = false;
  };

  explicit State(PlainSocket connected)
      : socket(std::move(connected)), timer(socket.get_executor()), watch(std::make_shared<Watch>(Watch{&socket})) {}
  ~State() {
    watch->socket = nullptr;
    abort();
  }

  void begin(Deadline deadline) {
    watch->expired = false;
    const std::uint64_t wait = ++watch->wait;
    timer.expires_at(deadline);
    timer.async_wait([shared = watch, wait](const error_code& error) {
      if (error || !shared->socket || shared->wait != wait) return;
      shared->expired = true;
      error_code ignored;
      shared->socket->cancel(ignored);
    });
  }
  void end() {
    ++watch->wait;
    timer.cancel();
  }

  Error broken(std::string_view doing, const error_code& error) {
    pending.clear();
    if (watch->expired) return fail(ErrorCode::expired, std::string(doing) + " took too long");
    return fail(ErrorCode::io, std::string(doing) + ": " + error.message());
  }

  void abort() noexcept {
    pending.clear();
    error_code ignored;
    socket.close(ignored);
  }

  Awaitable<Result<void>> wait_writable(Deadline deadline) {
    begin(deadline);
    auto wait = socket.async_wait(PlainSocket::wait_write, kAwait);
    const std::tuple<error_code> waited = co_await std::move(wait);
    end();
    if (std::get<0>(waited)) co_return broken("sending", std::get<0>(waited));
    co_return Result<void>();
  }

  PlainSocket socket;
  Timer timer;
  std::shared_ptr<Watch> watch;
  Bytes pending;
};

PlainStream::PlainStream(PlainSocket socket) : state_(std::make_unique<State>(std::move(socket))) {}
PlainStream::PlainStream(PlainStream&&) noexcept = default;
PlainStream::~PlainStream() = default;

Awaitable<Result<std::size_t>> PlainStream::read_some(std::span<std::uint8_t> out, Deadline deadline) {
  State& state = *state_;
  // Waits, then receives in the turn in which it returns: `out` may be the thread's (request_reader.h). async_read_some
  // would write into it while another connection uses it.
  for (;;) {
    state.begin(deadline);
    auto wait = state.socket.async_wait(PlainSocket::wait_read, kAwait);
    const std::tuple<error_code> waited = co_await std::move(wait);
    state.end();
    if (std::get<0>(waited)) co_return state.broken("receiving", std::get<0>(waited));
    const ssize_t got = ::recv(state.socket.native_handle(), out.data(), out.size(), MSG_DONTWAIT);
    if (got >= 0) co_return static_cast<std::size_t>(got);
    if (errno == EINTR || errno == EAGAIN) continue;
    co_return state.broken("receiving", error_code(errno, boost::system::system_category()));
  }
}

Result<void> PlainStream::encrypt(std::initializer_list<BytesView> parts) {
  for (const BytesView part : parts) state_->pending.insert(state_->pending.end(), part.begin(), part.end());
  return {};
}

Awaitable<Result<void>> PlainStream::flush(Deadline deadline, crypto::SendGate* gate) {
  State& state = *state_;
  std::size_t done = 0;
  while (done < state.pending.size()) {
    if (!state.socket.is_open()) co_return fail(ErrorCode::io, "the connection is closed");
    if (gate != nullptr && !gate->enter()) {
      state.pending.clear();
      co_return fail(ErrorCode::denied, "cut");
    }
    const ssize_t sent = ::send(state.socket.native_handle(), state.pending.data() + done, state.pending.size() - done,
                                MSG_NOSIGNAL | MSG_DONTWAIT);
    const int code = errno;
    if (gate != nullptr) gate->leave(sent > 0 ? static_cast<std::size_t>(sent) : 0);
    if (sent >= 0) {
      done += static_cast<std::size_t>(sent);
      continue;
    }
    if (code == EINTR) continue;
    if (code != EAGAIN) co_return state.broken("sending", error_code(code, boost::system::system_category()));
    auto wait = state.wait_writable(deadline);
    const Result<void> writable = co_await std::move(wait);
    if (!writable) co_return writable.error();
  }
  state.pending.clear();
  co_return Result<void>();
}

// Closing with unread bytes would lose the tail of what was sent, so the peer is read until it closes.
Awaitable<void> PlainStream::shutdown(Deadline deadline) {
  error_code ignored;
  state_->socket.shutdown(PlainSocket::shutdown_send, ignored);
  std::array<std::uint8_t, 4096> waste;
  for (std::size_t drained = 0; drained < kMaxDrainedBytes;) {
    auto receive = read_some(waste, deadline);
    const Result<std::size_t> got = co_await std::move(receive);
    if (!got || *got == 0) break;
    drained += *got;
  }
  abort();
}

void PlainStream::abort() noexcept { state_->abort(); }

std::string PlainStream::remote_address() const { return remote_of(state_->socket); }

std::optional<UnixPeer> PlainStream::peer() const {
  ucred credentials{};
  socklen_t size = sizeof credentials;
  if (remote_address() != kUnix) return std::nullopt;
  if (::getsockopt(state_->socket.native_handle(), SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0)
    return UnixPeer();
  return UnixPeer{credentials.pid, credentials.uid, credentials.gid};
}

}  // namespace flikvakt::gateway
