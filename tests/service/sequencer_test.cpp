// What has happened when a narrowing act is answered, and what time alone brings about.
#include <future>

#include "service/open_document.h"
#include "tests/service/rows_dump.h"
#include "tests/service/temp_core.h"

namespace flikvakt::service::test {
namespace {

using namespace policy;

class RunningReadings : public ::testing::Test {
protected:
  RunningReadings() {
    journal = world.sign({RecipientKind::team, world.team.value()}, "journal");
    in_journal = world.deposit("journal", as_bytes("text"));
  }
  std::shared_ptr<const LoggedPermit> open(const DocumentId& document) {
    CommandResult result =
        world.decide(world.handler, OpenReading{crypto::random_id<ReadingId>(), document, "konsultation"});
    EXPECT_TRUE(result.permit);
    return result.permit;
  }
  // What the sequencer does by itself it does every quarter of a second; a busy machine is given more.
  bool is_cut_soon(const LoggedPermit& permit) const {
    for (int i = 0; i < 1200 && !permit.lease()->is_cut(); ++i) std::this_thread::sleep_for(25ms);
    return permit.lease()->is_cut();
  }
  bool stays_open(const LoggedPermit& permit) const {
    std::this_thread::sleep_for(700ms);
    return !permit.lease()->is_cut();
  }
  Dump rows() const {
    return dump(store::Reader::open(world.core->data_directory().database(), world.core->keys().database()).value());
  }
  std::size_t closings() const {
    return entries_of(rows(), world.core->keys(), audit::ActKind::close_reading, audit::Outcome::recorded).size();
  }
  bool is_head_in_its_file() const {
    const Bytes in_rows = rows().meta.at(std::string(store::kHeadNote));
    return store::HeadFile::open(world.folder.path() / "data" / "head").value().note() == in_rows;
  }

  World world;
  FullmaktId journal;
  DocumentId in_journal;
};

// P2
TEST_F(RunningReadings, ThatARevocationEndsAreCutWhenItIsAnsweredAndOthersGoOn) {
  world.sign({RecipientKind::team, world.team.value()}, "ekonomi");
  const auto ends = open(in_journal);
  const auto goes_on = open(world.deposit("ekonomi", as_bytes("text")));
  ASSERT_TRUE(world.decide(world.device, RevokeFullmakt{journal}).decision.is_permitted());
  EXPECT_TRUE(ends->lease()->is_cut());
  EXPECT_FALSE(goes_on->lease()->is_cut());
  EXPECT_EQ(world.core->readings().size(), 1u);
  world.decide(world.lead, ListCases{});  // what the gateway owes comes before it
  EXPECT_EQ(closings(), 1u);
  EXPECT_TRUE(stays_open(*goes_on));
}

// SPEC CONN-41: what nobody sent an act for is shown as the state is after all that was acknowledged; in doubt nothing
// is.
TEST_F(RunningReadings, ALookAtTheStateHasWhatWasAcknowledgedBeforeIt) {
  const auto looks = [&] {
    std::promise<std::optional<FullmaktStatus>> seen;
    world.core->sequencer().look([&](const State* state, UtcTime) {
      const Fullmakt* found = state ? state->find<Fullmakt>(journal) : nullptr;
      seen.set_value(found ? std::optional(found->status) : std::nullopt);
    });
    return seen.get_future().get();
  };
  EXPECT_EQ(looks(), FullmaktStatus::active);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(looks(), FullmaktStatus::active) << "also when nothing else happens";
  ASSERT_TRUE(world.decide(world.device, RevokeFullmakt{journal}).decision.is_permitted());
  EXPECT_EQ(looks(), FullmaktStatus::revoked);
  world.clock.jump(-1h);
  EXPECT_EQ(looks(), std::nullopt) << "the time is in doubt";
  world.core->sequencer().stop();
  EXPECT_EQ(looks(), std::nullopt) << "it stopped";
}

// P3
TEST_F(RunningReadings, ARevocationIsInTheHeadFileWhenItIsAnsweredAndAnOpeningASecondLater) {
  ASSERT_TRUE(world.decide(world.device, RevokeFullmakt{journal}).decision.is_permitted());
  EXPECT_TRUE(is_head_in_its_file());
  world.sign({RecipientKind::team, world.team.value()}, "journal");
  open(in_journal);
  world.clock.advance(1s);
  for (int i = 0; i < 1200 && !is_head_in_its_file(); ++i) std::this_thread::sleep_for(25ms);
  EXPECT_TRUE(is_head_in_its_file());
}

TEST_F(RunningReadings, AreCutWhenTheirFullmaktExpires) {
  world.clock.advance(24h * 90 - 5min);
  const auto permit = open(in_journal);
  world.clock.advance(5min - 1ms);
  EXPECT_TRUE(stays_open(*permit));
  world.clock.advance(1ms);
  EXPECT_TRUE(is_cut_soon(*permit));
  world.decide(world.lead, ListCases{});
  EXPECT_EQ(closings(), 1u);
}

// SPEC CONT-5
TEST_F(RunningReadings, LapseAQuarterOfAnHourAfterTheirOpening) {
  const auto permit = open(in_journal);
  world.clock.advance(15min - 250ms);
  EXPECT_TRUE(stays_open(*permit));
  world.clock.advance(250ms);
  EXPECT_TRUE(is_cut_soon(*permit));
  world.decide(world.lead, ListCases{});
  EXPECT_EQ(closings(), 1u);
  EXPECT_EQ(world.core->readings().size(), 0u);
}

// SPEC ACT-6
TEST_F(RunningReadings, AreCutInClockDoubt) {
  const auto permit = open(in_journal);
  EXPECT_TRUE(stays_open(*permit));
  world.clock.jump(1h);
  world.clock.advance(250ms);
  EXPECT_TRUE(is_cut_soon(*permit));
}

}  // namespace
}  // namespace flikvakt::service::test
