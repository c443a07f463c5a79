#include "admin/log_cosigner.h"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "base/files.h"

namespace flikvakt::admin {
namespace {

constexpr std::size_t kMostNoteBytes = 64 * 1024;

}  // namespace

// One witness and its thread: at most one question at a time, and its answer.
class LogCosigner::Lane {
public:
  Lane(std::unique_ptr<WitnessClient> client, const Clock& clock, std::function<void()> on_done)
      : client_(std::move(client)), clock_(clock), on_done_(std::move(on_done)), thread_([this] { run(); }) {}
  ~Lane() {
    {
      const std::lock_guard lock(mutex_);
      closing_ = true;
    }
    asked_.notify_all();
    client_->cancel();
    thread_.join();
  }

  // Nothing happens while it is busy with an earlier one.
  void ask(const CurrentCheckpoint& target) {
    {
      const std::lock_guard lock(mutex_);
      if (target_) return;
      target_ = target;
    }
    asked_.notify_all();
  }
  bool is_busy() const {
    const std::lock_guard lock(mutex_);
    return target_.has_value();
  }
  std::optional<audit::NoteSignature> answer(const CurrentCheckpoint& target) const {
    const std::lock_guard lock(mutex_);
    return answered_ == target.note ? answer_ : std::nullopt;
  }

private:
  void run() {
    std::unique_lock lock(mutex_);
    for (;;) {
      asked_.wait(lock, [this] { return closing_ || target_; });
      if (closing_) return;
      const CurrentCheckpoint target = *target_;
      lock.unlock();
      Result<audit::NoteSignature> signature = client_->cosign(target.note, target.size, clock_.wall());
      lock.lock();
      if (closing_) return;
      say(signature ? std::nullopt : std::optional(signature.error()));
      answered_ = target.note;
      answer_ = signature ? std::optional(std::move(*signature)) : std::nullopt;
      target_.reset();
      lock.unlock();
      on_done_();
      lock.lock();
    }
  }

  // Once when it changes, not every round. A witness that has seen another history is said each time.
  void say(const std::optional<Error>& trouble) {
    const std::string now = trouble ? trouble->message : "";
    if (trouble && trouble->code == ErrorCode::conflict) {
      spdlog::critical("ALARM: witness `{}`: {}", client_->name(), now);
    } else if (now != said_) {
      if (trouble)
        spdlog::warn("witness `{}` does not cosign: {}", client_->name(), now);
      else
        spdlog::info("witness `{}` cosigns again", client_->name());
    }
    said_ = now;
  }

  const std::unique_ptr<WitnessClient> client_;
  const Clock& clock_;
  const std::function<void()> on_done_;
  mutable std::mutex mutex_;
  std::condition_variable asked_;
  std::optional<CurrentCheckpoint> target_;
  std::string answered_;  // the note that answer_ is about
  std::optional<audit::NoteSignature> answer_;
  std::string said_;  // on the lane's thread only
  bool closing_ = false;
  std::thread thread_;
};

LogCosigner::LogCosigner(Parts parts, Options options, std::vector<audit::CosignatureVerifier> keys)
    : parts_(std::move(parts)), options_(std::move(options)), keys_(std::move(keys)) {}

Result<std::unique_ptr<LogCosigner>> LogCosigner::open(Parts parts, Options options,
                                                       std::vector<std::unique_ptr<WitnessClient>> witnesses,
                                                       std::vector<audit::CosignatureVerifier> keys) {
  std::unique_ptr<LogCosigner> out(new LogCosigner(std::move(parts), std::move(options), std::move(keys)));
  TRY_VOID(out->take_up());
  for (std::unique_ptr<WitnessClient>& witness : witnesses) {
    const auto on_done = [raw = out.get()] {
      const std::lock_guard lock(raw->mutex_);  // so that whoever waits has looked, or is told
      raw->wake_.notify_all();
    };
    out->lanes_.push_back(std::make_unique<Lane>(std::move(witness), out->parts_.clock, on_done));
  }
  return out;
}

LogCosigner::~LogCosigner() { stop(); }

// SPEC WIT-23: what witnesses cosigned of this log, it must still begin with.
Result<void> LogCosigner::take_up() {
  const Result<Bytes> kept = read_file(options_.file, kMostNoteBytes);
  if (!kept && kept.error().code == ErrorCode::not_found) return {};
  if (!kept) return kept.error();
  const std::string note(as_text(*kept));
  const Result<audit::CosignedCheckpoint> opened = audit::open_cosigned(note, parts_.log, keys_);
  if (!opened)
    return fail(ErrorCode::corrupt,
                "`" + options_.file.string() + "` is no checkpoint of this log: " + opened.error().message);
  const CurrentCheckpoint current = parts_.current();
  const audit::Checkpoint now = TRY(audit::open_checkpoint(current.note, parts_.log));
  const audit::Checkpoint& then = opened->checkpoint;
  const Error rewritten =
      fail(ErrorCode::conflict, "witnesses cosigned " + std::to_string(then.size) +
                                    " entries of this log, and what is here does not begin with them: `" +
                                    options_.file.string() + "`");
  if (then.size > now.size) return rewritten;
  const std::vector<crypto::MerkleHash> proof = TRY(parts_.prove(then.size, now.size));
  if (!crypto::verify_consistency(then.size, now.size, proof, then.root, now.root)) return rewritten;
  // SPEC LKEY-9: readers who were told of a compromised key know it no more. The next round makes another note.
  const bool is_shown = audit::open_checkpoint(note, parts_.signing).has_value();
  state_ = {is_shown ? note : std::string(), then.size, audit::time_of_quorum(opened->by, options_.quorum)};
  return {};
}

void LogCosigner::start() {
  tell();
  thread_ = std::thread([this] { run(); });
}

void LogCosigner::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
  lanes_.clear();  // what is under way is cut short
}

