#include "service/person_entries.h"

namespace flikvakt::service {

Result<PersonEntries> PersonEntries::begin(Core& core, const store::Rows& rows, const PersonId& person) {
  RowSealer sealer(core.keys());
  const auto row = TRY(stored_row<policy::Person>(rows, sealer, person));
  const crypto::PersonLogKey key = TRY(core.keys().person_log_key(row.log_key_id));
  return PersonEntries(rows, key, core.sequencer().origin());
}

Result<void> PersonEntries::walk(const Place& newest, std::uint64_t first, std::uint32_t limit,
                                 const std::function<Result<void>(const store::EntryRow&)>& each) {
  return walk_while(newest, first, limit, [&](std::uint64_t, const store::EntryRow& row) -> Result<Go> {
    TRY_VOID(each(row));
    return Go::on;
  });
}

Result<void> PersonEntries::walk_while(const Place& newest, std::uint64_t first, std::uint32_t limit,
                                       const std::function<Result<Go>(std::uint64_t, const store::EntryRow&)>& each) {
  Place at = newest;
  store::EntryRow row = TRY(row_at(at));
  while (at.number > first) TRY_VOID(go_back(at, row, first));
  for (std::uint32_t given = 1;; ++given) {
    const Go go = TRY(each(at.number, row));
    if (go == Go::no_further || given >= limit || at.number == 0) return {};
    TRY_VOID(go_back(at, row, at.number - 1));
  }
}

// SPEC CHN-5
Result<store::EntryRow> PersonEntries::row_at(const Place& place) {
  Result<store::EntryRow> row = rows_.entry(place.index);
  if (!row && row.error().code != ErrorCode::not_found) return row.error();
  const auto leaf = row ? audit::decode_leaf(row->leaf) : Result<audit::Leaf>(row.error());
  if (leaf && leaf->person_tag == keys_.tag(place.number)) return row;
  return fail(ErrorCode::corrupt, "a link leads to log entry " + std::to_string(place.index) + ", which is another's");
}

Result<void> PersonEntries::go_back(Place& at, store::EntryRow& row, std::uint64_t wanted) {
  const audit::OpenedLink link = chain_.open(at.number, row.link);
  const audit::Step step = audit::step_back(at.number, wanted);
  at = {step.number, step.is_further ? link.further : link.previous};
  row = TRY(row_at(at));
  return {};
}

}  // namespace flikvakt::service
