// The product's main job through the real program: set up, sign, deposit, fetch, revoke, refused, verify.
#include "tests/admin/admin_world.h"

namespace flikvakt::admin {
namespace {

using ::testing::HasSubstr;
using EndToEnd = AdminWorld;

TEST_F(EndToEnd, SignDepositFetchRevokeRefusedVerify) {
  ASSERT_NO_FATAL_FAILURE(set_up_with_fullmakt());
  const std::string document = deposit();
  ASSERT_FALSE(document.empty());

  const Ran listed = partner({"list", "--purpose", "rehab"}, "fk.toml", std::string(kNumber));
  EXPECT_THAT(listed.out, HasSubstr(document)) << listed.err;
  const Ran fetched = fetch(document, "fetched.pdf");
  ASSERT_EQ(fetched.exit_code, 0) << fetched.err;
  EXPECT_EQ(text("fetched.pdf"), text("journal.pdf"));
  const json::value before = must({"log", "checkpoint", "--data", path("data"), "--out", path("saved")});
  EXPECT_EQ(std::string(before.at("key").as_string()), log_key_);

  EXPECT_EQ(must({"person", "revoke", id("$fullmakt"), "--profile", path("me.toml")}).at("status"), "permitted");
  const Ran refused = fetch(document, "refused.pdf");
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.err, HasSubstr("403"));
  EXPECT_FALSE(std::filesystem::exists(path("refused.pdf")));
  const json::value log = must({"person", "log", "--profile", path("me.toml")});
  EXPECT_THAT(to_text(log), HasSubstr("revoke_fullmakt"));
  const Ran own = run({"person", "fetch", document, "--out", path("own.pdf"), "--profile", path("me.toml")});
  EXPECT_EQ(own.exit_code, 0) << own.err;

