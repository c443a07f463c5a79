#include "crypto/tls_stream.h"

#include <algorithm>
#include <array>

#include "crypto/tls_stream_state.h"

namespace flikvakt::crypto {
namespace {

constexpr std::size_t kRecordBytes = 16 * 1024;  // RFC 8446 section 5.1

Result<Certificate> share(X509* borrowed) {
  X509_up_ref(borrowed);
  return Certificate::adopt(borrowed);
}

}  // namespace

TlsStream::State::State(TcpSocket connected, const ServerContext& context)
    : socket(std::move(connected)), ssl(SSL_new(context.native())), watchdog(std::make_shared<TlsWatchdog>(socket)) {
  if (!ssl) throw std::bad_alloc();
  pipes.out_limit = kMaxPendingBytes;
  BIO* bio = make_memory_bio(pipes).release();
  SSL_set_bio(ssl.get(), bio, bio);  // takes the one reference for both directions
  SSL_set_accept_state(ssl.get());
  boost::system::error_code no_delay, send_buffer;
  socket.set_option(boost::asio::ip::tcp::no_delay(true), no_delay);
  // SPEC TLS-23: without this bound the kernel would take megabytes that a revocation can no longer stop.
  socket.set_option(boost::asio::socket_base::send_buffer_size(kSendBufferBytes), send_buffer);
  is_broken = no_delay || send_buffer;
}

TlsStream::State::~State() {
  abort();
  watchdog->detach();
}

Error TlsStream::State::broken(ErrorCode code, std::string message) {
  is_broken = true;
  pipes.drop_out();
  give_back_buffer(pipes.out);
  return fail(code, std::move(message));
}

void TlsStream::State::abort() noexcept {
  is_broken = true;
  pipes.drop_out();
  if (!socket.is_open()) return;
  boost::system::error_code ignored;
  socket.set_option(boost::asio::socket_base::linger(true, 0), ignored);
  socket.close(ignored);
}

bool TlsStream::State::append_record(BytesView plaintext) {
  std::size_t written = 0;
  return plaintext.empty() || SSL_write_ex(ssl.get(), plaintext.data(), plaintext.size(), &written) == 1;
}

// Small parts are joined up to a full record; what already fills records is not copied.
Result<void> TlsStream::State::encrypt(std::span<const BytesView> parts) {
  std::size_t total = 0;
  for (const BytesView part : parts) total += part.size();
  if (is_broken || SSL_is_init_finished(ssl.get()) != 1) return fail(ErrorCode::io, "the connection is not open");
  const std::size_t overhead = 256 + total / 64;  // 22 bytes for each record
  if (total > kMaxPendingBytes || pipes.out_pending() + total + overhead > kMaxPendingBytes) {
    return fail(ErrorCode::invalid, "too much waits to be sent");
  }
  ERR_clear_error();
  std::array<std::uint8_t, kRecordBytes> joined;
  std::size_t used = 0;
  bool ok = true;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    BytesView part = parts[i];
    if (used > 0) {
      const std::size_t fits = std::min(part.size(), kRecordBytes - used);
      std::copy_n(part.begin(), fits, joined.begin() + static_cast<std::ptrdiff_t>(used));
      used += fits;
      part = part.subspan(fits);
      if (used < kRecordBytes) continue;
      ok = ok && append_record(joined);
      used = 0;
    }
    const bool last = i + 1 == parts.size();
    const std::size_t whole = last ? part.size() : part.size() / kRecordBytes * kRecordBytes;
    ok = ok && append_record(part.first(whole));
    part = part.subspan(whole);
    std::copy(part.begin(), part.end(), joined.begin());
    used = part.size();
  }
  ok = ok && append_record(BytesView(joined).first(used));
  if (!ok) return broken(ErrorCode::internal, "encrypting: " + take_openssl_reason());
  return {};
}

TlsStream::TlsStream(TcpSocket socket, const ServerContext& context)
    : state_(std::make_unique<State>(std::move(socket), context)) {}
TlsStream::TlsStream(TlsStream&&) noexcept = default;
TlsStream& TlsStream::operator=(TlsStream&&) noexcept = default;
TlsStream::~TlsStream() = default;

// The coroutines belong to the state, which does not move when the stream does.
Task<Result<void>> TlsStream::handshake(Deadline deadline) { return state_->handshake(deadline); }
Task<Result<std::size_t>> TlsStream::read_some(std::span<std::uint8_t> out, Deadline deadline) {
  return state_->read_some(out, deadline);
}
Task<Result<void>> TlsStream::flush(Deadline deadline, SendGate* gate) { return state_->flush(deadline, gate); }
Task<void> TlsStream::shutdown(Deadline deadline) { return state_->shutdown(deadline); }

Result<void> TlsStream::encrypt(std::span<const BytesView> parts) { return state_->encrypt(parts); }
Result<void> TlsStream::encrypt(std::initializer_list<BytesView> parts) {
  return state_->encrypt(std::span<const BytesView>(parts.begin(), parts.size()));
}
std::size_t TlsStream::pending_bytes() const { return state_->pipes.out_pending(); }
void TlsStream::abort() noexcept { state_->abort(); }
bool TlsStream::is_open() const { return !state_->is_broken && state_->socket.is_open(); }

std::optional<Certificate> TlsStream::peer_certificate() const {
  X509* leaf = SSL_get0_peer_certificate(state_->ssl.get());
  if (leaf == nullptr) return std::nullopt;
  Result<Certificate> shared = share(leaf);
  if (!shared) return std::nullopt;
  return *std::move(shared);
}

std::vector<Certificate> TlsStream::peer_chain() const {
  std::vector<Certificate> chain;
  std::optional<Certificate> leaf = peer_certificate();
  if (!leaf) return {};
  chain.push_back(*std::move(leaf));
  const STACK_OF(X509)* others = SSL_get_peer_cert_chain(state_->ssl.get());   // a server's list is without the leaf
  if (sk_X509_num(others) > ClientProfile{}.max_intermediates + 1) return {};  // of no path that would be accepted
  for (int i = 0; i < sk_X509_num(others); ++i) {
    Result<Certificate> other = share(sk_X509_value(others, i));
    if (!other) return {};
    chain.push_back(*std::move(other));
  }
  return chain;
}

Result<Bytes> TlsStream::export_keying_material(std::string_view label, std::size_t length) const {
  return export_from(state_->ssl.get(), label, length);
}

std::string TlsStream::remote_address() const {
  boost::system::error_code error;
  const auto endpoint = state_->socket.remote_endpoint(error);
  return error ? std::string() : endpoint.address().to_string();
}

}  // namespace flikvakt::crypto
