// A log that is pruned: what stays of it, that all of it verifies, and what is still told and proven to whoever asks.
#include <sstream>

#include "audit/verify.h"
#include "service/backup_restore.h"
#include "service/export_log.h"
#include "service/log_proofs.h"
#include "service/person_log.h"
#include "tests/service/pruned_log.h"

namespace flikvakt::service::test {
namespace {

namespace fs = std::filesystem;
using namespace policy;
using audit::ActKind;

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
  const LogReport copy =
      verify_log(rows_of(*world), world->core->keys(), VerifiedRows::copy, {}, {}, {}, world->clock.wall()).value();
  EXPECT_EQ(copy.problems, kNone);
}

// SPEC RET-5
TEST_F(PrunedLog, KeepsWholeTheLastWordOnEverythingAndPrunesTheRest) {
  const KeyRing& keys = world->core->keys();
  const EntrySet stays = kept();
  EXPECT_TRUE(stays.contains(0));
  Findings findings;
  const StateImage image = read_state_image(rows_of(*world), keys, findings).value();
  std::size_t resting = 0;
  for (const auto& [id, stored] : image.rows) {
    if (stored.version >= size) continue;
    ++resting;
    EXPECT_TRUE(stays.contains(stored.version)) << id.table;
    EXPECT_FALSE(after.entries[stored.version].is_bare()) << id.table;
  }
  EXPECT_GT(resting, 20u);
  for (const ActKind kind : {ActKind::open_reading, ActKind::close_reading, ActKind::list_cases, ActKind::suspend,
                             ActKind::pause_fullmakt, ActKind::resume_fullmakt}) {
    std::size_t pruned = 0;
    const auto outcome = kind == ActKind::close_reading ? audit::Outcome::recorded : audit::Outcome::permitted;
    for (const std::uint64_t index : entries_of(before, keys, kind, outcome)) {
      EXPECT_NE(after.entries[index].is_bare(), stays.contains(index)) << audit::name_of(kind) << " " << index;
      pruned += after.entries[index].is_bare() ? 1 : 0;
    }
    EXPECT_GT(pruned, 0u) << audit::name_of(kind) << ": what nothing rests on goes";
  }
  const auto is_whole = [&](ActKind kind, std::size_t which) {
    return !after.entries[entries_of(before, keys, kind).at(which)].is_bare();
  };
  EXPECT_FALSE(is_whole(ActKind::set_sparr, 0)) << "the one that was lifted";
  EXPECT_TRUE(is_whole(ActKind::lift_sparr, 0)) << "that it was";
  EXPECT_TRUE(is_whole(ActKind::set_sparr, 1)) << "the one in force";
  EXPECT_TRUE(is_whole(ActKind::revoke_fullmakt, 0)) << "what was taken back must stay so, provably";
  EXPECT_TRUE(is_whole(ActKind::propose_key, 0)) << "Anna's signatures rest on it";
  EXPECT_TRUE(is_whole(ActKind::begin_deposit, 0)) << "who deposited Anna's journal";
  EXPECT_TRUE(is_whole(ActKind::register_issuer, 0)) << "the first half";
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
  audit::OwnLogProof whole{std::string(audit::kOwnLogFormat), asked, tag_key, {}, {}};
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
  const std::uint64_t annas = entries_of(before, world->core->keys(), ActKind::pause_fullmakt)[0];
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

// SPEC BAK-9, BAK-5
TEST_F(PrunedLog, ABackupVerifiesAndARestoreBeginsAnewWithNothingPruned) {
  RestorePlan plan{world->folder.path() / "backup", world->folder.path() / "keys-backup", std::nullopt};
  ASSERT_TRUE(back_up(*world->core, plan.backup, store::ObjectCopies::always_copied));
  ASSERT_TRUE(back_up_keys(*world->core, plan.key_store_backup));
  plan.erasures = world->core->data_directory().erasures();
  const BackupContents contents = inspect_backup(plan, world->master()).value();
  EXPECT_EQ(contents.problems, kNone);
  JointAct act{restore_act(contents, "flikvakt.test/log2", {}, world->clock.wall()), {}};
  for (const std::size_t i : {0, 1}) act.signatures.push_back(sign_joint(act.act, world->officials[i].key).value());
  auto core = restore(store::DataDirectory::create(world->folder.path() / "restored").value(), world->master(), plan,
                      act, world->clock, {});
  ASSERT_TRUE(core) << core.error().message;
  const auto rows = store::Reader::open((*core)->data_directory().database(), (*core)->keys().database()).value();
  const fs::path archives = (*core)->data_directory().archive();
  EXPECT_EQ(verify_log(rows, (*core)->keys(), VerifiedRows::live, {}, {}, archives).value().problems, kNone);
  EXPECT_EQ((*core)->directory().pruned_to(), 0u);
  const auto old = store::Reader::open(archives / archive_name(contents.head_note), (*core)->keys().database()).value();
  EXPECT_EQ(verify_log(old, (*core)->keys(), VerifiedRows::copy).value().problems, kNone);
  (*core)->sequencer().stop();
}

}  // namespace
}  // namespace flikvakt::service::test
