#include "store/database.h"

#include <fcntl.h>

#define SQLITE_HAS_CODEC 1
#include <sqlite3.h>

#include "base/files.h"
#include "store/migrations.h"
#include "store/start_up.h"
#include "store/writer.h"

namespace flikvakt::store {
namespace {

// SQLite grows the index of its log (the -shm file) after the log is synced; on a full disk that turns a commit that
// could have been refused with certainty into one of unknown outcome. So the index is given its room beforehand: for
// 16 regions of 32 KiB, about 65,000 frames (256 MiB of log).
Result<void> make_room_for_log_index(Connection& connection) {
  sqlite3_file* file = nullptr;
  sqlite3_file_control(connection.handle(), "main", SQLITE_FCNTL_FILE_POINTER, &file);
  if (!file || !file->pMethods || file->pMethods->iVersion < 2) {
    return fail(ErrorCode::internal, "the database library gives no access to its log index");
  }
  for (int region = 0; region < 16; ++region) {
    void volatile* memory = nullptr;
    const int code = file->pMethods->xShmMap(file, region, 32 * 1024, 1, &memory);
    if (code != SQLITE_OK) return fail(ErrorCode::out_of_space, "no room for the index of the database log");
  }
  return {};
}

Result<std::unique_ptr<Writer>> start_writer(const std::filesystem::path& path, const crypto::DatabaseKey& key) {
  auto writer = std::make_unique<Writer>();
  writer->connection = TRY(open_keyed(path, key, Role::writer));
  TRY_VOID(require_ours(*writer->connection));
  TRY_VOID(migrate(*writer->connection));
  TRY_VOID(require_schema(*writer->connection));
  TRY_VOID(make_room_for_log_index(*writer->connection));
  allow_rows_only(*writer->connection);
  return writer;
}

}  // namespace

Database::Database(std::unique_ptr<Writer> writer) : Rows(*writer->connection), writer_(std::move(writer)) {}
Database::Database(Database&&) noexcept = default;
Database::~Database() = default;

Result<Database> Database::create(const std::filesystem::path& path, const crypto::DatabaseKey& key) {
  {
    // The first page must exist before WAL mode can be asked for, and be encrypted from its first byte on.
    std::unique_ptr<Connection> connection = TRY(create_keyed(path, key));
    TRY_VOID(migrate(*connection));
  }
  std::unique_ptr<Writer> writer = TRY(start_writer(path, key));
  TRY_VOID(sync_directory(path.parent_path()));
  return Database(std::move(writer));
}

Result<Database> Database::open(const std::filesystem::path& path, const crypto::DatabaseKey& key) {
  return Database(TRY(start_writer(path, key)));
}

Result<Transaction> Database::begin() {
  if (writer_->doubt) return *writer_->doubt;
  if (writer_->in_transaction) return fail(ErrorCode::internal, "a transaction is open already");
  TRY_VOID(writer_->connection->run("BEGIN IMMEDIATE"));
  writer_->in_transaction = true;
  Transaction transaction(*writer_, {});
  transaction.before_ = {TRY(entry_count()), TRY(meta(kHeadNote))};
  transaction.next_index_ = transaction.before_.entry_count;
  return transaction;
}

Result<CheckpointProgress> Database::checkpoint() {
  if (writer_->doubt) return *writer_->doubt;
  if (writer_->in_transaction) return fail(ErrorCode::internal, "a transaction is open");
  int frames = 0;
  int moved = 0;
  const int code =
      sqlite3_wal_checkpoint_v2(writer_->connection->handle(), "main", SQLITE_CHECKPOINT_PASSIVE, &frames, &moved);
  if (code == SQLITE_OK)
    return CheckpointProgress{static_cast<std::uint64_t>(frames), static_cast<std::uint64_t>(moved)};

  const Error error = writer_->connection->error(code, "moving the log into the database");
  // A sync that failed once may "succeed" the next time without the data being on disk.
  if (error.code != ErrorCode::out_of_space && error.code != ErrorCode::unavailable) writer_->doubt = error;
  return error;
}

Result<void> sync_log_of(const std::filesystem::path& database) {
  const Result<FileDescriptor> file = open_file(database.string() + "-wal", O_RDONLY);
  if (!file && file.error().code == ErrorCode::not_found) return {};
  if (!file) return file.error();
  return sync_file(file->get());
}

Reader::Reader(std::unique_ptr<Connection> connection) : Rows(*connection), owned_(std::move(connection)) {}
Reader::Reader(Reader&&) noexcept = default;
Reader::~Reader() = default;

Result<Reader> Reader::open(const std::filesystem::path& path, const crypto::DatabaseKey& key) {
  std::unique_ptr<Connection> connection = TRY(open_keyed(path, key, Role::reader));
  TRY_VOID(require_ours(*connection));
  if (TRY(schema_of(*connection)) != kNewestSchema) {
    return fail(ErrorCode::invalid,
                "the database has an older schema: start the gateway once, it brings it up to date");
  }
  TRY_VOID(require_schema(*connection));
  allow_rows_only(*connection);
  Reader reader(std::move(connection));
  TRY_VOID(reader.refresh());
  return reader;
}

Result<void> Reader::refresh() {
  TRY_VOID(rest());
  TRY_VOID(owned_->run("BEGIN"));
  TRY(entry_count());  // the first read fixes the snapshot
  return {};
}

Result<void> Reader::rest() {
  if (sqlite3_get_autocommit(owned_->handle()) == 0) TRY_VOID(owned_->run("ROLLBACK"));
  return {};
}

Result<void> Reader::copy_to(const std::filesystem::path& path, const crypto::DatabaseKey& key) const {
  {
    std::unique_ptr<Connection> copy = TRY(create_keyed(path, key));
    sqlite3_backup* backup = sqlite3_backup_init(copy->handle(), "main", owned_->handle(), "main");
    if (!backup) return copy->error(sqlite3_errcode(copy->handle()), "beginning the copy");
    // All pages in one step, under the snapshot that this reader holds: one consistent state.
    const int code = sqlite3_backup_step(backup, -1);
    const int finish = sqlite3_backup_finish(backup);
    if (code != SQLITE_DONE) return copy->error(finish == SQLITE_OK ? code : finish, "copying the database");
    // The copy carries WAL mode in its header; without it the copy is a single file.
    TRY_VOID(copy->run("PRAGMA journal_mode = DELETE"));
  }
  FileDescriptor file = TRY(open_file(path, 0));
  TRY_VOID(sync_file(file.get()));
  TRY_VOID(sync_directory(path.parent_path()));
  return TRY(Reader::open(path, key)).verify_integrity();
}

}  // namespace flikvakt::store
