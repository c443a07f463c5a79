// A batch is durable: everything that follows from it, in order, and only then the answers.
#include <spdlog/spdlog.h>

#include <algorithm>

#include "service/batch.h"

namespace flikvakt::service {
namespace {

constexpr std::uint64_t kCheckpointEvery = 8000;  // pages, well below what the index of the log has room for
constexpr std::uint64_t kPageBytes = 4096;
constexpr std::uint64_t kPagesPerRow = 2;    // leaf, parent
constexpr std::uint64_t kPagesPerBatch = 8;  // the notes, the shared row of open readings, the edges of tables

std::optional<ReadingId> opened_reading(const policy::Act& act) {
  if (const auto* open = get_if<policy::OpenReading>(&act)) return open->id;
  if (const auto* open = get_if<policy::OpenOwnDocument>(&act)) return open->id;
  return std::nullopt;
}

// While it exists, whoever gets several of these answers hears of them together. Announced one by one, the first woke
// the worker, and the two threads took the locks from each other: 23 context switches for a batch of 32 reads; together
// 9 for one of 49.
class Delivery {
public:
  Delivery() = default;
  Delivery(const Delivery&) = delete;
  Delivery& operator=(const Delivery&) = delete;
  ~Delivery() {
    for (const std::shared_ptr<Mailbox>& one : mailboxes_) one->end_delivery();
  }
  void goes_to(const std::shared_ptr<Mailbox>& mailbox) {
    if (mailbox == nullptr || std::ranges::find(mailboxes_, mailbox) != mailboxes_.end()) return;
    mailboxes_.push_back(mailbox);
    mailbox->begin_delivery();
  }

private:
  std::vector<std::shared_ptr<Mailbox>> mailboxes_;  // one of each worker
};

}  // namespace

// The batch is durable. Everything here must happen before anyone is answered.
void Sequencer::publish(Batch& batch) {
  if (!batch.writes(tree_.size())) return answer(batch);
  tree_.commit();
  parts_.keys.store().note_log_size(tree_.size());
  entries_.commit();
  reading_rows_.commit();
  clock_.committed(batch.time.now);
  {
    std::lock_guard lock(view_mutex_);
    view_ = {tree_.size(), tree_.root(), batch.time.now, batch.time.doubt};
  }
  if (batch.signers) sign_with(std::move(batch.signers));
  head_note_ = std::move(batch.head);
  head_file_behind_ = true;
  if (batch.rights_change) {
    if (Result<void> synced = sync_head_file(); !synced) return fatal(synced.error());
  }
  std::vector<policy::RowId> changed;
  for (const Applied& applied : batch.applied) {
    for (const auto& [id, before] : applied.before) changed.push_back(id);
    for (const KeyId& key : applied.outcome.shreds) {
      if (Result<void> gone = parts_.keys.store().destroy(key); !gone) return fatal(gone.error());
    }
    const bool accepted = holds_alternative<policy::AcceptClock>(applied.command.act) &&
                          applied.result.status == CommandStatus::decided && applied.result.decision.is_permitted();
    if (accepted) clock_.accept();
  }
  parts_.directory.update(state_, changed);
  const bool is_pruning =
      std::ranges::any_of(changed, [](const policy::RowId& id) { return id.table == policy::Pruning::kTable; });
  if (is_pruning) find_pruning();
  const Erased erased = erased_by(batch);
  if (parts_.on_erased && !erased.keys.empty()) {
    Result<void> noted = parts_.on_erased(erased);
    if (!noted && noted.error().code == ErrorCode::out_of_space && parts_.reserve.held()) {
      reserve_is_out_ = true;  // an erasure takes away too
      if (Result<void> released = parts_.reserve.release(); released) noted = parts_.on_erased(erased);
    }
    if (!noted) return fatal(noted.error());
  }
  answer(batch);
  if (parts_.on_committed) parts_.on_committed(tree_.size());
  move_log_to_database(batch);
}

void Sequencer::sign_with(std::unique_ptr<LogSigners> signers) {
  const std::lock_guard lock(checkpoint_mutex_);
  signers_ = std::move(signers);
  checkpoint_.clear();
}

// Before the write-ahead log outgrows the room that its index was given (store/writer).
void Sequencer::move_log_to_database(const Batch& batch) {
  const auto pages_of = [](std::size_t bytes) { return kPagesPerRow + bytes / kPageBytes; };
  pages_since_checkpoint_ += kPagesPerBatch;
  for (const Applied& applied : batch.applied) {
    for (const store::StateRow& row : applied.rows) pages_since_checkpoint_ += pages_of(row.body.size());
    for (const store::EntryRow& row : applied.entries) {
      // An entry is written behind the last one, seven to a page: one page is more than enough.
      pages_since_checkpoint_ += 1 + (row.act_record ? pages_of(row.act_record->size()) : 0);
    }
    pages_since_checkpoint_ += kPagesPerRow * applied.outcome.erases.size();
  }
  for (const store::StateRow& row : batch.places) pages_since_checkpoint_ += pages_of(row.body.size());
  move_log_when_long();
}

void Sequencer::move_log_when_long() {
  if (pages_since_checkpoint_ < kCheckpointEvery) return;
  pages_since_checkpoint_ = 0;
  if (Result<store::CheckpointProgress> moved = parts_.rows.checkpoint(); !moved) {
    spdlog::warn("the write-ahead log could not be moved to the database: {}", moved.error().message);
  }
}

void Sequencer::forget(const PersonId& person) {
  sealer_.forget(person);
  entries_.forget(person);
}

// What is destroyed for good: keys, and the objects that nothing can open any more.
Erased Sequencer::erased_by(const Batch& batch) {
  Erased out{{}, {}, batch.time.now};
  for (const Applied& applied : batch.applied) {
    out.keys.insert(out.keys.end(), applied.outcome.shreds.begin(), applied.outcome.shreds.end());
    for (const auto& [id, before] : applied.before) {
      if (const auto* person = before ? get_if<policy::Person>(&*before) : nullptr) {
        if (!state_.find<policy::Person>(person->id)) forget(person->id);
      }
      const auto* was = before ? get_if<policy::Document>(&*before) : nullptr;
      if (!was || was->status != policy::DocumentStatus::sealed) continue;
      const policy::Document* now = state_.find<policy::Document>(was->id);
      if (!now || now->status == policy::DocumentStatus::erased) out.objects.push_back(was->object);
    }
  }
  return out;
}

// An act behind it in the same batch may have erased what it opened: it stands in the log, and nobody gets a permit.
void Sequencer::permit_opening(Applied& applied) {
  const std::optional<ReadingId> reading = opened_reading(applied.command.act);
  if (!reading || applied.result.status != CommandStatus::decided || !applied.result.decision.is_permitted()) return;
  const auto& view = std::get<policy::DocumentView>(applied.result.answer);
  const policy::Flik* flik = state_.find<policy::Flik>({view.document.person, view.document.facts.flik});
  const bool is_open = state_.find<policy::Reading>(*reading) != nullptr;
  if (!flik || !is_open) {
    applied.result.decision = policy::Decision::refuse(policy::Reason::not_in_force, policy::Rule::document);
    applied.result.answer = {};
    if (is_open) own_.push_back(of_gateway(policy::CloseReading{*reading, policy::ReadingEnd::cut, 0}));
    return;
  }
  applied.result.permit = std::shared_ptr<const LoggedPermit>(new LoggedPermit(
      view.document, flik->key_id, *reading, view.fullmakt, applied.result.entry, std::make_shared<Lease>()));
  parts_.readings.add({applied.result.permit, applied.command.actor});
}

// SPEC MET-4
void Sequencer::count(const Applied& applied) {
  if (std::holds_alternative<policy::SystemActor>(applied.command.actor)) return;
  const CommandResult& result = applied.result;
  if (result.permit) Counters::add(counters_.readings_opened);
  switch (result.status) {
    case CommandStatus::decided:
      if (result.decision.is_permitted()) return Counters::add(counters_.permitted);
      if (result.decision.reason == policy::Reason::log_not_witnessed) Counters::add(counters_.readings_not_witnessed);
      return Counters::add(counters_.refused);
    case CommandStatus::repeated:
      return Counters::add(counters_.repeated);
    case CommandStatus::conflict:
      return Counters::add(counters_.conflicting);
    case CommandStatus::expired:
      return Counters::add(counters_.expired);
    case CommandStatus::unavailable:
      return Counters::add(counters_.unavailable);
  }
}

void Sequencer::answer(Batch& batch) {
  for (Applied& applied : batch.applied) permit_opening(applied);
  if (batch.rights_change) {
    cut_ended_readings(batch);
    if (batch.narrows && parts_.on_narrowed) parts_.on_narrowed();
  }
  for (const Applied& applied : batch.applied) count(applied);
  const auto give = [](Applied& applied) {
    if (applied.command.done) applied.command.done(std::move(applied.result));
  };
  {
    Delivery delivery;
    for (const Applied& applied : batch.applied) delivery.goes_to(applied.command.mailbox);
    for (Applied& applied : batch.applied) {
      if (applied.command.mailbox) give(applied);
    }
  }
  // What ends an upload may write to the disk: an acknowledgement does not wait for that.
  for (Applied& applied : batch.applied) {
    if (!applied.command.mailbox) give(applied);
  }
}

void Sequencer::cut_ended_readings(const Batch& batch) {
  for (const RunningReading& open : parts_.readings.snapshot()) {
    const ReadingId id = open.permit->reading();
    const policy::Reading* reading = state_.find<policy::Reading>(id);
    if (reading && policy::decide_continue(state_, *reading, open.actor, batch.time.now).is_permitted()) continue;
    const std::optional<std::uint64_t> bytes = parts_.readings.cut(id);
    if (!reading || !bytes) continue;  // gone with the erasure of its document, or its last byte closes it
    own_.push_back(of_gateway(policy::CloseReading{id, policy::ReadingEnd::cut, *bytes}));
  }
}

}  // namespace flikvakt::service
