// A thin owner of one SQLite connection and its prepared statements. Internal to store/: others use database.h.
// Errors: unavailable (busy, locked), out_of_space, corrupt, conflict (a constraint), io, internal. A message carries
// SQLite's words about the statement, never a value. One thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/bytes.h"

struct sqlite3;
struct sqlite3_stmt;

namespace flikvakt::store {

// Trusted SQL: the constructor runs at compile time only, so a text put together at run time does not compile.
class Sql {
public:
  // NOLINTNEXTLINE(google-explicit-constructor): a literal is meant to become one
  consteval Sql(const char* text) : text_(text) {}
  const char* text() const { return text_; }

private:
  const char* text_;
};

class Connection;

// One run of a prepared statement. Its destructor resets the statement and gives it back to the connection, which must
// outlive it. Parameters count from 1, in the order of `bind` calls; columns from 0. A span read from a column is valid
// until the next step(). An empty span is stored as an empty blob, never as NULL.
class Query {
public:
  Query(Query&&) noexcept;
  Query& operator=(Query&&) = delete;
  ~Query();

  Query& bind(std::int64_t value);
  Query& bind(BytesView value);
  Query& bind(std::string_view text);

  Result<bool> step();  // true: a row is there; false: done
  Result<void> run();   // steps to the end, ignoring rows

  std::int64_t integer(int column) const;
  BytesView blob(int column) const;
  std::string_view text(int column) const;

private:
  friend class Connection;
  Query(Connection& connection, const char* key, sqlite3_stmt* statement);
  Query& bound(int code);

  Connection* connection_;
  const char* key_;  // the literal's address: where the statement goes back to
  sqlite3_stmt* statement_;
  int next_parameter_ = 1;
  int bind_error_ = 0;
};

class Connection {
public:
  enum class Mode { create, read_write, read_only };
  static Result<std::unique_ptr<Connection>> open(const std::string& path, Mode mode);
  Connection(const Connection&) = delete;
  ~Connection();

  Result<Query> query(Sql sql);  // from the cache, or prepared now
  Result<void> run(Sql sql) { return TRY(query(sql)).run(); }

  sqlite3* handle() const { return handle_; }
  Error error(int code, std::string_view doing) const;

private:
  friend class Query;
  explicit Connection(sqlite3* handle) : handle_(handle) {}
  void give_back(const char* key, sqlite3_stmt* statement);

  sqlite3* handle_;
  std::unordered_map<const char*, sqlite3_stmt*> idle_;
};

}  // namespace flikvakt::store
