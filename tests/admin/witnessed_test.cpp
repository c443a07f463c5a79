// A gateway and its witness, both the real program: what was cosigned cannot be rolled back, not even with all of the
// disk.
#include "audit/cosignature.h"
#include "base/files.h"
#include "tests/admin/admin_world.h"

namespace flikvakt::admin {
namespace {

using ::testing::HasSubstr;
namespace fs = std::filesystem;

class WitnessedLog : public AdminWorld {
protected:
  void start_witness() {
    scratch_.write("witness.toml",
                   "name = \"witness.test/w1\"\nkey = \"witness.key\"\ndata = \"witness\"\nlisten = \"127.0.0.1:0\"\n"
                   "ready_file = \"witness-ready\"\nlogs = [\"" +
                       log_key_ + "\"]\n");
    const Ran made = run_flikvakt({"witness", "--config", path("witness.toml"), "--init", "--json"});
    ASSERT_EQ(made.exit_code, 0) << made.err;
    witness_key_ = std::string(made.json().at("key").as_string());
    witness_.emplace(Words{"witness", "--config", path("witness.toml")}, path("witness-log"));
    for (int i = 0; i < 200 && !fs::exists(path("witness-ready")); ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    ASSERT_TRUE(fs::exists(path("witness-ready"))) << text("witness-log");
    const std::int64_t port = parse_json(text("witness-ready"))->at("witness").as_int64();
    more_config_ = "witness_quorum = 1\nwitness_interval_seconds = 1\n[[witness]]\nurl = \"http://127.0.0.1:" +
                   std::to_string(port) + "\"\nkey = \"" + witness_key_ + "\"\n";
  }

  // How many entries the gateway has kept as cosigned; 0 for none.
  std::uint64_t cosigned() const {
    const std::vector log{audit::NoteVerifier::parse(log_key_).value()};
    const std::vector witnesses{audit::CosignatureVerifier::parse(witness_key_).value()};
    const auto opened = audit::open_cosigned(text("data/cosigned-checkpoint"), log, witnesses);
    return opened && opened->by.size() == 1 ? opened->checkpoint.size : 0;
  }
  void wait_until_more_than(std::uint64_t entries) const {
    for (int i = 0; i < 200 && cosigned() <= entries; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(50));
    ASSERT_GT(cosigned(), entries) << log_text() << text("witness-log");
  }
  void copy(const std::string& from, const std::string& to) const {
    fs::remove_all(path(to));
    fs::copy(path(from), path(to), fs::copy_options::recursive);
    fs::permissions(path(to), fs::perms::owner_all);
  }

  std::string witness_key_;
  std::optional<RunningFlikvakt> witness_;
};

// SPEC WIT-22, WIT-23, WIT-21
TEST_F(WitnessedLog, ThatIsRolledBackWithItsWholeDiskIsFound) {
  ASSERT_NO_FATAL_FAILURE(make_keys_and_instance());
  ASSERT_NO_FATAL_FAILURE(start_witness());
  ASSERT_NO_FATAL_FAILURE(serve());
  ASSERT_NO_FATAL_FAILURE(wait_until_more_than(0));
  EXPECT_EQ(server_->stop(), 0) << log_text();
  copy("data", "older");

  ASSERT_NO_FATAL_FAILURE(serve());
  ASSERT_NO_FATAL_FAILURE(register_everyone());
  ASSERT_NO_FATAL_FAILURE(wait_until_more_than(10));
  EXPECT_EQ(server_->stop(), 0) << log_text();
  copy("data/cosigned-checkpoint", "kept-checkpoint");

  copy("older", "data");
  fs::copy_file(path("kept-checkpoint"), path("data/cosigned-checkpoint"), fs::copy_options::overwrite_existing);
  const Ran refused = serve_to_the_end();
  EXPECT_EQ(refused.exit_code, 4) << refused.err;
  EXPECT_THAT(refused.err, HasSubstr("witnesses cosigned"));

  copy("older", "data");  // everything, the kept checkpoint too: only the witness knows
  ASSERT_NO_FATAL_FAILURE(serve());
  for (int i = 0; i < 100 && log_text().find("ALARM") == std::string::npos; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_THAT(log_text(), HasSubstr("another history of this log"));
  EXPECT_EQ(server_->stop(), 0);
  EXPECT_EQ(witness_->stop(), 0) << text("witness-log");
}

}  // namespace
}  // namespace flikvakt::admin
