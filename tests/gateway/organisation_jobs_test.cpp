// Jobs by turns of organisations. Nothing here looks at a time: what must wait is held until it is let go.
#include "gateway/organisation_jobs.h"

#include <gmock/gmock.h>

#include <atomic>
#include <future>

#include "crypto/random.h"

namespace flikvakt::gateway {
namespace {

using namespace std::chrono_literals;

// Jobs that hold their thread until it lets them go.
class Holding {
public:
  ~Holding() { let_go(); }
  OrganisationJobs::Job job() {
    return [this] {
      ++begun_;
      begun_.notify_all();
      gone_.wait(false);
    };
  }
  void wait_for(int jobs) {
    for (int seen = begun_; seen < jobs; seen = begun_) begun_.wait(seen);
  }
  void let_go() {
    gone_ = true;
    gone_.notify_all();
  }

private:
  std::atomic<int> begun_ = 0;
  std::atomic<bool> gone_ = false;
};

const OrganisationId kOne = crypto::random_id<OrganisationId>(), kOther = crypto::random_id<OrganisationId>();
const OrganisationJobs::Job kNothing = [] {};

// SPEC PART-64
TEST(OrganisationJobs, OneOrganisationsJobsDoNotHoldUpAnothers) {
  Holding holding;
  OrganisationJobs jobs({3, 2, 16, 24h});
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(jobs.post(kOne, holding.job(), kNothing));
  holding.wait_for(2);
  std::promise<void> done;
  ASSERT_TRUE(jobs.post(
      kOther, [&] { done.set_value(); }, kNothing));
  done.get_future().get();  // while two of the other's run and three wait
  holding.let_go();
}

TEST(OrganisationJobs, OrganisationsTakeTurns) {
  Holding holding;
  std::vector<std::string> order;
  std::promise<void> last;
  {
    OrganisationJobs jobs({1, 1, 16, 24h});
    jobs.post(kOne, holding.job(), kNothing);
    holding.wait_for(1);
    jobs.post(
        kOne, [&] { order.push_back("one"); }, kNothing);
    jobs.post(
        kOne,
        [&] {
          order.push_back("one again");
          last.set_value();
        },
        kNothing);
    jobs.post(
        kOther, [&] { order.push_back("other"); }, kNothing);
    holding.let_go();
    last.get_future().get();
  }
  EXPECT_EQ(order, (std::vector<std::string>{"one", "other", "one again"}));
}

// SPEC PART-64
TEST(OrganisationJobs, MoreThanItsShareIsNotTakenOfOneAndIsOfAnother) {
  Holding holding;
  OrganisationJobs jobs({1, 1, 2, 24h});
  ASSERT_TRUE(jobs.post(kOne, holding.job(), kNothing));
  holding.wait_for(1);
  EXPECT_TRUE(jobs.post(kOne, kNothing, kNothing));
  EXPECT_TRUE(jobs.has_room(kOne));
  EXPECT_TRUE(jobs.post(kOne, kNothing, kNothing));
  EXPECT_FALSE(jobs.has_room(kOne));
  EXPECT_FALSE(jobs.post(kOne, kNothing, kNothing));
  EXPECT_TRUE(jobs.has_room(kOther));
  EXPECT_TRUE(jobs.post(kOther, kNothing, kNothing));
  holding.let_go();
}

// SPEC PART-64
TEST(OrganisationJobs, WhatWaitsTooLongIsDroppedThoughNothingEnds) {
  Holding holding;
  OrganisationJobs jobs({1, 1, 16, 20ms});
  const auto begins = [&] {
    std::promise<bool> begun;
    jobs.post(
        kOne,
        [&, hold = holding.job()] {
          begun.set_value(true);
          hold();
        },
        [&] { begun.set_value(false); });
    return begun.get_future().get();
  };
  while (!begins()) {  // the machine was busy: dropped before it began
  }
  holding.wait_for(1);
  std::promise<bool> dropped;
  jobs.post(
      kOther, [&] { dropped.set_value(false); }, [&] { dropped.set_value(true); });
  EXPECT_TRUE(dropped.get_future().get());
  holding.let_go();
}

TEST(OrganisationJobs, AtTheEndWhatWaitsIsDroppedAndWhatRunsIsWaitedFor) {
  Holding holding;
  OrganisationJobs jobs({1, 1, 16, 24h});
  jobs.post(kOne, holding.job(), kNothing);
  holding.wait_for(1);
  std::promise<bool> dropped;
  jobs.post(
      kOne, [&] { dropped.set_value(false); }, [&] { dropped.set_value(true); });
  std::jthread ending([&] { jobs.finish(); });
  EXPECT_TRUE(dropped.get_future().get());
  EXPECT_FALSE(jobs.post(kOther, kNothing, kNothing));
  EXPECT_FALSE(jobs.has_room(kOther));
  holding.let_go();
}

}  // namespace
}  // namespace flikvakt::gateway
