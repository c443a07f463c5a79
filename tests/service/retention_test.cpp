// Snapshots at which replay can begin, and logs that are pruned: everything still verifies, nothing that somebody
// merely deletes passes as pruning, and a kill at any moment leaves one or the other.
#include <future>
#include <sstream>
#include <thread>

#include "audit/verify.h"
#include "base/files.h"
#include "service/backup_restore.h"
#include "service/export_log.h"
#include "service/log_proofs.h"
#include "service/person_log.h"
#include "service/receipts.h"
#include "service/snapshots.h"
#include "service/state_image.h"
#include "tests/service/rows_dump.h"
#include "tests/service/signed_world.h"

namespace flikvakt::service::test {
namespace {

namespace fs = std::filesystem;
using namespace policy;
using audit::ActKind;

constexpr auto kElevenYears = std::chrono::days{4018};

json::object retention(SignedWorld& world) { return world.core->directory().retention(); }

std::vector<Snapshot> snapshots(SignedWorld& world) {
  return from_json<std::vector<Snapshot>>(retention(world).at("snapshots")).value();
}

std::uint64_t take_snapshot(SignedWorld& world) {
  const CommandResult taken = world.send(world.administrator(0), TakeSnapshot{});
  EXPECT_TRUE(taken.decision.is_permitted()) << static_cast<int>(taken.decision.reason);
  return snapshots(world).back().size;
}

PruneLog order(SignedWorld& world, std::uint64_t size) {
  for (const Snapshot& one : snapshots(world)) {
    if (one.size == size) return {size, one.state_digest};
  }
  return {size, {}};
}

store::Reader rows_of(SignedWorld& world) {
  return store::Reader::open(world.core->data_directory().database(), world.core->keys().database()).value();
}

bool is_pruned(SignedWorld& world) {
  const auto cursor = rows_of(world).meta(store::kPrunedTo).value();
  ByteReader in(cursor ? BytesView(*cursor) : BytesView());
  const std::uint64_t size = in.u64();
  return in.u64() == size && in.done() && size == retention(world).at("pruned_to").to_number<std::uint64_t>();
}

void wait_until_pruned(SignedWorld& world) {
  for (int i = 0; i < 3000 && !is_pruned(world); ++i) std::this_thread::sleep_for(10ms);
  EXPECT_TRUE(is_pruned(world));
}

void prune(SignedWorld& world, std::uint64_t size) {
  const CommandResult done = world.by_two(order(world, size));
  EXPECT_TRUE(done.decision.is_permitted()) << static_cast<int>(done.decision.reason);
}

// As what whoever has every key makes of the rows.
std::vector<std::string> problems_of(SignedWorld& world, const Dump& changed,
                                     const std::optional<fs::path>& folder = {}) {
  const fs::path path = world.folder.path() / "changed.db";
  write(changed, path, world.core->keys().database());
  const store::Reader rows = store::Reader::open(path, world.core->keys().database()).value();
  const Snapshots at{folder.value_or(world.core->data_directory().snapshots()), {}};
  return verify_log(rows, world.core->keys(), VerifiedRows::live, {}, {}, {}, at).value().problems;
}

::testing::AssertionResult says(const std::vector<std::string>& problems, const std::string& words) {
  std::string all;
  for (const std::string& problem : problems) {
    if (problem.find(words) != std::string::npos) return ::testing::AssertionSuccess();
    all += "\n  " + problem;
  }
  return ::testing::AssertionFailure() << "`" << words << "` is not among the problems:" << all;
}

const std::vector<std::string> kNone;

// ---- Snapshots

// SPEC LVR-25, LVR-26, STO-19
TEST(Snapshots, WhatFollowsFromTheFirstEntryFollowsFromEachSnapshotToo) {
  SignedWorld world;
  const std::uint64_t early = take_snapshot(world);
  world.play();
  const std::uint64_t late = take_snapshot(world);
  ASSERT_TRUE(world.core->decide({SystemActor{}, Start{}, {}, {}, {}, {}}).decision.is_permitted());
  const LogReport whole = world.verify();
  EXPECT_EQ(whole.problems, kNone);
  EXPECT_EQ(whole.begun_at, 0u);
  for (const std::uint64_t from : {early, late}) {
    SCOPED_TRACE(from);
    const LogReport report = world.verify({}, from);
    EXPECT_EQ(report.problems, kNone);
    EXPECT_EQ(report.begun_at, from);
    EXPECT_EQ(report.entries, whole.entries);
    EXPECT_EQ(report.root, whole.root);
  }
  const auto none = verify_log(rows_of(world), world.core->keys(), VerifiedRows::live, {}, {}, {},
                               {world.core->data_directory().snapshots(), early + 1});
  EXPECT_EQ(none.error().code, ErrorCode::invalid) << "there is none of that size";
  world.restart();
  EXPECT_EQ(snapshots(world).size(), 2u);
  EXPECT_EQ(world.verify({}, early).problems, kNone);
}

// SPEC LVR-26: in the middle of things: a reading is open, people are erased later, a proposal waits.
TEST(Snapshots, HoldWhatIsOpenAndOutliveWhoIsErased) {
  SignedWorld world;
  world.anna = world.enrol(world.anna.number);
  world.bo = world.enrol(world.bo.number);
  world.sign(world.anna);
  world.sign(world.bo);
  const DocumentId annas = world.deposit(world.anna, "journal", "Annas");
  const DocumentId bos = world.deposit(world.bo, "journal", "Bos");
  const auto reading = world.open(world.handler, annas);
  const auto of_bo = world.open(world.handler, bos);
  ASSERT_TRUE(reading && of_bo);
  ASSERT_TRUE(world.send(world.administrator(0), Shred{ShredScope::document, {}, {}, annas}).decision.is_permitted());
  const std::uint64_t size = take_snapshot(world);
  EXPECT_TRUE(world.close(**reading, 5).decision.is_permitted());
  EXPECT_TRUE(world.by_two(Shred{ShredScope::person, {}, {}, {}}, world.bo.number).decision.is_permitted());
  world.clock.advance(24h * 20);
  world.core->decide({SystemActor{}, Start{}, {}, {}, {}, {}});
  EXPECT_EQ(world.verify().problems, kNone);
  EXPECT_EQ(world.verify({}, size).problems, kNone);
}

// SPEC LVR-15, LVR-25
TEST(Snapshots, KeysMayBeRotatedBeforeAndAfter) {
  SignedWorld world;
  world.anna = world.enrol(world.anna.number);
  world.rotate_master();
  const std::uint64_t size = take_snapshot(world);
  world.bo = world.enrol(world.bo.number);
  EXPECT_EQ(world.verify({}, size).problems, kNone) << "rotated before alone";
  world.rotate_master();
  EXPECT_EQ(world.verify().problems, kNone);
  EXPECT_EQ(world.verify({}, size).problems, kNone);
}

// SPEC STO-20, STO-2
TEST(Snapshots, LeftoversGoAtTheNextStartAndNothingInOneCanBeReadWithoutTheKey) {
  SignedWorld world;
  const std::uint64_t size = take_snapshot(world);
  const fs::path folder = world.core->data_directory().snapshots();
  const Bytes bytes = read_file(snapshot_file(folder, size), 64u << 20).value();
  EXPECT_EQ(as_text(bytes).find("journal"), std::string_view::npos);
  EXPECT_FALSE(as_text(bytes).starts_with("SQLite format 3"));
  fs::copy_file(snapshot_file(folder, size), snapshot_file(folder, size + 7));
  fs::copy_file(snapshot_file(folder, size), folder / "made");
  fs::copy_file(snapshot_file(folder, size), folder / "07.db");
  world.restart();
  EXPECT_TRUE(fs::exists(snapshot_file(folder, size)));
  EXPECT_FALSE(fs::exists(snapshot_file(folder, size + 7))) << "no row names it";
  EXPECT_FALSE(fs::exists(folder / "made"));
  EXPECT_TRUE(fs::exists(folder / "07.db")) << "not a name of ours";
}

// SPEC LVR-26
TEST(Snapshots, AForgedOneIsFoundWhileTheLogIsThere) {
  SignedWorld world;
  world.play();
  const std::uint64_t size = take_snapshot(world);
  const fs::path folder = world.core->data_directory().snapshots();
  const fs::path forged = world.folder.path() / "forged";
  fs::create_directory(forged);
  Dump told = dump(rows_of(world));
  EXPECT_EQ(problems_of(world, told), kNone);
  EXPECT_TRUE(says(problems_of(world, told, forged), "the snapshot of " + std::to_string(size) + " entries"))
      << "the file is gone";

  Dump snapshot = dump(store::Reader::open(snapshot_file(folder, size), world.core->keys().database()).value());
  change_row<Sparr>(snapshot, world.core->keys(), [&](Sparr& one) {
    if (one.id != world.annas_sparr) return false;
    one.in_force = false;
    return true;
  });
  write(snapshot, snapshot_file(forged, size), world.core->keys().database());
  EXPECT_TRUE(says(problems_of(world, told, forged), "is not the one that the log names"));

  // Row and record made to name the forgery.
  crypto::LtHash digest;
  for (const store::StateRow& row : snapshot.rows) digest.add(digest_element(row.table, row.id, row.version, row.body));
  const Fingerprint another = digest.digest();
  change_row<Snapshot>(told, world.core->keys(), [&](Snapshot& one) { return one.state_digest = another, true; });
  const std::uint64_t entry = entries_of(told, world.core->keys(), ActKind::take_snapshot).back();
  told = with_registry_record(std::move(told), world.core->keys(), entry, [&](json::object& record) {
    record.at("puts").as_array().at(0).at("row").as_object()["state_digest"] = to_base64url(another);
  });
  sign_anew(told, world.core->keys());
  EXPECT_TRUE(says(problems_of(world, told, forged), "says something else than followed"));
}

// ---- Pruning

class PrunedLog : public ::testing::Test {
protected:
  static void SetUpTestSuite() {
    world = std::make_unique<SignedWorld>();
    world->play();
    early = world->core->sequencer().checkpoint();
    size = take_snapshot(*world);
    before = dump(rows_of(*world));
    receipt = own_log().back();
    world->clock.advance(kElevenYears);
    world->core->decide({SystemActor{}, Start{}, {}, {}, {}, {}});
    EXPECT_EQ(world->verify().problems, kNone);
    prune(*world, size);
    wait_until_pruned(*world);
    after = dump(rows_of(*world));
  }
  static void TearDownTestSuite() { world.reset(); }

