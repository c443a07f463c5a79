// Jobs that wait on somebody else: who does not answer keeps nobody from another.
#include "service/job_threads.h"

#include <gtest/gtest.h>

#include <future>

namespace flikvakt::service::test {
namespace {

class Jobs : public testing::Test {
protected:
  void TearDown() override {
    if (!is_open_) open();
  }
  void open() {
    is_open_ = true;
    gate_.set_value();
  }
  // Waits until it is let go; tells when it has begun.
  void hang_on(const std::string& on) {
    std::promise<void> begun;
    std::future<void> has_begun = begun.get_future();
    begun_.push_back(std::move(has_begun));
    auto told = std::make_shared<std::promise<void>>(std::move(begun));
    ASSERT_TRUE(jobs_->post(on, JobThreads::Urgency::after, [this, told] {
      told->set_value();
      let_go_.wait();
    }));
  }
  std::future<void> work_on(const std::string& on) {
    auto done = std::make_shared<std::promise<void>>();
    EXPECT_TRUE(jobs_->post(on, JobThreads::Urgency::after, [done] { done->set_value(); }));
    return done->get_future();
  }
  static bool is_done(std::future<void>& one) {
    return one.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
  }

  bool is_open_ = false;
  std::promise<void> gate_;
  std::shared_future<void> let_go_ = gate_.get_future().share();
  std::vector<std::future<void>> begun_;
  std::unique_ptr<JobThreads> jobs_ = std::make_unique<JobThreads>(4, 16);
};

// SPEC OIDC-34
TEST_F(Jobs, OneThatDoesNotAnswerKeepsNobodyFromAnother) {
  for (int i = 0; i < 4; ++i) hang_on("hangs");
  begun_[0].wait();
  begun_[1].wait();
  for (const char* other : {"a", "b", "a"}) work_on(other).wait();  // or the test never ends
  EXPECT_FALSE(is_done(begun_[2])) << "the third waits for one of the two";
  open();
  begun_[2].wait();
  begun_[3].wait();
}

TEST_F(Jobs, OneTakesAQuarterOfThePlacesAndAllTogetherAllOfThem) {
  for (int i = 0; i < 2; ++i) hang_on("hangs");  // these run
  begun_[0].wait();
  begun_[1].wait();
  for (int i = 0; i < 4; ++i) hang_on("hangs");  // these wait
  EXPECT_FALSE(jobs_->post("hangs", JobThreads::Urgency::after, [] {}));
  for (const char* on : {"a", "b", "c"}) {
    hang_on(on);
    hang_on(on);
  }
  begun_[6].wait();
  begun_[7].wait();  // all four are busy
  int taken = 0;
  for (int i = 0; i < 20; ++i) taken += jobs_->post("d" + std::to_string(i), JobThreads::Urgency::after, [] {});
  EXPECT_EQ(taken, 8) << "sixteen wait, eight of them from before";
}

TEST_F(Jobs, AreDoneInTheOrderInWhichTheyCame) {
  std::string order;
  std::mutex mutex;
  JobThreads one(1, 16);
  std::promise<void> last;
  for (const char name : {'a', 'b', 'c'}) {
    ASSERT_TRUE(one.post("somebody", JobThreads::Urgency::after, [&, name] {
      std::lock_guard lock(mutex);
      order += name;
      if (name == 'c') last.set_value();
    }));
  }
  last.get_future().wait();
  EXPECT_EQ(order, "abc");
}

// SPEC OIDC-37
TEST_F(Jobs, WhatIsUrgentGoesFirstAndHasPlacesOfItsOwn) {
  using enum JobThreads::Urgency;
  std::string order;
  std::promise<void> has_begun, all_done;
  const auto noted = [&](char name) {
    return [&, name] {
      order += name;
      if (order.size() == 6) all_done.set_value();
    };
  };
  JobThreads one(1, 16);
  ASSERT_TRUE(one.post("somebody", after, [&] {
    has_begun.set_value();
    let_go_.wait();
  }));
  has_begun.get_future().wait();
  for (const char name : {'a', 'b', 'c', 'd'}) ASSERT_TRUE(one.post("somebody", after, noted(name)));
  EXPECT_FALSE(one.post("somebody", after, [] {})) << "no place is left of those";
  ASSERT_TRUE(one.post("somebody", first, noted('1')));
  ASSERT_TRUE(one.post("somebody", first, noted('2')));
  open();
  all_done.get_future().wait();
  EXPECT_EQ(order, "12abcd");
}

}  // namespace
}  // namespace flikvakt::service::test
