// The product's main job through the real program: set up, sign, deposit, fetch, revoke, refused, verify.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <thread>

#include "tests/admin/program.h"
#include "tests/admin/scratch.h"

namespace flikvakt::admin {
namespace {

using ::testing::HasSubstr;
using Words = std::vector<std::string>;

constexpr std::string_view kNumber = "191212121212";  // Skatteverket's test number

class EndToEnd : public ::testing::Test {
protected:
  std::string path(const std::string& name) const { return scratch_.path(name).string(); }

  // With --json and the passphrase of every sealed file.
  Ran run(Words words, const std::string& in = "") {
    for (const std::string& word : {std::string("--json"), std::string("--passphrase-file"), path("words")})
      words.push_back(word);
    return run_flikvakt(words, in);
  }
  json::value must(const Words& words, const std::string& in = "") {
    const Ran ran = run(words, in);
    EXPECT_EQ(ran.exit_code, 0) << words[0] << " " << words[1] << ": " << ran.err;
    return ran.exit_code == 0 ? ran.json() : json::value(json::object());
  }
  // The reference client has no sealed files: its commands know no --passphrase-file.
  Ran partner(Words words, const std::string& profile, const std::string& in = "") {
    for (const std::string& word : {std::string("--json"), std::string("--profile"), path(profile)})
      words.push_back(word);
    return run_flikvakt(words, in);
  }

  void make_keys_and_instance() {
    scratch_.write("words", "correct horse battery staple\n");
    for (const char* name : {"alice", "bo"})
      must({"key", "new", path(name), "--kind", "administrator", "--argon2", "fast"});
    must({"key", "new", path("recovery"), "--kind", "recovery", "--argon2", "fast"});
    must({"key", "new", path("device"), "--kind", "device", "--argon2", "fast"});
    must({"key", "show", path("device"), "--jwk", path("device.jwk")});
    const Ran pki = run_flikvakt({"pki", "dev", path("pki"), "--json", "--client", "region=Region Ett=232100-0001",
                                  "--client", "fk=Kassan=202100-0002"});
    ASSERT_EQ(pki.exit_code, 0) << pki.err;
    const json::value made = must({"init", "--data", path("data"), "--name", "flikvakt-test", "--origin",
                                   "flikvakt.test/log", "--administrator", "Alice=" + path("alice"), "--administrator",
                                   "Bo=" + path("bo"), "--recovery", path("recovery"), "--argon2", "fast"});
    log_key_ = std::string(made.at("log_key").as_string());
  }

  void serve() {
    std::filesystem::remove(path("ready"));
    scratch_.write("flikvakt.toml", R"(data = "data"
listen_api = "127.0.0.1:0"
listen_portal = "127.0.0.1:0"
certificate = "pki/server.pem"
key = "pki/server.key"
client_ca = "pki/ca.pem"
crl = ["pki/crl.pem"]
ready_file = "ready"
)");
    server_.emplace(Words{"serve", "--config", path("flikvakt.toml"), "--passphrase-file", path("words")}, path("log"));
    for (int i = 0; i < 400 && !std::filesystem::exists(path("ready")) && !server_->has_ended(); ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    ASSERT_TRUE(std::filesystem::exists(path("ready"))) << log_text();
    const json::value ready = parse_json(text("ready")).value();
    api_ = std::to_string(ready.at("api").as_int64());
    portal_ = std::to_string(ready.at("portal").as_int64());
  }

  std::string text(const std::string& name) const {
    std::ostringstream out;
    out << std::ifstream(path(name), std::ios::binary).rdbuf();
    return out.str();
  }
  std::string log_text() const { return text("log"); }

  void register_everyone() {
    scratch_.write("setup.json", R"({"acts": [
      {"kind": "register_issuer", "certificate_file": "pki/ca.pem"},
      {"kind": "register_organisation", "id": "$region", "name": "Region Ett", "number": "232100-0001", "organisation_kind": "region"},
      {"kind": "register_organisation", "id": "$fk", "name": "Kassan", "number": "202100-0002", "organisation_kind": "authority"},
      {"kind": "register_certificate", "organisation": "$region", "certificate_file": "pki/region.pem", "issuer_file": "pki/ca.pem"},
      {"kind": "register_certificate", "organisation": "$fk", "certificate_file": "pki/fk.pem", "issuer_file": "pki/ca.pem"},
      {"kind": "register_assertion_key", "organisation": "$region", "key_file": "pki/region-staff.jwk"},
      {"kind": "register_assertion_key", "organisation": "$fk", "key_file": "pki/fk-staff.jwk"},
      {"kind": "register_staff", "id": "$kim", "organisation": "$region", "name": "Kim", "roles": ["registrar"]},
      {"kind": "register_staff", "id": "$lee", "organisation": "$fk", "name": "Lee", "roles": ["registrar"]},
      {"kind": "register_flik_type", "code": "journal", "name_sv": "Journal", "name_en": "Record", "description": "Vårdens anteckningar",
       "sensitivity": "sensitive"}
    ]})");
    const json::value applied = must({"apply", path("setup.json"), "--ids", path("ids.json"), "--administrator",
                                      path("alice"), "--second", path("bo"), "--data", path("data")});
    ids_ = applied.at("ids");
    write_profiles();
  }

