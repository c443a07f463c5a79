// A kill at any moment of a pruning leaves a log that verifies, and the next start goes on.
#include <thread>

#include "tests/service/pruning.h"

namespace flikvakt::service::test {
namespace {

namespace fs = std::filesystem;
using namespace policy;

// A kill -9 leaves what is in the files at that moment: the database and its log, of which pieces are whole or absent.
// SPEC STO-18
TEST(Pruning, KilledAtAnyMomentGoesOnAtTheNextStart) {
  SignedWorld world;
  world.anna = world.enrol(world.anna.number);
  for (int i = 0; i < 2500; ++i) world.ask(world.lead, ListCases{});
  const UtcTime limit = cut(world);
  eleven_years_later(world);
  Result<Command> first = world.command(world.administrator(0), order(world, limit));
  const Approve approval{ProposalId(first->evidence->id.value()), act_to_json(first->act)};
  ASSERT_TRUE(world.core->decide(std::move(*first)).decision.is_permitted());

  std::atomic<bool> stop{false};
  int copies = 0;
  const auto kill = [&] {
    const fs::path to = world.folder.path() / ("killed-" + std::to_string(copies++));
    fs::create_directory(to);
    fs::permissions(to, fs::perms::owner_all);
    for (const char* name : {"head", "keys", "erasures", "rows.db", "rows.db-wal"}) {
      std::error_code ignored;
      fs::copy_file(world.data() / name, to / name, ignored);
    }
    fs::copy(world.data() / "objects", to / "objects", fs::copy_options::recursive);
  };
  kill();
  std::thread killer([&] {
    while (!stop && copies < 40) {
      if (world.core->directory().pruned_to() != 0) kill();
    }
  });
  ASSERT_TRUE(world.send(world.administrator(1), approval).decision.is_permitted());
  world.wait_until_pruned();
  stop = true;
  killer.join();
  const LogReport whole = world.verify();
  EXPECT_EQ(whole.problems, kNone);

  std::set<std::uint64_t> found_at;
  for (int i = 0; i < copies; ++i) {
    SCOPED_TRACE(i);
    const fs::path at = world.folder.path() / ("killed-" + std::to_string(i));
    std::uint64_t pruned = 0;
    {
      const auto rows = store::Reader::open(at / "rows.db", world.core->keys().database()).value();
      const LogReport report = verify_log(rows, world.core->keys(), VerifiedRows::copy).value();
      EXPECT_EQ(report.problems, kNone) << "before anything starts on it";
      pruned = report.pruned_entries;
    }
    if (!found_at.insert(pruned).second) continue;
    auto core = Core::open(store::DataDirectory::open(at).value(), world.master(), world.clock, {});
    ASSERT_TRUE(core) << core.error().message;
    const bool is_ordered = (*core)->directory().pruned_to() != 0;
    const auto rows_now = [&] { return store::Reader::open(at / "rows.db", (*core)->keys().database()).value(); };
    for (int wait = 0; is_ordered && wait < 3000; ++wait) {
      const LogReport report = verify_log(rows_now(), (*core)->keys(), VerifiedRows::live).value();
      ASSERT_EQ(report.problems, kNone);
      if (report.pruned_entries == whole.pruned_entries) break;
    }
    const LogReport report = verify_log(rows_now(), (*core)->keys(), VerifiedRows::live).value();
    EXPECT_EQ(report.pruned_entries, is_ordered ? whole.pruned_entries : 0u);
    (*core)->sequencer().stop();
  }
  EXPECT_TRUE(found_at.contains(0)) << "some before";
  EXPECT_GE(found_at.size(), 3u) << "and some in the middle";
}

}  // namespace
}  // namespace flikvakt::service::test
