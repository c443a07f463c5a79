// Asking a server over real TLS on loopback, with answers of every form, good and bad.
#include "service/https_fetch.h"

#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <csignal>
#include <thread>

#include "certs/dev_pki.h"
#include "crypto/tls.h"
#include "tests/service/temp_core.h"

namespace flikvakt::service::test {
namespace {

// Answers one connection with the bytes that it is given, and keeps what it was asked.
class OneAnswer {
public:
  OneAnswer(const crypto::ServerContext& context, std::string answer)
      : context_(context), answer_(std::move(answer)), listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
    std::signal(SIGPIPE, SIG_IGN);  // a client that has heard enough closes
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(::listen(listener_.get(), 1), 0);
    ::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~OneAnswer() {
    ::shutdown(listener_.get(), SHUT_RDWR);
    thread_.join();
  }
  std::string url(const std::string& target) const { return "https://localhost:" + std::to_string(port_) + target; }
  std::string asked() {
    ::shutdown(listener_.get(), SHUT_RDWR);
    thread_.join();
    thread_ = std::thread([] {});
    return asked_;
  }

private:
  void serve() {
    const FileDescriptor peer(::accept(listener_.get(), nullptr, nullptr));
    if (!peer.is_open()) return;
    const std::unique_ptr<SSL, decltype(&SSL_free)> ssl(SSL_new(context_.native()), SSL_free);
    SSL_set_fd(ssl.get(), peer.get());
    if (SSL_accept(ssl.get()) != 1) return;
    char buffer[4096];
    while (asked_.find("\r\n\r\n") == std::string::npos || !has_body()) {
      const int got = SSL_read(ssl.get(), buffer, sizeof buffer);
      if (got <= 0) return;
      asked_.append(buffer, static_cast<std::size_t>(got));
    }
    SSL_write(ssl.get(), answer_.data(), static_cast<int>(answer_.size()));
    SSL_shutdown(ssl.get());
  }
  bool has_body() const {
    const std::size_t at = asked_.find("Content-Length: ");
    if (at == std::string::npos) return true;
    const std::size_t length = std::stoul(asked_.substr(at + 16));
    return asked_.size() >= asked_.find("\r\n\r\n") + 4 + length;
  }

  const crypto::ServerContext& context_;
  const std::string answer_;
  FileDescriptor listener_;
  std::uint16_t port_ = 0;
  std::string asked_;
  std::thread thread_;
};

class Fetching : public ::testing::Test {
protected:
  Result<HttpsAnswer> fetch(const std::string& answer, const HttpsRequest& more = {}) {
    OneAnswer server(context_, answer);
    HttpsRequest request = more;
    request.url = server.url("/jwks?x=1");
    request.trusted_ca_pem = pki_.ca().certificate().pem();
    request.timeout = 60s;  // nothing here waits for it
    const Result<HttpsAnswer> out = fetch_https(request);
    asked_ = server.asked();
    return out;
  }
  std::string body_of(const std::string& answer) {
    const Result<HttpsAnswer> got = fetch(answer);
    return got ? got->body : "error: " + got.error().message;
  }
  bool fails(const std::string& answer) { return !fetch(answer); }

  TemporaryFolder folder_;
  UtcTime now_ = SystemClock().wall();
  certs::DevPki pki_ = certs::DevPki::create(folder_.path() / "pki", now_).value();
  const std::vector<std::string> names_{"localhost"};
  certs::IssuedIdentity identity_ = pki_.issue_server("server", names_, now_).value();
  crypto::ServerContext context_ = crypto::ServerContext::for_persons(identity_.certificate, identity_.key).value();
  std::string asked_;
};

// SPEC OIDC-33
TEST_F(Fetching, AnAnswerComesByLengthInChunksOrToTheEnd) {
  EXPECT_EQ(body_of("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"), "{}");
  EXPECT_TRUE(asked_.starts_with("GET /jwks?x=1 HTTP/1.1\r\nHost: localhost:")) << asked_;
  EXPECT_EQ(body_of("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3;x=1\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"),
            "abcde");
  EXPECT_EQ(body_of("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nto the end"), "to the end");
  EXPECT_EQ(body_of("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx"), "x");
  EXPECT_EQ(fetch("HTTP/1.1 302 Found\r\nLocation: https://evil.example/\r\nContent-Length: 0\r\n\r\n")->status, 302u)
      << "nobody is followed elsewhere";
}

// SPEC OIDC-33
TEST_F(Fetching, AFormIsPosted) {
  HttpsRequest request;
  request.form = "grant_type=authorization_code&code=x";
  EXPECT_TRUE(fetch("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", request));
  EXPECT_TRUE(asked_.starts_with("POST /jwks?x=1 HTTP/1.1\r\n"));
  EXPECT_TRUE(asked_.ends_with("\r\n\r\ngrant_type=authorization_code&code=x"));
  EXPECT_NE(asked_.find("Content-Type: application/x-www-form-urlencoded\r\n"), std::string::npos);
}

// SPEC OIDC-33
TEST_F(Fetching, WhatIsNoAnswerIsRefused) {
  EXPECT_TRUE(fails(""));
  EXPECT_TRUE(fails("SSH-2.0\r\n\r\n"));
  EXPECT_TRUE(fails("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc")) << "cut short";
  EXPECT_TRUE(fails("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"));
  EXPECT_TRUE(fails("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n"));
  EXPECT_TRUE(fails("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n"));
  EXPECT_TRUE(fails("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n"));
  EXPECT_TRUE(fails("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"));
  EXPECT_TRUE(fails("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n"));
  EXPECT_TRUE(fails("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n"));
  EXPECT_TRUE(fails("HTTP/1.1 200 OK\r\nno colon\r\n\r\n"));
  EXPECT_TRUE(fails("HTTP/1.1 200 OK\r\nX: " + std::string(70'000, 'a') + "\r\n\r\n"));
  EXPECT_TRUE(fails("HTTP/1.1 200 OK\r\n\r\n" + std::string(kMostAnswerBytes + 20'000, 'a')));
}

// SPEC OIDC-33
TEST_F(Fetching, OnlyUnderTheRootsAndTheNameThatAreExpected) {
  OneAnswer server(context_, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
  const TemporaryFolder elsewhere;
  const certs::DevPki stranger = certs::DevPki::create(elsewhere.path() / "pki", now_).value();
  HttpsRequest request;
  request.url = server.url("/");
  request.trusted_ca_pem = stranger.ca().certificate().pem();
  EXPECT_EQ(fetch_https(request).error().code, ErrorCode::denied);
  request.url = "http://localhost/";
  EXPECT_EQ(fetch_https(request).error().code, ErrorCode::malformed);
}

}  // namespace
}  // namespace flikvakt::service::test
