// Requests and responses as handlers see them. Nothing here knows Beast or TLS.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "gateway/async.h"
#include "gateway/method.h"
#include "gateway/target.h"

namespace flikvakt::crypto {
class SendGate;
}

namespace flikvakt::gateway {

using SteadyTime = std::chrono::steady_clock::time_point;

inline constexpr std::size_t kChunkBytes = 64 * 1024;

struct Request {
  Method method = Method::get;
  Target target;
  TextMap headers;                   // lower-case names; only those of is_used_field()
  std::uint64_t content_length = 0;  // bytes
  Bytes body;                        // endpoints with whole_body(); empty otherwise

  std::string_view header(std::string_view lower_case_name) const;  // empty when absent
  std::string_view query(std::string_view name) const;              // empty when absent
};

// Gives the plaintext of a document piece by piece. Called from one coroutine, never concurrently.
class DocumentSource {
public:
  virtual ~DocumentSource() = default;
  // Fills `out` (up to kChunkBytes) as far as it can; `out` is what TLS encrypts from. 0 or an error before
  // total_bytes were given cuts the connection.
  virtual Awaitable<Result<std::size_t>> next(std::span<std::uint8_t> out) = 0;
};

enum class TransferEnd {
  complete,  // every byte was handed to the kernel
  cut,       // the gate said no
  broken,    // the peer, the network, a deadline or the source ended it
};

struct DocumentBody {
  std::uint64_t total_bytes = 0;  // becomes Content-Length
  std::unique_ptr<DocumentSource> source;
  // INVARIANT (no byte without the gate): every send(2) that carries head or body of this response is between
  // gate->enter() == yes and gate->leave().
  std::shared_ptr<crypto::SendGate> gate;
  // Called exactly once, on the connection's thread, also when nothing was sent. `handed_over` counts document bytes;
  // when a send was cut half-way it is the most that can have left. Must not throw.
  std::function<void(std::uint64_t handed_over, TransferEnd end)> on_finished;
};

enum class Departure {
  at_once,
  on_tick,  // waits for the refusal tick (P6), see gateway/tick.h
};

enum class Caching {
  none,     // no-store
  forever,  // what never changes and is the same for everyone
};

struct Response {
  unsigned status = 200;
  // Without Content-Length, Date, Connection, Cache-Control: the session sets those. No CR, LF or NUL (a fault, 500).
  std::vector<std::pair<std::string, std::string>> headers;
  std::variant<Bytes, DocumentBody> body;
  Departure departure = Departure::at_once;
  Caching caching = Caching::none;
  bool stands_when_locked = false;  // the one that says why nothing else is answered (SPEC WIT-33)
};

Response bytes_response(unsigned status, std::string_view content_type, Bytes body);
Response json_response(unsigned status, std::string json_text);  // application/json
Response empty_response(unsigned status);                        // 204, or a redirect with its Location added

}  // namespace flikvakt::gateway
