// What happens at once, or when the disk is full: nothing stops that need not, and nothing is used up that is held
// back.
#include <gmock/gmock.h>
#include <sys/mount.h>

#include <fstream>
#include <future>

#include "audit/checkpoint.h"
#include "service/backup_restore.h"
#include "service/erasures.h"
#include "service/handles.h"
#include "service/open_document.h"
#include "service/reading_rows.h"
#include "tests/service/rows_dump.h"
#include "tests/service/signed_world.h"

namespace flikvakt::service::test {
namespace {

using namespace policy;
namespace fs = std::filesystem;

Recipient team_of(const World& world) { return {RecipientKind::team, world.team.value()}; }

Command command_of(const Actor& actor, const Act& act, std::promise<CommandResult>& answer) {
  Command out;
  out.actor = actor;
  out.act = act;
  out.done = [&answer](CommandResult result) { answer.set_value(std::move(result)); };
  return out;
}

// Two commands that come while the sequencer is busy, and so are decided in one batch.
std::pair<CommandResult, CommandResult> at_once(World& world, Command first, Command second,
                                                std::promise<CommandResult>& one, std::promise<CommandResult>& two) {
  std::promise<void> go;
  Command busy;
  busy.actor = SystemActor{};
  busy.act = Start{};
  busy.done = [waits = go.get_future().share()](const CommandResult&) { waits.wait(); };
  world.core->sequencer().submit(std::move(busy));
  std::this_thread::sleep_for(20ms);
  world.core->sequencer().submit(std::move(first));
  world.core->sequencer().submit(std::move(second));
  go.set_value();
  return {one.get_future().get(), two.get_future().get()};
}

std::size_t permitted_openings(World& world) {
  const Dump rows =
      dump(store::Reader::open(world.core->data_directory().database(), world.core->keys().database()).value());
  return entries_of(rows, world.core->keys(), audit::ActKind::open_reading, audit::Outcome::permitted).size();
}

// Which of two organisations comes first in a batch follows from their random ids: so, several worlds.
// SPEC ACT-55
TEST(WorstMoments, AnErasureRightBehindAnOpeningEndsItAndTheGatewayGoesOn) {
  std::size_t opened_before_erased = 0;
  for (int i = 0; i < 24 && opened_before_erased == 0; ++i) {
    World world;
    world.sign(team_of(world));
    const DocumentId document = world.deposit("journal", as_bytes("text"));
    const Shred shred{ShredScope::flik, world.index, "journal", {}};
    const ActEvidence proposed = world.evidence();
    ASSERT_TRUE(world.decide(world.administrators[0], shred, proposed).decision.is_permitted());
    std::promise<CommandResult> one, two;
    Command approve =
        command_of(world.administrators[1], Approve{ProposalId(proposed.id.value()), act_to_json(shred)}, two);
    approve.evidence = world.evidence();
    const OpenReading open{crypto::random_id<ReadingId>(), document, "konsultation"};
    auto [opened, erased] = at_once(world, command_of(world.handler, open, one), std::move(approve), one, two);
    EXPECT_TRUE(erased.decision.is_permitted());
    EXPECT_FALSE(opened.permit);
    EXPECT_FALSE(opened.decision.is_permitted());
    opened_before_erased += permitted_openings(world);
    EXPECT_FALSE(world.fatal) << world.fatal->message;
    EXPECT_EQ(world.core->readings().size(), 0u);
    EXPECT_TRUE(world.decide(world.handler, ListDocuments{world.index, "konsultation"}).decision.is_permitted());
  }
  EXPECT_EQ(opened_before_erased, 1u) << "the order that this test is about never came";
}

// A small disk of its own under everything that the world makes.
class FullDisk : public ::testing::Test {
protected:
  void SetUp() override {
    fs::create_directory(disk());
    mounted_ = ::mount("tmpfs", disk().c_str(), "tmpfs", 0, "size=128m,mode=0700") == 0;
    if (!mounted_) GTEST_SKIP() << "needs the right to mount a tmpfs (root), which this run does not have";
    ::setenv("TMPDIR", disk().c_str(), 1);
    world = std::make_unique<World>();
    ::unsetenv("TMPDIR");
  }
  void TearDown() override {
    world.reset();
    if (mounted_) ::umount2(disk().c_str(), MNT_DETACH);
  }
  void fill() const {
    std::ofstream ballast(disk() / "ballast", std::ios::binary);
    const std::string block(4096, 'x');
    while (ballast.write(block.data(), static_cast<std::streamsize>(block.size())).flush()) {
    }
  }
  CommandStatus open(const DocumentId& document) const {
    return world->decide(world->handler, OpenReading{crypto::random_id<ReadingId>(), document, "konsultation"}).status;
  }
  fs::path disk() const { return outer_.path() / "disk"; }