LogCosigner::State LogCosigner::state() const {
  const std::lock_guard lock(mutex_);
  State out = state_;
  const UtcTime now = parts_.clock.wall();
  out.is_late = !out.cosigned || *out.cosigned + options_.warn_after < now;
  out.is_doubted = !out.cosigned || *out.cosigned + options_.refuse_after < now;
  return out;
}

void LogCosigner::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    round();
    tell();
    lock.lock();
    wake_.wait_for(lock, options_.interval, [this] { return stopping_; });
  }
}

// SPEC WIT-24
void LogCosigner::tell() {
  const State now = state();
  parts_.doubt(now.is_doubted);
  parts_.witnessed(now.cosigned.value_or(UtcTime{}));
  if (now.is_late && !was_late_) spdlog::warn("the newest cosigned checkpoint of the log is older than it may be");
  if (now.is_doubted && !was_doubted_)
    spdlog::error("no quorum of witnesses has cosigned the log for too long: no document is opened until one has");
  if (!now.is_doubted && was_doubted_)
    spdlog::info("a quorum of witnesses has cosigned the log: documents are opened again");
  was_late_ = now.is_late;
  was_doubted_ = now.is_doubted;
}

// One checkpoint, asked of every witness that is free.
void LogCosigner::round() {
  const CurrentCheckpoint target = parts_.current();
  for (const auto& lane : lanes_) lane->ask(target);
  {
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, options_.patience, [&] {
      return stopping_ || std::ranges::none_of(lanes_, [](const auto& lane) { return lane->is_busy(); });
    });
  }
  std::vector<audit::NoteSignature> signatures;
  for (const auto& lane : lanes_) {
    if (std::optional<audit::NoteSignature> signature = lane->answer(target))
      signatures.push_back(std::move(*signature));
  }
  keep(target, std::move(signatures));
}

// SPEC WIT-22: durable before anybody is shown it.
void LogCosigner::keep(const CurrentCheckpoint& target, std::vector<audit::NoteSignature> signatures) {
  const std::string note = target.note + audit::write_signature_lines(signatures);
  const Result<audit::CosignedCheckpoint> opened = audit::open_cosigned(note, parts_.log, keys_);
  const std::optional<UtcTime> time = opened ? audit::time_of_quorum(opened->by, options_.quorum) : std::nullopt;
  if (!time) return;
  const Result<void> kept = write_file_atomically(options_.file, as_bytes(note));
  if (!kept) {
    spdlog::error("the cosigned checkpoint could not be kept: {}", kept.error().message);
    return;
  }
  const std::lock_guard lock(mutex_);
  state_ = {note, target.size, time};
}

}  // namespace flikvakt::admin
