// A new key for the log: which keys sign what, a start-up after a crash at each step, and what locks.
#include "service/log_keys.h"

#include "audit/checkpoint.h"
#include "base/files.h"
#include "service/backup_restore.h"
#include "service/erasures.h"
#include "service/keys_admin.h"
#include "store/head_file.h"
#include "tests/service/rotated_world.h"

namespace flikvakt::service::test {
namespace {

using namespace policy;
namespace fs = std::filesystem;
using Why = RotatedWorld::Why;

const std::vector<std::string> kNoProblems;

std::vector<ByteArray<4>> ids_in(const std::string& note) {
  std::vector<ByteArray<4>> out;
  const audit::Note parsed = audit::parse_note(note).value();
  for (const audit::NoteSignature& one : parsed.signatures) out.push_back(one.key_id);
  return out;
}

std::string head_note_of(RotatedWorld& world) {
  const auto rows = store::Reader::open(world.data() / "rows.db", world.core->keys().database()).value();
  return std::string(as_text(rows.meta(store::kHeadNote).value().value()));
}

// SPEC LKEY-1, LKEY-2
TEST(LogKeyRows, ALogBeginsWithOneKeyThatItsFirstEntryStates) {
  RotatedWorld world;
  const LogKeys keys = world.log_keys();
  ASSERT_EQ(keys.all().size(), 1u);
  EXPECT_EQ(keys.current()->generation, 1u);
  EXPECT_EQ(keys.current()->from, 0u);
  const auto rows = store::Reader::open(world.data() / "rows.db", world.core->keys().database()).value();
  EXPECT_EQ(LogKeys::read(rows, world.core->keys()).value().current()->checkpoint_key, keys.current()->checkpoint_key);
  EXPECT_TRUE(world.opens(world.checkpoint(), world.key(1)));
  EXPECT_EQ(world.verify().problems, kNoProblems);
}

// SPEC LKEY-3, LKEY-4, LKEY-5, LVR-1
TEST(RotateLogKey, BothSignUntilTheOldOneIsRetiredAndTheLogVerifiesAllTheWhile) {
  RotatedWorld world;
  const std::string before = world.checkpoint();
  const audit::NoteVerifier old = world.key(1);
  world.rotate();
  const audit::NoteVerifier fresh = world.key(2);
  EXPECT_EQ(world.log_keys().current()->from, world.announced);
  EXPECT_GT(world.size(), world.announced) << "the first checkpoint covers the entry";
  const std::string during = world.checkpoint();
  EXPECT_EQ(ids_in(during), (std::vector<ByteArray<4>>{old.key_id(), fresh.key_id()})) << "the older first";
  EXPECT_TRUE(world.opens(during, old)) << "whoever was not told yet";
  EXPECT_TRUE(world.opens(during, fresh)) << "whoever moved on";
  EXPECT_EQ(world.verify(std::vector{before, during}).problems, kNoProblems);
  {
    const auto rows = store::Reader::open(world.data() / "rows.db", world.core->keys().database()).value();
    EXPECT_EQ(checkpoint_of(rows, world.core->keys()).value(), world.checkpoint()) << "SPEC CHK-14";
  }

  EXPECT_EQ(world.try_retire(1).error().code, ErrorCode::denied) << "before its time";
  EXPECT_TRUE(world.opens(world.checkpoint(), old)) << "nothing changed";
  world.wait_for_the_end_of_the_overlap();
  const auto retired = world.try_retire(1);
  ASSERT_TRUE(retired) << retired.error().message;
  EXPECT_EQ(world.log_keys().all().front().to, retired->entry);
  const std::string after = world.checkpoint();
  EXPECT_EQ(ids_in(after), (std::vector<ByteArray<4>>{fresh.key_id()}));
  EXPECT_FALSE(world.opens(after, old));
  EXPECT_EQ(world.verify(std::vector{before, during, after}).problems, kNoProblems);
  world.restart();
  EXPECT_EQ(world.verify(std::vector{before, during, after}).problems, kNoProblems);
}

// SPEC LVR-15, LVR-25: rotated and retired before the entries that are pruned, and between them.
TEST(RotateLogKey, ALogThatIsPrunedPastItVerifies) {
  RotatedWorld world;
  world.rotate();
  world.wait_for_the_end_of_the_overlap();
  ASSERT_TRUE(world.try_retire(1));
  world.rotate();
  world.clock.advance(24h);
  const UtcTime limit = std::chrono::floor<std::chrono::days>(world.clock.wall());
  world.clock.advance(24h * 4018);
  world.core->decide({SystemActor{}, Start{}, {}, {}, {}, {}});
  world.prune(limit);
  const LogReport report = world.verify();
  EXPECT_EQ(report.problems, kNoProblems);
  EXPECT_GT(report.pruned_entries, 0u);
  ASSERT_TRUE(world.try_retire(2));
  EXPECT_EQ(world.verify().problems, kNoProblems);
}

// SPEC LKEY-5, LKEY-7
TEST(RotateLogKey, AfterACompromisedOneTheNewOneAloneSignsAtOnce) {
  RotatedWorld world;
  const audit::NoteVerifier old = world.key(1);
  const KeyId seed = world.log_keys().current()->seed;
  const std::string before = world.checkpoint();
  world.rotate(Why::compromised);
  EXPECT_EQ(ids_in(world.checkpoint()), (std::vector<ByteArray<4>>{world.key(2).key_id()}));
  EXPECT_FALSE(world.opens(world.checkpoint(), old));
  EXPECT_FALSE(world.core->keys().store().find(seed)) << "its seed is destroyed";
  EXPECT_EQ(world.verify(std::vector{before}).problems, kNoProblems);
}

// SPEC LKEY-14, LKEY-7
TEST(RotateLogKey, ARetiringKeyInOtherHandsIsEndedAtOnceByTwoAdministrators) {
  RotatedWorld world;
  const KeyId seed = world.log_keys().current()->seed;
  world.rotate();
  EXPECT_FALSE(world.try_retire(1));
  EXPECT_EQ(world.try_give_up(1, 0).error().code, ErrorCode::denied) << "one alone";
  EXPECT_EQ(world.log_keys().all().front().status, LogKeyStatus::retiring);
  EXPECT_EQ(ids_in(world.checkpoint()).size(), 2u) << "it goes on signing";
  const auto given_up = world.try_give_up(1);
  ASSERT_TRUE(given_up) << given_up.error().message;
  EXPECT_EQ(world.log_keys().all().front().status, LogKeyStatus::compromised);
  EXPECT_EQ(world.log_keys().all().front().to, given_up->entry);
  EXPECT_EQ(ids_in(world.checkpoint()).size(), 1u);
  EXPECT_FALSE(world.core->keys().store().find(seed)) << "its seed is destroyed";
  EXPECT_EQ(world.verify().problems, kNoProblems);
}

// SPEC LKEY-14, LKEY-1
TEST(RotateLogKey, AKeyThatWasRetiredIsGivenUpLaterAndTheLogVerifiesAndStarts) {
  RotatedWorld world;
  const std::string before = world.checkpoint();
  world.rotate();
  EXPECT_EQ(world.try_give_up(2).error().code, ErrorCode::denied) << "the current one is replaced instead";
  world.wait_for_the_end_of_the_overlap();
  ASSERT_TRUE(world.try_retire(1));
  const std::uint64_t to = world.log_keys().all().front().to.value();
  const auto given_up = world.try_give_up(1);
  ASSERT_TRUE(given_up) << given_up.error().message;
  const LogKeys keys = world.log_keys();
  EXPECT_EQ(keys.all().front().status, LogKeyStatus::compromised);
  EXPECT_EQ(keys.all().front().to, to);
  EXPECT_EQ(keys.open_checkpoint(before, kOrigin).value().worth, Worth::compromised);
  EXPECT_EQ(keys.open_checkpoint(world.checkpoint(), kOrigin).value().worth, Worth::counts);
  EXPECT_EQ(world.verify(std::vector{before, world.checkpoint()}).problems, kNoProblems);
  EXPECT_FALSE(world.try_give_up(1)) << "once";
  EXPECT_EQ(world.verify(std::vector{before}).problems, kNoProblems);
}

// SPEC LVR-15, LVR-25: retired and given up before the entries that are pruned, and between them.
TEST(RotateLogKey, ALogThatIsPrunedPastAKeyThatWasGivenUpVerifies) {
  RotatedWorld world;
  world.rotate();
  world.wait_for_the_end_of_the_overlap();
  ASSERT_TRUE(world.try_retire(1));
  ASSERT_TRUE(world.try_give_up(1));
  world.rotate();
  world.wait_for_the_end_of_the_overlap();
  ASSERT_TRUE(world.try_retire(2));
  world.clock.advance(24h);
  const UtcTime limit = std::chrono::floor<std::chrono::days>(world.clock.wall());
  world.clock.advance(24h * 4018);
  world.core->decide({SystemActor{}, Start{}, {}, {}, {}, {}});
  world.prune(limit);
  const LogReport report = world.verify();
  EXPECT_EQ(report.problems, kNoProblems);
  EXPECT_GT(report.pruned_entries, 0u);
  const std::uint64_t to = world.log_keys().all()[1].to.value();
  ASSERT_TRUE(world.try_give_up(2)) << "of which the retirement is only passed over";
  EXPECT_EQ(world.log_keys().all()[1].to, to);
  EXPECT_EQ(world.verify().problems, kNoProblems);
}

TEST(RotateLogKey, ItIsDoneAgainAndAgain) {
  RotatedWorld world;
  for (std::uint32_t generation = 2; generation < 4; ++generation) {
    world.rotate();
    world.wait_for_the_end_of_the_overlap();
    ASSERT_TRUE(world.try_retire(generation - 1));
  }
  EXPECT_EQ(world.log_keys().all().size(), 3u);
  world.rotate();
  EXPECT_EQ(ids_in(world.checkpoint()).size(), 2u);
  EXPECT_EQ(world.verify().problems, kNoProblems);
}

// SPEC LVR-15
TEST(RotateLogKey, ANewMasterKeyWrapsTheSeedsToo) {
  RotatedWorld world;
  world.rotate();
  const auto fresh = crypto::MasterKey::random();
  Command order = world.command(world.administrator(0), RotateKeys{}).value();
  ASSERT_TRUE(rotate_master_key(std::move(world.core), fresh, std::move(order)));
  auto core = Core::open(store::DataDirectory::open(world.data()).value(), crypto::MasterKey::copy_from(fresh.expose()),
                         world.clock, {});
  ASSERT_TRUE(core) << core.error().message;
  world.core = std::move(*core);
  EXPECT_EQ(ids_in(world.checkpoint()).size(), 2u);
  EXPECT_EQ(world.verify().problems, kNoProblems);
}

// SPEC LKEY-6
TEST(RotateLogKey, TheHeadIsUnderTheNewKeyFromTheVeryBatchOn) {
  RotatedWorld world;
  const LogKeys before = world.log_keys();
  EXPECT_TRUE(before.open_head(head_note_of(world)));
  LogKeyOrders all = world.orders();
  const auto rotated = rotate_log_key(std::move(world.core), all.fresh, std::move(all.first), std::move(all.approval));
  ASSERT_TRUE(RotatedWorld::or_denied(rotated));
  world.restart();
  const std::string head = head_note_of(world);
  EXPECT_TRUE(world.log_keys().open_head(head));
  EXPECT_FALSE(before.open_head(head));
  EXPECT_FALSE(world.core->keys().store().find(before.current()->head_seed)) << "two need not overlap";
}

// SPEC LKEY-3
TEST(RotateLogKey, AnOrderForAnotherLogChangesNothing) {
  RotatedWorld world;
  LogKeyOrders all = world.orders(Why::in_good_time, "flikvakt.test/log0");
  const auto rotated = rotate_log_key(std::move(world.core), all.fresh, std::move(all.first), std::move(all.approval));
  ASSERT_TRUE(rotated) << rotated.error().message;
  EXPECT_EQ(rotated->decision.reason, Reason::unknown);
  world.restart();
  EXPECT_EQ(world.log_keys().all().size(), 1u);
  EXPECT_EQ(ids_in(world.checkpoint()).size(), 1u);
  EXPECT_EQ(world.verify().problems, kNoProblems);
}

// SPEC LKEY-3: what waits is approved by nobody who does not bring the seeds.
TEST(RotateLogKey, IsNotApprovedThroughADoor) {
  RotatedWorld world;
  LogKeyOrders all = world.orders();
  EXPECT_TRUE(world.core->decide(std::move(all.first)).decision.is_permitted());
  const CommandResult approved = world.core->decide(std::move(all.approval));
  EXPECT_EQ(approved.decision.reason, Reason::wrong_state);
  EXPECT_EQ(world.log_keys().all().size(), 1u);
  EXPECT_EQ(world.verify().problems, kNoProblems);
  world.rotate();
  EXPECT_EQ(world.log_keys().all().size(), 2u) << "what waits is in nobody's way";
}

// SPEC LKEY-3, LKEY-4: the thirty days rest on the clock.
TEST(RotateLogKey, WaitsWhileTheClockIsDoubted) {
  RotatedWorld world;
  world.rotate();
  world.stop();
  world.clock.advance(25h);
  world.restart();
  EXPECT_EQ(world.try_give_up(1).error().message, "clock_doubt");
  EXPECT_EQ(world.try_retire(1).error().message, "clock_doubt");
  LogKeyOrders all = world.orders(Why::compromised);
  const auto rotated = rotate_log_key(std::move(world.core), all.fresh, std::move(all.first), std::move(all.approval));
  EXPECT_EQ(rotated.value().decision.reason, Reason::clock_doubt);
  EXPECT_EQ(rotated->keys.all().size(), 2u);
  world.restart();
  ASSERT_TRUE(world.send(world.administrator(0), AcceptClock{world.clock.wall()}).decision.is_permitted());
  world.rotate(Why::compromised);
  EXPECT_EQ(world.log_keys().all().size(), 3u);
  EXPECT_EQ(world.verify().problems, kNoProblems);
}

// ---- Copies of the directory as a crash would leave them, one at each step

// SPEC LKEY-7, REC-5
TEST(RotateLogKeyCutShort, WithSeedsThatNoRowNamesTheOldKeySignsAndTheyAreSwept) {
  RotatedWorld world;
  const audit::NoteVerifier old = world.key(1);
  LogKeyOrders all = world.orders();
  ASSERT_TRUE(make_durable(world.core->keys(), all.fresh.seeds));
  world.restart();
  EXPECT_FALSE(world.core->keys().store().find(all.fresh.row.seed));
  EXPECT_FALSE(world.core->keys().store().find(all.fresh.row.head_seed));
  EXPECT_EQ(ids_in(world.checkpoint()), (std::vector<ByteArray<4>>{old.key_id()}));

  all = world.orders();  // and with the first of two in the log
  ASSERT_TRUE(make_durable(world.core->keys(), all.fresh.seeds));
  EXPECT_TRUE(world.core->decide(std::move(all.first)).decision.is_permitted());
  world.restart();
  EXPECT_FALSE(world.core->keys().store().find(all.fresh.row.seed));
  EXPECT_EQ(ids_in(world.checkpoint()), (std::vector<ByteArray<4>>{old.key_id()}));
  EXPECT_EQ(world.verify().problems, kNoProblems);
}

class RotatedAndCutShort : public ::testing::Test {
protected:
  // The files of before, and of when the entry was durable and nothing after it was.
  void rotate(Why why) {
    world.restart();  // so that the head file is that of now
    world.stop();
    before = world.copy_of_data("before");
    world.restart();
    keys = LogKeys(world.log_keys().all());
    old_head_key.emplace(world.stolen_head(1));
    LogKeyOrders all = world.orders(why);
    all.bring_seeds(world.core->keys());
    with_both = read_file(world.data() / "keys", 1 << 20).value();
    EXPECT_TRUE(world.core->decide(std::move(all.first)).decision.is_permitted());
    fs::copy_file(world.data() / "head", world.folder.path() / "head-before");
    announced = world.core->decide(std::move(all.approval)).entry;
    EXPECT_GT(announced, 0u);
    world.stop();
  }
  void put_back(const fs::path& file, const std::string& name) {
    fs::copy_file(file, world.data() / name, fs::copy_options::overwrite_existing);
  }
  std::string why_locked() {
    const auto core = world.reopen();
    return core ? "" : core.error().message;
  }
  // A head as the old key would sign it, in the place of the head file.
  void forge_head_file(std::uint64_t size, const crypto::MerkleHash& root, const ByteArray<32>& digest) {
    const std::string name = std::string(kOrigin) + "/head";
    const std::vector signers{audit::NoteSigner::make(name, *old_head_key).value()};
    const std::string note = audit::sign_head({kOrigin, size, root, digest}, signers).value();
    fs::remove(world.data() / "head");
    ASSERT_TRUE(store::HeadFile::create(world.data() / "head", as_bytes(note)));
  }