  TemporaryFolder outer_;
  bool mounted_ = false;
  std::unique_ptr<World> world;
};

// SPEC ACT-54
TEST_F(FullDisk, TheReserveIsForTakingAwayAndNothingElseUsesItUp) {
  const FullmaktId first = world->sign(team_of(*world));
  const FullmaktId second = world->sign(team_of(*world));
  const DocumentId document = world->deposit("journal", as_bytes("text"));
  EXPECT_EQ(open(document), CommandStatus::decided);
  fill();
  CommandStatus status = CommandStatus::decided;
  for (int i = 0; i < 500 && status == CommandStatus::decided; ++i) status = open(document);
  ASSERT_EQ(status, CommandStatus::unavailable) << "a reading that cannot be logged is not opened";

  EXPECT_TRUE(world->decide(world->device, RevokeFullmakt{first}).decision.is_permitted()) << "the reserve is for this";
  for (int i = 0; i < 50; ++i) EXPECT_EQ(open(document), CommandStatus::unavailable) << "there is room, but not for it";
  EXPECT_TRUE(world->decide(world->device, RevokeFullmakt{second}).decision.is_permitted());

  fs::remove(disk() / "ballast");
  for (int i = 0; i < 100 && open(document) != CommandStatus::decided; ++i) std::this_thread::sleep_for(50ms);
  EXPECT_EQ(open(document), CommandStatus::decided) << "the reserve is held again: everything works";
  EXPECT_FALSE(world->fatal);
}

// SPEC BAK-8
TEST_F(FullDisk, AnErasureIsPutOnItsListAndTheGatewayGoesOn) {
  world->sign(team_of(*world));
  const DocumentId document = world->deposit("journal", as_bytes("text"));
  const Shred shred{ShredScope::document, {}, {}, document};
  const ActEvidence proposed = world->evidence();
  ASSERT_TRUE(world->decide(world->administrators[0], shred, proposed).decision.is_permitted());
  fill();
  const Approve approve{ProposalId(proposed.id.value()), act_to_json(shred)};
  EXPECT_TRUE(world->decide(world->administrators[1], approve).decision.is_permitted());
  EXPECT_FALSE(world->fatal) << world->fatal->message;
  EXPECT_EQ(read_erasures(world->core->data_directory().erasures()).value().size(), 1u);
}

TEST_F(FullDisk, DoesNotKeepTheGatewayFromStopping) {
  world->sign(team_of(*world));
  const DocumentId document = world->deposit("journal", as_bytes("text"));
  const OpenReading act{crypto::random_id<ReadingId>(), document, "konsultation"};
  ASSERT_TRUE(world->decide(world->handler, act).permit);
  fill();
  world->clock.advance(16min);  // its closing is owed, and finds no room
  std::this_thread::sleep_for(800ms);
  auto stopping = std::async(std::launch::async, [&] { world->stop(); });
  EXPECT_EQ(stopping.wait_for(20s), std::future_status::ready);
}

// ---- A batch that is aborted

// By an act of which more would have to be written than a row may hold; each test has a twin whose batch is committed.
class AbortedBatch : public ::testing::Test {
protected:
  AbortedBatch() {
    world.anna = world.enrol(world.anna.number);
    world.bo = world.enrol(world.bo.number);
    world.sign(world.anna);
    world.sign(world.bo);
    annas = world.deposit(world.anna, "journal", "Annas journal");
    bos = world.deposit(world.bo, "journal", "Bos journal");
  }

