// Which acts stay whole when the log is pruned (SPEC RET-5; why: docs/decisions/retention.md): those that are the last
// word on a row that stands, what rows in force began with, and what all these rest on. From the records of the log
// alone, so that whoever has the log and its keys arrives at the same list. One thread.
//
// Memory: some 200 bytes for each row that ever was, and for each act that changed one.
#pragma once

#include "service/log_walk.h"

namespace flikvakt::service {

class WhatStays {
public:
  // `times`: a state that has the retention times. `before`: all acts that come are older.
  WhatStays(const policy::State& times, UtcTime before);

  void add(const LoggedAct& logged);  // each that is whole, in order
  // Once, at the end. corrupt: a record is not of its form.
  Result<policy::EntrySet> finish();

private:
  using Number = std::uint32_t;
  static constexpr Number kNone = ~Number{0};
  struct Act {
    std::uint64_t first = 0;
    std::uint64_t entries = 0;
    std::vector<Number> rows = {};  // that it wrote or erased
    std::vector<Number> rests_on =
        {};  // acts: the first half of it, and what brought the key that shows who ordered it
    bool stays = false;
  };
  struct Row {
    Number first = kNone;  // act that wrote it, since it was last erased
    Number last = kNone;   // that wrote or erased it
    bool is_there = false;
    bool is_in_force = false;
    std::uint64_t revision = 0;
    std::vector<Number> revised = {};            // acts with which each revision began
    std::optional<audit::ActKind> waiting = {};  // of a proposal
  };

  void take_record(const LoggedAct& logged, const json::object& record);
  void put(const policy::Row& row);
  void erase(audit::ActKind by, const policy::RowId& id);
  void rest_on_key_of(const policy::Actor& actor);
  void rest_on_issuer(const std::string& code);
  void rest_on(const policy::RowId& id);
  void rest_on_last(const policy::RowId& id);
  Number number_of(const policy::RowId& id);
  bool is_young(UtcTime time, audit::ActKind kind) const;

  const policy::State& times_;
  const UtcTime run_out_;  // an entry whose time has run out by then is old enough
  std::map<policy::RowId, Number> numbers_;
  std::vector<Row> rows_;
  std::vector<Act> acts_;                   // those that changed a row, or stay for another reason
  std::optional<audit::ActKind> approved_;  // by the act that is being added
  bool is_broken_ = false;
};

}  // namespace flikvakt::service
