#include "base/files.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

namespace flikvakt {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class Files : public ::testing::Test {
protected:
  Files() {
    std::string name = (fs::temp_directory_path() / "flikvakt-base-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~Files() override { fs::remove_all(folder_); }

  fs::path path(const std::string& name) const { return folder_ / name; }
  static std::string text(const fs::path& file) { return std::string(as_text(read_file(file, 4096).value())); }
  std::size_t count() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()));
  }

  fs::path folder_;
};

TEST_F(Files, APipeInAFilesPlaceHoldsNobodyUp) {
  ASSERT_EQ(::mkfifo(path("pipe").c_str(), 0600), 0);
  EXPECT_THAT(read_file(path("pipe"), 4096).error().message, HasSubstr("is not a regular file"));
}

TEST_F(Files, AReplacedFileIsWholePrivateAndLeavesNothingBeside) {
  ASSERT_TRUE(write_file_atomically(path("a"), as_bytes("one")));
  ASSERT_TRUE(write_file_atomically(path("a"), as_bytes("two")));
  EXPECT_EQ(text(path("a")), "two");
  EXPECT_TRUE(require_private(path("a")));
  EXPECT_EQ(count(), 1u);
}

TEST_F(Files, ANewFileIsMadeButNeverReplacesOne) {
  ASSERT_TRUE(write_new_file(path("key"), as_bytes("the only one")));
  EXPECT_TRUE(require_private(path("key")));
  const Result<void> again = write_new_file(path("key"), as_bytes("another"));
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, ErrorCode::conflict);
  EXPECT_EQ(text(path("key")), "the only one");
  EXPECT_EQ(count(), 1u);
}

// SPEC EXP-11
TEST_F(Files, ADraftIsNotThereUntilItIsKeptAndLeavesNothingElse) {
  {
    Draft cut_short = Draft::make(path("export")).value();
    ASSERT_TRUE(write_exactly(cut_short.get(), 0, as_bytes("half")));
    EXPECT_FALSE(fs::exists(path("export"))) << "whoever looks now finds no half";
  }
  EXPECT_EQ(count(), 0u);
  Draft whole = Draft::make(path("export")).value();
  ASSERT_TRUE(write_exactly(whole.get(), 0, as_bytes("one ")));
  ASSERT_TRUE(write_exactly(whole.get(), 4, as_bytes("two")));
  ASSERT_TRUE(std::move(whole).keep());
  EXPECT_EQ(text(path("export")), "one two");
  EXPECT_TRUE(require_private(path("export")));
  {
    Draft late = Draft::make(path("export")).value();
    const Result<void> kept = std::move(late).keep();
    ASSERT_FALSE(kept);
    EXPECT_EQ(kept.error().code, ErrorCode::conflict);
  }
  EXPECT_EQ(text(path("export")), "one two") << "what came meanwhile stays";
  EXPECT_EQ(count(), 1u);
}

TEST_F(Files, ANewFileDoesNotFollowALinkThatLeadsNowhere) {
  ASSERT_EQ(::symlink(path("elsewhere").c_str(), path("key").c_str()), 0);
  EXPECT_FALSE(write_new_file(path("key"), as_bytes("secret")));
  EXPECT_FALSE(fs::exists(path("elsewhere")));
}

TEST_F(Files, ALinkLaidUnderAGuessedNameIsNotWrittenThrough) {
  std::ofstream(path("victim")) << "mine";
  ASSERT_EQ(::symlink(path("victim").c_str(), path("a.tmp").c_str()), 0);
  ASSERT_TRUE(write_file_atomically(path("a"), as_bytes("data")));
  EXPECT_EQ(text(path("victim")), "mine");
}

TEST_F(Files, AFolderThatIsNotThereIsAnErrorAndMakesNothing) {
  EXPECT_FALSE(write_file_atomically(path("no/a"), as_bytes("x")));
  EXPECT_FALSE(write_new_file(path("no/a"), as_bytes("x")));
  EXPECT_EQ(count(), 0u);
}

TEST_F(Files, MessagesNameThePathAsItWasGiven) {
  const fs::path file = path("where/is/it");
  EXPECT_THAT(read_file(file, 1).error().message, HasSubstr("`" + file.string() + "`"));
  EXPECT_THAT(require_private(file).error().message, HasSubstr(file.string()));
}

TEST_F(Files, WhatOthersCanOpenIsRefusedWithItsRemedy) {
  ASSERT_TRUE(write_file_atomically(path("a"), as_bytes("x")));
  ASSERT_EQ(::chmod(path("a").c_str(), 0640), 0);
  EXPECT_THAT(require_private(path("a")).error().message, HasSubstr("`chmod 600 " + path("a").string() + "`"));
  ASSERT_EQ(::chmod(folder_.c_str(), 0750), 0);
  EXPECT_THAT(require_private(folder_).error().message, HasSubstr("chmod 700"));
}

TEST_F(Files, TheFolderOfABareNameIsTheCurrentOne) {
  EXPECT_EQ(folder_of("backup"), ".");
  EXPECT_EQ(folder_of("a/backup"), "a");
}

}  // namespace
}  // namespace flikvakt
