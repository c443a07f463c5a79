// P2: taking back ends what is running, and is acknowledged after the last send.
#include <thread>

#include "tests/gateway/api_world.h"

namespace flikvakt::gateway::test {
namespace {

constexpr std::size_t kLarge = 30u << 20;

class ApiRevocation : public testing::Test {
protected:
  ApiRevocation() : fullmakt_(world_.sign_fullmakt()), document_(world_.deposit(text_bytes(kLarge))) {}

  // Asks for the whole document and reads no more than its beginning, so that the transfer is running and stalled.
  void begin_transfer() {
    reader_.send("GET " + world_.path_of(document_) +
                 " HTTP/1.1\r\nHost: localhost\r\nAuthorization: " + reader_.authorization + "\r\n\r\n");
    while (reader_.received().size() < 100'000 && reader_.more()) {
    }
    ASSERT_EQ(world_.core->readings().size(), 1u);
    lease_ = world_.core->readings().snapshot().front().permit->lease();
  }

  // What arrives until the connection ends, in bytes.
  std::size_t drain() {
    std::size_t count = 0;
    while (reader_.more()) {
      count += reader_.received().size();
      reader_.received().clear();
    }
    return count;
  }

  ApiWorld world_;
  std::string fullmakt_;
  std::string document_;
  ApiClient reader_ = world_.staff(*world_.authority, world_.handler);
  std::shared_ptr<service::Lease> lease_;
};

// SPEC API-64, API-65
TEST_F(ApiRevocation, ARevocationCutsTheRunningTransferAndIsAcknowledgedAfterTheLastSend) {
  begin_transfer();
  const json::object revoke{{"kind", "revoke_fullmakt"}, {"id", fullmakt_}};
  ASSERT_EQ(world_.act_of_person(revoke).status, 200u);
  const std::uint64_t at_acknowledgement = lease_->sent_bytes();
  EXPECT_TRUE(lease_->is_cut());
  EXPECT_LT(at_acknowledgement, kLarge);
  EXPECT_LT(drain(), std::size_t{8} << 20) << "no more than what both kernels held";
  EXPECT_EQ(lease_->sent_bytes(), at_acknowledgement) << "no send after the acknowledgement";
  EXPECT_EQ(world_.core->readings().size(), 0u);
  ApiClient anew = world_.staff(*world_.authority, world_.handler);
  EXPECT_EQ(anew.get(world_.path_of(document_)).status, 403u);
}

// SPEC API-64
TEST_F(ApiRevocation, WithoutOneTheTransferRunsToItsEnd) {
  begin_transfer();
  std::size_t total = reader_.received().size();
  const std::size_t head = reader_.received().find("\r\n\r\n") + 4;
  while (total < kLarge + head && reader_.more()) {
    total = reader_.received().size();
  }
  EXPECT_EQ(total, kLarge + head);
  EXPECT_FALSE(reader_.received().empty());
  EXPECT_TRUE(std::equal(reader_.received().begin() + static_cast<std::ptrdiff_t>(head), reader_.received().end(),
                         as_text(text_bytes(kLarge)).begin()));
  for (int i = 0; i < 100 && world_.core->readings().size() > 0; ++i) std::this_thread::sleep_for(10ms);
  EXPECT_EQ(world_.core->readings().size(), 0u) << "every byte was delivered: the reading is closed";
}

// SPEC API-64
TEST_F(ApiRevocation, WhatRunsOutCutsTheTransferThoughNobodySendsAnything) {
  begin_transfer();
  EXPECT_FALSE(lease_->is_cut());
  world_.clock.move(24h * 100);
  for (int i = 0; i < 1000 && !lease_->is_cut(); ++i) std::this_thread::sleep_for(10ms);
  EXPECT_TRUE(lease_->is_cut());
  drain();
  EXPECT_FALSE(reader_.more());
}

// SPEC API-64
TEST_F(ApiRevocation, ASuspendedOrganisationsTransferIsCutToo) {
  begin_transfer();
  world_.decide(world_.administrators[0],
                policy::Suspend{policy::RegistryNoun::organisation, world_.authority->id.text()});
  EXPECT_TRUE(lease_->is_cut());
  drain();
  EXPECT_FALSE(reader_.more());
}

}  // namespace
}  // namespace flikvakt::gateway::test
