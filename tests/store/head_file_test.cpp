#include "store/head_file.h"

#include "tests/store/failing_sync.h"
#include "tests/store/temporary.h"

namespace flikvakt::store {
namespace {

class HeadFileOnDisk : public testing::Test {
protected:
  TemporaryFolder folder;
  fs::path path = folder / "head";

  void write(int notes) {
    auto head = HeadFile::create(path, text("note 1"));
    ASSERT_OK(head);
    for (int i = 2; i <= notes; ++i) EXPECT_OK(head->write(text("note " + std::to_string(i))));
  }
};

// SPEC HDF-1
TEST_F(HeadFileOnDisk, TheNewestNoteIsRead) {
  EXPECT_ERROR(ErrorCode::not_found, HeadFile::open(path));
  for (int notes = 1; notes <= 5; ++notes) {
    fs::remove(path);
    write(notes);
    EXPECT_EQ(fs::file_size(path), 8192u);
    auto head = HeadFile::open(path);
    ASSERT_OK(head);
    EXPECT_EQ(head->note(), text("note " + std::to_string(notes)));
    EXPECT_EQ(head->sequence(), static_cast<std::uint64_t>(notes));
  }
  EXPECT_ERROR(ErrorCode::conflict, HeadFile::create(path, {}));
}

// SPEC HDF-2
TEST_F(HeadFileOnDisk, AFlippedBitAnywhereInTheNewestSlotFallsBackToTheOneBefore) {
  write(4);  // note 4 is in slot 0
  const Bytes whole = contents(path);
  for (std::size_t byte = 0; byte < 4096; byte += byte < 80 ? 1 : 97) {
    overwrite(path, whole);
    flip(path, byte);
    auto head = HeadFile::open(path);
    ASSERT_OK(head);
    EXPECT_EQ(head->note(), text("note 3")) << "byte " << byte;
  }
}

// SPEC HDF-3
TEST_F(HeadFileOnDisk, AWriteThatTearsLeavesTheNoteOfBefore) {
  write(3);
  const Bytes before = contents(path);
  ASSERT_OK(HeadFile::open(path)->write(Bytes(3000, 'n')));
  const Bytes after = contents(path);
  for (std::size_t reached = 1; reached < 3000; reached += 401) {
    Bytes torn = before;
    std::copy_n(after.begin(), reached, torn.begin());
    overwrite(path, torn);
    auto head = HeadFile::open(path);
    ASSERT_OK(head);
    EXPECT_EQ(head->note(), text("note 3"));
    EXPECT_OK(head->write(text("next")));
    EXPECT_EQ(HeadFile::open(path)->note(), text("next"));
  }
}

// SPEC HDF-4
TEST_F(HeadFileOnDisk, WithoutAWholeSlotOrWithSlotsExchangedItIsCorrupt) {
  write(4);
  const Bytes whole = contents(path);
  flip(path, 70);
  flip(path, 4096 + 70);
  EXPECT_ERROR(ErrorCode::corrupt, HeadFile::open(path));
  overwrite(path, BytesView(whole).first(5000));
  EXPECT_ERROR(ErrorCode::corrupt, HeadFile::open(path));
  Bytes exchanged = whole;
  std::rotate(exchanged.begin(), exchanged.begin() + 4096, exchanged.end());
  overwrite(path, exchanged);
  EXPECT_ERROR(ErrorCode::corrupt, HeadFile::open(path));
  overwrite(path, {});
  EXPECT_ERROR(ErrorCode::corrupt, HeadFile::open(path));
}

TEST_F(HeadFileOnDisk, ANoteThatDoesNotFitIsRefusedAndTheLongestIsKept) {
  write(1);
  auto head = HeadFile::open(path);
  EXPECT_ERROR(ErrorCode::invalid, head->write(Bytes(kMaxHeadNoteBytes + 1)));
  EXPECT_OK(head->write(Bytes(kMaxHeadNoteBytes, 'z')));
  EXPECT_EQ(HeadFile::open(path)->note(), Bytes(kMaxHeadNoteBytes, 'z'));
  EXPECT_OK(head->write({}));
  EXPECT_EQ(HeadFile::open(path)->note(), Bytes{});
}

// SPEC HDF-5
TEST_F(HeadFileOnDisk, AFailedSyncIsReported) {
  write(1);
  auto head = HeadFile::open(path);
  const FailingSync broken;
  EXPECT_ERROR(ErrorCode::io, head->write(text("note 2")));
  EXPECT_EQ(head->note(), text("note 1"));
}

}  // namespace
}  // namespace flikvakt::store
