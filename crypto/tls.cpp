#include "crypto/tls.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "base/files.h"
#include "crypto/tls_internal.h"

namespace flikvakt::crypto {
namespace {

constexpr std::size_t kMaxKeyFileBytes = 64 * 1024;
constexpr unsigned char kAlpn[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

// SPEC TLS-4: a client that offers ALPN must offer http/1.1.
int choose_protocol(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* offered,
                    unsigned int offered_size, void*) {
  unsigned char* chosen = nullptr;
  const int found = SSL_select_next_proto(&chosen, out_size, kAlpn, sizeof kAlpn, offered, offered_size);
  if (found != OPENSSL_NPN_NEGOTIATED) return SSL_TLSEXT_ERR_ALERT_FATAL;
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

// Never ask a terminal for a passphrase.
int no_passphrase(char*, int, int, void*) { return -1; }

Result<Pkey> read_private_key(const std::filesystem::path& path) {
  TRY_VOID(require_private(path));
  Bytes text = TRY(read_file(path, kMaxKeyFileBytes));
  const Bio in{BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))};
  Pkey key{in ? PEM_read_bio_PrivateKey(in.get(), nullptr, &no_passphrase, nullptr) : nullptr};
  OPENSSL_cleanse(text.data(), text.size());
  if (key) return key;
  ERR_clear_error();
  return fail(ErrorCode::malformed, "`" + path.string() + "` holds no unencrypted PEM private key");
}

// A client certificate laid in the server's place would be refused by every client; better said at start-up.
Result<void> check_server_purpose(SSL_CTX* context, const std::filesystem::path& chain) {
  X509* leaf = SSL_CTX_get0_certificate(context);
  if (leaf && X509_check_purpose(leaf, X509_PURPOSE_SSL_SERVER, 0) == 1) return {};
  ERR_clear_error();
  return fail(ErrorCode::invalid,
              "`" + chain.string() + "` is no server's certificate: its extended key usage lacks serverAuth");
}

std::shared_ptr<SSL_CTX> make_server_context() {
  std::shared_ptr<SSL_CTX> context = make_tls_context(TLS_server_method());
  if (!context) return nullptr;
  SSL_CTX_set_alpn_select_cb(context.get(), &choose_protocol, nullptr);
  // SPEC TLS-5: every connection shows its certificate afresh. (OpenSSL 3.0 would also parse it again per ticket.)
  if (SSL_CTX_set_num_tickets(context.get(), 0) != 1) return nullptr;
  return context;
}

}  // namespace

std::shared_ptr<SSL_CTX> make_tls_context(const SSL_METHOD* method) {
  std::shared_ptr<SSL_CTX> context(SSL_CTX_new(method), &SSL_CTX_free);
  if (!context) return nullptr;
  SSL_CTX* c = context.get();
  SSL_CTX_set_security_level(c, 2);
  SSL_CTX_set_options(c, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET);
  // NO_AUTO_CHAIN: we send the chain in our file, not one made up from the roots we trust.
  SSL_CTX_set_mode(c, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_NO_AUTO_CHAIN);
  SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF);
  const bool ok =
      SSL_CTX_set_min_proto_version(c, TLS1_3_VERSION) == 1 && SSL_CTX_set_max_proto_version(c, TLS1_3_VERSION) == 1 &&
      SSL_CTX_set_ciphersuites(c, "TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256") == 1 &&
      SSL_CTX_set1_groups_list(c, "X25519:P-256") == 1;
  return ok ? context : nullptr;
}

std::string take_openssl_reason() {
  const unsigned long code = ERR_peek_last_error();
  const char* reason = code != 0 ? ERR_reason_error_string(code) : nullptr;
  ERR_clear_error();
  return reason != nullptr ? reason : "unknown";
}

Result<void> use_identity(SSL_CTX* context, const std::filesystem::path& chain, const std::filesystem::path& key) {
  // Reading first gives the operating system's reason; OpenSSL gives none worth showing.
  (void)TRY(read_file(chain, kMaxTrustBundleBytes));
  ERR_clear_error();
  if (SSL_CTX_use_certificate_chain_file(context, chain.c_str()) != 1) {
    return fail(ErrorCode::malformed,
                "reading the certificate chain `" + chain.string() + "`: " + take_openssl_reason());
  }
  const Pkey private_key = TRY(read_private_key(key));
  if (SSL_CTX_use_PrivateKey(context, private_key.get()) != 1 || SSL_CTX_check_private_key(context) != 1) {
    return fail(ErrorCode::malformed,
                "the key `" + key.string() + "` does not fit the certificate: " + take_openssl_reason());
  }
  return {};
}

Result<void> use_trust(SSL_CTX* context, const TrustStore& trust) {
  if (trust.roots().empty()) return fail(ErrorCode::invalid, "no trusted CA certificate is configured");
  X509_STORE* store = SSL_CTX_get_cert_store(context);
  for (const Certificate& root : trust.roots()) {
    if (X509_STORE_add_cert(store, root.native()) != 1) return fail(ErrorCode::internal, take_openssl_reason());
  }
  return {};
}

Result<Bytes> export_from(SSL* ssl, std::string_view label, std::size_t length) {
  Bytes out(length);
  ERR_clear_error();
  if (SSL_is_init_finished(ssl) != 1 ||
      SSL_export_keying_material(ssl, out.data(), out.size(), label.data(), label.size(), nullptr, 0, 0) != 1) {
    return fail(ErrorCode::internal, "exporting keying material: " + take_openssl_reason());
  }
  return out;
}

Result<ServerContext> ServerContext::for_persons(const std::filesystem::path& certificate_chain,
                                                 const std::filesystem::path& private_key) {
  std::shared_ptr<SSL_CTX> context = make_server_context();
  if (!context) return fail(ErrorCode::internal, "setting up TLS: " + take_openssl_reason());
  TRY_VOID(use_identity(context.get(), certificate_chain, private_key));
  TRY_VOID(check_server_purpose(context.get(), certificate_chain));
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_NONE, nullptr);
  return ServerContext(std::move(context));
}

Result<ServerContext> ServerContext::for_organisations(const std::filesystem::path& certificate_chain,
                                                       const std::filesystem::path& private_key,
                                                       const TrustStore& trust) {
  std::shared_ptr<SSL_CTX> context = make_server_context();
  if (!context) return fail(ErrorCode::internal, "setting up TLS: " + take_openssl_reason());
  TRY_VOID(use_identity(context.get(), certificate_chain, private_key));
  TRY_VOID(check_server_purpose(context.get(), certificate_chain));
  TRY_VOID(use_trust(context.get(), trust));
  // SPEC TLS-6. The names of our roots go out in the request, so that a client with several certificates picks right.
  for (const Certificate& root : trust.roots()) {
    if (SSL_CTX_add_client_CA(context.get(), root.native()) != 1) {
      return fail(ErrorCode::internal, "setting up TLS: " + take_openssl_reason());
    }
  }
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  SSL_CTX_set_verify_depth(context.get(), ClientProfile{}.max_intermediates);
  return ServerContext(std::move(context));
}

}  // namespace flikvakt::crypto
