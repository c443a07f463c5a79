// The entries of one person, walked from the newest back along the links (spec/person-chain.md), over one snapshot.
// Belongs to one thread.
#pragma once

#include "service/core.h"

namespace flikvakt::service {

// The row of that key. not_found: it is not there.
template <class T>
Result<T> stored_row(const store::Rows& rows, RowSealer& sealer, const typename T::Key& key) {
  const policy::RowId id = policy::row_id_of<T>(key);
  const std::optional<store::StateRow> stored = TRY(rows.state_row(id.table, id.key));
  if (!stored) return fail(ErrorCode::not_found, "a state row is not there");
  policy::Row row = TRY(sealer.open({stored->table, stored->id, stored->version, stored->body}));
  return std::get<T>(std::move(row));
}

class PersonEntries {
public:
  static Result<PersonEntries> begin(Core& core, const store::Rows& rows, const PersonId& person);

  struct Place {
    std::uint64_t number = 0;  // of the person's entries
    std::uint64_t index = 0;   // in the log
  };
  // Entry number `first`, then those before it, at most `limit` in all. `first` is at most the newest's number.
  // corrupt: a link leads to another's entry.
  Result<void> walk(const Place& newest, std::uint64_t first, std::uint32_t limit,
                    const std::function<Result<void>(const store::EntryRow&)>& each);
  // The same until `each` has had enough of them.
  enum class Go { on, no_further };
  Result<void> walk_while(const Place& newest, std::uint64_t first, std::uint32_t limit,
                          const std::function<Result<Go>(std::uint64_t number, const store::EntryRow&)>& each);

  audit::PersonEntryKeys& keys() { return keys_; }

private:
  PersonEntries(const store::Rows& rows, const crypto::PersonLogKey& key, const std::string& origin)
      : rows_(rows), keys_(key), chain_(key, origin) {}
  Result<store::EntryRow> row_at(const Place& place);
  Result<void> go_back(Place& at, store::EntryRow& row, std::uint64_t wanted);

  const store::Rows& rows_;
  audit::PersonEntryKeys keys_;
  audit::PersonChainKey chain_;
};

}  // namespace flikvakt::service
