// A connector that cosigns the log, and stops when it sees a second history of it. spec/connector.md
#include "connector/witness_duty.h"

#include <gtest/gtest.h>

#include <functional>

#include "certs/issuer.h"
#include "certs/profiles.h"
#include "crypto/random.h"
#include "tests/audit/witness_samples.h"

namespace flikvakt::connector {
namespace {

namespace fs = std::filesystem;

class Duty : public testing::Test {
protected:
  Duty()
      : state_(fs::temp_directory_path() / ("flikvakt-duty-" + to_hex(crypto::random_bytes<8>()))),
        identity_(made_identity()) {
    fs::create_directory(state_);
    fs::permissions(state_, fs::perms::owner_all);
    config_.state = state_;
    config_.witness = "region.example/w1";
    log_.grow_to(50);
    fork_.go_on_as(log_);
    log_.grow_to(200);
    fork_.grow_to(200, " rewritten");
    fork_note_ = log_.note_of(fork_.checkpoint(150));
  }
  ~Duty() override {
    std::error_code ignored;
    fs::remove_all(state_, ignored);
  }
  Identity made_identity() {
    const UtcTime now = clock_.wall();
    const auto issuer = certs::Issuer::self_signed(certs::root_profile("Connectors", now)).value();
    const auto tls = crypto::SigningKey::generate(crypto::KeyAlgorithm::p256);
    const certs::CertificateSpec spec = certs::client_profile("Region", "232100-0016", now);
    IdentityFile file;
    file.connector = crypto::random_id<ConnectorId>();
    file.certificate = issuer.issue_for(spec, tls.public_key().to_pem()).value().pem();
    file.tls_key = std::string(tls.to_pem().expose());
    file.trust = issuer.certificate().pem();
    file.message_key = std::string(crypto::SigningKey::generate(crypto::KeyAlgorithm::ed25519).to_pem().expose());
    file.seal_keys = {to_base64url(crypto::random_bytes<32>())};
    replace_log_keys(file, log_.origin(), texts(log_.keys()));
    file.witness_begins = file.origin;
    return Identity::from(std::move(file)).value();
  }
  static std::vector<std::string> texts(const std::vector<audit::NoteVerifier>& keys) {
    std::vector<std::string> out;
    for (const audit::NoteVerifier& one : keys) out.push_back(one.text());
    return out;
  }
  void change_identity(const std::function<void(IdentityFile&)>& how) {
    IdentityFile file = identity_.file();
    how(file);
    identity_ = Identity::from(std::move(file)).value();
  }
  Outcome<std::unique_ptr<WitnessDuty>> open() {
    return WitnessDuty::open(config_, identity_, clock_, [this](const std::string& line) { forks_.push_back(line); });
  }

