// The schema, step by step. A step is never edited after it was released: the next change is a new step.
#pragma once

#include "store/sqlite.h"

namespace flikvakt::store {

inline constexpr int kNewestSchema = 3;

Result<int> schema_of(Connection& connection);      // 0: nothing was made yet
Result<void> migrate(Connection& connection);       // to kNewestSchema, each step in one transaction
Result<void> require_ours(Connection& connection);  // invalid: another program's file, or of a schema we cannot read

// Tables and indexes are those of the newest schema, and there is nothing else: a view would change what is read, a
// trigger what is written. corrupt: they are not.
Result<void> require_schema(Connection& connection);

}  // namespace flikvakt::store
