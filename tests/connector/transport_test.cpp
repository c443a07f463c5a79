// Whom a connection trusts, and how far it got when it broke. spec/connector.md
#include "connector/transport.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

#include "tests/connector/scratch.h"

namespace flikvakt::connector {
namespace {

// SPEC CONN-3: roots that are missing are no leave to take anything.
TEST(Trust, IsNeverEmpty) {
  EXPECT_FALSE(Trust::of_roots(""));
  EXPECT_FALSE(Trust::of_roots("no certificate"));
  EXPECT_FALSE(Trust::of_sealed().roots());
  const std::string pem = "-----BEGIN CERTIFICATE-----\n";
  EXPECT_EQ(Trust::of_roots(pem)->roots(), pem);
}

// SPEC CONN-71
TEST(Transport, WhatBreaksInTheHandshakeProvesNothingOfWhoAnswers) {
  EXPECT_EQ(trouble_of({Layer::handshake, "reset", {}, 0, false}).exit, ExitCode::unavailable);
  EXPECT_EQ(trouble_of({Layer::tls, "another certificate", {}, 0, false}).exit, ExitCode::not_the_gateway);
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  ASSERT_EQ(::bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(::listen(listener, 8), 0);
  ASSERT_EQ(::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length), 0);
  const Config config = parse_config(std::string(kLeast) + "[proxy]\naddress = \"none\"\n", "/etc/c.toml").value();
  for (const bool resets : {true, false}) {
    std::thread cuts([&] {
      const int peer = ::accept(listener, nullptr, nullptr);
      char hello[4096];
      (void)!::read(peer, hello, sizeof hello);
      const linger at_once{1, 0};
      if (resets) ::setsockopt(peer, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
      ::close(peer);
    });
    Transport transport(config, Trust::of_sealed());
    const auto answer = transport.send(
        {"GET", "https://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/", {}, {}, std::chrono::seconds(5)});
    cuts.join();
    ASSERT_FALSE(answer.has_value());
    EXPECT_EQ(answer.error().layer, Layer::handshake) << resets << answer.error().message;
  }
  ::close(listener);
}

}  // namespace
}  // namespace flikvakt::connector
