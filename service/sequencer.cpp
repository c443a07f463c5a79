#include "service/sequencer.h"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "crypto/random.h"
#include "service/batch.h"
#include "service/sent_act.h"

namespace flikvakt::service {

using namespace std::chrono_literals;

namespace {

constexpr auto kIdleWake = 250ms;     // how late a timed end of a lease may be noticed
constexpr auto kHeadFileLag = 1s;     // for batches that change no one's rights
constexpr auto kReadingLife = 15min;  // SPEC CONT-5
constexpr std::uint64_t kReserveWatermark = 64u << 20;

// Openings and closings change rows, but nobody's rights.
bool changes_rights(const policy::Act& act) {
  return !holds_alternative<policy::OpenReading>(act) && !holds_alternative<policy::OpenOwnDocument>(act) &&
         !holds_alternative<policy::CloseReading>(act);
}

// Open readings lie in shared rows (reading_rows.h).
bool is_stored(const policy::Row& row) { return !holds_alternative<policy::Reading>(row); }

bool is_of_gateway(const Command& command) { return std::holds_alternative<policy::SystemActor>(command.actor); }

// SPEC LOG-14: what an actor chose; of an opening, the id under which its reader knows it.
ActId id_of_act(const Command& command) {
  if (command.evidence) return command.evidence->id;
  if (command.act_id) return *command.act_id;
  if (const auto* open = get_if<policy::OpenReading>(&command.act)) return ActId(open->id.value());
  if (const auto* open = get_if<policy::OpenOwnDocument>(&command.act)) return ActId(open->id.value());
  return crypto::random_id<ActId>();
}

// What a receipt keeps so that a repeat is answered like the act itself.
struct ReceiptAnswer {
  UtcTime time;
  policy::Reason reason = policy::Reason::error;
};
BOOST_DESCRIBE_STRUCT(ReceiptAnswer, (), (time, reason))

void answer_again(CommandResult& result, const policy::Receipt& receipt) {
  const Result<ReceiptAnswer> answer = from_json<ReceiptAnswer>(receipt.answer);
  if (answer) result.time = answer->time;
  result.decision = receipt.permitted ? policy::Decision::permit()
                                      : policy::Decision::refuse(answer ? answer->reason : policy::Reason::error);
}

}  // namespace

Sequencer::Sequencer(Parts parts, Recovered recovered, CommandQueue::Limits limits)
    : parts_(std::move(parts)),
      origin_(std::move(recovered.origin)),
      queue_(limits),
      state_(std::move(recovered.state)),
      digest_(recovered.digest),
      tree_(std::move(recovered.tree)),
      clock_(parts_.clock, recovered.last_entry),
      entries_(parts_.keys, std::move(recovered.places), origin_),
      sealer_(parts_.keys),
      reading_rows_(recovered.open_readings),
      signers_(std::move(recovered.signers)) {
  // SPEC REC-8: a log begins with `init` or `restore`, never with what the gateway itself owes.
  if (tree_.size() == 0) recovered.open_readings.clear();
  for (const auto& [row, readings] : recovered.open_readings) {
    for (const OpenReadingAtRest& open : readings) {
      own_.push_back(of_gateway(policy::CloseReading{open.reading, policy::ReadingEnd::interrupted, 0}));
    }
  }
  if (tree_.size() > 0) own_.push_back(of_gateway(policy::Start{}));
  view_.size = tree_.size();
  view_.root = tree_.root();
  view_.last_entry = recovered.last_entry.value_or(UtcTime{});
  parts_.directory.fill(state_);
  find_pruning();
}

Sequencer::~Sequencer() { stop(); }

void Sequencer::start() {
  thread_ = std::thread([this] { run(); });
}

void Sequencer::stop() {
  if (!thread_.joinable()) return;
  stopping_ = true;
  queue_.close();
  thread_.join();
}

void Sequencer::lock() {
  is_locked_ = true;
  queue_.close();
  parts_.readings.close();
  const std::lock_guard over(batch_);
}

void Sequencer::submit(Command command) {
  std::vector<Command> one;
  one.push_back(std::move(command));
  submit(std::move(one));
}

void Sequencer::submit(std::vector<Command> commands) { refuse(queue_.push(std::move(commands))); }

LogView Sequencer::log_view() const {
  std::lock_guard lock(view_mutex_);
  return view_;
}

std::string Sequencer::checkpoint(const LogView& view) const {
  std::lock_guard lock(checkpoint_mutex_);
  if (checkpoint_.empty() || checkpoint_size_ != view.size) {
    checkpoint_ = audit::sign_checkpoint({origin_, view.size, view.root}, signers_->checkpoint()).value();
    checkpoint_size_ = view.size;
  }
  return checkpoint_;
}

Result<std::string> Sequencer::sign(const audit::Checkpoint& checkpoint) const {
  std::lock_guard lock(checkpoint_mutex_);
  return audit::sign_checkpoint(checkpoint, signers_->checkpoint());
}

void Sequencer::run() {
  try {
    work();
  } catch (const std::exception& e) {  // a fault that nobody here can mend: memory, or our own error
    fatal(fail(ErrorCode::internal, e.what()));
  }
  if (dead_) drop_what_waits();
  close_looks();
}

void Sequencer::work() {
  for (bool stopped = false; !stopped;) {
    std::vector<Command> commands = std::exchange(own_, {});
    const auto patience = commands.empty() || aborted_ ? time_to_wait() : 0ms;
    std::ranges::move(queue_.take(std::chrono::steady_clock::now() + patience), std::back_inserter(commands));
    const std::lock_guard batch(batch_);
    if (is_locked_) return refuse_what_waits(std::move(commands));
    add_due(commands);
    stopped = stopping_ && queue_.is_drained() && (commands.empty() || aborted_);  // a full disk does not hold it up
    if (stopped) refuse(std::exchange(commands, {}));
    if (stopped && tree_.size() > 0) {
      commands.push_back(of_gateway(policy::Stop{}));
      entries_.write_all_places_next();  // so that the next start-up finds them ready
    }
    commands = keep_reserve_for_narrowing(std::move(commands));
    const bool is_idle = commands.empty();
    if (!is_idle && !process(std::move(commands))) return;
    if (is_locked_) return refuse_what_waits({});
    give_looks();
    housekeeping();
    if (!dead_ && !stopped) prune_some(is_idle);
    if (dead_) return;
  }
  parts_.readings.cut_all();
  if (head_file_behind_) {
    if (Result<void> synced = sync_head_file(); !synced) fatal(synced.error());
  }
}

void Sequencer::refuse_what_waits(std::vector<Command> taken) {
  refuse(std::move(taken));
  while (!queue_.is_drained()) refuse(queue_.take(std::chrono::steady_clock::now()));
}

// Nobody takes it any more: whoever waits for one of these must hear of it, and not wait for ever.
void Sequencer::drop_what_waits() {
  while (!queue_.is_drained()) queue_.take(std::chrono::steady_clock::now());
}

void Sequencer::look(Look asked) {
  {
    const std::lock_guard lock(looks_mutex_);
    if (takes_looks_) looks_.push_back(std::exchange(asked, nullptr));
  }
  if (asked) return asked(nullptr, UtcTime{});
  queue_.nudge();
}

void Sequencer::give_looks() {
  std::vector<Look> looks;
  {
    const std::lock_guard lock(looks_mutex_);
    looks.swap(looks_);
  }
  if (looks.empty()) return;
  const CommitClock::Reading time = clock_.read();
  const bool is_sure = time.doubt == ClockDoubt::none;
  for (const Look& one : looks) one(is_sure ? &state_ : nullptr, time.now);
}

void Sequencer::close_looks() {
  std::vector<Look> looks;
  {
    const std::lock_guard lock(looks_mutex_);
    takes_looks_ = false;
    looks.swap(looks_);
  }
  for (const Look& one : looks) one(nullptr, UtcTime{});
}

std::chrono::milliseconds Sequencer::time_to_wait() const {
  if (aborted_) return kIdleWake;  // what is owed is tried again then, not at once
  if (pruning_ && !reserve_is_out_ && pruning_->not_before <= parts_.clock.steady()) return 0ms;
  const std::optional<UtcTime> due = state_.next_due();
  if (!due || clock_.doubt() != ClockDoubt::none) return kIdleWake;  // in doubt nothing falls due
  return std::clamp<std::chrono::milliseconds>(*due - parts_.clock.wall(), 0ms, kIdleWake);
}

// What time alone brings about: rights that expire, readings that lapse.
void Sequencer::add_due(std::vector<Command>& commands) {
  if (tree_.size() == 0) return;  // SPEC REC-8
  const CommitClock::Reading time = clock_.read();
  show_doubt(time.doubt);
  if (const std::optional<UtcTime> due = state_.next_due(); due && *due <= time.now) {
    commands.push_back(of_gateway(policy::ExpireDue{}));
  }
  if (parts_.clock.steady() - swept_ < kIdleWake) return;
  swept_ = parts_.clock.steady();
  std::unordered_set<ReadingId> running;
  for (const RunningReading& open : parts_.readings.snapshot()) {
    const ReadingId id = open.permit->reading();
    running.insert(id);
    const policy::Reading* reading = state_.find<policy::Reading>(id);
    const bool lapsed = reading && reading->opened + kReadingLife <= time.now;
    const bool in_doubt = time.doubt != ClockDoubt::none;  // what has run out meanwhile cannot be known
    const bool ended =
        in_doubt || !reading || !policy::decide_continue(state_, *reading, open.actor, time.now).is_permitted();
    if (!lapsed && !ended) continue;
    const std::optional<std::uint64_t> bytes = parts_.readings.cut(id);
    const policy::ReadingEnd end = ended ? policy::ReadingEnd::cut : policy::ReadingEnd::lapsed;
    if (reading && bytes) commands.push_back(of_gateway(policy::CloseReading{id, end, *bytes}));
  }
  for (const Command& command : commands) {
    if (const auto* closing = get_if<policy::CloseReading>(&command.act)) running.insert(closing->id);
  }
  // SPEC CONT-5: one that ended while the queue was full, so that its closing found no room.
  for (const auto& [id, reading] : state_.all<policy::Reading>()) {
    if (running.contains(id) || reading.opened + kReadingLife > time.now) continue;
    commands.push_back(of_gateway(policy::CloseReading{id, policy::ReadingEnd::interrupted, 0}));
  }
}

// Also of a clock that nobody has met with an act since it jumped.
void Sequencer::show_doubt(ClockDoubt doubt) {
  if (view_.doubt == doubt) return;  // only this thread writes it
  std::lock_guard lock(view_mutex_);
  view_.doubt = doubt;
}

void Sequencer::refuse(std::vector<Command> commands) {
  for (Command& command : commands) {
    if (!is_of_gateway(command)) Counters::add(counters_.unavailable);
    if (command.done) command.done(CommandResult{});
  }
}

// The space that was held back is for acts that narrow access: while it is out, nothing else uses it up.
std::vector<Command> Sequencer::keep_reserve_for_narrowing(std::vector<Command> commands) {
  if (!reserve_is_out_) return commands;
  std::vector<Command> kept;
  std::vector<Command> others;
  for (Command& command : commands) {
    const bool is_own = is_of_gateway(command) && !holds_alternative<policy::SumFailures>(command.act);
    const bool narrows = policy::direction_of(state_, command.act) == policy::Direction::narrowing;
    const bool may = is_own || narrows || holds_alternative<policy::AcceptClock>(command.act);
    (may ? kept : others).push_back(std::move(command));
  }
  refuse(std::move(others));
  return kept;
}

// False: the outcome is unknown, nothing may be served any more.
bool Sequencer::process(std::vector<Command> commands) {
  Result<Batch> decided = decide(std::move(commands));
  if (!decided) return fatal(decided.error()), false;
  Batch& batch = *decided;
  std::optional<Error> failed;
  const crypto::LtHash digest_before = digest_;
  const auto began = parts_.clock.steady();
  const store::CommitResult commit = write(batch, failed);
  if (commit.outcome == store::CommitOutcome::committed && batch.writes(tree_.size()))
    counters_.commits.count(parts_.clock.steady() - began);
  switch (commit.outcome) {
    case store::CommitOutcome::committed:
      aborted_ = false;
      publish(batch);
      return !dead_;
    case store::CommitOutcome::aborted: {
      aborted_ = true;
      Counters::add(counters_.commits_failed);
      digest_ = digest_before;
      undo(batch);
      const Error cause = failed ? *failed : commit.cause.value_or(fail(ErrorCode::unavailable, "unknown cause"));
      spdlog::error("a batch of {} acts was not committed and is refused: {}", batch.applied.size(), cause.message);
      if (cause.code == ErrorCode::out_of_space && batch.narrows && !reserve_is_out_ && parts_.reserve.held()) {
        return retry_from_reserve(std::move(batch));
      }
      refuse_all(batch.applied);
      return true;
    }
    case store::CommitOutcome::unknown:
      break;
  }
  fatal(commit.cause.value_or(fail(ErrorCode::io, "the outcome of a commit is unknown")));
  return false;
}

Result<Sequencer::Batch> Sequencer::decide(std::vector<Command> commands) {
  Batch batch;
  batch.time = clock_.read();
  batch.next_index = tree_.size();
  batch.applied.reserve(commands.size());
  for (Command& command : commands) decide_one(batch, std::move(command));
  return batch;
}

void Sequencer::decide_one(Batch& batch, Command command) {
  Applied& applied = batch.applied.emplace_back();
  applied.command = std::move(command);
  applied.result.time = batch.time.now;
  const std::optional<ActEvidence>& evidence = applied.command.evidence;
  const ActId act = id_of_act(applied.command);
  const ByteArray<16> actor = actor_id(applied.command.actor);
  if (evidence) {
    if (const policy::Receipt* known = state_.find<policy::Receipt>({actor, act})) {
      const bool same = known->act_hash == evidence->hash;
      applied.result.status = same ? CommandStatus::repeated : CommandStatus::conflict;
      applied.result.entry = known->entry;
      if (same) answer_again(applied.result, *known);
      return;
    }
    // SPEC ACT-56: a log that is ahead of the clock does not stop what narrows.
    const bool narrows = policy::direction_of(applied.command.act) == policy::Direction::narrowing;
    const UtcTime now = narrows ? std::min(batch.time.now, parts_.clock.wall()) : batch.time.now;
    if (evidence->carried_out_until <= now) {
      applied.result.status = CommandStatus::expired;
      return;
    }
  }

  const policy::Moment moment{batch.time.now,
                              act,
                              applied.command.seen_version,
                              batch.time.doubt != ClockDoubt::none,
                              evidence ? evidence->hash : crypto::Hash256{},
                              log_doubt_ || rows_doubt_,
                              batch.next_index};
  const policy::Direction direction = policy::direction_of(state_, applied.command.act);
  applied.outcome =
      policy::evaluate(state_, applied.command.actor, applied.command.act, moment, applied.command.prepared);
  if (evidence) applied.outcome.puts.push_back(receipt_of(batch, applied));
  if (Result<void> written = write_down(batch, applied, act); !written) {
    // A key or row that should be there is not. What the gateway itself owes the log cannot be refused.
    if (is_of_gateway(applied.command)) throw std::runtime_error(written.error().message);
    spdlog::error("an act is refused, because writing it down failed: {}", written.error().message);
    applied.outcome = policy::Outcome{};
    applied.outcome.decision = policy::Decision::refuse(policy::Reason::error);
    if (evidence) applied.outcome.puts.push_back(receipt_of(batch, applied));
    applied.entries.clear();
    applied.rows.clear();
    if (Result<void> refusal = write_down(batch, applied, act); !refusal) {
      spdlog::error("nor could its refusal be written down: {}", refusal.error().message);
      applied.outcome = policy::Outcome{};
      applied.rows.clear();
      applied.result.status = CommandStatus::unavailable;
      return;
    }
  }
  applied.result.status = CommandStatus::decided;
  applied.result.decision = applied.outcome.decision;
  applied.result.entry = batch.next_index;
  applied.result.answer = std::move(applied.outcome.answer);
  batch.next_index += applied.entries.size();

  apply(batch, applied, direction);
}

// INVARIANT (undo): every change is undone in reverse when the batch does not commit.
void Sequencer::apply(Batch& batch, Applied& applied, policy::Direction direction) {
  for (policy::Row& row : applied.outcome.puts) {
    if (const auto* reading = get_if<policy::Reading>(&row)) reading_rows_.opened(*reading, applied.result.entry);
    batch.changes_log_keys |= holds_alternative<policy::LogKey>(row);
    const policy::RowId id = policy::row_id(row);
    applied.before.emplace_back(id, state_.put(std::move(row)));
  }
  for (const policy::RowId& id : applied.outcome.erases) {
    applied.before.emplace_back(id, state_.erase(id));
    const std::optional<policy::Row>& was = applied.before.back().second;
    if (const auto* reading = was ? get_if<policy::Reading>(&*was) : nullptr) reading_rows_.closed(reading->id);
  }
  if (!applied.before.empty() && changes_rights(applied.command.act)) {
    batch.rights_change = true;
    if (direction == policy::Direction::narrowing) batch.narrows = true;
  }
}

policy::Row Sequencer::receipt_of(const Batch& batch, const Applied& applied) {
  const ActEvidence& evidence = *applied.command.evidence;
  const policy::Decision& decision = applied.outcome.decision;
  return policy::Receipt{actor_id(applied.command.actor),
                         evidence.id,
                         evidence.hash,
                         batch.next_index,
                         decision.is_permitted(),
                         to_json(ReceiptAnswer{batch.time.now, decision.reason}),
                         receipt_goes_at(evidence.carried_out_until, batch.time.now)};
}

// Makes the log entries and sealed rows of one outcome, before it is applied.
Result<void> Sequencer::write_down(Batch& batch, Applied& applied, const ActId& act) {
  for (const policy::Row& row : applied.outcome.puts) {
    if (is_stored(row)) applied.rows.push_back(TRY(sealer_.seal(row, batch.next_index)));
  }
  EntryWriter::Written written =
      TRY(entries_.write(applied.command, applied.outcome, state_, batch.next_index, batch.time.now, act));
  applied.entries = std::move(written.rows);
  applied.result.person_entries = written.person_entries;
  for (const crypto::MerkleHash& leaf : written.leaves) tree_.append(leaf);
  return {};
}

Result<void> Sequencer::put_row(store::Transaction& transaction, const store::StateRow& row) {
  const std::optional<store::StateRow> old = TRY(transaction.put_state(row));
  if (old) digest_.remove(digest_element(old->table, old->id, old->version, old->body));
  digest_.add(digest_element(row.table, row.id, row.version, row.body));
  return {};
}

Result<void> Sequencer::erase_row(store::Transaction& transaction, const policy::RowId& id) {
  const std::optional<store::StateRow> old = TRY(transaction.erase_state(id.table, id.key));
  if (old) digest_.remove(digest_element(old->table, old->id, old->version, old->body));
  return {};
}

// SPEC ROW-7
Result<void> Sequencer::put_open_readings(store::Transaction& transaction) {
  for (const auto& [row, open] : reading_rows_.changes()) {
    Bytes key = std::move(ByteWriter().u64(row)).take();
    if (open.empty()) {
      TRY_VOID(erase_row(transaction, {kReadingRowsTable, std::move(key)}));
      continue;
    }
    std::vector<OpenAtRest> at_rest;
    for (const OpenReadingAtRest& one : open) at_rest.push_back(one.at_rest);
    const Bytes plaintext = encode_open_readings(at_rest);
    TRY_VOID(put_row(transaction, sealer_.seal_own(kReadingRowsTable, std::move(key), tree_.size(), plaintext)));
  }
  return {};
}

store::CommitResult Sequencer::write(Batch& batch, std::optional<Error>& failed) {
  if (!batch.writes(tree_.size())) return {store::CommitOutcome::committed, {}};
  Result<store::Transaction> transaction = parts_.rows.begin();
  if (!transaction) {
    failed = transaction.error();
    const bool certain = failed->code == ErrorCode::unavailable || failed->code == ErrorCode::out_of_space;
    return {certain ? store::CommitOutcome::aborted : store::CommitOutcome::unknown, failed};
  }
  auto steps = [&]() -> Result<void> {
    for (const Applied& applied : batch.applied) {
      for (const store::StateRow& row : applied.rows) TRY_VOID(put_row(*transaction, row));
      for (const policy::RowId& id : applied.outcome.erases) {
        if (id.table != policy::Reading::kTable) TRY_VOID(erase_row(*transaction, id));
      }
      for (const store::EntryRow& entry : applied.entries) TRY_VOID(transaction->append_entry(entry));
    }
    TRY_VOID(put_open_readings(*transaction));
    batch.places = entries_.place_rows(sealer_, batch.next_index);
    for (const store::StateRow& row : batch.places) TRY_VOID(put_row(*transaction, row));
    for (const audit::Tile& tile : tree_.new_tiles()) {
      Bytes hashes;
      for (const crypto::MerkleHash& hash : tile.hashes) hashes.insert(hashes.end(), hash.begin(), hash.end());
      TRY_VOID(transaction->put_tile(static_cast<std::uint8_t>(tile.level), tile.number, hashes));
    }
    const audit::Head head{origin_, tree_.pending_size(), tree_.pending_root(), digest_.digest()};
    // SPEC LKEY-6: start-up asks the rows which key the head is under, so both change in one transaction.
    if (batch.changes_log_keys) batch.signers = TRY(LogSigners::load(parts_.keys, LogKeys::of(state_), origin_));
    batch.head = TRY(audit::sign_head(head, (batch.signers ? batch.signers : signers_)->head()));
    TRY_VOID(transaction->set_meta(store::kHeadNote, as_bytes(batch.head)));
    return {};
  };
  Result<void> done = steps();
  if (done) return transaction->commit();
  failed = done.error();
  return transaction->abandon(done.error());
}

void Sequencer::undo(Batch& batch) {
  for (auto applied = batch.applied.rbegin(); applied != batch.applied.rend(); ++applied) {
    for (auto change = applied->before.rbegin(); change != applied->before.rend(); ++change) {
      if (change->second)
        state_.put(std::move(*change->second));
      else
        state_.erase(change->first);
    }
    applied->before.clear();
  }
  tree_.drop();
  entries_.drop();
  reading_rows_.drop();
}

void Sequencer::refuse_all(std::vector<Applied>& applied) {
  for (Applied& one : applied) {
    if (!is_of_gateway(one.command)) Counters::add(counters_.unavailable);
    if (one.command.done)
      one.command.done(CommandResult{});
    else if (!holds_alternative<policy::ExpireDue>(one.command.act))  // add_due() makes it again
      own_.push_back(std::move(one.command));                         // what the gateway owes the log stays owed
  }
}

// The disk is full and somebody takes access away: give up the space that was held back for this, and let only the
// narrowing acts through.
bool Sequencer::retry_from_reserve(Batch batch) {
  reserve_is_out_ = true;
  if (Result<void> released = parts_.reserve.release(); !released) {
    spdlog::error("the reserve could not be released: {}", released.error().message);
  }
  std::vector<Command> narrowing;
  std::vector<Applied> others;
  for (Applied& applied : batch.applied) {
    const bool narrows = policy::direction_of(state_, applied.command.act) == policy::Direction::narrowing;
    if (narrows)
      narrowing.push_back(std::move(applied.command));
    else
      others.push_back(std::move(applied));
  }
  refuse_all(others);
  return process(std::move(narrowing));
}

Result<void> Sequencer::sync_head_file() {
  TRY_VOID(parts_.head_file.write(as_bytes(head_note_)));
  head_file_behind_ = false;
  head_file_written_ = parts_.clock.steady();
  return {};
}

void Sequencer::housekeeping() {
  if (head_file_behind_ && parts_.clock.steady() - head_file_written_ >= kHeadFileLag) {
    if (Result<void> synced = sync_head_file(); !synced) return fatal(synced.error());
  }
  if (!reserve_is_out_) return;
  Result<bool> held = parts_.reserve.rehold_if_possible(kReserveWatermark);
  if (!held || !*held) return;
  reserve_is_out_ = false;
  spdlog::info("the disk reserve is held again");
}

void Sequencer::fatal(const Error& error) {
  dead_ = true;
  queue_.close();
  parts_.readings.cut_all();
  spdlog::critical("the gateway stops serving: {}", error.message);
  if (parts_.on_fatal) parts_.on_fatal(error);
}

}  // namespace flikvakt::service
