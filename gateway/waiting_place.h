// One of the jobs that wait for the log reader, counted for as long as it exists, so that their number stays bounded.
#pragma once

#include <atomic>
#include <cstddef>

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

}  // namespace flikvakt::gateway
