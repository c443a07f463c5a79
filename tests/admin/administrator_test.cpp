// What an administrator meets on a bad day, through the real program.
#include "tests/admin/admin_world.h"

namespace flikvakt::admin {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class Administrator : public AdminWorld {
protected:
  Ran checkpoint() { return run({"log", "checkpoint", "--data", path("data")}); }
};

TEST_F(Administrator, NothingThatIsToBeKeptIsOverwritten) {
  ASSERT_NO_FATAL_FAILURE(make_keys_and_instance());
  const std::string key = text("alice");
  const Ran shown = run({"key", "show", path("alice"), "--jwk", path("alice")});
  EXPECT_EQ(shown.exit_code, 1);
  EXPECT_EQ(text("alice"), key);
  scratch_.write("cp1", "saved earlier");
  EXPECT_EQ(run({"log", "checkpoint", "--data", path("data"), "--out", path("cp1")}).exit_code, 1);
  EXPECT_EQ(run({"log", "export", path("log.jsonl"), "--data", path("data"), "--checkpoint", path("cp1")}).exit_code,
            1);
  EXPECT_EQ(text("cp1"), "saved earlier");
  EXPECT_FALSE(fs::exists(path("log.jsonl"))) << "the name is free for the next try";
  EXPECT_EQ(run({"log", "export", path("log.jsonl"), "--data", path("data"), "--checkpoint", path("cp2")}).exit_code,
            0);
}

TEST_F(Administrator, WhatWasDoneIsToldApartFromWhatWaits) {
  ASSERT_NO_FATAL_FAILURE(make_keys_and_instance());
  ASSERT_NO_FATAL_FAILURE(serve());
  scratch_.write("acts.json", R"({"acts": [
    {"kind": "register_flik_type", "code": "journal", "name_sv": "J", "name_en": "J", "description": "d", "sensitivity": "sensitive"},
    {"kind": "register_organisation", "id": "$a", "name": "Region Ett", "number": "232100-0001", "organisation_kind": "region"}]})");
  const Ran applied = run({"apply", path("acts.json"), "--administrator", path("alice"), "--data", path("data")});
  ASSERT_EQ(applied.exit_code, 0) << applied.err;
  const std::string proposal(applied.json().at("acts").at(1).at("proposal").as_string());
  EXPECT_THAT(applied.err, AllOf(HasSubstr("1 done, 1 waits"), HasSubstr("flikvakt approve " + proposal)));
  const Ran beyond = run(by_both({"apply", path("acts.json"), "--from", "3"}));
  EXPECT_EQ(beyond.exit_code, 2);
  EXPECT_THAT(beyond.err, HasSubstr("has 2 acts"));
  EXPECT_EQ(must({"approve", proposal, "--yes", "--administrator", path("bo"), "--data", path("data")}).at("status"),
            "permitted");
  const Ran again = run(by_both({"apply", path("acts.json"), "--from", "1"}));
  EXPECT_EQ(again.exit_code, 1);
  EXPECT_THAT(again.err, HasSubstr("it exists already")) << "the reason in words";
}

TEST_F(Administrator, AFingerprintIsShownWhereItIsMadeAndTakenWhereItIsRemoved) {
  ASSERT_NO_FATAL_FAILURE(make_keys_and_instance());
  const json::value made = run_flikvakt({"pki", "dev", path("pki"), "--json", "--client", "ny=Nya=556000-0003"}).json();
  const json::value& files = made.at("issued").at("ny");
  ASSERT_NO_FATAL_FAILURE(serve());
  ASSERT_NO_FATAL_FAILURE(register_everyone());
  const json::value organisation =
      must(by_both({"organisation", "add", "--name", "Nya", "--number", "556000-0003", "--kind", "provider"}));
  const std::string of(organisation.at("id").as_string());
  const std::string certificate(files.at("fingerprint").as_string());
  EXPECT_EQ(
      must(by_both({"certificate", "add", path("pki/ny.pem"), "--issuer", path("pki/ca.pem"), "--organisation", of}))
          .at("fingerprint"),
      files.at("fingerprint"));
  EXPECT_EQ(must(by_both({"assertion-key", "add", path("pki/ny-staff.jwk"), "--organisation", of})).at("thumbprint"),
            files.at("assertion_thumbprint"));
  const Words by_alice{"--administrator", path("alice"), "--data", path("data")};
  const auto one = [&](Words words) {
    words.insert(words.end(), by_alice.begin(), by_alice.end());
    return run(words);
  };
  EXPECT_EQ(one({"certificate", "remove", certificate}).exit_code, 0);
  EXPECT_EQ(one({"assertion-key", "remove", std::string(files.at("assertion_thumbprint").as_string())}).exit_code, 0);
  EXPECT_EQ(one({"certificate", "remove", "nonsense"}).exit_code, 2);
  EXPECT_EQ(one({"certificate", "remove", std::string(64, '0')}).exit_code, 1);
}

