#include "store/migrations.h"

#include <algorithm>
#include <array>
#include <span>

namespace flikvakt::store {
namespace {

// SPEC STO-6. 1179405142 is "FLKV". Schemas 1 and 2 were never released. Entries of the first have no links, sealed
// rows of both lack members: those take keys to make, so there is no way from them.
constexpr std::array kStep3 = {
    Sql("CREATE TABLE state_row (tbl INTEGER NOT NULL, id BLOB NOT NULL, version INTEGER NOT NULL, body BLOB NOT NULL, "
        "PRIMARY KEY (tbl, id)) WITHOUT ROWID"),
    Sql("CREATE TABLE entry (idx INTEGER PRIMARY KEY, leaf BLOB NOT NULL, link BLOB NOT NULL, act BLOB NOT NULL, "
        "person BLOB NOT NULL)"),
    Sql("CREATE TABLE act_record (idx INTEGER PRIMARY KEY, body BLOB NOT NULL)"),
    Sql("CREATE TABLE tile (level INTEGER NOT NULL, number INTEGER NOT NULL, hashes BLOB NOT NULL, "
        "PRIMARY KEY (level, number)) WITHOUT ROWID"),
    Sql("CREATE TABLE meta (name TEXT NOT NULL PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID"),
    Sql("PRAGMA application_id = 1179405142"),
    Sql("PRAGMA user_version = 3"),
};
constexpr std::int64_t kApplicationId = 1179405142;

constexpr int kNewestUnreleased = 2;

struct Step {
  int from;  // 0: an empty database
  std::span<const Sql> sql;
};
constexpr std::array kSteps = {Step{0, kStep3}};

// SQLite keeps the text of a CREATE as it was given.
bool makes_something(const Sql& sql) { return std::string_view(sql.text()).starts_with("CREATE "); }

Result<std::int64_t> number(Connection& connection, Sql sql) {
  Query query = TRY(connection.query(sql));
  if (!TRY(query.step())) return fail(ErrorCode::corrupt, "the database does not say which schema it has");
  return query.integer(0);
}

}  // namespace

Result<int> schema_of(Connection& connection) {
  const std::int64_t version = TRY(number(connection, "PRAGMA user_version"));
  if (version < 0 || version > 1'000'000) return fail(ErrorCode::corrupt, "the schema number makes no sense");
  return static_cast<int>(version);
}

Result<void> migrate(Connection& connection) {
  for (const Step& step : kSteps) {
    if (TRY(schema_of(connection)) != step.from) continue;
    TRY_VOID(connection.run("BEGIN IMMEDIATE"));
    for (const Sql& sql : step.sql) TRY_VOID(connection.run(sql));
    TRY_VOID(connection.run("COMMIT"));
  }
  return {};
}

Result<void> require_ours(Connection& connection) {
  if (TRY(number(connection, "PRAGMA application_id")) != kApplicationId) {
    return fail(ErrorCode::invalid,
                "this is no flikvakt database, or its creation was cut short (then delete it and run `flikvakt init`)");
  }
  const int schema = TRY(schema_of(connection));
  if (schema != 0 && schema <= kNewestUnreleased) {
    return fail(ErrorCode::invalid,
                "the database was written by a flikvakt from before the first release: make it anew");
  }
  if (schema > kNewestSchema) {
    return fail(ErrorCode::invalid,
                "the database was written by a newer flikvakt: install that version or a later one");
  }
  return {};
}

// SPEC STO-16
Result<void> require_schema(Connection& connection) {
  std::size_t missing = 0;
  for (const Step& step : kSteps) {
    missing += static_cast<std::size_t>(std::ranges::count_if(step.sql, makes_something));
  }
  Query query = TRY(connection.query("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL"));
  while (TRY(query.step())) {
    const bool is_ours = std::ranges::any_of(kSteps, [&](const Step& step) {
      return std::ranges::any_of(step.sql, [&](const Sql& one) { return query.text(0) == one.text(); });
    });
    if (!is_ours)
      return fail(ErrorCode::corrupt, "the database holds a table, index, view or trigger that is not ours");
    --missing;
  }
  if (missing != 0) return fail(ErrorCode::corrupt, "the database lacks a table or an index");
  return {};
}

}  // namespace flikvakt::store
