// The notice hook with a real program behind it: what it gets, what it gets again, and what it cannot do.
#include "service/notice_hook.h"

#include <gmock/gmock.h>
#include <signal.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>
#include <sys/wait.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "service/notice_cursor.h"
#include "tests/service/signed_world.h"

namespace flikvakt::service::test {
namespace {

using namespace policy;
using testing::ElementsAre;
using testing::HasSubstr;
namespace fs = std::filesystem;

// Keeps in `folder` who it is, what it got and what it sees; how it answers is its second argument.
constexpr std::string_view kProgram = R"(#!/usr/bin/python3
import json, os, pathlib, signal, sys, time
folder, mode = pathlib.Path(sys.argv[1]), sys.argv[2]
with open(folder / "pids", "a") as pids:
    print(os.getpid(), file=pids)
sees = {"environment": sorted(os.environ), "open": len(os.listdir("/proc/self/fd")), "in": os.getcwd(),
        "blocked": len(signal.pthread_sigmask(signal.SIG_BLOCK, []))}
(folder / "sees.new").write_text(json.dumps(sees))
(folder / "sees.new").rename(folder / "sees")
if mode == "exits":
    sys.exit(7)
if mode == "answers_later" and len((folder / "pids").read_text().split()) > 1:
    mode = "answers"
if mode == "obstinate":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
if mode in ("never_reads", "obstinate"):
    time.sleep(600)
if mode == "closes_input":
    os.close(0)
    time.sleep(600)
while mode == "floods":
    sys.stdout.write("x" * 65536)
while mode == "strange":
    print("0" * 32, flush=True)
if mode == "a_long_line":
    print("0" * 300, flush=True)
held = []
for line in sys.stdin:
    with open(folder / "lines", "a") as lines:
        lines.write(line)
    held.append(json.loads(line)["id"])
    if mode in ("answers", "answers_and_more"):
        print(held[-1], flush=True)
    if mode == "answers_and_more":
        print("0" * 32, flush=True)
    if mode == "backwards" and len(held) == 10:
        print("\n".join(reversed(held)), flush=True)
    if mode == "all_but_the_first" and len(held) == 10:
        print("\n".join(reversed(held[1:])), flush=True)
        (folder / "answered").touch()
)";

class NoticeHookTest : public testing::Test {
protected:
  NoticeHookTest() {
    world_.anna = world_.enrol(world_.anna.number);
    fullmakt_ = world_.sign(world_.anna);
    journal_ = world_.deposit(world_.anna, "journal", "Annas journal");
    fs::create_directory(folder());
    std::ofstream(program()) << kProgram;
    fs::permissions(program(), fs::perms::owner_all);
    world_.hooks.is_log_followed = true;
    world_.restart();
  }
  ~NoticeHookTest() override { hook_.reset(); }

  fs::path folder() const { return world_.folder.path() / "hook"; }
  std::string program() const { return (folder() / "program").string(); }
  fs::path cursor() const { return world_.data() / "notice-cursor"; }

  NoticeHook::Options options(const std::string& mode) const {
    NoticeHook::Options out;
    out.command = {program(), folder().string(), mode};
    out.quiet = 0min;
    out.first_pause = 20ms;
    out.longest_pause = 100ms;
    out.pause_after_fault = 50ms;
    return out;
  }
  void start(const std::string& mode) { hook_ = NoticeHook::start(*world_.core, options(mode)).value(); }
  void restart_gateway() {
    hook_.reset();
    world_.restart();
  }

  std::vector<std::string> lines_of(const char* file) const {
    std::vector<std::string> out;
    std::ifstream in(folder() / file);
    for (std::string line; std::getline(in, line);) out.push_back(line);
    return out;
  }
  std::vector<std::string> lines() const { return lines_of("lines"); }
  std::vector<pid_t> pids() const {
    std::vector<pid_t> out;
    for (const std::string& line : lines_of("pids")) out.push_back(static_cast<pid_t>(std::stol(line)));
    return out;
  }
  template <class Condition>
  bool comes(Condition condition) const {
    for (int i = 0; i < 2000; ++i) {
      if (condition()) return true;
      std::this_thread::sleep_for(10ms);
    }
    return false;
  }
  bool come(std::size_t count) const {
    return comes([&] { return lines().size() >= count; });
  }
  bool has_caught_up() const {
    return world_.core->followed_log()->followed_to == world_.core->sequencer().log_view().size;
  }
  bool catches_up() const {
    return comes([&] { return has_caught_up(); });
  }
  // SPEC HOOK-6
  std::vector<std::string> ids_of_all_entries() const {
    std::vector<std::string> out;
    for (std::uint64_t i = 0; i < world_.core->sequencer().log_view().size; ++i) {
      const crypto::Hash256 hash = crypto::sha256(as_bytes("flikvakt.test/log\n" + std::to_string(i)));
      out.push_back(to_hex(hash).substr(0, 32));
    }
    return out;
  }
  void read() {
    const auto permit = world_.open(world_.handler, journal_);
    ASSERT_TRUE(permit);
    EXPECT_TRUE(world_.close(**permit, 13).decision.is_permitted());
  }
  static bool has_no_child() { return ::waitpid(-1, nullptr, WNOHANG) == -1 && errno == ECHILD; }
  static std::string id_of(const std::string& line) {
    return std::string(parse_json(line).value().at("id").as_string());
  }

