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

bool JobThreads::post(const std::string& on, Urgency urgency, std::function<void()> job) {
  const auto which = static_cast<std::size_t>(urgency);
  {
    std::lock_guard lock(mutex_);
    const auto known = loads_.find(on);
    const std::size_t theirs = known == loads_.end() ? 0 : known->second.waiting[which];
    if (closing_ || jobs_[which].size() >= most_waiting_ || theirs >= most_waiting_on_one_) return false;
    jobs_[which].push_back({on, std::move(job)});
    ++loads_[on].waiting[which];
  }
  changed_.notify_one();
  return true;
}

std::optional<JobThreads::Job> JobThreads::take_next() {
  for (std::size_t which = 0; which < jobs_.size(); ++which) {
    const auto found = std::ranges::find_if(
        jobs_[which], [this](const Job& one) { return loads_.at(one.on).running < most_running_on_one_; });
    if (found == jobs_[which].end()) continue;
    Job job = std::move(*found);
    jobs_[which].erase(found);
    Load& load = loads_.at(job.on);
    --load.waiting[which];
    ++load.running;
    return job;
  }
  return std::nullopt;
}

void JobThreads::ended(const std::string& on) {
  {
    std::lock_guard lock(mutex_);
    const auto load = loads_.find(on);
    --load->second.running;
    if (load->second.running == 0 && load->second.waiting == std::array<std::size_t, 2>{}) loads_.erase(load);
  }
  changed_.notify_one();  // what waits on the same one may begin now
}

void JobThreads::run() {
  for (;;) {
    std::optional<Job> job;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return closing_ || (job = take_next()); });
      if (closing_) return;
    }
    job->work();
    job->work = {};
    ended(job->on);
  }
}

}  // namespace flikvakt::service
