// The entries of one person, walked from the newest back along the links (spec/person-chain.md), in the rows of one
// moment. Belongs to one thread.
#pragma once

#include "audit/person_chain.h"
#include "service/core.h"

namespace flikvakt::service {

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
