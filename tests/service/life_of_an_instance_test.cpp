// Beginning, lists of revoked certificates, a person's log, proofs, exports, backups, restoring, new master keys.
#include <future>
#include <thread>

#include "audit/export.h"
#include "audit/verify.h"
#include "crypto/merkle.h"
#include "service/apply_crl.h"
#include "service/backup_restore.h"
#include "service/create_instance.h"
#include "service/erasures.h"
#include "service/export_log.h"
#include "service/handles.h"
#include "service/keys_admin.h"
#include "service/log_proofs.h"
#include "service/person_log.h"
#include "service/state_image.h"
#include "tests/service/rows_dump.h"
#include "tests/service/signed_world.h"

namespace flikvakt::service::test {
namespace {

using namespace policy;
namespace fs = std::filesystem;

// ---- Beginning

struct Founding {
  std::vector<Official> officials;
  JointAct act;
  TemporaryFolder folder;
  ManualClock clock;

  Founding() {
    officials.push_back(make_official("Ada", AdministratorKind::personal));
    officials.push_back(make_official("Ben", AdministratorKind::personal));
    officials.push_back(make_official("Recovery", AdministratorKind::recovery));
    compose();
  }
  void compose() {
    std::vector<Administrator> rows;
    for (const Official& one : officials) rows.push_back(one.row);
    act = {founding_act("test", "flikvakt.test/log", rows, clock.wall()), {}};
    for (const Official& one : officials) act.signatures.push_back(sign_joint(act.act, one.key).value());
  }
  Result<std::unique_ptr<Core>> create() {
    return create_instance(store::DataDirectory::create(folder.path() / "data").value(), crypto::MasterKey::random(),
                           act, clock, {});
  }
};

// SPEC ACR-6
TEST(CreateInstance, BeginsWithAnEntryThatEveryAdministratorSigned) {
  Founding founding;
  auto core = founding.create();
  ASSERT_TRUE(core) << core.error().message;
  EXPECT_EQ((*core)->sequencer().log_view().size, 1u);
  EXPECT_EQ((*core)->directory().instance().name, "test");
  const auto rows = store::Reader::open((*core)->data_directory().database(), (*core)->keys().database()).value();
  EXPECT_EQ(verify_log(rows, (*core)->keys(), VerifiedRows::live).value().problems, std::vector<std::string>());
  (*core)->sequencer().stop();
}

TEST(CreateInstance, IsRefusedWithoutEverySignatureOrWithAForgedOne) {
  Founding founding;
  founding.act.signatures.pop_back();
  EXPECT_EQ(founding.create().error().code, ErrorCode::denied) << "the recovery key's is missing";
  fs::remove_all(founding.folder.path() / "data");
  founding.compose();
  founding.act.signatures[1] = founding.act.signatures[0];
  EXPECT_EQ(founding.create().error().code, ErrorCode::denied) << "one signed twice";
  fs::remove_all(founding.folder.path() / "data");
  founding.compose();
  founding.act.act.expires += 1h;
  EXPECT_EQ(founding.create().error().code, ErrorCode::denied) << "other bytes than were signed";
  fs::remove_all(founding.folder.path() / "data");
  founding.officials[1].row.kind = AdministratorKind::recovery;
  founding.compose();
  EXPECT_EQ(founding.create().error().code, ErrorCode::invalid) << "one administrator, two recovery keys";
  EXPECT_TRUE(fs::is_empty(founding.folder.path() / "data") || !fs::exists(founding.folder.path() / "data" / "rows.db"))
      << "nothing was made";
}

// SPEC REC-8
TEST(CreateInstance, WhatWasCutShortBeforeItsFirstEntryDoesNotOpen) {
  TemporaryFolder folder;
  ManualClock clock;
  const auto master = crypto::MasterKey::random();
  {
    auto core = Core::create(store::DataDirectory::create(folder.path() / "data").value(),
                             crypto::MasterKey::copy_from(master.expose()), "flikvakt.test/log", clock, {});
    ASSERT_TRUE(core);
    (*core)->sequencer().stop();
    EXPECT_EQ((*core)->sequencer().log_view().size, 0u) << "no `stop` before the first act";
  }
  const auto opened = Core::open(store::DataDirectory::open(folder.path() / "data").value(),
                                 crypto::MasterKey::copy_from(master.expose()), clock, {});
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::invalid);
}

// ---- Revocation lists

TEST(ApplyCrl, AListOfALowerNumberIsRefusedAndLogged) {
  SignedWorld world;
  const std::vector<std::string> revoked{"0a"};
  ASSERT_TRUE(world.pki->write_crl(revoked, 3, world.clock.wall(), world.clock.wall() + 24h));
  EXPECT_TRUE(apply_crl_file(*world.core, world.pki->crl_path()));
  EXPECT_TRUE(apply_crl_file(*world.core, world.pki->crl_path())) << "the same again is fine";
  const std::uint64_t size = world.core->sequencer().log_view().size;
  ASSERT_TRUE(world.pki->write_crl({}, 2, world.clock.wall(), world.clock.wall() + 24h));
  EXPECT_EQ(apply_crl_file(*world.core, world.pki->crl_path()).error().code, ErrorCode::conflict);
  EXPECT_GT(world.core->sequencer().log_view().size, size) << "the attempt is in the log";
  ASSERT_TRUE(world.pki->write_crl({}, 3, world.clock.wall(), world.clock.wall() + 24h));
  EXPECT_EQ(apply_crl_file(*world.core, world.pki->crl_path()).error().code, ErrorCode::conflict)
      << "other contents under the same number";
}

TEST(ApplyCrl, AListThatNoRegisteredIssuerSignedIsNotApplied) {
  SignedWorld world;
  const auto other = certs::DevPki::create(world.folder.path() / "other", world.clock.wall()).value();
  EXPECT_EQ(apply_crl_file(*world.core, other.crl_path()).error().code, ErrorCode::not_found);
  EXPECT_FALSE(apply_crl_file(*world.core, world.folder.path() / "nothing.pem"));
}

TEST(CrlWatcher, AppliesAListThatChangesWithoutARestart) {
  SignedWorld world;
  CrlWatcher watcher(*world.core, {world.pki->crl_path()});
  EXPECT_TRUE(world.core->directory().is_certificate_good(world.nurse.certificate, world.clock.wall()));
  const auto label = world.folder.path() / "pki" / "region.pem";
  const Bytes pem = read_file(label, 1 << 16).value();
  const auto leaf = crypto::Certificate::parse_pem(as_text(pem)).value();
  const std::vector<std::string> revoked{leaf.serial_hex()};
  ASSERT_TRUE(world.pki->write_crl(revoked, 7, world.clock.wall(), world.clock.wall() + 24h));
  for (int i = 0; i < 100; ++i) {
    if (!world.core->directory().is_certificate_good(world.nurse.certificate, world.clock.wall())) break;
    std::this_thread::sleep_for(50ms);
  }
  EXPECT_FALSE(world.core->directory().is_certificate_good(world.nurse.certificate, world.clock.wall()));
  watcher.stop();
}

// ---- A person's log, proofs, exports

PersonLogPage log_of(SignedWorld& world, const Member& member, std::uint32_t limit, std::uint32_t page) {
  std::promise<Result<PersonLogPage>> promise;
  read_own_log(*world.core, member.actor, {limit, page}, [&](Result<PersonLogPage> r) { promise.set_value(r); });
  return promise.get_future().get().value();
}

TEST(PersonLog, ShowsReadsAndRefusedAttemptsNewestFirst) {
  SignedWorld world;
  world.anna = world.enrol(world.anna.number);
  world.sign(world.anna);
  const DocumentId document = world.deposit(world.anna, "journal", "text");
  ASSERT_TRUE(world.open(world.handler, document));
  ASSERT_FALSE(world.open(world.coach, document));
  const PersonLogPage page = log_of(world, world.anna, 3, 1);
  ASSERT_EQ(page.entries.size(), 3u);
  const json::object& own = page.entries[0].get_object();
  EXPECT_EQ(own.at("kind"), "read_own_log");
  EXPECT_EQ(own.at("actor"), "self");
  const json::object& refused = page.entries[1].get_object();
  EXPECT_EQ(refused.at("outcome"), "refused");
  EXPECT_EQ(refused.at("document"), document.text().c_str());
  EXPECT_EQ(refused.at("organisation").at("name"), "insats");
  const json::object& read = page.entries[2].get_object();
  EXPECT_EQ(read.at("outcome"), "permitted");
  EXPECT_EQ(read.at("purpose"), "konsultation");
  for (const json::value& entry : page.entries) {
    EXPECT_EQ(to_text(entry).find(world.handler.staff.text()), std::string::npos) << "staff are not named";
    EXPECT_EQ(to_text(entry).find(world.coach.staff.text()), std::string::npos);
  }
  const PersonLogPage second = log_of(world, world.anna, 3, 2);
  EXPECT_EQ(second.total, page.total + 1) << "having read it is an entry too";
  EXPECT_EQ(second.entries.front().get_object().at("kind"), "open_reading");
}

// SPEC API-79
TEST(PersonLog, NamesTheKeyWithWhichAnActWasSigned) {
  SignedWorld world;
  world.anna = world.enrol(world.anna.number);
  const FullmaktId fullmakt = world.sign(world.anna);
  const SigningKey unconfirmed = SigningKey::generate(crypto::KeyAlgorithm::p256);
  const Fingerprint thumbprint = unconfirmed.public_key().thumbprint();
  const ProposeKey propose{{}, unconfirmed.public_key().to_jwk(), thumbprint};
  EXPECT_TRUE(world.send(world.region_registrar, propose, world.anna.number).decision.is_permitted());
  Command pause;
  pause.actor = PersonActor{world.anna.actor.person, thumbprint};
  pause.act = PauseFullmakt{fullmakt};
  const Bytes bytes = to_bytes(crypto::random_bytes<32>());
  pause.evidence = ActEvidence{crypto::random_id<ActId>(), world.clock.wall() + 1h, bytes, crypto::sha256(bytes)};
  EXPECT_TRUE(world.core->decide(std::move(pause)).decision.is_permitted()) << "it can only narrow";
  const PersonLogPage page = log_of(world, world.anna, 6, 1);
  const auto key_of = [&](std::string_view kind) {
    for (const json::value& entry : page.entries) {
      const json::object& shown = entry.get_object();
      if (shown.at("kind").as_string() == kind)
        return shown.contains("key") ? to_text(shown.at("key")) : std::string("none");
    }
    return std::string("no entry");
  };
  EXPECT_EQ(key_of("pause_fullmakt"), to_text(to_json(thumbprint)));
  EXPECT_EQ(key_of("sign_fullmakt"), to_text(to_json(world.anna.actor.key)));
  EXPECT_EQ(key_of("propose_key"), "none") << "staff did that";
}

TEST(PersonLog, IsNotReadWithAKeyThatMayNot) {
  SignedWorld world;
  world.anna = world.enrol(world.anna.number);
  std::promise<Result<PersonLogPage>> promise;
  PersonActor stranger = world.anna.actor;
  stranger.key[0] ^= 1;
  read_own_log(*world.core, stranger, {10, 1}, [&](Result<PersonLogPage> r) { promise.set_value(std::move(r)); });
  EXPECT_EQ(promise.get_future().get().error().code, ErrorCode::denied);
  std::promise<Result<PersonLogPage>> asked;
  read_own_log(*world.core, world.anna.actor, {101, 1},
               [&](Result<PersonLogPage> r) { asked.set_value(std::move(r)); });
  EXPECT_EQ(asked.get_future().get().error().code, ErrorCode::invalid);
}

TEST(LogProofs, VerifyAgainstTheRootsTheyAreAbout) {
  SignedWorld world;
  for (int i = 0; i < 300; ++i) world.ask(world.lead, ListCases{});
  const auto rows = store::Reader::open(world.core->data_directory().database(), world.core->keys().database()).value();
  const Dump all = dump(rows);
  auto root_at = [&](std::size_t size) {
    crypto::Frontier tree;
    for (std::size_t i = 0; i < size; ++i) tree.append(crypto::leaf_hash(all.entries[i].leaf));
    return tree.root();
  };
  const std::size_t size = all.entries.size();
  const auto consistency = consistency_proof(*world.core, 17, size);
  ASSERT_TRUE(consistency);
  EXPECT_TRUE(crypto::verify_consistency(17, size, *consistency, root_at(17), root_at(size)));
  const auto inclusion = inclusion_proof(*world.core, 5, 290);
  ASSERT_TRUE(inclusion);
  EXPECT_TRUE(crypto::verify_inclusion(5, 290, crypto::leaf_hash(all.entries[5].leaf), *inclusion, root_at(290)));
  EXPECT_FALSE(inclusion_proof(*world.core, size, size));
  EXPECT_FALSE(consistency_proof(*world.core, 3, size + 1));
}

TEST(ExportLog, VerifiesOfflineAndOpensNoPersonUnlessAsked) {
  SignedWorld world;
  world.anna = world.enrol(world.anna.number);
  world.sign(world.anna);
  const auto rows = store::Reader::open(world.core->data_directory().database(), world.core->keys().database()).value();
  auto exported = [&](const std::optional<PersonId>& person) {
    std::stringstream out;
    EXPECT_TRUE(export_log(rows, world.core->keys(), person, [&](std::string_view line) -> Result<void> {
      out << line << "\n";
      return {};
    }));
    return out;
  };
  const std::string checkpoint = checkpoint_of(rows, world.core->keys()).value();
  EXPECT_EQ(checkpoint, world.core->sequencer().checkpoint()) << "SPEC CHK-14";
  const std::vector<audit::NoteVerifier> known{world.core->sequencer().signers().checkpoint().back().verifier()};
  std::stringstream closed = exported({});
  const audit::VerifyReport report = audit::verify_export(closed, checkpoint, {}, known);
  EXPECT_TRUE(report.ok());
  EXPECT_EQ(report.opened_acts, report.entries);
  EXPECT_EQ(report.opened_persons, 0u);
  std::stringstream opened = exported(world.anna.actor.person);
  EXPECT_GE(audit::verify_export(opened, checkpoint, {}, known).opened_persons, 3u);
}

// ---- Backups and restoring

struct Backups {
  SignedWorld& world;
  RestorePlan plan;
  explicit Backups(SignedWorld& of) : world(of) {
    plan.backup = world.folder.path() / "backup";
    plan.key_store_backup = world.folder.path() / "keys-backup";
  }
  void take() {
    ASSERT_TRUE(back_up(*world.core, plan.backup, store::ObjectCopies::always_copied));
    ASSERT_TRUE(back_up_keys(*world.core, plan.key_store_backup));
  }
  JointAct act(std::initializer_list<std::size_t> signers, const std::string& origin = "flikvakt.test/log2") {
    const BackupContents contents = inspect_backup(plan, world.master()).value();
    JointAct out{restore_act(contents, origin, {}, world.clock.wall()), {}};
    for (const std::size_t i : signers) out.signatures.push_back(sign_joint(out.act, world.officials[i].key).value());
    return out;
  }
  Result<std::unique_ptr<Core>> restored(const JointAct& act, const std::string& name = "restored") {
    return restore(store::DataDirectory::create(world.folder.path() / name).value(), world.master(), plan, act,
                   world.clock, {});
  }
};

// SPEC BAK-1, BAK-2
TEST(BackUp, IsOneStateWhileTheGatewayWrites) {
  SignedWorld world;
  world.anna = world.enrol(world.anna.number);
  world.sign(world.anna);
  world.deposit(world.anna, "journal", "första");
  std::atomic<bool> stop{false};
  std::thread writer([&] {
    while (!stop) world.ask(world.lead, ListCases{});
  });
  Backups backups(world);
  backups.take();
  stop = true;
  writer.join();
  const BackupContents contents = inspect_backup(backups.plan, world.master()).value();
  EXPECT_EQ(contents.problems, std::vector<std::string>());
  EXPECT_EQ(contents.administrators.size(), 3u);
  EXPECT_FALSE(fs::exists(backups.plan.backup / "keys")) << "keys go elsewhere";
}

// SPEC BAK-3
TEST(BackUp, AMissingDocumentThatStandsIsAnErrorAndAnErasedOneIsNot) {
  SignedWorld world;
  world.anna = world.enrol(world.anna.number);
  world.sign(world.anna);
  const DocumentId erased = world.deposit(world.anna, "journal", "ett");
  EXPECT_TRUE(world.by_two(Shred{ShredScope::document, {}, {}, erased}).decision.is_permitted());
  world.deposit(world.anna, "journal", "två");
  std::size_t objects = 0;
  fs::path last;
  for (const auto& entry : fs::recursive_directory_iterator(world.data() / "objects")) {
    if (!entry.is_regular_file()) continue;
    ++objects;
    last = entry.path();
  }
  EXPECT_EQ(objects, 1u) << "the erased one's object is gone";
  EXPECT_TRUE(back_up(*world.core, world.folder.path() / "one", store::ObjectCopies::always_copied));
  fs::remove(last);
  EXPECT_EQ(back_up(*world.core, world.folder.path() / "two", store::ObjectCopies::always_copied).error().code,
            ErrorCode::corrupt);
}

// SPEC BAK-4, BAK-9, LVR-13, ACT-44
TEST(Restore, BeginsANewLogInWhichNothingOldOpensAndTheOldOneStaysVerifiable) {
  SignedWorld world;
  world.anna = world.enrol(world.anna.number);
  const FullmaktId fullmakt = world.sign(world.anna);
  const DocumentId document = world.deposit(world.anna, "journal", "text");
  ASSERT_TRUE(world.open(world.handler, document));
  const std::string saved = world.core->sequencer().checkpoint();
  Backups backups(world);
  backups.take();
  world.stop();

  auto core = backups.restored(backups.act({0, 1}));
  ASSERT_TRUE(core) << core.error().message;
  world.core = std::move(*core);
  EXPECT_EQ(world.core->directory().instance().origin, "flikvakt.test/log2");
  EXPECT_EQ(world.core->directory().instance().epoch, 1u);
  EXPECT_EQ(world.verify().problems, std::vector<std::string>());
  EXPECT_FALSE(world.open(world.handler, document)) << "nothing is trusted unasked";
  EXPECT_TRUE(world.by_person(world.anna, RevokeFullmakt{fullmakt}).decision.is_permitted())
      << "narrowing works from the first step";

  ReattestOrganisation act;
  act.organisation = world.region;
  act.certificates = {world.nurse.certificate};
  act.assertion_keys = {world.nurse.assertion_key};
  act.officers = {world.region_registrar.staff};
  EXPECT_TRUE(world.by_two(act).decision.is_permitted());
  EXPECT_FALSE(world.send(world.region_registrar, ReattestStaff{{world.nurse.staff}, {}}).decision.is_permitted())
      << "the authority behind its certificate is not re-attested";
  EXPECT_TRUE(world.by_two(ReattestCatalogue{{world.issuer}, {}}).decision.is_permitted());
  EXPECT_TRUE(world.send(world.region_registrar, ReattestStaff{{world.nurse.staff}, {}}).decision.is_permitted());
  EXPECT_EQ(world.verify().problems, std::vector<std::string>()) << "also after acts of the new log";

  std::vector<fs::path> archived;
  for (const auto& entry : fs::directory_iterator(world.core->data_directory().archive())) {
    archived.push_back(entry.path());
  }
  ASSERT_EQ(archived.size(), 1u);
  const auto old = store::Reader::open(archived[0], world.core->keys().database()).value();
  const LogReport report = verify_log(old, world.core->keys(), VerifiedRows::copy, std::vector{saved}).value();
  EXPECT_EQ(report.problems, std::vector<std::string>());
  EXPECT_EQ(report.origin, "flikvakt.test/log");
}

// SPEC BAK-6, BAK-7
TEST(Restore, ErasesAgainWhatWasErasedSinceTheBackup) {
  SignedWorld world;
  world.anna = world.enrol(world.anna.number);
  world.bo = world.enrol(world.bo.number);
  world.sign(world.anna);
  world.sign(world.bo);
  const DocumentId annas = world.deposit(world.anna, "journal", "Annas");
  const DocumentId annas_other = world.deposit(world.anna, "journal", "Annas andra");
  world.deposit(world.bo, "journal", "Bos");
  Backups backups(world);
  backups.take();
  EXPECT_TRUE(world.by_two(Shred{ShredScope::person, {}, {}, {}}, world.bo.number).decision.is_permitted());
  EXPECT_TRUE(world.by_two(Shred{ShredScope::document, {}, {}, annas}).decision.is_permitted());
  backups.plan.erasures = world.core->data_directory().erasures();
  EXPECT_GE(read_erasures(*backups.plan.erasures).value().size(), 5u);
  const BlindIndex bos_index = world.core->keys().blind_index(world.bo.number);

  auto core = backups.restored(backups.act({0, 2}));
  ASSERT_TRUE(core) << core.error().message;
  world.stop();
  world.core = std::move(*core);
  EXPECT_EQ(world.verify().problems, std::vector<std::string>());
  EXPECT_FALSE(world.core->keys().person_key(world.bo.actor.person)) << "the key did not come back";
  Findings findings;
  const auto rows = store::Reader::open(world.core->data_directory().database(), world.core->keys().database()).value();
  const StateImage image = read_state_image(rows, world.core->keys(), findings).value();
  EXPECT_EQ(image.state.person_by(bos_index), nullptr);
  EXPECT_EQ(image.state.find<Document>(annas)->status, DocumentStatus::erased);
  EXPECT_EQ(image.state.find<Document>(annas_other)->status, DocumentStatus::sealed);
  std::size_t objects = 0;
  for (const auto& entry : fs::recursive_directory_iterator(world.core->data_directory().objects())) {
    objects += entry.is_regular_file() ? 1 : 0;
  }
  EXPECT_EQ(objects, 1u) << "only the document that still stands";
  EXPECT_GE(read_erasures(world.core->data_directory().erasures()).value().size(), 5u) << "the list lives on";
}

// SPEC BAK-5
TEST(Restore, IsRefusedWithoutTwoAdministratorsOfTheBackup) {
  SignedWorld world;
  Backups backups(world);
  backups.take();
  EXPECT_EQ(backups.restored(backups.act({0}), "a").error().code, ErrorCode::denied);
  JointAct forged = backups.act({0, 1});
  forged.signatures[1] = sign_joint(forged.act, make_official("X", AdministratorKind::personal).key).value();
  EXPECT_EQ(backups.restored(forged, "b").error().code, ErrorCode::denied);
  EXPECT_EQ(backups.restored(backups.act({0, 1}, "flikvakt.test/log"), "c").error().code, ErrorCode::invalid)
      << "the same origin again";
  JointAct expired = backups.act({0, 1});
  world.clock.advance(24h * 8);
  EXPECT_EQ(backups.restored(expired, "d").error().code, ErrorCode::expired);
}

TEST(Restore, RefusesABackupThatWasChanged) {
  SignedWorld world;
  Backups backups(world);
  backups.take();
  const JointAct act = backups.act({0, 1});
  const Bytes keys = read_file(backups.plan.key_store_backup / "keys", 1 << 20).value();
  Bytes changed = keys;
  changed[200] ^= 1;
  ASSERT_TRUE(write_file_atomically(backups.plan.key_store_backup / "keys", changed));
  EXPECT_EQ(backups.restored(act, "a").error().code, ErrorCode::corrupt);
  ASSERT_TRUE(write_file_atomically(backups.plan.key_store_backup / "keys", keys));
  EXPECT_EQ(restore(store::DataDirectory::create(world.folder.path() / "b").value(), crypto::MasterKey::random(),
                    backups.plan, act, world.clock, {})
                .error()
                .code,
            ErrorCode::denied)
      << "another master key";
}

// SPEC BAK-8
TEST(Erasures, AMissingFileIsFoundATornLastLineIsLeftOutAndALineThatIsNoneIsFound) {
  TemporaryFolder folder;
  const fs::path path = folder.path() / "erasures";
  const std::vector<KeyId> keys{crypto::random_id<KeyId>(), crypto::random_id<KeyId>()};
  EXPECT_EQ(read_erasures(path).error().code, ErrorCode::not_found) << "a mistyped path is not an empty list";
  ASSERT_TRUE(note_erasures(path, keys, UtcTime{}));
  ASSERT_TRUE(note_erasures(path, keys, UtcTime{}));
  EXPECT_EQ(read_erasures(path).value().size(), 2u);
  const Bytes whole = read_file(path, 1 << 16).value();
  const Bytes torn(whole.begin(), whole.end() - 5);
  ASSERT_TRUE(write_file_atomically(path, torn));
  EXPECT_EQ(read_erasures(path).value().size(), 1u);
  ASSERT_TRUE(note_erasures(path, keys, UtcTime{}));
  EXPECT_EQ(read_erasures(path).value().size(), 2u);
  Bytes damaged = whole;
  damaged[3] = 'x';
  ASSERT_TRUE(write_file_atomically(path, damaged));
  EXPECT_EQ(read_erasures(path).error().code, ErrorCode::corrupt);
}

TEST(Erasures, AreOnTheListAgainAfterAStartThoughTheFileWasLost) {
  SignedWorld world;
  world.anna = world.enrol(world.anna.number);
  EXPECT_TRUE(world.by_two(Shred{ShredScope::person, {}, {}, {}}, world.anna.number).decision.is_permitted());
  const auto listed = read_erasures(world.core->data_directory().erasures()).value();
  EXPECT_EQ(listed.size(), 2u) << "the person's key and log key";
  fs::remove(world.core->data_directory().erasures());
  world.restart();
  EXPECT_EQ(read_erasures(world.core->data_directory().erasures()).value(), listed);
}

// ---- Keys

Result<void> rotate(SignedWorld& world, const crypto::MasterKey& fresh) {
  const AdministratorActor ada{world.officials[0].row.id};
  Command command = world.command(ada, RotateKeys{}).value();
  return rotate_master_key(std::move(world.core), fresh, std::move(command));
}

Result<std::unique_ptr<Core>> open_with(SignedWorld& world, const fs::path& data, const crypto::MasterKey& master) {
  return Core::open(TRY(store::DataDirectory::open(data)), crypto::MasterKey::copy_from(master.expose()), world.clock,
                    {});
}

TEST(RotateKeys, TheNewMasterKeyOpensEverythingAndTheOldOneNothing) {
  SignedWorld world;
  world.anna = world.enrol(world.anna.number);
  world.sign(world.anna);
  const DocumentId document = world.deposit(world.anna, "journal", "text");
  const auto fresh = crypto::MasterKey::random();
  ASSERT_TRUE(rotate(world, fresh));
  EXPECT_EQ(open_with(world, world.data(), world.master()).error().code, ErrorCode::denied);
  auto core = open_with(world, world.data(), fresh);
  ASSERT_TRUE(core) << core.error().message;
  world.core = std::move(*core);
  EXPECT_TRUE(world.open(world.handler, document));
  EXPECT_EQ(world.verify().problems, std::vector<std::string>());
  const KeysStatus status = keys_status(*world.core, std::chrono::days(30)).value();
  EXPECT_EQ(status.master_key, crypto::derive_master_key_id(fresh).text());
  for (const KeyLevelStatus& level : status.levels) {
    const bool is_below = level.level == "flik" || level.level == "document";
    EXPECT_EQ(level.oldest_version, is_below ? 1u : 2u) << level.level;
  }
}

// SPEC REC-6, REC-7: copies of the directory as a crash would leave them.
TEST(RotateKeys, ACrashLeavesAGatewayThatOneOfTheTwoMasterKeysStarts) {
  SignedWorld world;
  world.anna = world.enrol(world.anna.number);
  world.restart();
  const auto fresh = crypto::MasterKey::random();
  auto copy = [&](const std::string& name) {
    const fs::path to = world.folder.path() / name;
    fs::copy(world.data(), to, fs::copy_options::recursive);
    fs::permissions(to, fs::perms::owner_all);
    return to;
  };
  // Made durable, but not in the log.
  const auto rewrapped = world.core->keys().rewrap_all(fresh).value();
  ASSERT_TRUE(make_durable(world.core->keys(), rewrapped));
  EXPECT_TRUE(world.core->keys().person_key(world.anna.actor.person)) << "the running gateway goes on";
  world.stop();
  const fs::path before = copy("before");
  EXPECT_EQ(open_with(world, before, fresh).error().code, ErrorCode::corrupt) << "the old one counts";
  auto old = open_with(world, before, world.master());
  ASSERT_TRUE(old) << old.error().message;
  EXPECT_TRUE((*old)->keys().store().with_several_versions().empty()) << "the second wraps are dropped";
  EXPECT_TRUE((*old)->keys().person_key(world.anna.actor.person));
  old->reset();

  // In the log, but the old wraps are still there.
  world.restart();
  const auto again = world.core->keys().rewrap_all(fresh).value();
  Command command = world.command(AdministratorActor{world.officials[0].row.id}, RotateKeys{}).value();
  command.prepared.keys = make_durable(world.core->keys(), again).value();
  EXPECT_TRUE(world.core->decide(std::move(command)).decision.is_permitted());
  world.stop();
  const fs::path after = copy("after");
  EXPECT_EQ(open_with(world, after, world.master()).error().code, ErrorCode::corrupt) << "the new one counts";
  auto now = open_with(world, after, fresh);
  ASSERT_TRUE(now) << now.error().message;
  EXPECT_TRUE((*now)->keys().store().with_several_versions().empty());
  EXPECT_TRUE((*now)->keys().person_key(world.anna.actor.person));
}

TEST(RotateKeys, ARefusedRotationChangesNothing) {
  SignedWorld world;
  const AdministratorActor ada{world.officials[0].row.id};
  Command command = world.command(ada, RotateKeys{}).value();
  EXPECT_TRUE(world
                  .send(AdministratorActor{world.officials[1].row.id},
                        Remove{RegistryNoun::administrator, ada.administrator.text()})
                  .decision.is_permitted());
  const auto fresh = crypto::MasterKey::random();
  EXPECT_EQ(rotate_master_key(std::move(world.core), fresh, std::move(command)).error().code, ErrorCode::denied);
  EXPECT_TRUE(open_with(world, world.data(), world.master()));
}

TEST(KeysStatus, SaysWhenAnErasureIsCompleteInTheBackups) {
  SignedWorld world;
  world.anna = world.enrol(world.anna.number);
  EXPECT_FALSE(keys_status(*world.core, std::chrono::days(30)).value().complete_in_backups);
  EXPECT_TRUE(world.by_two(Shred{ShredScope::person, {}, {}, {}}, world.anna.number).decision.is_permitted());
  const KeysStatus status = keys_status(*world.core, std::chrono::days(30)).value();
  EXPECT_EQ(status.complete_in_backups, world.clock.wall() + std::chrono::days(30));
  const auto person = std::ranges::find(status.levels, "person", &KeyLevelStatus::level);
  ASSERT_NE(person, status.levels.end());
  EXPECT_EQ(person->shredded, 1u);
  EXPECT_EQ(person->active, 0u);
}

}  // namespace
}  // namespace flikvakt::service::test
