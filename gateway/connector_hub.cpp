#include "gateway/connector_hub.h"

#include <algorithm>
#include <utility>

#include "crypto/random.h"
#include "gateway/await_callback.h"
#include "policy/requests.h"

namespace flikvakt::gateway {
namespace {

using Steady = std::chrono::steady_clock;
using OpenRequests = std::shared_ptr<const std::vector<policy::SourceRequest>>;

// SPEC CONN-41: as the state is now, after all that was acknowledged.
Awaitable<OpenRequests> open_to(service::Core& core, OrganisationId source) {
  Awaitable<OpenRequests> looking =
      await_callback<OpenRequests>([&core, source](std::function<void(OpenRequests)> done) {
        core.sequencer().look([source, done = std::move(done)](const policy::State* state, UtcTime now) {
          auto found = state ? policy::open_to_source(*state, source, now) : std::vector<policy::SourceRequest>();
          done(std::make_shared<const std::vector<policy::SourceRequest>>(std::move(found)));
        });
      });
  OpenRequests out = co_await std::move(looking);
  co_return out;
}

bool is_wanted(const ConnectorHub::Asking& asking, const policy::SourceRequest& one) {
  return asking.wanted > 0 && !asking.known.contains(one.id) && one.opened;
}

bool is_news(const ConnectorHub::Asking& asking, const policy::SourceRequest& one) {
  if (!is_wanted(asking, one)) return false;
  return !asking.after || std::pair(asking.after->opened, asking.after->id) < std::pair(*one.opened, one.id);
}

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

std::vector<policy::SourceRequest> ConnectorHub::candidates_for(const OrganisationId& organisation,
                                                                const ConnectorId& connector,
                                                                const Asking& asking) const {
  if (asking.wanted == 0) return {};
  std::vector<policy::SourceRequest> out = core_.directory().source_requests_at(organisation);
  std::erase_if(out, [&](const policy::SourceRequest& one) { return !is_wanted(asking, one); });
  if (out.empty()) return out;
  const std::lock_guard lock(mutex_);
  std::erase_if(out, [&](const policy::SourceRequest& one) {
    // It never heard of what another one had, however late that was opened.
    return !is_news(asking, one) && elsewhere(one.id, connector) != Elsewhere::had;
  });
  return out;
}

Awaitable<ConnectorHub::Work> ConnectorHub::take_work(ConnectorCaller caller, Asking& asking) {
  Work out;
  const std::vector<policy::SourceRequest> candidates = candidates_for(caller.organisation, caller.id, asking);
  if (!candidates.empty()) {
    Awaitable<OpenRequests> looking = open_to(core_, caller.organisation);
    const OpenRequests open = co_await std::move(looking);
    const std::size_t most = std::min(asking.wanted, kMostRequestsAtOnce);
    const std::lock_guard lock(mutex_);
    for (const policy::SourceRequest& one : *open) {
      if (out.requests.size() == most) break;
      // SPEC CONN-65
      const Elsewhere where = elsewhere(one.id, caller.id);
      const bool is_for_it = is_news(asking, one) || (where == Elsewhere::had && is_wanted(asking, one));
      if (where == Elsewhere::has || !is_for_it) continue;
      give(one.id, caller.id);
      out.requests.push_back(one);
    }
    // The question goes on waiting, and not for what is closed.
    for (const policy::SourceRequest& one : candidates) asking.known.insert(one.id);
  }
  const std::lock_guard lock(mutex_);
  Seen& seen = seen_[caller.id];
  note_seen(seen);
  for (const auto& pending : seen.calls) {
    if (pending->is_taken || out.calls.size() == kMostCallsAtOnce) continue;
    pending->is_taken = true;
    out.calls.push_back(pending->call);
  }
  co_return out;
}

// SPEC CONN-20, CONN-21
Awaitable<ConnectorHub::Work> ConnectorHub::wait_for_work(ConnectorCaller caller, ConnectorStatus status, Asking asking,
                                                          std::chrono::milliseconds patience) {
  std::uint64_t question = 0;
  {
    const std::lock_guard lock(mutex_);
    Seen& seen = seen_[caller.id];
    seen.status = std::move(status);
    question = ++seen.question;
    note_at_work(caller, asking);
  }
  const Steady::time_point until = Steady::now() + std::min<std::chrono::milliseconds>(patience, kLongestWait);
  for (;;) {
    Awaitable<Work> taking = take_work(caller, asking);
    Work work = co_await std::move(taking);
    if (!work.empty() || patience.count() <= 0 || Steady::now() >= until) co_return work;
    Awaitable<bool> waiting =
        await_callback<bool>([this, caller, question, asking, until](std::function<void(bool)> done) {
          begin_waiting({caller, question, asking, until, std::move(done)});
        });
    const bool has_work = co_await std::move(waiting);
    if (!has_work) co_return Work();
  }
}

void ConnectorHub::note_seen(Seen& seen) {
  seen.last = core_.clock().wall();
  seen.steady = core_.clock().steady();
}

bool ConnectorHub::is_present(const ConnectorId& connector) const {
  if (waiting_.contains(connector)) return true;
  const auto seen = seen_.find(connector);
  return seen != seen_.end() && seen->second.last && core_.clock().steady() - seen->second.steady < kPresentFor;
}

// SPEC CONN-65
ConnectorHub::Elsewhere ConnectorHub::elsewhere(const RequestId& request, const ConnectorId& connector) const {
  const auto found = given_.find(request);
  if (found == given_.end() || found->second.connector == connector) return Elsewhere::no;
  const bool may_answer =
      is_present(found->second.connector) && core_.clock().steady() - found->second.since < kGivenFor;
  if (may_answer) return Elsewhere::has;
  return found->second.had_by.contains(connector) ? Elsewhere::no : Elsewhere::had;
}

void ConnectorHub::give(const RequestId& request, const ConnectorId& connector) {
  Given& given = given_[request];
  given.connector = connector;
  given.since = core_.clock().steady();
  given.had_by.insert(connector);
}

// What it works on is its own, also when this gateway did not give it; and what is nobody's any more is forgotten.
void ConnectorHub::note_at_work(const ConnectorCaller& caller, const Asking& asking) {
  const auto now = core_.clock().steady();
  for (const RequestId& id : asking.working) {
    if (elsewhere(id, caller.id) == Elsewhere::has) continue;
    const auto request = core_.directory().row<policy::SourceRequest>(id);
    if (request && request->source == caller.organisation) give(id, caller.id);
  }
  if (given_.size() <= kMostGiven) return;
  std::erase_if(given_, [&](const auto& one) { return now - one.second.since >= kGivenFor; });
}

// SPEC CONN-26
void ConnectorHub::end_stale() {
  const UtcTime now = core_.clock().wall();
  std::vector<Wake> ended;
  {
    const std::lock_guard lock(mutex_);
    std::vector<ConnectorId> stale;
    for (const auto& [id, one] : waiting_) {
      if (!core_.directory().is_certificate_good(one.caller.certificate, now)) stale.push_back(id);
    }
    for (const ConnectorId& id : stale) {
      ended.push_back(end_waiting(id));
      seen_[id].steady = core_.clock().steady() - kPresentFor;  // it is not there any more
    }
  }
  for (const Wake& wake : ended) wake(false);
}

void ConnectorHub::begin_waiting(Waiting waiting) {
  const ConnectorCaller caller = waiting.caller;
  const Asking asking = waiting.asking;
  Wake displaced, at_once;
  {
    const std::lock_guard lock(mutex_);
    const Seen& seen = seen_[caller.id];
    // Under the lock, so that end_stale() finds it or this finds that it does not count.
    const bool may_wait = seen.question == waiting.question &&
                          core_.directory().is_certificate_good(caller.certificate, core_.clock().wall());
    const bool has_calls = may_wait && std::ranges::any_of(seen.calls, [](const auto& one) { return !one->is_taken; });
    if (may_wait) displaced = end_waiting(caller.id);
    if (is_over_ || !may_wait || has_calls) {
      at_once = [wake = std::move(waiting.wake), has_calls](bool) { wake(has_calls); };
    } else {
      deadlines_.emplace(waiting.until, caller.id);
      waiting_.emplace(caller.id, std::move(waiting));
    }
  }
  if (displaced) displaced(false);
  if (at_once) return at_once(true);
  // What was asked between the look before and now is not missed.
  const bool is_asked = !candidates_for(caller.organisation, caller.id, asking).empty();
  const std::lock_guard lock(mutex_);
  if (is_asked) called_.insert(caller.id);
  changed_.notify_all();
}

ConnectorHub::Wake ConnectorHub::end_waiting(ConnectorId connector) {
  const auto found = waiting_.find(connector);
  if (found == waiting_.end()) return nullptr;
  Wake wake = std::move(found->second.wake);
  deadlines_.erase({found->second.until, connector});
  waiting_.erase(found);
  note_seen(seen_[connector]);  // SPEC CONN-80: it is there for a while after its question, too
  return wake;
}

// Those for whom something is asked at their organisation. Only when something changed there: it looks at all.
void ConnectorHub::note_asked() {
  std::map<OrganisationId, std::vector<policy::SourceRequest>> open;
  for (const auto& [id, one] : waiting_) {
    const auto [found, is_new] = open.try_emplace(one.caller.organisation);
    if (is_new) found->second = core_.directory().source_requests_at(one.caller.organisation);
    const bool is_asked = std::ranges::any_of(
        found->second,
        [&asking = one.asking](const policy::SourceRequest& request) { return is_news(asking, request); });
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
    if (deadlines_.empty()) {
      changed_.wait(lock, [&] { return has_news() || !deadlines_.empty(); });
    } else if (!has_news()) {
      const Steady::time_point first = deadlines_.begin()->first;  // it may be gone while this waits
      changed_.wait_until(lock, first);
    }
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
  if (is_over_ || seen == seen_.end() || !is_present(connector))
    return fail(ErrorCode::unavailable, "the connector is not there");
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
    one.is_present = is_present(one.row.id);
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
