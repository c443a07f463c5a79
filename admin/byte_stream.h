// What an HTTP client talks over: TLS to a gateway, or the admin socket of the machine.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>

#include "crypto/tls_client.h"

namespace flikvakt::admin {

class ByteStream {
public:
  virtual ~ByteStream() = default;
  virtual Result<void> write_all(BytesView data) = 0;
  virtual Result<std::size_t> read_some(std::span<std::uint8_t> out) = 0;  // 0: the other side has ended
  // RFC 5705; unavailable where there is no TLS.
  virtual Result<Bytes> export_keying_material(std::string_view label, std::size_t length) const = 0;
};

Result<std::unique_ptr<ByteStream>> connect_tls(const crypto::TlsClientOptions& options);
Result<std::unique_ptr<ByteStream>> connect_unix(const std::filesystem::path& socket,
                                                 std::chrono::milliseconds timeout);

// Without TLS, to this machine only: "127.0.0.1", "::1".
Result<std::unique_ptr<ByteStream>> connect_loopback(const std::string& address, std::uint16_t port,
                                                     std::chrono::milliseconds timeout,
                                                     Cancellation* cancellation = nullptr);

}  // namespace flikvakt::admin
