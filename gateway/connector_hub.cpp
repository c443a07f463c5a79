#include "gateway/connector_hub.h"

#include <algorithm>

#include "crypto/random.h"
#include "gateway/await_callback.h"

namespace flikvakt::gateway {
namespace {

using Steady = std::chrono::steady_clock;

}  // namespace

ConnectorHub::ConnectorHub(service::Core& core) : core_(core) {
  core_.directory().on_source_requests([this] {
    const std::lock_guard lock(mutex_);
    asked_ = true;
    changed_.notify_all();
  });
  thread_ = std::thread([this] { run(); });
}

ConnectorHub::~ConnectorHub() {
  core_.directory().on_source_requests(nullptr);
  break_off();
  thread_.join();
}

std::vector<policy::SourceRequest> ConnectorHub::requests_for(const OrganisationId& organisation,
                                                              const std::set<RequestId>& known) const {
  std::vector<policy::SourceRequest> out = core_.directory().source_requests_at(organisation);
  std::erase_if(out, [&](const policy::SourceRequest& one) { return known.contains(one.id); });
  if (out.size() > kMostRequestsAtOnce) out.resize(kMostRequestsAtOnce);
  return out;
}

ConnectorHub::Work ConnectorHub::take_work(const ConnectorCaller& caller, const std::set<RequestId>& known) {
  Work out;
  out.requests = requests_for(caller.organisation, known);
  const std::lock_guard lock(mutex_);
  Seen& seen = seen_[caller.id];
  seen.last = core_.clock().wall();
  seen.steady = core_.clock().steady();
  for (const auto& pending : seen.calls) {
    if (pending->is_taken || out.calls.size() == kMostCallsAtOnce) continue;
    pending->is_taken = true;
    out.calls.push_back(pending->call);
  }
  return out;
}

// SPEC CONN-20, CONN-21
Awaitable<ConnectorHub::Work> ConnectorHub::wait_for_work(ConnectorCaller caller, ConnectorStatus status,
                                                          std::set<RequestId> known,
                                                          std::chrono::milliseconds patience) {
  {
    const std::lock_guard lock(mutex_);
    seen_[caller.id].status = std::move(status);
  }
  Work work = take_work(caller, known);
  if (!work.empty() || patience.count() <= 0) co_return work;
  const Steady::time_point until = Steady::now() + std::min<std::chrono::milliseconds>(patience, kLongestWait);
  Awaitable<bool> waiting = await_callback<bool>([this, caller, known, until](std::function<void(bool)> done) {
    begin_waiting({caller, known, until, std::move(done)});
  });
  const bool has_work = co_await std::move(waiting);
  if (has_work) work = take_work(caller, known);
  co_return work;
}

void ConnectorHub::begin_waiting(Waiting waiting) {
  const ConnectorCaller caller = waiting.caller;
  const std::set<RequestId> known = waiting.known;
  Wake displaced, at_once;
  {
    const std::lock_guard lock(mutex_);
    displaced = end_waiting(caller.id);
    const bool has_calls = std::ranges::any_of(seen_[caller.id].calls, [](const auto& one) { return !one->is_taken; });
    if (is_over_ || has_calls) {
      at_once = [wake = std::move(waiting.wake), has_calls](bool) { wake(has_calls); };
    } else {
      deadlines_.emplace(waiting.until, caller.id);
      waiting_.emplace(caller.id, std::move(waiting));
    }
  }
  if (displaced) displaced(false);
  if (at_once) return at_once(true);
  // What was asked between the look before and now is not missed.
  const bool is_asked = !requests_for(caller.organisation, known).empty();
  const std::lock_guard lock(mutex_);
  if (is_asked) called_.insert(caller.id);
  changed_.notify_all();
}

ConnectorHub::Wake ConnectorHub::end_waiting(const ConnectorId& connector) {
  const auto found = waiting_.find(connector);
  if (found == waiting_.end()) return nullptr;
  Wake wake = std::move(found->second.wake);
  deadlines_.erase({found->second.until, connector});
  waiting_.erase(found);
  return wake;
}

// Those for whom something is asked at their organisation. Only when something changed there: it looks at all.
void ConnectorHub::note_asked() {
  std::map<OrganisationId, std::vector<policy::SourceRequest>> open;
  for (const auto& [id, one] : waiting_) {
    const auto [found, is_new] = open.try_emplace(one.caller.organisation);
    if (is_new) found->second = core_.directory().source_requests_at(one.caller.organisation);
    const bool is_asked = std::ranges::any_of(
        found->second, [&](const policy::SourceRequest& request) { return !one.known.contains(request.id); });
    if (is_asked) called_.insert(id);
  }
}

// Wakes questions: when their work is there, or their time is over.
void ConnectorHub::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    if (std::exchange(asked_, false)) note_asked();
    std::vector<std::pair<Wake, bool>> awake;
    for (const ConnectorId& id : called_) {
      if (Wake wake = end_waiting(id)) awake.emplace_back(std::move(wake), true);
    }
    called_.clear();
    const Steady::time_point now = Steady::now();
    while (!deadlines_.empty() && (is_over_ || deadlines_.begin()->first <= now))
      awake.emplace_back(end_waiting(deadlines_.begin()->second), false);
    if (!awake.empty()) {
      lock.unlock();
      for (const auto& [wake, has_work] : awake) wake(has_work);
      lock.lock();
      continue;
    }
    if (is_over_) return;
    const auto has_news = [this] { return is_over_ || asked_ || !called_.empty(); };
    if (deadlines_.empty())
      changed_.wait(lock, [&] { return has_news() || !deadlines_.empty(); });
    else if (!has_news())
      changed_.wait_until(lock, deadlines_.begin()->first);
  }
}

