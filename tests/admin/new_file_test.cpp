// Files that a user asked to keep.
#include "admin/new_file.h"

#include <gmock/gmock.h>

#include "tests/admin/scratch.h"

namespace flikvakt::admin {
namespace {

using testing::HasSubstr;

std::string contents_of(const std::filesystem::path& file) {
  return std::string(as_text(read_file(file, 4096).value()));
}

class NewFiles : public testing::Test {
protected:
  Scratch scratch_;
};

TEST_F(NewFiles, AreForTheirOwnerAloneAndReplaceNothing) {
  const auto file = scratch_.path("kept");
  ASSERT_TRUE(keep_new_file("--out", file, as_bytes("one")));
  EXPECT_TRUE(require_private(file));
  const Outcome<void> again = keep_new_file("--out", file, as_bytes("another"));
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().exit, ExitCode::refused);
  EXPECT_THAT(again.error().message, HasSubstr("--out: `" + file.string() + "` exists already"));
  EXPECT_THAT(again.error().next, HasSubstr("choose another name"));
  EXPECT_EQ(contents_of(file), "one");
}

TEST_F(NewFiles, SayToChooseAnotherNameOnlyWhenItIsTaken) {
  const auto nowhere = scratch_.path("no/folder");
  const Outcome<void> kept = keep_new_file("--out", nowhere, as_bytes("one"));
  ASSERT_FALSE(kept);
  EXPECT_THAT(kept.error().message, HasSubstr("--out: "));
  EXPECT_EQ(kept.error().next, "") << "the name is not what is wrong";
}

TEST_F(NewFiles, AProofIsWhatOutNames) {
  Arguments arguments;
  arguments.add("--out", scratch_.path("receipt").string());
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  const Outcome<void> kept = keep_proof(arguments, Output(Output::Form::json), "{}\n");
  const std::string out = testing::internal::GetCapturedStdout(), err = testing::internal::GetCapturedStderr();
  ASSERT_TRUE(kept) << kept.error().message;
  EXPECT_EQ(contents_of(scratch_.path("receipt")), "{}\n");
  EXPECT_THAT(out, HasSubstr("\"bytes\":3"));
  EXPECT_THAT(err, HasSubstr("flikvakt verify-receipt " + scratch_.path("receipt").string() + " --log-key LOG_KEY"));
  EXPECT_FALSE(keep_proof(arguments, Output(Output::Form::json), "{}\n"));
}

TEST_F(NewFiles, AreLookedForBeforeLongWork) {
  EXPECT_TRUE(check_free("--out", std::nullopt));
  EXPECT_TRUE(check_free("--out", scratch_.path("free").string()));
  const Outcome<void> taken = check_free("--out", scratch_.write("taken", "mine").string());
  ASSERT_FALSE(taken);
  EXPECT_THAT(taken.error().next, HasSubstr("choose another name"));
  std::filesystem::create_symlink(scratch_.path("nowhere"), scratch_.path("link"));
  EXPECT_FALSE(check_free("--out", scratch_.path("link").string())) << "a link that leads nowhere is something too";
}

}  // namespace
}  // namespace flikvakt::admin