  SignedWorld world_;
  FullmaktId fullmakt_;
  DocumentId journal_;
  std::unique_ptr<NoticeHook> hook_;
};

// SPEC HOOK-4, HOOK-5
TEST_F(NoticeHookTest, EachNoticeIsGivenOnceInOrderWhenItIsAcknowledged) {
  start("answers");
  for (int i = 0; i < 100; ++i) read();
  EXPECT_TRUE(catches_up());
  const std::vector<std::string> got = lines();
  EXPECT_EQ(got.size(), 100u);
  EXPECT_EQ(std::set<std::string>(got.begin(), got.end()).size(), 100u);
  std::vector<std::string> in_order_of_the_log;
  for (const std::string& id : ids_of_all_entries()) {
    if (std::ranges::any_of(got, [&](const std::string& line) { return id_of(line) == id; }))
      in_order_of_the_log.push_back(id);
  }
  std::vector<std::string> in_order_given;
  for (const std::string& line : got) in_order_given.push_back(id_of(line));
  EXPECT_EQ(in_order_given, in_order_of_the_log);
  EXPECT_EQ(pids().size(), 1u);
}

// SPEC HOOK-5
TEST_F(NoticeHookTest, WhatIsAcknowledgedBackwardsIsNotGivenAgainAfterARestart) {
  start("backwards");
  for (int i = 0; i < 10; ++i) read();
  EXPECT_TRUE(catches_up());
  restart_gateway();
  start("answers");
  read();
  EXPECT_TRUE(catches_up());
  const std::vector<std::string> got = lines();
  EXPECT_EQ(got.size(), 11u);
  EXPECT_EQ(std::set<std::string>(got.begin(), got.end()).size(), 11u);
}

// SPEC HOOK-5, HOOK-11
TEST_F(NoticeHookTest, WhatIsAcknowledgedBeforeAnEarlierOneLosesNothingAtARestart) {
  start("all_but_the_first");
  for (int i = 0; i < 10; ++i) read();
  ASSERT_TRUE(comes([&] { return fs::exists(folder() / "answered"); }));
  EXPECT_FALSE(has_caught_up()) << "the first is not acknowledged";
  restart_gateway();
  start("answers");
  EXPECT_TRUE(catches_up());
  ASSERT_GT(lines().size(), 10u);
  EXPECT_EQ(lines()[10], lines()[0]);
}

// SPEC HOOK-11
TEST_F(NoticeHookTest, ALogThatCannotBeReadAtTheStartIsReadWhenItCan) {
  read();
  const fs::path database = world_.data() / "rows.db";
  NoticeHook::Options options = this->options("answers");
  options.pause_after_fault = 100ms;
  fs::rename(database, database.string() + ".gone");
  hook_ = NoticeHook::start(*world_.core, options).value();
  EXPECT_TRUE(comes([&] { return pids().size() == 1; }));
  std::this_thread::sleep_for(300ms);
  EXPECT_EQ(lines().size(), 0u);
  fs::rename(database.string() + ".gone", database);
  EXPECT_TRUE(come(1));
  EXPECT_TRUE(catches_up());
  EXPECT_EQ(lines().size(), 1u);
  EXPECT_EQ(pids().size(), 1u);
}

// SPEC HOOK-4
TEST_F(NoticeHookTest, AProgramThatDoesNotAcknowledgeHoldsAtMost64) {
  start("silent");
  for (int i = 0; i < 100; ++i) read();
  EXPECT_TRUE(come(64));
  std::this_thread::sleep_for(200ms);
  EXPECT_EQ(lines().size(), 64u);
  EXPECT_FALSE(has_caught_up());
}

// SPEC HOOK-2
TEST_F(NoticeHookTest, TheProgramGetsNothingOfTheGatewayButItsPipes) {
  start("answers");
  ASSERT_TRUE(comes([&] { return fs::exists(folder() / "sees"); }));
  const json::value sees = parse_json(lines_of("sees").at(0)).value();
  EXPECT_EQ(sees.at("environment"), (json::array{"LANG", "PATH"}));
  EXPECT_EQ(sees.at("open").to_number<int>(), 4) << "0 to 2, and the folder that is being listed";
  EXPECT_EQ(sees.at("in"), "/");
  EXPECT_EQ(sees.at("blocked").to_number<int>(), 0);
}

// SPEC HOOK-3
TEST_F(NoticeHookTest, AKilledProgramIsStartedAgainAndGetsAgainWhatItHadNotAcknowledged) {
  start("silent");
  read();
  ASSERT_TRUE(come(1));
  ::kill(pids().at(0), SIGKILL);
  ASSERT_TRUE(come(2));
  EXPECT_EQ(lines()[0], lines()[1]);
  EXPECT_EQ(pids().size(), 2u);
}

// SPEC HOOK-3
TEST_F(NoticeHookTest, AProgramThatStallsIsStartedAgain) {
  NoticeHook::Options impatient = options("silent");
  impatient.stall = 200ms;
  hook_ = NoticeHook::start(*world_.core, impatient).value();
  read();
  ASSERT_TRUE(come(2));
  EXPECT_EQ(id_of(lines()[0]), id_of(lines()[1]));
}

// SPEC HOOK-11
TEST_F(NoticeHookTest, WhatWasNotAcknowledgedIsGivenAgainAfterARestart) {
  start("silent");
  read();
  ASSERT_TRUE(come(1));
  restart_gateway();
  read();
  start("answers");
  ASSERT_TRUE(come(3));
  EXPECT_EQ(lines()[0], lines()[1]);
  EXPECT_NE(lines()[1], lines()[2]);
}

// SPEC HOOK-11
TEST_F(NoticeHookTest, WhatWasAcknowledgedIsNotGivenAgainAfterARestart) {
  start("answers");
  read();
  EXPECT_TRUE(catches_up());
  restart_gateway();
  start("answers");
  read();
  EXPECT_TRUE(catches_up());
  EXPECT_EQ(lines().size(), 2u);
}

// SPEC HOOK-12
TEST_F(NoticeHookTest, WithoutACursorOrWithOneOfAnotherLogItBeginsNow) {
  read();
  start("answers");
  EXPECT_TRUE(catches_up());
  EXPECT_EQ(lines().size(), 1u) << "what happened since the start";
  restart_gateway();
  ASSERT_TRUE(write_notice_cursor(cursor(), "another.test/log", 0));
  start("answers");
  read();
  EXPECT_TRUE(catches_up());
  EXPECT_EQ(lines().size(), 2u);
}

// SPEC HOOK-12
TEST_F(NoticeHookTest, ADamagedCursorIsNamedAndNothingStarts) {
  EXPECT_FALSE(world_.core->followed_log()->is_stopped);
  for (const char* text : {"", "{}", "{\"origin\":\"flikvakt.test/log\",\"next\":99999}", "\xff"}) {
    std::ofstream(cursor(), std::ios::binary | std::ios::trunc) << text;
    const auto refused = NoticeHook::start(*world_.core, options("answers"));
    ASSERT_FALSE(refused) << text;
    EXPECT_THAT(refused.error().message, HasSubstr("notice-cursor"));
    EXPECT_TRUE(world_.core->followed_log()->is_stopped);
  }
  EXPECT_TRUE(has_no_child());
}

// SPEC HOOK-12
TEST_F(NoticeHookTest, ACursorIsThereFromTheStartAndWrittenOnlyWhenItChanges) {
  start("answers");
  ASSERT_TRUE(fs::exists(cursor()));
  read();
  EXPECT_TRUE(catches_up());
  hook_.reset();
  const fs::file_time_type before = fs::last_write_time(cursor()) - 1h;
  fs::last_write_time(cursor(), before);
  restart_gateway();
  const std::uint64_t next = read_notice_cursor(cursor(), "flikvakt.test/log", 1'000'000).value().value();
  hook_ = NoticeHook::start(*world_.core, options("answers")).value();
  EXPECT_EQ(fs::last_write_time(cursor()), before);
  EXPECT_LE(next, world_.core->followed_log()->size_at_start);
}

// SPEC HOOK-13
TEST_F(NoticeHookTest, AStartThatWaitsForTheDiskDoesNotHoldUpTheEnd) {
  const fs::path rows = world_.core->data_directory().database();
  const fs::path away = rows.string() + ".away";
  fs::rename(rows, away);
  NoticeHook::Options patient = options("answers");
  patient.pause_after_fault = 60s;
  hook_ = NoticeHook::start(*world_.core, patient).value();
  std::this_thread::sleep_for(200ms);
  const auto begin = std::chrono::steady_clock::now();
  hook_.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 3s);
  fs::rename(away, rows);
}

