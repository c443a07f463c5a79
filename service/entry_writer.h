// From an outcome to log entries: one entry for each person concerned (one with a random tag when there is none), all
// sharing the act id; and the act records that replay and evidence need (spec/act-record.md). Owned by the sequencer's
// thread.
#pragma once

#include <list>
#include <unordered_map>

#include "audit/entry.h"
#include "service/command.h"
#include "service/key_ring.h"
#include "store/database.h"

namespace flikvakt::service {

class EntryWriter {
public:
  // `tags` finds how many entries a person has; asked once per person and cached.
  EntryWriter(const KeyRing& keys, const store::Rows& tags);

  struct Written {
    std::vector<store::EntryRow> rows;
    std::vector<crypto::MerkleHash> leaves;
  };
  // `first_index`: where the first of them goes. `state`: before the outcome is applied to it, so that a person whom
  // this very act erases still has an entry of it.
  Result<Written> write(const Command& command, const policy::Outcome& outcome, const policy::State& state,
                        std::uint64_t first_index, UtcTime time, const ActId& act);

  // The batch became durable, or never happened.
  void commit();
  void drop();
  void forget(const PersonId& person);

  // For reading the log of a person: keys and the number of entries so far (committed ones).
  struct PersonLog {
    audit::PersonEntryKeys keys;
    std::uint64_t committed = 0;
    std::uint64_t pending = 0;  // committed and in this batch
  };
  Result<PersonLog*> log_of(const PersonId& person, const policy::State& state, const policy::Outcome& outcome = {});

  audit::ForbundEntryKeys& forbund() { return forbund_; }

private:
  static constexpr std::size_t kKeptPeople = 1024;

  const KeyRing& keys_;
  const store::Rows& rows_;
  audit::ForbundEntryKeys forbund_;
  struct Kept {
    PersonId person;
    PersonLog log;
  };
  std::list<Kept> recent_;
  std::unordered_map<PersonId, std::list<Kept>::iterator> by_person_;
  std::vector<PersonId> touched_;
};

// Entries 0 … n-1 of a person exist when n is returned: tags are looked for by doubling, then halving.
Result<std::uint64_t> count_entries(const audit::PersonEntryKeys& keys, const store::Rows& rows);

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
