#include "base/cancellation.h"

#include <sys/socket.h>

namespace flikvakt {

void Cancellation::cancel() {
  const std::lock_guard lock(mutex_);
  is_cancelled_ = true;
  for (const int socket : sockets_) ::shutdown(socket, SHUT_RDWR);
}

bool Cancellation::is_cancelled() const {
  const std::lock_guard lock(mutex_);
  return is_cancelled_;
}

Cancellation::Watch::Watch(Cancellation* by, int socket) : by_(by), socket_(socket) {
  if (!by_) return;
  const std::lock_guard lock(by_->mutex_);
  by_->sockets_.push_back(socket_);
}

Cancellation::Watch::~Watch() {
  if (!by_) return;
  const std::lock_guard lock(by_->mutex_);
  std::erase(by_->sockets_, socket_);
}

}  // namespace flikvakt
