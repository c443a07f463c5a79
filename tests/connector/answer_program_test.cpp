// The organisation's own program that finds documents: what it is given, and what of it is believed. spec/connector.md
#include "connector/answer_program.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "tests/connector/scratch.h"

namespace flikvakt::connector {
namespace {

namespace fs = std::filesystem;

// As main() of the program does: whom nobody hears is told by write(), not by the end of everything.
const auto kNoSignalOfPipes = ::signal(SIGPIPE, SIG_IGN);

struct Asked {
  Folder folder;
  Message message;
  std::atomic<bool> stopping = false;
  ProgramAnswer run(const std::string& script, std::chrono::seconds patience = std::chrono::seconds(5)) {
    folder.write("find", "#!/bin/sh\n" + script);
    ::chmod((folder / "find").c_str(), 0700);
    AnswerConfig config;
    config.program = {(folder / "find").string()};
    config.patience = patience;
    message.author = "Region";
    return run_answer_program(config, json::object{{"flik", "journal"}}, folder / "answer", message, stopping);
  }
  bool has_left_nothing() const {
    for (const auto& one : fs::directory_iterator(folder.path())) {
      if (one.path().filename() != "find") return false;
    }
    return true;
  }
};
constexpr const char* kHead = R"(echo '{"title":"Svar","date":"2026-11-22","media_type":"application/pdf"}')";

TEST(AnswerProgram, GivesADocumentWithALineThatSaysWhatItIs) {  // SPEC CONN-47
  Asked it;
  const ProgramAnswer answer = it.run(std::string("read asked\n") + kHead + "\nprintf '%%PDF-1.4 %s' \"$asked\"\n");
  ASSERT_EQ(answer.how, Answered::found) << answer.why;
  EXPECT_EQ(it.message.title, "Svar");
  EXPECT_EQ(read(it.folder / "answer"), "%PDF-1.4 {\"flik\":\"journal\"}");
  EXPECT_EQ(it.message.size, 27u);
}

TEST(AnswerProgram, ThatHangsFailsOrWritesSomethingElseSendsNothing) {  // SPEC CONN-47
  const std::vector<std::pair<const char*, std::string>> cases = {
      {"nothing at all", "exit 0\n"},
      {"garbage", "echo no document\n"},
      {"no document behind the line", std::string(kHead) + "\n"},
      {"a line without an end", "printf '{\"title\":\"x\"'\n"},
      {"another day", "echo '{\"title\":\"x\",\"date\":\"soon\",\"media_type\":\"a/b\"}'\necho x\n"},
      {"an exit code", std::string(kHead) + "\necho x\nexit 1\n"},
      {"a signal", std::string(kHead) + "\necho x\nkill -9 $$\n"},
      {"a document, and that there is none", std::string(kHead) + "\necho x\nexit 3\n"}};
  for (const auto& [what, script] : cases) {
    Asked it;
    const ProgramAnswer answer = it.run(script);
    EXPECT_EQ(answer.how, Answered::failed) << what;
    EXPECT_FALSE(answer.why.empty()) << what;
    EXPECT_TRUE(it.has_left_nothing()) << what;
  }
  Asked slow;
  EXPECT_EQ(slow.run("sleep 30 &\nsleep 30\n", std::chrono::seconds(1)).how, Answered::failed);
  EXPECT_TRUE(slow.has_left_nothing());
  Asked missing;
  Asked named;
  for (const char* title : {"", "LONG"}) {
    const std::string says = *title ? std::string(201, 'x') : "";
    EXPECT_EQ(
        named.run("echo '{\"title\":\"" + says + "\",\"date\":\"2026-11-22\",\"media_type\":\"a/b\"}'\necho x\n").how,
        Answered::failed);
    EXPECT_TRUE(named.has_left_nothing());
  }
  AnswerConfig config;
  config.program = {"/nowhere/find"};
  EXPECT_EQ(run_answer_program(config, {}, missing.folder / "answer", missing.message, missing.stopping).how,
            Answered::failed);
}

// SPEC CONN-49
TEST(AnswerProgram, GetsNothingOfOursAndNoSignalThatIsIgnored) {
  ::setenv("FLIKVAKT_SECRET_OF_OURS", "1", 1);
  const int kept_open = ::open("/dev/null", O_RDONLY);
  ASSERT_GT(kept_open, 2);
  Asked it;
  const ProgramAnswer answer =
      it.run(std::string(kHead) + "\nenv\ngrep SigIgn /proc/self/status\n" + "[ -e /proc/$$/fd/" +
             std::to_string(kept_open) + " ] && echo INHERITED\nexit 0\n");
  ::close(kept_open);
  ::unsetenv("FLIKVAKT_SECRET_OF_OURS");
  ASSERT_EQ(answer.how, Answered::found) << answer.why;
  const std::string says = read(it.folder / "answer");
  EXPECT_NE(says.find("PATH="), std::string::npos) << says;
  EXPECT_EQ(says.find("FLIKVAKT_SECRET_OF_OURS"), std::string::npos) << says;
  EXPECT_EQ(says.find("INHERITED"), std::string::npos) << says;
  const std::size_t at = says.find("SigIgn:");
  ASSERT_NE(at, std::string::npos) << says;
  EXPECT_EQ(std::stoull(says.substr(at + 7), nullptr, 16) & (1ull << (SIGPIPE - 1)), 0u) << says;
}

TEST(AnswerProgram, ThatClosedItsAnswerHoldsNobodyUpWhoStops) {  // SPEC CONN-71
  Asked it;
  std::thread stops([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    it.stopping = true;
  });
  const ProgramAnswer answer =
      it.run(std::string(kHead) + "\necho x\nexec >&-\nsleep 3600\n", std::chrono::seconds(3600));
  stops.join();
  EXPECT_EQ(answer.how, Answered::failed);
  EXPECT_EQ(answer.why, "the connector stops");
  EXPECT_TRUE(it.has_left_nothing());
}

TEST(AnswerProgram, MaySayThatThereIsNone) {
  Asked it;
  EXPECT_EQ(it.run("exit 3\n").how, Answered::nothing);
  EXPECT_TRUE(it.has_left_nothing());
}

}  // namespace
}  // namespace flikvakt::connector
