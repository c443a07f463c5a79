// Start-up: opens all state rows on the cores there are.
#pragma once

#include <functional>

#include "service/row_seal.h"

namespace flikvakt::service {

// Every stored row, in order: `own` gets those of the gateway's own tables as they are stored, `noun` all others opened
// and parsed. Both are called on the caller's thread; an error of theirs, or of a row that does not open, ends it, the
// first in the order of the rows. `digest`: of all rows.
struct RowConsumer {
  std::function<bool(std::uint16_t table)> is_own;
  std::function<Result<void>(const store::StateRowView&)> own;
  std::function<Result<void>(policy::Row)> noun;
};
Result<crypto::LtHash> open_rows(const store::Rows& rows, const KeyRing& keys, const RowConsumer& consumer);

}  // namespace flikvakt::service