  // The ports are others after each start.
  void write_profiles() {
    profile("region.toml", "region", "$kim");
    profile("fk.toml", "fk", "$lee");
    scratch_.write("me.toml", "server = \"localhost:" + portal_ + "\"\nca = \"pki/ca.pem\"\ndevice_key = \"device\"\n");
  }

  void set_up_with_fullmakt() {
    ASSERT_NO_FATAL_FAILURE(make_keys_and_instance());
    ASSERT_NO_FATAL_FAILURE(serve());
    ASSERT_NO_FATAL_FAILURE(register_everyone());
    ASSERT_NO_FATAL_FAILURE(wait_for_crl());
    ASSERT_NO_FATAL_FAILURE(enrol_device());
    ASSERT_NO_FATAL_FAILURE(sign_fullmakt());
  }

  std::string id(const std::string& symbol) const { return std::string(ids_.at(symbol).as_string()); }

  void profile(const std::string& file, const std::string& organisation, const std::string& staff) {
    scratch_.write(file, "server = \"localhost:" + api_ + "\"\nca = \"pki/ca.pem\"\ncertificate = \"pki/" +
                             organisation + ".pem\"\nkey = \"pki/" + organisation + ".key\"\nassertion_key = \"pki/" +
                             organisation + "-staff.key\"\norganisation = \"" + id("$" + organisation) +
                             "\"\nstaff = \"" + id(staff) + "\"\n");
  }

  // The list of revoked certificates is applied by the gateway itself; until then nobody comes in.
  void wait_for_crl() {
    for (int i = 0; i < 100; ++i) {
      if (partner({"handle"}, "region.toml", std::string(kNumber)).exit_code == 0) return;
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    FAIL() << "the revocation list was not applied: " << log_text();
  }

  void enrol_device() {
    const std::string person = R"("person": {"number": ")" + std::string(kNumber) + R"("}, )";
    scratch_.write("propose.json", R"({"kind": "propose_key", )" + person + R"("key_file": "device.jwk"})");
    const Ran proposed = partner({"act", path("propose.json")}, "region.toml");
    ASSERT_EQ(proposed.exit_code, 0) << proposed.err;
    const json::value shown = must({"key", "show", path("device")});
    scratch_.write("confirm.json", R"({"kind": "confirm_key", )" + person + R"("thumbprint": ")" +
                                       std::string(shown.at("thumbprint").as_string()) + R"("})");
    const Ran confirmed = partner({"act", path("confirm.json")}, "fk.toml");
    ASSERT_EQ(confirmed.exit_code, 0) << confirmed.err;
  }

