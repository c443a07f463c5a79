// Readings that are open: how they end when others look on, and when their closing found no room.
#include <thread>

#include "service/open_document.h"
#include "tests/service/temp_core.h"

namespace flikvakt::service::test {
namespace {

using namespace policy;

std::shared_ptr<const LoggedPermit> open_one(World& world) {
  world.sign({RecipientKind::team, world.team.value()});
  const DocumentId document = world.deposit("journal", as_bytes("text"));
  const OpenReading act{crypto::random_id<ReadingId>(), document, "konsultation"};
  CommandResult result = world.decide(world.handler, act);
  EXPECT_TRUE(result.permit);
  return result.permit;
}

// INVARIANT (no late send): whoever narrows access while the last byte goes out still finds the reading, and waits.
TEST(OpenReadings, IsForgottenOnlyWhenNoSendIsInFlightAndOneCallerOwesTheClosing) {
  World world;
  const auto permit = open_one(world);
  OpenReadings& readings = world.core->readings();
  ASSERT_TRUE(permit->lease()->enter());
  std::optional<std::uint64_t> first;
  std::thread cutting([&] { first = readings.cut(permit->reading()); });
  while (!permit->lease()->is_cut()) std::this_thread::yield();
  EXPECT_EQ(readings.snapshot().size(), 1u);
  EXPECT_FALSE(readings.find(permit->reading(), world.handler)) << "no further range";
  permit->lease()->leave(4);
  cutting.join();
  EXPECT_EQ(first, 4u);
  EXPECT_EQ(readings.cut(permit->reading()), std::nullopt);
  EXPECT_EQ(readings.size(), 0u);
}

TEST(OpenReadings, SayOnceThatEveryByteWasDeliveredInWhateverOrder) {
  World world;
  const auto permit = open_one(world);  // of four bytes
  OpenReadings& readings = world.core->readings();
  const ReadingId id = permit->reading();
  EXPECT_FALSE(readings.delivered(id, 3, 4));
  EXPECT_FALSE(readings.delivered(id, 0, 2));
  EXPECT_FALSE(readings.delivered(id, 2, 2)) << "nothing fills no gap";
  EXPECT_FALSE(readings.delivered(id, 1, 2)) << "nor does what was there";
  EXPECT_TRUE(readings.delivered(id, 2, 3));
  EXPECT_FALSE(readings.delivered(id, 0, 4)) << "it was said before";
  EXPECT_FALSE(readings.delivered(crypto::random_id<ReadingId>(), 0, 4));
}

// INVARIANT (no late send)
TEST(Lease, CutSleepsUntilTheLastSendInFlightHasReturned) {
  Lease lease;
  ASSERT_TRUE(lease.enter());
  ASSERT_TRUE(lease.enter());
  std::atomic<bool> has_returned = false;
  std::thread cutting([&] {
    lease.cut();
    has_returned = true;
  });
  while (!lease.is_cut()) std::this_thread::yield();
  EXPECT_FALSE(lease.enter()) << "none begins any more";
  lease.leave(1);
  std::this_thread::sleep_for(100ms);
  EXPECT_FALSE(has_returned) << "one is still in flight";
  lease.leave(2);
  cutting.join();
  EXPECT_EQ(lease.sent_bytes(), 3u);
}

// SPEC CONT-5
TEST(OpenReadings, OneWhoseClosingWasLostIsClosedInTheLogAfterAQuarterOfAnHour) {
  World world;
  const auto permit = open_one(world);
  ASSERT_TRUE(world.core->readings().cut(permit->reading())) << "and nobody submits its closing";
  const std::uint64_t before = world.core->sequencer().log_view().size;
  world.clock.advance(14min);
  std::this_thread::sleep_for(600ms);
  EXPECT_EQ(world.core->sequencer().log_view().size, before);
  world.clock.advance(1min);
  for (int i = 0; i < 200 && world.core->sequencer().log_view().size == before; ++i) std::this_thread::sleep_for(50ms);
  EXPECT_EQ(world.core->sequencer().log_view().size, before + 1);
  world.restart();
  for (int i = 0; i < 200 && world.core->sequencer().log_view().size < before + 3; ++i) {
    std::this_thread::sleep_for(50ms);
  }
  EXPECT_EQ(world.core->sequencer().log_view().size, before + 3) << "stop and start, and no other closing";
}

}  // namespace
}  // namespace flikvakt::service::test
