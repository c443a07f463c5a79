// One connection's life: requests in, answers out, one after the other. Shared by TLS and the Unix socket.
#pragma once

#include <atomic>
#include <string>

#include "base/time.h"
#include "gateway/connection.h"
#include "gateway/failure_tally.h"
#include "gateway/limits.h"
#include "gateway/router.h"

namespace flikvakt::crypto {
class TlsStream;
}

namespace flikvakt::gateway {

class PlainStream;

struct SessionEnvironment {
  const Router& router;
  const Limits& limits;
  FailureTally& tally;
  const Clock& clock;
  const std::string& source;          // for the tally
  const std::atomic<bool>& draining;  // finish the running request, then close
  bool& idle;                         // set while no request has begun: may be aborted without loss
  bool& waits;                        // set until a request is complete
};

// Returns when the connection is closed or broken. Stream: crypto::TlsStream (handshake done) or PlainStream. All
// references outlive the coroutine.
template <class Stream>
Awaitable<void> serve_connection(Stream& stream, ConnectionContext& context, SessionEnvironment environment);

extern template Awaitable<void> serve_connection(crypto::TlsStream&, ConnectionContext&, SessionEnvironment);
extern template Awaitable<void> serve_connection(PlainStream&, ConnectionContext&, SessionEnvironment);

}  // namespace flikvakt::gateway
