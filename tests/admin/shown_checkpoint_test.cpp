// A gateway whose whole disk was put back is shown a checkpoint that a partner kept: the real program keeps the
// evidence, ends with exit code 4, and does not start again.
#include "audit/checkpoint.h"
#include "crypto/tls_client.h"
#include "tests/admin/admin_world.h"

namespace flikvakt::admin {
namespace {

using ::testing::HasSubstr;
namespace fs = std::filesystem;

class ShownCheckpoint : public AdminWorld {
protected:
  void copy(const std::string& from, const std::string& to) const {
    fs::remove_all(path(to));
    fs::copy(path(from), path(to), fs::copy_options::recursive);
    fs::permissions(path(to), fs::perms::owner_all);
  }
  // The status that the portal answers with; 0 when it answers nothing. `half_way`: when half of the note is sent.
  unsigned show(
      const std::string& note, const std::function<void()>& half_way = [] {}) const {
    crypto::TlsClientOptions options;
    options.host = "127.0.0.1";
    options.port = static_cast<std::uint16_t>(std::stoi(portal_));
    options.server_name = "localhost";
    options.trusted_ca_pem = text("pki/ca.pem");
    Result<crypto::TlsClient> client = crypto::TlsClient::connect(options);
    if (!client) return 0;
    const std::string request =
        "POST /v1/log/checkpoints HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: " +
        std::to_string(note.size()) + "\r\n\r\n" + note;
    const BytesView bytes = as_bytes(request);
    const std::size_t half = bytes.size() - note.size() / 2;
    if (!client->write_all(bytes.first(half))) return 0;
    half_way();
    if (!client->write_all(bytes.subspan(half))) return 0;
    std::string out;
    ByteArray<4096> chunk;
    while (out.find("\r\n") == out.npos) {
      const Result<std::size_t> got = client->read_some(chunk);
      if (!got || *got == 0) return 0;
      out += as_text(BytesView(chunk).first(*got));
    }
    return static_cast<unsigned>(std::stoul(out.substr(9, 3)));
  }
  std::string saved_checkpoint(const std::string& file) {
    must({"log", "checkpoint", "--data", path("data"), "--out", path(file)});
    return text(file);
  }
};

// SPEC WIT-33, WIT-34
TEST_F(ShownCheckpoint, OfMoreThanARolledBackGatewayHasEndsItForGood) {
  ASSERT_NO_FATAL_FAILURE(make_keys_and_instance());
  copy("data", "older");
  ASSERT_NO_FATAL_FAILURE(serve());
  ASSERT_NO_FATAL_FAILURE(register_everyone());
  const std::string kept = saved_checkpoint("kept");
  EXPECT_EQ(show(kept), 200u) << "as it stands";
  EXPECT_EQ(show("rubbish"), 400u);
  EXPECT_EQ(server_->stop(), 0) << log_text();
  copy("data", "newer");

  copy("older", "data");
  ASSERT_NO_FATAL_FAILURE(serve());
  EXPECT_EQ(show(kept), 409u) << log_text();
  for (int i = 0; i < 400 && !server_->has_ended(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(50));
  ASSERT_TRUE(server_->has_ended());
  EXPECT_EQ(server_->stop(), 4) << log_text();
  EXPECT_THAT(log_text(), HasSubstr("ALARM"));
  EXPECT_THAT(text("data/log-evidence"), ::testing::EndsWith(kept));
  const Ran again = serve_to_the_end();
  EXPECT_EQ(again.exit_code, 4) << again.err;
  EXPECT_THAT(again.err, HasSubstr("log-evidence"));

  fs::rename(path("data/log-evidence"), path("looked-into"));
  ASSERT_NO_FATAL_FAILURE(serve());
  const unsigned while_stopping = show(kept, [this] {
    std::this_thread::sleep_for(std::chrono::milliseconds(500));  // for the first half to be there
    server_->begin_to_stop();
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
  });
  EXPECT_EQ(while_stopping, 409u) << log_text();
  EXPECT_EQ(server_->stop(), 4) << "also when it was stopping anyhow: " << log_text();

  fs::remove(path("data/log-evidence"));
  copy("newer", "data");  // the right disk again
  ASSERT_NO_FATAL_FAILURE(serve());
  EXPECT_EQ(show(kept), 200u);
  EXPECT_EQ(server_->stop(), 0) << log_text();
}

}  // namespace
}  // namespace flikvakt::admin
