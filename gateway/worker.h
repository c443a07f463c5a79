// One thread with its own io_context, and the connections that live on it.
#pragma once

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <functional>
#include <set>
#include <string>
#include <thread>

#include "gateway/async.h"

namespace flikvakt::gateway {

// A connection as its worker sees it. Touched on the worker's thread only.
struct LiveConnection {
  std::uint64_t number = 0;  // of the registry; 0 during the handshake
  bool idle = true;          // no request has begun
  bool waits = true;  // nothing is being done but waiting for the peer to send a request, or to read an answer that is
                      // no document
  const void* listener = nullptr;
  std::string source;           // as in source_of()
  std::function<void()> abort;  // its waiting operations end with an error, later
};

class Worker {
public:
  // The connection is listed for as long as this exists.
  class Membership {
  public:
    Membership(Worker& worker, LiveConnection& connection) : worker_(worker), connection_(connection) {
      worker_.live_.insert(&connection_);
    }
    Membership(const Membership&) = delete;
    Membership& operator=(const Membership&) = delete;
    ~Membership() { worker_.live_.erase(&connection_); }

  private:
    Worker& worker_;
    LiveConnection& connection_;
  };

  Worker();
  asio::io_context& context() { return context_; }
  const std::atomic<bool>& draining() const { return draining_; }

  void start();
  void drain();                    // any thread: closes idle connections; busy ones close after their answer
  void cut(std::uint64_t number);  // any thread: aborts this connection, if it is still there
  void cut_all();                  // any thread
  // This worker's thread: aborts one connection of this source on this listener that waits for its peer, if there is
  // one.
  bool cut_waiting(const void* listener, const std::string& source);
  void join();  // ends the loop with whatever still hangs in it, and the thread

private:
  std::atomic<bool> draining_ = false;
  std::set<LiveConnection*> live_;  // before the context: what that destroys leaves this list
  asio::io_context context_{1};
  asio::executor_work_guard<Executor> work_;
  std::thread thread_;
};

}  // namespace flikvakt::gateway