// SPEC HOOK-14
TEST_F(NoticeHookTest, WhatIsDamagedEndsTheHookAndTheStatusSaysIt) {
  const std::uint64_t from = world_.core->followed_log()->size_at_start;
  ASSERT_TRUE(write_notice_cursor(cursor(), "flikvakt.test/log", from - 1));
  FollowedLog& log = *world_.core->followed_log();
  Places::Place place = *log.places_at_start.find(world_.anna.actor.person);
  const auto key =
      world_.core->keys().person_log_key(world_.core->directory().person(world_.anna.actor.person)->log_key);
  audit::ChainEnd end{place.count, from - 2, 0, 0};
  const audit::PersonChainKey chain(*key, "flikvakt.test/log");
  place.count = end.count + 1;
  place.end = chain.append(end, from - 1).sealed;  // the entry of the gateway's own start
  log.places_at_start.put(world_.anna.actor.person, place);
  start("answers");
  EXPECT_TRUE(comes([&] { return log.is_stopped.load(); }));
  hook_.reset();
  EXPECT_TRUE(has_no_child());
}

// SPEC HOOK-10
TEST_F(NoticeHookTest, WhoIsErasedOrDiesWhileALineWaitsIsNotTold) {
  const std::string bo = world_.bo.number, carl = "197302889931";
  for (const std::string& number : {bo, carl}) world_.enrol(number);
  restart_gateway();
  start("answers_later");
  for (int i = 0; i < 64; ++i) read();
  ASSERT_TRUE(come(64));
  for (const std::string& number : {bo, carl}) {
    EXPECT_TRUE(world_.send(world_.chief, PaperNarrowing{}, number).decision.is_permitted());
  }
  std::this_thread::sleep_for(200ms);  // until the thread has read them
  RecordDeath death;
  death.died = Date{std::chrono::year{2026} / 11 / 1};
  EXPECT_TRUE(world_.send(world_.chief, death, carl).decision.is_permitted());
  Shred shred;
  shred.scope = ShredScope::person;
  EXPECT_TRUE(world_.by_two(shred, bo).decision.is_permitted());
  ::kill(pids().at(0), SIGKILL);
  EXPECT_TRUE(catches_up());
  EXPECT_EQ(lines().size(), 128u);
  for (const std::string& line : lines()) EXPECT_THAT(line, HasSubstr(world_.anna.number));
}

