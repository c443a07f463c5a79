// How open readings lie in the database: one row for those that one batch opened.
#include "service/reading_rows.h"

#include <gtest/gtest.h>

#include "crypto/random.h"
#include "service/state_image.h"
#include "tests/service/rows_dump.h"
#include "tests/service/signed_world.h"

namespace flikvakt::service::test {
namespace {

using namespace policy;

Reading new_reading() {
  Reading out;
  out.id = crypto::random_id<ReadingId>();
  out.person = crypto::random_id<PersonId>();
  return out;
}

std::map<std::uint64_t, std::size_t> sizes(const ReadingRows& rows) {
  std::map<std::uint64_t, std::size_t> out;
  for (const auto& [row, open] : rows.changes()) out[row] = open.size();
  return out;
}

using Sizes = std::map<std::uint64_t, std::size_t>;

TEST(ReadingRows, WhatOneBatchOpensIsOneRowAndGoesWithItsLast) {
  ReadingRows rows;
  const Reading a = new_reading(), b = new_reading(), c = new_reading();
  rows.opened(a, 7);
  rows.opened(b, 9);
  EXPECT_EQ(sizes(rows), (Sizes{{7, 2}}));
  rows.commit();
  EXPECT_TRUE(rows.changes().empty());

  rows.closed(a.id);
  rows.opened(c, 11);
  EXPECT_EQ(sizes(rows), (Sizes{{7, 1}, {11, 1}}));
  EXPECT_EQ(rows.changes().at(7).front().at_rest, (OpenAtRest{9, b.person}));
  rows.commit();
  rows.closed(b.id);
  EXPECT_EQ(sizes(rows), (Sizes{{7, 0}}));
}

TEST(ReadingRows, WhatABatchOpensAndClosesIsInNoRow) {
  ReadingRows rows;
  const Reading a = new_reading();
  rows.opened(a, 3);
  rows.closed(a.id);
  EXPECT_EQ(sizes(rows), (Sizes{{3, 0}}));
  rows.commit();
  rows.closed(a.id);
  EXPECT_EQ(sizes(rows), Sizes());
}

TEST(ReadingRows, ABatchThatNeverHappenedLeavesNoTrace) {
  ReadingRows rows;
  const Reading a = new_reading(), b = new_reading();
  rows.opened(a, 3);
  rows.commit();
  rows.closed(a.id);
  rows.opened(b, 5);
  rows.drop();
  EXPECT_TRUE(rows.changes().empty());
  rows.closed(b.id);
  EXPECT_TRUE(rows.changes().empty());
  rows.closed(a.id);
  EXPECT_EQ(sizes(rows), (Sizes{{3, 0}}));
}

TEST(ReadingRows, ABatchThatHappenedIsWhatTheNextOneBeginsFrom) {
  ReadingRows rows;
  const Reading a = new_reading(), b = new_reading(), c = new_reading();
  rows.opened(a, 3);
  rows.commit();
  rows.closed(a.id);
  rows.opened(b, 5);
  rows.commit();
  rows.closed(a.id);
  EXPECT_TRUE(rows.changes().empty()) << "its row went with it";
  rows.opened(c, 8);
  rows.closed(b.id);
  EXPECT_EQ(sizes(rows), (Sizes{{5, 0}, {8, 1}})) << "a row of its own";
}

// SPEC ROW-7
TEST(ReadingRows, OnlyAscendingEntriesOfSomebodyFromTheKeyOnAreRead) {
  const Bytes key = std::move(ByteWriter().u64(5)).take();
  const std::vector<OpenAtRest> open{{5, crypto::random_id<PersonId>()}, {8, crypto::random_id<PersonId>()}};
  const Bytes good = encode_open_readings(open);
  EXPECT_EQ(decode_open_readings(key, good).value(), open);

  const auto refused = [&](const Bytes& row, const Bytes& text) {
    const auto read = decode_open_readings(row, text);
    return !read && read.error().code == ErrorCode::corrupt;
  };
  EXPECT_TRUE(refused(key, {}));
  EXPECT_TRUE(refused(key, Bytes(good.begin(), good.end() - 1)));
  EXPECT_TRUE(refused(Bytes(key.begin(), key.end() - 1), good));
  EXPECT_TRUE(refused(std::move(ByteWriter().u64(6)).take(), good));
  EXPECT_TRUE(refused(key, encode_open_readings(std::vector<OpenAtRest>{open[1], open[0]})));
  EXPECT_TRUE(refused(key, encode_open_readings(std::vector<OpenAtRest>{open[0], open[0]})));
  EXPECT_TRUE(refused(key, encode_open_readings(std::vector<OpenAtRest>{{5, PersonId()}})));
}

// A world with one reading open, its rows as they lie there, and what the verifier says of changed ones.
class OpenReadingAtRestOf : public ::testing::Test {
protected:
  void SetUp() override {
    world.anna = world.enrol("20000229-2399");
    world.sign(world.anna);
    document = world.deposit(world.anna, "journal", "text");
    ASSERT_TRUE(world.open(world.handler, document));
    told = dump(rows());
    for (store::StateRow& row : told.rows) {
      if (row.table == kReadingRowsTable) row_ = &row;
    }
    ASSERT_TRUE(row_);
  }
  store::Reader rows() {
    return store::Reader::open(world.core->data_directory().database(), keys().database()).value();
  }
  const KeyRing& keys() { return world.core->keys(); }

