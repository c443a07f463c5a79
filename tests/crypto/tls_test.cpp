// Handshakes and transfers over loopback sockets with real OpenSSL on both sides; sentences of spec/tls.md.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <future>
#include <thread>

#include "base/files.h"
#include "certs/dev_pki.h"
#include "crypto/tls_client.h"
#include "crypto/tls_stream.h"

namespace flikvakt::crypto {
namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;
using certs::DevPki;
using certs::IssuedIdentity;
using namespace std::chrono_literals;

constexpr auto kAwait = asio::use_awaitable_t<Executor>{};
Deadline in(std::chrono::milliseconds time) { return std::chrono::steady_clock::now() + time; }
UtcTime now() { return SystemClock().wall(); }

struct Folder {
  fs::path path;
  Folder() {
    std::string name = (fs::temp_directory_path() / "flikvakt-tls-XXXXXX").string();
    path = ::mkdtemp(name.data());
  }
  ~Folder() { fs::remove_all(path); }
};

// Made once: our PKI, and a stranger's.
struct World {
  Folder folder;
  DevPki pki = DevPki::create(folder.path / "ours", now()).value();
  DevPki stranger = DevPki::create(folder.path / "strange", now()).value();
  std::vector<std::string> names{"localhost", "127.0.0.1"};
  IssuedIdentity server = pki.issue_server("server", names, now()).value();
  IssuedIdentity client = pki.issue_client("client", "Region Exempel", "232100-0016", now()).value();
  IssuedIdentity foreign = stranger.issue_client("client", "Region Exempel", "232100-0016", now()).value();
  ServerContext organisations =
      ServerContext::for_organisations(server.certificate, server.key, pki.trust().value()).value();
  ServerContext persons = ServerContext::for_persons(server.certificate, server.key).value();
};
const World& world() {
  static const World made;
  return made;
}

using Handler = std::function<Task<void>(TlsStream&, int)>;  // the stream before its handshake, and its descriptor

// Accepts one connection on a thread of its own and hands it to the handler.
class Server {
public:
  Server(const ServerContext& context, Handler handler)
      : acceptor_(io_, {asio::ip::address_v4::loopback(), 0}), context_(context), handler_(std::move(handler)) {
    asio::co_spawn(io_, serve(), asio::detached);
    thread_ = std::thread([this] { io_.run(); });
  }
  ~Server() { finish(); }
  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
  void finish() {
    if (thread_.joinable()) thread_.join();
  }

private:
  Task<void> serve() {
    auto accept = acceptor_.async_accept(kAwait);
    TcpSocket socket = co_await std::move(accept);
    const int descriptor = socket.native_handle();
    TlsStream stream(std::move(socket), context_);
    auto handled = handler_(stream, descriptor);
    co_await std::move(handled);
  }

