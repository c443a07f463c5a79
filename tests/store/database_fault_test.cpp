// What happens to the rows when files, keys, disks and processes misbehave.
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <set>

#include "crypto/random.h"
#include "store/data_directory.h"
#include "store/reserve.h"
#include "tests/store/contract.h"

namespace flikvakt::store {
namespace {

class DatabaseFaults : public testing::Test {
protected:
  TemporaryFolder folder;
  crypto::DatabaseKey key = key_of(1);
  fs::path path = folder / "rows.db";

  // `count` entries, each with its head note, each in a transaction of its own.
  void fill(std::uint64_t count) {
    auto database = Database::create(path, key);
    ASSERT_OK(database);
    for (std::uint64_t i = 0; i < count; ++i) append(*database, i);
  }
  static void append(Database& database, std::uint64_t index) {
    committed(database, [&](Transaction& transaction) {
      EXPECT_OK(transaction.append_entry(entry_at(index)));
      EXPECT_OK(transaction.put_state({1, text("row"), index, text("PLAINTEXT-MARKER")}));
      EXPECT_OK(transaction.set_meta(kHeadNote, text("head " + std::to_string(index + 1))));
    });
  }
  // The head note and the entries always agree, whatever was lost: one transaction is one unit.
  static void expect_whole(const Database& database) {
    const std::uint64_t count = database.entry_count().value();
    const auto head = database.meta(kHeadNote).value();
    EXPECT_EQ(head.has_value(), count > 0);
    if (count > 0) {
      EXPECT_EQ(head, text("head " + std::to_string(count)));
    }
  }
  static void copy_files(const fs::path& from, const fs::path& into) {
    fs::create_directories(into);
    for (const char* name : {"rows.db", "rows.db-wal"}) {
      if (fs::exists(from / name)) fs::copy_file(from / name, into / name);
    }
  }
};

// SPEC STO-1
TEST_F(DatabaseFaults, AnotherKeyDoesNotOpenIt) {
  fill(3);
  EXPECT_ERROR(ErrorCode::denied, Database::open(path, key_of(2)));
  EXPECT_ERROR(ErrorCode::denied, Reader::open(path, key_of(2)));
  EXPECT_OK(Database::open(path, key));
}

// SPEC STO-2
TEST_F(DatabaseFaults, NothingOfTheRowsIsReadableInTheFiles) {
  auto database = Database::create(path, key);
  ASSERT_OK(database);
  for (std::uint64_t i = 0; i < 20; ++i) append(*database, i);
  const auto scan = [&] {
    for (const fs::directory_entry& file : fs::directory_iterator(folder.path())) {
      const Bytes bytes = contents(file.path());
      for (const char* marker : {"PLAINTEXT-MARKER", "SQLite format 3", "state_row", "head 1", "leaf 1"}) {
        EXPECT_FALSE(holds(bytes, marker)) << marker << " in " << file.path().filename();
      }
    }
  };
  EXPECT_GT(contents(folder / "rows.db-wal").size(), 4096u);
  scan();
  EXPECT_OK(database->checkpoint());
  EXPECT_GT(contents(path).size(), 4096u);
  scan();
}

// SPEC STO-3
TEST_F(DatabaseFaults, APlainSqliteFileIsToldApart) {
  Bytes plain = text("SQLite format 3");
  plain.resize(8192);
  overwrite(path, plain);
  EXPECT_ERROR(ErrorCode::invalid, Database::open(path, key));
  EXPECT_NE(Database::open(path, key).error().message.find("not encrypted"), std::string::npos);
}

// SPEC STO-3
TEST_F(DatabaseFaults, AMissingEmptyOrCutFileHasItsOwnMessage) {
  EXPECT_NE(Database::open(path, key).error().message.find("flikvakt init"), std::string::npos);
  EXPECT_FALSE(fs::exists(path)) << "opening never creates";
  fill(3);
  Bytes bytes = contents(path);
  overwrite(path, BytesView(bytes).first(bytes.size() - 100));
  EXPECT_ERROR(ErrorCode::corrupt, Database::open(path, key));
  EXPECT_NE(Database::open(path, key).error().message.find("cut short"), std::string::npos);
  overwrite(path, {});
  EXPECT_ERROR(ErrorCode::corrupt, Database::open(path, key));
}

TEST_F(DatabaseFaults, AFlippedBitInAnyPageIsFound) {
  fill(600);
  const Bytes whole = contents(path);
  ASSERT_GT(whole.size() / 4096, 12u);
  for (std::size_t page = 0; page < whole.size() / 4096; ++page) {
    overwrite(path, whole);
    flip(path, page * 4096 + 2000);
    auto database = Database::open(path, key);
    if (page == 0) {
      EXPECT_ERROR(ErrorCode::denied, database);
    } else if (database) {
      EXPECT_ERROR(ErrorCode::corrupt, database->verify_integrity()) << "page " << page + 1;
    }
  }
}

TEST_F(DatabaseFaults, TheFileIsPrivate) {
  fill(1);
  struct stat info {};
  ASSERT_EQ(::stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
}

// SPEC STO-8: files copied at any moment (as a crash leaves them) hold whole transactions, a prefix of what was done.
TEST_F(DatabaseFaults, FilesCopiedMidwayOpenAtAWholeTransaction) {
  auto database = Database::create(path, key);
  ASSERT_OK(database);
  for (std::uint64_t i = 0; i < 12; ++i) {
    append(*database, i);
    if (i % 5 == 4) {
      EXPECT_OK(database->checkpoint());
    }
    const fs::path copy = folder / ("copy" + std::to_string(i));
    copy_files(folder.path(), copy);
    auto recovered = Database::open(copy / "rows.db", key);
    ASSERT_OK(recovered);
    EXPECT_EQ(recovered->entry_count().value(), i + 1) << "what was acknowledged is there";
    expect_whole(*recovered);
  }
}

// SPEC STO-8
TEST_F(DatabaseFaults, ALogCutAnywhereOpensAtAWholeTransaction) {
  auto database = Database::create(path, key);
  ASSERT_OK(database);
  for (std::uint64_t i = 0; i < 6; ++i) append(*database, i);
  const Bytes wal = contents(folder / "rows.db-wal");
  std::set<std::uint64_t> counts;
  for (std::size_t cut = 0; cut < wal.size(); cut += 1501) {
    const fs::path copy = folder / "cut";
    fs::remove_all(copy);
    copy_files(folder.path(), copy);
    overwrite(copy / "rows.db-wal", BytesView(wal).first(cut));
    auto recovered = Database::open(copy / "rows.db", key);
    ASSERT_OK(recovered);
    expect_whole(*recovered);
    EXPECT_OK(recovered->verify_integrity());
    counts.insert(recovered->entry_count().value());
  }
  EXPECT_GE(counts.size(), 5u) << "the cuts must fall between transactions";
}

TEST_F(DatabaseFaults, AReaderInAnotherProcessReadsWhileTheWriterWrites) {
  auto database = Database::create(path, key);
  ASSERT_OK(database);
  append(*database, 0);
  const pid_t child = ::fork();
  if (child == 0) {
    bool fine = true;
    for (int round = 0; round < 50 && fine; ++round) {
      auto reader = Reader::open(path, key);
      const std::uint64_t count = reader ? reader->entry_count().value() : 0;
      fine = count > 0 && reader->meta(kHeadNote).value() == text("head " + std::to_string(count)) &&
             reader->entry(count - 1).has_value();
    }
    ::_exit(fine ? 0 : 1);
  }
  std::uint64_t next = 1;
  int status = -1;
  while (::waitpid(child, &status, WNOHANG) == 0) {
    append(*database, next++);
    if (next % 16 == 0) {
      EXPECT_OK(database->checkpoint());
    }
  }
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  EXPECT_GT(next, 2u);
  EXPECT_OK(database->verify_integrity());
}

// SPEC STO-5: a reader that closes last leaves the log alone.
TEST_F(DatabaseFaults, AReaderNeverWritesTheFileNorItsLog) {
  auto database = Database::create(path, key);
  ASSERT_OK(database);
  append(*database, 0);
  const fs::path crashed = folder / "crashed";
  copy_files(folder.path(), crashed);
  const Bytes rows = contents(crashed / "rows.db");
  const Bytes wal = contents(crashed / "rows.db-wal");
  {
    auto reader = Reader::open(crashed / "rows.db", key);
    ASSERT_OK(reader);
    EXPECT_EQ(reader->entry_count().value(), 1u);
  }
  EXPECT_EQ(contents(crashed / "rows.db"), rows);
  EXPECT_EQ(contents(crashed / "rows.db-wal"), wal);
}

TEST_F(DatabaseFaults, AReaderOpensAFileThatNoWriterHasOpen) {
  fill(2);
  EXPECT_FALSE(fs::exists(folder / "rows.db-wal"));
  auto reader = Reader::open(path, key);
  ASSERT_OK(reader);
  EXPECT_EQ(reader->entry_count().value(), 2u);
}

TEST_F(DatabaseFaults, ASecondWriterIsBusyAndItsRefusalIsCertain) {
  auto database = Database::create(path, key);
  ASSERT_OK(database);
  append(*database, 0);
  auto second = Database::open(path, key);  // the data directory's lock forbids this; here SQLite's lock stands alone
  ASSERT_OK(second);
  {
    auto transaction = database->begin();
    ASSERT_OK(transaction);
    EXPECT_ERROR(ErrorCode::unavailable, second->begin());
  }
  EXPECT_OK(second->begin());
}

TEST_F(DatabaseFaults, TheCheckpointMovesAllFramesWhenNoReaderNeedsThem) {
  auto database = Database::create(path, key);
  ASSERT_OK(database);
  for (std::uint64_t i = 0; i < 30; ++i) append(*database, i);
  const auto progress = database->checkpoint();
  ASSERT_OK(progress);
  EXPECT_GT(progress->wal_frames, 30u) << "nothing checkpoints by itself";
  EXPECT_EQ(progress->moved_frames, progress->wal_frames);
  append(*database, 30);
  EXPECT_LT(database->checkpoint()->wal_frames, 20u) << "the log begins anew";
}

// A small file system of its own, so that "disk full" is real.
class FullDisk : public DatabaseFaults {
protected:
  void SetUp() override {
    fs::create_directory(disk);
    mounted_ = ::mount("tmpfs", disk.c_str(), "tmpfs", 0, "size=32m,mode=0700") == 0;
    if (!mounted_) GTEST_SKIP() << "needs the right to mount a tmpfs (root), which this run does not have";
  }
  void TearDown() override {
    if (mounted_) ::umount2(disk.c_str(), MNT_DETACH);
  }
  void fill_disk() const {
    std::ofstream ballast(disk / "ballast", std::ios::binary);
    const std::string block(4096, 'x');
    while (ballast.write(block.data(), static_cast<std::streamsize>(block.size())).flush()) {
    }
  }
  fs::path disk = folder / "disk";
  bool mounted_ = false;
};

// SPEC STO-9
TEST_F(FullDisk, ACommitOnAFullDiskIsAbortedWithCertaintyAndTheReserveLetsANarrowingActThrough) {
  auto database = Database::create(disk / "rows.db", key);
  ASSERT_OK(database);
  append(*database, 0);
  Reserve reserve(disk / "reserve", 512 * 1024);
  ASSERT_OK(reserve.hold());
  fill_disk();

  std::uint64_t next = 1;
  CommitResult last;
  for (int attempt = 0; attempt < 200; ++attempt) {
    auto transaction = database->begin();
    ASSERT_OK(transaction);
    EXPECT_OK(transaction->append_entry(entry_at(next)));
    EXPECT_OK(transaction->put_state({1, to_bytes(crypto::random_bytes<16>()), 1, Bytes(20'000, 1)}));
    EXPECT_OK(transaction->set_meta(kHeadNote, text("head " + std::to_string(next + 1))));
    last = transaction->commit();
    if (last.outcome != CommitOutcome::committed) break;
    ++next;
  }
  ASSERT_EQ(last.outcome, CommitOutcome::aborted) << last.cause->message;
  EXPECT_EQ(last.cause->code, ErrorCode::out_of_space);
  EXPECT_EQ(database->entry_count().value(), next);
  expect_whole(*database);

  ASSERT_OK(reserve.release());
  append(*database, next);
  expect_whole(*database);
  EXPECT_OK(database->verify_integrity());
  copy_files(disk, folder / "after");
  auto recovered = Database::open(folder / "after" / "rows.db", key);
  ASSERT_OK(recovered);
  EXPECT_EQ(recovered->entry_count().value(), next + 1) << "a crash now shows the same";
}

// SPEC STO-9: the log's index needs no new room when the log passes its first region, 4062 frames.
TEST_F(FullDisk, WhereTheLogIndexWouldGrowAFullDiskIsStillCertain) {
  auto database = Database::create(disk / "rows.db", key);
  ASSERT_OK(database);
  const auto commit = [&](std::size_t bytes) {
    auto transaction = database->begin().value();
    EXPECT_OK(transaction.put_state({1, text("row"), 1, Bytes(bytes, 1)}));
    return transaction.commit();
  };
  const auto frames = [&] { return fs::file_size(disk / "rows.db-wal") / 4120; };
  while (frames() < 4030) ASSERT_EQ(commit(20'000).outcome, CommitOutcome::committed);
  // Room for part of a commit, for one, for one and some of what the index would need: no case may be uncertain.
  for (std::uint64_t attempt = 0; frames() < 4090; ++attempt) {
    ASSERT_LT(attempt, 1000u);
    fill_disk();
    const std::uint64_t whole_pages = fs::file_size(disk / "ballast") / 4096;
    fs::resize_file(disk / "ballast", (whole_pages - attempt % 16) * 4096);
    const CommitResult result = commit(8'000);
    ASSERT_NE(result.outcome, CommitOutcome::unknown) << "at frame " << frames() << ": " << result.cause->message;
  }
}

}  // namespace
}  // namespace flikvakt::store
