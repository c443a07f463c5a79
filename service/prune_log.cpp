// What a pruning ordered, carried out in pieces between batches: its act is in the log, so a crash changes nothing but
// how much is still to be done. SPEC STO-18
#include <spdlog/spdlog.h>

#include "service/sequencer.h"

namespace flikvakt::service {
namespace {

using namespace std::chrono_literals;

// Some milliseconds, for which a revocation may wait; longer where one record alone is larger.
constexpr std::uint64_t kPrunedAtOnce = 256;
constexpr std::uint64_t kRecordBytesAtOnce = 1 << 20;
constexpr unsigned kBatchesBetween = 8;
constexpr auto kAfterAnAbort = 1min;
constexpr std::uint64_t kPageBytes = 4096;
constexpr std::uint64_t kEntriesPerPage = 7;
constexpr std::uint64_t kPagesOfAPiece = 16;  // the cursor, the edges of tables, free pages

struct Cursor {
  std::uint64_t size = 0;  // of the pruning that it is of
  std::uint64_t next = 0;
};

Bytes encode(const Cursor& cursor) { return std::move(ByteWriter().u64(cursor.size).u64(cursor.next)).take(); }

// Of another pruning, or none at all: from the beginning.
std::uint64_t where_to_go_on(const std::optional<Bytes>& stored, std::uint64_t size) {
  if (!stored) return 0;
  ByteReader in(*stored);
  const std::uint64_t of = in.u64();
  const std::uint64_t next = in.u64();
  return in.done() && of == size ? std::min(next, size) : 0;
}

struct Piece {
  std::uint64_t end = 0;    // entries before it are done
  std::uint64_t pages = 0;  // that it wrote, about
};

// Up to `to`, or as far as the bytes of a piece go.
Result<Piece> prune(store::Transaction& transaction, const policy::EntrySet& kept, Cursor cursor, std::uint64_t to) {
  std::uint64_t bytes = 0;
  std::uint64_t end = to;
  for (std::uint64_t at = cursor.next; at < end;) {
    const auto gap = kept.first_gap(at, to);
    if (!gap) break;
    at = TRY(transaction.records_within(gap->from, gap->to, kRecordBytesAtOnce - std::min(bytes, kRecordBytesAtOnce)));
    bytes += TRY(transaction.prune_entries(gap->from, at));
    if (at < gap->to) end = at;
  }
  const std::uint64_t entries = end - cursor.next;
  cursor.next = end;
  TRY_VOID(transaction.set_meta(store::kPrunedTo, encode(cursor)));
  return Piece{end, kPagesOfAPiece + 2 * entries / kEntriesPerPage + entries + bytes / kPageBytes};
}

}  // namespace

void Sequencer::find_pruning() {
  pruning_.reset();
  const auto* ordered = state_.find<policy::Pruning>("pruning");
  if (!ordered) return;
  const Result<policy::EntrySet> kept = policy::EntrySet::decode(ordered->kept);
  const Result<std::optional<Bytes>> stored = parts_.rows.meta(store::kPrunedTo);
  if (!kept || !stored) {
    spdlog::error("the log is not pruned: {}", kept ? stored.error().message : kept.error().message);
    return;
  }
  const std::uint64_t next = where_to_go_on(*stored, ordered->size);
  if (next < ordered->size) pruning_.emplace(PruningWork{ordered->size, next, *kept, {}, 0});
  counters_.pruning_left = ordered->size - next;
}

// Whenever the queue is empty, else after every eighth batch: who reads now goes first.
void Sequencer::prune_some(bool is_idle) {
  if (!pruning_ || (!is_idle && ++pruning_->batches_since % kBatchesBetween != 0)) return;
  if (aborted_ || reserve_is_out_ || pruning_->not_before > parts_.clock.steady()) return;
  const std::uint64_t to = std::min(pruning_->next + kPrunedAtOnce, pruning_->size);
  Result<store::Transaction> transaction = parts_.rows.begin();
  Result<Piece> piece(Piece{});
  store::CommitResult done;
  if (transaction) {
    piece = prune(*transaction, pruning_->kept, {pruning_->size, pruning_->next}, to);
    done = piece ? transaction->commit() : transaction->abandon(piece.error());
  } else {
    const ErrorCode code = transaction.error().code;
    const bool certain = code == ErrorCode::unavailable || code == ErrorCode::out_of_space;
    done = {certain ? store::CommitOutcome::aborted : store::CommitOutcome::unknown, transaction.error()};
  }
  switch (done.outcome) {
    case store::CommitOutcome::committed:
      pages_since_checkpoint_ += piece->pages;
      move_log_when_long();
      pruning_->next = piece->end;
      counters_.pruning_left = pruning_->size - piece->end;
      if (piece->end < pruning_->size) return;
      spdlog::info("the log is pruned: of its first {} entries {} are whole", pruning_->size, pruning_->kept.size());
      pruning_.reset();
      return;
    case store::CommitOutcome::aborted:
      pruning_->not_before = parts_.clock.steady() + kAfterAnAbort;
      spdlog::warn("pruning goes on in a minute: {}", done.cause ? done.cause->message : "unknown cause");
      return;
    case store::CommitOutcome::unknown:
      break;
  }
  fatal(done.cause.value_or(fail(ErrorCode::io, "the outcome of a commit is unknown")));
}

}  // namespace flikvakt::service
