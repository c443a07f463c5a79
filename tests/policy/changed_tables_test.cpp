// The table of what acts of each kind change. That it is what the rules do, every act played in tests/policy/ shows:
// World::ask holds each outcome to it.
#include "policy/changed_tables.h"

#include "tests/policy/world.h"

namespace flikvakt::policy::test {
namespace {

template <class Visit>
void each_kind(Visit visit) {
  boost::mp11::mp_for_each<boost::mp11::mp_transform<boost::mp11::mp_identity, ActVariant>>(
      [&]<class T>(T) { visit(std::type_identity<typename T::type>{}); });
}

bool is_of_no_change(std::string_view kind) {
  const ChangedTables& tables = tables_changed_by(kind);
  return tables.puts.empty() && tables.erases.empty();
}

// SPEC LVR-31
TEST(ChangedTables, OnlyWhatTellsOrNotesSomethingChangesNothing) {
  const std::set<std::string_view> expected{"read_proposals",
                                            "list_documents",
                                            "list_cases",
                                            "list_requests",
                                            "list_fullmakter",
                                            "list_erase_orders",
                                            "list_notices",
                                            "list_people",
                                            "list_source_requests",
                                            "plan_deposit",
                                            "list_overdue",
                                            "read_overview",
                                            "read_own_log",
                                            "read_organisation_log",
                                            "record_disclosure",
                                            "accept_clock",
                                            "sum_failures",
                                            "start",
                                            "stop"};
  std::set<std::string_view> found;
  each_kind([&]<class T>(std::type_identity<T>) {
    if (is_of_no_change(T::kKind)) found.insert(T::kKind);
  });
  EXPECT_EQ(found, expected);
  for (const char* none : {"", "propose", "take_snapshot", "Suspend"}) EXPECT_TRUE(is_of_no_change(none)) << none;
}

// SPEC LVR-31
TEST(ChangedTables, AProposalIsWrittenByNothingThatIsCarriedOut) {
  each_kind([&]<class T>(std::type_identity<T>) {
    if (std::is_same_v<T, Restore>) return;  // which names every table, and begins a log
    EXPECT_FALSE(tables_changed_by(T::kKind).puts.contains(Proposal::kTable)) << T::kKind;
  });
}

// SPEC LVR-31
TEST(ChangedTables, AnApprovalChangesWhatCouldHaveWaitedAndNothingElse) {
  const ChangedTables& approved = tables_changed_by("approve");
  EXPECT_TRUE(approved.erases.contains(Proposal::kTable));
  for (const char* kind : {"register_administrator", "prune_log", "give_up_log_key", "paper_fullmakt", "lift_sparr"}) {
    EXPECT_TRUE(kind_may_wait(kind)) << kind;
    for (const std::uint16_t table : tables_changed_by(kind).puts)
      EXPECT_TRUE(approved.puts.contains(table)) << kind << " writes table " << table;
  }
  for (const std::uint16_t table : {RosterEntry::kTable, Deposit::kTable, DeviceKey::kTable, Flik::kTable})
    EXPECT_FALSE(approved.puts.contains(table)) << "nothing of two writes table " << table;
}

TEST(ChangedTables, WhatTakesTwoMayWaitAndWhatOnePersonAloneDoesMayNot) {
  each_kind([&]<class T>(std::type_identity<T>) {
    EXPECT_TRUE(!kind_takes_two(T::kKind) || kind_may_wait(T::kKind)) << T::kKind;
  });
  EXPECT_TRUE(kind_may_wait("sign_fullmakt")) << "by one of two guardians";
  for (const char* kind : {"retire_log_key", "revoke_fullmakt", "reconfirm", "register_staff", "approve", "expire_due"})
    EXPECT_FALSE(kind_may_wait(kind)) << kind;
}

}  // namespace
}  // namespace flikvakt::policy::test
