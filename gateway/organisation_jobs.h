// Jobs that take long, of organisations that take turns: so many run at once, so many of one, and each organisation has
// a queue of its own with a bound and a deadline. Whatever one of them sends, the others are served. Thread-safe.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "base/ids.h"

namespace flikvakt::gateway {

class OrganisationJobs {
public:
  struct Bounds {
    std::size_t at_once = 1;                     // of all
    std::size_t at_once_of_one = 1;              // organisation
    std::size_t waiting_of_one = 16;             // the same, besides those that run
    std::chrono::milliseconds patience{60'000};  // a job that has not begun by then is dropped
  };
  using Job = std::function<void()>;

  explicit OrganisationJobs(Bounds bounds);
  ~OrganisationJobs() { finish(); }

  // Would one more be taken? Asked before something large is taken in for it; it may have changed afterwards.
  bool has_room(const OrganisationId& organisation) const;
  // One of the two is called, once, on another thread. False: neither, since there is no room.
  bool post(const OrganisationId& organisation, Job run, Job dropped);
  // What waits is dropped, and nothing is taken any more. finish() also waits for what runs.
  void break_off();
  void finish();

private:
  using Time = std::chrono::steady_clock::time_point;
  struct Waiting {
    Job run;
    Job dropped;
    Time until;
  };
  struct Queue {
    std::deque<Waiting> waiting;  // the oldest first, which is the first to lapse
    std::size_t running = 0;
  };

  void work();
  void watch();
  // Under the lock:
  std::map<OrganisationId, Queue>::iterator next();
  std::vector<Waiting> take_lapsed(Time now);
  void forget_if_idle(std::map<OrganisationId, Queue>::iterator one);

  const Bounds bounds_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<OrganisationId, Queue> queues_;  // of those that have jobs
  std::list<OrganisationId> turns_;         // of those that have some waiting: whose turn is first
  bool is_over_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace flikvakt::gateway