  // Decided in one batch, since they come together.
  std::vector<CommandResult> together(std::vector<Command> commands) {
    std::vector<std::future<CommandResult>> answers;
    for (Command& command : commands) {
      auto answer = std::make_shared<std::promise<CommandResult>>();
      answers.push_back(answer->get_future());
      command.done = [answer](CommandResult result) { answer->set_value(std::move(result)); };
    }
    world.core->sequencer().submit(std::move(commands));
    std::vector<CommandResult> out;
    for (std::future<CommandResult>& answer : answers) out.push_back(answer.get());
    return out;
  }
  void expect_aborted(std::vector<Command> commands) {
    commands.push_back(registering());
    commands.back().evidence->bytes.resize(store::kMaxBlobBytes + 1);
    for (const CommandResult& result : together(std::move(commands))) {
      EXPECT_EQ(result.status, CommandStatus::unavailable);
      EXPECT_FALSE(result.permit);
    }
  }
  std::vector<CommandResult> expect_committed(std::vector<Command> commands) {
    commands.push_back(registering());
    std::vector<CommandResult> out = together(std::move(commands));
    for (const CommandResult& result : out) EXPECT_EQ(result.status, CommandStatus::decided);
    return out;
  }

  Command registering() {
    const std::string code = "flik-" + std::to_string(++registered_);
    return world.command(world.administrator(0), RegisterFlikType{code, code, code, "test", Sensitivity::sensitive})
        .value();
  }
  Command opening(const DocumentId& document) const { return opening_of(world.handler, document, "konsultation"); }
  Command in_vain(const DocumentId& document) const { return opening_of(world.coach, document, "konsultation"); }
  static Command closing(const ReadingId& reading) {
    Command out;
    out.actor = SystemActor{};
    out.act = CloseReading{reading, ReadingEnd::complete, 4};
    return out;
  }
  Command proposing(const std::string& number, const SigningKey& key) {
    const crypto::PublicKey& device = key.public_key();
    Command out =
        world.command(world.region_registrar, ProposeKey{{}, device.to_jwk(), device.thumbprint()}, number).value();
    EXPECT_TRUE(prepare(*world.core, out));
    return out;
  }
  // Of the person whose document it is; the refused try is one more.
  std::uint64_t entries_after_a_try(const DocumentId& document) {
    return together({in_vain(document)}).front().person_entries;
  }

  Dump rows() {
    return dump(store::Reader::open(world.core->data_directory().database(), world.core->keys().database()).value());
  }
  using OpenRows = std::map<std::uint64_t, std::vector<OpenAtRest>>;
  OpenRows open_rows() {
    RowSealer sealer(world.core->keys());
    OpenRows out;
    for (const store::StateRow& row : rows().rows) {
      if (row.table != kReadingRowsTable) continue;
      const Bytes text = sealer.open_own({row.table, row.id, row.version, row.body}).value();
      out[ByteReader(row.id).u64()] = decode_open_readings(row.id, text).value();
    }
    return out;
  }
  void expect_it_verifies(std::span<const std::string> saved = {}) {
    EXPECT_EQ(world.verify(saved).problems, std::vector<std::string>());
  }

