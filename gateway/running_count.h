// How many connections are running, so that a stop can wait for them. Thread-safe.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>

namespace flikvakt::gateway {

class RunningCount {
public:
  class Token {
  public:
    explicit Token(RunningCount& count) : count_(&count) { count.change(1); }
    Token(Token&& other) noexcept : count_(std::exchange(other.count_, nullptr)) {}
    Token& operator=(Token&&) = delete;
    ~Token() {
      if (count_) count_->change(-1);
    }

  private:
    RunningCount* count_;
  };

  bool wait_for_none(std::chrono::milliseconds patience) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, patience, [this] { return running_ == 0; });
  }

private:
  void change(int by) {
    const std::lock_guard lock(mutex_);
    running_ += by;
    changed_.notify_all();
  }
  std::mutex mutex_;
  std::condition_variable changed_;
  int running_ = 0;
};

}  // namespace flikvakt::gateway