  static std::vector<audit::Receipt> own_log() {
    std::vector<audit::Receipt> out;
    for (std::optional<std::uint64_t> below; !below || *below > 0;) {
      std::promise<Result<json::value>> promise;
      if (!below) asked.id = crypto::random_id<AskingId>();
      own_log_receipts(*world->core, world->anna.actor, {below, 100, below ? std::nullopt : std::optional(asked.id)},
                       {}, [&](Result<json::value> found) { promise.set_value(std::move(found)); });
      const json::value piece = promise.get_future().get().value();
      const auto receipts = from_json<std::vector<audit::Receipt>>(piece.at("receipts")).value();
      if (!below) asked.salt = AskingId::parse(piece.at("salt").as_string()).value();
      out.insert(out.end(), receipts.begin(), receipts.end());
      below = piece.at("below").to_number<std::uint64_t>() - receipts.size();
      tag_key = to_array<32>(from_base64url(piece.at("tag_key").as_string()).value()).value();
    }
    std::ranges::reverse(out);
    return out;
  }
  static audit::NoteVerifier log_key() { return world->core->sequencer().signers().checkpoint().front().verifier(); }
  static std::vector<std::uint64_t> bare() {
    std::vector<std::uint64_t> out;
    for (const store::EntryRow& row : after.entries) {
      if (row.is_bare()) out.push_back(row.index);
    }
    return out;
  }
  static EntrySet kept() {
    Findings findings;
    const StateImage image = read_state_image(rows_of(*world), world->core->keys(), findings).value();
    return EntrySet::decode(image.state.find<Pruning>("pruning")->kept).value();
  }

