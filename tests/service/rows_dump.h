// All rows of a database as values that a test may change as an operator with every key could, and write anew.
#pragma once

#include "audit/entry.h"
#include "service/log_keys.h"
#include "service/row_seal.h"
#include "store/database.h"

namespace flikvakt::service::test {

struct Dump {
  std::vector<store::StateRow> rows;
  std::vector<store::EntryRow> entries;
  std::map<std::pair<int, std::uint64_t>, Bytes> tiles;
  std::map<std::string, Bytes> meta;
};

Dump dump(const store::Rows& rows);
void write(const Dump& dump, const std::filesystem::path& path, const crypto::DatabaseKey& key);

// Who signs for a log of these rows.
std::unique_ptr<LogSigners> signers_of(const Dump& dump, const KeyRing& keys, const std::string& origin);

// What whoever has the keys can do so that only the contents give it away: tiles, root, digest, head and checkpoint
// anew.
// `signers`: those of the rows as they are, unless given.
void sign_anew(Dump& dump, const KeyRing& keys, std::unique_ptr<LogSigners> signers = nullptr);

// One state row opened, changed, and sealed again.
template <class T>
void change_row(Dump& dump, const KeyRing& keys, const std::function<bool(T&)>& change) {
  RowSealer sealer(keys);
  for (store::StateRow& stored : dump.rows) {
    if (stored.table != T::kTable) continue;
    Result<policy::Row> row = sealer.open({stored.table, stored.id, stored.version, stored.body});
    if (!row) continue;
    T one = get<T>(*row);
    if (!change(one)) continue;
    stored = sealer.seal(one, stored.version).value();
    return;
  }
  throw std::runtime_error("there is no such row to change");
}

// One entry opened, changed, and sealed again, with leaf and hashes to match. `person`: the log key of whom it is
// about.
struct EntryChange {
  std::function<void(UtcTime&, audit::ActPart&, std::optional<audit::PersonPart>&)> change;
  std::optional<KeyId> person_log_key;
  std::uint64_t count = 0;  // of the person's entries before it
};
void change_entry(Dump& dump, const KeyRing& keys, std::uint64_t index, const EntryChange& change);

// Indexes of the entries of this kind and outcome, as far as they are whole.
std::vector<std::uint64_t> entries_of(const Dump& dump, const KeyRing& keys, audit::ActKind kind,
                                      audit::Outcome outcome = audit::Outcome::permitted);

// The log key of a person who was not erased.
KeyId log_key_of(const Dump& dump, const KeyRing& keys, const PersonId& person);
// How many of that person's entries come before this one of theirs; nothing: it is not theirs.
std::optional<std::uint64_t> count_of(const Dump& dump, const KeyRing& keys, const KeyId& person_log_key,
                                      std::uint64_t index);
// The record of one of their entries, changed as text.
Dump with_person_record(Dump dump, const KeyRing& keys, std::uint64_t index, const KeyId& person_log_key,
                        const std::function<void(json::object&)>& edit);

// The record of an entry that concerns nobody, or the registry.
json::object registry_record(const Dump& dump, const KeyRing& keys, std::uint64_t index);
// The same, changed as text.
Dump with_registry_record(Dump dump, const KeyRing& keys, std::uint64_t index,
                          const std::function<void(json::object&)>& edit);

}  // namespace flikvakt::service::test
