#include "crypto/tls_watchdog.h"

#include <algorithm>

namespace flikvakt::crypto {

void TlsWatchdog::arm() {
  const Deadline next = std::min(read.deadline, write.deadline);
  // An earlier ring finds nothing expired and arms again, so a busy connection touches the timer rarely.
  if (next == Deadline::max() || armed_ <= next) return;
  armed_ = next;
  timer_.expires_at(next);
  timer_.async_wait([self = shared_from_this()](const boost::system::error_code& error) { self->ring(error); });
}

void TlsWatchdog::ring(const boost::system::error_code& error) {
  if (error || socket_ == nullptr) return;  // armed anew, or the socket is gone
  armed_ = Deadline::max();
  const Deadline now = std::chrono::steady_clock::now();
  const bool read_expired = expire(read, now);
  const bool write_expired = expire(write, now);
  boost::system::error_code ignored;
  if (read_expired || write_expired) socket_->cancel(ignored);
  arm();
}

bool TlsWatchdog::expire(Wait& wait, Deadline now) {
  if (wait.deadline > now) return false;
  wait = Wait{Deadline::max(), true};
  return true;
}

}  // namespace flikvakt::crypto
