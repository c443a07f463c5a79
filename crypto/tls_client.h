// A blocking TLS 1.3 client for the reference client, the command line and tests.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/cancellation.h"
#include "base/result.h"

namespace flikvakt::crypto {

struct ClientIdentity {
  std::filesystem::path certificate_chain;  // PEM, leaf first
  std::filesystem::path private_key;        // PEM, not readable by others
};

struct TlsClientOptions {
  std::string host;  // name or address to connect to
  std::uint16_t port = 0;
  std::string server_name;     // must be in the server's certificate (and is the SNI unless an address); empty: host
  std::string trusted_ca_pem;  // one or more roots; never the system's store
  std::optional<ClientIdentity> identity;
  // Of connecting, of the handshake, and of each read_some() and write_all() as a whole: a peer that trickles holds
  // nobody up. Each may take twice as long at most.
  std::chrono::milliseconds timeout{10'000};
  Cancellation* cancellation = nullptr;  // outlives the client; looking up a name goes on all the same
};

// One connection; used by one thread at a time. Errors: io, expired (timeout), malformed (protocol, truncation),
// denied (the server's certificate or name is not the one expected).
class TlsClient {
public:
  static Result<TlsClient> connect(const TlsClientOptions& options);
  TlsClient(TlsClient&&) noexcept;
  TlsClient& operator=(TlsClient&&) noexcept;
  ~TlsClient();

  Result<void> write_all(BytesView data);
  Result<std::size_t> read_some(std::span<std::uint8_t> out);  // 0 after the server's close_notify
  void close() noexcept;                                       // close_notify, then closes the socket
  Result<Bytes> export_keying_material(std::string_view label, std::size_t length) const;
  std::string server_certificate_pem() const;
  int descriptor() const;

private:
  struct State;
  explicit TlsClient(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace flikvakt::crypto
