// The one commit point (docs/ARCHITECTURE.md). One thread takes commands in batches, narrowing acts first, and
// for each in turn decides against the current state, makes its log entries and applies it; writes the batch in one
// durable transaction; and only then answers. So the order of the log is the truth.
//
// INVARIANT (log before byte): a LoggedPermit exists only after the transaction with its entry has committed.
// INVARIANT (revocation is now): a narrowing act is answered after the readings that it ends were cut, and after the
// head file holds it.
#pragma once

#include <atomic>
#include <functional>
#include <thread>

#include "audit/checkpoint.h"
#include "audit/tree.h"
#include "policy/retention.h"
#include "service/command_queue.h"
#include "service/commit_clock.h"
#include "service/counters.h"
#include "service/directory.h"
#include "service/entry_writer.h"
#include "service/log_keys.h"
#include "service/open_readings.h"
#include "service/reading_rows.h"
#include "service/row_seal.h"
#include "store/database.h"
#include "store/head_file.h"
#include "store/reserve.h"

namespace flikvakt::service {

// Everything that start_up() found to be whole and consistent.
struct Recovered {
  std::string origin;  // of the log
  policy::State state;
  crypto::LtHash digest;
  audit::Tree tree;
  Places places;
  std::optional<UtcTime> last_entry;
  std::string head_note;  // signed, as the database has it
  std::unique_ptr<LogSigners> signers;
  ReadingsByRow open_readings;  // those that were open when the gateway ended: they were interrupted
};

// A public view of the log as of the last batch. Values; the tree may be used for proofs on any thread.
struct LogView {
  std::uint64_t size = 0;
  crypto::MerkleHash root{};
  UtcTime last_entry;
  ClockDoubt doubt = ClockDoubt::none;
};

// What one batch destroyed.
struct Erased {
  std::vector<KeyId> keys;
  std::vector<ObjectName> objects;
  UtcTime time;
};

class Sequencer {
public:
  struct Parts {
    store::Database& rows;
    store::HeadFile& head_file;
    store::Reserve& reserve;
    const KeyRing& keys;
    Directory& directory;
    OpenReadings& readings;
    const Clock& clock;
    // The outcome of a commit is unknown, or memory and disk disagree: must not return to serving. Called once.
    std::function<void(const Error&)> on_fatal;
    // Rows that narrowed access: connections of removed credentials are closed by whoever listens.
    std::function<void()> on_narrowed;
    // Keys were destroyed; on the sequencer's thread, before anyone is answered. An error is fatal.
    std::function<Result<void>(const Erased&)> on_erased;
    // The size of the log, after everybody was answered. Must not wait.
    std::function<void(std::uint64_t)> on_committed = {};
  };
  Sequencer(Parts parts, Recovered recovered, CommandQueue::Limits limits = {});
  ~Sequencer();

  void start();
  void stop();  // decides what waits, writes the head file, ends the thread

  // SPEC WIT-33: for good: when it returns nothing is decided, written or answered any more, and no byte of a document
  // is under way. Waits for the batch that is being written; its openings send nothing. From any thread but the
  // sequencer's own, and none that a batch waits for.
  void lock();

  // A command that finds no room, or comes after stop(), is answered `unavailable` at once. When the sequencer dies
  // (Parts::on_fatal), what it had taken and what still waits is dropped: `done` goes without having been called.
  void submit(Command command);
  void submit(std::vector<Command> commands);  // together: for those that arise in one turn of a network thread

  // The state between two batches, with the time: for what is shown although nobody sent an act that asks for it. What
  // was acknowledged before this is called is in it. Called once, on the sequencer's thread, which it must not hold up;
  // nullptr (then on any thread): it stops, is locked, or doubts the time.
  using Look = std::function<void(const policy::State* state, UtcTime now)>;
  void look(Look asked);

  // SPEC WIT-24: from now on, until it is said otherwise, staff open no document: nobody outside has seen the log.
  void doubt_log(bool doubt) { log_doubt_ = doubt; }
  // SPEC WIT-37: the same, until the process ends: what is here cannot be compared with what the log signed. True: it
  // was not said before.
  bool doubt_rows() { return !rows_doubt_.exchange(true); }
  bool doubts_rows() const { return rows_doubt_; }

