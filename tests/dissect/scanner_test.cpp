// Asking clamd: what it says counts, and what is not said clearly and in time is no "clean".
#include "partition/scanner.h"

#include <gtest/gtest.h>

#include "tests/partition/fake_clamd.h"

namespace flikvakt::partition::test {
namespace {

using namespace std::chrono_literals;

struct SocketFolder {
  SocketFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "flikvakt-clamd-XXXXXX").string();
    path = mkdtemp(name.data());
  }
  ~SocketFolder() { std::filesystem::remove_all(path); }
  std::filesystem::path socket() const { return path / "clamd.ctl"; }
  std::filesystem::path path;
};

Result<Scanner::Verdict> ask(const SocketFolder& folder, std::string_view file, std::chrono::milliseconds wall = 20s) {
  return Scanner::at(folder.socket().string()).value().scan(as_bytes(file), wall);
}

// SPEC PART-70
TEST(Scanner, SaysWhetherSomethingIsFoundAndWhat) {
  const SocketFolder folder;
  const FakeClamd clamd(folder.socket());
  EXPECT_FALSE(ask(folder, "a letter").value().found);
  EXPECT_FALSE(ask(folder, "").value().found);
  EXPECT_EQ(ask(folder, "before " + eicar() + " behind").value().found, "Eicar-Test-Signature");
  const std::string large(300'000, 'x');
  EXPECT_FALSE(ask(folder, large).value().found);
  EXPECT_EQ(clamd.last_bytes(), large.size()) << "every piece of it";
  EXPECT_TRUE(ask(folder, large + eicar()).value().found) << "across pieces";
}

// SPEC PART-72
TEST(Scanner, OfOneThatIsDownOrDoesNotAnswerNothingIsClean) {
  const SocketFolder folder;
  EXPECT_EQ(ask(folder, "x").error().code, ErrorCode::unavailable) << "nobody listens";
  for (const auto manner : {FakeClamd::Manner::hangs_up, FakeClamd::Manner::says_nonsense}) {
    const FakeClamd clamd(folder.socket(), manner);
    const Result<Scanner::Verdict> said = ask(folder, std::string(200'000, 'x'));
    ASSERT_FALSE(said) << static_cast<int>(manner);
    EXPECT_EQ(said.error().code, ErrorCode::unavailable);
    EXPECT_EQ(clamd.asked(), 1);
  }
  const FakeClamd mute(folder.socket(), FakeClamd::Manner::says_nothing);
  EXPECT_EQ(ask(folder, "x", 50ms).error().code, ErrorCode::unavailable);
}

TEST(Scanner, OneThatSaysNothingHoldsUpNoStop) {
  const SocketFolder folder;
  const FakeClamd clamd(folder.socket(), FakeClamd::Manner::says_nothing);
  const std::atomic<bool> stop = true;
  const Result<Scanner::Verdict> said =
      Scanner::at(folder.socket()).value().scan(as_bytes(std::string_view("x")), std::chrono::hours(24), &stop);
  ASSERT_FALSE(said) << "or it waits for a day";
  EXPECT_EQ(said.error().code, ErrorCode::unavailable);
}

// SPEC PART-72
TEST(Scanner, AnOkBeforeAllWasSentIsNone) {
  const SocketFolder folder;
  const FakeClamd clamd(folder.socket(), FakeClamd::Manner::has_heard_enough);
  const Result<Scanner::Verdict> said = ask(folder, std::string(16 << 20, 'x'));  // more than a socket holds
  ASSERT_FALSE(said);
  EXPECT_EQ(said.error().code, ErrorCode::unavailable);
}

// SPEC PART-72
TEST(Scanner, SaysThatAFileIsLargerThanItTakes) {
  const SocketFolder folder;
  const FakeClamd clamd(folder.socket(), FakeClamd::Manner::is_full);
  const Result<Scanner::Verdict> said = ask(folder, std::string(200'000, 'x'));
  ASSERT_TRUE(said) << said.error().message;
  EXPECT_TRUE(said->is_too_large);
  EXPECT_FALSE(said->found);
}

// SPEC PART-71
TEST(Scanner, IsOnThisMachine) {
  for (const char* good : {"/run/clamav/clamd.ctl", "127.0.0.1:3310", "[::1]:3310"})
    EXPECT_TRUE(Scanner::at(good)) << good;
  for (const char* bad : {"", "clamd.ctl", "192.0.2.1:3310", "localhost:3310", "127.0.0.1", "127.0.0.1:0",
                          "127.0.0.1:x", "127.0.0.1:70000", "[::2]:3310"}) {
    EXPECT_FALSE(Scanner::at(bad)) << bad;
  }
  EXPECT_FALSE(Scanner::at("/" + std::string(200, 'x'))) << "too long for a socket";
}

}  // namespace
}  // namespace flikvakt::partition::test
