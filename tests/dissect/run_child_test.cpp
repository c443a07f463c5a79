// The child from outside: whatever it does costs its own file only, and nothing of it is left.
#include "partition/run_child.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cerrno>
#include <future>

#include "partition/limits.h"
#include "tests/dissect/orders.h"

namespace flikvakt::partition {
namespace {

using namespace std::chrono_literals;
using dissect::order_of;

const ChildProgram kReal{FLIKVAKT_PARTITION_BINARY, {}, 0ms};
const ChildProgram kFaulty{FLIKVAKT_FAULTY_CHILD, {}, 5s};

partition::Run run(const ChildProgram& program, std::string_view file) {
  Result<partition::Run> done = run_child(program, order_of("text/plain"), as_bytes(file));
  EXPECT_TRUE(done) << done.error().message;
  return done ? std::move(*done) : partition::Run{};
}

std::string word(std::string_view file) {
  const partition::Run done = run(kFaulty, file);
  return done.outcome.report.contents.empty() ? done.cause : done.outcome.report.contents.front().name;
}

bool has_children() { return waitpid(-1, nullptr, WNOHANG) >= 0 || errno != ECHILD; }

RefusalReason refusal(const ChildProgram& program, std::string_view file) {
  const partition::Run done = run(program, file);
  EXPECT_TRUE(done.outcome.report.refusal) << file;
  EXPECT_NE(done.cause, "") << file;
  EXPECT_TRUE(done.outcome.bytes.empty());
  EXPECT_FALSE(has_children()) << file;
  return done.outcome.report.refusal ? done.outcome.report.refusal->reason : RefusalReason::malware;
}

TEST(RunChild, AnswersWithParts) {
  const partition::Run done = run(kReal, "Hej.\n");
  EXPECT_FALSE(done.outcome.report.refusal);
  EXPECT_EQ(done.cause, "");
  ASSERT_EQ(done.outcome.bytes.size(), 1u);
  EXPECT_EQ(as_text(done.outcome.bytes.front().document), "Hej.\n");
  EXPECT_FALSE(has_children());
}

TEST(RunChild, ARefusalIsAnAnswer) {
  const partition::Run done = run(kReal, std::string_view("a\0b", 3));
  ASSERT_TRUE(done.outcome.report.refusal);
  EXPECT_EQ(done.outcome.report.refusal->reason, RefusalReason::mislabelled);
  EXPECT_EQ(done.cause, "");
}

TEST(RunChild, SaysSoWhenThereIsNoProgram) {
  const Result<partition::Run> none =
      run_child({"/nonexistent/flikvakt-partition", {}, 0ms}, order_of("text/plain"), {});
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, ErrorCode::unavailable);
  EXPECT_FALSE(has_children());
}

TEST(RunChild, AWrongOrderIsRefusedBeforeAnythingIsStarted) {
  Order order = order_of("text/plain");
  order.token_seed = "short";
  const Result<partition::Run> none = run_child(kReal, order, {});
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, ErrorCode::invalid);
}

// SPEC PART-46, PART-55
TEST(RunChild, OneThatCannotShutItselfInIsNoAnswerAboutTheFile) {
  for (const char* how : {"exit 2", "exit 3", "exit 127"}) {
    const Result<partition::Run> none = run_child(kFaulty, order_of("text/plain"), as_bytes(std::string_view(how)));
    ASSERT_FALSE(none) << how;
    EXPECT_EQ(none.error().code, ErrorCode::unavailable) << how;
    EXPECT_FALSE(has_children()) << how;
  }
  EXPECT_EQ(refusal(kFaulty, "exit 1"), RefusalReason::damaged);
  EXPECT_EQ(refusal(kFaulty, "exit 4"), RefusalReason::too_costly) << "no memory was left";
}

// SPEC PART-43, PART-46
TEST(RunChild, ACrashIsADamagedFile) {
  for (const char* how : {"crash", "abort", "exit", "garbage"})
    EXPECT_EQ(refusal(kFaulty, how), RefusalReason::damaged) << how;
}

// SPEC PART-43, PART-44, PART-46
TEST(RunChild, AChildThatHangsFloodsOrIsMuteIsEnded) {
  ChildProgram impatient = kFaulty;
  impatient.most_wall = 300ms;
  EXPECT_EQ(refusal(impatient, "hang"), RefusalReason::too_costly);
  EXPECT_EQ(refusal(impatient, "spin"), RefusalReason::too_costly);
  EXPECT_EQ(refusal(kFaulty, "flood"), RefusalReason::too_costly);
  EXPECT_EQ(refusal(kFaulty, "mute"), RefusalReason::too_costly);
}

// SPEC PART-40
TEST(RunChild, AChildThatEatsMemoryIsEnded) { EXPECT_EQ(refusal(kFaulty, "eat"), RefusalReason::too_costly); }

// SPEC PART-41
TEST(RunChild, TheChildCannotReachOut) {
  if (FLIKVAKT_SANITIZED) GTEST_SKIP() << "sanitizers need what the filter forbids";
  for (const char* how : {"open", "ask about", "ask about as of a descriptor"}) {
    EXPECT_EQ(word(how), std::to_string(EACCES)) << how;
  }
  for (const char* how : {"socket", "fork", "execute", "code", "kill the parent"}) {
    EXPECT_THAT(word(how), testing::HasSubstr("ended by signal 31")) << how;  // SIGSYS
  }
}

// SPEC PART-42
TEST(RunChild, TheChildHasTwoPipesAndNoEnvironment) {
  EXPECT_EQ(word("environment"), "empty");
  EXPECT_EQ(word("descriptors"), "0 1 2 ");
}

TEST(RunChild, OneThatCrashesTakesNoOtherWithIt) {
  std::vector<std::future<partition::Run>> runs;
  for (int i = 0; i < 6; ++i) {
    runs.push_back(std::async(std::launch::async, [i] { return i % 2 ? run(kFaulty, "crash") : run(kReal, "text"); }));
  }
  for (int i = 0; i < 6; ++i) {
    const partition::Run done = runs[static_cast<std::size_t>(i)].get();
    EXPECT_EQ(done.outcome.report.refusal.has_value(), i % 2 == 1) << i;
  }
  EXPECT_FALSE(has_children());
}

TEST(RunChild, AFileOverTheLimitIsNotSent) {
  const Bytes large(kMostInputBytes + 1);
  const Result<partition::Run> done = run_child(kReal, order_of("text/plain"), large);
  ASSERT_TRUE(done);
  ASSERT_TRUE(done->outcome.report.refusal);
  EXPECT_EQ(done->outcome.report.refusal->reason, RefusalReason::too_large);
}

}  // namespace
}  // namespace flikvakt::partition