  SystemClock clock_;
  audit::SampleLog log_, fork_;
  fs::path state_;
  Config config_;
  Identity identity_;
  std::string fork_note_;
  std::vector<std::string> forks_;
};

TEST_F(Duty, CosignsUnderAKeyThatStays) {  // SPEC CONN-50
  std::string key;
  {
    const auto duty = open().value();
    key = duty->key();
    const WitnessDuty::Reply reply = duty->add_checkpoint(audit::write_add_checkpoint(log_.request(0, 100)));
    EXPECT_EQ(reply.status, 200u);
    EXPECT_NE(reply.body.find("region.example/w1"), reply.body.npos);
    EXPECT_EQ(duty->add_checkpoint("no checkpoint").status, 400u);
    EXPECT_EQ(duty->add_checkpoint(audit::write_add_checkpoint(log_.request(0, 120))).body, "100\n")
        << "409 says where it is";
  }
  const auto again = open().value();
  EXPECT_EQ(again->key(), key);
  EXPECT_EQ(again->add_checkpoint(audit::write_add_checkpoint(log_.request(100, 150))).status, 200u) << "it remembers";
  EXPECT_TRUE(forks_.empty());
}

TEST_F(Duty, OfALogThatForkedIsOverNowAndAtEachStart) {  // SPEC CONN-52
  {
    const auto duty = open().value();
    ASSERT_EQ(duty->add_checkpoint(audit::write_add_checkpoint(log_.request(0, 150))).status, 200u);
    EXPECT_EQ(duty->add_checkpoint(audit::write_add_checkpoint({150, {}, fork_note_})).status, 409u);
    EXPECT_EQ(forks_.size(), 1u);
    EXPECT_EQ(duty->add_checkpoint(audit::write_add_checkpoint(log_.request(150, 160))).status, 403u);
  }
  const auto again = open();
  ASSERT_FALSE(again.has_value());
  EXPECT_EQ(again.error().exit, ExitCode::log_forked);
}

TEST_F(Duty, DoesNotBeginAnewWhenWhatItHasSeenIsGone) {  // SPEC CONN-50
  {
    const auto duty = open().value();
    ASSERT_EQ(duty->add_checkpoint(audit::write_add_checkpoint(log_.request(0, 150))).status, 200u);
  }
  for (const auto& one : fs::directory_iterator(state_ / "witness")) fs::remove_all(one.path());
  const auto again = open();
  ASSERT_FALSE(again.has_value());
  EXPECT_EQ(again.error().exit, ExitCode::fault) << "only its duty suffers (CONN-54)";
  EXPECT_FALSE(WitnessDuty::look(config_, identity_).has_value());
}

// A stop before the record was begun, and one before it was noted that it is.
TEST_F(Duty, BeginsOnceHoweverOftenItIsStopped) {  // SPEC CONN-54
  fs::create_directory(state_ / "witness");
  fs::permissions(state_ / "witness", fs::perms::owner_all);
  EXPECT_TRUE(WitnessDuty::look(config_, identity_).has_value()) << "it is to begin";
  const Identity before = identity_;
  ASSERT_EQ(open().value()->add_checkpoint(audit::write_add_checkpoint(log_.request(0, 150))).status, 200u);
  EXPECT_FALSE(identity_.file().witness_begins);
  EXPECT_EQ(Identity::load(state_)->file().witness_begins, std::nullopt) << "kept";
  IdentityFile file = identity_.file();
  file.witness_begins = before.file().witness_begins;
  identity_ = Identity::from(std::move(file)).value();
  const auto again = open();
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ((*again)->add_checkpoint(audit::write_add_checkpoint(log_.request(0, 160))).body, "150\n")
      << "what it has seen stays";
}

TEST_F(Duty, ReadsWhatItHasSeenUnderTheKeyBeforeAndBelievesTheNewOne) {  // SPEC CONN-53, WIT-39
  ASSERT_EQ(open().value()->add_checkpoint(audit::write_add_checkpoint(log_.request(0, 100))).status, 200u);
  const auto under_old = audit::write_add_checkpoint(log_.request(100, 120));
  log_.add_key();
  log_.drop_first_key();
  const Identity before = identity_;
  change_identity([&](IdentityFile& file) {
    file.log_keys = texts(log_.keys());
    file.former_log_keys.clear();
  });
  const auto without = open();
  ASSERT_FALSE(without.has_value());
  EXPECT_EQ(without.error().exit, ExitCode::fault);
  EXPECT_FALSE(WitnessDuty::look(config_, identity_).has_value());
  identity_ = before;
  change_identity([&](IdentityFile& file) { replace_log_keys(file, log_.origin(), texts(log_.keys())); });
  EXPECT_TRUE(WitnessDuty::look(config_, identity_).has_value());
  const auto duty = open();
  ASSERT_TRUE(duty.has_value()) << duty.error().message;
  EXPECT_EQ((*duty)->add_checkpoint(under_old).status, 403u);
  EXPECT_EQ((*duty)->add_checkpoint(audit::write_add_checkpoint(log_.request(100, 150))).status, 200u);
  EXPECT_TRUE(forks_.empty());
}

TEST_F(Duty, AnotherLogIsBegunByAnEnrolmentAndByNothingElse) {  // SPEC CONN-54
  ASSERT_EQ(open().value()->add_checkpoint(audit::write_add_checkpoint(log_.request(0, 100))).status, 200u);
  audit::SampleLog restored("example.org/log2");
  restored.grow_to(40);
  const auto to_it = [&](IdentityFile& file) { replace_log_keys(file, restored.origin(), texts(restored.keys())); };
  const Identity before = identity_;
  change_identity(to_it);
  EXPECT_EQ(open().error().exit, ExitCode::fault) << "nobody said so";
  identity_ = before;
  IdentityFile enrolled = identity_.file();
  enrolled.witness_key.reset();
  to_it(enrolled);
  enrolled.witness_begins = enrolled.origin;
  carry_over(before.file(), enrolled);
  identity_ = Identity::from(std::move(enrolled)).value();
  const auto duty = open();
  ASSERT_TRUE(duty.has_value()) << duty.error().message;
  EXPECT_EQ((*duty)->add_checkpoint(audit::write_add_checkpoint(restored.request(0, 40))).status, 200u);
  EXPECT_EQ((*duty)->add_checkpoint(audit::write_add_checkpoint(log_.request(100, 120))).status, 404u);
  EXPECT_EQ(identity_.file().witness_key, before.file().witness_key);
}

// Enrolled anew at the same log: what it has seen of it is still needed, whatever the code said.
TEST_F(Duty, AnEnrolmentAtTheSameLogBeginsNothingAnew) {  // SPEC CONN-54, CONN-53
  ASSERT_TRUE(open().has_value());
  IdentityFile enrolled = identity_.file();
  enrolled.witness_begins = enrolled.origin;
  enrolled.log_keys = {"new"};
  enrolled.former_log_keys.clear();
  carry_over(identity_.file(), enrolled);
  EXPECT_FALSE(enrolled.witness_begins);
  EXPECT_EQ(enrolled.log_keys, std::vector<std::string>{"new"});
  EXPECT_EQ(enrolled.former_log_keys, identity_.file().log_keys);
}

TEST(LogKeys, ThatSignNoMoreAreFormerOnesOfTheSameLogAlone) {  // SPEC CONN-53
  IdentityFile file;
  replace_log_keys(file, "a", {"1", "2"});
  EXPECT_TRUE(file.former_log_keys.empty());
  replace_log_keys(file, "a", {"2", "3"}, {"0"});
  EXPECT_EQ(file.log_keys, (std::vector<std::string>{"2", "3"}));
  EXPECT_EQ(file.former_log_keys, (std::vector<std::string>{"0", "1"}));
  replace_log_keys(file, "a", {"1"});
  EXPECT_EQ(file.former_log_keys, (std::vector<std::string>{"0", "2", "3"})) << "never both";
  replace_log_keys(file, "b", {"9"});
  EXPECT_EQ(file.origin, "b");
  EXPECT_TRUE(file.former_log_keys.empty());
}

}  // namespace
}  // namespace flikvakt::connector