  const json::value beside = must({"log", "verify", "--data", path("data"), "--saved", path("saved")});
  EXPECT_EQ(beside.at("ok"), true) << to_text(beside);
  EXPECT_EQ(server_->stop(), 0) << log_text();
  const json::value stopped = must({"log", "verify", "--data", path("data"), "--saved", path("saved")});
  EXPECT_EQ(stopped.at("ok"), true) << to_text(stopped);
  EXPECT_THAT(log_text(), ::testing::Not(HasSubstr(std::string(kNumber))));
}

TEST_F(EndToEnd, ATransferGoesOnWhereItBrokeOff) {
  ASSERT_NO_FATAL_FAILURE(set_up_with_fullmakt());
  const std::string document = deposit();
  const Ran first =
      partner({"fetch", document, "--purpose", "rehab", "--range", "0-99999", "--out", path("part.pdf")}, "fk.toml");
  ASSERT_EQ(first.exit_code, 0) << first.err;
  const std::string reading(first.json().at("reading").as_string());
  EXPECT_EQ(text("part.pdf"), text("journal.pdf").substr(0, 100'000));
  const Ran rest = partner({"fetch", "--reading", reading, "--out", path("part.pdf")}, "fk.toml");
  ASSERT_EQ(rest.exit_code, 0) << rest.err;
  EXPECT_EQ(text("part.pdf"), text("journal.pdf"));
  // Somebody else's reading is nobody's.
  EXPECT_EQ(
      partner({"fetch", "--reading", reading, "--range", "0-9", "--out", path("of-another")}, "region.toml").exit_code,
      1);
}

TEST_F(EndToEnd, AnExistingFileIsNotOverwritten) {
  ASSERT_NO_FATAL_FAILURE(set_up_with_fullmakt());
  const std::string document = deposit();
  scratch_.write("mine.txt", "mine");
  EXPECT_EQ(fetch(document, "mine.txt").exit_code, 1);
  EXPECT_EQ(text("mine.txt"), "mine");
}

TEST_F(EndToEnd, AnExportVerifiesWithoutKeysUntilItIsChanged) {
  ASSERT_NO_FATAL_FAILURE(make_keys_and_instance());
  must({"log", "checkpoint", "--data", path("data"), "--out", path("saved")});
  ASSERT_NO_FATAL_FAILURE(serve());
  ASSERT_NO_FATAL_FAILURE(register_everyone());
  must({"log", "export", path("log.jsonl"), "--data", path("data"), "--checkpoint", path("checkpoint")});
  const Words verify{"log",          "verify",           "--json",  "--export",    path("log.jsonl"),
                     "--checkpoint", path("checkpoint"), "--saved", path("saved"), "--log-key",
                     log_key_};
  EXPECT_EQ(run_flikvakt(verify).exit_code, 0) << run_flikvakt(verify).out;
  std::string lines = text("log.jsonl");
  const std::size_t at = lines.find("\"leaf\":\"", lines.size() / 2) + 20;
  lines[at] = lines[at] == 'a' ? 'b' : 'a';
  scratch_.write("log.jsonl", lines);
  const Ran changed = run_flikvakt(verify);
  EXPECT_EQ(changed.exit_code, 1);
  EXPECT_THAT(changed.err, HasSubstr("security officer")) << "who has an export has no gateway to stop";
}

TEST_F(EndToEnd, WhatTakesTwoWaitsForTheSecond) {
  ASSERT_NO_FATAL_FAILURE(make_keys_and_instance());
  ASSERT_NO_FATAL_FAILURE(serve());
  const Words add{"organisation", "add",    "--name",          "Region",      "--number", "232100-0001",
                  "--kind",       "region", "--administrator", path("alice"), "--data",   path("data")};
  const json::value proposed = must(add);
  EXPECT_EQ(proposed.at("status"), "proposed");
  const std::string proposal(proposed.at("proposal").as_string());
  const json::value waiting =
      must({"proposals", "--administrator", path("bo"), "--data", path("data")}).at("proposals");
  ASSERT_EQ(waiting.as_array().size(), 1u);
  EXPECT_EQ(waiting.at(0).at("id").as_string(), proposal);
  EXPECT_EQ(must({"proposals", "--proposal", proposal, "--administrator", path("bo"), "--data", path("data")})
                .at("proposals"),
            waiting);
  const Words approve{"approve", proposal, "--yes", "--data", path("data"), "--administrator"};
  Words by_alice = approve;
  by_alice.push_back(path("alice"));
  EXPECT_EQ(run(by_alice).exit_code, 1);
  Words by_bo = approve;
  by_bo.push_back(path("bo"));
  EXPECT_EQ(must(by_bo).at("status"), "permitted");
}

TEST_F(EndToEnd, ServeNamesTheLineOfAMistakeAndEndsWithTwo) {
  scratch_.write("flikvakt.toml", "data = \"data\"\nlisten_api = 8443\n");
  const Ran ran = run_flikvakt({"serve", "--config", path("flikvakt.toml")});
  EXPECT_EQ(ran.exit_code, 2);
  EXPECT_THAT(ran.err, HasSubstr("flikvakt.toml:2: `listen_api`: expected text"));
}

TEST_F(EndToEnd, ADamagedHeadFileLocksTheGateway) {
  ASSERT_NO_FATAL_FAILURE(make_keys_and_instance());
  ASSERT_NO_FATAL_FAILURE(serve());
  EXPECT_EQ(server_->stop(), 0) << log_text();
  std::ofstream(path("data/head"), std::ios::binary) << "damaged";
  server_.emplace(Words{"serve", "--config", path("flikvakt.toml"), "--passphrase-file", path("words")}, path("log2"));
  for (int i = 0; i < 400 && !server_->has_ended(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(50));
  ASSERT_TRUE(server_->has_ended());
  EXPECT_EQ(server_->stop(), 4) << text("log2");
  EXPECT_THAT(text("log2"), HasSubstr("nothing is served"));
}

// SPEC MET-1
TEST_F(EndToEnd, FiguresArePrintedWhileTheGatewayRuns) {
  ASSERT_NO_FATAL_FAILURE(make_keys_and_instance());
  const Words metrics{"metrics", "--data", path("data")};
  EXPECT_EQ(run_flikvakt(metrics).exit_code, 1) << "nobody is there";
  ASSERT_NO_FATAL_FAILURE(serve());
  const Ran figures = run_flikvakt(metrics);
  EXPECT_EQ(figures.exit_code, 0) << figures.err;
  EXPECT_THAT(figures.out, ::testing::StartsWith("# HELP flikvakt_info"));
  EXPECT_THAT(figures.out, HasSubstr("\nflikvakt_disk_reserve_held 1\n"));
  EXPECT_EQ(figures.out.back(), '\n');
  const Ran as_json = run_flikvakt({"metrics", "--data", path("data"), "--json"});
  EXPECT_THAT(std::string(as_json.json().at("metrics").as_string()), ::testing::StartsWith("# HELP flikvakt_info"));
}

TEST_F(EndToEnd, AWrongPassphraseOpensNothing) {
  ASSERT_NO_FATAL_FAILURE(make_keys_and_instance());
  scratch_.write("words", "some other passphrase\n");
  EXPECT_EQ(run({"log", "checkpoint", "--data", path("data")}).exit_code, 1);
}

TEST_F(EndToEnd, WithoutATerminalAPassphraseMustComeFromAFile) {
  const Ran ran = run_flikvakt({"key", "new", path("k"), "--kind", "device"});
  EXPECT_EQ(ran.exit_code, 2);
  EXPECT_THAT(ran.err, HasSubstr("--passphrase-file"));
}

TEST_F(EndToEnd, InitRefusesOneAdministratorAndAFilledDirectory) {
  scratch_.write("words", "correct horse battery staple\n");
  must({"key", "new", path("alice"), "--kind", "administrator", "--argon2", "fast"});
  must({"key", "new", path("recovery"), "--kind", "recovery", "--argon2", "fast"});
  const Words init{"init",
                   "--data",
                   path("data"),
                   "--name",
                   "n",
                   "--origin",
                   "o.test/log",
                   "--recovery",
                   path("recovery"),
                   "--administrator",
                   "Alice=" + path("alice")};
  EXPECT_EQ(run(init).exit_code, 2);
  EXPECT_FALSE(std::filesystem::exists(path("data")));
  Words twice = init;
  for (const std::string& word : {std::string("--administrator"), "Again=" + path("alice")}) twice.push_back(word);
  EXPECT_NE(run(twice).exit_code, 0);
}

}  // namespace
}  // namespace flikvakt::admin
