// The gateway's listeners and their worker threads. Every connection stays on one thread with its own io_context.
//
//   HttpServer server(2);
//   std::uint16_t port = server.listen_tls("api", "[::]:8443", context, router).value();
//   server.start();  …  server.stop(std::chrono::seconds(20));
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "crypto/tls.h"
#include "gateway/connection.h"
#include "gateway/failure_tally.h"
#include "gateway/limits.h"
#include "gateway/router.h"

namespace flikvakt::gateway {

class HttpServer {
public:
  // `threads`: at least 1. `report` gets the failures before authentication, each minute and at the end, on any thread.
  explicit HttpServer(std::size_t threads, FailureTally::Report report = nullptr);
  ~HttpServer();  // as stop(0)
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // Before start(). `address` is "127.0.0.1:8443" or "[::]:8443"; port 0 lets the system choose; the answer is the
  // port. Errors: malformed (address), io (in use, not permitted). `router` must outlive the server.
  Result<std::uint16_t> listen_tls(std::string name, std::string_view address, crypto::ServerContext context,
                                   const Router& router, Limits limits = {});
  // Without TLS; invalid for an address that is not a loopback one.
  Result<std::uint16_t> listen_plain(std::string name, std::string_view address, const Router& router,
                                     Limits limits = {});
  // A stale socket file is replaced, one that answers is an error. Mode 0600.
  Result<void> listen_unix(std::string name, const std::filesystem::path& path, const Router& router,
                           Limits limits = {});

  // Before start(). Called by stop() when the grace is over and requests still run: what they wait for may be ended.
  void before_cut(std::function<void()> then);

  void start();
  // Accepts no more, lets running requests finish (idle connections are closed at once), and after `grace` cuts what is
  // left. Returns when every thread has ended. Once; later calls do nothing.
  void stop(std::chrono::milliseconds grace);

  ConnectionRegistry& connections();

private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace flikvakt::gateway
