// One at a time, ended when it is told to: what reads the whole log while the gateway serves.
#include "service/log_walker.h"

#include <future>

#include "tests/service/temp_core.h"

namespace flikvakt::service::test {
namespace {

const std::function<void()> kNothing = [] {};
const std::function<void(const LogWalker::KeepOn&)> kNoWalk = [](const LogWalker::KeepOn&) {};

// SPEC RET-8
TEST(LogWalker, OneWalksAtATimeAndTheNextMayBeginWhenItsAnswerIsGiven) {
  LogWalker walker;
  std::promise<void> begun, go_on, answered;
  ASSERT_TRUE(walker.begin(
      [&](const LogWalker::KeepOn& keep_on) {
        EXPECT_TRUE(keep_on());
        begun.set_value();
        go_on.get_future().wait();
      },
      [&] { answered.set_value(); }));
  begun.get_future().wait();
  EXPECT_FALSE(walker.begin([](const LogWalker::KeepOn&) { ADD_FAILURE() << "two at a time"; },
                            [] { ADD_FAILURE() << "an answer without a walk"; }));
  go_on.set_value();
  answered.get_future().wait();
  std::promise<void> again;
  EXPECT_TRUE(walker.begin(kNoWalk, [&] { again.set_value(); })) << "whoever was answered may ask again at once";
  again.get_future().wait();
}

TEST(LogWalker, EndTellsWhoWalksAndWaitsForTheAnswer) {
  LogWalker walker;
  std::promise<void> begun;
  std::atomic<bool> is_answered = false;
  ASSERT_TRUE(walker.begin(
      [&](const LogWalker::KeepOn& keep_on) {
        begun.set_value();
        while (keep_on()) std::this_thread::sleep_for(1ms);
      },
      [&] {
        EXPECT_FALSE(walker.begin(kNoWalk, kNothing)) << "none begins meanwhile";
        std::this_thread::sleep_for(20ms);
        is_answered = true;
      }));
  begun.get_future().wait();
  walker.end();
  EXPECT_TRUE(is_answered);
  walker.end();
  std::promise<void> again;
  EXPECT_TRUE(
      walker.begin([](const LogWalker::KeepOn& keep_on) { EXPECT_TRUE(keep_on()); }, [&] { again.set_value(); }));
  again.get_future().wait();
}

TEST(LogWalker, ClosedItEndsWhoWalksAndNoneBeginsAnyMore) {
  LogWalker walker;
  std::promise<void> begun;
  std::atomic<bool> is_answered = false;
  ASSERT_TRUE(walker.begin(
      [&](const LogWalker::KeepOn& keep_on) {
        begun.set_value();
        while (keep_on()) std::this_thread::sleep_for(1ms);
      },
      [&] { is_answered = true; }));
  begun.get_future().wait();
  walker.close();
  EXPECT_TRUE(is_answered);
  for (int i = 0; i < 2; ++i) {
    EXPECT_FALSE(walker.begin([](const LogWalker::KeepOn&) { ADD_FAILURE() << "a walk"; },
                              [] { ADD_FAILURE() << "an answer without a walk"; }));
    walker.end();
    walker.close();
  }
}

TEST(LogWalker, ItsOwnEndEndsWhoWalks) {
  std::atomic<bool> is_answered = false;
  {
    LogWalker walker;
    ASSERT_TRUE(walker.begin(
        [](const LogWalker::KeepOn& keep_on) {
          while (keep_on()) std::this_thread::sleep_for(1ms);
        },
        [&] { is_answered = true; }));
  }
  EXPECT_TRUE(is_answered) << "whoever waits for it is told";
}

TEST(LogWalker, WhatIsThrownEndsNothingElse) {
  LogWalker walker;
  std::promise<void> answered;
  ASSERT_TRUE(walker.begin([](const LogWalker::KeepOn&) { throw std::bad_alloc(); },
                           [&] {
                             answered.set_value();
                             throw std::bad_alloc();
                           }));
  answered.get_future().wait();
  walker.end();
  std::promise<void> again;
  EXPECT_TRUE(walker.begin(kNoWalk, [&] { again.set_value(); }));
  again.get_future().wait();
}

}  // namespace
}  // namespace flikvakt::service::test
