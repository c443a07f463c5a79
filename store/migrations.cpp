#include "store/migrations.h"

#include <algorithm>
#include <array>
#include <span>

namespace flikvakt::store {
namespace {

// SPEC STO-6. 1179405142 is "FLKV".
constexpr std::array kStep1 = {
    Sql("CREATE TABLE state_row (tbl INTEGER NOT NULL, id BLOB NOT NULL, version INTEGER NOT NULL, body BLOB NOT NULL, "
        "PRIMARY KEY (tbl, id)) WITHOUT ROWID"),
    Sql("CREATE TABLE entry (idx INTEGER PRIMARY KEY, leaf BLOB NOT NULL, tag BLOB NOT NULL, act BLOB NOT NULL, "
        "person BLOB NOT NULL)"),
    Sql("CREATE INDEX entry_tag ON entry (tag)"),
    Sql("CREATE TABLE act_record (idx INTEGER PRIMARY KEY, body BLOB NOT NULL)"),
    Sql("CREATE TABLE tile (level INTEGER NOT NULL, number INTEGER NOT NULL, hashes BLOB NOT NULL, "
        "PRIMARY KEY (level, number)) WITHOUT ROWID"),
    Sql("CREATE TABLE meta (name TEXT NOT NULL PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID"),
    Sql("PRAGMA application_id = 1179405142"),
    Sql("PRAGMA user_version = 1"),
};
constexpr std::int64_t kApplicationId = 1179405142;

constexpr std::array<std::span<const Sql>, kNewestSchema> kSteps = {kStep1};

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
  for (int step = TRY(schema_of(connection)); step < kNewestSchema; ++step) {
    TRY_VOID(connection.run("BEGIN IMMEDIATE"));
    for (const Sql& sql : kSteps[static_cast<std::size_t>(step)]) TRY_VOID(connection.run(sql));
    TRY_VOID(connection.run("COMMIT"));
  }
  return {};
}

Result<void> require_ours(Connection& connection) {
  if (TRY(number(connection, "PRAGMA application_id")) != kApplicationId) {
    return fail(ErrorCode::invalid,
                "this is no flikvakt database, or its creation was cut short (then delete it and run `flikvakt init`)");
  }
  if (TRY(schema_of(connection)) > kNewestSchema) {
    return fail(ErrorCode::invalid,
                "the database was written by a newer flikvakt: install that version or a later one");
  }
  return {};
}

// SPEC STO-16
Result<void> require_schema(Connection& connection) {
  std::size_t missing = 0;
  for (const auto& step : kSteps) {
    missing += static_cast<std::size_t>(std::ranges::count_if(step, makes_something));
  }
  Query query = TRY(connection.query("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL"));
  while (TRY(query.step())) {
    const bool is_ours = std::ranges::any_of(kSteps, [&](std::span<const Sql> step) {
      return std::ranges::any_of(step, [&](const Sql& one) { return query.text(0) == one.text(); });
    });
    if (!is_ours)
      return fail(ErrorCode::corrupt, "the database holds a table, index, view or trigger that is not ours");
    --missing;
  }
  if (missing != 0) return fail(ErrorCode::corrupt, "the database lacks a table or an index");
  return {};
}

}  // namespace flikvakt::store
