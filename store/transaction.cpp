#define SQLITE_HAS_CODEC 1
#include <sqlite3.h>

#include <stdexcept>

#include "store/database.h"
#include "store/writer.h"

namespace flikvakt::store {
namespace {

constexpr std::size_t kTileBytes = 256 * 32;

Result<std::int64_t> stored(std::uint64_t value) {
  if (!std::in_range<std::int64_t>(value)) return fail(ErrorCode::invalid, "a number is too large for a row");
  return static_cast<std::int64_t>(value);
}

Result<void> require_size(BytesView body) {
  if (body.size() > kMaxBlobBytes) return fail(ErrorCode::invalid, "a row's body is larger than 16 MiB");
  return {};
}

// Errors after which nothing of the transaction can be in the log: see CommitOutcome::aborted.
bool is_certain(ErrorCode code) {
  return code == ErrorCode::unavailable || code == ErrorCode::out_of_space || code == ErrorCode::conflict ||
         code == ErrorCode::invalid;
}

}  // namespace

Transaction::Transaction(Writer& writer, Before before)
    : Rows(*writer.connection), writer_(&writer), before_(std::move(before)), next_index_(before_.entry_count) {}

Transaction::Transaction(Transaction&& other) noexcept
    : Rows(other),
      writer_(std::exchange(other.writer_, nullptr)),
      before_(std::move(other.before_)),
      next_index_(other.next_index_),
      failed_(std::move(other.failed_)) {}

Transaction::~Transaction() {
  if (writer_) give_up(fail(ErrorCode::unavailable, "the transaction was dropped"));
}

// After some errors SQLite has rolled back by itself, and a further write would be a transaction of its own.
Result<void> Transaction::ready() const {
  if (!writer_) throw std::logic_error("a transaction was used after commit()");
  if (failed_) return *failed_;
  if (sqlite3_get_autocommit(connection().handle()) != 0) {
    return fail(ErrorCode::internal, "the database ended the transaction by itself");
  }
  return {};
}

template <class T>
Result<T> Transaction::noted(Result<T> result) {
  if (!result && !failed_) failed_ = result.error();
  return result;
}

Result<std::optional<StateRow>> Transaction::put_state(const StateRow& row) { return noted(replace_state(row)); }

Result<std::optional<StateRow>> Transaction::replace_state(const StateRow& row) {
  TRY_VOID(ready());
  TRY_VOID(require_size(row.id));
  TRY_VOID(require_size(row.body));
  const std::int64_t version = TRY(stored(row.version));
  std::optional<StateRow> old = TRY(state_row(row.table, row.id));
  Query query =
      TRY(connection().query("INSERT OR REPLACE INTO state_row (tbl, id, version, body) VALUES (?, ?, ?, ?)"));
  TRY_VOID(query.bind(std::int64_t{row.table}).bind(BytesView(row.id)).bind(version).bind(BytesView(row.body)).run());
  return old;
}

Result<std::optional<StateRow>> Transaction::erase_state(std::uint16_t table, BytesView id) {
  return noted([&]() -> Result<std::optional<StateRow>> {
    TRY_VOID(ready());
    std::optional<StateRow> old = TRY(state_row(table, id));
    if (!old) return old;
    Query query = TRY(connection().query("DELETE FROM state_row WHERE tbl = ? AND id = ?"));
    TRY_VOID(query.bind(std::int64_t{table}).bind(id).run());
    return old;
  }());
}

Result<void> Transaction::append_entry(const EntryRow& row) { return noted(insert_entry(row)); }

// SPEC STO-7: the log has no gap and no repeat.
Result<void> Transaction::insert_entry(const EntryRow& row) {
  TRY_VOID(ready());
  if (row.index != next_index_) {
    return fail(ErrorCode::conflict,
                "log entry " + std::to_string(row.index) + " is not the next one, " + std::to_string(next_index_));
  }
  for (BytesView part : {BytesView(row.leaf), BytesView(row.act), BytesView(row.person)}) TRY_VOID(require_size(part));
  const std::int64_t index = TRY(stored(row.index));
  Query query = TRY(connection().query("INSERT INTO entry (idx, leaf, link, act, person) VALUES (?, ?, ?, ?, ?)"));
  query.bind(index).bind(BytesView(row.leaf)).bind(BytesView(row.link)).bind(BytesView(row.act));
  TRY_VOID(query.bind(BytesView(row.person)).run());
  if (row.act_record) {
    TRY_VOID(require_size(*row.act_record));
    Query record = TRY(connection().query("INSERT INTO act_record (idx, body) VALUES (?, ?)"));
    TRY_VOID(record.bind(index).bind(BytesView(*row.act_record)).run());
  }
  ++next_index_;
  return {};
}

Result<void> Transaction::put_tile(std::uint8_t level, std::uint64_t number, BytesView hashes) {
  return noted([&]() -> Result<void> {
    TRY_VOID(ready());
    if (hashes.size() != kTileBytes) return fail(ErrorCode::invalid, "a tile has 256 hashes of 32 bytes");
    Query query = TRY(connection().query("INSERT INTO tile (level, number, hashes) VALUES (?, ?, ?)"));
    return query.bind(std::int64_t{level}).bind(TRY(stored(number))).bind(hashes).run();
  }());
}

Result<void> Transaction::set_meta(std::string_view name, BytesView value) {
  return noted([&]() -> Result<void> {
    TRY_VOID(ready());
    TRY_VOID(require_size(value));
    Query query = TRY(connection().query("INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)"));
    return query.bind(name).bind(value).run();
  }());
}

// SPEC STO-17
Result<std::uint64_t> Transaction::prune_entries(std::uint64_t from, std::uint64_t to) {
  return noted([&]() -> Result<std::uint64_t> {
    TRY_VOID(ready());
    const std::int64_t first = TRY(stored(from));
    const std::int64_t end = TRY(stored(to));
    std::uint64_t bytes = 0;
    {
      Query records = TRY(connection().query("SELECT length(body) FROM act_record WHERE idx >= ? AND idx < ?"));
      records.bind(first).bind(end);
      while (TRY(records.step())) bytes += static_cast<std::uint64_t>(records.integer(0));
    }
    Query parts = TRY(connection().query("UPDATE entry SET act = x'', person = x'' WHERE idx >= ? AND idx < ?"));
    TRY_VOID(parts.bind(first).bind(end).run());
    Query gone = TRY(connection().query("DELETE FROM act_record WHERE idx >= ? AND idx < ?"));
    TRY_VOID(gone.bind(first).bind(end).run());
    return bytes;
  }());
}

CommitResult Transaction::commit() {
  Result<void> fit = ready();
  if (!fit) return give_up(fit.error());
  Result<void> done = connection().run("COMMIT");
  if (!done) return give_up(done.error());
  std::exchange(writer_, nullptr)->in_transaction = false;
  return {CommitOutcome::committed, std::nullopt};
}

CommitResult Transaction::abandon(Error cause) { return give_up(std::move(cause)); }

Result<bool> Transaction::stands_as_before() const {
  return TRY(entry_count()) == before_.entry_count && TRY(meta(kHeadNote)) == before_.head;
}

// Ends the transaction without it. INVARIANT (certain abort): `aborted` only if the cause came before any commit frame,
// the rollback succeeded and the rows of before are what is read.
CommitResult Transaction::give_up(Error cause) {
  Writer& writer = *std::exchange(writer_, nullptr);
  writer.in_transaction = false;
  sqlite3* handle = writer.connection->handle();
  bool certain = is_certain(cause.code);
  if (sqlite3_get_autocommit(handle) == 0 && !writer.connection->run("ROLLBACK")) certain = false;
  if (sqlite3_get_autocommit(handle) == 0) certain = false;
  if (certain) {
    Result<bool> same = stands_as_before();
    certain = same && *same;
  }
  if (certain) return {CommitOutcome::aborted, std::move(cause)};
  writer.doubt = fail(ErrorCode::io, "nobody knows what reached the disk: " + cause.message);
  return {CommitOutcome::unknown, std::move(cause)};
}

}  // namespace flikvakt::store
