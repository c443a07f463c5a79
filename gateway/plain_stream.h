// A connection over a Unix socket, or over TCP on loopback, with the operations of crypto::TlsStream that the session
// uses: see there for their meaning. Nothing is encrypted; the bytes stay on the machine.
#pragma once

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <chrono>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "base/bytes.h"
#include "crypto/send_gate.h"
#include "gateway/async.h"
#include "gateway/connection.h"

namespace flikvakt::gateway {

using PlainSocket = asio::basic_stream_socket<asio::generic::stream_protocol, Executor>;

std::string remote_of(const PlainSocket& socket);  // "unix", "127.0.0.1:4711"

class PlainStream {
public:
  using Deadline = std::chrono::steady_clock::time_point;
  explicit PlainStream(PlainSocket socket);
  PlainStream(PlainStream&&) noexcept;
  ~PlainStream();

  Awaitable<Result<std::size_t>> read_some(std::span<std::uint8_t> out, Deadline deadline);
  Result<void> encrypt(std::initializer_list<BytesView> parts);  // appends; the name is the stream concept's
  Awaitable<Result<void>> flush(Deadline deadline, crypto::SendGate* gate);
  Awaitable<void> shutdown(Deadline deadline);
  void abort() noexcept;
  std::string remote_address() const;
  std::optional<UnixPeer> peer() const;  // none over TCP

private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace flikvakt::gateway
