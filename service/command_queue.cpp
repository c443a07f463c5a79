#include "service/command_queue.h"

#include "base/overloaded.h"

namespace flikvakt::service {
namespace {

// Fairness is between organisations (all their staff share one turn) and single people.
ByteArray<16> source_of(const policy::Actor& actor) {
  if (const auto* staff = std::get_if<policy::StaffActor>(&actor)) return staff->organisation.value();
  return actor_id(actor);
}

}  // namespace

ByteArray<16> actor_id(const policy::Actor& actor) {
  return std::visit(Overloaded{
                        [](const policy::PersonActor& person) { return person.person.value(); },
                        [](const policy::StaffActor& staff) { return staff.staff.value(); },
                        [](const policy::AdministratorActor& admin) { return admin.administrator.value(); },
                        [](const policy::SystemActor&) { return ByteArray<16>{}; },
                    },
                    actor);
}

Push CommandQueue::push(Command& command) {
  const bool narrows = policy::direction_of(command.act) == policy::Direction::narrowing;
  const ByteArray<16> actor = actor_id(command.actor);
  const Source source = source_of(command.actor);
  {
    std::lock_guard lock(mutex_);
    if (closed_) return Push::closed;
    if (narrows) {
      promote_earlier_of(actor, source);
      narrowing_.push_back({std::move(command), actor});
    } else {
      std::deque<Waiting>& own = ordinary_[source];
      // What the gateway itself owes the log (closings) is never turned away.
      const bool is_owed = std::holds_alternative<policy::SystemActor>(command.actor);
      if (!is_owed && own.size() >= limits_.per_source) return Push::full;
      own.push_back({std::move(command), actor});
      ++ordinary_count_;
    }
  }
  arrived_.notify_one();
  return Push::queued;
}

void CommandQueue::promote_earlier_of(const ByteArray<16>& actor, const Source& source) {
  auto found = ordinary_.find(source);
  if (found == ordinary_.end()) return;
  std::deque<Waiting> others;
  for (Waiting& waiting : found->second) {
    if (waiting.actor == actor) {
      narrowing_.push_back(std::move(waiting));
      --ordinary_count_;
    } else {
      others.push_back(std::move(waiting));
    }
  }
  if (others.empty())
    ordinary_.erase(found);
  else
    found->second = std::move(others);
}

std::vector<Command> CommandQueue::take(std::chrono::steady_clock::time_point deadline) {
  std::unique_lock lock(mutex_);
  arrived_.wait_until(lock, deadline, [&] { return closed_ || waiting() > 0; });
  std::vector<Command> batch;
  for (; !narrowing_.empty() && batch.size() < limits_.batch; narrowing_.pop_front()) {
    batch.push_back(std::move(narrowing_.front().command));
  }
  while (ordinary_count_ > 0 && batch.size() < limits_.batch) {
    auto next = ordinary_.upper_bound(last_served_);
    if (next == ordinary_.end()) next = ordinary_.begin();
    last_served_ = next->first;
    batch.push_back(std::move(next->second.front().command));
    next->second.pop_front();
    --ordinary_count_;
    if (next->second.empty()) ordinary_.erase(next);
  }
  return batch;
}

void CommandQueue::close() {
  {
    std::lock_guard lock(mutex_);
    closed_ = true;
  }
  arrived_.notify_all();
}

bool CommandQueue::is_drained() const {
  std::lock_guard lock(mutex_);
  return closed_ && waiting() == 0;
}

}  // namespace flikvakt::service
