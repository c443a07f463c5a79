// An older copy of the rows put back: no command takes it for what stands, and the verifier says what it is.
#include "tests/admin/admin_world.h"

namespace flikvakt::admin {
namespace {

using ::testing::HasSubstr;
namespace fs = std::filesystem;

class RolledBack : public AdminWorld {
protected:
  void copy_rows(const std::string& from, const std::string& to) const {
    fs::create_directories(path(to));
    for (const char* name : {"rows.db", "rows.db-wal", "rows.db-shm"}) {
      fs::remove(path(to) + "/" + name);
      if (fs::exists(path(from) + "/" + name)) fs::copy_file(path(from) + "/" + name, path(to) + "/" + name);
    }
  }
  Ran verify() { return run({"log", "verify", "--data", path("data")}); }
};

// SPEC LVR-18, REC-4
TEST_F(RolledBack, RowsAreReportedByTheVerifierAndRefusedByEveryOtherCommand) {
  ASSERT_NO_FATAL_FAILURE(make_keys_and_instance());
  copy_rows("data", "older");
  ASSERT_NO_FATAL_FAILURE(serve());
  ASSERT_NO_FATAL_FAILURE(register_everyone());
  EXPECT_EQ(server_->stop(), 0) << log_text();
  EXPECT_EQ(verify().exit_code, 0) << "as it stands";
  copy_rows("data", "newer");

  copy_rows("older", "data");
  const Ran verified = verify();
  EXPECT_EQ(verified.exit_code, 1);
  EXPECT_THAT(verified.out, HasSubstr("the head file covers"));
  const std::vector<Words> others{
      {"backup", "create", path("backup"), "--keys", path("backup-keys"), "--data", path("data")},
      {"log", "export", path("export.jsonl"), "--data", path("data")},
      {"log", "checkpoint", "--data", path("data")},
      {"registry", "show", "--data", path("data")}};
  for (const Words& words : others) {
    const Ran ran = run(words);
    EXPECT_EQ(ran.exit_code, 4) << words[0] << " " << words[1];
    EXPECT_THAT(ran.err, HasSubstr("an older copy was put back"));
  }
  EXPECT_FALSE(fs::exists(path("backup")) || fs::exists(path("export.jsonl")));

  copy_rows("newer", "data");
  EXPECT_EQ(verify().exit_code, 0) << "the right rows again";
  EXPECT_EQ(run(others[0]).exit_code, 0);
}

}  // namespace
}  // namespace flikvakt::admin