  SignedWorld world;
  DocumentId annas, bos;

private:
  int registered_ = 0;
};

// SPEC CHK-14
TEST_F(AbortedBatch, IsInNoCheckpoint) {
  const std::string before = world.core->sequencer().checkpoint();
  const LogView view = world.core->sequencer().log_view();
  expect_aborted({opening(annas), in_vain(bos)});
  EXPECT_EQ(world.core->sequencer().log_view().size, view.size);
  EXPECT_EQ(world.core->sequencer().log_view().root, view.root);
  EXPECT_EQ(world.core->sequencer().checkpoint(), before);
  const auto reader =
      store::Reader::open(world.core->data_directory().database(), world.core->keys().database()).value();
  EXPECT_EQ(checkpoint_of(reader, world.core->keys()).value(), before);
  expect_it_verifies(std::vector{before});

  const CommandResult next = together({in_vain(annas)}).front();
  EXPECT_EQ(next.entry, view.size) << "where the first of the aborted would have been";
  const std::string after = world.core->sequencer().checkpoint();
  const std::vector<audit::NoteVerifier> known{world.core->sequencer().signers().checkpoint().back().verifier()};
  EXPECT_EQ(audit::open_checkpoint(after, known).value().size, view.size + 1);
  expect_it_verifies(std::vector{before, after});
  const auto of_kind = [&](audit::ActKind kind) { return entries_of(rows(), world.core->keys(), kind).size(); };
  EXPECT_EQ(of_kind(audit::ActKind::open_reading), 0u);
  EXPECT_EQ(of_kind(audit::ActKind::register_flik_type), 2u) << "those of the world itself";
}

TEST_F(AbortedBatch, ThatIsCommittedInsteadIsInTheCheckpoint) {
  const std::string before = world.core->sequencer().checkpoint();
  const LogView view = world.core->sequencer().log_view();
  expect_committed({opening(annas), in_vain(bos)});
  EXPECT_EQ(world.core->sequencer().log_view().size, view.size + 3);
  const std::string after = world.core->sequencer().checkpoint();
  EXPECT_NE(after, before);
  expect_it_verifies(std::vector{before, after});
}

// SPEC ROW-7
TEST_F(AbortedBatch, LeavesTheOpenReadingsAsTheyWere) {
  const CommandResult first = together({opening(annas)}).front();
  ASSERT_TRUE(first.permit);
  const OpenRows before = open_rows();
  EXPECT_EQ(before, (OpenRows{{first.entry, {{first.entry, world.anna.actor.person}}}}));
  expect_aborted({opening(bos), closing(first.permit->reading())});
  EXPECT_EQ(open_rows(), before);
  EXPECT_EQ(world.core->readings().size(), 1u);
  expect_it_verifies();

  const CommandResult next = together({opening(annas)}).front();
  ASSERT_TRUE(next.permit);
  const OpenAtRest newest{next.entry, world.anna.actor.person};
  EXPECT_EQ(open_rows(), (OpenRows{*before.begin(), {next.entry, {newest}}}));
  EXPECT_TRUE(together({closing(first.permit->reading())}).front().decision.is_permitted()) << "it is still open";
  EXPECT_EQ(open_rows(), (OpenRows{{next.entry, {newest}}}));
  expect_it_verifies();
  world.restart();
  together({in_vain(annas)});
  EXPECT_EQ(open_rows(), OpenRows()) << "closed as interrupted, before anything else";
  expect_it_verifies();
}

TEST_F(AbortedBatch, ThatIsCommittedInsteadChangesTheOpenReadings) {
  const CommandResult first = together({opening(annas)}).front();
  ASSERT_TRUE(first.permit);
  const CommandResult second = expect_committed({opening(bos), closing(first.permit->reading())}).front();
  ASSERT_TRUE(second.permit);
  EXPECT_EQ(open_rows(), (OpenRows{{second.entry, {{second.entry, world.bo.actor.person}}}}));
  EXPECT_FALSE(together({closing(first.permit->reading())}).front().decision.is_permitted()) << "closed already";
  expect_it_verifies();
}

// SPEC ROW-8, REC-11: Bo has no entry between the aborted batch and the stop, which stores where everybody's newest is.
TEST_F(AbortedBatch, LeavesEverybodysPlaceAsItWas) {
  const std::uint64_t of_anna = entries_after_a_try(annas);
  const std::uint64_t of_bo = entries_after_a_try(bos);
  expect_aborted({in_vain(annas), in_vain(bos), in_vain(bos)});
  EXPECT_EQ(entries_after_a_try(annas), of_anna + 1);
  expect_it_verifies();
  world.restart();
  expect_it_verifies();
  EXPECT_EQ(entries_after_a_try(bos), of_bo + 1);
  EXPECT_EQ(entries_after_a_try(annas), of_anna + 2);
  expect_it_verifies();
}

TEST_F(AbortedBatch, ThatIsCommittedInsteadMovesEverybodysPlace) {
  const std::uint64_t of_anna = entries_after_a_try(annas);
  const std::uint64_t of_bo = entries_after_a_try(bos);
  expect_committed({in_vain(annas), in_vain(bos), in_vain(bos)});
  EXPECT_EQ(entries_after_a_try(annas), of_anna + 2);
  world.restart();
  expect_it_verifies();
  EXPECT_EQ(entries_after_a_try(bos), of_bo + 3);
  expect_it_verifies();
}

// SPEC ROW-8: a place of somebody who never came to be would lock the next start.
TEST_F(AbortedBatch, MakesNobodyWhoWasNotThere) {
  const SigningKey key = SigningKey::generate(crypto::KeyAlgorithm::p256);
  expect_aborted({proposing("197302889931", key)});
  world.restart();
  expect_it_verifies();
  const CommandResult proposed = expect_committed({proposing("197302889931", key)}).front();
  EXPECT_TRUE(proposed.decision.is_permitted());
  EXPECT_EQ(proposed.person_entries, 1u);
  world.restart();
  expect_it_verifies();
}

// SPEC ROW-10
TEST_F(AbortedBatch, ErasesNobody) {
  const Shred shred{ShredScope::person, {}, {}, {}};
  Command first = world.command(world.administrator(0), shred, world.bo.number).value();
  Approve approval{ProposalId(first.evidence->id.value()), act_to_json(shred)};
  approval.act.get_object()["person"] = handle_for(world.core->keys(), {}, world.bo.number, world.clock).value();
  const CommandResult proposed = together({std::move(first)}).front();
  ASSERT_TRUE(proposed.decision.is_permitted());
  expect_aborted({world.command(world.administrator(1), approval).value(), in_vain(bos)});
  EXPECT_EQ(entries_after_a_try(bos), proposed.person_entries + 1);
  EXPECT_TRUE(world.open(world.handler, bos));
  expect_it_verifies();
  world.restart();
  expect_it_verifies();

  ASSERT_TRUE(world.send(world.administrator(1), approval).decision.is_permitted());
  EXPECT_FALSE(world.open(world.handler, bos));
  world.restart();
  expect_it_verifies();
}

// SPEC DEP-7, LVR-11
TEST(WorstMoments, AnUploadThatIsRepeatedLeavesALogThatVerifies) {
  SignedWorld world;
  world.anna = world.enrol(world.anna.number);
  world.sign(world.anna);
  const DocumentId document = world.deposit(world.anna, "journal", "Annas journal");
  SealDeposit again;
  again.document = document;
  EXPECT_TRUE(world.ask(world.nurse, again).decision.is_permitted());
  EXPECT_FALSE(world.ask(world.handler, again).decision.is_permitted()) << "another's";
  EXPECT_EQ(world.verify().problems, std::vector<std::string>());
}

// SPEC MASK-1, RULE-22
TEST(WorstMoments, WhatAlsoConcernedSomebodyErasedCanBeMaskedAndReadAndVerified) {
  SignedWorld world;
  world.anna = world.enrol(world.anna.number);
  world.bo = world.enrol(world.bo.number);
  world.sign(world.anna);
  world.sign(world.bo);
  const DocumentId shared = world.deposit(world.anna, "journal", "Om Anna och Bo", &world.bo);
  EXPECT_TRUE(world.open(world.handler, shared));
  EXPECT_TRUE(world.by_two(Shred{ShredScope::person, {}, {}, {}}, world.bo.number).decision.is_permitted());
  EXPECT_FALSE(world.open(world.handler, shared)) << "nobody can consent for him any more";
  const RecordMasking mask{shared};
  Result<Command> first = world.command(world.nurse, mask);
  ASSERT_TRUE(first);
  const ProposalId proposal(first->evidence->id.value());
  EXPECT_TRUE(world.core->decide(std::move(*first)).decision.is_permitted());
  EXPECT_TRUE(world.send(world.region_registrar, Approve{proposal, act_to_json(mask)}).decision.is_permitted());
  EXPECT_TRUE(world.open(world.handler, shared));
  EXPECT_EQ(world.verify().problems, std::vector<std::string>());
}

// SPEC LVR-13, ACR-7
TEST(WorstMoments, ARestoredLogVerifiesWhenEverybodyInItWasErased) {
  SignedWorld world;
  world.anna = world.enrol(world.anna.number);
  world.sign(world.anna);
  const fs::path backup = world.folder.path() / "backup";
  const fs::path keys = world.folder.path() / "keys-backup";
  ASSERT_TRUE(back_up(*world.core, backup, store::ObjectCopies::always_copied));
  ASSERT_TRUE(back_up_keys(*world.core, keys));
  const RestorePlan plan{backup, keys, std::nullopt};
  const BackupContents contents = inspect_backup(plan, world.master()).value();
  JointAct act{restore_act(contents, "flikvakt.test/log2", {}, world.clock.wall()), {}};
  for (const std::size_t i : {0, 1}) act.signatures.push_back(sign_joint(act.act, world.officials[i].key).value());
  auto core = restore(store::DataDirectory::create(world.folder.path() / "restored").value(), world.master(), plan, act,
                      world.clock, {});
  ASSERT_TRUE(core) << core.error().message;
  world.stop();
  world.core = std::move(*core);
  EXPECT_EQ(world.verify().problems, std::vector<std::string>());
  const auto rows = store::Reader::open(world.core->data_directory().database(), world.core->keys().database()).value();
  const fs::path archives = world.core->data_directory().archive();
  const auto with_archive = [&] {
    return verify_log(rows, world.core->keys(), VerifiedRows::live, {}, {}, archives).value().problems;
  };
  EXPECT_EQ(with_archive(), std::vector<std::string>());  // SPEC LVR-20
  const fs::path archived = archives / archive_name(contents.head_note);
  ASSERT_TRUE(fs::exists(archived));
  Dump another = dump(store::Reader::open(archived, world.core->keys().database()).value());
  std::erase_if(another.rows, [](const store::StateRow& row) { return row.table == Fullmakt::kTable; });
  fs::remove(archived);
  write(another, archived, world.core->keys().database());
  EXPECT_EQ(with_archive(),
            std::vector<std::string>{"entry 0: the archive is not the log whose head the two administrators signed"});
  const auto find_forged = [&](const std::function<void(json::object&)>& edit) {
    Dump rows =
        dump(store::Reader::open(world.core->data_directory().database(), world.core->keys().database()).value());
    rows = with_registry_record(std::move(rows), world.core->keys(), 0, edit);
    sign_anew(rows, world.core->keys());
    const fs::path path = world.folder.path() / ("forged-" + crypto::random_id<ActId>().text());
    write(rows, path, world.core->keys().database());
    const auto reader = store::Reader::open(path, world.core->keys().database()).value();
    return to_text(to_json(verify_log(reader, world.core->keys(), VerifiedRows::live).value().problems));
  };
  EXPECT_THAT(find_forged([](json::object& record) {
                const Bytes evidence = from_json<Bytes>(record.at("evidence")).value();
                json::value joint = parse_json(as_text(evidence)).value();
                joint.get_object()["signatures"].as_array().pop_back();
                record["evidence"] = to_base64url(as_bytes(to_text(joint)));
              }),
              ::testing::HasSubstr("the restore is not what two administrators signed"));
  EXPECT_THAT(find_forged([](json::object& record) { record.erase("evidence"); }),
              ::testing::HasSubstr("nothing shows who ordered it"));
  EXPECT_TRUE(world.by_two(Shred{ShredScope::person, {}, {}, {}}, world.anna.number).decision.is_permitted());
  EXPECT_EQ(world.verify().problems, std::vector<std::string>());
}

// SPEC LVR-9, ACT-6
TEST(WorstMoments, AnActThatClockDoubtRefusesLeavesALogThatVerifies) {
  SignedWorld world;
  world.anna = world.enrol(world.anna.number);
  world.clock.jump(10min);
  const PaperReferral referral{crypto::random_id<CaseId>(), {}, world.team, CaseFocus::illness, {}};
  const CommandResult refused = world.send(world.region_registrar, referral, world.anna.number);
  EXPECT_EQ(refused.decision.reason, Reason::clock_doubt);
  PaperNarrowing everything;
  everything.revoke_all = true;
  EXPECT_TRUE(world.send(world.chief, everything, world.anna.number).decision.is_permitted()) << "this narrows";
  EXPECT_EQ(world.verify().problems, std::vector<std::string>());
  world.clock.jump(-10min);
}

// While the gateway runs, the disk changes the wraps of these levels.
void damage_wraps(World& world, const std::set<crypto::KeyLevel>& levels) {
  const fs::path file = world.core->data_directory().keys();
  Bytes bytes = read_file(file, 1 << 20).value();
  ASSERT_TRUE(world.core->keys().store().for_each([&](const store::KeySlot& slot) -> Result<void> {
    if (!levels.contains(static_cast<crypto::KeyLevel>(slot.level))) return {};
    const auto at = std::ranges::search(bytes, slot.wrap).begin();
    if (at != bytes.end()) *at ^= 1;
    return {};
  }));
  std::fstream out(file, std::ios::binary | std::ios::in | std::ios::out);  // in place: the gateway has it open
  out.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  ASSERT_TRUE(out.flush());
}

TEST(WorstMoments, AnActThatCannotBeWrittenDownIsRefusedAndOthersGoOn) {
  World world;
  const FullmaktId fullmakt = world.sign(team_of(world));
  world.restart();  // so that no key is at hand
  damage_wraps(world, {crypto::KeyLevel::person, crypto::KeyLevel::person_log});
  const CommandResult paused = world.decide(world.device, PauseFullmakt{fullmakt});
  EXPECT_EQ(paused.decision.reason, Reason::error) << "refused, and logged as that";
  EXPECT_FALSE(paused.decision.is_permitted());
  EXPECT_FALSE(world.fatal) << world.fatal->message;
  const Suspend suspend{RegistryNoun::staff, world.coach.staff.text()};
  EXPECT_TRUE(world.decide(world.administrators[0], suspend).decision.is_permitted());
}

TEST(WorstMoments, WhatTheGatewayItselfOwesAndCannotWriteDownStopsIt) {
  World world;
  world.sign(team_of(world));
  world.restart();
  damage_wraps(world, {crypto::KeyLevel::person_log});
  EXPECT_FALSE(world.is_dead);
  world.clock.advance(24h * 91);  // the fullmakt runs out
  for (int i = 0; i < 500 && !world.is_dead; ++i) std::this_thread::sleep_for(20ms);
  world.stop();
  ASSERT_TRUE(world.fatal);
  EXPECT_THAT(world.fatal->message, ::testing::HasSubstr("key store"));
}

// The promise of an answer is kept by `done` alone, as Core::decide keeps it.
std::future<CommandResult> promised_to(Command& command) {
  auto promise = std::make_shared<std::promise<CommandResult>>();
  std::future<CommandResult> out = promise->get_future();
  command.done = [promise = std::move(promise)](CommandResult result) { promise->set_value(std::move(result)); };
  return out;
}

// `flikvakt keys rotate-log-key` hung: what the gateway owed the log by itself failed on the disk while the order
// waited behind it.
TEST(WorstMoments, WhoWaitsWhileTheSequencerDiesIsNotLeftWaiting) {
  World world;
  Command waiting{world.lead, ListCases{}, {}, {}, {}, {}};
  std::future<CommandResult> answer = promised_to(waiting);
  Command last{world.lead, ListCases{}, {}, {}, {}, {}};
  last.done = [&](const CommandResult&) {
    world.core->sequencer().submit(std::move(waiting));  // is taken after this batch, or never
    throw std::runtime_error("broken");
  };
  world.core->sequencer().submit(std::move(last));
  for (int i = 0; i < 500 && !world.is_dead; ++i) std::this_thread::sleep_for(20ms);
  ASSERT_TRUE(world.is_dead);
  world.core->sequencer().stop();
  ASSERT_EQ(answer.wait_for(0s), std::future_status::ready);
  EXPECT_THROW(answer.get(), std::future_error) << "it was not decided, and nobody says that it was";
  Command late{world.lead, ListCases{}, {}, {}, {}, {}};
  std::future<CommandResult> refusal = promised_to(late);
  world.core->sequencer().submit(std::move(late));
  EXPECT_EQ(refusal.get().status, CommandStatus::unavailable) << "who comes later is told at once";
}

TEST(WorstMoments, WhoWaitsWhileTheSequencerStopsIsAnswered) {
  World world;
  Command waiting{world.lead, ListCases{}, {}, {}, {}, {}};
  std::future<CommandResult> answer = promised_to(waiting);
  Command last{world.lead, ListCases{}, {}, {}, {}, {}};
  std::promise<void> taken;
  last.done = [&](const CommandResult&) {
    world.core->sequencer().submit(std::move(waiting));
    taken.set_value();
  };
  world.core->sequencer().submit(std::move(last));
  taken.get_future().wait();
  world.core->sequencer().stop();
  ASSERT_EQ(answer.wait_for(0s), std::future_status::ready);
  EXPECT_TRUE(answer.get().decision.is_permitted());
}

TEST(WorstMoments, AJumpOfTheClockIsShownBeforeAnActMeetsIt) {
  SignedWorld world;
  EXPECT_EQ(world.core->sequencer().log_view().doubt, ClockDoubt::none);
  world.clock.jump(10min);
  for (int i = 0; i < 500 && world.core->sequencer().log_view().doubt == ClockDoubt::none; ++i) {
    std::this_thread::sleep_for(20ms);
  }
  EXPECT_EQ(world.core->sequencer().log_view().doubt, ClockDoubt::jumped);
  world.clock.jump(-10min);
}

// SPEC ACR-8
TEST(WorstMoments, WhatWasTurnedAwayUnauthenticatedIsSummedInTheLog) {
  SignedWorld world;
  const CommandResult summed = world.ask(SystemActor{}, SumFailures{"192.0.2.7", 3, 0, 1, 12});
  EXPECT_TRUE(summed.decision.is_permitted());
  EXPECT_FALSE(world.ask(world.nurse, SumFailures{}).decision.is_permitted());
  const Dump rows =
      dump(store::Reader::open(world.core->data_directory().database(), world.core->keys().database()).value());
  const json::object record = registry_record(rows, world.core->keys(), summed.entry);
  EXPECT_EQ(to_text(record.at("failures")), R"({"source":"192.0.2.7","framing":3,"handshake":0,"slow":1,"access":12})");
  EXPECT_EQ(world.verify().problems, std::vector<std::string>());
}

// SPEC BAK-8
TEST(WorstMoments, AListOfErasuresThatCannotBeReadKeepsTheGatewayFromStarting) {
  SignedWorld world;
  world.stop();
  const fs::path list = world.data() / "erasures";
  EXPECT_TRUE(fs::exists(list)) << "there is always one to copy elsewhere";
  std::ofstream(list) << "garbage\n";
  const auto refused = world.reopen();
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("move the file aside"), std::string::npos) << refused.error().message;
  fs::remove(list);
  auto opened = world.reopen();
  EXPECT_TRUE(opened) << opened.error().message;
}

}  // namespace
}  // namespace flikvakt::service::test
