// What one listener grants a peer before it closes the connection.
#pragma once

#include <chrono>
#include <cstddef>

#include "gateway/tick.h"

namespace flikvakt::gateway {

struct Limits {
  std::size_t max_connections = 4096;
  std::size_t max_connections_per_source = 256;     // an IPv4 address, an IPv6 /64, or the Unix socket
  std::chrono::milliseconds handshake{10'000};      // from accept to a finished handshake
  std::chrono::milliseconds header{10'000};         // from a request's first byte to its empty line
  std::chrono::milliseconds idle{75'000};           // from one answer to the next request's first byte
  std::chrono::milliseconds body_patience{10'000};  // a body must keep to the rate below after this long
  std::size_t body_bytes_per_second = 1024;
  std::chrono::milliseconds body_stall{30'000};   // the longest wait for the next bytes of a body, whatever came before
  std::chrono::milliseconds write_stall{30'000};  // each flush of at most 64 KiB
  std::chrono::milliseconds linger{2'000};        // after the last answer, for the peer to read it and close
  TickPolicy refusal_tick{};
};

}  // namespace flikvakt::gateway
