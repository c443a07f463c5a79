// Slow, silent and numerous peers; the Unix socket; the log line of what failed.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <sstream>
#include <thread>

#include "gateway/await_callback.h"
#include "tests/gateway/server_fixture.h"

namespace flikvakt::gateway {
namespace {

class LimitsOfServer : public Served {
protected:
  void SetUp() override {
    old_ = spdlog::default_logger();
    spdlog::set_default_logger(
        std::make_shared<spdlog::logger>("test", std::make_shared<spdlog::sinks::ostream_sink_mt>(log_)));
  }
  void TearDown() override {
    Served::TearDown();
    spdlog::set_default_logger(old_);
  }
  std::string log_after_stop() {
    server_->stop(0ms);
    return log_.str();
  }
  std::shared_ptr<spdlog::logger> old_;
  std::ostringstream log_;
};

FileDescriptor connect_tcp(std::uint16_t port, const char* from = "127.0.0.1") {
  FileDescriptor fd(::socket(AF_INET, SOCK_STREAM, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  EXPECT_EQ(::inet_pton(AF_INET, from, &address.sin_addr), 1);
  EXPECT_EQ(::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  const timeval timeout{5, 0};
  ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
  return fd;
}

bool ends(const FileDescriptor& fd) {  // within the receive timeout
  char byte = 0;
  for (;;) {
    const ssize_t got = ::recv(fd.get(), &byte, 1, 0);
    if (got <= 0) return got == 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
  }
}

// Sends byte after byte, one each 20 ms, until the server has cut the connection or all is sent.
std::chrono::steady_clock::duration time_until_cut(Client& client, const std::string& text) {
  const auto began = std::chrono::steady_clock::now();
  for (const char c : text) {
    if (!client.send(std::string(1, c)) || std::chrono::steady_clock::now() - began > 3s) break;
    std::this_thread::sleep_for(20ms);
  }
  return std::chrono::steady_clock::now() - began;
}

// SPEC HTTP-26, HTTP-40
TEST_F(LimitsOfServer, SilentPeersAreClosedAndSummedInOneLine) {
  begin();
  std::vector<FileDescriptor> silent;
  for (int i = 0; i < 20; ++i) silent.push_back(connect_tcp(port_));
  for (const FileDescriptor& fd : silent) EXPECT_TRUE(ends(fd));
  const std::string log = log_after_stop();
  EXPECT_NE(log.find("before authentication, from 127.0.0.1: 20 handshake ("), std::string::npos) << log;
  EXPECT_EQ(log.find("from 127.0.0.1"), log.rfind("from 127.0.0.1"));
}

// SPEC HTTP-26
TEST_F(LimitsOfServer, AHeaderBlockSentByteByByteIsClosedAtItsDeadlineHoweverBusyItLooks) {
  begin();
  Client client(port_);
  const std::string text = get("/hello", "x-slow: " + std::string(400, 'y') + "\r\n");
  EXPECT_LT(time_until_cut(client, text), 1500ms);
  EXPECT_NE(client.drain(), "open");
  EXPECT_EQ(handled_, 0);
  EXPECT_NE(log_after_stop().find("1 slow header"), std::string::npos);
}

// SPEC HTTP-26
TEST_F(LimitsOfServer, AnIdleConnectionIsClosedAfterItsTimeAndNotBefore) {
  begin();
  Client client(port_);
  EXPECT_EQ(client.ask(get("/hello")).status, 200u);
  std::this_thread::sleep_for(500ms);  // over the header's deadline, under the idle one
  EXPECT_EQ(client.ask(get("/hello")).status, 200u);
  EXPECT_NE(client.drain(), "open");
}

// SPEC HTTP-18
TEST_F(LimitsOfServer, ABodyThatComesTooSlowlyIsCut) {
  begin();
  Client client(port_);
  client.send("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n");
  EXPECT_LT(time_until_cut(client, std::string(500, 'x')), 1500ms);
  EXPECT_NE(client.drain(), "open");
  EXPECT_EQ(handled_, 0);
  EXPECT_NE(log_after_stop().find("1 slow body"), std::string::npos);
}

// SPEC HTTP-18
TEST_F(LimitsOfServer, ABodyAboveTheRateMayTakeLongerThanThePatience) {
  Limits limits = quick_limits();
  limits.body_bytes_per_second = 2000;
  begin(limits);
  Client client(port_);
  client.send("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 6000\r\n\r\n");
  for (int i = 0; i < 12; ++i) {
    client.send(std::string(500, 'x'));
    std::this_thread::sleep_for(100ms);
  }
  EXPECT_EQ(client.receive().body.size(), 6000u);
}

// SPEC HTTP-18
TEST_F(LimitsOfServer, WhatABodyHasEarnedByItsSpeedDoesNotBuyALongSilence) {
  Limits limits = quick_limits();
  limits.body_bytes_per_second = 100;  // 5000 bytes are worth 50 s
  limits.body_stall = 300ms;
  begin(limits);
  Client client(port_);
  client.send("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 6000\r\n\r\n");
  EXPECT_LT(time_until_cut(client, std::string(5000, 'x')), 1500ms);
  EXPECT_NE(client.drain(), "open");
}

// SPEC HTTP-41
TEST_F(LimitsOfServer, ConnectionsOverTheSourcesLimitAreClosedAtOnceAndPlacesAreGivenBack) {
  Limits limits = quick_limits();
  limits.handshake = 3s;
  limits.max_connections_per_source = 2;
  begin(limits);
  {
    Client first(port_);
    Client second(port_);
    const FileDescriptor third = connect_tcp(port_);
    EXPECT_TRUE(ends(third));
    EXPECT_EQ(second.ask(get("/hello", "Connection: close\r\n")).status, 200u);
    EXPECT_EQ(first.ask(get("/hello", "Connection: close\r\n")).status, 200u);
    first.drain();
    second.drain();
    first.tls().close();
    second.tls().close();
  }
  std::this_thread::sleep_for(200ms);
  Client again(port_);
  EXPECT_EQ(again.ask(get("/hello")).status, 200u);
  EXPECT_NE(log_after_stop().find("1 too many connections (api)"), std::string::npos);
}

Limits patient_limits(std::size_t places) {
  Limits limits = quick_limits();
  limits.handshake = limits.idle = limits.header = limits.body_patience = limits.write_stall = 60s;
  limits.max_connections = places;
  return limits;
}

// SPEC HTTP-47
TEST_F(LimitsOfServer, WhoFillsAListenerKeepsNobodyOut) {
  begin(patient_limits(4));
  std::vector<FileDescriptor> silent;
  for (int i = 0; i < 4; ++i) silent.push_back(connect_tcp(port_, "127.0.0.2"));
  std::this_thread::sleep_for(100ms);
  Client first(port_);
  EXPECT_EQ(first.ask(get("/hello")).status, 200u);
  Client second(port_);
  EXPECT_EQ(second.ask(get("/hello")).status, 200u);
  EXPECT_EQ(first.ask(get("/hello")).status, 200u) << "it is not the one that gives way";
}

// SPEC HTTP-47
TEST_F(LimitsOfServer, WhoWaitsForARequestOrForItsRestGivesWay) {
  begin(patient_limits(1));
  for (const std::string_view begun :
       {"", "GET /hello HTTP/1.1\r\n", "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\na"}) {
    Client slow(port_);
    EXPECT_EQ(slow.ask(get("/hello")).status, 200u);
    slow.send(begun);
    std::this_thread::sleep_for(100ms);
    FileDescriptor newcomer = connect_tcp(port_, "127.0.0.2");
    EXPECT_EQ(slow.drain(), "cut") << begun;
    newcomer = FileDescriptor();
    std::this_thread::sleep_for(100ms);
  }
}

// SPEC HTTP-47
TEST_F(LimitsOfServer, WhoIsBeingAnsweredDoesNotGiveWay) {
  begin(patient_limits(1));
  Client reader(port_);
  reader.send(get("/document/4000000"));
  std::this_thread::sleep_for(200ms);  // the kernel's buffers are full, the rest waits
  const FileDescriptor newcomer = connect_tcp(port_, "127.0.0.2");
  const FileDescriptor another = connect_tcp(port_, "127.0.0.3");
  EXPECT_TRUE(ends(another)) << "what is kept beyond the limit is taken";
  const Reply reply = reader.receive();
  EXPECT_EQ(reply.status, 200u);
  EXPECT_EQ(reply.body.size(), 4'000'000u);
}

// SPEC HTTP-42
TEST_F(LimitsOfServer, AStopClosesIdleConnectionsAtOnce) {
  Limits limits = quick_limits();
  limits.idle = 60s;
  begin(limits);
  Client client(port_);
  EXPECT_EQ(client.ask(get("/hello")).status, 200u);
  const auto began = std::chrono::steady_clock::now();
  server_->stop(10s);
  EXPECT_LT(std::chrono::steady_clock::now() - began, 3s);
  EXPECT_NE(client.drain(), "open");
}

std::string ask_unix(const std::filesystem::path& path, const std::string& text) {
  const FileDescriptor fd(::socket(AF_UNIX, SOCK_STREAM, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.native().copy(address.sun_path, sizeof address.sun_path - 1);
  if (::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) return "no connection";
  EXPECT_EQ(::send(fd.get(), text.data(), text.size(), 0), static_cast<ssize_t>(text.size()));
  std::string out;
  char chunk[4096];
  for (ssize_t got = 0; (got = ::recv(fd.get(), chunk, sizeof chunk, 0)) > 0;) out.append(chunk, got);
  return out;
}

// SPEC HTTP-48
TEST_F(LimitsOfServer, WithoutTlsItListensOnLoopbackOnlyAndServesUnderTheSameGuard) {
  begin(quick_limits());
  HttpServer plain(1);
  for (const char* address : {"0.0.0.0:0", "[::]:0", "192.0.2.1:0"})
    EXPECT_EQ(plain.listen_plain("plain", address, router_).error().code, ErrorCode::invalid) << address;
  EXPECT_EQ(plain.listen_plain("plain", "127.0.0.1", router_).error().code, ErrorCode::malformed);
  const std::uint16_t port = plain.listen_plain("plain", "127.0.0.1:0", router_, quick_limits()).value();
  plain.start();
  asio::io_context context;
  const auto ask = [&](std::string_view request) {
    asio::ip::tcp::socket socket(context);
    socket.connect({asio::ip::make_address("127.0.0.1"), port});
    asio::write(socket, asio::buffer(request));
    std::string out;
    boost::system::error_code end;
    asio::read(socket, asio::dynamic_buffer(out), end);
    return out;
  };
  EXPECT_TRUE(ask("GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").starts_with("HTTP/1.1 200 "));
  EXPECT_TRUE(ask("GET /hello HTTP/1.1\nHost: a\r\n\r\n").starts_with("HTTP/1.1 400 "));
  plain.stop(0ms);
}

// SPEC HTTP-45
TEST_F(LimitsOfServer, TheUnixSocketIsPrivateLoggedAndServedUnderTheSameGuard) {
  declare();
  const Folder folder;
  const std::filesystem::path path = folder.path / "admin.socket";
  {  // a file left behind by a crash
    const FileDescriptor stale(::socket(AF_UNIX, SOCK_STREAM, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.native().copy(address.sun_path, sizeof address.sun_path - 1);
    ASSERT_EQ(::bind(stale.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  }
  server_ = std::make_unique<HttpServer>(1);
  ASSERT_TRUE(server_->listen_unix("admin", path, router_, quick_limits()));
  EXPECT_FALSE(server_->listen_unix("admin", path, router_, quick_limits()));  // it answers
  server_->start();
  struct stat info {};
  ASSERT_EQ(::stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  EXPECT_EQ(ask_unix(path, post("/echo", "hello", "Connection: close\r\n")).substr(0, 15), "HTTP/1.1 200 OK");
  EXPECT_EQ(ask_unix(path, get("/hello", "Transfer-Encoding: chunked\r\n")).substr(0, 12), "HTTP/1.1 400");
  const std::string document = ask_unix(path, get("/document/300000", "Connection: close\r\n"));
  EXPECT_GT(document.size(), 300'000u);
  EXPECT_EQ(transfer_.wait().end, TransferEnd::complete);
  EXPECT_GT(transfer_.gate->sent, 300'000u);
  const std::string log = log_after_stop();
  EXPECT_NE(log.find("user " + std::to_string(::getuid())), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(path));
}

Awaitable<void> wait_for_seven(std::promise<int>& out, std::thread& other) {
  std::function<void(std::function<void(int)>)> start = [&other](std::function<void(int)> done) {
    other = std::thread([done = std::move(done)] {
      std::this_thread::sleep_for(20ms);
      done(7);
    });
  };
  Awaitable<int> answer = await_callback<int>(std::move(start));
  const int value = co_await std::move(answer);
  out.set_value(value);
}

TEST(AwaitCallback, GoesOnOnItsOwnThreadWithWhatAnotherThreadGave) {
  asio::io_context context;
  std::promise<int> out;
  std::thread other;
  asio::co_spawn(context, wait_for_seven(out, other), asio::detached);
  context.run();
  other.join();
  EXPECT_EQ(out.get_future().get(), 7);
}

}  // namespace
}  // namespace flikvakt::gateway
