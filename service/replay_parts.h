// What the files of the replay share: what the records of one act say, what the rules say of it, and how an entry is
// looked at. One thread.
#pragma once

#include "service/replay.h"
#include "service/transitions.h"

namespace flikvakt::service {

// As they stand in a record. SPEC ACR-4
struct RecordedPut {
  std::uint16_t table = 0;
  json::value row;
};
BOOST_DESCRIBE_STRUCT(RecordedPut, (), (table, row))
struct RecordedErase {
  std::uint16_t table = 0;
  std::string key;  // hex
};
BOOST_DESCRIBE_STRUCT(RecordedErase, (), (table, key))

struct Replay::Recorded {
  std::optional<policy::Actor> actor;
  std::optional<Bytes> evidence;
  std::string assertion;  // of staff, beside the evidence
  std::vector<policy::Row> puts;
  std::vector<policy::RowId> erases;
  bool is_closed = false;        // some of it no key opens
  bool concerns_erased = false;  // somebody is missing without whom the rules cannot say what they said
};

struct Replay::Decided {
  policy::Outcome outcome;
  std::optional<UtcTime> carried_out_until;  // of the order
};

// Not recorded: their history is the log itself, or the key store. SPEC ACR-4
inline bool has_record(std::uint16_t table) {
  return table != policy::Reading::kTable && table != policy::Receipt::kTable && table != policy::KeyRow::kTable;
}

inline bool is_permitted(const LoggedAct& logged) { return logged.act.outcome != audit::Outcome::refused; }

// Refused because it could not be written down: the rules may have permitted it, nothing followed but the receipt.
inline bool failed_then(const LoggedAct& logged) {
  return !is_permitted(logged) && logged.act.reason == static_cast<std::uint16_t>(policy::Reason::error);
}

// The first entry that a key opens, of a person; nullptr: none.
inline const OpenedEntry* first_opened(const LoggedAct& logged) {
  for (const OpenedEntry& entry : logged.entries) {
    if (entry.about) return &entry;
  }
  return nullptr;
}

template <class T>
const T* first_put(const std::vector<policy::Row>& puts) {
  for (const policy::Row& row : puts) {
    if (const T* found = get_if<T>(&row)) return found;
  }
  return nullptr;
}

// Did administrators approve with it that keys are destroyed?
bool approves_shredding(const LoggedAct& logged);

// Of an approval, what it approved, as far as `state` still has it waiting.
CarriedOut carried_out(const policy::State& state, const LoggedAct& logged, const std::vector<policy::RowId>& erases);

inline std::string named(const policy::RowId& id) {
  return "row " + to_hex(id.key) + " of table " + std::to_string(id.table);
}

// Under whom a receipt is kept.
ByteArray<16> receipt_actor(const policy::Actor& actor);

}  // namespace flikvakt::service
