// Reads the whole log, long as it may take, while the gateway serves: for one who asks at a time, on a thread of its
// own, so that nothing else that reads the log (service/log_reader.h) waits for it. Thread-safe.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

namespace flikvakt::service {

class LogWalker {
public:
  // Asked again and again by whoever walks. False: end now.
  using KeepOn = std::function<bool()>;

  LogWalker() : thread_([this] { run(); }) {}
  ~LogWalker();  // as end(), for good
  LogWalker(const LogWalker&) = delete;
  LogWalker& operator=(const LogWalker&) = delete;

  // `walk`, and then `after`, before which another one may begin. False: somebody else walks, or it is being ended;
  // neither is called. What they throw is logged.
  [[nodiscard]] bool begin(std::function<void(const KeepOn&)> walk, std::function<void()> after);
  // Tells whoever walks to end, and waits until nobody does and each `after` has returned. None begins meanwhile.
  void end();
  // The same, and none begins any more.
  void close();

private:
  struct Job {
    std::function<void(const KeepOn&)> walk;
    std::function<void()> after;
  };
  void run();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<Job> next_;
  bool is_walking_ = false;    // or about to
  bool is_answering_ = false;  // calls `after`
  int ending_ = 0;             // how many wait in end()
  bool is_closed_ = false;
  bool closing_ = false;  // its own end
  std::atomic<bool> keep_on_ = true;
  std::thread thread_;  // last: it uses all the others
};

}  // namespace flikvakt::service
