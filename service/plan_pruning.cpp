#include "service/plan_pruning.h"

#include "audit/entry.h"
#include "crypto/hash.h"
#include "service/row_seal.h"
#include "service/what_stays.h"

namespace flikvakt::service {
namespace {

// Of the state what a pruning follows from.
struct PruningGrounds {
  policy::State state;  // the instance, retention times, what was pruned before
  std::vector<std::pair<PersonId, KeyId>> log_keys;
};

bool is_ground(std::uint16_t table) {
  return table == policy::Instance::kTable || table == policy::Retention::kTable || table == policy::Pruning::kTable ||
         table == policy::Person::kTable;
}

Result<void> go_on(const std::function<bool()>& keep_on) {
  if (keep_on()) return {};
  return fail(ErrorCode::unavailable, "working out what a pruning leaves was broken off");
}

Result<PruningGrounds> read_grounds(const store::Rows& rows, const KeyRing& keys,
                                    const std::function<bool()>& keep_on) {
  PruningGrounds out;
  RowSealer sealer(keys);
  TRY_VOID(rows.for_each_state_row([&](const store::StateRowView& stored) -> Result<void> {
    TRY_VOID(go_on(keep_on));
    if (!is_ground(stored.table)) return {};
    Result<policy::Row> row = sealer.open(stored);
    if (!row && row.error().code == ErrorCode::not_found) return {};  // of somebody who was erased meanwhile
    if (!row) return row.error();
    if (const auto* person = get_if<policy::Person>(&*row))
      out.log_keys.emplace_back(person->id, person->log_key_id);
    else
      out.state.put(std::move(*row));
    return {};
  }));
  return out;
}

// How many entries are older.
Result<std::uint64_t> entries_before(const store::Rows& rows, UtcTime time) {
  std::uint64_t low = 0;
  std::uint64_t high = TRY(rows.entry_count());
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    const audit::Leaf leaf = TRY(audit::decode_leaf(TRY(rows.entry(middle)).leaf));
    if (leaf.time < time)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

}  // namespace

Result<policy::Prepared::PlannedPruning> plan_pruning(const store::Rows& rows, const KeyRing& keys, UtcTime before,
                                                      const std::function<Result<void>()>& between,
                                                      const std::function<bool()>& keep_on) {
  const PruningGrounds grounds = TRY(read_grounds(rows, keys, keep_on));
  policy::Prepared::PlannedPruning out;
  out.times = policy::retention_times(grounds.state);
  out.size = TRY(entries_before(rows, before));
  const auto* earlier = grounds.state.find<policy::Pruning>("pruning");

  Findings findings;
  const StoredPlaces none;
  LogWalk walk(rows, keys, grounds.state.instance().origin, none, findings);
  for (const auto& [person, log_key] : grounds.log_keys) {
    TRY_VOID(go_on(keep_on));
    const Result<void> known = walk.know(person, log_key);
    if (!known && known.error().code != ErrorCode::not_found) return known.error();
  }
  if (earlier) {
    out.pruned_to = earlier->size;
    walk.allow(TRY(read_pruning(rows, *earlier)));
  }
  WhatStays stays(grounds.state, before);
  TRY_VOID(walk.walk_to(
      out.size, [&](LoggedAct act) { stays.add(act); },
      [&]() -> Result<void> {
        TRY_VOID(go_on(keep_on));
        return between();
      }));
  const std::vector<std::string> wrong = findings.take();
  if (!wrong.empty()) return fail(ErrorCode::corrupt, "working out what a pruning leaves: " + wrong.front());
  out.kept = TRY(stays.finish()).encode();
  out.kept_sha256 = crypto::sha256(out.kept);
  return out;
}

}  // namespace flikvakt::service
