// Backup, restore and what follows it, through the real program.
#include "tests/admin/admin_world.h"

namespace flikvakt::admin {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class Restore : public AdminWorld {
protected:
  void back_up() { must({"backup", "create", path("backup"), "--keys", path("backup-keys"), "--data", path("data")}); }
  Words restore_words() {
    const json::value seen = must(
        {"backup", "verify", path("backup"), "--keys", path("backup-keys"), "--master-key", path("data/master-key")});
    return {"restore",         path("backup"),
            "--keys",          path("backup-keys"),
            "--master-key",    path("data/master-key"),
            "--data",          path("restored"),
            "--origin",        "flikvakt.test/log2",
            "--administrator", path("alice"),
            "--administrator", path("bo"),
            "--entries",       to_text(seen.at("entries")),
            "--erasures",      path("data/erasures")};
  }
  void restore_and_serve() {
    back_up();
    must(restore_words());
    std::filesystem::rename(path("data"), path("lost"));
    std::filesystem::rename(path("restored"), path("data"));
    ASSERT_NO_FATAL_FAILURE(serve());
    write_profiles();
  }

  bool opens(const std::string& document, const std::string& by = "fk.toml") {
    static int count = 0;
    return fetch(document, "try-" + std::to_string(++count), by).exit_code == 0;
  }

