// The server side of one TLS connection under coroutines. OpenSSL works on memory: received bytes are read ahead, and
// all records of a flush leave in one send(2). One thread runs one io_context; a stream belongs to that thread. Memory:
// idle, a connection holds OpenSSL's state and no buffer; those to receive and to send are the thread's. In the
// kernel: SO_SNDBUF 96 KiB (doubled by the kernel, and overrun by up to one segment of 64 KiB), so at most 256 KiB that
// were sent and are not yet received.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "crypto/send_gate.h"
#include "crypto/tls.h"
#include "crypto/x509.h"

namespace flikvakt::crypto {

using Executor = boost::asio::io_context::executor_type;  // concrete: no type erasure per operation
template <class T>
using Task = boost::asio::awaitable<T, Executor>;
using TcpSocket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, Executor>;
using TcpAcceptor = boost::asio::basic_socket_acceptor<boost::asio::ip::tcp, Executor>;
using Deadline = std::chrono::steady_clock::time_point;

// Errors of every operation: expired (deadline), io (socket), malformed (the peer broke the TLS protocol, or the stream
// ended without close_notify), denied (cut by the gate). After any error the stream only takes abort().
// One read and one flush may wait at the same time; the stream must outlive both.
class TlsStream {
public:
  TlsStream(TcpSocket socket, const ServerContext& context);  // sets TCP_NODELAY and SO_SNDBUF
  TlsStream(TlsStream&&) noexcept;
  TlsStream& operator=(TlsStream&&) noexcept;
  ~TlsStream();  // closes hard what is still open

  Task<Result<void>> handshake(Deadline deadline);

  // Up to out.size() bytes of plaintext; 0 after the peer's close_notify. A stream that just ends is an error (SPEC
  // TLS-20). `out` is written to only in the turn of the loop in which this returns: one buffer may serve all
  // connections of a thread.
  Task<Result<std::size_t>> read_some(std::span<std::uint8_t> out, Deadline deadline);

  // Appends records for these bytes to the pending buffer, as few records as possible: parts share records. No I/O.
  // invalid: more than kMaxPendingBytes would wait.
  Result<void> encrypt(std::initializer_list<BytesView> parts);
  Result<void> encrypt(std::span<const BytesView> parts);
  Result<void> encrypt(BytesView part) { return encrypt({part}); }
  std::size_t pending_bytes() const;

  // Sends what is pending. With a gate: asks it before each send(2), tells it after each (SPEC TLS-22). When the gate
  // says no, nothing more is sent, what was pending is dropped, and the answer is denied.
  Task<Result<void>> flush(Deadline deadline, SendGate* gate);

  // close_notify, then waits for the peer to close, at most until the deadline. Pending bytes are dropped unsent.
  Task<void> shutdown(Deadline deadline);

  // At once: drops what is pending, here and in the kernel (SO_LINGER 0), and closes. Waiting operations end with io.
  void abort() noexcept;
  bool is_open() const;

  std::optional<Certificate> peer_certificate() const;  // nothing when none was sent
  std::vector<Certificate> peer_chain() const;          // leaf first, as sent; empty when none, too many for
                                                        // any path, or one does not parse
  // RFC 8446 section 7.5, without context; see kChannelBindingLabel. Only after the handshake.
  Result<Bytes> export_keying_material(std::string_view label, std::size_t length) const;
  std::string remote_address() const;  // for the operational log; empty when closed

  static constexpr std::size_t kMaxPendingBytes = 1024 * 1024;
  static constexpr int kSendBufferBytes = 96 * 1024;

private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace flikvakt::crypto