  asio::io_context io_{1};
  TcpAcceptor acceptor_;
  const ServerContext& context_;
  Handler handler_;
  std::thread thread_;
};

TlsClientOptions options(const Server& server, const IssuedIdentity* identity = nullptr) {
  TlsClientOptions out;
  out.host = "127.0.0.1";
  out.port = server.port();
  out.server_name = "localhost";
  out.trusted_ca_pem = world().pki.ca().certificate().pem();
  out.timeout = 5000ms;
  if (identity != nullptr) out.identity = ClientIdentity{identity->certificate, identity->key};
  return out;
}

std::string read_all(TlsClient& client) {
  std::string out;
  Bytes buffer(64 * 1024);
  for (;;) {
    const Result<std::size_t> got = client.read_some(buffer);
    if (!got) return out + "|error: " + std::string(to_string(got.error().code));
    if (*got == 0) return out;
    out.append(as_text(BytesView(buffer).first(*got)));
  }
}

std::string outcome(const Result<void>& result) { return result ? "ok" : std::string(to_string(result.error().code)); }

// Handshake, then "hello" and a clean end.
Handler greeting(std::string& handshake) {
  return [&handshake](TlsStream& stream, int) -> Task<void> {
    auto shake = stream.handshake(in(5000ms));
    const Result<void> shaken = co_await std::move(shake);
    handshake = outcome(shaken);
    if (!shaken) co_return;
    (void)stream.encrypt(as_bytes("hello"));
    auto flush = stream.flush(in(5000ms), nullptr);
    (void)co_await std::move(flush);
    auto end = stream.shutdown(in(1000ms));
    co_await std::move(end);
  };
}

// What a client with the given settings, straight on OpenSSL, gets from a greeting server.
struct Raw {
  int version = TLS1_3_VERSION;
  const char* groups = "X25519:P-256";
  const char* suites = "TLS_AES_256_GCM_SHA384";
  std::vector<unsigned char> alpn;
};
struct RawAnswer {
  bool connected = false;
  std::string text, alpn;
  int sessions = 0;
};
int raw_socket(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  return fd;
}
RawAnswer raw_connect(std::uint16_t port, const Raw& raw) {
  RawAnswer out;
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()), &SSL_CTX_free);
  SSL_CTX_set_min_proto_version(context.get(), raw.version);
  SSL_CTX_set_max_proto_version(context.get(), raw.version);
  SSL_CTX_set1_groups_list(context.get(), raw.groups);
  SSL_CTX_set_ciphersuites(context.get(), raw.suites);
  if (!raw.alpn.empty()) SSL_CTX_set_alpn_protos(context.get(), raw.alpn.data(), raw.alpn.size());
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_CLIENT);
  SSL_CTX_sess_set_new_cb(context.get(), [](SSL* ssl, SSL_SESSION*) {
    ++*static_cast<int*>(SSL_get_app_data(ssl));
    return 0;
  });
  const std::unique_ptr<SSL, decltype(&SSL_free)> ssl(SSL_new(context.get()), &SSL_free);
  SSL_set_app_data(ssl.get(), &out.sessions);
  const FileDescriptor fd(raw_socket(port));
  SSL_set_fd(ssl.get(), fd.get());
  out.connected = SSL_connect(ssl.get()) == 1;
  char text[16];
  const int got = out.connected ? SSL_read(ssl.get(), text, sizeof text) : 0;
  if (got > 0) out.text.assign(text, static_cast<std::size_t>(got));
  const unsigned char* alpn = nullptr;
  unsigned int size = 0;
  SSL_get0_alpn_selected(ssl.get(), &alpn, &size);
  out.alpn.assign(reinterpret_cast<const char*>(alpn), size);
  ERR_clear_error();
  return out;
}
RawAnswer raw_greeting(const Raw& raw, std::string& handshake) {
  Server server(world().persons, greeting(handshake));
  RawAnswer out = raw_connect(server.port(), raw);
  server.finish();
  return out;
}

