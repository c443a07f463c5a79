// One entry of a person's own log, opened and shown: what was done in plain words, by whom, with what of theirs, under
// what (spec/log-view.md). What is another's is kept back here. In the rows of one moment; belongs to one thread.
#pragma once

#include <map>

#include "service/log_filter.h"
#include "service/others_protection.h"
#include "service/person_entries.h"
#include "service/row_seal.h"

namespace flikvakt::service {

class LogEntryView {
public:
  // `now`: of the log.
  LogEntryView(Core& core, const store::Rows& rows, const PersonId& person, PersonEntries& entries, UtcTime now);

  // nullopt: the filter leaves it out. corrupt: the entry is damaged, or not the one in its tile.
  Result<std::optional<json::value>> show(std::uint64_t number, const store::EntryRow& row, const LogFilter& filter);
  // {entry, time} of an entry, which is of the person as any.
  Result<json::value> place(const store::EntryRow& row);

private:
  struct Opened {
    std::uint64_t index = 0;
    std::uint64_t number = 0;
    audit::Leaf leaf;
    audit::ActPart act;
    audit::PersonPart about;
    bool tells_who = false;
  };

  Result<audit::Leaf> leaf_of(const store::EntryRow& row);
  Result<void> check_place(std::uint64_t index, BytesView leaf);
  Result<json::value> shown(const Opened& entry, const store::EntryRow& row);
  static json::value pruned(const Opened& entry);
  void put_who(const Opened& entry, json::object& out);
  void put_about(const Opened& entry, json::object& out);
  Result<void> name_key(const audit::ActPart& act, const store::EntryRow& row, json::object& out);

  std::string title_of(const DocumentId& id);
  json::array roles_of(const PersonId& who) const;
  const json::object& organisation(const OrganisationId& id);
  const policy::Staff& staff(const StaffId& id);
  const std::string& unit_name(const UnitId& id);

  const PersonId person_;
  const Directory& directory_;
  const store::Rows& rows_;
  RowSealer sealer_;
  audit::ForbundEntryKeys forbund_;
  OthersProtection others_;
  PersonEntries& entries_;
  const UtcTime now_;
  const std::optional<UtcTime> names_staff_since_;
  std::map<OrganisationId, json::object> organisations_;
  std::map<StaffId, policy::Staff> staff_;
  std::map<UnitId, std::string> units_;
  std::optional<std::uint64_t> size_;  // of the log
  std::optional<std::pair<std::uint64_t, std::vector<audit::MerkleHash>>>
      tile_;  // looked at last: entries come in order
};

}  // namespace flikvakt::service
