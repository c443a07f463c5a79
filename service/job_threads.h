// Threads for what may wait on somebody else: jobs in the order in which they came, some at a time; of those that wait,
// the urgent ones go first, and they have places of their own. Each says on whom it waits, so that who does not answer
// keeps busy at most half of the threads, and a quarter of the places of each kind. Thread-safe.
#pragma once

#include <array>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace flikvakt::service {

class JobThreads {
public:
  enum class Urgency { first, after };

  // `most_waiting`: of each urgency.
  explicit JobThreads(std::size_t threads, std::size_t most_waiting);
  ~JobThreads();  // after the jobs that run; those that wait are dropped, and with them what they hold

  // `on`: whom the job waits on. False: too many wait already, and the job was not taken.
  [[nodiscard]] bool post(const std::string& on, Urgency urgency, std::function<void()> job);

private:
  struct Job {
    std::string on;
    std::function<void()> work;
  };
  struct Load {
    std::size_t running = 0;
    std::array<std::size_t, 2> waiting{};  // by urgency
  };
  void run();
  std::optional<Job> take_next();  // that may begin; with the mutex held
  void ended(const std::string& on);

  const std::size_t most_waiting_, most_waiting_on_one_, most_running_on_one_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::array<std::deque<Job>, 2> jobs_;  // by urgency
  std::map<std::string, Load> loads_;    // of those on whom somebody waits
  bool closing_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace flikvakt::service