  RotatedWorld world;
  fs::path before;
  Bytes with_both;
  LogKeys keys;
  std::optional<SigningKey> old_head_key;
  std::uint64_t announced = 0;
};

// SPEC LKEY-8
TEST_F(RotatedAndCutShort, AHeadFileOfBeforeIsUnderTheKeyOfItsTime) {
  rotate(Why::in_good_time);
  put_back(world.folder.path() / "head-before", "head");
  world.restart();
  ASSERT_TRUE(world.core);
  EXPECT_EQ(ids_in(world.checkpoint()).size(), 2u);
  const store::HeadFile file = store::HeadFile::open(world.data() / "head").value();
  EXPECT_TRUE(world.log_keys().open_head(as_text(file.note()))) << "it is written anew";
  EXPECT_EQ(world.verify().problems, kNoProblems);
}

// SPEC LKEY-8
TEST_F(RotatedAndCutShort, AHeadFileThatTheOldKeySignedBeyondItsTimeLocks) {
  rotate(Why::in_good_time);
  world.restart();
  const LogView view = world.core->sequencer().log_view();
  const crypto::MerkleHash honest = world.root_at(announced), later = world.root_at(announced + 1);
  world.stop();
  forge_head_file(announced, honest, {});
  EXPECT_EQ(why_locked(), "") << "of a size that it did sign";
  forge_head_file(announced + 1, later, {});
  EXPECT_NE(why_locked().find("the head file"), std::string::npos) << why_locked();
  EXPECT_GT(view.size, announced);
}

// SPEC LKEY-8, LKEY-6
TEST_F(RotatedAndCutShort, AHeadInTheDatabaseThatTheOldKeySignedLocks) {
  rotate(Why::in_good_time);
  world.restart();
  const fs::path database = world.core->data_directory().database();
  Dump rows = dump(store::Reader::open(database, world.core->keys().database()).value());
  const auto database_key = crypto::DatabaseKey::copy_from(world.core->keys().database().expose());
  world.stop();
  const std::string head(as_text(rows.meta["head"]));
  const std::string text = head.substr(0, head.find("\n\n") + 1);
  const std::string name = std::string(kOrigin) + "/head";
  const std::vector signers{audit::NoteSigner::make(name, *old_head_key).value()};
  rows.meta["head"] = to_bytes(as_bytes(audit::sign_note(text, signers).value()));
  for (const char* file : {"rows.db-wal", "rows.db-shm"}) fs::remove(world.data() / file);
  write(rows, database, database_key);
  EXPECT_NE(why_locked().find("the head in the database"), std::string::npos) << why_locked();
}

// SPEC LKEY-7, REC-5
TEST_F(RotatedAndCutShort, AWrapThatWasNotDestroyedYetIsDestroyedAtTheStart) {
  rotate(Why::compromised);
  ASSERT_TRUE(write_file_atomically(world.data() / "keys", with_both));
  world.restart();
  ASSERT_TRUE(world.core);
  EXPECT_FALSE(world.core->keys().store().find(keys.current()->seed));
  EXPECT_FALSE(world.core->keys().store().find(keys.current()->head_seed));
  EXPECT_EQ(ids_in(world.checkpoint()).size(), 1u);
  EXPECT_GE(read_erasures(world.data() / "erasures").value().size(), 2u) << "no restore may bring them back";
  EXPECT_EQ(world.verify().problems, kNoProblems);
}

// SPEC REC-14, REC-5
TEST_F(RotatedAndCutShort, RowsOfBeforeDoNotBringTheOldKeyBack) {
  rotate(Why::compromised);
  for (const char* file : {"rows.db-wal", "rows.db-shm"}) fs::remove(world.data() / file);
  for (const char* file : {"rows.db", "rows.db-wal", "head"}) {
    if (fs::exists(before / file)) put_back(before / file, file);
  }
  EXPECT_NE(why_locked().find("the gateway is locked"), std::string::npos) << why_locked();
}

// SPEC LKEY-8
TEST(LogKeyRows, ARowThatNamesAnotherKeyThanTheKeyStoreHoldsLocks) {
  RotatedWorld world;
  const fs::path database = world.core->data_directory().database();
  Dump rows = dump(store::Reader::open(database, world.core->keys().database()).value());
  auto signers = signers_of(rows, world.core->keys(), kOrigin);
  change_row<LogKey>(rows, world.core->keys(), [](LogKey& one) {
    const SigningKey other = SigningKey::generate(crypto::KeyAlgorithm::ed25519);
    std::ranges::copy(other.public_key().raw(), one.checkpoint_key.begin());
    return true;
  });
  sign_anew(rows, world.core->keys(), std::move(signers));
  const auto database_key = crypto::DatabaseKey::copy_from(world.core->keys().database().expose());
  world.stop();
  for (const char* file : {"rows.db-wal", "rows.db-shm", "head"}) fs::remove(world.data() / file);
  write(rows, database, database_key);
  ASSERT_TRUE(store::HeadFile::create(world.data() / "head", rows.meta["head"]));
  const auto core = world.reopen();
  ASSERT_FALSE(core);
  EXPECT_NE(core.error().message.find("not the one that the log's keys name"), std::string::npos)
      << core.error().message;
}

// SPEC LKEY-8
TEST(LogKeyRows, ALogThatNamesNoKeyOfItsOwnLocks) {
  RotatedWorld world;
  const fs::path database = world.core->data_directory().database();
  Dump rows = dump(store::Reader::open(database, world.core->keys().database()).value());
  std::erase_if(rows.rows, [](const store::StateRow& row) { return row.table == LogKey::kTable; });
  sign_anew(rows, world.core->keys());
  const auto database_key = crypto::DatabaseKey::copy_from(world.core->keys().database().expose());
  world.stop();
  for (const char* file : {"rows.db-wal", "rows.db-shm"}) fs::remove(world.data() / file);
  write(rows, database, database_key);
  const auto core = world.reopen();
  ASSERT_FALSE(core);
  EXPECT_EQ(core.error().code, ErrorCode::corrupt);
  EXPECT_NE(core.error().message.find("no row says which key signs"), std::string::npos) << core.error().message;
}

// ---- A restore

// SPEC LKEY-2
TEST(RestoredLogKeys, ARestoreMakesNewSeedsAndTheArchiveVerifiesUnderItsOwn) {
  RotatedWorld world;
  world.rotate();
  const std::string saved = world.checkpoint();
  const LogKeys then = world.log_keys();
  RestorePlan plan;
  plan.backup = world.folder.path() / "backup";
  plan.key_store_backup = world.folder.path() / "keys-backup";
  ASSERT_TRUE(back_up(*world.core, plan.backup, store::ObjectCopies::always_copied));
  ASSERT_TRUE(back_up_keys(*world.core, plan.key_store_backup));
  world.stop();
  const BackupContents contents = inspect_backup(plan, world.master()).value();
  JointAct act{restore_act(contents, "flikvakt.test/log2", {}, world.clock.wall()), {}};
  for (const std::size_t i : {0u, 1u}) act.signatures.push_back(sign_joint(act.act, world.officials[i].key).value());
  auto core = restore(store::DataDirectory::create(world.folder.path() / "restored").value(), world.master(), plan, act,
                      world.clock, {});
  ASSERT_TRUE(core) << core.error().message;
  world.core = std::move(*core);
  const LogKeys now = world.log_keys();
  ASSERT_EQ(now.all().size(), 1u);
  EXPECT_EQ(now.current()->generation, 1u);
  EXPECT_EQ(now.current()->from, 0u);
  for (const LogKey& old : then.all()) {
    EXPECT_NE(now.current()->checkpoint_key, old.checkpoint_key);
    EXPECT_NE(now.current()->head_key, old.head_key);
    for (const KeyId& seed : {old.seed, old.head_seed}) EXPECT_FALSE(world.core->keys().store().find(seed));
  }
  EXPECT_EQ(world.verify().problems, kNoProblems);

  const fs::path archive = fs::directory_iterator(world.core->data_directory().archive())->path();
  const auto rows = store::Reader::open(archive, world.core->keys().database()).value();
  EXPECT_EQ(verify_log(rows, world.core->keys(), VerifiedRows::copy, std::vector{saved}).value().problems, kNoProblems);
  const store::Reader restored =
      store::Reader::open(world.core->data_directory().database(), world.core->keys().database()).value();
  EXPECT_EQ(verify_log(restored, world.core->keys(), VerifiedRows::live, {}, {}, world.core->data_directory().archive())
                .value()
                .problems,
            kNoProblems);
}

}  // namespace
}  // namespace flikvakt::service::test