  std::vector<OpenAtRest> open() {
    RowSealer sealer(keys());
    return decode_open_readings(row_->id, sealer.open_own({row_->table, row_->id, row_->version, row_->body}).value())
        .value();
  }
  void put(const std::vector<OpenAtRest>& open) {
    *row_ = RowSealer(keys()).seal_own(kReadingRowsTable, row_->id, row_->version, encode_open_readings(open));
  }
  // Of the changed rows, with digest, head and checkpoint made anew to match.
  bool finds(const std::string& words) {
    sign_anew(told, keys());
    const std::filesystem::path path = world.folder.path() / "changed.db";
    std::filesystem::remove(path);
    write(told, path, keys().database());
    const store::Reader changed = store::Reader::open(path, keys().database()).value();
    const LogReport report = verify_log(changed, keys(), VerifiedRows::live).value();
    return std::ranges::any_of(report.problems,
                               [&](const std::string& problem) { return problem.find(words) != std::string::npos; });
  }

  SignedWorld world;
  DocumentId document;
  Dump told;
  store::StateRow* row_ = nullptr;
};

TEST_F(OpenReadingAtRestOf, NamesItsOpeningAndWhoseItIs) {
  ASSERT_EQ(open().size(), 1u);
  EXPECT_EQ(open().front().person, world.anna.actor.person);
  EXPECT_EQ(world.verify().problems, std::vector<std::string>());
}

// SPEC LVR-14
TEST_F(OpenReadingAtRestOf, LeftOutIsFoundByTheVerifier) {
  std::erase_if(told.rows, [](const store::StateRow& row) { return row.table == kReadingRowsTable; });
  EXPECT_TRUE(finds("it opened a reading, and the state does not say so"));
}

TEST_F(OpenReadingAtRestOf, ThatWasNeverOpenedIsFoundByTheVerifier) {
  std::vector<OpenAtRest> more = open();
  more.push_back({more.front().entry + 1, more.front().person});
  put(more);
  EXPECT_TRUE(finds("the state has a reading open that is not"));
}

TEST_F(OpenReadingAtRestOf, OfAnotherPersonOpensNothingAtStartUp) {
  Findings findings;
  const State state = read_state_image(rows(), keys(), findings).value().state;
  const OpenAtRest right = open().front();
  const Reading reading = reading_behind(right, rows(), keys(), state).value();
  EXPECT_EQ(reading.document, document);
  EXPECT_EQ(reading.staff, world.handler.staff);
  EXPECT_EQ(reading.purpose, "konsultation");
  EXPECT_FALSE(reading_behind({right.entry, crypto::random_id<PersonId>()}, rows(), keys(), state));
  EXPECT_FALSE(reading_behind({right.entry - 1, right.person}, rows(), keys(), state)) << "no opening";
  EXPECT_FALSE(reading_behind({right.entry + 1, right.person}, rows(), keys(), state)) << "no entry";
}

}  // namespace
}  // namespace flikvakt::service::test
