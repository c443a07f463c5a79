// Requests and answers over real TLS on loopback.
#include <gtest/gtest.h>

#include <thread>

#include "gateway/framing_guard.h"
#include "tests/gateway/framing_vectors.h"
#include "tests/gateway/server_fixture.h"

namespace flikvakt::gateway {
namespace {

using Serving = Served;

// SPEC HTTP-15
TEST_F(Serving, AnswersCarryTheFixedFieldsAndTheConnectionStaysOpen) {
  begin();
  Client client(port_);
  for (int i = 1; i <= 3; ++i) {
    const Reply reply = client.ask(get("/hello", "If-None-Match: *\r\n"));
    EXPECT_EQ(reply.status, 200u);
    EXPECT_EQ(reply.body, "{\"hello\":" + std::to_string(i) + "}");
    EXPECT_TRUE(reply.has("Cache-Control: no-store"));
    EXPECT_TRUE(reply.has("X-Content-Type-Options: nosniff"));
    EXPECT_NE(reply.head.find("\r\nDate: "), std::string::npos);
    EXPECT_NE(reply.head.find(" GMT\r\n"), std::string::npos);
    EXPECT_FALSE(reply.has("Connection: close"));
  }
}

TEST_F(Serving, ConnectionCloseIsHonoured) {
  begin();
  Client client(port_);
  EXPECT_TRUE(client.ask(get("/hello", "Connection: close\r\n")).has("Connection: close"));
  EXPECT_EQ(client.drain(), "closed");
}

TEST_F(Serving, HandlersSeeThePeerAndTheChannelBinding) {
  begin();
  Client client(port_);
  EXPECT_EQ(client.ask(get("/hello")).status, 200u);
  EXPECT_EQ(peers_, 1u);
  EXPECT_EQ(binding_, client.tls().export_keying_material(crypto::kChannelBindingLabel, 32).value());
}

// SPEC HTTP-44
TEST_F(Serving, TheAccessCheckIsAskedWithTheRuleOfTheEndpointAndStopsTheHandler) {
  begin();
  Client client(port_);
  EXPECT_EQ(client.ask(post("/echo", "x")).status, 200u);
  EXPECT_EQ(asked_, AccessRule::staff_assertion);
  EXPECT_EQ(client.ask(get("/hello")).status, 200u);
  EXPECT_EQ(asked_, AccessRule::public_info);
  EXPECT_EQ(client.ask(post("/echo", "x", "Authorization: no\r\n")).status, 403u);
  EXPECT_EQ(handled_, 2);
}

// SPEC HTTP-25
TEST_F(Serving, RequestsSentAheadAreAnsweredInOrder) {
  begin();
  Client client(port_);
  client.send(post("/echo", "one") + post("/echo", "two") + get("/refuse/slow") + post("/echo", "four"));
  EXPECT_EQ(client.receive().body, "one");
  EXPECT_EQ(client.receive().body, "two");
  EXPECT_EQ(client.receive().status, 403u);
  EXPECT_EQ(client.receive().body, "four");
}

// One worker's connections lend each other one buffer (gateway/request_reader.h, crypto/tls_stream_io.cpp).
TEST_F(Serving, AHalfHeadIsNotMixedWithWhatAnotherConnectionSends) {
  begin(quick_limits(), 1);
  Client a(port_);
  Client b(port_);
  const std::string request = post("/echo", "of a", "X-Pad: aaaaaaaaaaaaaaaaaaaa\r\n");
  for (std::size_t cut = 1; cut < request.size(); cut += 3) {
    a.send(request.substr(0, cut));
    ASSERT_EQ(b.ask(post("/echo", "of b", "X-Other: bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\r\n")).body, "of b") << cut;
    ASSERT_EQ(a.ask(request.substr(cut)).body, "of a") << cut;
  }
}

TEST_F(Serving, AHeadSentByteByByteIsServed) {
  begin(quick_limits(), 1);
  Client a(port_);
  Client b(port_);
  const std::string request = get("/hello");
  for (const char c : request) {
    a.send(std::string(1, c));
    if (c == '\n') EXPECT_EQ(b.ask(post("/echo", "of b")).body, "of b");
  }
  EXPECT_EQ(a.receive().status, 200u);
}

// The second request lies behind the first in one piece of the stream, in a record of its own: first as bytes that the
// session has not read, then as a record that OpenSSL has not.
TEST_F(Serving, WhatWasSentAheadSurvivesWhatAnotherConnectionSends) {
  begin(quick_limits(), 1);
  Client a(port_);
  Client b(port_);
  const std::string slow = get("/refuse/slow");
  const std::string first_record =
      post("/echo", std::string(16 * 1024 - post("/echo", "").size() - 4 - slow.size(), 'x'));
  ASSERT_EQ((first_record + slow).size(), 16u * 1024) << "else the last request is in the same record";
  for (const std::string& ahead : {slow, first_record + slow}) {
    a.send(ahead + post("/echo", "of a"));
    if (ahead != slow) EXPECT_EQ(a.receive().status, 200u);
    for (int i = 0; i < 5; ++i) EXPECT_EQ(b.ask(post("/echo", std::string(3000, 'b'))).body, std::string(3000, 'b'));
    EXPECT_EQ(a.receive().status, 403u);
    EXPECT_EQ(a.receive().body, "of a");
  }
}

TEST_F(Serving, ConnectionsThatSendMuchAtOnceGetTheirOwnBytesBack) {
  begin(quick_limits(), 1);
  std::vector<std::thread> senders;
  std::atomic<int> right = 0;
  for (const char mine : {'a', 'b', 'c'}) {
    senders.emplace_back([&, mine] {
      Client client(port_);
      const std::string body(60'000, mine);
      for (int i = 0; i < 20; ++i) right += client.ask(post("/echo", body)).body == body ? 1 : 0;
    });
  }
  for (std::thread& sender : senders) sender.join();
  EXPECT_EQ(right, 60);
}

// SPEC HTTP-13
TEST_F(Serving, HeadGets405WithoutContentOnEveryPath) {
  begin();
  Client client(port_);
  for (const std::string path : {"/hello", "/nothing"}) {
    client.send("HEAD " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    const Reply reply = client.receive(true);
    EXPECT_EQ(reply.status, 405u);
    EXPECT_TRUE(reply.has("Allow: DELETE, GET, POST, PUT"));
  }
  EXPECT_EQ(client.ask(get("/hello")).body, "{\"hello\":1}");
}

TEST_F(Serving, AHeaderBlockOfTenThousandBytesIsServed) {
  begin();
  Client client(port_);
  EXPECT_EQ(client.ask(get("/hello", "x-long: " + std::string(10'000, 'y') + "\r\n")).status, 200u);
}

// SPEC HTTP-17
TEST_F(Serving, EveryRefusedVectorClosesTheConnectionAndNothingBehindItIsServed) {
  begin();
  int tried = 0;
  for (const FramingVector& vector : framing_vectors()) {
    const HeadScan scan = scan_head(as_bytes(vector.head));
    if (vector.status == 0 || (scan.state == HeadScan::State::complete && scan.head_bytes != vector.head.size()))
      continue;
    SCOPED_TRACE(vector.name);
    ++tried;
    Client client(port_);
    // A body that would be taken for a request, and a request behind it.
    client.send(vector.head + get("/hello") + get("/hello"));
    const Reply reply = client.receive();
    EXPECT_EQ(reply.status, vector.status);
    EXPECT_TRUE(reply.has("Connection: close"));
    EXPECT_EQ(client.drain(), "closed");
    EXPECT_EQ(client.received(), "");
  }
  EXPECT_GE(tried, 80);
  EXPECT_EQ(handled_, 0);
}

// SPEC HTTP-16
TEST_F(Serving, ABodyOverTheLimitGets413BeforeItIsRead) {
  begin();
  Client client(port_);
  EXPECT_EQ(client.ask(post("/echo", std::string(64 * 1024, 'x'))).body.size(), 64u * 1024);
  const Reply reply = client.ask("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 65537\r\n\r\n");
  EXPECT_EQ(reply.status, 413u);
  EXPECT_TRUE(reply.has("Connection: close"));
  EXPECT_EQ(client.drain(), "closed");
  EXPECT_EQ(handled_, 1);
}

// SPEC HTTP-27
TEST_F(Serving, ContinueIsSentOnlyWhenTheBodyIsAboutToBeReadAndNotThere) {
  begin();
  Client client(port_);
  client.send("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.receive().status, 100u);
  EXPECT_EQ(client.ask("hello").body, "hello");
  EXPECT_EQ(client.ask(post("/echo", "there", "Expect: 100-continue\r\n")).body, "there");
  client.send(
      "POST /upload?first=answer HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.receive().status, 200u);
}

TEST_F(Serving, AnUploadIsStreamedToItsHandler) {
  begin();
  Client client(port_);
  EXPECT_EQ(client.ask(post("/upload", std::string(3'000'000, 'x'))).body, "3000000");
  EXPECT_EQ(client.ask(get("/hello")).status, 200u);
}

// SPEC HTTP-24
TEST_F(Serving, ARefusedUploadClosesTheConnectionWhetherItWasReadOrNot) {
  begin();
  Client read_first(port_);
  const Reply after = read_first.ask(post("/upload?refuse=yes", std::string(1000, 'x')));
  Client answered_first(port_);
  const Reply before = answered_first.ask(post("/upload?refuse=yes&first=answer", std::string(1000, 'x')));
  EXPECT_EQ(after.status, 403u);
  EXPECT_TRUE(after.has("Connection: close"));
  EXPECT_EQ(after.head.substr(after.head.find("Cache")), before.head.substr(before.head.find("Cache")));
}

std::string masked(const Reply& reply) {
  std::string text = reply.head + reply.body;
  const auto mask = [&](std::string_view after, std::size_t count) {
    const std::size_t at = text.find(after);
    ASSERT_NE(at, std::string::npos);
    text.replace(at + after.size(), count, std::string(count, '*'));
  };
  mask("\r\nDate: ", 29);
  mask("urn:flikvakt:problem:", 32);
  return text;
}

// SPEC HTTP-21
TEST_F(Serving, RefusalsForDifferentCausesAreTheSameBytesOnTheWire) {
  begin();
  Client client(port_);
  const std::string blocked = masked(client.ask(get("/refuse/blocked")));
  EXPECT_EQ(masked(client.ask(get("/refuse/no-such-document"))), blocked);
  EXPECT_EQ(masked(client.ask(get("/refuse/revoked", "Authorization: no\r\n"))), blocked);
  EXPECT_NE(masked(client.ask(get("/nothing"))), blocked);
}

// SPEC HTTP-23
TEST_F(Serving, RefusalsLeaveOnTheTickAndOtherAnswersDoNotWaitForIt) {
  begin();
  Client client(port_);
  client.ask(get("/hello"));
  const auto grid = std::chrono::steady_clock::duration(50ms);
  for (int i = 0; i < 5; ++i) {
    const auto sent = std::chrono::steady_clock::now();
    EXPECT_EQ(client.ask(get("/refuse/x")).status, 403u);
    const auto got = std::chrono::steady_clock::now();
    EXPECT_GE(got - sent, 20ms);
    // It left at a grid point; a loaded machine may deliver late, so only "not before" is sharp.
    EXPECT_GE(got.time_since_epoch() / grid, (sent + 20ms).time_since_epoch() / grid);
  }
  auto quickest = std::chrono::steady_clock::duration::max();
  for (int i = 0; i < 20; ++i) {
    const auto sent = std::chrono::steady_clock::now();
    client.ask(get("/hello"));
    quickest = std::min(quickest, std::chrono::steady_clock::now() - sent);
  }
  EXPECT_LT(quickest, 20ms);
}

// SPEC HTTP-23: a body held back past the margin must not bring the time of the work to light.
TEST_F(Serving, ARefusalWaitsForTheTickAfterABodyThatCameLate) {
  begin();
  const auto expect_waits = [&](const std::string& target, const std::string& field) {
    for (int i = 0; i < 12; ++i) {
      Client client(port_);
      client.send("POST " + target + " HTTP/1.1\r\nHost: localhost\r\n" + field + "Content-Length: 2\r\n\r\n");
      std::this_thread::sleep_for(60ms + i * 4ms);
      const auto sent = std::chrono::steady_clock::now();
      client.send("{}");
      EXPECT_EQ(client.receive().status, 403u);
      EXPECT_GE(std::chrono::steady_clock::now() - sent, 20ms) << target;
    }
  };
  expect_waits("/echo", "Authorization: no\r\n");  // read whole, then refused
  expect_waits("/upload?refuse=yes", "");          // read piece by piece by the handler
}

// SPEC HTTP-20
TEST_F(Serving, WhatAHandlerThrowsIsA500WithoutItsText) {
  begin();
  Client client(port_);
  const Reply reply = client.ask(get("/throw"));
  EXPECT_EQ(reply.status, 500u);
  EXPECT_EQ(reply.body.find("secret"), std::string::npos);
  const Reply split = client.ask(get("/bad-field"));
  EXPECT_EQ(split.status, 500u);
  EXPECT_EQ(split.head.find("Set-Cookie"), std::string::npos);
  EXPECT_EQ(client.ask(get("/hello")).status, 200u);
}

}  // namespace
}  // namespace flikvakt::gateway