// Counts the sends; says no from the given one on, or when closed.
struct CountingGate : SendGate {
  explicit CountingGate(int allowed_sends = 1'000'000'000) : allowed(allowed_sends) {}
  bool enter() noexcept override {
    if (closed || entered >= allowed) {
      ++refused;
      return false;
    }
    ++entered;
    inside = true;
    return true;
  }
  void leave(std::size_t sent_bytes) noexcept override {
    inside = false;
    ++left;
    bytes += sent_bytes;
    if (sent_bytes > 0) ++sends;
  }
  int allowed;
  std::atomic<bool> closed = false, inside = false;
  std::atomic<int> entered = 0, left = 0, refused = 0, sends = 0;
  std::atomic<std::size_t> bytes = 0;
};

Bytes pattern(std::size_t size) {
  Bytes out(size);
  for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<std::uint8_t>(i * 2654435761u >> 13);
  return out;
}

TEST(Tls, AClientWithItsCertificateIsServed) {
  std::string handshake;
  Server server(world().organisations, greeting(handshake));
  TlsClient client = TlsClient::connect(options(server, &world().client)).value();
  EXPECT_EQ(read_all(client), "hello");
  EXPECT_EQ(Certificate::parse_pem(client.server_certificate_pem())->sha256_fingerprint(),
            world().server.leaf.sha256_fingerprint());
  client.close();
  server.finish();
  EXPECT_EQ(handshake, "ok");
}

// SPEC TLS-6
TEST(Tls, AClientWithoutCertificateIsRefusedByTheOrganisationsListener) {
  std::string handshake;
  Server server(world().organisations, greeting(handshake));
  Result<TlsClient> client = TlsClient::connect(options(server));
  ASSERT_TRUE(client);  // a TLS 1.3 client is ready before the server has looked at its certificate
  EXPECT_EQ(read_all(*client), "|error: denied");
  server.finish();
  EXPECT_EQ(handshake, "malformed");
}

// SPEC TLS-6
TEST(Tls, AClientOfAnotherCaIsRefusedByTheOrganisationsListener) {
  std::string handshake;
  Server server(world().organisations, greeting(handshake));
  Result<TlsClient> client = TlsClient::connect(options(server, &world().foreign));
  ASSERT_TRUE(client);  // a TLS 1.3 client is ready before the server has looked at its certificate
  EXPECT_EQ(read_all(*client), "|error: denied");
  server.finish();
  EXPECT_EQ(handshake, "malformed");
}

// SPEC TLS-6
TEST(Tls, AnExpiredClientCertificateIsRefusedInTheHandshake) {
  certs::CertificateSpec spec = certs::client_profile("Region Exempel", "232100-0016", now());
  spec.not_before = now() - std::chrono::days{30};
  spec.not_after = now() - std::chrono::days{1};
  const IssuedIdentity expired = world().pki.issue("expired", spec).value();
  std::string handshake;
  Server server(world().organisations, greeting(handshake));
  Result<TlsClient> client = TlsClient::connect(options(server, &expired));
  ASSERT_TRUE(client);  // a TLS 1.3 client is ready before the server has looked at its certificate
  EXPECT_EQ(read_all(*client), "|error: denied");
  server.finish();
  EXPECT_EQ(handshake, "malformed");
}

// SPEC TLS-6
TEST(Tls, ThePeersChainIsWhatItsPathIsFoundFrom) {
  std::vector<Certificate> chain;
  Server server(world().organisations, [&](TlsStream& stream, int) -> Task<void> {
    auto shake = stream.handshake(in(5000ms));
    (void)co_await std::move(shake);
    chain = stream.peer_chain();
    EXPECT_EQ(stream.remote_address(), "127.0.0.1");
  });
  (void)TlsClient::connect(options(server, &world().client)).value();
  server.finish();
  ASSERT_EQ(chain.size(), 1u);
  EXPECT_TRUE(chain[0].same_as(world().client.leaf));
  const TrustStore trust = world().pki.trust().value();
  EXPECT_FALSE(find_client_path(chain, trust, now()).problem);
  EXPECT_EQ(find_client_path(chain, world().stranger.trust().value(), now()).problem, CertificateProblem::untrusted);
}

// SPEC TLS-7
TEST(Tls, ThePersonsListenerAsksForNoCertificate) {
  bool has_certificate = true;
  Server server(world().persons, [&](TlsStream& stream, int) -> Task<void> {
    auto shake = stream.handshake(in(5000ms));
    const Result<void> shaken = co_await std::move(shake);
    EXPECT_TRUE(shaken);
    has_certificate = stream.peer_certificate().has_value() || !stream.peer_chain().empty();
  });
  (void)TlsClient::connect(options(server, &world().client)).value();
  server.finish();
  EXPECT_FALSE(has_certificate);
}

// SPEC TLS-1
TEST(Tls, Tls13IsSpokenAndTls12Refused) {
  std::string handshake;
  EXPECT_EQ(raw_greeting(Raw{}, handshake).text, "hello");
  EXPECT_EQ(handshake, "ok");
  Raw old;
  old.version = TLS1_2_VERSION;
  EXPECT_FALSE(raw_greeting(old, handshake).connected);
  EXPECT_EQ(handshake, "malformed");
}

// SPEC TLS-2
TEST(Tls, OnlyTheListedSuitesAreSpoken) {
  std::string handshake;
  for (const char* suite : {"TLS_AES_256_GCM_SHA384", "TLS_AES_128_GCM_SHA256", "TLS_CHACHA20_POLY1305_SHA256"}) {
    Raw raw;
    raw.suites = suite;
    EXPECT_EQ(raw_greeting(raw, handshake).text, "hello") << suite;
  }
  Raw other;
  other.suites = "TLS_AES_128_CCM_SHA256";
  EXPECT_FALSE(raw_greeting(other, handshake).connected);
}

// SPEC TLS-3
TEST(Tls, OnlyTheListedGroupsAreSpoken) {
  std::string handshake;
  for (const char* group : {"X25519", "P-256"}) {
    Raw raw;
    raw.groups = group;
    EXPECT_EQ(raw_greeting(raw, handshake).text, "hello") << group;
  }
  Raw other;
  other.groups = "P-384";
  EXPECT_FALSE(raw_greeting(other, handshake).connected);
}

// SPEC TLS-4
TEST(Tls, AnOfferedProtocolListMustHoldHttp11) {
  std::string handshake;
  Raw both, none, h2;
  both.alpn = {2, 'h', '2', 8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  h2.alpn = {2, 'h', '2'};
  EXPECT_EQ(raw_greeting(both, handshake).alpn, "http/1.1");
  EXPECT_EQ(raw_greeting(none, handshake).text, "hello");
  EXPECT_FALSE(raw_greeting(h2, handshake).connected);
}

// SPEC TLS-5
TEST(Tls, NoSessionTicketIsIssued) {
  std::string handshake;
  const RawAnswer answer = raw_greeting(Raw{}, handshake);
  EXPECT_EQ(answer.text, "hello");
  EXPECT_EQ(answer.sessions, 0);
}

// SPEC TLS-8
TEST(Tls, TheClientRefusesAServerOfAnotherCaOrName) {
  const auto connect = [](const std::function<void(TlsClientOptions&)>& change) {
    std::string handshake;
    Server server(world().persons, greeting(handshake));
    TlsClientOptions wanted = options(server);
    change(wanted);
    return TlsClient::connect(wanted);
  };
  EXPECT_TRUE(connect([](TlsClientOptions&) {}));
  EXPECT_TRUE(connect([](TlsClientOptions& o) { o.server_name.clear(); }));  // 127.0.0.1, by address
  EXPECT_EQ(connect([](TlsClientOptions& o) { o.server_name = "annan.se"; }).error().code, ErrorCode::denied);
  EXPECT_EQ(connect([](TlsClientOptions& o) { o.server_name = "127.0.0.2"; }).error().code, ErrorCode::denied);
  EXPECT_EQ(
      connect([](TlsClientOptions& o) { o.trusted_ca_pem = world().stranger.ca().certificate().pem(); }).error().code,
      ErrorCode::denied);
}

// SPEC TLS-9
// A record of 16 KiB, a byte each 20 ms: each recv has something to show, and it would take five minutes.
TEST(Tls, AServerThatTricklesHoldsTheClientNoLongerThanItsTime) {
  asio::io_context io;
  TcpAcceptor acceptor(io, {asio::ip::address_v4::loopback(), 0});
  const std::uint16_t port = acceptor.local_endpoint().port();
  std::atomic<int> sent = 0;
  std::thread trickle([&] {
    auto socket = acceptor.accept();
    const Bytes record{0x16, 0x03, 0x03, 0x40, 0x00};
    for (bool is_there = true; is_there && sent < 15'000; ++sent) {
      const std::uint8_t next = sent < 5 ? record[static_cast<std::size_t>(sent)] : 0;
      is_there = ::send(socket.native_handle(), &next, 1, MSG_NOSIGNAL) == 1;
      std::this_thread::sleep_for(20ms);
    }
  });
  TlsClientOptions asked;
  asked.host = "127.0.0.1";
  asked.port = port;
  asked.server_name = "localhost";
  asked.trusted_ca_pem = world().pki.ca().certificate().pem();
  asked.timeout = 300ms;
  EXPECT_EQ(TlsClient::connect(asked).error().code, ErrorCode::expired);
  trickle.join();
  EXPECT_GT(sent, 5);
  EXPECT_LT(sent, 15'000) << "the client left while the server still sent";
}

TEST(Tls, AKeyFileOpenToOthersIsNotLoaded) {
  const IssuedIdentity own = world().pki.issue_server("open", world().names, now()).value();
  struct stat info {};
  ASSERT_EQ(::stat(own.key.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  EXPECT_TRUE(ServerContext::for_persons(own.certificate, own.key));
  ASSERT_EQ(::chmod(own.key.c_str(), 0640), 0);
  EXPECT_EQ(ServerContext::for_persons(own.certificate, own.key).error().code, ErrorCode::invalid);
}

TEST(Tls, FilesThatDoNotFitAreRefusedByName) {
  const World& w = world();
  EXPECT_EQ(ServerContext::for_persons(w.folder.path / "none.pem", w.server.key).error().code, ErrorCode::not_found);
  EXPECT_EQ(ServerContext::for_persons(w.server.key, w.server.key).error().code, ErrorCode::malformed);
  const Result<ServerContext> other = ServerContext::for_persons(w.server.certificate, w.client.key);
  EXPECT_EQ(other.error().code, ErrorCode::malformed);
  EXPECT_NE(other.error().message.find("client.key`"), std::string::npos);
  EXPECT_EQ(ServerContext::for_organisations(w.server.certificate, w.server.key, {}).error().code, ErrorCode::invalid);
}

// SPEC TLS-19
TEST(Tls, HalfAHandshakeEndsAtItsDeadline) {
  std::string handshake;
  std::chrono::steady_clock::duration took{};
  Server server(world().persons, [&](TlsStream& stream, int) -> Task<void> {
    const auto start = std::chrono::steady_clock::now();
    auto shake = stream.handshake(in(200ms));
    const Result<void> shaken = co_await std::move(shake);
    handshake = outcome(shaken);
    took = std::chrono::steady_clock::now() - start;
    EXPECT_FALSE(stream.is_open());
  });
  const FileDescriptor half(raw_socket(server.port()));
  const char hello[] = "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03";
  EXPECT_GT(::send(half.get(), hello, sizeof hello - 1, MSG_NOSIGNAL), 0);
  server.finish();
  EXPECT_EQ(handshake, "expired");
  EXPECT_GE(took, 190ms);
  EXPECT_LT(took, 3000ms);
}

TEST(Tls, NoiseInsteadOfAHandshakeIsRefused) {
  std::string handshake;
  Server server(world().persons, greeting(handshake));
  const FileDescriptor noise(raw_socket(server.port()));
  EXPECT_GT(::send(noise.get(), "GET / HTTP/1.1\r\n\r\n", 18, MSG_NOSIGNAL), 0);
  server.finish();
  EXPECT_EQ(handshake, "malformed");
}

// What the server reads after the handshake: text, then how it ended.
std::string what_server_reads(const std::function<void(TlsClient&)>& act, std::chrono::milliseconds patience = 5000ms) {
  std::string text;
  Server server(world().persons, [&](TlsStream& stream, int) -> Task<void> {
    auto shake = stream.handshake(in(5000ms));
    (void)co_await std::move(shake);
    Bytes buffer(100'000);
    for (;;) {
      auto read = stream.read_some(buffer, in(patience));
      const Result<std::size_t> got = co_await std::move(read);
      if (!got) text += "|" + std::string(to_string(got.error().code));
      if (!got || *got == 0) co_return;
      text += as_text(BytesView(buffer).first(*got));
    }
  });
  TlsClient client = TlsClient::connect(options(server)).value();
  act(client);
  server.finish();
  return text;
}

// SPEC TLS-20
TEST(Tls, ACleanEndIsAnEndAndATruncationAnError) {
  const auto say = [](TlsClient& c) { EXPECT_TRUE(c.write_all(as_bytes("deposit"))); };
  EXPECT_EQ(what_server_reads([&](TlsClient& c) { say(c), c.close(); }), "deposit");
  EXPECT_EQ(what_server_reads([&](TlsClient& c) { say(c), ::shutdown(c.descriptor(), SHUT_WR); }), "deposit|malformed");
}

// SPEC TLS-20
TEST(Tls, TheClientTooTellsATruncation) {
  Server server(world().persons, [](TlsStream& stream, int descriptor) -> Task<void> {
    auto shake = stream.handshake(in(5000ms));
    (void)co_await std::move(shake);
    (void)stream.encrypt(as_bytes("half"));
    auto flush = stream.flush(in(5000ms), nullptr);
    (void)co_await std::move(flush);
    ::shutdown(descriptor, SHUT_WR);
    Bytes byte(1);
    auto read = stream.read_some(byte, in(5000ms));
    (void)co_await std::move(read);
  });
  TlsClient client = TlsClient::connect(options(server)).value();
  EXPECT_EQ(read_all(client), "half|error: malformed");
  client.close();
}

// SPEC TLS-19
TEST(Tls, ASilentPeerIsDroppedAtTheReadDeadline) {
  EXPECT_EQ(what_server_reads([](TlsClient&) { std::this_thread::sleep_for(400ms); }, 150ms), "|expired");
}

TEST(Tls, ALargeUploadArrivesWhole) {
  const Bytes sent = pattern(3'000'000);
  EXPECT_TRUE(what_server_reads([&](TlsClient& c) {
                EXPECT_TRUE(c.write_all(sent));
                c.close();
              }) == as_text(sent));
}

// SPEC TLS-21
TEST(Tls, TheExporterIsEqualOnBothSidesAndNewPerConnection) {
  const auto export_both = [] {
    Bytes of_server;
    Server server(world().persons, [&](TlsStream& stream, int) -> Task<void> {
      EXPECT_FALSE(stream.export_keying_material(kChannelBindingLabel, kChannelBindingBytes));
      auto shake = stream.handshake(in(5000ms));
      (void)co_await std::move(shake);
      of_server = stream.export_keying_material(kChannelBindingLabel, kChannelBindingBytes).value();
    });
    TlsClient client = TlsClient::connect(options(server)).value();
    const Bytes of_client = client.export_keying_material(kChannelBindingLabel, kChannelBindingBytes).value();
    server.finish();
    EXPECT_EQ(of_client, of_server);
    EXPECT_NE(client.export_keying_material("EXPORTER-Other", 32).value(), of_client);
    return of_client;
  };
  const Bytes first = export_both(), second = export_both();
  EXPECT_EQ(first.size(), 32u);
  EXPECT_NE(first, second);
}

// Sends `total` bytes in 64 KiB chunks under the gate; gives the outcome and how many flushes went through.
struct Transfer {
  std::string result = "ok";
  int chunks = 0;
};
Handler transfer(std::size_t total, SendGate& gate, std::chrono::milliseconds patience, Transfer& out) {
  return [=, &gate, &out](TlsStream& stream, int descriptor) -> Task<void> {
    auto shake = stream.handshake(in(5000ms));
    (void)co_await std::move(shake);
    int buffer = 0, no_delay = 0;
    socklen_t size = sizeof buffer;
    ::getsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &buffer, &size);
    ::getsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &no_delay, &size);
    EXPECT_EQ(buffer, 192 * 1024);  // SPEC TLS-23: what we asked for, doubled
    EXPECT_EQ(no_delay, 1);
    const Bytes all = pattern(total);
    for (std::size_t at = 0; at < all.size(); at += 65536) {
      const BytesView chunk = BytesView(all).subspan(at, std::min<std::size_t>(65536, all.size() - at));
      EXPECT_TRUE(stream.encrypt(chunk));
      auto flush = stream.flush(in(patience), &gate);
      const Result<void> flushed = co_await std::move(flush);
      if (!flushed) {
        out.result = std::string(to_string(flushed.error().code));
        EXPECT_EQ(stream.pending_bytes(), 0u);
        EXPECT_FALSE(stream.encrypt(as_bytes("more")));
        co_return;
      }
      ++out.chunks;
    }
    auto end = stream.shutdown(in(5000ms));
    co_await std::move(end);
  };
}

// SPEC TLS-22, TLS-24
TEST(Tls, AChunkOf64KiBIsOneSend) {
  CountingGate gate;
  Transfer done;
  Server server(world().persons, transfer(65536, gate, 5000ms, done));
  TlsClient client = TlsClient::connect(options(server)).value();
  EXPECT_TRUE(read_all(client) == as_text(pattern(65536)));
  client.close();
  server.finish();
  EXPECT_EQ(done.result, "ok");
  EXPECT_EQ(gate.entered, 1);
  EXPECT_EQ(gate.left, 1);
  EXPECT_EQ(gate.bytes, 65536u + 4 * 22);  // four records
}

// SPEC TLS-24
TEST(Tls, HeadAndFirstChunkShareTheirRecords) {
  std::vector<std::size_t> pending;
  Server server(world().persons, [&](TlsStream& stream, int) -> Task<void> {
    auto shake = stream.handshake(in(5000ms));
    (void)co_await std::move(shake);
    const Bytes head(200, 'h'), small(4096, 's'), large(65536, 'l');
    const std::vector<std::vector<BytesView>> writes{
        {head, small}, {head, large}, {head, BytesView(), large, small}, {}};
    for (const std::vector<BytesView>& parts : writes) {
      const std::size_t before = stream.pending_bytes();
      EXPECT_TRUE(stream.encrypt(std::span<const BytesView>(parts)));
      pending.push_back(stream.pending_bytes() - before);
    }
    auto flush = stream.flush(in(5000ms), nullptr);
    (void)co_await std::move(flush);
    auto end = stream.shutdown(in(1000ms));
    co_await std::move(end);
  });
  TlsClient client = TlsClient::connect(options(server)).value();
  const std::string h(200, 'h'), s(4096, 's'), l(65536, 'l');
  EXPECT_TRUE(read_all(client) == h + s + h + l + h + l + s);
  client.close();
  server.finish();
  const std::vector<std::size_t> expected{200 + 4096 + 22, 200 + 65536 + 5 * 22, 200 + 65536 + 4096 + 5 * 22, 0};
  EXPECT_EQ(pending, expected);
}

TEST(Tls, ASlowReaderGetsEveryByteInOrder) {
  constexpr std::size_t kTotal = 4'000'000;
  CountingGate gate;
  Transfer done;
  Server server(world().persons, transfer(kTotal, gate, 10'000ms, done));
  TlsClient client = TlsClient::connect(options(server)).value();
  std::string text;
  Bytes buffer(16 * 1024);
  for (int reads = 0;; ++reads) {
    if (reads % 8 == 0) std::this_thread::sleep_for(2ms);
    const Result<std::size_t> got = client.read_some(buffer);
    ASSERT_TRUE(got);
    if (*got == 0) break;
    text.append(as_text(BytesView(buffer).first(*got)));
  }
  client.close();
  server.finish();
  EXPECT_TRUE(text == as_text(pattern(kTotal)));
  EXPECT_EQ(done.result, "ok");
  EXPECT_EQ(gate.entered, gate.left);
}

// SPEC TLS-22
TEST(Tls, AClosedGateSendsNothing) {
  CountingGate gate(0);
  Transfer done;
  Server server(world().persons, transfer(65536, gate, 5000ms, done));
  TlsClient client = TlsClient::connect(options(server)).value();
  const std::string text = read_all(client);
  server.finish();
  EXPECT_TRUE(text.starts_with("|error")) << text.size();
  EXPECT_EQ(done.result, "denied");
  EXPECT_EQ(gate.left, 0);
  EXPECT_EQ(gate.bytes, 0u);
}

// SPEC TLS-22: closed while the transfer waits for a peer that does not read.
TEST(Tls, AGateClosedDuringATransferStopsItAtTheNextSend) {
  CountingGate gate;
  Transfer done;
  Server server(world().persons, transfer(20'000'000, gate, 10'000ms, done));
  TlsClient client = TlsClient::connect(options(server)).value();
  std::size_t before = 0;
  do {  // until the kernel takes no more
    before = gate.bytes;
    std::this_thread::sleep_for(100ms);
  } while (before == 0 || gate.bytes != before);
  gate.closed = true;
  while (gate.inside) std::this_thread::yield();
  const std::size_t at_close = gate.bytes;
  const std::string text = read_all(client);
  server.finish();
  EXPECT_EQ(gate.bytes, at_close);
  EXPECT_EQ(gate.refused, 1);
  EXPECT_EQ(done.result, "denied");
  EXPECT_NE(text.find("|error"), std::string::npos);
  EXPECT_LT(text.size(), at_close);
}

// SPEC TLS-19, TLS-23
TEST(Tls, APeerThatNeverReadsIsDroppedAtTheSendDeadline) {
  CountingGate gate;
  Transfer done;
  Server server(world().persons, transfer(20'000'000, gate, 300ms, done));
  TlsClientOptions wanted = options(server);
  TlsClient client = TlsClient::connect(wanted).value();
  server.finish();
  EXPECT_EQ(done.result, "expired");
  EXPECT_GT(gate.bytes, 65536u);
  EXPECT_LT(gate.bytes, 19'000'000u);
}

// SPEC TLS-23
TEST(Tls, TheKernelHoldsAtMost256KiBForAPeerThatDoesNotRead) {
  int held = 0;
  Server server(world().persons, [&](TlsStream& stream, int descriptor) -> Task<void> {
    auto shake = stream.handshake(in(5000ms));
    (void)co_await std::move(shake);
    const Bytes chunk = pattern(65536);
    for (bool goes_on = true; goes_on;) {
      EXPECT_TRUE(stream.encrypt(chunk));
      auto flush = stream.flush(in(300ms), nullptr);
      const Result<void> flushed = co_await std::move(flush);
      goes_on = flushed.has_value();
    }
    EXPECT_EQ(::ioctl(descriptor, SIOCOUTQ, &held), 0);  // sent, and not acknowledged by the peer's kernel
  });
  TlsClient client = TlsClient::connect(options(server)).value();
  server.finish();
  EXPECT_GT(held, 128 * 1024);
  EXPECT_LE(held, 256 * 1024);
}

TEST(Tls, AbortEndsAWaitingReadAtOnce) {
  std::string result;
  std::promise<void> reading;
  Server server(world().persons, [&](TlsStream& stream, int) -> Task<void> {
    auto shake = stream.handshake(in(5000ms));
    (void)co_await std::move(shake);
    auto executor = co_await asio::this_coro::executor;
    asio::steady_timer timer(executor, 50ms);
    timer.async_wait([&](const boost::system::error_code&) { stream.abort(); });
    Bytes byte(1);
    auto read = stream.read_some(byte, in(5000ms));
    const Result<std::size_t> got = co_await std::move(read);
    result = got ? "read" : std::string(to_string(got.error().code));
  });
  TlsClient client = TlsClient::connect(options(server)).value();
  server.finish();
  EXPECT_EQ(result, "io");
}

TEST(Tls, TooMuchPendingIsRefusedAndNothingIsLost) {
  Server server(world().persons, [](TlsStream& stream, int) -> Task<void> {
    EXPECT_EQ(stream.encrypt(as_bytes("early")).error().code, ErrorCode::io);
    auto shake = stream.handshake(in(5000ms));
    (void)co_await std::move(shake);
    EXPECT_TRUE(stream.encrypt(as_bytes("first")));
    const Bytes big(TlsStream::kMaxPendingBytes);
    EXPECT_EQ(stream.encrypt(big).error().code, ErrorCode::invalid);
    auto flush = stream.flush(in(5000ms), nullptr);
    (void)co_await std::move(flush);
    auto end = stream.shutdown(in(1000ms));
    co_await std::move(end);
  });
  TlsClient client = TlsClient::connect(options(server)).value();
  EXPECT_EQ(read_all(client), "first");
  client.close();
}

TEST(DevPki, IsMadeOncePrivateAndReopens) {
  const Folder folder;
  const fs::path path = folder.path / "pki";
  const DevPki made = DevPki::create(path, now()).value();
  EXPECT_EQ(DevPki::create(path, now()).error().code, ErrorCode::conflict);
  const DevPki again = DevPki::open(path).value();
  EXPECT_TRUE(again.ca().certificate().same_as(made.ca().certificate()));
  for (const char* file : {".", "ca.key", "ca.pem", "crl.pem"}) EXPECT_TRUE(require_private(path / file)) << file;
  EXPECT_EQ(again.write_crl({}, 2, now(), now() + 24h).value().number(), 2u);
  EXPECT_EQ(made.crl().value().number(), 2u);
  EXPECT_EQ(made.issue_client("../x", "Region", "1", now()).error().code, ErrorCode::invalid);
  const std::vector<std::string> odd{"localhost,DNS:annan.se"};
  EXPECT_EQ(made.issue_server("server", odd, now()).error().code, ErrorCode::invalid);
  ASSERT_EQ(::chmod((path / "ca.key").c_str(), 0644), 0);
  EXPECT_EQ(DevPki::open(path).error().code, ErrorCode::invalid);
}

}  // namespace
}  // namespace flikvakt::crypto