  LogView log_view() const;
  const Counters& counters() const { return counters_; }
  std::size_t waiting() const { return queue_.size(); }  // commands
  // The signed note of that view. Made when somebody asks, once for each size: a signature takes 40 us, and a batch
  // would wait for it.
  std::string checkpoint() const { return checkpoint(log_view()); }
  std::string checkpoint(const LogView& view) const;
  // A note of that text and no other, under the keys that sign now. For evidence: what is served is checkpoint().
  Result<std::string> sign(const audit::Checkpoint& checkpoint) const;
  const std::string& origin() const { return origin_; }  // of the log
  // What signs; another one after an act that changes the log's keys, so only for who knows that there is none.
  const LogSigners& signers() const { return *signers_; }

private:
  struct Applied;  // one command with what followed from it
  struct Batch;

  void run();
  void work();
  void refuse_what_waits(std::vector<Command> taken);
  void drop_what_waits();
  void give_looks();
  void close_looks();
  std::chrono::milliseconds time_to_wait() const;
  void add_due(std::vector<Command>& commands);
  void show_doubt(ClockDoubt doubt);
  bool process(std::vector<Command> commands);
  // Phases of a batch.
  void refuse(std::vector<Command> commands);
  void count(const Applied& applied);
  std::vector<Command> keep_reserve_for_narrowing(std::vector<Command> commands);
  Result<Batch> decide(std::vector<Command> commands);
  void decide_one(Batch& batch, Command command);
  static policy::Row receipt_of(const Batch& batch, const Applied& applied);
  Result<void> write_down(Batch& batch, Applied& applied, const ActId& act);
  void apply(Batch& batch, Applied& applied, policy::Direction direction);
  Result<void> put_open_readings(store::Transaction& transaction);
  store::CommitResult write(Batch& batch, std::optional<Error>& failed);
  void undo(Batch& batch);
  void publish(Batch& batch);
  void sign_with(std::unique_ptr<LogSigners> signers);
  void cut_ended_readings(const Batch& batch);
  void forget(const PersonId& person);
  Erased erased_by(const Batch& batch);
  void permit_opening(Applied& applied);
  void answer(Batch& batch);
  void move_log_to_database(const Batch& batch);
  void move_log_when_long();
  void refuse_all(std::vector<Applied>& applied);
  bool retry_from_reserve(Batch batch);

  Result<void> put_row(store::Transaction& transaction, const store::StateRow& row);
  Result<void> erase_row(store::Transaction& transaction, const policy::RowId& id);
  Result<void> sync_head_file();
  void housekeeping();
  void find_pruning();
  void prune_some(bool is_idle);
  void fatal(const Error& error);

  Parts parts_;
  const std::string origin_;
  Counters counters_;
  CommandQueue queue_;
  policy::State state_;
  crypto::LtHash digest_;
  audit::Tree tree_;
  CommitClock clock_;
  EntryWriter entries_;
  RowSealer sealer_;
  ReadingRows reading_rows_;
  std::unique_ptr<LogSigners> signers_;  // read on any thread, under checkpoint_mutex_; changed on this one alone
  std::string head_note_;
  bool head_file_behind_ = false;
  std::chrono::steady_clock::time_point head_file_written_{};
  std::chrono::steady_clock::time_point swept_{};
  std::uint64_t pages_since_checkpoint_ = 0;  // about
  struct PruningWork {
    std::uint64_t size = 0;  // of the log, up to where it was ordered
    std::uint64_t next = 0;  // entries before it are done
    policy::EntrySet kept;
    std::chrono::steady_clock::time_point not_before{};
    unsigned batches_since = 0;
  };
  std::optional<PruningWork> pruning_;  // while there is some to do
  std::vector<Command> own_;            // closings and expiries that the gateway itself owes
  std::atomic<bool> stopping_{false};
  std::atomic<bool> is_locked_ = false;
  bool dead_ = false;
  std::atomic<bool> log_doubt_ = false;   // written by whoever asks witnesses
  std::atomic<bool> rows_doubt_ = false;  // by whoever compares a checkpoint with the rows
  std::mutex batch_;                      // held from deciding a batch until it is answered
  bool reserve_is_out_ = false;
  bool aborted_ = false;  // the newest batch did not commit
  std::thread thread_;

  std::mutex looks_mutex_;
  std::vector<Look> looks_;
  bool takes_looks_ = true;  // false: for good

  mutable std::mutex view_mutex_;
  LogView view_;
  mutable std::mutex checkpoint_mutex_;
  mutable std::uint64_t checkpoint_size_ = 0;
  mutable std::string checkpoint_;  // the newest that was asked for
};

}  // namespace flikvakt::service