  // The draft with one line struck out, as an administrator does it in an editor.
  void strike_out(const std::string& file, const std::string& id) {
    const auto without = [&](const json::array& list) {
      json::array kept;
      for (const json::value& one : list) {
        if (!one.is_string() || one.get_string() != id) kept.push_back(one);
      }
      return kept;
    };
    json::value draft = parse_json(text(file)).value();
    for (auto& member : draft.at("acts").at(0).as_object()) {
      if (member.value().is_array()) member.value() = without(member.value().get_array());
    }
    scratch_.write(file, to_text(draft));
  }
};

TEST_F(Restore, ABackupIsRestoredByTwoAdministratorsAsANewLogWithAllAccessClosed) {
  ASSERT_NO_FATAL_FAILURE(set_up_with_fullmakt());
  const std::string document = deposit();
  EXPECT_EQ(fetch(document, "before.pdf").exit_code, 0);
  EXPECT_EQ(server_->stop(), 0);
  must({"backup", "create", path("backup"), "--keys", path("backup-keys"), "--data", path("data")});
  const json::value seen = must(
      {"backup", "verify", path("backup"), "--keys", path("backup-keys"), "--master-key", path("data/master-key")});
  EXPECT_EQ(seen.at("administrators").as_array().size(), 3u);
  Words restore{"restore",         path("backup"),
                "--keys",          path("backup-keys"),
                "--master-key",    path("data/master-key"),
                "--data",          path("restored"),
                "--origin",        "flikvakt.test/log2",
                "--administrator", path("alice"),
                "--entries",       to_text(seen.at("entries"))};
  Words alone = restore;
  alone.push_back("--no-erasures");
  EXPECT_EQ(run(alone).exit_code, 2) << "one administrator";
  EXPECT_FALSE(std::filesystem::exists(path("restored")));
  for (const std::string& word : {std::string("--administrator"), path("bo")}) restore.push_back(word);
  const Ran without_list = run(restore);  // SPEC BAK-10
  EXPECT_EQ(without_list.exit_code, 2);
  EXPECT_THAT(without_list.err, HasSubstr("--no-erasures"));
  EXPECT_FALSE(std::filesystem::exists(path("restored")));
  for (const std::string& word : {std::string("--erasures"), path("data/erasures")}) restore.push_back(word);
  const json::value restored = must(restore);
  EXPECT_EQ(restored.at("origin"), "flikvakt.test/log2");
  const std::string key(restored.at("log_key").as_string());
  const auto public_half = [](const std::string& text) { return text.substr(text.find('+', text.find('+') + 1)); };
  EXPECT_NE(public_half(key), public_half(log_key_)) << "SPEC LKEY-2";

  std::filesystem::rename(path("data"), path("lost"));
  std::filesystem::rename(path("restored"), path("data"));
  EXPECT_EQ(must({"log", "verify", "--data", path("data")}).at("ok"), true);
  std::string archive;
  for (const auto& file : std::filesystem::directory_iterator(path("data/archive"))) {
    if (file.path().extension() == ".db") archive = file.path().string();
  }
  Words ended{"log", "verify", "--data", path("data"), "--archive", archive};
  EXPECT_EQ(must(ended).at("ok"), true);
  ASSERT_NO_FATAL_FAILURE(serve());
  write_profiles();
  EXPECT_EQ(fetch(document, "after.pdf").exit_code, 1);
  EXPECT_FALSE(std::filesystem::exists(path("after.pdf")));
}

// docs/OPERATIONS.md, "After a restore", step by step.
TEST_F(Restore, TheCommandLineAloneOpensAccessAgainStepByStepAndWhatIsLeftOutStaysClosed) {
  ASSERT_NO_FATAL_FAILURE(set_up_with_fullmakt());
  const std::string document = deposit();
  EXPECT_TRUE(opens(document));
  EXPECT_TRUE(opens(document, "tim.toml"));
  EXPECT_EQ(server_->stop(), 0);
  ASSERT_NO_FATAL_FAILURE(restore_and_serve());
  EXPECT_FALSE(opens(document));

  const Ran shown = run_flikvakt({"registry", "show", "--data", path("data"), "--passphrase-file", path("words")});
  EXPECT_THAT(shown.out, HasSubstr("Tim")) << shown.err;
  EXPECT_THAT(shown.out, HasSubstr("[waits since the restore]"));
  must({"registry", "reattest", path("acts.json"), "--data", path("data")});
  EXPECT_THAT(text("acts.json"), HasSubstr("Region Ett"));
  const Ran applied = run(by_both({"apply", path("acts.json")}));
  EXPECT_EQ(applied.exit_code, 0) << applied.err;
  EXPECT_FALSE(opens(document));

  const Ran none =
      run({"registry", "reattest", path("none.json"), "--staff-of", id("$region"), "--data", path("data")});
  EXPECT_EQ(none.exit_code, 0);
  EXPECT_THAT(none.err, HasSubstr("nothing waits")) << "the region's one member of staff is its officer";
  EXPECT_FALSE(std::filesystem::exists(path("none.json")));
  EXPECT_EQ(
      run({"registry", "reattest", path("x"), "--staff-of", std::string(32, '0'), "--data", path("data")}).exit_code,
      1);
  must({"registry", "reattest", path("staff.json"), "--staff-of", id("$fk"), "--data", path("data")});
  strike_out("staff.json", id("$tim"));
  const Ran sent = partner({"act", path("staff.json")}, "ofi.toml");
  EXPECT_EQ(sent.exit_code, 0) << sent.err << text("staff.json");
  EXPECT_FALSE(opens(document)) << "the person has not spoken yet";
  ASSERT_NO_FATAL_FAILURE(enrol_device());
  EXPECT_FALSE(opens(document)) << "the key is confirmed, nothing more";
  EXPECT_EQ(must({"person", "reconfirm", "--profile", path("me.toml")}).at("status"), "permitted");
  EXPECT_TRUE(opens(document));
  EXPECT_FALSE(opens(document, "tim.toml")) << "struck out";
  const Ran after = run_flikvakt({"registry", "show", "--data", path("data"), "--passphrase-file", path("words")});
  EXPECT_THAT(after.out, HasSubstr("[waits since the restore]")) << "tim";
}

TEST_F(Restore, WhoHasNoDeviceReconfirmsOnPaperBeforeTwoRegistrars) {
  ASSERT_NO_FATAL_FAILURE(set_up_with_fullmakt());
  const std::string document = deposit();
  EXPECT_EQ(server_->stop(), 0);
  ASSERT_NO_FATAL_FAILURE(restore_and_serve());
  must({"registry", "reattest", path("acts.json"), "--data", path("data")});
  must(by_both({"apply", path("acts.json")}));
  must({"registry", "reattest", path("staff.json"), "--staff-of", id("$fk"), "--data", path("data")});
  ASSERT_EQ(partner({"act", path("staff.json")}, "ofi.toml").exit_code, 0);
  const std::string number = std::string(kNumber) + "\n";
  EXPECT_EQ(partner({"desk", "reconfirm"}, "ofi.toml", number).exit_code, 1) << "no registrar";
  const Ran proposed = partner({"desk", "reconfirm"}, "region.toml", number);
  ASSERT_EQ(proposed.exit_code, 0) << proposed.err;
  EXPECT_FALSE(opens(document)) << "it waits for the second";
  const std::string proposal(proposed.json().at("proposal").as_string());
  const Ran approved = partner({"desk", "approve", proposal, "--yes"}, "fk.toml", number);
  ASSERT_EQ(approved.exit_code, 0) << approved.err;
  EXPECT_TRUE(opens(document));
}

TEST_F(Restore, WhatWasRefusedLeavesNoFolderInTheWay) {
  ASSERT_NO_FATAL_FAILURE(make_keys_and_instance());
  back_up();
  Words words = restore_words();
  const auto origin = std::find(words.begin(), words.end(), "flikvakt.test/log2");
  *origin = "flikvakt.test/log";  // the old one: found out only when the log is begun
  EXPECT_NE(run(words).exit_code, 0);
  EXPECT_FALSE(std::filesystem::exists(path("restored")));
  std::filesystem::create_directory(path("restored"));
  std::filesystem::permissions(path("restored"), std::filesystem::perms::owner_all);
  EXPECT_NE(run(words).exit_code, 0);
  EXPECT_TRUE(std::filesystem::is_empty(path("restored"))) << "a folder that was there stays, empty as it was";
  *origin = "flikvakt.test/log2";
  EXPECT_EQ(run(words).exit_code, 0);
  EXPECT_EQ(text("restored/gateway-name"), "flikvakt-test\n");
}

TEST_F(Restore, AnAdministratorMayBeLeftOutInEitherFormOfTheirThumbprint) {
  ASSERT_NO_FATAL_FAILURE(make_keys_and_instance());
  back_up();
  const std::string recovery(must({"key", "show", path("recovery")}).at("thumbprint").as_string());
  Words words = restore_words();
  Words wrong = words;
  for (const std::string& word : {std::string("--without"), std::string(64, '0')}) wrong.push_back(word);
  EXPECT_EQ(run(wrong).exit_code, 2);
  for (const std::string& word : {std::string("--without"), to_hex(from_base64url(recovery).value())})
    words.push_back(word);
  const Ran restored = run(words);
  EXPECT_THAT(restored.err, Not(HasSubstr("thumbprint of no administrator")));
}

TEST_F(Restore, PlacesOfABackupMustBeApartAndNew) {
  ASSERT_NO_FATAL_FAILURE(make_keys_and_instance());
  const auto create = [&](const std::string& rows, const std::string& keys) {
    return run({"backup", "create", path(rows), "--keys", path(keys), "--data", path("data")});
  };
  EXPECT_EQ(create("b", "b/keys").exit_code, 2);
  EXPECT_EQ(create("b", "b").exit_code, 2);
  EXPECT_EQ(create("data/b", "k").exit_code, 2);
  EXPECT_EQ(create("b", "no/such/folder").exit_code, 1);
  EXPECT_FALSE(std::filesystem::exists(path("b")));
  std::filesystem::create_directory(path("k"));
  EXPECT_EQ(create("b", "k").exit_code, 1);
  EXPECT_FALSE(std::filesystem::exists(path("b"))) << "a refused half must not take the name";
  EXPECT_EQ(create("b", "k2").exit_code, 0);
}

}  // namespace
}  // namespace flikvakt::admin
