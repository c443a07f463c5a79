#include "store/data_directory.h"

#include <sys/mount.h>

#include "store/reserve.h"
#include "tests/store/temporary.h"

namespace flikvakt::store {
namespace {

// SPEC STO-12
TEST(DataDirectory, OneProcessAtATimeRunsOnIt) {
  TemporaryFolder folder;
  {
    auto first = DataDirectory::create(folder / "data");
    ASSERT_OK(first);
    auto second = DataDirectory::open(folder / "data");
    EXPECT_ERROR(ErrorCode::unavailable, second);
    EXPECT_NE(second.error().message.find("stop it first"), std::string::npos);
    EXPECT_OK(DataDirectory::open_shared(folder / "data"));
  }
  EXPECT_OK(DataDirectory::open(folder / "data"));
}

// SPEC STO-12
TEST(DataDirectory, OthersCanNotOpenIt) {
  TemporaryFolder folder;
  ASSERT_OK(DataDirectory::create(folder / "data"));
  EXPECT_EQ(fs::status(folder / "data").permissions(), fs::perms(0700));
  EXPECT_EQ(fs::status(folder / "data" / "lock").permissions(), fs::perms(0600));
  fs::permissions(folder / "data", fs::perms(0750));
  EXPECT_ERROR(ErrorCode::invalid, DataDirectory::open(folder / "data"));
  EXPECT_ERROR(ErrorCode::invalid, DataDirectory::open_shared(folder / "data"));
}

TEST(DataDirectory, CreateTakesOnlyWhatIsEmptyAndOpenOnlyWhatIsThere) {
  TemporaryFolder folder;
  EXPECT_ERROR(ErrorCode::not_found, DataDirectory::open(folder / "data"));
  EXPECT_NE(DataDirectory::open(folder / "data").error().message.find("flikvakt init"), std::string::npos);
  fs::create_directory(folder / "empty");
  fs::permissions(folder / "empty", fs::perms(0700));
  EXPECT_OK(DataDirectory::create(folder / "empty"));
  EXPECT_ERROR(ErrorCode::conflict, DataDirectory::create(folder / "empty")) << "its lock file is in it now";
  overwrite(folder / "file", text("x"));
  EXPECT_ERROR(ErrorCode::conflict, DataDirectory::create(folder / "file"));
}

TEST(Reserve, IsHeldReleasedAndHeldAgainWhenThereIsRoom) {
  TemporaryFolder folder;
  Reserve reserve(folder / "reserve", 1 << 20);
  EXPECT_FALSE(reserve.held());
  EXPECT_OK(reserve.release());
  EXPECT_OK(reserve.hold());
  EXPECT_TRUE(reserve.held());
  EXPECT_OK(reserve.release());
  EXPECT_FALSE(reserve.held());
  EXPECT_EQ(reserve.rehold_if_possible(std::uint64_t{1} << 60).value(), false);
  EXPECT_EQ(reserve.rehold_if_possible(0).value(), true);
  EXPECT_TRUE(Reserve(folder / "reserve", 1 << 20).held());
  EXPECT_FALSE(Reserve(folder / "reserve", 2 << 20).held()) << "too small is not held";
}

TEST(Reserve, OnAFullDiskNothingIsLeftBehind) {
  TemporaryFolder folder;
  if (::mount("tmpfs", folder.path().c_str(), "tmpfs", 0, "size=1m,mode=0700") != 0) {
    GTEST_SKIP() << "needs the right to mount a tmpfs (root), which this run does not have";
  }
  Reserve reserve(folder / "reserve", 4 << 20);
  EXPECT_ERROR(ErrorCode::out_of_space, reserve.hold());
  EXPECT_FALSE(fs::exists(folder / "reserve"));
  EXPECT_EQ(reserve.rehold_if_possible(0).value(), false);
  EXPECT_OK(Reserve(folder / "reserve", 1 << 19).hold());
  ::umount2(folder.path().c_str(), MNT_DETACH);
}

}  // namespace
}  // namespace flikvakt::store
