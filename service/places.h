// Where each person's newest log entry is, and how many there are: the ends of the chains of entries
// (spec/person-chain.md), in memory for everybody, in state rows of a table of its own (spec/state-rows.md, table 60),
// so that the state digest covers them. Owned by the sequencer's thread.
//
// The rows lag behind: a batch writes few of them, so that all have come round every kRoundEntries entries. What is
// later than they say, start-up finds by the tags of the newest entries (find_places.cpp).
#pragma once

#include <set>

#include "audit/person_chain.h"
#include "service/row_seal.h"

namespace flikvakt::service {

inline constexpr std::uint16_t kPlaceTable = 60;

class Places {
public:
  struct Place {
    std::uint64_t count = 0;  // entries of the person
    audit::SealedChainEnd end{};
  };

  const Place* find(const PersonId& person) const;  // nullptr: no entry yet
  template <class Fn>
  void for_each(Fn&& fn) const {  // fn(person, place)
    for (const Group& group : groups_) {
      for (const Record& record : group.records) fn(record.person, record.place);
    }
  }
  // Every entry before this index is in the stored rows.
  std::uint64_t complete_to() const { return complete_to_; }

  // Start-up. corrupt: not a row of the table.
  Result<void> load(const store::StateRowView& row, RowSealer& sealer);
  void start(const std::vector<std::pair<PersonId, Place>>& found, std::uint64_t log_size);  // `found`: not in the rows

  // Within a batch: what changes, then the rows that must go with it, `log_size` being the log's size after it; then
  // either commit() or drop(), which undoes all of it.
  void put(const PersonId& person, const Place& place);
  void erase(const PersonId& person);  // in this batch nothing brings the person back
  std::vector<store::StateRow> rows_to_write(RowSealer& sealer, std::uint64_t log_size);
  void commit();
  void drop();

  void write_all_next() { write_all_ = true; }  // with the next batch that commits

private:
  static constexpr std::size_t kGroups = 1024;
  // So that what start-up must look through stays below twice as much: a quarter of a million entries, about a second.
  static constexpr std::uint64_t kRoundEntries = 131'072;

  struct Record {
    PersonId person;
    Place place;
  };
  struct Group {                  // people whose ids begin with the same ten bits
    std::vector<Record> records;  // by person
    bool is_stale = false;        // the stored row says something else
  };
  struct Change {
    PersonId person;
    std::optional<Place> before;
  };
  struct Round {
    std::uint64_t from = 0;  // the log's size when it began
    std::size_t next = 0;    // the group whose turn it is
  };
  struct Written {
    std::vector<std::size_t> groups;
    Round round;
    std::uint64_t complete_to = 0;
  };

  static std::size_t group_of(const PersonId& person);
  void set(const PersonId& person, const std::optional<Place>& place);
  std::size_t end_of_turn(std::uint64_t log_size) const;
  static store::StateRow sealed(RowSealer& sealer, std::size_t number, const Group& group, std::uint64_t log_size);

  std::vector<Group> groups_ = std::vector<Group>(kGroups);
  Round round_;
  std::uint64_t complete_to_ = 0;
  bool write_all_ = false;
  std::vector<Change> changes_;  // of this batch, in order
  std::set<PersonId> erased_;    // in this batch
  Written written_;              // in this batch
};

}  // namespace flikvakt::service
