// What the database refuses, and what it says when it cannot know.
#define SQLITE_HAS_CODEC 1
#include <sqlite3.h>

#include "store/migrations.h"
#include "store/start_up.h"
#include "tests/store/contract.h"
#include "tests/store/failing_sync.h"

namespace flikvakt::store {
namespace {

class DatabaseDoors : public testing::Test {
protected:
  TemporaryFolder folder;
  crypto::DatabaseKey key = key_of(1);
  fs::path path = folder / "rows.db";

  std::string asked(Connection& connection, Sql sql) {
    auto query = connection.query(sql);
    return query && query->step().value() ? std::string(query->text(0)) : "refused";
  }
};

// SPEC STO-4
TEST_F(DatabaseDoors, EveryProtectionIsOnWhenTheWriterOpens) {
  ASSERT_OK(Database::create(path, key));
  auto connection = open_keyed(path, key, Role::writer);
  ASSERT_OK(connection);
  EXPECT_EQ(asked(**connection, "PRAGMA journal_mode"), "wal");
  EXPECT_EQ(asked(**connection, "PRAGMA synchronous"), "2");
  EXPECT_EQ(asked(**connection, "PRAGMA wal_autocheckpoint"), "0");
  EXPECT_EQ(asked(**connection, "PRAGMA secure_delete"), "1");
  EXPECT_EQ(asked(**connection, "PRAGMA temp_store"), "2");
  EXPECT_EQ(asked(**connection, "PRAGMA page_size"), "4096");
  EXPECT_NE(asked(**connection, "PRAGMA cipher_version"), "refused");
}

// SPEC STO-5
TEST_F(DatabaseDoors, AfterStartUpOnlyRowsCanBeReached) {
  ASSERT_OK(Database::create(path, key));
  auto opened = open_keyed(path, key, Role::writer);
  ASSERT_OK(opened);
  Connection& connection = **opened;
  EXPECT_OK(connection.run("PRAGMA synchronous = FULL"));  // before: allowed
  allow_rows_only(connection);
  for (Sql sql :
       {Sql("ATTACH ':memory:' AS other"), Sql("DETACH main"), Sql("PRAGMA synchronous = OFF"),
        Sql("PRAGMA journal_mode = DELETE"), Sql("PRAGMA user_version = 9"), Sql("PRAGMA rekey = 'x'"),
        Sql("CREATE TABLE more (a)"), Sql("CREATE TEMP TABLE more (a)"), Sql("DROP TABLE entry"),
        Sql("ALTER TABLE entry RENAME TO gone"), Sql("DELETE FROM sqlite_master"), Sql("VACUUM"),
        Sql("SELECT load_extension('x')"), Sql("CREATE TRIGGER t AFTER INSERT ON entry BEGIN SELECT 1; END")}) {
    EXPECT_FALSE(connection.run(sql)) << sql.text();
  }
  EXPECT_OK(connection.run("SELECT count(*) FROM entry"));
  EXPECT_OK(connection.run("INSERT INTO meta (name, value) VALUES ('a', x'00')"));
  EXPECT_OK(connection.run("PRAGMA integrity_check"));
}

TEST_F(DatabaseDoors, AReaderCannotWriteARow) {
  ASSERT_OK(Database::create(path, key));
  auto connection = open_keyed(path, key, Role::reader);
  ASSERT_OK(connection);
  EXPECT_FALSE((*connection)->run("INSERT INTO meta (name, value) VALUES ('a', x'00')"));
  EXPECT_OK((*connection)->run("SELECT count(*) FROM meta"));
}

// SPEC STO-6
TEST_F(DatabaseDoors, AFileOfAnotherProgramAndOneOfANewerSchemaAreRefused) {
  {
    auto connection = create_keyed(path, key);
    ASSERT_OK(connection);
    ASSERT_OK((*connection)->run("CREATE TABLE other (a)"));
  }
  EXPECT_ERROR(ErrorCode::invalid, Database::open(path, key));
  EXPECT_ERROR(ErrorCode::invalid, Reader::open(path, key));

  const fs::path newer = folder / "newer.db";
  {
    auto connection = create_keyed(newer, key);
    ASSERT_OK(connection);
    ASSERT_OK(migrate(**connection));
    ASSERT_OK((*connection)->run("PRAGMA user_version = 999"));
  }
  EXPECT_ERROR(ErrorCode::invalid, Database::open(newer, key));
  EXPECT_NE(Database::open(newer, key).error().message.find("newer flikvakt"), std::string::npos);
}

// SPEC STO-6
TEST_F(DatabaseDoors, TheSchemasOfBeforeTheFirstReleaseAreRefused) {
  for (const Sql& number : {Sql("PRAGMA user_version = 1"), Sql("PRAGMA user_version = 2")}) {
    std::filesystem::remove(path);
    auto connection = create_keyed(path, key);
    ASSERT_OK(connection);
    ASSERT_OK(migrate(**connection));
    ASSERT_OK((*connection)->run(number));
    connection->reset();
    EXPECT_NE(Reader::open(path, key).error().message.find("before the first release"), std::string::npos);
    EXPECT_NE(Database::open(path, key).error().message.find("before the first release"), std::string::npos);
  }
}

// SPEC STO-6: a reader changes nothing, so it does not bring a schema up to date either.
TEST_F(DatabaseDoors, AReaderRefusesAnOlderSchema) {
  {
    auto connection = create_keyed(path, key);
    ASSERT_OK(connection);
    ASSERT_OK(migrate(**connection));
    ASSERT_OK((*connection)->run("PRAGMA user_version = 0"));
  }
  EXPECT_ERROR(ErrorCode::invalid, Reader::open(path, key));
  EXPECT_NE(Reader::open(path, key).error().message.find("older schema"), std::string::npos);
}

// SPEC STO-9
TEST_F(DatabaseDoors, ACommitWhoseSyncFailsIsUnknownAndTheDatabaseServesNoMore) {
  auto database = Database::create(path, key);
  ASSERT_OK(database);
  committed(*database, [](Transaction& transaction) { EXPECT_OK(transaction.append_entry(entry_at(0))); });
  {
    auto transaction = database->begin();
    ASSERT_OK(transaction);
    EXPECT_OK(transaction->append_entry(entry_at(1)));
    const FailingSync broken;
    const CommitResult result = transaction->commit();
    EXPECT_EQ(result.outcome, CommitOutcome::unknown);
    EXPECT_EQ(result.cause->code, ErrorCode::io);
  }
  EXPECT_ERROR(ErrorCode::io, database->begin());
  EXPECT_ERROR(ErrorCode::io, database->checkpoint());
}

// SPEC STO-9
TEST_F(DatabaseDoors, ACheckpointWhoseSyncFailsStopsTheDatabaseAndLosesNothing) {
  {
    auto database = Database::create(path, key);
    ASSERT_OK(database);
    committed(*database, [](Transaction& transaction) { EXPECT_OK(transaction.append_entry(entry_at(0))); });
    {
      const FailingSync broken(1);  // the log's own sync works, the file's does not
      EXPECT_ERROR(ErrorCode::io, database->checkpoint());
    }
    EXPECT_ERROR(ErrorCode::io, database->begin());
  }
  auto database = Database::open(path, key);
  ASSERT_OK(database);
  EXPECT_EQ(database->entry_count().value(), 1u);
  EXPECT_OK(database->verify_integrity());
}

TEST_F(DatabaseDoors, NothingIsWrittenAfterAFailedWrite) {
  auto database = Database::create(path, key);
  ASSERT_OK(database);
  auto transaction = database->begin();
  ASSERT_OK(transaction);
  EXPECT_ERROR(ErrorCode::invalid, transaction->put_tile(0, 0, Bytes(3)));
  EXPECT_ERROR(ErrorCode::invalid, transaction->put_state({1, text("id"), 1, {}}));
  EXPECT_ERROR(ErrorCode::invalid, transaction->set_meta(kHeadNote, {}));
  EXPECT_EQ(transaction->commit().outcome, CommitOutcome::aborted);
  EXPECT_TRUE(all_state(*database).empty());
}

}  // namespace
}  // namespace flikvakt::store
