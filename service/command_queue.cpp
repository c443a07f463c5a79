#include "service/command_queue.h"

#include "base/overloaded.h"

namespace flikvakt::service {
namespace {

// Fairness is between organisations (all their staff share one turn) and single people.
ByteArray<16> source_of(const policy::Actor& actor) {
  if (const auto* staff = std::get_if<policy::StaffActor>(&actor)) return staff->organisation.value();
  return actor_id(actor);
}

bool is_patient(const Command& command) {
  const auto* closing = get_if<policy::CloseReading>(&command.act);
  return closing && closing->end == policy::ReadingEnd::complete;
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

std::vector<Command> CommandQueue::push(std::vector<Command> commands) {
  std::vector<Command> refused;
  const Time now = std::chrono::steady_clock::now();
  bool urgent = false;
  {
    std::lock_guard lock(mutex_);
    const bool was_idle = waiting() == 0;
    for (Command& command : commands) {
      if (!push_one(command, now)) refused.push_back(std::move(command));
    }
    urgent = is_urgent() || was_idle;  // who waits without a time must hear of the first that is patient
  }
  if (urgent) arrived_.notify_one();
  return refused;
}

bool CommandQueue::push_one(Command& command, Time now) {
  if (closed_) return false;
  const ByteArray<16> actor = actor_id(command.actor);
  const Source source = source_of(command.actor);
  if (policy::direction_of(command.act) == policy::Direction::narrowing) {
    promote_earlier_of(actor, source);
    narrowing_.push_back({std::move(command), actor});
    return true;
  }
  std::deque<Waiting>& own = ordinary_[source];
  // What the gateway itself owes the log (closings) is never turned away.
  const bool is_owed = std::holds_alternative<policy::SystemActor>(command.actor);
  if (!is_owed && own.size() >= limits_.per_source) return false;
  if (is_patient(command) && patient_count_++ == 0) patient_since_ = now;
  own.push_back({std::move(command), actor});
  ++ordinary_count_;
  return true;
}

void CommandQueue::promote_earlier_of(const ByteArray<16>& actor, const Source& source) {
  auto found = ordinary_.find(source);
  if (found == ordinary_.end()) return;
  std::deque<Waiting> others;
  for (Waiting& waiting : found->second) {
    if (waiting.actor == actor) {
      if (is_patient(waiting.command)) --patient_count_;
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
  while (!is_urgent()) {
    const Time until = patient_count_ > 0 ? std::min(deadline, patient_since_ + limits_.patience) : deadline;
    if (arrived_.wait_until(lock, until) == std::cv_status::timeout) break;
  }
  is_nudged_ = false;
  std::vector<Command> batch;
  for (; !narrowing_.empty() && batch.size() < limits_.batch; narrowing_.pop_front()) {
    batch.push_back(std::move(narrowing_.front().command));
  }
  while (ordinary_count_ > 0 && batch.size() < limits_.batch) {
    auto next = ordinary_.upper_bound(last_served_);
    if (next == ordinary_.end()) next = ordinary_.begin();
    last_served_ = next->first;
    if (is_patient(next->second.front().command)) --patient_count_;
    batch.push_back(std::move(next->second.front().command));
    next->second.pop_front();
    --ordinary_count_;
    if (next->second.empty()) ordinary_.erase(next);
  }
  return batch;
}

void CommandQueue::nudge() {
  {
    const std::lock_guard lock(mutex_);
    is_nudged_ = true;
  }
  arrived_.notify_one();
}

void CommandQueue::close() {
  {
    std::lock_guard lock(mutex_);
    closed_ = true;
  }
  arrived_.notify_all();
}

std::size_t CommandQueue::size() const {
  const std::lock_guard lock(mutex_);
  return waiting();
}

bool CommandQueue::is_drained() const {
  std::lock_guard lock(mutex_);
  return closed_ && waiting() == 0;
}

}  // namespace flikvakt::service
