// What every database backend promises: one suite, run by each. A Backend is default-constructible, owns one empty
// place, and has create() and open() -> Result<Database>, reader() -> Result<Reader>.
#pragma once

#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "store/database.h"
#include "tests/store/temporary.h"

namespace flikvakt::store {

inline EntryRow entry_at(std::uint64_t index) {
  EntryRow row;
  row.index = index;
  row.leaf = text("leaf " + std::to_string(index));
  row.link = {static_cast<std::uint8_t>(index), 7};
  row.act = text("act " + std::to_string(index));
  row.person = text("person " + std::to_string(index));
  return row;
}

inline std::vector<StateRow> all_state(const Rows& rows) {
  std::vector<StateRow> out;
  EXPECT_OK(rows.for_each_state_row([&](const StateRowView& row) -> Result<void> {
    out.push_back({row.table, to_bytes(row.id), row.version, to_bytes(row.body)});
    return {};
  }));
  return out;
}

// Writes in one transaction; the test fails unless it is committed.
inline void committed(auto& database, const auto& write) {
  auto transaction = database.begin();
  ASSERT_OK(transaction);
  write(*transaction);
  const CommitResult result = transaction->commit();
  ASSERT_EQ(result.outcome, CommitOutcome::committed) << (result.cause ? result.cause->message : "");
}

template <class Backend>
class StoreContract : public testing::Test {
public:
  Backend backend;
};
TYPED_TEST_SUITE_P(StoreContract);

TYPED_TEST_P(StoreContract, StateRowsComeBackInOrderOfTableAndId) {
  auto database = this->backend.create();
  ASSERT_OK(database);
  const std::vector<StateRow> rows = {{1, {}, 0, {}},
                                      {1, text("a"), 5, text("x")},
                                      {1, Bytes{'a', 0, 'b'}, 6, Bytes{0, 0, 255}},
                                      {1, text("b"), 7, text("y")},
                                      {300, text("a"), 1, text("z")},
                                      {65535, text("A"), (std::uint64_t{1} << 63) - 1, text("w")}};
  committed(*database, [&](auto& transaction) {
    for (auto row = rows.rbegin(); row != rows.rend(); ++row) EXPECT_OK(transaction.put_state(*row));
  });
  EXPECT_EQ(all_state(*database), rows);
  for (const StateRow& row : rows) EXPECT_EQ(database->state_row(row.table, row.id).value(), row);
  EXPECT_EQ(database->state_row(2, text("a")).value(), std::nullopt);
  EXPECT_EQ(database->state_row(1, text("A")).value(), std::nullopt) << "ids are bytes, not letters";
}

TYPED_TEST_P(StoreContract, PutAndEraseReturnTheRowThatStoodThere) {
  auto database = this->backend.create();
  ASSERT_OK(database);
  const StateRow first{4, text("id"), 1, text("one")};
  const StateRow second{4, text("id"), 2, text("two")};
  committed(*database, [&](auto& transaction) {
    EXPECT_EQ(transaction.put_state(first).value(), std::nullopt);
    EXPECT_EQ(transaction.put_state(second).value(), first);
  });
  committed(*database, [&](auto& transaction) {
    EXPECT_EQ(transaction.erase_state(4, text("id")).value(), second);
    EXPECT_EQ(transaction.erase_state(4, text("id")).value(), std::nullopt);
    EXPECT_EQ(transaction.put_state(first).value(), std::nullopt);
  });
  EXPECT_EQ(all_state(*database), std::vector{first});
}

TYPED_TEST_P(StoreContract, AVersionThatNoRowCanHoldIsRefusedAndNothingOfTheBatchIsCommitted) {
  auto database = this->backend.create();
  ASSERT_OK(database);
  {
    auto transaction = database->begin();
    ASSERT_OK(transaction);
    EXPECT_OK(transaction->put_state({1, text("fine"), 1, {}}));
    EXPECT_ERROR(ErrorCode::invalid, transaction->put_state({1, text("a"), std::uint64_t{1} << 63, {}}));
    EXPECT_EQ(transaction->commit().outcome, CommitOutcome::aborted);
  }
  EXPECT_TRUE(all_state(*database).empty());
  EXPECT_OK(database->begin());
}

// SPEC STO-7
TYPED_TEST_P(StoreContract, EntriesFollowOneAnotherAndAGapOrRepeatIsRefused) {
  auto database = this->backend.create();
  ASSERT_OK(database);
  EXPECT_EQ(database->entry_count().value(), 0u);
  committed(*database, [&](auto& transaction) {
    EXPECT_EQ(transaction.next_index(), 0u);
    for (std::uint64_t i = 0; i < 3; ++i) EXPECT_OK(transaction.append_entry(entry_at(i)));
    EXPECT_EQ(transaction.next_index(), 3u);
  });
  for (std::uint64_t wrong : {0u, 2u, 4u}) {
    auto transaction = database->begin();
    ASSERT_OK(transaction);
    EXPECT_ERROR(ErrorCode::conflict, transaction->append_entry(entry_at(wrong)));
    EXPECT_ERROR(ErrorCode::conflict, transaction->append_entry(entry_at(3)));
    const CommitResult result = transaction->commit();
    EXPECT_EQ(result.outcome, CommitOutcome::aborted);
    EXPECT_EQ(result.cause->code, ErrorCode::conflict);
  }
  EXPECT_EQ(database->entry_count().value(), 3u);
  committed(*database, [&](auto& transaction) { EXPECT_OK(transaction.append_entry(entry_at(3))); });
  EXPECT_EQ(database->entry_count().value(), 4u);
}

TYPED_TEST_P(StoreContract, AnEntryComesBackWithAndWithoutItsActRecord) {
  auto database = this->backend.create();
  ASSERT_OK(database);
  EntryRow with = entry_at(1);
  with.act_record = Bytes{0, 1, 2};
  EntryRow empty = entry_at(2);
  empty.act_record = Bytes{};
  committed(*database, [&](auto& transaction) {
    EXPECT_OK(transaction.append_entry(entry_at(0)));
    EXPECT_OK(transaction.append_entry(with));
    EXPECT_OK(transaction.append_entry(empty));
  });
  EXPECT_EQ(database->entry(0)->act_record, std::nullopt);
  EXPECT_EQ(database->entry(1)->act_record, with.act_record);
  EXPECT_EQ(database->entry(2)->act_record, Bytes{});
  EXPECT_EQ(database->act_record(1).value(), with.act_record);
  EXPECT_EQ(database->act_record(0).value(), std::nullopt);
  EXPECT_EQ(database->entry(1)->leaf, with.leaf);
  EXPECT_EQ(database->entry(1)->link, with.link);
  EXPECT_EQ(database->entry(1)->person, with.person);
  EXPECT_ERROR(ErrorCode::not_found, database->entry(3));
}

TYPED_TEST_P(StoreContract, AWalkOverEntriesIsAscendingAndStopsWhereItIsTold) {
  auto database = this->backend.create();
  ASSERT_OK(database);
  committed(*database, [&](auto& transaction) {
    for (std::uint64_t i = 0; i < 300; ++i) EXPECT_OK(transaction.append_entry(entry_at(i)));
  });
  std::vector<std::uint64_t> seen;
  const auto note = [&](const EntryRowView& row) -> Result<void> {
    seen.push_back(row.index);
    EXPECT_EQ(to_bytes(row.act), entry_at(row.index).act);
    EXPECT_EQ(to_bytes(row.link), to_bytes(entry_at(row.index).link));
    return {};
  };
  EXPECT_OK(database->for_each_entry(254, 258, note));
  EXPECT_EQ(seen, (std::vector<std::uint64_t>{254, 255, 256, 257}));
  seen.clear();
  EXPECT_OK(database->for_each_entry(298, ~std::uint64_t{0}, note));
  EXPECT_EQ(seen.size(), 2u);
  EXPECT_OK(database->for_each_entry(5, 5, note));
  EXPECT_EQ(seen.size(), 2u);
  EXPECT_ERROR(ErrorCode::denied, database->for_each_entry(0, 9, [](const EntryRowView& row) -> Result<void> {
    if (row.index == 1) return fail(ErrorCode::denied, "enough");
    return {};
  }));
}

// SPEC STO-17
TYPED_TEST_P(StoreContract, PrunedEntriesKeepLeafAndLinkAndTheirNeighboursAll) {
  auto database = this->backend.create();
  ASSERT_OK(database);
  committed(*database, [&](auto& transaction) {
    for (std::uint64_t index = 0; index < 6; ++index) {
      EntryRow row = entry_at(index);
      if (index % 2 == 0) row.act_record = text("record " + std::to_string(index));
      EXPECT_OK(transaction.append_entry(row));
    }
  });
  {
    auto transaction = database->begin();
    ASSERT_OK(transaction);
    EXPECT_OK(transaction->prune_entries(0, 6));
  }
  EXPECT_FALSE(database->entry(2).value().is_bare()) << "dropped, so it never was";
  const std::uint64_t record_bytes = text("record 0").size();
  EXPECT_EQ(database->records_within(0, 6, 3 * record_bytes).value(), 6u);
  EXPECT_EQ(database->records_within(0, 6, 3 * record_bytes - 1).value(), 4u);
  EXPECT_EQ(database->records_within(0, 6, record_bytes).value(), 2u);
  EXPECT_EQ(database->records_within(0, 6, 0).value(), 2u) << "one entry at least";
  EXPECT_EQ(database->records_within(1, 6, 0).value(), 2u);
  EXPECT_EQ(database->records_within(6, 9, 0).value(), 9u);
  committed(*database, [&](auto& transaction) {
    EXPECT_EQ(transaction.prune_entries(1, 4).value(), text("record 2").size());
    EXPECT_EQ(transaction.prune_entries(1, 4).value(), 0u) << "again: nothing is left to go";
    EXPECT_EQ(transaction.prune_entries(4, 4).value(), 0u);
    EXPECT_EQ(transaction.prune_entries(6, 9).value(), 0u);
  });
  EXPECT_EQ(database->entry_count().value(), 6u);
  for (std::uint64_t index = 0; index < 6; ++index) {
    const EntryRow is = database->entry(index).value();
    const EntryRow was = entry_at(index);
    EXPECT_EQ(is.leaf, was.leaf);
    EXPECT_EQ(is.link, was.link);
    EXPECT_EQ(is.is_bare(), index >= 1 && index < 4) << index;
    EXPECT_EQ(is.act_record.has_value(), index == 0 || index == 4) << index;
    if (!is.is_bare()) EXPECT_TRUE(is.act == was.act && is.person == was.person);
  }
  std::vector<std::uint64_t> bare;
  EXPECT_OK(database->for_each_entry(0, 6, [&](const EntryRowView& row) -> Result<void> {
    if (row.is_bare()) bare.push_back(row.index);
    return {};
  }));
  EXPECT_EQ(bare, (std::vector<std::uint64_t>{1, 2, 3}));
  committed(*database, [&](auto& transaction) { EXPECT_OK(transaction.append_entry(entry_at(6))); });
}

TYPED_TEST_P(StoreContract, ATileIsWholeAndNeverChanges) {
  auto database = this->backend.create();
  ASSERT_OK(database);
  const Bytes hashes(256 * 32, 9);
  committed(*database, [&](auto& transaction) {
    EXPECT_OK(transaction.put_tile(0, 0, hashes));
    EXPECT_OK(transaction.put_tile(1, 0, Bytes(256 * 32, 8)));
  });
  EXPECT_EQ(database->tile(0, 0).value(), hashes);
  EXPECT_EQ(database->tile(0, 1).value(), std::nullopt);
  EXPECT_ERROR(ErrorCode::conflict, database->begin()->put_tile(0, 0, Bytes(256 * 32, 1)));
  EXPECT_ERROR(ErrorCode::invalid, database->begin()->put_tile(0, 1, Bytes(255 * 32, 1)));
  EXPECT_EQ(database->tile(0, 0).value(), hashes);
}

TYPED_TEST_P(StoreContract, MetaIsSetAndReplaced) {
  auto database = this->backend.create();
  ASSERT_OK(database);
  EXPECT_EQ(database->meta(kHeadNote).value(), std::nullopt);
  committed(*database, [&](auto& transaction) { EXPECT_OK(transaction.set_meta(kHeadNote, text("one"))); });
  committed(*database, [&](auto& transaction) { EXPECT_OK(transaction.set_meta(kHeadNote, text("two"))); });
  EXPECT_EQ(database->meta(kHeadNote).value(), text("two"));
  EXPECT_EQ(database->meta("another").value(), std::nullopt);
}

TYPED_TEST_P(StoreContract, ATransactionThatIsDroppedLeavesNothing) {
  auto database = this->backend.create();
  ASSERT_OK(database);
  const StateRow stays{1, text("stays"), 1, text("x")};
  committed(*database, [&](auto& transaction) { EXPECT_OK(transaction.put_state(stays)); });
  {
    auto transaction = database->begin();
    ASSERT_OK(transaction);
    EXPECT_OK(transaction->put_state({1, text("goes"), 1, {}}));
    EXPECT_OK(transaction->erase_state(1, text("stays")));
    EXPECT_OK(transaction->append_entry(entry_at(0)));
    EXPECT_OK(transaction->put_tile(0, 0, Bytes(256 * 32)));
    EXPECT_OK(transaction->set_meta(kHeadNote, text("head")));
  }
  EXPECT_EQ(all_state(*database), std::vector{stays});
  EXPECT_EQ(database->entry_count().value(), 0u);
  EXPECT_EQ(database->tile(0, 0).value(), std::nullopt);
  EXPECT_EQ(database->meta(kHeadNote).value(), std::nullopt);
}

TYPED_TEST_P(StoreContract, ATransactionReadsItsOwnWritesAndAReaderDoesNot) {
  auto database = this->backend.create();
  ASSERT_OK(database);
  auto reader = this->backend.reader();
  ASSERT_OK(reader);
  {
    auto transaction = database->begin();
    ASSERT_OK(transaction);
    EXPECT_OK(transaction->put_state({1, text("id"), 1, text("mine")}));
    EXPECT_OK(transaction->append_entry(entry_at(0)));
    EXPECT_EQ(transaction->state_row(1, text("id")).value()->body, text("mine"));
    EXPECT_EQ(transaction->entry_count().value(), 1u);
    EXPECT_OK(reader->refresh());
    EXPECT_EQ(reader->entry_count().value(), 0u);
    EXPECT_EQ(transaction->commit().outcome, CommitOutcome::committed);
  }
  EXPECT_EQ(reader->entry_count().value(), 0u) << "a snapshot stands still";
  EXPECT_OK(reader->refresh());
  EXPECT_EQ(reader->entry_count().value(), 1u);
}

TYPED_TEST_P(StoreContract, TwoReadersKeepTheirSnapshotsWhileTheWriterGoesOn) {
  auto database = this->backend.create();
  ASSERT_OK(database);
  auto early = this->backend.reader();
  committed(*database, [&](auto& transaction) { EXPECT_OK(transaction.append_entry(entry_at(0))); });
  auto late = this->backend.reader();
  ASSERT_OK(early);
  ASSERT_OK(late);
  committed(*database, [&](auto& transaction) { EXPECT_OK(transaction.append_entry(entry_at(1))); });
  EXPECT_OK(database->checkpoint());
  committed(*database, [&](auto& transaction) { EXPECT_OK(transaction.append_entry(entry_at(2))); });
  EXPECT_EQ(early->entry_count().value(), 0u);
  EXPECT_EQ(late->entry_count().value(), 1u);
  EXPECT_EQ(database->entry_count().value(), 3u);
}

TYPED_TEST_P(StoreContract, OnlyOneTransactionIsOpenAtATime) {
  auto database = this->backend.create();
  ASSERT_OK(database);
  {
    auto first = database->begin();
    ASSERT_OK(first);
    EXPECT_ERROR(ErrorCode::internal, database->begin());
    EXPECT_ERROR(ErrorCode::internal, database->checkpoint());
  }
  EXPECT_OK(database->begin());
}

TYPED_TEST_P(StoreContract, ABodyOfOneMebibyteIsKeptAndOneOverSixteenIsRefused) {
  auto database = this->backend.create();
  ASSERT_OK(database);
  Bytes body(1 << 20);
  for (std::size_t i = 0; i < body.size(); ++i) body[i] = static_cast<std::uint8_t>(i * 31 >> 3);
  committed(*database, [&](auto& transaction) { EXPECT_OK(transaction.put_state({1, text("large"), 1, body})); });
  EXPECT_EQ(database->state_row(1, text("large")).value()->body, body);
  EXPECT_ERROR(ErrorCode::invalid, database->begin()->put_state({1, text("over"), 1, Bytes(kMaxBlobBytes + 1)}));
}

TYPED_TEST_P(StoreContract, WhatWasCommittedIsThereAfterReopening) {
  const StateRow row{1, text("id"), 3, text("body")};
  {
    auto database = this->backend.create();
    ASSERT_OK(database);
    committed(*database, [&](auto& transaction) {
      EXPECT_OK(transaction.put_state(row));
      EXPECT_OK(transaction.append_entry(entry_at(0)));
      EXPECT_OK(transaction.set_meta(kHeadNote, text("head")));
    });
  }
  auto database = this->backend.open();
  ASSERT_OK(database);
  EXPECT_EQ(all_state(*database), std::vector{row});
  EXPECT_EQ(database->meta(kHeadNote).value(), text("head"));
  EXPECT_OK(database->verify_integrity());
  committed(*database, [&](auto& transaction) { EXPECT_OK(transaction.append_entry(entry_at(1))); });
}

TYPED_TEST_P(StoreContract, CreateRefusesWhatExistsAndOpenRefusesWhatDoesNot) {
  EXPECT_ERROR(ErrorCode::not_found, this->backend.open());
  EXPECT_ERROR(ErrorCode::not_found, this->backend.reader());
  EXPECT_OK(this->backend.create());
  EXPECT_ERROR(ErrorCode::conflict, this->backend.create());
  EXPECT_OK(this->backend.open());
}

REGISTER_TYPED_TEST_SUITE_P(StoreContract, StateRowsComeBackInOrderOfTableAndId, PutAndEraseReturnTheRowThatStoodThere,
                            AVersionThatNoRowCanHoldIsRefusedAndNothingOfTheBatchIsCommitted,
                            EntriesFollowOneAnotherAndAGapOrRepeatIsRefused, AnEntryComesBackWithAndWithoutItsActRecord,
                            AWalkOverEntriesIsAscendingAndStopsWhereItIsTold,
                            PrunedEntriesKeepLeafAndLinkAndTheirNeighboursAll, ATileIsWholeAndNeverChanges,
                            MetaIsSetAndReplaced, ATransactionThatIsDroppedLeavesNothing,
                            ATransactionReadsItsOwnWritesAndAReaderDoesNot,
                            TwoReadersKeepTheirSnapshotsWhileTheWriterGoesOn, OnlyOneTransactionIsOpenAtATime,
                            ABodyOfOneMebibyteIsKeptAndOneOverSixteenIsRefused, WhatWasCommittedIsThereAfterReopening,
                            CreateRefusesWhatExistsAndOpenRefusesWhatDoesNot);

}  // namespace flikvakt::store
