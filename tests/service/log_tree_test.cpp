// The tree that is kept for proofs is the tree of the rows, however it came about.
#include "service/log_tree.h"

#include "tests/service/signed_world.h"

namespace flikvakt::service::test {
namespace {

using namespace policy;

class LogTreeTest : public testing::Test {
protected:
  store::Reader reader() {
    return store::Reader::open(world_.core->data_directory().database(), world_.core->keys().database()).value();
  }
  void grow(int entries) {
    for (int i = 0; i < entries; ++i) world_.ask(world_.lead, ListCases{});
  }
  // Root, size, edge and some proofs.
  static void expect_same(const audit::Tree& one, const audit::Tree& other, const store::Rows& rows) {
    ASSERT_EQ(one.size(), other.size());
    EXPECT_EQ(one.root(), other.root());
    for (unsigned level = 0; level < 3; ++level)
      EXPECT_TRUE(std::ranges::equal(one.edge(level), other.edge(level))) << level;
    for (std::uint64_t index = 0; index < one.size(); index += 37) {
      EXPECT_EQ(one.inclusion_proof(index, one.size(), tiles_of(rows)).value(),
                other.inclusion_proof(index, other.size(), tiles_of(rows)).value());
    }
  }
  SignedWorld world_;
};

TEST_F(LogTreeTest, FollowedAndTakenUpAreOneTree) {
  LogTree kept;
  for (const int more : {0, 1, 100, 155, 1, 256, 3}) {  // over the ends of two tiles
    grow(more);
    const store::Reader rows = reader();
    LogTree fresh;
    const audit::Tree followed = kept.of(rows).value();
    expect_same(followed, fresh.of(rows).value(), rows);
    expect_same(followed, tree_of(rows).value(), rows);
    EXPECT_EQ(followed.size(), rows.entry_count().value());
  }
  EXPECT_GT(kept.of(reader()).value().size(), 512u);
}

TEST_F(LogTreeTest, AnEarlierSnapshotGetsItsOwn) {
  LogTree kept;
  grow(200);
  const store::Reader earlier = reader();
  const std::uint64_t size = earlier.entry_count().value();
  grow(300);
  ASSERT_GT(kept.of(reader()).value().size(), size);
  LogTree fresh;
  expect_same(kept.of(earlier).value(), fresh.of(earlier).value(), earlier);
  EXPECT_EQ(kept.of(reader()).value().size(), size + 300);
}

}  // namespace
}  // namespace flikvakt::service::test