TEST_F(Administrator, ALabelOfTheDevelopmentPkiIsNotIssuedAgain) {
  ASSERT_NO_FATAL_FAILURE(make_keys_and_instance());
  const std::string before = text("pki/region.pem");
  const Ran again = run_flikvakt(
      {"pki", "dev", path("pki"), "--client", "ny=Nya=556000-0003", "--client", "region=Region Ett=232100-0001"});
  EXPECT_EQ(again.exit_code, 1);
  EXPECT_THAT(again.err, HasSubstr("region.pem"));
  EXPECT_EQ(text("pki/region.pem"), before);
  EXPECT_FALSE(fs::exists(path("pki/ny.pem"))) << "checked before anything is issued";
  EXPECT_EQ(run_flikvakt({"pki", "dev", path("pki"), "--server-name", "localhost"}).exit_code, 1);
}

TEST_F(Administrator, AGatewayOfAnotherNameIsSentNothing) {
  ASSERT_NO_FATAL_FAILURE(make_keys_and_instance());
  ASSERT_NO_FATAL_FAILURE(serve());
  ASSERT_NO_FATAL_FAILURE(register_everyone());
  const Words add{"flik-type", "add",           "x", "--swedish",       "X",          "--english",
                  "X",         "--description", "x", "--administrator", path("alice")};
  Words elsewhere = add;
  for (const std::string& word :
       {std::string("--socket"), path("data/admin.sock"), std::string("--gateway-name"), std::string("flikvakt-other")})
    elsewhere.push_back(word);
  const Ran refused = run(elsewhere);
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.err, HasSubstr("calls itself `flikvakt-test`, not `flikvakt-other`"));
  Words unnamed = add;
  for (const std::string& word : {std::string("--socket"), path("data/admin.sock")}) unnamed.push_back(word);
  EXPECT_EQ(run(unnamed).exit_code, 2);
  Words named = unnamed;
  for (const std::string& word : {std::string("--gateway-name"), std::string("flikvakt-test")}) named.push_back(word);
  EXPECT_EQ(run(named).exit_code, 0);

  ASSERT_NO_FATAL_FAILURE(wait_for_crl());
  const Ran partner_refused =
      partner({"handle", "--gateway-name", "flikvakt-other"}, "region.toml", std::string(kNumber));
  EXPECT_THAT(partner_refused.err, HasSubstr("calls itself"));
  const Ran person_refused = run({"person", "me", "--gateway-name", "flikvakt-other", "--profile", path("me.toml")});
  EXPECT_THAT(person_refused.err, HasSubstr("calls itself"));
}

TEST_F(Administrator, ASparrIsSetOnlyOnAFlikThatExistsAndLiftedByTheIdThatWasShown) {
  ASSERT_NO_FATAL_FAILURE(set_up_with_fullmakt());
  const std::string document = deposit();
  const Words me{"--profile", path("me.toml")};
  const auto person = [&](Words words) {
    words.insert(words.begin(), "person");
    words.insert(words.end(), me.begin(), me.end());
    return run(words);
  };
  const Ran mistyped = person({"sparr", "--flik", "journl"});
  EXPECT_EQ(mistyped.exit_code, 1);
  EXPECT_THAT(mistyped.err, HasSubstr("did you mean `journal`?"));
  EXPECT_EQ(fetch(document, "not-blocked").exit_code, 0);
  const Ran set = person({"sparr", "--flik", "journal"});
  ASSERT_EQ(set.exit_code, 0) << set.err;
  EXPECT_EQ(fetch(document, "blocked").exit_code, 1);
  EXPECT_EQ(person({"lift", std::string(set.json().at("id").as_string())}).exit_code, 0);
  EXPECT_EQ(fetch(document, "lifted").exit_code, 0);
  const Ran log = run_flikvakt({"person", "log", "--profile", path("me.toml"), "--passphrase-file", path("words")});
  EXPECT_THAT(log.out, AllOf(HasSubstr("3: no Sparr may match"), HasSubstr("a Sparr blocks it"))) << log.err;

  const std::string thumbprint(must({"key", "show", path("device")}).at("thumbprint").as_string());
  EXPECT_EQ(person({"remove-key", "nonsense"}).exit_code, 2);
  EXPECT_EQ(person({"remove-key", thumbprint}).exit_code, 0);
  EXPECT_EQ(person({"me"}).exit_code, 1);
}

TEST_F(Administrator, AClientsCertificateIsNoServers) {
  ASSERT_NO_FATAL_FAILURE(make_keys_and_instance());
  write_config();
  std::string config = text("flikvakt.toml");
  for (const char* ending : {".pem", ".key"}) {
    const std::string name = std::string("pki/server") + ending;
    config.replace(config.find(name), name.size(), std::string("pki/region") + ending);
  }
  scratch_.write("flikvakt.toml", config);
  const Ran ran = serve_to_the_end();
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_THAT(ran.err, AllOf(HasSubstr("pki/region.pem"), HasSubstr("serverAuth")));
}

