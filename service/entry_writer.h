// From an outcome to log entries: one entry for each person concerned (one with a random tag when there is none), all
// sharing the act id; and the act records that replay and evidence need (spec/act-record.md). Owned by the sequencer's
// thread.
#pragma once

#include <list>
#include <unordered_map>

#include "audit/entry.h"
#include "service/command.h"
#include "service/places.h"
#include "store/database.h"

namespace flikvakt::service {

class EntryWriter {
public:
  EntryWriter(const KeyRing& keys, Places places, std::string origin);

  struct Written {
    std::vector<store::EntryRow> rows;
    std::vector<crypto::MerkleHash> leaves;
    std::uint64_t person_entries = 0;  // of the last person concerned, the newest one included
  };
  // `first_index`: where the first of them goes. `state`: before the outcome is applied to it, so that a person whom
  // this very act erases still has an entry of it.
  Result<Written> write(const Command& command, const policy::Outcome& outcome, const policy::State& state,
                        std::uint64_t first_index, UtcTime time, const ActId& act);

  // The places that must be stored with the batch; `log_size`: after it.
  std::vector<store::StateRow> place_rows(RowSealer& sealer, std::uint64_t log_size) {
    return places_.rows_to_write(sealer, log_size);
  }
  void write_all_places_next() { places_.write_all_next(); }

  // The batch became durable, or never happened.
  void commit();
  void drop();
  void forget(const PersonId& person);

  struct PersonLog {
    audit::PersonEntryKeys keys;
    audit::PersonChainKey chain;
    audit::ChainEnd committed;
    audit::ChainEnd pending;  // committed and in this batch
  };
  Result<PersonLog*> log_of(const PersonId& person, const policy::State& state, const policy::Outcome& outcome = {});

  audit::ForbundEntryKeys& forbund() { return forbund_; }

private:
  static constexpr std::size_t kKeptPeople = 1024;

  const KeyRing& keys_;
  Places places_;
  const std::string origin_;
  audit::ForbundEntryKeys forbund_;
  struct Kept {
    PersonId person;
    PersonLog log;
  };
  std::list<Kept> recent_;
  std::unordered_map<PersonId, std::list<Kept>::iterator> by_person_;
  std::vector<PersonId> touched_;
};

audit::ActKind act_kind_of(const policy::Act& act);

// Not recorded: open readings (the log's openings and closings are their record), receipts, and keys, which are checked
// against the key store. SPEC ACT-RECORD
bool is_recorded(std::uint16_t table);

// A row that an act erases, and whose it was.
struct OwnedErase {
  policy::RowId id;
  std::optional<PersonId> owner;
};
std::vector<OwnedErase> recorded_erases(const policy::Outcome& outcome, const policy::State& state);

// What replay needs of an outcome, for one owner (nothing: the registry), as JSON text; empty when there is nothing. So
// a person's erasure takes no other one's record along. The first entry of an act also has its evidence.
enum class RecordPlace { first_entry, further_entry };
std::string record_text(const Command& command, const policy::Outcome& outcome, const std::vector<OwnedErase>& erases,
                        const std::optional<PersonId>& owner, RecordPlace place);

}  // namespace flikvakt::service
