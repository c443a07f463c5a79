#include "gateway/worker.h"

#include <spdlog/spdlog.h>

#include <boost/asio/post.hpp>

#include "gateway/errands.h"

namespace flikvakt::gateway {

Worker::Worker() : work_(context_.get_executor()) {}

void Worker::start() {
  thread_ = std::thread([this] {
    try {
      context_.run();
    } catch (const std::exception& e) {
      // Every connection catches its own; a fault that comes this far leaves the thread's state unknown.
      spdlog::critical("a gateway worker failed: {}", e.what());
      std::abort();
    }
  });
}

void Worker::drain() {
  draining_ = true;
  asio::post(context_, [this] {
    for (LiveConnection* connection : live_) {
      if (connection->idle) connection->abort();
    }
  });
}

void Worker::cut(std::uint64_t number) {
  asio::post(context_, [this, number] {
    for (LiveConnection* connection : live_) {
      if (connection->number == number) connection->abort();
    }
  });
}

bool Worker::cut_waiting(const void* listener, const std::string& source) {
  for (LiveConnection* connection : live_) {
    if (!connection->waits || connection->listener != listener || connection->source != source) continue;
    connection->waits = false;  // once
    connection->abort();
    return true;
  }
  return false;
}

void Worker::cut_all() {
  asio::post(context_, [this] {
    for (LiveConnection* connection : live_) connection->abort();
  });
}

void Worker::join() {
  work_.reset();
  context_.stop();
  if (thread_.joinable()) thread_.join();
  Errands::send_what_is_owed(context_);
}

}  // namespace flikvakt::gateway