TEST_F(Administrator, AnAddressThatIsTakenIsNamedWithItsKey) {
  ASSERT_NO_FATAL_FAILURE(make_keys_and_instance());
  ASSERT_NO_FATAL_FAILURE(serve());
  must({"init", "--data", path("data2"), "--name", "another", "--origin", "another.test/log", "--administrator",
        "Alice=" + path("alice"), "--administrator", "Bo=" + path("bo"), "--recovery", path("recovery"), "--argon2",
        "fast"});
  std::string config = text("flikvakt.toml");
  config.replace(config.find("\"data\""), 6, "\"data2\"");
  config.replace(config.find("127.0.0.1:0"), 11, "127.0.0.1:" + api_);
  scratch_.write("flikvakt.toml", config);
  const Ran ran = serve_to_the_end();
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_THAT(ran.err, AllOf(HasSubstr("listen_api"), HasSubstr("127.0.0.1:" + api_)));
}

TEST_F(Administrator, AMissingPartOfTheDataLocksAndNobodyIsToldToBeginAnew) {
  ASSERT_NO_FATAL_FAILURE(make_keys_and_instance());
  write_config();
  for (const char* part : {"rows.db", "keys", "head", "objects"}) {
    fs::rename(path("data") + "/" + part, path("aside"));
    for (const Ran& ran : {checkpoint(), serve_to_the_end()}) {
      EXPECT_EQ(ran.exit_code, 4) << part << ran.err;
      EXPECT_THAT(ran.err, AllOf(HasSubstr(part), HasSubstr("Put it back"), Not(HasSubstr("init")))) << part;
    }
    fs::rename(path("aside"), path("data") + "/" + part);
  }
  EXPECT_EQ(checkpoint().exit_code, 0);
}

TEST_F(Administrator, AKeyStoreThatIsNoneLocks) {
  ASSERT_NO_FATAL_FAILURE(make_keys_and_instance());
  write_config();
  std::fstream file(path("data/keys"), std::ios::in | std::ios::out | std::ios::binary);
  file.put('X');
  file.close();
  for (const Ran& ran : {checkpoint(), serve_to_the_end()}) {
    EXPECT_EQ(ran.exit_code, 4) << ran.err;
    EXPECT_THAT(ran.err, AllOf(HasSubstr("data/keys"), HasSubstr("restore")));
  }
}

TEST_F(Administrator, WhatOthersCanOpenIsRefusedWithItsRemedy) {
  ASSERT_NO_FATAL_FAILURE(make_keys_and_instance());
  for (const char* part : {"rows.db", "keys", "head", "master-key", "erasures"}) {
    const fs::path file = path("data") + "/" + part;
    ASSERT_TRUE(fs::exists(file)) << part;
    fs::permissions(file, fs::perms::group_read, fs::perm_options::add);
    const Ran ran = checkpoint();
    EXPECT_EQ(ran.exit_code, 1) << part;
    EXPECT_THAT(ran.err, HasSubstr("chmod 600 " + file.string())) << part;
    fs::permissions(file, fs::perms::group_read, fs::perm_options::remove);
  }
  EXPECT_EQ(checkpoint().exit_code, 0);
}

TEST_F(Administrator, ARefusedInitLeavesNothingInTheWay) {
  ASSERT_NO_FATAL_FAILURE(make_keys_and_instance());
  const auto init = [&](const std::string& second) {
    return run({"init", "--data", path("new"), "--name", "new", "--origin", "new.test/log", "--administrator",
                "Alice=" + path("alice"), "--administrator", "Bo=" + path(second), "--recovery", path("recovery"),
                "--argon2", "fast"});
  };
  EXPECT_NE(init("alice").exit_code, 0) << "two names, one key";
  EXPECT_FALSE(fs::exists(path("new")));
  EXPECT_EQ(init("bo").exit_code, 0);
  EXPECT_EQ(text("new/gateway-name"), "new\n");
  const Ran again = init("bo");
  EXPECT_EQ(again.exit_code, 1);
  EXPECT_TRUE(fs::exists(path("new/rows.db"))) << "what was there stays";
}

TEST_F(Administrator, ServeTellsItsPortsAsJson) {
  ASSERT_NO_FATAL_FAILURE(make_keys_and_instance());
  write_config();
  RunningFlikvakt server({"serve", "--json", "--config", path("flikvakt.toml"), "--passphrase-file", path("words")},
                         path("both"));
  for (int i = 0; i < 400 && text("both").find("\"api\"") == std::string::npos && !server.has_ended(); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_THAT(text("both"), AllOf(HasSubstr("\"api\":"), HasSubstr("\"portal\":"), HasSubstr("\"pid\":")));
  EXPECT_EQ(server.stop(), 0);
}

TEST_F(Administrator, ActsAnswerInOneShape) {
  ASSERT_NO_FATAL_FAILURE(set_up_with_fullmakt());
  scratch_.write("empty.json", R"({"acts": []})");
  EXPECT_EQ(partner({"act", path("empty.json")}, "region.toml").json(), must(by_both({"apply", path("empty.json")})));
  const std::string document = deposit();
  const Ran mixed = partner({"fetch", document, "--purpose", "rehab"}, "fk.toml");
  EXPECT_EQ(mixed.exit_code, 2) << "--json and a document both on stdout";
}

}  // namespace
}  // namespace flikvakt::admin
