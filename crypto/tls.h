// TLS server contexts (RFC 8446). TLS 1.3 only, no session resumption, no renegotiation, ALPN http/1.1 only.
// spec/tls.md
#pragma once

#include <filesystem>
#include <memory>
#include <string_view>

#include "base/result.h"
#include "crypto/x509.h"

struct ssl_ctx_st;

namespace flikvakt::crypto {

// The exporter label and length of a channel binding (RFC 9266 section 2: tls-exporter).
inline constexpr std::string_view kChannelBindingLabel = "EXPORTER-Channel-Binding";
inline constexpr std::size_t kChannelBindingBytes = 32;

// Certificate, private key and rules of one listener. Immutable; copies share; safe from several threads.
// Errors: io/not_found (file), malformed (not PEM, or key and certificate do not match), invalid (key file open to
// others than its owner, SPEC TLS-9).
class ServerContext {
public:
  // A client certificate with a path to `trust` is required in the handshake. The handshake checks no CRL, and its
  // clock is the machine's: before trusting the peer, ask find_client_path and the lists that were applied.
  static Result<ServerContext> for_organisations(const std::filesystem::path& certificate_chain,
                                                 const std::filesystem::path& private_key, const TrustStore& trust);

  // No client certificate is asked for.
  static Result<ServerContext> for_persons(const std::filesystem::path& certificate_chain,
                                           const std::filesystem::path& private_key);

  ssl_ctx_st* native() const { return context_.get(); }  // for crypto/ only

private:
  explicit ServerContext(std::shared_ptr<ssl_ctx_st> context) : context_(std::move(context)) {}
  std::shared_ptr<ssl_ctx_st> context_;
};

}  // namespace flikvakt::crypto
