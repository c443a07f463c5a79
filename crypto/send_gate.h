// The hook by which a revocation waits for a running transfer (promise P2). No Asio here: the service layer implements
// it.
#pragma once

#include <cstddef>

namespace flikvakt::crypto {

// TlsStream::flush brackets every single send(2), and nothing else, with enter() and leave(). So whoever closes the
// gate and then waits until no caller is between the two knows that no send is in flight and none will begin. Called
// from the thread of the stream; implementations are safe against a close from another thread.
class SendGate {
public:
  virtual ~SendGate() = default;

  // Just before one send(2). False: closed, nothing more may be sent, and leave() is not called.
  [[nodiscard]] virtual bool enter() noexcept = 0;

  // Just after that send(2) returned; `sent_bytes` of TLS records (not plaintext) went to the kernel, 0 if it refused.
  virtual void leave(std::size_t sent_bytes) noexcept = 0;
};

}  // namespace flikvakt::crypto
