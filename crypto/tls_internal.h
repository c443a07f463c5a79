// What the TLS server and client share. Includes OpenSSL: for crypto/ only.
#pragma once

#include <openssl/ssl.h>

#include <filesystem>
#include <memory>

#include "crypto/x509.h"
#include "crypto/x509_internal.h"

namespace flikvakt::crypto {

using SslPtr = std::unique_ptr<SSL, Freed<SSL_free>>;

// The rules of spec/tls.md that hold on both sides (TLS-1 to TLS-5). Null when OpenSSL refuses any of them.
std::shared_ptr<SSL_CTX> make_tls_context(const SSL_METHOD* method);

// Certificate chain and matching private key, both PEM; the key file must be private (SPEC TLS-9).
Result<void> use_identity(SSL_CTX* context, const std::filesystem::path& chain, const std::filesystem::path& key);
Result<void> use_trust(SSL_CTX* context, const TrustStore& trust);

Result<Bytes> export_from(SSL* ssl, std::string_view label, std::size_t length);

// The reason of the newest OpenSSL error, for the operational log; empties the queue.
std::string take_openssl_reason();

}  // namespace flikvakt::crypto
