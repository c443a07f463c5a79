// The durable rows of one gateway: an SQLCipher file (format of SQLCipher 3, 4096-byte pages, raw key) in WAL mode.
// What it does not give: protection against an older copy of the file, or of one page, put back (the head does that).
// INVARIANT (one writer): exactly one Database is open on a file, and only it writes and checkpoints; the data
// directory's lock sees to that. Readers may be many, also in other processes. Format: spec/store.md.
#pragma once

#include <filesystem>
#include <memory>

#include "crypto/secret.h"
#include "store/rows.h"

namespace flikvakt::store {

// What became of a transaction.
//   committed: durable (WAL synced).
//   aborted:   CERTAIN not to have happened, now and after any crash. Only when no commit frame was written: a
//   statement
//              or BEGIN or COMMIT met busy, disk full, a constraint or a refused argument, ROLLBACK then succeeded, and
//              a read-back shows the entry count and head note of before. Go on serving.
//   unknown:   anything else, above all an I/O error at COMMIT: the commit frame may or may not reach the disk. Stop
//              serving and exit; start-up reads what became of it. The Database refuses every later begin().
enum class CommitOutcome { committed, aborted, unknown };

struct CommitResult {
  CommitOutcome outcome = CommitOutcome::unknown;
  std::optional<Error> cause;  // of aborted and unknown; out_of_space means: release the reserve and try again
};

struct CheckpointProgress {
  std::uint64_t wal_frames = 0;    // in the log
  std::uint64_t moved_frames = 0;  // of them already in the database file
};

class Database;
struct Writer;  // the writing connection and what is known of it

// One durable unit. Destroyed without commit(), it rolls back. After a write that failed, commit() can only abort.
// Its reads see its own writes. One thread, the Database's; the Database outlives it.
class Transaction : public Rows {
public:
  Transaction(Transaction&& other) noexcept;
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();

  // Inserts or replaces; returns the row that stood there.
  Result<std::optional<StateRow>> put_state(const StateRow& row);
  // Removes; returns the row that stood there, nothing when none did.
  Result<std::optional<StateRow>> erase_state(std::uint16_t table, BytesView id);
  // `row.index` is the next one exactly: a gap or a repeat is `conflict`.
  Result<void> append_entry(const EntryRow& row);
  // A full tile: 256 hashes of 32 bytes, else `invalid`; one that exists is `conflict` (tiles never change).
  Result<void> put_tile(std::uint8_t level, std::uint64_t number, BytesView hashes);
  Result<void> set_meta(std::string_view name, BytesView value);
  // Of entries from <= index < to both parts and the act record go; leaf and link stay. Returns how many bytes of
  // records.
  Result<std::uint64_t> prune_entries(std::uint64_t from, std::uint64_t to);

  CommitResult commit();              // once; afterwards only destruction
  CommitResult abandon(Error cause);  // the same without it: aborted, when that is certain
  std::uint64_t next_index() const { return next_index_; }

private:
  friend class Database;
  struct Before {
    std::uint64_t entry_count = 0;
    std::optional<Bytes> head;
  };
  Transaction(Writer& writer, Before before);
  Result<void> ready() const;
  template <class T>
  Result<T> noted(Result<T> result);
  Result<std::optional<StateRow>> replace_state(const StateRow& row);
  Result<void> insert_entry(const EntryRow& row);
  CommitResult give_up(Error cause);
  Result<bool> stands_as_before() const;

  Writer* writer_;  // null: over
  Before before_;
  std::uint64_t next_index_;
  std::optional<Error> failed_;
};

class Database : public Rows {
public:
  // Makes a new file (mode 0600) with the newest schema. conflict: something is there already.
  static Result<Database> create(const std::filesystem::path& path, const crypto::DatabaseKey& key);
  // Never creates. not_found (the text says how to create); denied: the key does not open it, or its first page is
  // damaged (the two cannot be told apart); corrupt; invalid: not ours, or of a newer schema.
  static Result<Database> open(const std::filesystem::path& path, const crypto::DatabaseKey& key);
  Database(Database&&) noexcept;
  Database& operator=(Database&&) = delete;
  ~Database();

  // unavailable: another process writes. internal: a transaction is open. io: a former outcome is unknown.
  Result<Transaction> begin();

  // Moves what no reader still needs from the WAL to the database file; never waits for readers. Call it between
  // batches, when wal_frames may have passed some thousands. out_of_space and unavailable are harmless (the WAL stays);
  // after io or corrupt the Database refuses every later begin(): stop serving.
  Result<CheckpointProgress> checkpoint();

private:
  explicit Database(std::unique_ptr<Writer> writer);
  std::unique_ptr<Writer> writer_;
};

// Makes durable what the write-ahead log of that database holds: a killed process may have left it in memory alone. No
// error when there is no such log.
Result<void> sync_log_of(const std::filesystem::path& database);

// A read-only connection with a fixed snapshot, for one thread; for verify, export and backup, also in another process
// while the gateway runs. While a snapshot is held the WAL cannot shrink: refresh() or close it.
class Reader : public Rows {
public:
  // Errors as Database::open; invalid when the schema is not the newest (the gateway migrates at start-up).
  static Result<Reader> open(const std::filesystem::path& path, const crypto::DatabaseKey& key);
  Reader(Reader&&) noexcept;
  Reader& operator=(Reader&&) = delete;
  ~Reader();

  Result<void> refresh();  // takes a new snapshot: all that is committed by now
  Result<void> rest();     // lets go of the snapshot; refresh() before the next read

  // Copies this snapshot into a new file, encrypted under `key` (its own, or another to change keys), while the writer
  // runs; durable when it returns. The copy opens and passes verify_integrity(). conflict: the file exists.
  Result<void> copy_to(const std::filesystem::path& path, const crypto::DatabaseKey& key) const;

private:
  explicit Reader(std::unique_ptr<Connection> connection);
  std::unique_ptr<Connection> owned_;
};

}  // namespace flikvakt::store
