// Rotation of the master key and erasure, through the real program.
#include "tests/admin/admin_world.h"

namespace flikvakt::admin {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using KeysCommands = AdminWorld;

TEST_F(KeysCommands, ARotatedMasterKeyOpensTheGatewayAndTheOldOneDoesNot) {
  ASSERT_NO_FATAL_FAILURE(make_keys_and_instance());
  const Ran rotated = run({"keys", "rotate", "--data", path("data"), "--administrator", path("alice")});
  ASSERT_EQ(rotated.exit_code, 0) << rotated.err;
  const std::string old(rotated.json().at("old_master_key").as_string());
  EXPECT_THAT(rotated.err, HasSubstr(old));
  EXPECT_THAT(rotated.err, HasSubstr("new backup"));
  EXPECT_FALSE(std::filesystem::exists(path("data/master-key.new")));
  EXPECT_EQ(must({"log", "verify", "--data", path("data")}).at("ok"), true);
  EXPECT_EQ(run({"log", "verify", "--data", path("data"), "--master-key", old}).exit_code, 1);
  const json::value status = must({"keys", "status", "--data", path("data")});
  EXPECT_FALSE(status.at("levels").as_array().empty());
}

TEST_F(KeysCommands, ABackupMadeBeforeARotationIsRestoredWithTheOldMasterKey) {
  ASSERT_NO_FATAL_FAILURE(make_keys_and_instance());
  must({"backup", "create", path("backup"), "--keys", path("backup-keys"), "--data", path("data")});
  const json::value rotated = must({"keys", "rotate", "--data", path("data"), "--administrator", path("alice")});
  const Words verify{"backup", "verify", path("backup"), "--keys", path("backup-keys"), "--master-key"};
  Words with_new = verify;
  with_new.push_back(path("data/master-key"));
  const Ran refused = run(with_new);
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.err, HasSubstr("master-key.old-DATE"));
  Words with_old = verify;
  with_old.emplace_back(rotated.at("old_master_key").as_string());
  EXPECT_EQ(must(with_old).at("problems").as_array().size(), 0u);
}

TEST_F(KeysCommands, AMasterKeyElsewhereIsRotatedWhereItLies) {
  ASSERT_NO_FATAL_FAILURE(make_keys_and_instance());
  std::filesystem::create_directory(path("medium"));
  std::filesystem::rename(path("data/master-key"), path("medium/key"));
  const json::value rotated = must(
      {"keys", "rotate", "--data", path("data"), "--administrator", path("alice"), "--master-key", path("medium/key")});
  EXPECT_EQ(rotated.at("master_key").as_string(), path("medium/key"));
  EXPECT_TRUE(std::filesystem::exists(std::string(rotated.at("old_master_key").as_string())));
  EXPECT_FALSE(std::filesystem::exists(path("data/master-key.new")));
  EXPECT_EQ(must({"log", "verify", "--data", path("data"), "--master-key", path("medium/key")}).at("ok"), true);
}

// As after a crash between the last two steps: the new key counts, and still has its first name.
TEST_F(KeysCommands, WhoeverMeetsTheWrongOfTwoMasterKeysIsToldOfTheOtherAndNeverToRemoveOne) {
  ASSERT_NO_FATAL_FAILURE(make_keys_and_instance());
  const std::string old(must({"keys", "rotate", "--data", path("data"), "--administrator", path("alice")})
                            .at("old_master_key")
                            .as_string());
  std::filesystem::rename(path("data/master-key"), path("data/master-key.new"));
  std::filesystem::rename(old, path("data/master-key"));
  const auto is_told = AllOf(HasSubstr("cut short"), HasSubstr("master-key.new"), Not(HasSubstr("remove")));
  const Words checkpoint{"log", "checkpoint", "--data", path("data")};
  EXPECT_THAT(run(checkpoint).err, is_told);
  EXPECT_THAT(run({"keys", "status", "--data", path("data")}).err, is_told);
  EXPECT_THAT(run({"keys", "rotate", "--data", path("data"), "--administrator", path("alice")}).err, is_told);
  write_config();
  const Ran served = serve_to_the_end();
  EXPECT_EQ(served.exit_code, 1);
  EXPECT_THAT(served.err, is_told);
  std::filesystem::rename(path("data/master-key"), path("aside"));
  EXPECT_THAT(run(checkpoint).err, is_told) << "no master key under its name";
  Words with_new = checkpoint;
  for (const std::string& word : {std::string("--master-key"), path("data/master-key.new")}) with_new.push_back(word);
  EXPECT_EQ(run(with_new).exit_code, 0);
}

TEST_F(KeysCommands, StatusLooksBesideARunningGatewayAndWritesNothing) {
  ASSERT_NO_FATAL_FAILURE(make_keys_and_instance());
  ASSERT_NO_FATAL_FAILURE(serve());
  const auto size = [&] {
    return run_flikvakt({"status", "--json", "--data", path("data")}).json().at("log").at("size");
  };
  const json::value before = size();
  EXPECT_FALSE(must({"keys", "status", "--data", path("data")}).at("levels").as_array().empty());
  EXPECT_EQ(size(), before);
}

TEST_F(KeysCommands, ADocumentAFlikAndAPersonAreErasedByTwo) {
  ASSERT_NO_FATAL_FAILURE(set_up_with_fullmakt());
  const std::string first = deposit();
  const std::string second = deposit();
  const std::string number(kNumber);
  const Ran alone = run({"keys", "shred-document", first, "--administrator", path("alice"), "--data", path("data")});
  EXPECT_EQ(alone.json().at("status"), "proposed") << alone.err;
  EXPECT_EQ(fetch(first, "still-there").exit_code, 0);
  EXPECT_EQ(must(by_both({"keys", "shred-document", first})).at("status"), "permitted");
  EXPECT_EQ(fetch(first, "gone").exit_code, 1);
  EXPECT_EQ(fetch(second, "other").exit_code, 0);
  EXPECT_EQ(must(by_both({"keys", "shred-flik", "journal"}), number).at("status"), "permitted");
  EXPECT_EQ(fetch(second, "gone-too").exit_code, 1);
  EXPECT_EQ(must(by_both({"keys", "shred-person"}), number).at("status"), "permitted");
  EXPECT_EQ(run({"person", "me", "--profile", path("me.toml")}).exit_code, 1);
  EXPECT_EQ(must({"log", "verify", "--data", path("data")}).at("ok"), true);
}

}  // namespace
}  // namespace flikvakt::admin