bool ConnectorHub::take_reply(const ConnectorCaller& caller, const std::string& call, ConnectorReply reply) {
  const std::lock_guard lock(mutex_);
  const auto seen = seen_.find(caller.id);
  if (seen == seen_.end()) return false;
  for (const auto& pending : seen->second.calls) {
    if (pending->call.id != call || !pending->is_taken || pending->reply) continue;
    pending->reply = std::move(reply);
    replied_.notify_all();
    return true;
  }
  return false;
}

// SPEC CONN-22: a queue that is full, and one that is not there, are told at once.
Result<ConnectorReply> ConnectorHub::call(const ConnectorId& connector, std::string kind, std::string body,
                                          std::chrono::milliseconds patience) {
  auto pending = std::make_shared<Pending>();
  pending->call = {to_base64url(crypto::random_bytes<16>()), std::move(kind), std::move(body)};
  std::unique_lock lock(mutex_);
  const auto seen = seen_.find(connector);
  const bool is_there = seen != seen_.end() &&
                        (waiting_.contains(connector) || core_.clock().steady() - seen->second.steady < kPresentFor);
  if (is_over_ || !is_there) return fail(ErrorCode::unavailable, "the connector is not there");
  if (seen->second.calls.size() >= kMostCallsOfOne || calls_ >= kMostCallsInAll)
    return fail(ErrorCode::unavailable, "the connector has too much to do");
  seen->second.calls.push_back(pending);
  ++calls_;
  called_.insert(connector);
  changed_.notify_all();
  replied_.wait_for(lock, patience, [&] { return is_over_ || pending->reply.has_value(); });
  seen_[connector].calls.remove(pending);
  --calls_;
  if (!pending->reply) return fail(ErrorCode::expired, "the connector did not answer in time");
  return std::move(*pending->reply);
}

void ConnectorHub::note_witnessed(const ConnectorId& connector, std::uint64_t size, UtcTime time) {
  const std::lock_guard lock(mutex_);
  Seen& seen = seen_[connector];
  seen.witnessed = time;
  seen.witnessed_size = size;
}

std::vector<ConnectorPresence> ConnectorHub::presence() const {
  std::vector<ConnectorPresence> out;
  for (policy::Connector& row : core_.directory().rows<policy::Connector>()) {
    if (row.standing != policy::Standing::removed) out.push_back({std::move(row), false, {}, {}, 0, {}, 0});
  }
  std::ranges::sort(out, {}, [](const ConnectorPresence& one) { return std::pair(one.row.organisation, one.row.id); });
  const std::lock_guard lock(mutex_);
  for (ConnectorPresence& one : out) {
    const auto found = seen_.find(one.row.id);
    if (found == seen_.end()) continue;
    const Seen& seen = found->second;
    one.seen = seen.last;
    one.status = seen.status;
    one.calls_waiting = seen.calls.size();
    one.witnessed = seen.witnessed;
    one.witnessed_size = seen.witnessed_size;
    one.is_present = waiting_.contains(one.row.id) || (seen.last && core_.clock().steady() - seen.steady < kPresentFor);
  }
  return out;
}

void ConnectorHub::break_off() {
  const std::lock_guard lock(mutex_);
  is_over_ = true;
  changed_.notify_all();
  replied_.notify_all();
}

}  // namespace flikvakt::gateway
