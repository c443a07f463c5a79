// Jobs that wait for the log reader, counted for as long as they exist, so that their number stays bounded: of all, or
// one for each key. Thread-safe.
#pragma once

#include <atomic>
#include <cstddef>
#include <mutex>
#include <set>
#include <string>

namespace flikvakt::gateway {

class WaitingPlace {
public:
  explicit WaitingPlace(std::atomic<std::size_t>& waiting) : waiting_(waiting), before_(waiting++) {}
  WaitingPlace(const WaitingPlace&) = delete;
  WaitingPlace& operator=(const WaitingPlace&) = delete;
  ~WaitingPlace() { --waiting_; }
  bool is_beyond(std::size_t most) const { return before_ >= most; }

private:
  std::atomic<std::size_t>& waiting_;
  const std::size_t before_;
};

// Who has a job that waits.
class Turns {
private:
  friend class OwnTurn;
  std::mutex mutex_;
  std::set<std::string> taken_;
};

class OwnTurn {
public:
  OwnTurn(Turns& turns, std::string key) : turns_(turns), key_(std::move(key)) {
    const std::lock_guard lock(turns_.mutex_);
    is_free_ = turns_.taken_.insert(key_).second;
  }
  OwnTurn(const OwnTurn&) = delete;
  OwnTurn& operator=(const OwnTurn&) = delete;
  ~OwnTurn() {
    if (!is_free_) return;
    const std::lock_guard lock(turns_.mutex_);
    turns_.taken_.erase(key_);
  }
  bool is_free() const { return is_free_; }  // false: another job of that key waits

private:
  Turns& turns_;
  const std::string key_;
  bool is_free_ = false;
};

}  // namespace flikvakt::gateway
