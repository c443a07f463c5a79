#include "store/sqlite.h"

#define SQLITE_HAS_CODEC 1
#include <sqlite3.h>

namespace flikvakt::store {
namespace {

ErrorCode kind_of(int code) {
  switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return ErrorCode::unavailable;
    case SQLITE_FULL:
      return ErrorCode::out_of_space;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return ErrorCode::corrupt;
    case SQLITE_CONSTRAINT:
      return ErrorCode::conflict;
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
      return ErrorCode::io;
    default:
      return ErrorCode::internal;
  }
}

// SQLite takes an empty blob for NULL when its address is null.
constexpr std::uint8_t kEmpty = 0;

}  // namespace

Query::Query(Connection& connection, const char* key, sqlite3_stmt* statement)
    : connection_(&connection), key_(key), statement_(statement) {}

Query::Query(Query&& other) noexcept
    : connection_(other.connection_),
      key_(other.key_),
      statement_(std::exchange(other.statement_, nullptr)),
      next_parameter_(other.next_parameter_),
      bind_error_(other.bind_error_) {}

Query::~Query() {
  if (statement_) connection_->give_back(key_, statement_);
}

Query& Query::bound(int code) {
  if (code != SQLITE_OK && bind_error_ == SQLITE_OK) bind_error_ = code;
  ++next_parameter_;
  return *this;
}

Query& Query::bind(std::int64_t value) { return bound(sqlite3_bind_int64(statement_, next_parameter_, value)); }
Query& Query::bind(BytesView value) {
  const void* data = value.empty() ? &kEmpty : value.data();
  return bound(sqlite3_bind_blob64(statement_, next_parameter_, data, value.size(), SQLITE_STATIC));
}
Query& Query::bind(std::string_view text) {
  const char* data = text.empty() ? "" : text.data();
  return bound(sqlite3_bind_text64(statement_, next_parameter_, data, text.size(), SQLITE_STATIC, SQLITE_UTF8));
}

Result<bool> Query::step() {
  if (bind_error_ != SQLITE_OK) return connection_->error(bind_error_, "binding a value");
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return connection_->error(code, "running a statement");
}

Result<void> Query::run() {
  while (TRY(step())) {
  }
  return {};
}

std::int64_t Query::integer(int column) const { return sqlite3_column_int64(statement_, column); }
BytesView Query::blob(int column) const {
  const auto* data = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement_, column));
  return {data, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}
std::string_view Query::text(int column) const {
  const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  return {data ? data : "", static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

Result<std::unique_ptr<Connection>> Connection::open(const std::string& path, Mode mode) {
  const int access = mode == Mode::create       ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
                     : mode == Mode::read_write ? SQLITE_OPEN_READWRITE
                                                : SQLITE_OPEN_READONLY;
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &handle, access | SQLITE_OPEN_FULLMUTEX, nullptr);
  if (!handle) return fail(ErrorCode::internal, "no memory for a database connection");
  std::unique_ptr<Connection> connection(new Connection(handle));
  if (code != SQLITE_OK) return connection->error(code, "opening the database");
  sqlite3_extended_result_codes(handle, 1);
  return connection;
}

Connection::~Connection() {
  for (auto& [key, statement] : idle_) sqlite3_finalize(statement);
  sqlite3_close_v2(handle_);
}

Result<Query> Connection::query(Sql sql) {
  if (auto found = idle_.find(sql.text()); found != idle_.end() && found->second) {
    return Query(*this, sql.text(), std::exchange(found->second, nullptr));
  }
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v2(handle_, sql.text(), -1, &statement, nullptr);
  if (code != SQLITE_OK) return error(code, "preparing a statement");
  return Query(*this, sql.text(), statement);
}

void Connection::give_back(const char* key, sqlite3_stmt* statement) {
  sqlite3_reset(statement);  // its code repeats the last step's
  sqlite3_clear_bindings(statement);
  sqlite3_stmt*& place = idle_[key];
  if (place)
    sqlite3_finalize(statement);  // two runs of one statement at once: keep one
  else
    place = statement;
}

Error Connection::error(int code, std::string_view doing) const {
  return fail(kind_of(code), std::string(doing) + ": " + sqlite3_errmsg(handle_) + " (sqlite " + std::to_string(code) +
                                 ", " + std::to_string(sqlite3_extended_errcode(handle_)) + ")");
}

}  // namespace flikvakt::store
