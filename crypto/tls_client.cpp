#include "crypto/tls_client.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "base/files.h"
#include "crypto/memory_bio.h"
#include "crypto/tls.h"
#include "crypto/tls_internal.h"

namespace flikvakt::crypto {
namespace {

constexpr std::size_t kReadBytes = 32 * 1024;
constexpr std::size_t kWritePieceBytes = 64 * 1024;
constexpr int kAlertOffset = 1000;  // SSL_AD_REASON_OFFSET: reasons from here on are the peer's alerts

Error socket_error(std::string_view doing, int code) {
  const bool late = code == EAGAIN || code == EWOULDBLOCK || code == EINPROGRESS || code == ETIMEDOUT;
  return fail(late ? ErrorCode::expired : ErrorCode::io,
              std::string(doing) + ": " + (late ? "the server takes too long" : std::strerror(code)));
}

Error tls_error(std::string_view doing) {
  const bool alert = ERR_GET_REASON(ERR_peek_last_error()) >= kAlertOffset;
  return fail(alert ? ErrorCode::denied : ErrorCode::malformed, std::string(doing) + ": " + take_openssl_reason());
}

using AddressList = std::unique_ptr<addrinfo, Freed<::freeaddrinfo>>;

Result<AddressList> resolve(const TlsClientOptions& options) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int code = ::getaddrinfo(options.host.c_str(), std::to_string(options.port).c_str(), &hints, &found);
  if (code != 0) return fail(ErrorCode::io, "looking up `" + options.host + "`: " + ::gai_strerror(code));
  return AddressList(found);
}

struct WatchedSocket {
  FileDescriptor file;
  Cancellation::Watch watch;  // goes first
};

Result<WatchedSocket> connect_one(const addrinfo& address, const TlsClientOptions& options) {
  FileDescriptor socket(::socket(address.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, address.ai_protocol));
  if (!socket.is_open()) return socket_error("opening a socket", errno);
  Cancellation::Watch watch(options.cancellation, socket.get());
  if (::connect(socket.get(), address.ai_addr, address.ai_addrlen) != 0) {
    if (errno != EINPROGRESS) return socket_error("connecting", errno);
    if (watch.is_cancelled()) return socket_error("connecting", ECANCELED);  // before there was anything to shut down
    pollfd waiting{socket.get(), POLLOUT, 0};
    if (::poll(&waiting, 1, static_cast<int>(options.timeout.count())) != 1)
      return socket_error("connecting", ETIMEDOUT);
    int code = 0;
    socklen_t size = sizeof code;
    if (::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &code, &size) != 0 || code != 0) {
      return socket_error("connecting", code);
    }
  }
  if (watch.is_cancelled()) return socket_error("connecting", ECANCELED);
  return WatchedSocket{std::move(socket), std::move(watch)};
}

// Blocking from here on, each call bounded by the timeout.
Result<void> set_options(int socket, std::chrono::milliseconds timeout) {
  const timeval limit{timeout.count() / 1000, timeout.count() % 1000 * 1000};
  const int on = 1;
  const int flags = ::fcntl(socket, F_GETFL);
  const bool ok = flags >= 0 && ::fcntl(socket, F_SETFL, flags & ~O_NONBLOCK) == 0 &&
                  ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) == 0 &&
                  ::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) == 0 &&
                  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0;
  if (!ok) return socket_error("setting up the socket", errno);
  return {};
}

Result<WatchedSocket> connect_socket(const TlsClientOptions& options) {
  const AddressList addresses = TRY(resolve(options));
  Error last = fail(ErrorCode::io, "connecting: no address");
  for (const addrinfo* address = addresses.get(); address != nullptr; address = address->ai_next) {
    Result<WatchedSocket> socket = connect_one(*address, options);
    if (!socket) {
      last = socket.error();
      continue;
    }
    TRY_VOID(set_options(socket->file.get(), options.timeout));
    return socket;
  }
  return last;
}

// SPEC TLS-8: the name, or the address, must be in the certificate; wildcards only as a whole label.
bool expect_server(SSL* ssl, const std::string& name) {
  X509_VERIFY_PARAM* rules = SSL_get0_param(ssl);
  if (X509_VERIFY_PARAM_set1_ip_asc(rules, name.c_str()) == 1) return true;
  ERR_clear_error();
  SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  return SSL_set1_host(ssl, name.c_str()) == 1 && SSL_set_tlsext_host_name(ssl, name.c_str()) == 1;
}

Result<std::shared_ptr<SSL_CTX>> make_context(const TlsClientOptions& options) {
  const TrustStore trust = TRY(TrustStore::parse_pem(options.trusted_ca_pem));
  std::shared_ptr<SSL_CTX> context = make_tls_context(TLS_client_method());
  if (!context) return fail(ErrorCode::internal, "setting up TLS: " + take_openssl_reason());
  TRY_VOID(use_trust(context.get(), trust));
  if (options.identity) {
    TRY_VOID(use_identity(context.get(), options.identity->certificate_chain, options.identity->private_key));
  }
  constexpr unsigned char kAlpn[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  if (SSL_CTX_set_alpn_protos(context.get(), kAlpn, sizeof kAlpn) != 0) {
    return fail(ErrorCode::internal, "setting up TLS: " + take_openssl_reason());
  }
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  return context;
}

}  // namespace

struct TlsClient::State {
  WatchedSocket socket;
  Bytes received;  // what pipes.in shows
  MemoryPipes pipes;
  SslPtr ssl;

