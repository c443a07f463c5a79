// A connector that cosigns the log, and stops when it sees a second history of it. spec/connector.md
#include "connector/witness_duty.h"

#include <gtest/gtest.h>

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
    const auto leaf = issuer.issue(certs::client_profile("Region", "232100-0016", now)).value();
    IdentityFile file;
    file.connector = crypto::random_id<ConnectorId>();
    file.certificate = crypto::Certificate::parse_der(leaf.der).value().pem();
    file.tls_key = leaf.key_pem;
    file.trust = issuer.certificate().pem();
    file.message_key = std::string(crypto::SigningKey::generate(crypto::KeyAlgorithm::ed25519).to_pem().expose());
    file.seal_keys = {to_base64url(crypto::random_bytes<32>())};
    for (const audit::NoteVerifier& one : log_.keys()) file.log_keys.push_back(one.text());
    return Identity::from(std::move(file)).value();
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
  EXPECT_FALSE(open().has_value());
}

}  // namespace
}  // namespace flikvakt::connector
