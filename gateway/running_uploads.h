// Which deposits are being filled right now: one upload each. Thread-safe.
#pragma once

#include <memory>
#include <mutex>
#include <set>

#include "base/ids.h"

namespace flikvakt::gateway {

class RunningUploads {
public:
  // Gives its place back when destroyed; must not outlive the RunningUploads.
  class Place {
  public:
    Place(RunningUploads& uploads, const DepositId& deposit) : uploads_(uploads), deposit_(deposit) {}
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    ~Place() {
      const std::lock_guard lock(uploads_.mutex_);
      uploads_.running_.erase(deposit_);
    }

  private:
    RunningUploads& uploads_;
    DepositId deposit_;
  };

  std::unique_ptr<Place> enter(const DepositId& deposit) {  // nullptr: one runs
    const std::lock_guard lock(mutex_);
    return running_.insert(deposit).second ? std::make_unique<Place>(*this, deposit) : nullptr;
  }

private:
  std::mutex mutex_;
  std::set<DepositId> running_;
};

}  // namespace flikvakt::gateway
