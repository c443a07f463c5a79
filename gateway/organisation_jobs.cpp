#include "gateway/organisation_jobs.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace flikvakt::gateway {

OrganisationJobs::OrganisationJobs(Bounds bounds) : bounds_(bounds) {
  for (std::size_t i = 0; i < bounds_.at_once; ++i) threads_.emplace_back([this] { work(); });
  threads_.emplace_back([this] { watch(); });
}

bool OrganisationJobs::has_room(const OrganisationId& organisation) const {
  const std::lock_guard lock(mutex_);
  const auto found = queues_.find(organisation);
  return !is_over_ && (found == queues_.end() || found->second.waiting.size() < bounds_.waiting_of_one);
}

bool OrganisationJobs::post(const OrganisationId& organisation, Job run, Job dropped) {
  const std::lock_guard lock(mutex_);
  if (is_over_) return false;
  Queue& queue = queues_[organisation];
  if (queue.waiting.size() >= bounds_.waiting_of_one) return false;
  if (queue.waiting.empty()) turns_.push_back(organisation);
  queue.waiting.push_back({std::move(run), std::move(dropped), std::chrono::steady_clock::now() + bounds_.patience});
  changed_.notify_all();
  return true;
}

// The first in turn of whom one more may run.
std::map<OrganisationId, OrganisationJobs::Queue>::iterator OrganisationJobs::next() {
  for (auto turn = turns_.begin(); turn != turns_.end(); ++turn) {
    const auto found = queues_.find(*turn);
    if (found->second.running >= bounds_.at_once_of_one) continue;
    turns_.erase(turn);
    return found;
  }
  return queues_.end();
}

void OrganisationJobs::forget_if_idle(std::map<OrganisationId, Queue>::iterator one) {
  if (one->second.waiting.empty() && one->second.running == 0) queues_.erase(one);
}

void OrganisationJobs::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    auto found = queues_.end();
    changed_.wait(lock, [&] {
      if (is_over_) return true;
      found = next();
      return found != queues_.end();
    });
    if (is_over_) return;
    Job run = std::move(found->second.waiting.front().run);
    found->second.waiting.pop_front();
    if (!found->second.waiting.empty()) turns_.push_back(found->first);
    ++found->second.running;  // nobody forgets it meanwhile
    lock.unlock();
    run();
    run = nullptr;
    lock.lock();
    --found->second.running;
    forget_if_idle(found);
    changed_.notify_all();  // one more of that organisation may run
  }
}

std::vector<OrganisationJobs::Waiting> OrganisationJobs::take_lapsed(Time now) {
  std::vector<Waiting> out;
  for (auto one = queues_.begin(); one != queues_.end();) {
    const auto following = std::next(one);
    std::deque<Waiting>& waiting = one->second.waiting;
    const std::size_t before = out.size();
    while (!waiting.empty() && (is_over_ || waiting.front().until <= now)) {
      out.push_back(std::move(waiting.front()));
      waiting.pop_front();
    }
    if (out.size() > before && waiting.empty()) turns_.remove(one->first);
    forget_if_idle(one);
    one = following;
  }
  return out;
}

// Drops what has waited too long, also while every other thread is busy.
void OrganisationJobs::watch() {
  std::unique_lock lock(mutex_);
  for (;;) {
    const std::vector<Waiting> lapsed = take_lapsed(std::chrono::steady_clock::now());
    if (!lapsed.empty()) {
      lock.unlock();
      for (const Waiting& one : lapsed) one.dropped();
      lock.lock();
      continue;
    }
    if (is_over_) return;
    std::optional<Time> first;
    for (const auto& [organisation, queue] : queues_) {
      if (!queue.waiting.empty()) first = std::min(first.value_or(Time::max()), queue.waiting.front().until);
    }
    if (first)
      changed_.wait_until(lock, *first);
    else
      changed_.wait(lock);
  }
}

void OrganisationJobs::break_off() {
  const std::lock_guard lock(mutex_);
  is_over_ = true;
  changed_.notify_all();
}

void OrganisationJobs::finish() {
  break_off();
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

}  // namespace flikvakt::gateway
