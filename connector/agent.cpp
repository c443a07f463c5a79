#include "connector/agent.h"

#include <spdlog/spdlog.h>

#include <unistd.h>

#include <algorithm>
#include <set>

#include "base/files.h"
#include "connector/local_api.h"
#include "connector/siem_stream.h"

namespace flikvakt::connector {
namespace {

using Steady = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr auto kFirstPause = 250ms;
constexpr auto kLongestPause = 30s;
constexpr auto kLookEvery = 500ms;
constexpr int kRefusalsThatCount = 2;
constexpr auto kLogKeysAgain = 10s;
constexpr auto kCutIdle = 2s;      // a line that stood for so long and broke was cut because nothing passed
constexpr int kMostInTrouble = 8;  // messages one after the other
constexpr auto kLongWait = 24h;

}  // namespace

Agent::Agent(const Config& config, FileDescriptor lock, Identity identity, Outbox outbox)
    : config_(config),
      lock_(std::move(lock)),
      identity_(std::move(identity)),
      outbox_(std::move(outbox)),
      folder_(config.folder, outbox_),
      waits_(config.poll),
      renewal_(config, identity_, clock_),
      answers_(config, identity_, outbox_, outbox_mutex_, clock_, stopping_, password_, [this] { look_at_once(); }) {}

Agent::~Agent() { stop(); }

Outcome<std::unique_ptr<Agent>> Agent::open(const Config& config) {
  const Outcome<void> state = open_state(config.state);
  if (!state) return state.error();
  Outcome<FileDescriptor> lock = lock_state(config.state);
  if (!lock) return lock.error();
  Outcome<Identity> identity = Identity::load(config.state);
  if (!identity) return identity.error();
  if (SystemClock().wall() >= identity->valid_to())
    return trouble(ExitCode::certificate_expired, "the certificate of this connector expired on " +
                                                      to_rfc3339(identity->valid_to()) +
                                                      ": ask the administrators for a new code");
  if (config.mode == Mode::end_to_end && !identity->file().end_to_end)
    return trouble(ExitCode::end_to_end_off,
                   "the administrators have not set end-to-end mode for this connector: ask "
                   "them for a new code with it, or set `mode = \"direct\"`");
  Outcome<Outbox> outbox = Outbox::open(config.state);
  if (!outbox) return outbox.error();
  std::unique_ptr<Agent> agent(new Agent(config, std::move(*lock), std::move(*identity), std::move(*outbox)));
  const Outcome<void> duty = agent->open_duty();
  if (!duty) return duty.error();
  if (!config.local_api.listen.empty()) {
    Agent* const self = agent.get();
    auto api = LocalApi::open(config, [self] { return self->new_link(); });
    if (!api) return api.error();
    agent->local_api_ = std::move(*api);
  }
  if (!config.siem.staff.empty()) {
    Agent* const self = agent.get();
    agent->siem_ = std::make_unique<SiemStream>(config, [self] { return self->new_link(); });
  }
  return agent;
}

std::unique_ptr<GatewayLink> Agent::new_link() {
  return std::make_unique<GatewayLink>(config_, identity_.now(), &stopping_, &password_);
}

void Agent::stop() {
  {
    const std::lock_guard lock(mutex_);  // so that a wait which is just beginning sees it
    stopping_ = true;
  }
  wake_.notify_all();
}

void Agent::look_at_once() {
  const std::lock_guard lock(mutex_);
  has_files_ = true;
  wake_.notify_all();
}

void Agent::end_with(Trouble why) {
  {
    const std::lock_guard lock(mutex_);
    if (!why_) why_ = std::move(why);
  }
  stop();
}

bool Agent::wait_for(std::chrono::milliseconds time) {
  std::unique_lock lock(mutex_);
  wake_.wait_for(lock, time, [this] { return stopping_.load(); });
  return !stopping_;
}

// SPEC CONN-71
bool Agent::is_final(const Trouble& trouble) {
  if (trouble.is_hearsay) return false;
  switch (trouble.exit) {
    case ExitCode::not_accepted:
      return ++refusals_ >= kRefusalsThatCount;
    case ExitCode::not_the_gateway:
    case ExitCode::clock:
    case ExitCode::certificate_expired:
    case ExitCode::end_to_end_off:
    case ExitCode::log_forked:
    case ExitCode::usage:
    case ExitCode::fault:
      return true;
    default:
      return false;  // names, routes, proxies, pages of the network's: these come back
  }
}

Outcome<void> Agent::run() {
  if (local_api_) local_api_->start();
  if (siem_) siem_->start();
  std::thread polling([this] { poll_loop(); });
  std::thread depositing([this] { deposit_loop(); });
  polling.join();
  depositing.join();
  if (siem_) siem_->stop();
  if (local_api_) local_api_->stop();
  const std::lock_guard lock(mutex_);
  return why_ ? Outcome<void>(*why_) : Outcome<void>();
}

// ---- Asking for work

void Agent::poll_loop() {
  std::unique_ptr<GatewayLink> link = new_link();
  std::chrono::milliseconds pause = kFirstPause;
  std::string said;
  while (!stopping_) {
    Outcome<void> done;
    if (renewal_.renew_if_due(*link)) done = open_duty();  // SPEC CONN-53: the log has other keys
    if (done && link->identity().fingerprint() != identity_.now()->fingerprint()) link = new_link();
    if (done && is_ready_) take_log_keys_if_due(*link);
    const auto asked = Steady::now();
    if (done) done = poll_once(*link);
    if (done) {
      waits_ = std::min(config_.poll, waits_ + 1s);
      if (!said.empty()) {
        spdlog::info("the gateway answers again");
        look_at_once();
      }
      said.clear();
      refusals_ = 0;
      pause = kFirstPause;
      continue;
    }
    if (is_final(done.error())) return end_with(done.error());
    if (said != done.error().message) spdlog::warn("{}", said = done.error().message);
    const auto stood = std::chrono::duration_cast<std::chrono::seconds>(Steady::now() - asked);
    const bool is_cut = done.error().exit == ExitCode::unavailable || done.error().is_hearsay;
    if (is_cut && stood >= kCutIdle && stood < waits_) {  // SPEC CONN-21
      waits_ = std::max<std::chrono::seconds>(1s, stood * 2 / 3);
      pause = kFirstPause;
    }
    if (!wait_for(pause)) return;
    pause = std::min<std::chrono::milliseconds>(2 * pause, kLongestPause);
    if (done.error().exit == ExitCode::not_accepted && !done.error().is_hearsay) pause = 1s;
  }
}

// SPEC CONN-52, CONN-54: for a log that forked it ends; whatever else is wrong with its duty, it does all its other
// work.
Outcome<void> Agent::open_duty() {
  if (config_.witness.empty()) return {};
  witness_.reset();  // its folder is one duty's
  Identity mine = *identity_.now();
  auto duty = WitnessDuty::open(config_, mine, clock_,
                                [this](const std::string& line) { end_with(trouble(ExitCode::log_forked, line)); });
  identity_.replace(std::move(mine));
  if (duty)
    witness_ = std::move(*duty);
  else if (duty.error().exit == ExitCode::log_forked || duty.error().exit == ExitCode::usage)
    return duty.error();
  else
    spdlog::critical("the gateway's log is NOT cosigned here, all else goes on: {}", duty.error().message);
  return {};
}

// SPEC CONN-53: at each start, and when a checkpoint came under no key that is known here.
void Agent::take_log_keys_if_due(GatewayLink& link) {
  if (config_.witness.empty() || Steady::now() < log_keys_due_) return;
  log_keys_asked_ = Steady::now();
  log_keys_due_ = log_keys_asked_ + kLogKeysAgain;
  const std::shared_ptr<const Identity> mine = identity_.now();
  Outcome<IdentityFile> file = with_log_keys_of_now(link, mine->file());
  if (!file) {
    if (log_keys_said_ != file.error().message)
      spdlog::warn("the keys of the log are as they were: {}", log_keys_said_ = file.error().message);
    return;
  }
  log_keys_said_.clear();
  log_keys_due_ = Steady::time_point::max();
  if (file->log_keys == mine->file().log_keys && file->former_log_keys == mine->file().former_log_keys) return;
  Outcome<Identity> with_keys = Identity::from(std::move(*file));
  const Outcome<void> saved = with_keys ? with_keys->save(config_.state) : Outcome<void>(with_keys.error());
  if (!saved) return spdlog::warn("the keys of the log are as they were: {}", saved.error().message);
  identity_.replace(std::move(*with_keys));
  spdlog::info("the log has other keys now: they are taken");
  const Outcome<void> duty = open_duty();
  if (!duty) end_with(duty.error());
}

json::object Agent::question_for_work() {
  json::object status{{"version", FLIKVAKT_VERSION},
                      {"queued", static_cast<std::int64_t>(outbox_.count())},
                      {"refused", static_cast<std::int64_t>(folder_.refused())}};
  if (witness_) status["witness"] = witness_->key();
  {
    const std::lock_guard lock(mutex_);
    if (oldest_) status["oldest"] = to_rfc3339(*oldest_);
  }
  SourceAnswers::Known source = answers_.what_is_known();
  // The first question comes back at once: whoever starts it sees that it works.
  const std::int64_t wait = is_ready_ ? waits_.count() : 0;
  json::object out{{"status", std::move(status)},
                   {"known", std::move(source.known)},
                   {"working", std::move(source.working)},
                   {"wait_seconds", wait},
                   {"wanted", static_cast<std::int64_t>(source.wanted)}};
  if (source.after) out["after"] = std::move(*source.after);
  return out;
}

Outcome<void> Agent::poll_once(GatewayLink& link) {
  Question question;
  question.method = "POST";
  question.target = "/v1/connector/poll";
  question.headers["Content-Type"] = "application/json";
  question.body = json_bytes(question_for_work());
  question.patience = (is_ready_ ? waits_ : 0s) + 15s;
  const Outcome<HttpAnswer> answer = link.ask(std::move(question));
  if (!answer) return answer.error();
  if (answer->status == 403) return not_accepted_any_more();
  const json::value work = body_of(*answer);
  if (answer->status != 200 || !work.is_object())
    return trouble(answer->status == 200 ? ExitCode::captive : ExitCode::unavailable,
                   "the gateway cannot answer now (status " + std::to_string(answer->status) + ")");
  const Outcome<void> clock = check_clock(text_in(work, "time"));
  if (!clock) return clock.error();
  if (!is_ready_) {
    is_ready_ = true;
    spdlog::info("ready: {} at {}, {}", identity_.now()->file().name, config_.gateway,
                 config_.mode == Mode::direct ? "direct" : "end to end");
    if (config_.ready_file) {
      const json::object ready{{"pid", static_cast<std::int64_t>(::getpid())},
                               {"local_api", local_api_ ? static_cast<std::int64_t>(local_api_->port()) : 0}};
      if (const Result<void> written = write_file_atomically(*config_.ready_file, as_bytes(to_text(ready) + "\n"));
          !written)
        spdlog::warn("{}", written.error().message);
    }
  }
  answers_.take_work(work);
  const json::value* calls = work.get_object().if_contains("calls");
  if (calls && calls->is_array()) {
    for (const json::value& call : calls->get_array()) {
      if (call.is_object()) answer_call(link, call.get_object());
    }
  }
  return {};
}

void Agent::answer_call(GatewayLink& link, const json::object& call) {
  const std::string id = text_in(call, "id"), kind = text_in(call, "kind");
  WitnessDuty::Reply reply{404, ""};
  if (kind == "add-checkpoint" && witness_) reply = witness_->add_checkpoint(text_in(call, "body"));
  // SPEC CONN-53: perhaps the log has a new key. The next one is asked about under it.
  if (kind == "add-checkpoint" && reply.status == 403 && reply.body.empty())
    log_keys_due_ = std::min(log_keys_due_, log_keys_asked_ + kLogKeysAgain);
  Question question;
  question.method = "POST";
  question.target = "/v1/connector/replies";
  question.headers["Content-Type"] = "application/json";
  question.body =
      json_bytes(json::object{{"call", id}, {"status", static_cast<std::int64_t>(reply.status)}, {"body", reply.body}});
  question.patience = 15s;
  const Outcome<HttpAnswer> answer = link.ask(std::move(question));
  if (!answer) spdlog::info("an answer was not delivered: {}", answer.error().message);
}

// ---- Depositing

Outcome<void> Agent::put_away(const Message& message) {
  const std::lock_guard lock(outbox_mutex_);
  const bool has_no_file = message.request && message.state == MessageState::done;
  const Result<void> gone = has_no_file ? outbox_.forget(message.id) : folder_.finish(message);
  return gone ? Outcome<void>() : disk_trouble(gone.error());
}

// SPEC CONN-27: what one message meets is noted for it, and the next one is tried; what the line meets ends the round.
Agent::DepositRound Agent::deposit_what_waits(GatewayLink& link, Retries& retries) {
  DepositRound out;
  Result<std::vector<Message>> messages = outbox_.all();
  if (!messages) {
    out.line = disk_trouble(messages.error());
    return out;
  }
  std::set<DepositId> gone;
  const auto tell_oldest = [&] {
    std::optional<UtcTime> oldest;
    for (const Message& one : *messages) {
      if (!gone.contains(one.id) && (!oldest || one.taken < *oldest)) oldest = one.taken;
    }
    const std::lock_guard lock(mutex_);
    oldest_ = oldest;
  };
  tell_oldest();
  std::ranges::stable_sort(*messages, {}, [&](const Message& one) { return retries.turn(one.id); });
  Depositor depositor(config_, link, outbox_);
  int in_trouble = 0;
  for (Message& message : *messages) {
    if (stopping_) return out;
    if (message.state == MessageState::taking || !retries.is_due(message.id, Steady::now())) continue;
    Outcome<void> done = depositor.send(message);
    if (!done && !done.error().is_of_message) {
      retries.note_break(message.id);
      out.line = done;
      return out;
    }
    if (done) done = put_away(message);
    if (done) {
      retries.note_success(message.id);
      out.got_through = true;
      gone.insert(message.id);
      tell_oldest();
      in_trouble = 0;
      continue;
    }
    const std::string& why = done.error().message;
    if (retries.note_failure(message.id, why, Steady::now()))
      spdlog::warn("message {} waits, and others go on: {}", message.id.text(), why);
    if (clock_.wall() - message.taken >= kLongWait && retries.is_first_word_of_age(message.id))
      spdlog::error("message {} has waited since {}: {}", message.id.text(), to_rfc3339(message.taken), why);
    if (++in_trouble < kMostInTrouble) continue;
    out.line = done;  // it is more than a message's
    return out;
  }
  return out;
}

void Agent::deposit_loop() {
  std::unique_ptr<GatewayLink> link = new_link();
  Retries retries;
  std::chrono::milliseconds pause = kFirstPause;
  std::string said, said_of_folder;
  while (!stopping_) {
    if (link->identity().fingerprint() != identity_.now()->fingerprint()) link = new_link();
    {
      const std::lock_guard lock(outbox_mutex_);
      const Result<void> looked = folder_.look();
      if (!looked && said_of_folder != looked.error().message)
        spdlog::warn("{}", said_of_folder = looked.error().message);
      if (looked) said_of_folder.clear();
    }
    const DepositRound round = deposit_what_waits(*link, retries);
    const Outcome<void>& line = round.line;
    if (round.got_through) {
      pause = kFirstPause;
      said.clear();
    }
    if (!line) {
      if (said != line.error().message) spdlog::warn("the queue waits: {}", said = line.error().message);
      if (line.error().exit == ExitCode::clock || line.error().exit == ExitCode::certificate_expired)
        return end_with(line.error());
    }
    std::unique_lock lock(mutex_);
    const auto time = line ? std::chrono::milliseconds(kLookEvery) : pause;
    wake_.wait_for(lock, time, [this] { return stopping_ || std::exchange(has_files_, false); });
    if (!line) pause = std::min<std::chrono::milliseconds>(2 * pause, 10s);
  }
}

}  // namespace flikvakt::connector
