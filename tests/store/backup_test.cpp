#include "store/backup.h"

#include <atomic>
#include <thread>

#include "crypto/random.h"
#include "store/key_store.h"
#include "tests/store/contract.h"
#include "tests/store/failing_sync.h"

namespace flikvakt::store {
namespace {

class Backups : public testing::Test {
protected:
  TemporaryFolder folder;
  crypto::DatabaseKey key = key_of(1);
  crypto::DocumentKey document_key = crypto::DocumentKey::random();
  Objects objects = Objects::create(folder / "objects").value();
  std::vector<ObjectName> names;

  void deposit(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      names.push_back(crypto::random_id<ObjectName>());
      auto writer = objects.write(names.back(), document_key, {DocumentId(ByteArray<16>{1}), 1});
      ASSERT_OK(writer);
      EXPECT_OK(writer->push(Bytes(1000 * i, 'd')));
      ASSERT_OK(writer->commit());
    }
  }
  static void append(Database& database, std::uint64_t index) {
    committed(database, [&](Transaction& transaction) {
      EXPECT_OK(transaction.append_entry(entry_at(index)));
      EXPECT_OK(transaction.set_meta(kHeadNote, text("PLAINTEXT-MARKER " + std::to_string(index + 1))));
    });
  }
  fs::path rows() const { return folder / "rows.db"; }
  fs::path backup() const { return folder / "backup"; }
};

// SPEC STO-13
TEST_F(Backups, ABackupTakenWhileTheWriterRunsIsOneSnapshotEncryptedAndOpens) {
  auto database = Database::create(rows(), key);
  ASSERT_OK(database);
  for (std::uint64_t i = 0; i < 50; ++i) append(*database, i);
  deposit(3);
  auto reader = Reader::open(rows(), key);
  ASSERT_OK(reader);
  std::atomic<bool> over = false;
  std::uint64_t written = 50;
  std::thread writer([&] {
    while (!over) append(*database, written++);
  });
  auto summary = back_up(*reader, key, objects, names, backup(), ObjectCopies::linked_where_possible);
  over = true;
  writer.join();
  ASSERT_OK(summary);
  EXPECT_EQ(summary->objects, 3u);
  EXPECT_TRUE(summary->missing.empty());
  EXPECT_OK(verify_backup(backup(), key));
  EXPECT_FALSE(holds(contents(backup() / "rows.db"), "PLAINTEXT-MARKER"));
  EXPECT_FALSE(holds(contents(backup() / "rows.db"), "SQLite format 3"));
  EXPECT_FALSE(fs::exists(backup() / "keys"));

  auto restored = Database::open(backup() / "rows.db", key);
  ASSERT_OK(restored);
  EXPECT_EQ(restored->entry_count().value(), 50u) << "the reader's snapshot, not what came after";
  EXPECT_EQ(restored->meta(kHeadNote).value(), text("PLAINTEXT-MARKER 50"));
  append(*restored, 50);
  EXPECT_GT(written, 50u) << "the writer must have run meanwhile";
}

// SPEC STO-14
TEST_F(Backups, AChangedMissingOrAddedFileIsFoundByName) {
  ASSERT_OK(Database::create(rows(), key));
  deposit(2);
  auto reader = Reader::open(rows(), key);
  ASSERT_OK(back_up(*reader, key, objects, names, backup(), ObjectCopies::always_copied));
  const fs::path object = backup() / "objects" / names[1].text().substr(0, 2) / names[1].text();
  const Bytes whole = contents(object);

  flip(object, 70);
  EXPECT_ERROR(ErrorCode::corrupt, verify_backup(backup()));
  EXPECT_NE(verify_backup(backup()).error().message.find(names[1].text()), std::string::npos);
  EXPECT_EQ(contents(objects.path_of(names[1])), whole) << "a copy shares nothing with the original";
  fs::remove(object);
  EXPECT_ERROR(ErrorCode::corrupt, verify_backup(backup()));
  overwrite(object, whole);
  EXPECT_OK(verify_backup(backup(), key));
  EXPECT_ERROR(ErrorCode::denied, verify_backup(backup(), key_of(2)));
  overwrite(backup() / "extra", text("x"));
  EXPECT_ERROR(ErrorCode::corrupt, verify_backup(backup()));
  fs::remove(backup() / "extra");
  flip(backup() / "rows.db", 5000);
  EXPECT_ERROR(ErrorCode::corrupt, verify_backup(backup()));
  overwrite(backup() / "MANIFEST", text("nonsense\n"));
  EXPECT_ERROR(ErrorCode::corrupt, verify_backup(backup()));
  fs::remove(backup() / "MANIFEST");
  EXPECT_ERROR(ErrorCode::not_found, verify_backup(backup()));
}

TEST_F(Backups, AnExistingFolderIsNotTouchedAndAFailedBackupLeavesNone) {
  ASSERT_OK(Database::create(rows(), key));
  auto reader = Reader::open(rows(), key);
  fs::create_directory(backup());
  overwrite(backup() / "mine", text("x"));
  EXPECT_ERROR(ErrorCode::conflict,
               back_up(*reader, key, objects, names, backup(), ObjectCopies::linked_where_possible));
  EXPECT_TRUE(fs::exists(backup() / "mine"));
  const FailingSync broken(4);
  EXPECT_ERROR(ErrorCode::io, back_up(*reader, key, objects, names, folder / "other", ObjectCopies::always_copied));
  EXPECT_FALSE(fs::exists(folder / "other"));
}

TEST_F(Backups, WhatACrashLeftDoesNotStandInTheWayOfTheSameName) {
  ASSERT_OK(Database::create(rows(), key));
  auto reader = Reader::open(rows(), key);
  fs::create_directory(folder / "backup.unfinished");
  overwrite(folder / "backup.unfinished" / "rows.db", text("half"));
  EXPECT_OK(back_up(*reader, key, objects, names, backup(), ObjectCopies::always_copied));
  EXPECT_OK(verify_backup(backup(), key));
  EXPECT_FALSE(fs::exists(folder / "backup.unfinished"));
}

TEST_F(Backups, ANameWithoutAFolderLiesInTheCurrentOne) {
  ASSERT_OK(Database::create(rows(), key));
  ASSERT_OK(KeyStore::create(folder / "keys"));
  auto reader = Reader::open(rows(), key);
  const fs::path before = fs::current_path();
  fs::current_path(folder.path());
  EXPECT_OK(back_up(*reader, key, objects, names, "bare", ObjectCopies::always_copied));
  EXPECT_OK(back_up_key_store(folder / "keys", "bare-keys"));
  EXPECT_OK(back_up(*reader, key, objects, names, "slash/", ObjectCopies::always_copied));
  fs::current_path(before);
  for (const char* name : {"bare", "bare-keys", "slash"}) EXPECT_OK(verify_backup(folder / name));
}

TEST_F(Backups, ACopyUnderAnotherKeyOpensUnderThatKeyOnly) {
  ASSERT_OK(Database::create(rows(), key));
  auto reader = Reader::open(rows(), key);
  EXPECT_OK(reader->copy_to(folder / "copy.db", key_of(2)));
  EXPECT_OK(Reader::open(folder / "copy.db", key_of(2)));
  EXPECT_ERROR(ErrorCode::denied, Reader::open(folder / "copy.db", key));
}

TEST_F(Backups, AnObjectThatIsGoneIsNamed) {
  ASSERT_OK(Database::create(rows(), key));
  deposit(2);
  EXPECT_OK(objects.remove(names[0]));
  auto reader = Reader::open(rows(), key);
  auto summary = back_up(*reader, key, objects, names, backup(), ObjectCopies::linked_where_possible);
  ASSERT_OK(summary);
  EXPECT_EQ(summary->missing, std::vector{names[0]});
  EXPECT_EQ(summary->objects, 1u);
}

// SPEC STO-15
TEST_F(Backups, TheKeyStoreIsBackedUpApart) {
  KeySlot slot{KeyId(ByteArray<16>{1}), KeyId(ByteArray<16>{2}), 1, 1, {}};
  {
    auto keys = KeyStore::create(folder / "keys");
    ASSERT_OK(keys);
    EXPECT_OK(keys->put(slot));
  }
  ASSERT_OK(back_up_key_store(folder / "keys", folder / "key-backup"));
  EXPECT_OK(verify_backup(folder / "key-backup"));
  EXPECT_EQ(KeyStore::open(folder / "key-backup" / "keys")->find(slot.id).value(), slot);
  flip(folder / "key-backup" / "keys", 130);
  EXPECT_ERROR(ErrorCode::corrupt, verify_backup(folder / "key-backup"));
}

}  // namespace
}  // namespace flikvakt::store
