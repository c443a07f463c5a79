// Document bodies: every byte under the gate, and an exact ending.
#include <gtest/gtest.h>

#include <thread>

#include "tests/gateway/server_fixture.h"

namespace flikvakt::gateway {
namespace {

class Transfers : public Served {
protected:
  bool sending_has_begun() const {
    for (int i = 0; i < 1000 && transfer_.gate->sent == 0; ++i) std::this_thread::sleep_for(5ms);
    return transfer_.gate->sent > 0;
  }
};

std::string document(std::size_t bytes) { return get("/document/" + std::to_string(bytes)); }

// SPEC HTTP-31
TEST_F(Transfers, ADocumentArrivesWholeAndAllOfItWentThroughTheGate) {
  begin();
  Client client(port_);
  const std::size_t size = 1'000'000;
  const Reply reply = client.ask(document(size));
  EXPECT_EQ(reply.status, 200u);
  ASSERT_EQ(reply.body.size(), size);
  EXPECT_EQ(reply.body[size - 1], static_cast<char>('a' + (size - 1) % 26));
  const Ending ending = transfer_.wait();
  EXPECT_EQ(ending.end, TransferEnd::complete);
  EXPECT_EQ(ending.handed_over, size);
  EXPECT_GE(transfer_.gate->sent, size + reply.head.size());
  EXPECT_EQ(client.ask(get("/hello")).status, 200u);
}

// SPEC HTTP-31
TEST_F(Transfers, HeadAndASmallDocumentLeaveInOneSend) {
  begin();
  Client client(port_);
  EXPECT_EQ(client.ask(document(4096)).body.size(), 4096u);
  EXPECT_EQ(transfer_.wait().end, TransferEnd::complete);
  EXPECT_EQ(transfer_.gate->entered, 1u);
}

TEST_F(Transfers, AnEmptyDocumentIsComplete) {
  begin();
  Client client(port_);
  EXPECT_EQ(client.ask(document(0)).status, 200u);
  const Ending ending = transfer_.wait();
  EXPECT_EQ(ending.end, TransferEnd::complete);
  EXPECT_EQ(ending.handed_over, 0u);
}

// SPEC HTTP-31, HTTP-32
TEST_F(Transfers, AClosedGateLetsNotOneByteOut) {
  begin();
  transfer_.gate->closed = true;
  Client client(port_);
  client.send(document(4096));
  EXPECT_EQ(client.drain(), "cut");
  EXPECT_EQ(client.received(), "");
  const Ending ending = transfer_.wait();
  EXPECT_EQ(ending.end, TransferEnd::cut);
  EXPECT_EQ(ending.handed_over, 0u);
  EXPECT_EQ(transfer_.gate->sent, 0u);
}

// SPEC HTTP-32, HTTP-33
TEST_F(Transfers, AGateClosedInTheMiddleStopsWithinTheCurrentSend) {
  Limits limits = quick_limits();
  limits.write_stall = 10s;
  begin(limits);
  Client client(port_);
  const std::size_t size = 500'000'000;
  client.send(document(size));
  // The client does not read: the server fills the kernel's buffers and then waits to write.
  ASSERT_TRUE(sending_has_begun());
  std::size_t before = 0;
  for (int i = 0; i < 40 && before != transfer_.gate->sent; ++i) {
    before = transfer_.gate->sent;
    std::this_thread::sleep_for(200ms);
  }
  transfer_.gate->closed = true;
  const std::string how = client.drain();
  EXPECT_EQ(how, "cut");
  const Ending ending = transfer_.wait();
  EXPECT_EQ(ending.end, TransferEnd::cut);
  EXPECT_EQ(transfer_.gate->sent, before);
  EXPECT_LT(client.received().size(), before + 1);
  EXPECT_LE(ending.handed_over, before);
  EXPECT_GT(ending.handed_over + 70'000, before);
  EXPECT_EQ(transfer_.endings, 1);
}

// SPEC HTTP-32, HTTP-33
TEST_F(Transfers, ASourceThatFailsHalfWayCutsTheConnectionSoThatNobodyTakesThePartForTheWhole) {
  transfer_.source_fails_after = 100'000;
  begin();
  Client client(port_);
  client.send(document(1'000'000));
  EXPECT_EQ(client.drain(), "cut");
  const Ending ending = transfer_.wait();
  EXPECT_EQ(ending.end, TransferEnd::broken);
  EXPECT_EQ(ending.handed_over, 2 * kChunkBytes);
}

// SPEC HTTP-26, HTTP-33
TEST_F(Transfers, AClientThatDoesNotReadIsCutAndTheEndingToldOnce) {
  begin();
  Client client(port_);
  client.send(document(500'000'000));
  const Ending ending = transfer_.wait();
  EXPECT_EQ(ending.end, TransferEnd::broken);
  EXPECT_GT(ending.handed_over, 0u);
  EXPECT_LT(ending.handed_over, 500'000'000u);
  EXPECT_EQ(client.drain(), "cut");
  EXPECT_EQ(transfer_.endings, 1);
}

// SPEC HTTP-42
TEST_F(Transfers, AStopLetsARunningTransferFinishWithinTheGrace) {
  Limits limits = quick_limits();
  limits.write_stall = 10s;
  begin(limits);
  Client client(port_);
  const std::size_t size = 5'000'000;
  client.send(document(size));
  ASSERT_TRUE(sending_has_begun());
  auto stopped = std::async(std::launch::async, [this] { server_->stop(8s); });
  std::this_thread::sleep_for(100ms);
  EXPECT_EQ(client.receive().body.size(), size);
  EXPECT_EQ(client.drain(), "closed");
  EXPECT_EQ(transfer_.wait().end, TransferEnd::complete);
  EXPECT_EQ(stopped.wait_for(8s), std::future_status::ready);
}

// SPEC HTTP-42
TEST_F(Transfers, AStopCutsATransferThatOutlastsTheGrace) {
  Limits limits = quick_limits();
  limits.write_stall = 10s;
  begin(limits);
  Client client(port_);
  client.send(document(500'000'000));
  ASSERT_TRUE(sending_has_begun());
  const auto began = std::chrono::steady_clock::now();
  server_->stop(200ms);
  EXPECT_LT(std::chrono::steady_clock::now() - began, 4s);
  EXPECT_EQ(transfer_.wait().end, TransferEnd::broken);
  EXPECT_EQ(client.drain(), "cut");
}

// SPEC HTTP-43
TEST_F(Transfers, ConnectionsOfACertificateAreCutOnDemandAndOthersAreNot) {
  Limits limits = quick_limits();
  limits.write_stall = 10s;
  limits.idle = 10s;
  begin(limits);
  Client suspended(port_);
  Client other(port_, World::get().other);
  EXPECT_EQ(other.ask(get("/hello")).status, 200u);
  suspended.send(document(500'000'000));
  ASSERT_TRUE(sending_has_begun());
  const auto fingerprint = World::get().client.leaf.sha256_fingerprint();
  const std::size_t cut = server_->connections().close_matching(
      [&](const ConnectionFacts& facts) { return facts.certificate_fingerprint == fingerprint; });
  EXPECT_EQ(cut, 1u);
  EXPECT_EQ(transfer_.wait().end, TransferEnd::broken);
  EXPECT_EQ(suspended.drain(), "cut");
  EXPECT_EQ(other.ask(get("/hello")).status, 200u);
}

}  // namespace
}  // namespace flikvakt::gateway
