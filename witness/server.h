// A witness as an HTTP server: `POST /add-checkpoint` of C2SP tlog-witness, and `GET /health`. It speaks the gateway's
// strict HTTP (spec/http.md); nobody needs to be known to ask.
//
//   std::unique_ptr<WitnessServer> server = WitnessServer::open(witness, options).value();
//   server->start();  …  server->stop(std::chrono::seconds(5));
#pragma once

#include <chrono>
#include <filesystem>

#include "witness/witness.h"

namespace flikvakt::witness {

class WitnessServer {
public:
  struct Options {
    std::string address;                // "127.0.0.1:8480"; without a certificate only a loopback address
    std::filesystem::path certificate;  // PEM chain, leaf first; empty: no TLS
    std::filesystem::path key;          // PEM, not readable by others
    std::size_t threads = 2;
  };
  // Listens, but serves nobody before start(). Errors: those of TLS, io (address in use), invalid (address). `witness`
  // outlives it.
  static Result<std::unique_ptr<WitnessServer>> open(Witness& witness, const Options& options);
  ~WitnessServer();  // as stop(0)
  WitnessServer(const WitnessServer&) = delete;
  WitnessServer& operator=(const WitnessServer&) = delete;

  void start();
  void stop(std::chrono::milliseconds grace);
  std::uint16_t port() const;

private:
  struct State;
  explicit WitnessServer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace flikvakt::witness