  std::chrono::milliseconds timeout{};
  std::chrono::steady_clock::time_point deadline{};  // of what is being done

  void begin() { deadline = std::chrono::steady_clock::now() + timeout; }
  Result<void> be_in_time() const {
    if (std::chrono::steady_clock::now() < deadline) return {};
    return fail(ErrorCode::expired, "the server takes too long");
  }

  Result<void> send_pending() {
    while (pipes.out_pending() > 0) {
      TRY_VOID(be_in_time());
      const ssize_t sent =
          ::send(socket.file.get(), pipes.out.data() + pipes.out_begin, pipes.out_pending(), MSG_NOSIGNAL);
      if (sent < 0 && errno == EINTR) continue;
      if (sent < 0) return socket_error("sending", errno);
      pipes.out_begin += static_cast<std::size_t>(sent);
    }
    pipes.drop_out();
    return {};
  }

  Result<void> receive() {
    TRY_VOID(be_in_time());
    received.resize(kReadBytes);
    ssize_t got = 0;
    do {
      got = ::recv(socket.file.get(), received.data(), received.size(), 0);
    } while (got < 0 && errno == EINTR);
    if (got < 0) return socket_error("receiving", errno);
    pipes.in = BytesView(received).first(static_cast<std::size_t>(got));
    if (got == 0) return fail(ErrorCode::malformed, "the stream ended without close_notify");
    return {};
  }

  Result<void> handshake() {
    begin();
    for (;;) {
      ERR_clear_error();
      const int done = SSL_connect(ssl.get());
      const int code = SSL_get_error(ssl.get(), done);
      const bool failed = done != 1 && code != SSL_ERROR_WANT_READ;
      const long verdict = SSL_get_verify_result(ssl.get());
      if (failed && verdict != X509_V_OK) {
        (void)send_pending();  // the alert
        ERR_clear_error();
        return fail(ErrorCode::denied,
                    std::string("the server's certificate: ") + X509_verify_cert_error_string(verdict));
      }
      if (failed) return tls_error("handshake");
      TRY_VOID(send_pending());
      if (done == 1) return {};
      TRY_VOID(receive());
    }
  }
};

TlsClient::TlsClient(std::unique_ptr<State> state) : state_(std::move(state)) {}
TlsClient::TlsClient(TlsClient&&) noexcept = default;
TlsClient& TlsClient::operator=(TlsClient&&) noexcept = default;
TlsClient::~TlsClient() = default;

Result<TlsClient> TlsClient::connect(const TlsClientOptions& options) {
  const std::shared_ptr<SSL_CTX> context = TRY(make_context(options));
  auto state = std::make_unique<State>();
  state->socket = TRY(connect_socket(options));
  state->timeout = options.timeout;
  state->ssl.reset(SSL_new(context.get()));
  state->pipes.out_limit = 1024 * 1024;
  const std::string& name = options.server_name.empty() ? options.host : options.server_name;
  if (!state->ssl || !expect_server(state->ssl.get(), name)) {
    return fail(ErrorCode::internal, "setting up TLS: " + take_openssl_reason());
  }
  BIO* bio = make_memory_bio(state->pipes).release();
  SSL_set_bio(state->ssl.get(), bio, bio);
  TRY_VOID(state->handshake());
  return TlsClient(std::move(state));
}

Result<void> TlsClient::write_all(BytesView data) {
  state_->begin();
  while (!data.empty()) {
    const BytesView piece = data.first(std::min(data.size(), kWritePieceBytes));
    ERR_clear_error();
    std::size_t written = 0;
    if (SSL_write_ex(state_->ssl.get(), piece.data(), piece.size(), &written) != 1) return tls_error("sending");
    TRY_VOID(state_->send_pending());
    data = data.subspan(written);
  }
  return {};
}

Result<std::size_t> TlsClient::read_some(std::span<std::uint8_t> out) {
  if (out.empty()) return fail(ErrorCode::invalid, "reading into an empty buffer");
  state_->begin();
  for (;;) {
    ERR_clear_error();
    std::size_t got = 0;
    const int done = SSL_read_ex(state_->ssl.get(), out.data(), out.size(), &got);
    if (done == 1) return got;
    const int code = SSL_get_error(state_->ssl.get(), done);
    if (code == SSL_ERROR_ZERO_RETURN) return std::size_t{0};
    if (code != SSL_ERROR_WANT_READ) return tls_error("receiving");
    TRY_VOID(state_->receive());
  }
}

void TlsClient::close() noexcept {
  if (!state_ || !state_->socket.file.is_open()) return;
  ERR_clear_error();
  state_->begin();
  if (SSL_shutdown(state_->ssl.get()) >= 0) (void)state_->send_pending();
  state_->socket.watch = Cancellation::Watch();
  state_->socket.file = FileDescriptor();
}

Result<Bytes> TlsClient::export_keying_material(std::string_view label, std::size_t length) const {
  return export_from(state_->ssl.get(), label, length);
}

std::string TlsClient::server_certificate_pem() const {
  X509* certificate = SSL_get0_peer_certificate(state_->ssl.get());
  if (certificate == nullptr) return {};
  X509_up_ref(certificate);
  const Result<Certificate> shared = Certificate::adopt(certificate);
  return shared ? shared->pem() : std::string();
}

int TlsClient::descriptor() const { return state_->socket.file.get(); }

}  // namespace flikvakt::crypto
