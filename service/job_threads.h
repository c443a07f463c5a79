// Threads for what may wait on somebody else: jobs in the order in which they came, some at a time. Thread-safe.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace flikvakt::service {

class JobThreads {
public:
  explicit JobThreads(std::size_t threads, std::size_t most_waiting);
  ~JobThreads();  // after the jobs that run; those that wait are dropped, and with them what they hold

  // False: too many wait already, and the job was not taken.
  [[nodiscard]] bool post(std::function<void()> job);

private:
  void run();

  const std::size_t most_waiting_;
  std::mutex mutex_;
  std::condition_variable posted_;
  std::deque<std::function<void()>> jobs_;
  bool closing_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace flikvakt::service
