// What one log entry counts for in the figures (spec/figures.md, the table). Everything is taken from the entry, its
// act record and, for the lead time from a referral, the person's entries before it. One thread.
#pragma once

#include <unordered_map>

#include "audit/person_chain.h"
#include "base/json.h"
#include "service/figures_tally.h"
#include "service/whose_entry.h"

namespace flikvakt::service {

struct FiguresEntry {
  std::uint64_t index = 0;
  audit::Leaf leaf;
  audit::ActPart act;
  store::EntryLink link{};
  std::optional<Bytes> record;  // sealed; when what it says may count
  bool is_counted = false;      // FIG-6
  bool is_pruned = false;       // then only leaf and link are there
};

class FiguresReader {
public:
  FiguresReader(Core& core, const KeepOn& keep_on)
      : core_(core), keep_on_(keep_on), forbund_(core.keys().forbund_log()) {}

  // Entries from <= index < to, of one moment. Errors as count_ended_months().
  Result<std::vector<FiguresEntry>> read(std::uint64_t from, std::uint64_t to);
  // `whose`: nothing when it is nobody's, or somebody's who was erased, of whom nothing is counted.
  Result<void> tally(const FiguresEntry& entry, const std::optional<WhoseEntry::Whose>& whose, MonthTally& tally);

private:
  struct PersonKeys {
    audit::PersonEntryKeys entries;
    audit::PersonChainKey chain;
  };
  struct Changed {  // what an act record says that it changed
    std::vector<policy::Fullmakt> given;
    std::vector<policy::Fullmakt> completed;
    std::vector<policy::AccessRequest> granted;
    std::uint64_t revoked = 0;
    std::optional<policy::Case> referred;
  };

  Result<FiguresEntry> entry_of(const store::EntryRow& row);
  Result<std::optional<PersonKeys>> keys_of(const PersonId& person) const;
  Result<std::size_t> cell_of_staff(std::string_view figure, const OrganisationId& organisation);
  Result<void> tally_of_person(const FiguresEntry& entry, const WhoseEntry::Whose& whose, MonthTally& tally);
  Result<void> tally_of_number(const FiguresEntry& entry, PersonKeys* keys, MonthTally& tally);
  Result<void> tally_changes(const FiguresEntry& entry, const WhoseEntry::Whose& whose, PersonKeys& keys,
                             MonthTally& tally);
  static Result<json::object> record_of(const FiguresEntry& entry, crypto::AeadKey& key);
  static Result<Changed> changed(const FiguresEntry& entry, const json::object& record);
  Result<std::optional<UtcTime>> referral_before(const FiguresEntry& access, const CaseId& id, std::uint64_t number,
                                                 PersonKeys& keys);

  Core& core_;
  const KeepOn& keep_on_;
  audit::ForbundEntryKeys forbund_;
  std::unordered_map<OrganisationId, policy::OrganisationKind> kinds_;
};

}  // namespace flikvakt::service
