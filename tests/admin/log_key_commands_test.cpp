// A new key for the log through the real program: the two commands, a witness that knows the old key, both, and none
// but the new one, and what a reader makes of it.
#include "crypto/tls_client.h"
#include "tests/admin/admin_world.h"

namespace flikvakt::admin {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
namespace fs = std::filesystem;

class LogKeyCommands : public AdminWorld {
protected:
  Words on_data(Words words) const {
    for (const std::string& word : {std::string("--data"), path("data"), std::string("--administrator"), path("alice")})
      words.push_back(word);
    return words;
  }
  // The new key.
  std::string rotate(const Words& more = {}) {
    Words words = on_data({"keys", "rotate-log-key", "--second", path("bo")});
    words.insert(words.end(), more.begin(), more.end());
    rotated_ = must(words);
    return std::string(rotated_.at("log_keys").as_array().back().at("key").as_string());
  }
  json::value checkpoint(const std::string& file) {
    return must({"log", "checkpoint", "--data", path("data"), "--out", path(file)});
  }

  // ---- A witness that knows these keys of the log

  static std::string list_of(const Words& keys) {
    std::string list;
    for (const std::string& key : keys) list += (list.empty() ? "\"" : ", \"") + key + "\"";
    return "[" + list + "]\n";
  }
  void start_witness(const Words& keys, const Words& former = {}) {
    scratch_.write("witness.toml",
                   "name = \"witness.test/w1\"\nkey = \"witness.key\"\ndata = \"witness\"\nlisten = \"127.0.0.1:0\"\n"
                   "ready_file = \"witness-ready\"\nlogs = " +
                       list_of(keys) + "former_keys = " + list_of(former));
    if (witness_key_.empty()) {
      const Ran made = run_flikvakt({"witness", "--config", path("witness.toml"), "--init", "--json"});
      ASSERT_EQ(made.exit_code, 0) << made.err;
      witness_key_ = std::string(made.json().at("key").as_string());
    }
    if (witness_) {
      EXPECT_EQ(witness_->stop(), 0) << text("witness-log");
    }
    fs::remove(path("witness-ready"));
    witness_.emplace(Words{"witness", "--config", path("witness.toml")}, path("witness-log"));
    for (int i = 0; i < 200 && !fs::exists(path("witness-ready")); ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    ASSERT_TRUE(fs::exists(path("witness-ready"))) << text("witness-log");
    const std::int64_t port = parse_json(text("witness-ready"))->at("witness").as_int64();
    more_config_ = "witness_quorum = 1\nwitness_interval_seconds = 1\n[[witness]]\nurl = \"http://127.0.0.1:" +
                   std::to_string(port) + "\"\nkey = \"" + witness_key_ + "\"\n";
    write_config();
  }
  // Until the gateway shows a checkpoint of more entries than that, with the witness's signature.
  void wait_until_cosigned(std::int64_t more_than) {
    std::int64_t size = 0;
    for (int i = 0; i < 200 && size <= more_than; ++i) {
      const Result<json::value> health = parse_json(get("/v1/health"));
      const json::object* shown = health ? health->if_object() : nullptr;
      const json::value* cosigned = shown ? shown->if_contains("cosigned") : nullptr;
      size = cosigned ? cosigned->at("size").as_int64() : 0;
      if (size <= more_than) std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    ASSERT_GT(size, more_than) << log_text() << text("witness-log");
    cosigned_ = size;
  }
  // The body that the portal answers with.
  std::string get(const std::string& target) const {
    crypto::TlsClientOptions options;
    options.host = "127.0.0.1";
    options.port = static_cast<std::uint16_t>(std::stoi(portal_));
    options.server_name = "localhost";
    options.trusted_ca_pem = text("pki/ca.pem");
    Result<crypto::TlsClient> client = crypto::TlsClient::connect(options);
    const std::string request = "GET " + target + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    if (!client || !client->write_all(as_bytes(request))) return {};
    std::string out;
    ByteArray<4096> chunk;
    for (;;) {
      const Result<std::size_t> got = client->read_some(chunk);
      if (!got || *got == 0) break;
      out += as_text(BytesView(chunk).first(*got));
    }
    const std::size_t body = out.find("\r\n\r\n");
    return body == out.npos ? "" : out.substr(body + 4);
  }
  Ran verify_receipt(const std::string& file, const std::string& log_key, const Words& administrators = {}) const {
    Words words{"verify-receipt", path(file),   "--json",   "--log-key", log_key,
                "--witness",      witness_key_, "--quorum", "1"};
    for (const std::string& one : administrators) words.insert(words.end(), {"--administrator", path(one)});
    return run_flikvakt(words);
  }
  // SPEC LKEY-16
  void see_who_ordered_it(const std::string& file) {
    for (const std::string name : {"alice", "bo", "recovery"})
      must({"key", "show", path(name), "--jwk", path(name + ".jwk")});
    const Ran by_two = verify_receipt(file, log_key_, {"alice.jwk", "bo.jwk"});
    ASSERT_EQ(by_two.exit_code, 0) << by_two.err;
    const json::value later = by_two.json().at("later").at(0);
    EXPECT_NE(later.at("proposed_by"), later.at("approved_by"));
    EXPECT_EQ(verify_receipt(file, log_key_, {"device.jwk", "bo.jwk", "alice.jwk"}).exit_code, 0);
    const Ran by_others = verify_receipt(file, log_key_, {"alice.jwk", "recovery.jwk"});
    EXPECT_EQ(by_others.exit_code, 1);
    EXPECT_THAT(by_others.err, HasSubstr("its approval is signed by none of the administrators whom you named"));
    const Ran twice = verify_receipt(file, log_key_, {"alice.jwk", "alice.jwk"});
    EXPECT_EQ(twice.exit_code, 2);
    EXPECT_THAT(twice.err, HasSubstr("stands twice"));
    EXPECT_EQ(verify_receipt(file, log_key_, {"alice.jwk"}).exit_code, 2) << "one is not enough";
    const Ran sealed = verify_receipt(file, log_key_, {"alice", "bo"});
    EXPECT_EQ(sealed.exit_code, 2) << "a key file in the place of the public key";
    EXPECT_THAT(sealed.err, HasSubstr("key show"));
  }

  json::value rotated_;  // what the last rotation said
  std::string witness_key_;
  std::optional<RunningFlikvakt> witness_;
  std::int64_t cosigned_ = 0;
};

// SPEC LKEY-3, LKEY-4, LKEY-5
TEST_F(LogKeyCommands, BothKeysSignUntilTheOldOneIsRetiredAndEitherVerifiesMeanwhile) {
  ASSERT_NO_FATAL_FAILURE(make_keys_and_instance());
  checkpoint("before");
  const std::string fresh = rotate();
  EXPECT_NE(fresh, log_key_);
  const json::value during = checkpoint("during");
  EXPECT_EQ(std::string(during.at("key").as_string()), fresh);
  EXPECT_EQ(std::string(during.at("retiring_key").as_string()), log_key_);
  must({"log", "export", path("log.jsonl"), "--data", path("data"), "--checkpoint", path("checkpoint")});
  for (const std::string& key : {log_key_, fresh})
    EXPECT_EQ(run_flikvakt({"log", "verify", "--json", "--export", path("log.jsonl"), "--checkpoint",
                            path("checkpoint"), "--log-key", key})
                  .exit_code,
              0);
  EXPECT_EQ(
      must({"log", "verify", "--data", path("data"), "--saved", path("before"), "--saved", path("during")}).at("ok"),
      true);

  const Ran third = run(on_data({"keys", "rotate-log-key", "--second", path("bo")}));
  EXPECT_EQ(third.exit_code, 1);
  EXPECT_THAT(third.err, HasSubstr("two keys sign for the log already"));
  EXPECT_THAT(third.err, HasSubstr("retire-log-key"));
  EXPECT_EQ(std::string(checkpoint("still").at("key").as_string()), fresh) << "nothing changed";
  const Ran early = run(on_data({"keys", "retire-log-key"}));
  EXPECT_EQ(early.exit_code, 1);
  EXPECT_THAT(early.err, HasSubstr("goes on signing until"));
  EXPECT_THAT(early.err, HasSubstr("no witness was asked"));
  const json::value retired = must(on_data({"keys", "retire-log-key", "--compromised", "--second", path("bo")}));
  EXPECT_EQ(retired.at("log_keys").at(0).at("status"), "compromised");
  EXPECT_EQ(retired.at("log_keys").at(0).at("to"), retired.at("entry"));
  EXPECT_FALSE(retired.at("log_keys").at(0).as_object().contains("retire_from"));
  EXPECT_FALSE(checkpoint("after").as_object().contains("retiring_key"));
  EXPECT_EQ(
      must({"log", "verify", "--data", path("data"), "--saved", path("before"), "--saved", path("after")}).at("ok"),
      true);
  const Ran again = run(on_data({"keys", "retire-log-key"}));
  EXPECT_EQ(again.exit_code, 1);
  EXPECT_THAT(again.err, HasSubstr("rotate-log-key"));
}

// SPEC LKEY-14
TEST_F(LogKeyCommands, AKeyIsGivenUpByTwoAdministratorsAndTheCurrentOneNever) {
  ASSERT_NO_FATAL_FAILURE(make_keys_and_instance());
  rotate();
  const auto status = [&] { return must({"log", "checkpoint", "--data", path("data")}); };
  EXPECT_EQ(run(on_data({"keys", "retire-log-key", "--compromised"})).exit_code, 2) << "one alone";
  EXPECT_EQ(run(on_data({"keys", "retire-log-key", "--second", path("bo")})).exit_code, 2) << "in good time one does";
  EXPECT_EQ(run(on_data({"keys", "retire-log-key", "--generation", "1"})).exit_code, 2);
  const auto give_up = [&](const Words& more) {
    Words words = on_data({"keys", "retire-log-key", "--compromised"});
    words.insert(words.end(), more.begin(), more.end());
    return run(words);
  };
  const Ran twice = give_up({"--second", path("alice")});
  EXPECT_EQ(twice.exit_code, 1);
  EXPECT_THAT(twice.err, HasSubstr("same_person"));
  const Ran current = give_up({"--second", path("bo"), "--generation", "2"});
  EXPECT_EQ(current.exit_code, 1);
  EXPECT_THAT(current.err, HasSubstr("rotate-log-key --compromised"));
  EXPECT_EQ(give_up({"--second", path("bo"), "--generation", "0"}).exit_code, 2);
  EXPECT_EQ(give_up({"--second", path("bo"), "--generation", "3"}).exit_code, 1) << "there is none";
  EXPECT_TRUE(status().as_object().contains("retiring_key")) << "nothing changed";

  const Ran done = give_up({"--second", path("bo"), "--generation", "1"});
  ASSERT_EQ(done.exit_code, 0) << done.err;
  EXPECT_FALSE(status().as_object().contains("retiring_key"));
  const Ran again = give_up({"--second", path("bo"), "--generation", "1"});
  EXPECT_EQ(again.exit_code, 1);
  EXPECT_THAT(again.err, HasSubstr("already"));
  const Ran none = give_up({"--second", path("bo")});
  EXPECT_EQ(none.exit_code, 1);
  EXPECT_THAT(none.err, HasSubstr("--generation N"));
  EXPECT_EQ(must({"log", "verify", "--data", path("data")}).at("ok"), true);
}

// SPEC LKEY-3
TEST_F(LogKeyCommands, ANewKeyTakesTwoAdministratorsAndAGatewayThatIsStopped) {
  ASSERT_NO_FATAL_FAILURE(make_keys_and_instance());
  EXPECT_EQ(run(on_data({"keys", "rotate-log-key"})).exit_code, 2) << "one alone";
  const Ran twice = run(on_data({"keys", "rotate-log-key", "--second", path("alice")}));
  EXPECT_EQ(twice.exit_code, 1);
  EXPECT_THAT(twice.err, HasSubstr("same_person"));
  EXPECT_EQ(run(on_data({"keys", "rotate-log-key", "--second", path("device")})).exit_code, 1) << "no administrator's";
  ASSERT_NO_FATAL_FAILURE(serve());
  EXPECT_EQ(run(on_data({"keys", "rotate-log-key", "--second", path("bo")})).exit_code, 1);
  const auto status = [&] { return run_flikvakt({"status", "--json", "--data", path("data")}).json().at("log_keys"); };
  ASSERT_EQ(status().as_array().size(), 1u);
  EXPECT_EQ(std::string(status().at(0).at("key").as_string()), log_key_);
  EXPECT_EQ(server_->stop(), 0) << log_text();
  const std::string fresh = rotate();
  ASSERT_NO_FATAL_FAILURE(serve());
  ASSERT_EQ(status().as_array().size(), 2u);
  EXPECT_EQ(status().at(0).at("status"), "retiring");
  EXPECT_TRUE(status().at(0).as_object().contains("retire_from"));
  EXPECT_EQ(std::string(status().at(1).at("key").as_string()), fresh);
  EXPECT_EQ(status(), rotated_.at("log_keys")) << "SPEC LKEY-10: the command says what the status says";
  EXPECT_EQ(server_->stop(), 0) << log_text();
}

// SPEC LKEY-13, LKEY-12, LKEY-11, LKEY-5
TEST_F(LogKeyCommands, AWitnessIsTakenAlongAndNoKeyIsRetiredBeforeItIs) {
  ASSERT_NO_FATAL_FAILURE(make_keys_and_instance());
  ASSERT_NO_FATAL_FAILURE(start_witness({log_key_}));
  ASSERT_NO_FATAL_FAILURE(serve());
  ASSERT_NO_FATAL_FAILURE(wait_until_cosigned(0));
  EXPECT_EQ(server_->stop(), 0) << log_text();
  const std::string fresh = rotate();

  ASSERT_NO_FATAL_FAILURE(serve());
  ASSERT_NO_FATAL_FAILURE(wait_until_cosigned(cosigned_));  // it knows the old key alone, and both sign
  scratch_.write("keys.json", get("/v1/log/keys"));
  const Ran followed = verify_receipt("keys.json", log_key_);
  ASSERT_EQ(followed.exit_code, 0) << followed.err;
  EXPECT_EQ(std::string(followed.json().at("later").at(0).at("key").as_string()), fresh);
  EXPECT_EQ(run_flikvakt({"verify-receipt", path("keys.json"), "--json", "--log-key", log_key_}).exit_code, 2)
      << "without a quorum it is a claim";
  ASSERT_NO_FATAL_FAILURE(see_who_ordered_it("keys.json"));
  EXPECT_EQ(server_->stop(), 0) << log_text();

  const Words without_config = on_data({"keys", "retire-log-key"});
  EXPECT_EQ(run(without_config).exit_code, 2) << "its witnesses must be asked";
  const Words retire{"keys", "retire-log-key", "--config", path("flikvakt.toml"), "--administrator", path("alice")};
  const Ran unready = run(retire);
  EXPECT_EQ(unready.exit_code, 1);
  EXPECT_THAT(unready.err, HasSubstr("witness.test/w1"));
  ASSERT_NO_FATAL_FAILURE(start_witness({log_key_, fresh}));
  const Ran early = run(retire);
  EXPECT_EQ(early.exit_code, 1);
  EXPECT_THAT(early.err, HasSubstr("goes on signing until"));
  EXPECT_THAT(early.err, HasSubstr("every witness knows the newer one already"));
  EXPECT_THAT(early.err, Not(HasSubstr("witness.test/w1")));

  Words at_once = retire;
  for (const std::string& word : {std::string("--compromised"), std::string("--second"), path("bo")})
    at_once.push_back(word);
  must(at_once);
  ASSERT_NO_FATAL_FAILURE(start_witness({fresh}));
  ASSERT_NO_FATAL_FAILURE(serve());
  ASSERT_NO_FATAL_FAILURE(wait_until_cosigned(cosigned_));
  scratch_.write("later-keys.json", get("/v1/log/keys"));
  EXPECT_EQ(verify_receipt("later-keys.json", log_key_).exit_code, 0) << "by the quorum, under the new key";
  EXPECT_EQ(must({"log", "verify", "--data", path("data")}).at("ok"), true);
  EXPECT_EQ(server_->stop(), 0) << log_text();
  EXPECT_EQ(witness_->stop(), 0) << text("witness-log");
}

// As docs/OPERATIONS.md says. SPEC WIT-39, WIT-11, LKEY-5
TEST_F(LogKeyCommands, AWitnessKnowsAKeyThatLeakedAsAFormerOneAndIsNeverWithoutItsRecord) {
  ASSERT_NO_FATAL_FAILURE(make_keys_and_instance());
  ASSERT_NO_FATAL_FAILURE(start_witness({log_key_}));
  ASSERT_NO_FATAL_FAILURE(serve());
  ASSERT_NO_FATAL_FAILURE(wait_until_cosigned(0));
  EXPECT_EQ(server_->stop(), 0) << log_text();
  ASSERT_NO_FATAL_FAILURE(start_witness({}, {log_key_}));  // told by telephone: there is no other key yet
  const std::string fresh = rotate({"--compromised"});
  ASSERT_NO_FATAL_FAILURE(start_witness({fresh}, {log_key_}));
  ASSERT_NO_FATAL_FAILURE(serve());
  ASSERT_NO_FATAL_FAILURE(wait_until_cosigned(cosigned_));
  EXPECT_EQ(server_->stop(), 0) << log_text();
  ASSERT_NO_FATAL_FAILURE(start_witness({fresh}));
  EXPECT_EQ(witness_->stop(), 0) << text("witness-log");
}

}  // namespace
}  // namespace flikvakt::admin
