// A gateway server on a loopback port, and a client that speaks raw HTTP over real TLS.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <charconv>
#include <filesystem>
#include <future>
#include <limits>

#include "base/files.h"
#include "certs/dev_pki.h"
#include "crypto/send_gate.h"
#include "crypto/tls_client.h"
#include "gateway/http_server.h"

namespace flikvakt::gateway {

using namespace std::chrono_literals;

struct Folder {
  std::filesystem::path path;
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "flikvakt-http-XXXXXX").string();
    path = ::mkdtemp(name.data());
  }
  ~Folder() { std::filesystem::remove_all(path); }
};

// Made once per test program.
struct World {
  UtcTime now = SystemClock().wall();
  Folder folder;
  certs::DevPki pki = certs::DevPki::create(folder.path / "pki", now).value();
  std::vector<std::string> names{"localhost", "127.0.0.1"};
  certs::IssuedIdentity server = pki.issue_server("server", names, now).value();
  certs::IssuedIdentity client = pki.issue_client("client", "Region Exempel", "232100-0016", now).value();
  certs::IssuedIdentity other = pki.issue_client("other", "Kommun Exempel", "212000-0142", now).value();
  std::string ca_pem{as_text(read_file(pki.ca_path(), 65536).value())};
  crypto::ServerContext context =
      crypto::ServerContext::for_organisations(server.certificate, server.key, pki.trust().value()).value();

  static World& get() {
    static World world;
    return world;
  }
};

struct Reply {
  unsigned status = 0;  // 0: the connection ended first
  std::string head;     // to the empty line
  std::string body;
  bool has(std::string_view line) const { return head.find(std::string(line) + "\r\n") != std::string::npos; }
};

class Client {
public:
  explicit Client(std::uint16_t port, const certs::IssuedIdentity& identity = World::get().client)
      : tls_(crypto::TlsClient::connect({.host = "127.0.0.1",
                                         .port = port,
                                         .server_name = "localhost",
                                         .trusted_ca_pem = World::get().ca_pem,
                                         .identity = crypto::ClientIdentity{identity.certificate, identity.key},
                                         .timeout = 8s})
                 .value()) {}

  bool send(std::string_view text) { return tls_.write_all(as_bytes(text)).has_value(); }

  Reply receive(bool is_head = false) {
    Reply reply;
    std::size_t end = 0;
    while ((end = received_.find("\r\n\r\n")) == std::string::npos) {
      if (!more()) return reply;
    }
    reply.head = received_.substr(0, end + 4);
    received_.erase(0, end + 4);
    std::from_chars(reply.head.data() + 9, reply.head.data() + 12, reply.status);
    const std::size_t at = reply.head.find("Content-Length: ");
    std::size_t length = 0;
    if (at != std::string::npos)
      std::from_chars(reply.head.data() + at + 16, reply.head.data() + reply.head.size(), length);
    if (is_head) length = 0;
    while (received_.size() < length && more()) {
    }
    reply.body = received_.substr(0, length);
    received_.erase(0, length);
    return reply;
  }
  Reply ask(std::string_view text) { return send(text) ? receive() : Reply(); }

  // Everything until the connection ends; says how it ended: "closed", "cut" (no goodbye) or "open" (still open after 8
  // s).
  std::string drain() {
    while (more()) {
    }
    return ending_;
  }
  const std::string& received() const { return received_; }
  crypto::TlsClient& tls() { return tls_; }

private:
  bool more() {
    ByteArray<16384> chunk;
    const Result<std::size_t> got = tls_.read_some(chunk);
    if (got && *got > 0) {
      received_.append(as_text(BytesView(chunk).first(*got)));
      return true;
    }
    ending_ = got ? "closed" : got.error().code == ErrorCode::expired ? "open" : "cut";
    return false;
  }

  crypto::TlsClient tls_;
  std::string received_;
  std::string ending_;
};

inline std::string get(std::string_view path, std::string_view fields = "") {
  return "GET " + std::string(path) + " HTTP/1.1\r\nHost: localhost\r\n" + std::string(fields) + "\r\n";
}
inline std::string post(std::string_view path, std::string_view body, std::string_view fields = "") {
  return "POST " + std::string(path) +
         " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
         std::string(fields) + "\r\n" + std::string(body);
}

// Short limits, so that tests of slowness are quick.
inline Limits quick_limits() {
  Limits limits;
  limits.handshake = 400ms;
  limits.header = 400ms;
  limits.idle = 800ms;
  limits.body_patience = 400ms;
  limits.write_stall = 400ms;
  limits.linger = 300ms;
  return limits;
}

class Gate final : public crypto::SendGate {
public:
  bool enter() noexcept override {
    if (closed) return false;
    ++entered;
    return true;
  }
  void leave(std::size_t sent_bytes) noexcept override { sent += sent_bytes; }
  std::atomic<bool> closed = false;
  std::atomic<std::size_t> entered = 0;
  std::atomic<std::size_t> sent = 0;
};

// Bytes 'a' to 'z' over and over, until it fails.
class Alphabet final : public DocumentSource {
public:
  explicit Alphabet(std::size_t fails_after) : fails_after_(fails_after) {}
  Awaitable<Result<std::size_t>> next(std::span<std::uint8_t> out) override {
    if (at_ >= fails_after_) co_return fail(ErrorCode::corrupt, "a chunk that does not open");
    for (std::uint8_t& byte : out) byte = static_cast<std::uint8_t>('a' + at_++ % 26);
    co_return out.size();
  }

private:
  const std::size_t fails_after_;
  std::size_t at_ = 0;
};

struct Ending {
  std::uint64_t handed_over = 0;
  TransferEnd end = TransferEnd::broken;
};

// The document endpoint /document/{bytes:number} with the gate and the ending in reach of the test.
struct Transfer {
  std::shared_ptr<Gate> gate = std::make_shared<Gate>();
  std::size_t source_fails_after = std::numeric_limits<std::size_t>::max();
  std::promise<Ending> ending;
  std::atomic<int> endings = 0;

  Ending wait() {
    auto future = ending.get_future();
    EXPECT_EQ(future.wait_for(10s), std::future_status::ready);
    return future.get();
  }
  Awaitable<Response> serve(Exchange& exchange) {
    Response response;
    DocumentBody body;
    body.total_bytes = exchange.number("bytes");
    body.source = std::make_unique<Alphabet>(source_fails_after);
    body.gate = gate;
    body.on_finished = [this](std::uint64_t handed_over, TransferEnd end) {
      if (endings++ == 0) ending.set_value({handed_over, end});
    };
    response.headers.emplace_back("Content-Type", "application/pdf");
    response.body = std::move(body);
    co_return response;
  }
};

}  // namespace flikvakt::gateway
