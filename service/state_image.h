// The state rows as they lie in a database, opened and checked by themselves. Part of the independent verifier and of
// restore. One thread.
#pragma once

#include <map>
#include <set>

#include "crypto/lthash.h"
#include "policy/state.h"
#include "service/log_walk.h"

namespace flikvakt::service {

struct StoredRow {
  std::uint64_t version = 0;
  policy::Row row;
  std::string text;  // JSON
};

struct StateImage {
  std::map<policy::RowId, StoredRow> rows;
  policy::State state;  // the same rows
  StoredPlaces places;
  crypto::Hash256 digest{};
  std::map<std::uint64_t, PersonId> open_readings;  // by the entry of their opening
  std::set<PersonId> owners;                        // of the rows that were opened
  std::set<PersonId> owners_without_key;
};

// What does not open is a finding, but rows of people whose key is not in the key store: they are counted. Errors: io,
// corrupt pages.
Result<StateImage> read_state_image(const store::Rows& rows, const KeyRing& keys, Findings& findings);

}  // namespace flikvakt::service
