// Deadlines of one socket: one timer for its reader and its writer, armed again only when it would ring too late.
#pragma once

#include <boost/asio/basic_waitable_timer.hpp>
#include <memory>

#include "crypto/tls_stream.h"

namespace flikvakt::crypto {

// While an operation waits, its deadline is set; when it passes, `expired` is raised and the socket's operations are
// cancelled. The other operation sees a cancellation that is not its own, and waits again.
class TlsWatchdog : public std::enable_shared_from_this<TlsWatchdog> {
public:
  struct Wait {
    Deadline deadline = Deadline::max();
    bool expired = false;
  };

  explicit TlsWatchdog(TcpSocket& socket) : socket_(&socket), timer_(socket.get_executor()) {}

  void begin(Wait& wait, Deadline deadline) {
    wait = Wait{deadline, false};
    arm();
  }
  void end(Wait& wait) { wait.deadline = Deadline::max(); }

  // The socket is going away. A handler that is already queued finds nothing to do.
  void detach() {
    socket_ = nullptr;
    timer_.cancel();
  }

  Wait read;
  Wait write;

private:
  using Timer = boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                                  boost::asio::wait_traits<std::chrono::steady_clock>, Executor>;
  void arm();
  void ring(const boost::system::error_code& error);
  static bool expire(Wait& wait, Deadline now);

  TcpSocket* socket_;
  Timer timer_;
  Deadline armed_ = Deadline::max();  // no later than the earliest deadline; max: not armed
};

}  // namespace flikvakt::crypto