  void sign_fullmakt() {
    scratch_.write("fullmakt.json",
                   R"({"id": "$fullmakt", "text": "Jag låter Kassan läsa min journal.", "terms": {
      "disclosers": ["$region"], "recipients": [{"kind": "organisation", "id": "$fk"}], "flikar": ["journal"], "documents": [],
      "purpose": "rehab", "rights": ["read"], "valid_from": "2020-01-01T00:00:00Z", "valid_to": ")" +
                       valid_to() +
                       R"(", "secrecy_consent": "osl-10-1", "legal_ground": "gdpr-6-1-e", "language": "sv"}})");
    const json::value signed_act =
        must({"person", "sign", path("fullmakt.json"), "--ids", path("ids.json"), "--profile", path("me.toml")});
    EXPECT_EQ(signed_act.at("status"), "permitted");
    ids_ = parse_json(text("ids.json")).value();
  }

  static std::string valid_to() { return to_rfc3339(SystemClock().wall() + std::chrono::days(30)); }

  std::string deposit() {
    scratch_.write("journal.pdf", "%PDF-1.7\n" + std::string(200'000, 'x') + "\n%%EOF\n");
    const Ran ran = partner({"deposit", path("journal.pdf"), "--flik", "journal", "--title", "Journal", "--author",
                             "Dr Ek", "--date", "2026-01-15", "--type", "application/pdf"},
                            "region.toml", std::string(kNumber));
    EXPECT_EQ(ran.exit_code, 0) << ran.err << log_text();
    return ran.exit_code == 0 ? std::string(ran.json().at("document").as_string()) : "";
  }

  Ran fetch(const std::string& document, const std::string& out) {
    return partner({"fetch", document, "--purpose", "rehab", "--out", path(out)}, "fk.toml");
  }

  Scratch scratch_;
  std::optional<RunningFlikvakt> server_;
  std::string api_;
  std::string portal_;
  std::string log_key_;
  json::value ids_;
};

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
  EXPECT_EQ(partner({"fetch", "--reading", reading, "--range", "0-9"}, "region.toml").exit_code, 1);
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
                     "--checkpoint", path("checkpoint"), "--saved", path("saved"), "--key",
                     log_key_};
  EXPECT_EQ(run_flikvakt(verify).exit_code, 0) << run_flikvakt(verify).out;
  std::string lines = text("log.jsonl");
  const std::size_t at = lines.find("\"leaf\":\"", lines.size() / 2) + 20;
  lines[at] = lines[at] == 'a' ? 'b' : 'a';
  scratch_.write("log.jsonl", lines);
  EXPECT_EQ(run_flikvakt(verify).exit_code, 1);
}

TEST_F(EndToEnd, ARotatedMasterKeyOpensTheGatewayAndTheOldOneDoesNot) {
  ASSERT_NO_FATAL_FAILURE(make_keys_and_instance());
  scratch_.write("old-master-key", text("data/master-key"));
  must({"keys", "rotate", "--data", path("data"), "--administrator", path("alice")});
  EXPECT_FALSE(std::filesystem::exists(path("data/master-key.new")));
  EXPECT_EQ(must({"log", "verify", "--data", path("data")}).at("ok"), true);
  EXPECT_EQ(run({"log", "verify", "--data", path("data"), "--master-key", path("old-master-key")}).exit_code, 1);
  const json::value status = must({"keys", "status", "--data", path("data")});
  EXPECT_FALSE(status.at("levels").as_array().empty());
}

TEST_F(EndToEnd, ABackupIsRestoredByTwoAdministratorsAsANewLogWithAllAccessClosed) {
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
  EXPECT_EQ(must(restore).at("origin"), "flikvakt.test/log2");

  std::filesystem::rename(path("data"), path("lost"));
  std::filesystem::rename(path("restored"), path("data"));
  EXPECT_EQ(must({"log", "verify", "--data", path("data")}).at("ok"), true);
  ASSERT_NO_FATAL_FAILURE(serve());
  write_profiles();
  EXPECT_EQ(fetch(document, "after.pdf").exit_code, 1);
  EXPECT_FALSE(std::filesystem::exists(path("after.pdf")));
}

TEST_F(EndToEnd, WhatTakesTwoWaitsForTheSecond) {
  ASSERT_NO_FATAL_FAILURE(make_keys_and_instance());
  ASSERT_NO_FATAL_FAILURE(serve());
  const Words add{"organisation", "add",    "--name",          "Region",      "--number", "232100-0001",
                  "--kind",       "region", "--administrator", path("alice"), "--data",   path("data")};
  const json::value proposed = must(add);
  EXPECT_EQ(proposed.at("status"), "proposed");
  const std::string proposal(proposed.at("proposal").as_string());
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
