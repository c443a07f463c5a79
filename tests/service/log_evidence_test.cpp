// Evidence against the log, where the disk takes nothing more.
#include "service/log_evidence.h"

#include <fcntl.h>
#include <sys/mount.h>

#include "base/files.h"
#include "store/reserve.h"
#include "tests/service/temp_core.h"

namespace flikvakt::service::test {
namespace {

namespace fs = std::filesystem;

class LogEvidence : public ::testing::Test {
protected:
  void SetUp() override {
    if (::mount("tmpfs", folder_.path().c_str(), "tmpfs", 0, "size=512k,mode=0700") != 0)
      GTEST_SKIP() << "needs the right to mount a tmpfs (root), which this run does not have";
    is_mounted_ = true;
  }
  ~LogEvidence() override {
    if (is_mounted_) ::umount2(folder_.path().c_str(), MNT_DETACH);
  }
  void fill() const {
    const FileDescriptor file = open_file(folder_.path() / "rest", O_WRONLY | O_CREAT).value();
    const Bytes block(4096, 7);
    std::uint64_t at = 0;
    while (write_exactly(file.get(), at, block)) at += block.size();
    ASSERT_EQ(write_new_file(folder_.path() / "more", block).error().code, ErrorCode::out_of_space);
  }
  Result<void> keep() const { return keep_log_evidence(evidence_, room_, "own\n", "shown\n"); }

  TemporaryFolder folder_;
  bool is_mounted_ = false;
  const fs::path evidence_ = folder_.path() / "log-evidence", room_ = folder_.path() / "log-evidence.room";
};

// SPEC WIT-33
TEST_F(LogEvidence, OnAFullDiskBecomesTheRoomThatWasHeldForIt) {
  ASSERT_TRUE(store::Reserve(room_, kEvidenceRoomBytes).hold());
  fill();
  const Result<void> kept = keep();
  ASSERT_TRUE(kept) << kept.error().message;
  EXPECT_EQ(as_text(read_file(evidence_, 4096).value()),
            "flikvakt-log-evidence/v1\nown 4 bytes\nshown 6 bytes\n\nown\nshown\n");
  EXPECT_FALSE(fs::exists(room_));
  EXPECT_TRUE(keep()) << "one that is there stays";
  EXPECT_FALSE(require_no_log_evidence(evidence_));
}

// SPEC WIT-33, WIT-34
TEST_F(LogEvidence, WithoutRoomIsAnErrorAndAMarkAllTheSame) {
  fill();
  const Result<void> kept = keep();
  ASSERT_FALSE(kept);
  EXPECT_EQ(kept.error().code, ErrorCode::out_of_space);
  EXPECT_FALSE(require_no_log_evidence(evidence_)) << "locked at the next start";
}

}  // namespace
}  // namespace flikvakt::service::test
