#include "service/job_threads.h"

namespace flikvakt::service {

JobThreads::JobThreads(std::size_t threads, std::size_t most_waiting) : most_waiting_(most_waiting) {
  for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { run(); });
}

JobThreads::~JobThreads() {
  {
    std::lock_guard lock(mutex_);
    closing_ = true;
  }
  posted_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

bool JobThreads::post(std::function<void()> job) {
  {
    std::lock_guard lock(mutex_);
    if (closing_ || jobs_.size() >= most_waiting_) return false;
    jobs_.push_back(std::move(job));
  }
  posted_.notify_one();
  return true;
}

void JobThreads::run() {
  for (;;) {
    std::function<void()> job;
    {
      std::unique_lock lock(mutex_);
      posted_.wait(lock, [this] { return closing_ || !jobs_.empty(); });
      if (closing_) return;
      job = std::move(jobs_.front());
      jobs_.pop_front();
    }
    job();
  }
}

}  // namespace flikvakt::service
