// Pruning in a world in which everything is really signed, and what whoever has every key could make of a pruned log.
#pragma once

#include "service/plan_pruning.h"
#include "service/state_image.h"
#include "tests/service/rows_dump.h"
#include "tests/service/signed_world.h"

namespace flikvakt::service::test {

inline const std::vector<std::string> kNone;  // problems
inline constexpr auto kElevenYears = std::chrono::days{4018};

inline store::Reader rows_of(SignedWorld& world) {
  return store::Reader::open(world.core->data_directory().database(), world.core->keys().database()).value();
}

// What whoever is to sign works out beside the gateway.
inline policy::Prepared::PlannedPruning plan(SignedWorld& world, UtcTime before) {
  const auto planned = plan_pruning(rows_of(world), world.core->keys(), before);
  EXPECT_TRUE(planned) << planned.error().message;
  return planned ? *planned : policy::Prepared::PlannedPruning{};
}

inline policy::PruneLog order(SignedWorld& world, UtcTime before) { return {before, plan(world, before).kept_sha256}; }

// From now on everything is later than what was.
inline UtcTime cut(SignedWorld& world) {
  world.clock.advance(1s);
  return world.clock.wall();
}

// An act of nobody, behind what falls due.
inline void eleven_years_later(SignedWorld& world) {
  world.clock.advance(kElevenYears);
  world.ask(policy::SystemActor{}, policy::Start{});
}

// As what whoever has every key makes of the rows.
inline std::vector<std::string> problems_of(SignedWorld& world, const Dump& changed,
                                            std::span<const std::string> saved = {}) {
  const std::filesystem::path path = world.folder.path() / "changed.db";
  write(changed, path, world.core->keys().database());
  const store::Reader rows = store::Reader::open(path, world.core->keys().database()).value();
  return verify_log(rows, world.core->keys(), VerifiedRows::live, saved, {}, {}, world.clock.wall()).value().problems;
}

// What the newest pruning says that stays.
inline policy::EntrySet kept_in(SignedWorld& world) {
  Findings findings;
  const StateImage image = read_state_image(rows_of(world), world.core->keys(), findings).value();
  return policy::EntrySet::decode(image.state.find<policy::Pruning>("pruning")->kept).value();
}

inline void make_bare(store::EntryRow& row) {
  row.act.clear();
  row.person.clear();
  row.act_record.reset();
}

inline policy::EntrySet without(const policy::EntrySet& from, std::uint64_t size, std::uint64_t gone) {
  policy::EntrySet out;
  for (std::uint64_t i = 0; i < size; ++i) {
    if (from.contains(i) && i != gone) out.add(i);
  }
  return out;
}

// A pruning that says of what stays, and only of that, something else than was signed.
inline Dump with_kept(Dump dump, const KeyRing& keys, const policy::EntrySet& kept) {
  change_row<policy::Pruning>(dump, keys, [&](policy::Pruning& one) { return one.kept = kept.encode(), true; });
  const std::uint64_t approval = entries_of(dump, keys, audit::ActKind::approve).back();
  return with_registry_record(std::move(dump), keys, approval, [&](json::object& record) {
    for (json::value& put : record.at("puts").as_array()) {
      if (put.at("table") == policy::Pruning::kTable) put.at("row").as_object()["kept"] = to_base64url(kept.encode());
    }
  });
}

inline ::testing::AssertionResult says(const std::vector<std::string>& problems, const std::string& words) {
  std::string all;
  for (const std::string& problem : problems) {
    if (problem.find(words) != std::string::npos) return ::testing::AssertionSuccess();
    all += "\n  " + problem;
  }
  return ::testing::AssertionFailure() << "`" << words << "` is not among the problems:" << all;
}

}  // namespace flikvakt::service::test
