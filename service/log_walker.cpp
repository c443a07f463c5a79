#include "service/log_walker.h"

#include <spdlog/spdlog.h>

#include <utility>

namespace flikvakt::service {
namespace {

// Memory: nobody else's reading ends with it.
template <class Fn>
void guarded(Fn&& run) {
  try {
    run();
  } catch (const std::exception& error) {
    spdlog::error("reading the whole log failed: {}", error.what());
  }
}

}  // namespace

LogWalker::~LogWalker() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
    keep_on_ = false;
  }
  changed_.notify_all();
  thread_.join();
}

bool LogWalker::begin(std::function<void(const KeepOn&)> walk, std::function<void()> after) {
  {
    const std::lock_guard lock(mutex_);
    if (is_walking_ || ending_ > 0 || is_closed_ || closing_) return false;
    is_walking_ = true;
    keep_on_ = true;
    next_.emplace(Job{std::move(walk), std::move(after)});
  }
  changed_.notify_all();
  return true;
}

void LogWalker::end() {
  std::unique_lock lock(mutex_);
  ++ending_;
  keep_on_ = false;
  changed_.wait(lock, [this] { return !is_walking_ && !is_answering_; });
  --ending_;
}

void LogWalker::close() {
  {
    const std::lock_guard lock(mutex_);
    is_closed_ = true;
  }
  end();
}

void LogWalker::run() {
  for (;;) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return closing_ || next_; });
    if (!next_) return;
    std::optional<Job> job = std::exchange(next_, std::nullopt);
    is_answering_ = true;
    lock.unlock();
    guarded([&] { job->walk([this] { return keep_on_.load(); }); });
    lock.lock();
    is_walking_ = false;
    lock.unlock();
    guarded(job->after);
    job.reset();  // what it holds may be of somebody who waits in end()
    lock.lock();
    is_answering_ = false;
    lock.unlock();
    changed_.notify_all();
  }
}

}  // namespace flikvakt::service
