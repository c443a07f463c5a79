// Counts, while the gateway serves, each month that has ended: on a thread of its own with the lowest priority, seldom,
// and beside everything that serves. A damaged file, or a log that cannot be read, costs figures and nothing else.
#pragma once

#include <condition_variable>
#include <thread>

#include "service/core.h"

namespace flikvakt::service {

class FiguresKeeper {
public:
  struct Options {
    std::chrono::milliseconds pause = std::chrono::minutes(10);  // between two looks whether a month is over
  };
  FiguresKeeper(Core& core, Options options);  // `core` outlives it
  explicit FiguresKeeper(Core& core) : FiguresKeeper(core, Options()) {}
  ~FiguresKeeper();
  void stop();  // waits for one piece of reading at most
  FiguresKeeper(const FiguresKeeper&) = delete;
  FiguresKeeper& operator=(const FiguresKeeper&) = delete;

private:
  void run();
  Result<void> count();
  bool sleep();  // false: stop

  Core& core_;
  const Options options_;
  std::mutex mutex_;
  std::condition_variable stopped_;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

}  // namespace flikvakt::service