  static inline std::unique_ptr<SignedWorld> world;
  static inline std::uint64_t size = 0;
  static inline std::string early;
  static inline Dump before, after;
  static inline audit::Receipt receipt;
  static inline ByteArray<32> tag_key{};
  static inline audit::Asking asked;
};

// SPEC STO-17, LVR-25
TEST_F(PrunedLog, VerifiesAndItsTreeIsTheSame) {
  const LogReport report = world->verify(std::vector{early});
  EXPECT_EQ(report.problems, kNone) << "also against a checkpoint from before";
  EXPECT_EQ(report.begun_at, size);
  EXPECT_EQ(report.pruned_entries, bare().size());
  EXPECT_GT(bare().size(), size / 3);
  EXPECT_LT(bare().size(), size) << "something counts";
  for (std::size_t i = 0; i < before.entries.size(); ++i) {
    const store::EntryRow& was = before.entries[i];
    const store::EntryRow& is = after.entries[i];
    EXPECT_EQ(was.leaf, is.leaf);
    EXPECT_EQ(was.link, is.link);
    if (is.is_bare())
      EXPECT_FALSE(is.act_record) << i;
    else
      EXPECT_TRUE(is.act == was.act && is.person == was.person && is.act_record == was.act_record) << i;
  }
  for (const auto& [at, hashes] : before.tiles) EXPECT_EQ(after.tiles[at], hashes);
  const LogReport copy = verify_log(rows_of(*world), world->core->keys(), VerifiedRows::copy, {}, {}, {},
                                    {world->core->data_directory().snapshots(), {}})
                             .value();
  EXPECT_EQ(copy.problems, kNone);
  EXPECT_EQ(verify_log(rows_of(*world), world->core->keys(), VerifiedRows::live, {}, {}, {},
                       {world->core->data_directory().snapshots(), size - 1})
                .error()
                .code,
            ErrorCode::invalid)
      << "nothing begins before";
}

// SPEC RET-5
TEST_F(PrunedLog, KeepsWholeWhatSomethingRestsOnAndPrunesTheRest) {
  const KeyRing& keys = world->core->keys();
  const EntrySet stays = kept();
  EXPECT_TRUE(stays.contains(0));
  Findings findings;
  const StateImage image = read_state_image(rows_of(*world), keys, findings).value();
  std::size_t resting = 0;
  for (const auto& [id, stored] : image.rows) {
    if (stored.version >= size || !counts(stored.row)) continue;
    ++resting;
    EXPECT_TRUE(stays.contains(stored.version));
    EXPECT_FALSE(after.entries[stored.version].is_bare());
  }
  EXPECT_GT(resting, 20u);
  for (const ActKind kind : {ActKind::open_reading, ActKind::close_reading, ActKind::list_cases, ActKind::lift_sparr,
                             ActKind::revoke_fullmakt, ActKind::resume_fullmakt}) {
    for (const std::uint64_t index : entries_of(before, keys, kind)) {
      if (index < size) EXPECT_TRUE(after.entries[index].is_bare()) << audit::name_of(kind) << " " << index;
    }
  }
  const auto sparrar = entries_of(before, keys, ActKind::set_sparr);
  ASSERT_EQ(sparrar.size(), 2u);
  EXPECT_TRUE(after.entries[sparrar[0]].is_bare()) << "the one that was lifted";
  EXPECT_FALSE(after.entries[sparrar[1]].is_bare()) << "the one in force";
}

// SPEC LVR-23
TEST_F(PrunedLog, DeletedRowsThatNobodyOrderedAreFound) {
  const auto without = [&](Dump from, std::uint64_t index) {
    from.entries[index].act.clear();
    from.entries[index].person.clear();
    from.entries[index].act_record.reset();
    return problems_of(*world, from);
  };
  EXPECT_TRUE(says(without(before, 5), "entry 5: its parts are missing, and no pruning ordered that"))
      << "in a log that is not pruned";
  EXPECT_TRUE(says(without(after, size), "its parts are missing, and no pruning ordered that"))
      << "the first that is not before the snapshot";
  EXPECT_TRUE(says(without(after, 0), "entry 0: its parts are missing, and no pruning ordered that"));
  const std::uint64_t sparr = entries_of(before, world->core->keys(), ActKind::set_sparr)[1];
  EXPECT_TRUE(says(without(after, sparr), "its parts are missing, and no pruning ordered that"))
      << "what counts is not to go";
  Dump changed = after;
  changed.entries[sparr].act_record.reset();
  EXPECT_TRUE(says(problems_of(*world, changed), "its act record is missing"));
  changed = after;
  changed.entries[bare().front()].act_record = Bytes(80, 7);
  EXPECT_TRUE(says(problems_of(*world, changed), "its act record is there"));
  changed = after;
  changed.entries[bare().front()].leaf = before.entries[bare().back()].leaf;
  EXPECT_TRUE(says(problems_of(*world, changed), "entries are not those of the head")) << "leaves stay proven";
  changed = after;
  changed.entries.erase(changed.entries.begin() + static_cast<std::ptrdiff_t>(bare().front()));
  sign_anew(changed, world->core->keys());
  const fs::path path = world->folder.path() / "shorter.db";
  write(changed, path, world->core->keys().database());
  const auto rows = store::Reader::open(path, world->core->keys().database()).value();
  const auto problems = verify_log(rows, world->core->keys(), VerifiedRows::live, std::vector{early}, {}, {},
                                   {world->core->data_directory().snapshots(), {}})
                            .value()
                            .problems;
  EXPECT_TRUE(says(problems, "are not those of saved checkpoint 1"));
}

// SPEC LVR-24
TEST_F(PrunedLog, WhatWasToGoAndIsThereIsFound) {
  Dump changed = after;
  const std::uint64_t index = bare()[3];
  changed.entries[index] = before.entries[index];
  EXPECT_TRUE(says(problems_of(*world, changed), "it was to be pruned, and is whole"));
}

// SPEC LVR-27
TEST_F(PrunedLog, APruningThatTakesWhatCountsIsFound) {
  const KeyRing& keys = world->core->keys();
  const std::uint64_t sparr = entries_of(before, keys, ActKind::set_sparr)[1];
  const std::uint64_t entry = entries_of(after, keys, ActKind::approve).back();
  const auto without = [&](std::uint64_t gone) {
    EntrySet fewer;
    const EntrySet stays = kept();
    for (std::uint64_t i = 0; i < size; ++i) {
      if (stays.contains(i) && i != gone) fewer.add(i);
    }
    Dump changed = after;
    change_row<Pruning>(changed, keys, [&](Pruning& one) { return one.kept = fewer.encode(), true; });
    changed = with_registry_record(std::move(changed), keys, entry, [&](json::object& record) {
      for (json::value& put : record.at("puts").as_array()) {
        if (put.at("table") == Pruning::kTable) put.at("row").as_object()["kept"] = to_base64url(fewer.encode());
      }
    });
    changed.entries[gone].act.clear();
    changed.entries[gone].person.clear();
    changed.entries[gone].act_record.reset();
    sign_anew(changed, keys);
    return problems_of(*world, changed);
  };
  EXPECT_TRUE(says(without(sparr), "it prunes entry " + std::to_string(sparr) + ", on which a row rests"));
  EXPECT_TRUE(says(without(0), "it prunes the entry that began the log"));
}

// SPEC LVR-9, RET-4: who prunes without two administrators, or to another snapshot than they signed.
TEST_F(PrunedLog, APruningThatNobodySignedIsFound) {
  const KeyRing& keys = world->core->keys();
  const std::uint64_t entry = entries_of(after, keys, ActKind::approve).back();
  Dump changed = with_registry_record(after, keys, entry, [](json::object& record) { record.erase("evidence"); });
  sign_anew(changed, keys);
  EXPECT_TRUE(says(problems_of(*world, changed), "nothing shows who ordered it"));
  changed = with_registry_record(after, keys, entry, [](json::object& record) {
    for (json::value& put : record.at("puts").as_array()) {
      if (put.at("table") == Pruning::kTable) put.at("row").as_object()["size"] = 3;
    }
  });
  sign_anew(changed, keys);
  EXPECT_TRUE(says(problems_of(*world, changed), "it changed other rows than follow from it"));
}

// SPEC RCPT-15, RCPT-11
TEST_F(PrunedLog, ThePersonsOwnLogIsStillProvenWholeAndOldReceiptsHold) {
  const audit::NoteVerifier known = log_key();
  const audit::Trusted trusted{{&known, 1}, {}};
  EXPECT_TRUE(audit::check_receipt(receipt, trusted)) << "one that was fetched before";
  const std::vector<audit::Receipt> receipts = own_log();
  std::size_t pruned = 0;
  for (const audit::Receipt& one : receipts) {
    const auto checked = audit::check_receipt(one, trusted);
    ASSERT_TRUE(checked) << checked.error().message;
    EXPECT_EQ(checked->is_pruned, after.entries.size() > checked->index && after.entries[checked->index].is_bare());
    pruned += checked->is_pruned ? 1 : 0;
  }
  EXPECT_GT(pruned, 10u);
  EXPECT_LT(pruned, receipts.size());
  audit::OwnLog whole{std::string(audit::kOwnLogFormat), asked, tag_key, {}, {}};
  for (const audit::Receipt& one : receipts) {  // those of one checkpoint, so that no growth must be proven
    if (audit::parse_log_proof(one.proof).value().checkpoint ==
        audit::parse_log_proof(receipts.front().proof).value().checkpoint)
      whole.receipts.push_back(one);
  }
  ASSERT_EQ(whole.receipts.size(), receipts.size()) << "the log fits in one piece";
  const auto checked = audit::check_own_log(whole, trusted);
  ASSERT_TRUE(checked) << checked.error().message;
  whole.receipts.erase(whole.receipts.begin() + 3);
  EXPECT_FALSE(audit::check_own_log(whole, trusted)) << "a pruned one cannot be left out";
  audit::Receipt half = receipts.back();
  half.act.reset();
  EXPECT_FALSE(audit::check_receipt(half, trusted)) << "a person part alone";
}

// SPEC RCPT-15, RCPT-16
TEST_F(PrunedLog, AReceiptOfAPrunedEntryGoesToThePersonAloneAndHoldsNoPart) {
  const auto ask = [&](std::uint64_t entry) {
    std::promise<Result<json::value>> promise;
    person_receipt(*world->core, world->anna.actor, entry, {},
                   [&](Result<json::value> found) { promise.set_value(std::move(found)); });
    return promise.get_future().get();
  };
  const std::uint64_t annas = entries_of(before, world->core->keys(), ActKind::revoke_fullmakt)[0];
  const Result<json::value> own = ask(annas);
  ASSERT_TRUE(own) << own.error().message;
  EXPECT_FALSE(own->as_object().contains("act"));
  EXPECT_FALSE(own->as_object().contains("person"));
  const std::uint64_t nobodys = entries_of(before, world->core->keys(), ActKind::list_cases)[0];
  EXPECT_EQ(ask(nobodys).error().code, ErrorCode::not_found) << "not hers";
  const std::uint64_t reading = entries_of(before, world->core->keys(), ActKind::open_reading)[0];
  EXPECT_EQ(organisation_receipt(*world->core, world->authority, reading, {}).error().code, ErrorCode::not_found);
}

// SPEC API-130
TEST_F(PrunedLog, TheOwnLogSaysOfPrunedEntriesThatTheyAre) {
  std::vector<json::value> all;
  LogQuery query;
  query.limit = 100;
  do {
    std::promise<Result<PersonLogPage>> promise;
    read_own_log(*world->core, world->anna.actor, query,
                 [&](Result<PersonLogPage> page) { promise.set_value(std::move(page)); });
    const PersonLogPage found = promise.get_future().get().value();
    all.insert(all.end(), found.entries.begin(), found.entries.end());
    query.below = found.next;
  } while (query.below);
  std::size_t pruned = 0;
  for (const json::value& one : all) {
    const auto index = one.at("entry").to_number<std::uint64_t>();
    const bool is_bare = index < after.entries.size() && after.entries[index].is_bare();
    EXPECT_EQ(one.at("kind") == "pruned", is_bare) << to_text(one);
    if (!is_bare) continue;
    ++pruned;
    EXPECT_EQ(one.as_object().size(), 8u) << to_text(one);
    EXPECT_EQ(one.at("time"), to_json(audit::decode_leaf(after.entries[index].leaf).value().time));
  }
  EXPECT_GT(pruned, 10u);
}

// SPEC EXP-10
TEST_F(PrunedLog, AnExportVerifiesAndCountsWhatIsPruned) {
  std::stringstream lines;
  const auto rows = rows_of(*world);
  ASSERT_TRUE(
      export_log(rows, world->core->keys(), world->anna.actor.person, [&](std::string_view line) -> Result<void> {
        lines << line << '\n';
        return {};
      }));
  const std::vector<audit::NoteVerifier> known{log_key()};
  const std::string checkpoint = checkpoint_of(rows, world->core->keys()).value();
  const audit::VerifyReport report = audit::verify_export(lines, checkpoint, std::vector{early}, known);
  for (const audit::Finding& finding : report.findings) ADD_FAILURE() << finding.text();
  EXPECT_EQ(report.pruned, bare().size());
  EXPECT_GT(report.opened_persons, 3u);
  EXPECT_EQ(report.opened_acts + report.pruned, report.entries);
}

// SPEC BAK-11, BAK-9, BAK-5
TEST_F(PrunedLog, ABackupHoldsTheSnapshotAndARestoreBeginsAnewWithoutIt) {
  RestorePlan plan{world->folder.path() / "backup", world->folder.path() / "keys-backup", std::nullopt};
  ASSERT_TRUE(back_up(*world->core, plan.backup, store::ObjectCopies::always_copied));
  ASSERT_TRUE(back_up_keys(*world->core, plan.key_store_backup));
  plan.erasures = world->core->data_directory().erasures();
  EXPECT_TRUE(fs::exists(snapshot_file(plan.backup / "snapshots", size)));
  const BackupContents contents = inspect_backup(plan, world->master()).value();
  EXPECT_EQ(contents.problems, kNone);
  JointAct act{restore_act(contents, "flikvakt.test/log2", {}, world->clock.wall()), {}};
  for (const std::size_t i : {0, 1}) act.signatures.push_back(sign_joint(act.act, world->officials[i].key).value());
  auto core = restore(store::DataDirectory::create(world->folder.path() / "restored").value(), world->master(), plan,
                      act, world->clock, {});
  ASSERT_TRUE(core) << core.error().message;
  const auto rows = store::Reader::open((*core)->data_directory().database(), (*core)->keys().database()).value();
  const fs::path archives = (*core)->data_directory().archive();
  EXPECT_EQ(verify_log(rows, (*core)->keys(), VerifiedRows::live, {}, {}, archives,
                       {(*core)->data_directory().snapshots(), {}})
                .value()
                .problems,
            kNone);
  EXPECT_EQ((*core)->directory().retention().at("pruned_to"), 0);
  EXPECT_TRUE((*core)->directory().retention().at("snapshots").as_array().empty());
  const fs::path archive = archives / archive_name(contents.head_note);
  const auto old = store::Reader::open(archive, (*core)->keys().database()).value();
  const auto of_old = [&](const fs::path& folder) {
    return verify_log(old, (*core)->keys(), VerifiedRows::copy, {}, {}, {}, {folder, {}}).value().problems;
  };
  EXPECT_EQ(of_old(snapshots_beside(archive)), kNone);
  EXPECT_TRUE(says(of_old({}), "acts cannot be carried out again")) << "without its snapshot";
  fs::remove(snapshot_file(plan.backup / "snapshots", size));
  EXPECT_EQ(inspect_backup(plan, world->master()).error().code, ErrorCode::corrupt) << "the manifest names it";
  (*core)->sequencer().stop();
}

// ---- Ordering

// SPEC RET-4, RET-1: through the gateway's own door.
TEST(Pruning, IsRefusedAloneTooEarlyTwiceAndWithoutTheSnapshotsFile) {
  SignedWorld world;
  world.anna = world.enrol(world.anna.number);
  const std::uint64_t size = take_snapshot(world);
  const auto reason = [](const CommandResult& result) { return result.decision.reason; };
  EXPECT_EQ(reason(world.send(world.administrator(0), order(world, size))), Reason::period_invalid);
  world.clock.advance(kElevenYears);
  world.core->decide({SystemActor{}, Start{}, {}, {}, {}, {}});
  EXPECT_EQ(reason(world.send(world.administrator(0), PruneLog{size + 1, {}})), Reason::unknown);
  EXPECT_EQ(reason(world.send(world.administrator(0), PruneLog{size, {}})), Reason::terms_invalid);
  Result<Command> first = world.command(world.administrator(0), order(world, size));
  ASSERT_TRUE(first);
  const Approve approval{ProposalId(first->evidence->id.value()), act_to_json(order(world, size))};
  EXPECT_TRUE(world.core->decide(std::move(*first)).decision.is_permitted()) << "it waits";
  EXPECT_EQ(reason(world.send(world.administrator(0), approval)), Reason::same_person);
  EXPECT_EQ(retention(world).at("pruned_to"), 0);
  const fs::path file = snapshot_file(world.core->data_directory().snapshots(), size);
  fs::rename(file, world.folder.path() / "taken");
  EXPECT_EQ(reason(world.send(world.administrator(1), approval)), Reason::wrong_state) << "somebody took the file";
  Dump other = dump(store::Reader::open(world.folder.path() / "taken", world.core->keys().database()).value());
  other.rows.pop_back();
  write(other, file, world.core->keys().database());
  EXPECT_EQ(reason(world.send(world.administrator(1), approval)), Reason::wrong_state) << "or put another there";
  fs::remove(file);
  fs::rename(world.folder.path() / "taken", file);
  EXPECT_EQ(world.verify().pruned_entries, 0u);
  EXPECT_TRUE(world.send(world.administrator(1), approval).decision.is_permitted());
  wait_until_pruned(world);
  EXPECT_EQ(reason(world.send(world.administrator(0), order(world, size))), Reason::already_exists);
  EXPECT_EQ(world.verify().problems, kNone);
  EXPECT_EQ(reason(world.send(world.administrator(0), SetRetention{"default", 1000})), Reason::period_invalid);
}

// SPEC RET-1, RET-5, LVR-25: a second time, further, with a kind that is kept for longer.
TEST(Pruning, GoesFurtherLaterAndLeavesKindsWhoseTimeHasNotRunOut) {
  SignedWorld world;
  world.anna = world.enrol(world.anna.number);
  world.sign(world.anna);
  const DocumentId document = world.deposit(world.anna, "journal", "text");
  const auto reading = world.open(world.handler, document);
  ASSERT_TRUE(reading);
  EXPECT_TRUE(world.close(**reading, 4).decision.is_permitted());
  EXPECT_TRUE(world.by_two(SetRetention{"open_reading", 36'525}).decision.is_permitted());
  const std::uint64_t first = take_snapshot(world);
  world.clock.advance(24h * 365);
  world.core->decide({SystemActor{}, Start{}, {}, {}, {}, {}});
  world.ask(world.lead, ListCases{});
  const std::uint64_t second = take_snapshot(world);
  world.clock.advance(kElevenYears - std::chrono::days{365});
  world.core->decide({SystemActor{}, Start{}, {}, {}, {}, {}});
  prune(world, first);
  wait_until_pruned(world);
  EXPECT_EQ(world.verify().problems, kNone);
  EXPECT_EQ(world.verify({}, second).problems, kNone) << "a later snapshot serves too";
  const LogReport once = world.verify();
  const Dump rows = dump(rows_of(world));
  std::size_t readings = 0;
  for (const store::EntryRow& row : rows.entries) {
    if (row.is_bare()) continue;
    audit::ForbundEntryKeys forbund(world.core->keys().forbund_log());
    const auto act = audit::open_act(audit::decode_leaf(row.leaf).value(), row.act, forbund).value().part;
    readings += act.kind == ActKind::open_reading ? 1 : 0;
  }
  EXPECT_EQ(readings, 1u) << "kept for a hundred years";
  {  // SPEC LVR-27: a list that leaves it out, while it is still there to contradict.
    const KeyRing& keys = world.core->keys();
    const std::uint64_t opening = entries_of(rows, keys, ActKind::open_reading).at(0);
    Dump changed = rows;
    Bytes fewer;
    change_row<Pruning>(changed, keys, [&](Pruning& one) {
      EntrySet stays;
      const EntrySet said = EntrySet::decode(one.kept).value();
      for (std::uint64_t i = 0; i < first; ++i) {
        if (said.contains(i) && i != opening) stays.add(i);
      }
      one.kept = fewer = stays.encode();
      return true;
    });
    changed = with_registry_record(std::move(changed), keys, entries_of(rows, keys, ActKind::approve).back(),
                                   [&](json::object& record) {
                                     for (json::value& put : record.at("puts").as_array()) {
                                       if (put.at("table") == Pruning::kTable)
                                         put.at("row").as_object()["kept"] = to_base64url(fewer);
                                     }
                                   });
    sign_anew(changed, keys);
    EXPECT_TRUE(says(problems_of(world, changed),
                     "it prunes entry " + std::to_string(opening) + ", whose time has not run out"));
  }
  world.clock.advance(24h * 366);
  world.core->decide({SystemActor{}, Start{}, {}, {}, {}, {}});
  prune(world, second);
  wait_until_pruned(world);
  const LogReport twice = world.verify();
  EXPECT_EQ(twice.problems, kNone);
  EXPECT_GT(twice.pruned_entries, once.pruned_entries);
  EXPECT_EQ(snapshots(world).size(), 1u) << "the older one went";
  world.restart();
  EXPECT_FALSE(fs::exists(snapshot_file(world.core->data_directory().snapshots(), first)));
  EXPECT_EQ(world.verify().problems, kNone);
}

// ---- Crashes

// A kill -9 leaves what is in the files at that moment: the database and its log, of which pieces are whole or absent.
// SPEC STO-18
TEST(Pruning, KilledAtAnyMomentGoesOnAtTheNextStart) {
  SignedWorld world;
  world.anna = world.enrol(world.anna.number);
  for (int i = 0; i < 2500; ++i) world.ask(world.lead, ListCases{});
  const std::uint64_t size = take_snapshot(world);
  world.clock.advance(kElevenYears);
  world.core->decide({SystemActor{}, Start{}, {}, {}, {}, {}});
  Result<Command> first = world.command(world.administrator(0), order(world, size));
  const Approve approval{ProposalId(first->evidence->id.value()), act_to_json(order(world, size))};
  ASSERT_TRUE(world.core->decide(std::move(*first)).decision.is_permitted());

  std::atomic<bool> stop{false};
  int copies = 0;
  const auto kill = [&] {
    const fs::path to = world.folder.path() / ("killed-" + std::to_string(copies++));
    fs::create_directory(to);
    fs::permissions(to, fs::perms::owner_all);
    for (const char* name : {"head", "keys", "erasures", "rows.db", "rows.db-wal"}) {
      std::error_code ignored;
      fs::copy_file(world.data() / name, to / name, ignored);
    }
    fs::copy(world.data() / "objects", to / "objects", fs::copy_options::recursive);
    fs::copy(world.data() / "snapshots", to / "snapshots", fs::copy_options::recursive);
  };
  kill();
  std::thread killer([&] {
    while (!stop && copies < 40) {
      if (retention(world).at("pruned_to") != 0) kill();
    }
  });
  ASSERT_TRUE(world.send(world.administrator(1), approval).decision.is_permitted());
  wait_until_pruned(world);
  stop = true;
  killer.join();
  const LogReport whole = world.verify();
  EXPECT_EQ(whole.problems, kNone);

  std::set<std::uint64_t> found_at;
  for (int i = 0; i < copies; ++i) {
    SCOPED_TRACE(i);
    const fs::path at = world.folder.path() / ("killed-" + std::to_string(i));
    std::uint64_t pruned = 0;
    {
      const auto rows = store::Reader::open(at / "rows.db", world.core->keys().database()).value();
      const LogReport report =
          verify_log(rows, world.core->keys(), VerifiedRows::copy, {}, {}, {}, {at / "snapshots", {}}).value();
      EXPECT_EQ(report.problems, kNone) << "before anything starts on it";
      pruned = report.pruned_entries;
    }
    if (!found_at.insert(pruned).second) continue;
    auto core = Core::open(store::DataDirectory::open(at).value(), world.master(), world.clock, {});
    ASSERT_TRUE(core) << core.error().message;
    const bool is_ordered = (*core)->directory().retention().at("pruned_to") != 0;
    const auto rows_now = [&] { return store::Reader::open(at / "rows.db", (*core)->keys().database()).value(); };
    for (int wait = 0; is_ordered && wait < 3000; ++wait) {
      const LogReport report =
          verify_log(rows_now(), (*core)->keys(), VerifiedRows::live, {}, {}, {}, {at / "snapshots", {}}).value();
      ASSERT_EQ(report.problems, kNone);
      if (report.pruned_entries == whole.pruned_entries) break;
    }
    const LogReport report =
        verify_log(rows_now(), (*core)->keys(), VerifiedRows::live, {}, {}, {}, {at / "snapshots", {}}).value();
    EXPECT_EQ(report.pruned_entries, is_ordered ? whole.pruned_entries : 0u);
    (*core)->sequencer().stop();
  }
  EXPECT_TRUE(found_at.contains(0)) << "some before";
  EXPECT_GE(found_at.size(), 3u) << "and some in the middle";
}

}  // namespace
}  // namespace flikvakt::service::test
