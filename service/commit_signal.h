// Tells one thread beside the sequencer how long the log is now. What it costs the sequencer is a store and, when that
// thread sleeps, one write to wake it.
#pragma once

#include <atomic>
#include <cstdint>

#include "base/files.h"

namespace flikvakt::service {

class CommitSignal {
public:
  explicit CommitSignal(std::uint64_t log_size);

  // By the sequencer, after each commit and after all that follows from it.
  void tell(std::uint64_t log_size) {
    size_.store(log_size);
    if (is_awaited_.exchange(false)) wake();
  }
  void wake();  // thread-safe

  // By the one thread that follows: await(), then look at log_size() once more, then sleep until descriptor() is
  // readable, then woke().
  std::uint64_t log_size() const { return size_.load(); }
  void await() { is_awaited_.store(true); }
  int descriptor() const { return event_.get(); }
  void woke();

private:
  std::atomic<std::uint64_t> size_;
  std::atomic<bool> is_awaited_ = false;
  FileDescriptor event_;
};

}  // namespace flikvakt::service
