#include "service/job_threads.h"

#include <algorithm>

namespace flikvakt::service {

JobThreads::JobThreads(std::size_t threads, std::size_t most_waiting)
    : most_waiting_(most_waiting),
      most_waiting_on_one_(std::max<std::size_t>(most_waiting / 4, 1)),
      most_running_on_one_(std::max<std::size_t>(threads / 2, 1)) {
  for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { run(); });
}

JobThreads::~JobThreads() {
  {
    std::lock_guard lock(mutex_);
    closing_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

bool JobThreads::post(const std::string& on, std::function<void()> job) {
  {
    std::lock_guard lock(mutex_);
    const auto known = loads_.find(on);
    const std::size_t theirs = known == loads_.end() ? 0 : known->second.waiting;
    if (closing_ || jobs_.size() >= most_waiting_ || theirs >= most_waiting_on_one_) return false;
    jobs_.push_back({on, std::move(job)});
    ++loads_[on].waiting;
  }
  changed_.notify_one();
  return true;
}

std::deque<JobThreads::Job>::iterator JobThreads::next() {
  return std::ranges::find_if(jobs_,
                              [this](const Job& one) { return loads_.at(one.on).running < most_running_on_one_; });
}

void JobThreads::ended(const std::string& on) {
  {
    std::lock_guard lock(mutex_);
    const auto load = loads_.find(on);
    --load->second.running;
    if (load->second.running == 0 && load->second.waiting == 0) loads_.erase(load);
  }
  changed_.notify_one();  // what waits on the same one may begin now
}

void JobThreads::run() {
  for (;;) {
    Job job;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return closing_ || next() != jobs_.end(); });
      if (closing_) return;
      const auto found = next();
      job = std::move(*found);
      jobs_.erase(found);
      Load& load = loads_.at(job.on);
      --load.waiting;
      ++load.running;
    }
    job.work();
    job.work = {};
    ended(job.on);
  }
}

}  // namespace flikvakt::service
