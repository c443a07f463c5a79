// Lets one thread end what another waits for on its socket: connecting, sending and receiving then fail at once.
// Thread-safe.
#pragma once

#include <mutex>
#include <utility>
#include <vector>

namespace flikvakt {

class Cancellation {
public:
  void cancel();  // for good: whoever asks afterwards is told, too
  bool is_cancelled() const;

  // While it exists cancel() shuts the socket down. It must go before the descriptor is closed.
  class Watch {
  public:
    Watch() = default;
    Watch(Cancellation* by, int socket);  // nullptr: nobody cancels
    Watch(Watch&& other) noexcept : by_(std::exchange(other.by_, nullptr)), socket_(other.socket_) {}
    Watch& operator=(Watch&& other) noexcept {
      std::swap(by_, other.by_);
      std::swap(socket_, other.socket_);
      return *this;
    }
    ~Watch();
    bool is_cancelled() const { return by_ && by_->is_cancelled(); }

  private:
    Cancellation* by_ = nullptr;
    int socket_ = -1;
  };

private:
  mutable std::mutex mutex_;
  std::vector<int> sockets_;
  bool is_cancelled_ = false;
};

}  // namespace flikvakt