// SPEC HOOK-5
TEST_F(NoticeHookTest, AProgramThatAnswersTooMuchDoesNotFillTheLog) {
  const std::shared_ptr<spdlog::logger> before = spdlog::default_logger();
  std::ostringstream log;
  spdlog::set_default_logger(
      std::make_shared<spdlog::logger>("test", std::make_shared<spdlog::sinks::ostream_sink_mt>(log)));
  start("answers_and_more");
  for (int i = 0; i < 20; ++i) read();
  EXPECT_TRUE(catches_up());
  hook_.reset();
  spdlog::set_default_logger(before);
  const std::string text = log.str();
  const std::size_t first = text.find("was not given");
  EXPECT_NE(first, text.npos);
  EXPECT_EQ(text.find("was not given", first + 1), text.npos) << text;
}

// SPEC HOOK-5, HOOK-13
TEST_F(NoticeHookTest, NoProgramHoldsUpAnActOrTheEnd) {
  for (const char* mode : {"floods", "strange", "a_long_line", "exits", "never_reads", "closes_input", "silent"}) {
    SCOPED_TRACE(mode);
    const std::size_t before = pids().size();
    start(mode);
    for (int i = 0; i < 300; ++i) read();
    const bool is_started_again = std::string_view(mode) != "never_reads" && std::string_view(mode) != "silent";
    EXPECT_TRUE(comes([&] { return pids().size() >= before + (is_started_again ? 3 : 1); }));
    const auto begin = std::chrono::steady_clock::now();
    hook_.reset();
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 3s);
    EXPECT_TRUE(has_no_child());
    restart_gateway();
  }
}

// SPEC HOOK-13
TEST_F(NoticeHookTest, AProgramThatDoesNotHearSigtermIsKilled) {
  start("obstinate");
  ASSERT_TRUE(comes([&] { return pids().size() == 1 && fs::exists(folder() / "sees"); }));
  std::this_thread::sleep_for(100ms);  // until it ignores the signal
  const auto begin = std::chrono::steady_clock::now();
  hook_.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 4s);
  EXPECT_EQ(::kill(pids().at(0), 0), -1);
  EXPECT_TRUE(has_no_child());
}

// SPEC HOOK-1
TEST_F(NoticeHookTest, WhatIsNoProgramIsNamed) {
  EXPECT_TRUE(check_program(program()));
  std::ofstream(folder() / "text") << "text";
  for (const fs::path& file : {folder() / "missing", folder() / "text", folder()}) {
    const Result<void> usable = check_program(file.string());
    ASSERT_FALSE(usable);
    EXPECT_THAT(usable.error().message, HasSubstr(file.string()));
  }
}

}  // namespace
}  // namespace flikvakt::service::test
