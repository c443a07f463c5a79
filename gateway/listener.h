// One listening socket, and what all its connections share.
#pragma once

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <filesystem>
#include <optional>
#include <string>

#include "crypto/tls.h"
#include "crypto/tls_stream.h"
#include "gateway/limits.h"
#include "gateway/plain_stream.h"
#include "gateway/router.h"
#include "gateway/source_limit.h"

namespace flikvakt::gateway {

using UnixSocket = asio::basic_stream_socket<asio::local::stream_protocol, Executor>;
using UnixAcceptor = asio::basic_socket_acceptor<asio::local::stream_protocol, Executor>;

// Outlives its connections.
struct Listener {
  Listener(std::string listener_name, const Router& listener_router, Limits listener_limits)
      : name(std::move(listener_name)),
        router(listener_router),
        limits(listener_limits),
        places(limits.max_connections, limits.max_connections_per_source) {}

  const std::string name;
  const Router& router;
  const Limits limits;
  SourceLimit places;
  std::optional<crypto::ServerContext> tls;  // with tcp_acceptor; without it that one is plain, on loopback
  std::optional<crypto::TcpAcceptor> tcp_acceptor;
  std::optional<UnixAcceptor> unix_acceptor;
  std::filesystem::path unix_path;

  void close();  // on the acceptors' thread; removes the socket file
};

// "127.0.0.1:8443", "[::]:8443". malformed.
Result<asio::ip::tcp::endpoint> parse_address(std::string_view text);

// Both listen when they return. Errors: io.
Result<crypto::TcpAcceptor> open_tcp_acceptor(asio::io_context& context, const asio::ip::tcp::endpoint& address);
// Mode 0600. A socket file that nobody answers on is replaced.
Result<UnixAcceptor> open_unix_acceptor(asio::io_context& context, const std::filesystem::path& path);

}  // namespace flikvakt::gateway
