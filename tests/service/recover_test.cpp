// Start-up: what was changed, taken away or put back while the gateway did not run locks it, and nothing is removed
// then.
#include "crypto/random.h"
#include "service/handles.h"
#include "service/sent_act.h"
#include "service/state_image.h"
#include "service/verify_log.h"
#include "store/head_file.h"
#include "tests/service/rows_dump.h"
#include "tests/service/signed_world.h"

namespace flikvakt::service::test {
namespace {

using namespace policy;
namespace fs = std::filesystem;

class Recover : public ::testing::Test {
protected:
  Recover() {
    world.anna = world.enrol(world.anna.number);
    fullmakt = world.sign(world.anna);
    document = world.deposit(world.anna, "journal", "text");
    world.stop();
    master = std::make_unique<crypto::MasterKey>(world.master());
    key_store = std::make_unique<store::KeyStore>(store::KeyStore::open(world.data() / "keys").value());
    keys = KeyRing::load(world.master(), *key_store).value();
  }

  Dump read() { return dump(store::Reader::open(world.data() / "rows.db", keys->database()).value()); }
  void put(const Dump& changed) {
    for (const char* name : {"rows.db-wal", "rows.db-shm"}) fs::remove(world.data() / name);
    write(changed, world.data() / "rows.db", keys->database());
  }
  // Empty: it opens.
  std::string why_locked() {
    key_store.reset();
    auto core = world.reopen();
    if (!core) return core.error().message;
    (*core)->sequencer().stop();
    return {};
  }

  SignedWorld world;
  FullmaktId fullmakt;
  DocumentId document;
  std::unique_ptr<crypto::MasterKey> master;
  std::unique_ptr<store::KeyStore> key_store;
  std::unique_ptr<KeyRing> keys;
};

#define EXPECT_LOCKED(words) EXPECT_NE(why_locked().find(words), std::string::npos) << why_locked()

TEST_F(Recover, AGatewayThatNobodyTouchedOpens) {
  put(read());
  EXPECT_EQ(why_locked(), "");
}

// SPEC REC-1
TEST_F(Recover, AHeadThatIsNotSignedLocks) {
  Dump changed = read();
  changed.meta["head"][changed.meta["head"].size() - 4] ^= 1;
  put(changed);
  EXPECT_LOCKED("the head in the database");
}

TEST_F(Recover, AMissingHeadLocks) {
  Dump changed = read();
  changed.meta.erase("head");
  put(changed);
  EXPECT_LOCKED("no head");
}

// SPEC REC-2
TEST_F(Recover, AMissingEntryLocks) {
  Dump changed = read();
  changed.entries.pop_back();
  put(changed);
  EXPECT_LOCKED("the number of entries");
}

TEST_F(Recover, AChangedLeafLocks) {
  Dump changed = read();
  changed.entries[2].leaf = changed.entries[3].leaf;
  put(changed);
  EXPECT_LOCKED("do not have the root");
}

// SPEC REC-3
TEST_F(Recover, AnOldRowPutBackLocksThoughItOpens) {
  world.restart();
  keys.reset();
  const Dump before =
      dump(store::Reader::open(world.core->data_directory().database(), world.core->keys().database()).value());
  EXPECT_TRUE(world.by_person(world.anna, RevokeFullmakt{fullmakt}).decision.is_permitted());
  world.stop();
  key_store = std::make_unique<store::KeyStore>(store::KeyStore::open(world.data() / "keys").value());
  keys = KeyRing::load(world.master(), *key_store).value();
  Dump changed = read();
  for (store::StateRow& row : changed.rows) {
    if (row.table != Fullmakt::kTable) continue;
    for (const store::StateRow& old : before.rows) {
      if (old.table == row.table && old.id == row.id) row = old;
    }
  }
  put(changed);
  EXPECT_LOCKED("the state rows are not those");
}

TEST_F(Recover, ARowUnderAnothersIdLocks) {
  Dump changed = read();
  changed.rows[0].id[0] ^= 1;
  sign_anew(changed, *keys);
  put(changed);
  EXPECT_LOCKED("a state row");
}

// SPEC REC-3: more rows than are opened together.
TEST_F(Recover, AnyRowOfManyThatDoesNotOpenLocks) {
  Dump many = read();
  {
    RowSealer sealer(*keys);
    const auto at =
        std::ranges::find_if(many.rows, [](const store::StateRow& row) { return row.table == FlikType::kTable; });
    const std::uint64_t version = at->version;
    const auto type = get<FlikType>(sealer.open({at->table, at->id, at->version, at->body}).value());
    for (int i = 0; i < 20'000; ++i) {
      FlikType another = type;
      another.code = "many-" + std::to_string(i);
      many.rows.push_back(sealer.seal(another, version).value());
    }
  }
  sign_anew(many, *keys);
  put(many);
  fs::remove(world.data() / "head");
  ASSERT_TRUE(store::HeadFile::create(world.data() / "head", many.meta["head"]));
  EXPECT_EQ(why_locked(), "");
  for (const std::size_t broken : {many.rows.size() - 1, many.rows.size() - 10'000, many.rows.size() - 19'999}) {
    keys.reset();
    key_store = std::make_unique<store::KeyStore>(store::KeyStore::open(world.data() / "keys").value());
    keys = KeyRing::load(world.master(), *key_store).value();
    Dump changed = many;
    changed.rows[broken].body.back() ^= 1;
    sign_anew(changed, *keys);
    put(changed);
    EXPECT_LOCKED("a state row of table 6");
  }
}

// SPEC REC-4
TEST_F(Recover, ADatabaseBehindTheHeadFileLocks) {
  const Dump old = read();
  key_store.reset();
  world.restart();
  EXPECT_TRUE(world.by_person(world.anna, RevokeFullmakt{fullmakt}).decision.is_permitted());
  world.stop();
  put(old);
  EXPECT_LOCKED("an older copy was put back");
}

TEST_F(Recover, AnotherHistoryThanTheHeadFilesLocks) {
  Dump changed = read();
  change_row<FlikType>(changed, *keys, [](FlikType& one) {
    one.name_sv = "annat";
    return true;
  });
  sign_anew(changed, *keys);
  put(changed);
  EXPECT_LOCKED("say different things");
}

TEST_F(Recover, ADatabaseAheadOfTheHeadFileOpens) {
  const Bytes head = read_file(world.data() / "head", 1 << 16).value();
  key_store.reset();
  world.restart();
  world.stop();
  ASSERT_TRUE(write_file_atomically(world.data() / "head", head));
  EXPECT_EQ(why_locked(), "");
}

// SPEC REC-5
TEST_F(Recover, AKeyThatIsNotInTheKeyStoreLocks) {
  ASSERT_TRUE(key_store->destroy(person_key_id(world.anna.actor.person)));
  const std::string why = why_locked();
  EXPECT_NE(why, "");
}

TEST_F(Recover, AnotherWrapThanTheRowsLocks) {
  store::KeySlot slot = key_store->find(system_key_id(kForbundLogKeyName)).value();
  ASSERT_TRUE(key_store->destroy(slot.id));
  slot.wrap = crypto::wrap(*master, keys->forbund_log(), crypto::WrapBinding{slot.id, slot.parent, slot.version});
  ASSERT_TRUE(key_store->put(slot)) << "the same key, wrapped once more";
  EXPECT_LOCKED("is not the one that the state knows");
}

TEST_F(Recover, WrapsOfShreddedAndOfUnknownKeysAreDestroyed) {
  key_store.reset();
  world.restart();
  const Bytes before = read_file(world.data() / "keys", 1 << 20).value();
  EXPECT_TRUE(world.by_two(Shred{ShredScope::document, {}, {}, document}).decision.is_permitted());
  const auto made = world.core->keys().make_person_keys(crypto::random_id<PersonId>(), crypto::random_id<KeyId>());
  ASSERT_TRUE(make_durable(world.core->keys(), made));
  world.stop();
  const auto slots = [&] { return store::KeyStore::open(world.data() / "keys").value().size(); };
  const std::size_t with_orphans = slots();
  EXPECT_EQ(why_locked(), "");
  EXPECT_EQ(slots(), with_orphans - 2);
  ASSERT_TRUE(write_file_atomically(world.data() / "keys", before)) << "the destroyed wrap comes back";
  const std::size_t restored = slots();
  EXPECT_EQ(why_locked(), "");
  EXPECT_EQ(slots(), restored - 1);
}

// SPEC REC-14, KST-9
TEST_F(Recover, ADatabaseAndItsHeadFilePutBackTogetherBeforeAKeyWasMadeLock) {
  key_store.reset();
  std::map<fs::path, Bytes> old;
  for (const char* name : {"rows.db", "head"}) old[name] = read_file(world.data() / name, 64 << 20).value();
  world.restart();
  world.deposit(world.anna, "journal", "newer");
  EXPECT_TRUE(world.by_person(world.anna, RevokeFullmakt{fullmakt}).decision.is_permitted());
  world.stop();
  std::map<fs::path, Bytes> newest;
  for (const char* name : {"rows.db", "head"}) newest[name] = read_file(world.data() / name, 64 << 20).value();
  const auto put_all = [&](const std::map<fs::path, Bytes>& files) {
    for (const char* name : {"rows.db-wal", "rows.db-shm"}) fs::remove(world.data() / name);
    for (const auto& [name, bytes] : files) ASSERT_TRUE(write_file_atomically(world.data() / name, bytes));
  };
  put_all(old);
  EXPECT_LOCKED("the database is behind the key store");
  put_all(newest);
  EXPECT_EQ(why_locked(), "") << "nothing was destroyed meanwhile";
}

// SPEC REC-12
TEST_F(Recover, ALockedGatewayDestroysNoWrap) {
  const auto stray = keys->make_person_keys(crypto::random_id<PersonId>(), crypto::random_id<KeyId>());
  ASSERT_TRUE(make_durable(*keys, stray));
  store::KeySlot slot = key_store->find(system_key_id(kForbundLogKeyName)).value();
  ASSERT_TRUE(key_store->destroy(slot.id));
  slot.wrap = crypto::wrap(*master, keys->forbund_log(), crypto::WrapBinding{slot.id, slot.parent, slot.version});
  ASSERT_TRUE(key_store->put(slot));
  const std::size_t before = key_store->size();
  EXPECT_LOCKED("is not the one that the state knows");
  EXPECT_EQ(store::KeyStore::open(world.data() / "keys").value().size(), before);
}

// SPEC REC-9
TEST_F(Recover, LeftoversAreSweptButNeverByALockedGateway) {
  const fs::path stray = world.data() / "objects" / "aa" / "aa0102030405060708090a0b0c0d0e0f";
  fs::create_directories(stray.parent_path());
  fs::permissions(stray.parent_path(), fs::perms::owner_all);
  ASSERT_TRUE(write_file_atomically(stray, as_bytes("x")));
  Dump changed = read();
  const Dump good = changed;
  changed.entries.pop_back();
  put(changed);
  EXPECT_LOCKED("the number of entries");
  EXPECT_TRUE(fs::exists(stray));
  keys.reset();
  key_store = std::make_unique<store::KeyStore>(store::KeyStore::open(world.data() / "keys").value());
  keys = KeyRing::load(world.master(), *key_store).value();
  put(good);
  EXPECT_EQ(why_locked(), "");
  EXPECT_FALSE(fs::exists(stray));
}

// SPEC REC-10
TEST_F(Recover, AnOpenReadingIsClosedAsInterrupted) {
  key_store.reset();
  world.restart();
  ASSERT_TRUE(world.open(world.handler, document));
  const Bytes head = read_file(world.data() / "head", 1 << 16).value();
  const Dump open =
      dump(store::Reader::open(world.core->data_directory().database(), world.core->keys().database()).value());
  EXPECT_TRUE(
      std::ranges::any_of(open.rows, [](const store::StateRow& row) { return row.table == kReadingRowsTable; }));
  world.stop();
  key_store = std::make_unique<store::KeyStore>(store::KeyStore::open(world.data() / "keys").value());
  keys = KeyRing::load(world.master(), *key_store).value();
  put(open);  // as a crash would leave it
  ASSERT_TRUE(write_file_atomically(world.data() / "head", head));
  key_store.reset();
  auto core = world.reopen();
  ASSERT_TRUE(core) << core.error().message;
  world.core = std::move(*core);
  world.ask(world.lead, ListCases{});
  const Dump after =
      dump(store::Reader::open(world.core->data_directory().database(), world.core->keys().database()).value());
  EXPECT_EQ(entries_of(after, world.core->keys(), audit::ActKind::close_reading, audit::Outcome::recorded).size(), 1u);
  EXPECT_TRUE(
      std::ranges::none_of(after.rows, [](const store::StateRow& row) { return row.table == kReadingRowsTable; }));
  EXPECT_EQ(world.verify().problems, std::vector<std::string>());
}

// SPEC ROW-7
TEST_F(Recover, AReadingInARowOfItsOwnLocks) {
  Dump changed = read();
  Reading reading;
  reading.id = crypto::random_id<ReadingId>();
  reading.document = document;
  reading.person = world.anna.actor.person;
  changed.rows.push_back(RowSealer(*keys).seal(reading, 1).value());
  sign_anew(changed, *keys);
  put(changed);
  EXPECT_LOCKED("a reading of its own row");
}

// ---- Open readings as whoever has the keys could have written them

class OpenReadingAtStartUp : public Recover {
protected:
  // One that is open, and a try in vain.
  OpenReadingAtStartUp() {
    key_store.reset();
    world.restart();
    world.bo = world.enrol(world.bo.number);
    EXPECT_FALSE(world.open(world.coach, document));
    EXPECT_TRUE(world.open(world.handler, document));
    const auto rows =
        store::Reader::open(world.core->data_directory().database(), world.core->keys().database()).value();
    told = dump(rows);
    Findings findings;
    const StateImage image = read_state_image(rows, world.core->keys(), findings).value();
    annas_log_key = image.state.find<Person>(world.anna.actor.person)->log_key_id;
    opening = entries_of(told, world.core->keys(), audit::ActKind::open_reading).back();
    refused = entries_of(told, world.core->keys(), audit::ActKind::open_reading, audit::Outcome::refused).back();
    signing = entries_of(told, world.core->keys(), audit::ActKind::sign_fullmakt).back();
    EXPECT_EQ(image.open_readings, (std::map<std::uint64_t, PersonId>{{opening, world.anna.actor.person}}));
    world.stop();
  }

  // The files as they were when the reading was open, but for this; digest, head and head file made anew to match.
  void lay(const std::function<void(Dump&)>& change) {
    keys.reset();
    key_store = std::make_unique<store::KeyStore>(store::KeyStore::open(world.data() / "keys").value());
    keys = KeyRing::load(world.master(), *key_store).value();
    Dump changed = told;
    change(changed);
    sign_anew(changed, *keys);
    put(changed);
    fs::remove(world.data() / "head");
    EXPECT_TRUE(store::HeadFile::create(world.data() / "head", changed.meta["head"]));
  }
  std::string why_locked_after(const std::function<void(Dump&)>& change) {
    lay(change);
    keys.reset();
    return why_locked();
  }
  std::string findings_after(const std::function<void(Dump&)>& change) {
    lay(change);
    const auto rows = store::Reader::open(world.data() / "rows.db", keys->database()).value();
    return to_text(to_json(verify_log(rows, *keys, VerifiedRows::live).value().problems));
  }

  // Changes
  std::function<void(Dump&)> row(Bytes key, Bytes plaintext) {
    return [this, key = std::move(key), plaintext = std::move(plaintext)](Dump& rows) {
      std::erase_if(rows.rows, [](const store::StateRow& one) { return one.table == kReadingRowsTable; });
      rows.rows.push_back(RowSealer(*keys).seal_own(kReadingRowsTable, key, opening, plaintext));
    };
  }
  std::function<void(Dump&)> row_of(std::uint64_t entry, const PersonId& person) {
    return row(key_of(entry), encode_open_readings(std::vector<OpenAtRest>{{entry, person}}));
  }
  std::function<void(Dump&)> sealed_row(const std::function<void(store::StateRow&)>& change) {
    return [change](Dump& rows) {
      for (store::StateRow& one : rows.rows) {
        if (one.table == kReadingRowsTable) change(one);
      }
    };
  }
  std::function<void(Dump&)> entry(const std::function<void(audit::ActPart&, audit::PersonPart&)>& change) {
    return [this, change](Dump& rows) {
      change_entry(
          rows, *keys, opening,
          {[&](UtcTime&, audit::ActPart& act, std::optional<audit::PersonPart>& about) { change(act, *about); },
           annas_log_key, 0});
    };
  }
  static Bytes key_of(std::uint64_t entry) { return std::move(ByteWriter().u64(entry)).take(); }

  struct Case {
    std::string what;
    std::function<void(Dump&)> change;
    std::string why;
  };
  void expect_locked(const std::vector<Case>& cases) {
    for (const Case& one : cases) {
      const std::string why = why_locked_after(one.change);
      EXPECT_NE(why.find("the gateway is locked: " + one.why), std::string::npos) << one.what << ": `" << why << "`";
    }
    EXPECT_EQ(why_locked_after([](Dump&) {}), "") << "as it was";
  }
  std::vector<Case> malformed_rows();

  Dump told;
  KeyId annas_log_key;
  std::uint64_t opening = 0;
  std::uint64_t refused = 0;
  std::uint64_t signing = 0;
};

// SPEC REC-10
TEST_F(OpenReadingAtStartUp, LocksWhenTheEntryThatItNamesOpenedNone) {
  const PersonId anna = world.anna.actor.person;
  const PersonId bo = world.bo.actor.person;
  const std::string opens_none = "log entry " + std::to_string(opening) + " opens no reading";
  expect_locked({
      {"another act of hers", row_of(signing, anna), "log entry " + std::to_string(signing) + " opens no reading"},
      {"a refused opening", row_of(refused, anna), "log entry " + std::to_string(refused) + " opens no reading"},
      {"an opening of another one's document", row_of(opening, bo), ""},
      {"of nobody who is there", row_of(opening, crypto::random_id<PersonId>()), "an open reading of nobody known"},
      {"an entry that is not there yet", row_of(told.entries.size(), anna), "there is no such log entry"},
      // One thing at a time is wrong with the entry itself.
      {"a closing", entry([](auto& act, auto&) { act.kind = audit::ActKind::close_reading; }), opens_none},
      {"refused", entry([](auto& act, auto&) { act.outcome = audit::Outcome::refused; }), opens_none},
      {"not decided", entry([](auto& act, auto&) { act.outcome = audit::Outcome::recorded; }), opens_none},
      {"about another", entry([&](auto&, auto& about) { about.person = bo; }), opens_none},
      {"of no reading", entry([](auto&, auto& about) { about.subject = audit::SubjectId(); }), opens_none},
  });
}

// SPEC ROW-7
std::vector<OpenReadingAtStartUp::Case> OpenReadingAtStartUp::malformed_rows() {
  const OpenAtRest right{opening, world.anna.actor.person};
  const OpenAtRest next{opening + 1, world.anna.actor.person};
  const auto of = [](const std::vector<OpenAtRest>& open) { return encode_open_readings(open); };
  const Bytes key = key_of(opening);
  const Bytes good = of({right});
  const Bytes longer = std::move(ByteWriter().bytes(good).u8(0)).take();
  const std::string makes_no_sense = "a row of open readings: a row of open readings makes no sense";
  return {
      {"nothing is open", row(key, {}), makes_no_sense},
      {"a byte is missing", row(key, Bytes(good.begin(), good.end() - 1)), makes_no_sense},
      {"a byte too many", row(key, longer), makes_no_sense},
      {"not in order", row(key, of({next, right})), makes_no_sense},
      {"twice", row(key, of({right, right})), makes_no_sense},
      {"before its key", row(key_of(opening + 1), good), makes_no_sense},
      {"of nobody", row(key, of({{opening, PersonId()}})), makes_no_sense},
      {"a short key", row(Bytes(key.begin(), key.end() - 1), good), makes_no_sense},
      {"a long key", row(std::move(ByteWriter().u64(opening).u8(0)).take(), good), makes_no_sense},
      {"an unknown form", sealed_row([](auto& one) { one.body[0] = 2; }), "a row of open readings: "},
      {"a person's", sealed_row([](auto& one) { one.body[16] = 1; }), "a row of open readings: "},
      {"cut short", sealed_row([](auto& one) { one.body.resize(16); }), "a row of open readings: "},
      {"another one's contents", sealed_row([](auto& one) { one.body.back() ^= 1; }), "a row of open readings: "},
      {"of another time", sealed_row([](auto& one) { ++one.version; }), "a row of open readings: "},
  };
}

// SPEC ROW-7
TEST_F(OpenReadingAtStartUp, LocksWhenItsRowIsNotOfItsForm) { expect_locked(malformed_rows()); }

// SPEC LVR-2, ROW-7
TEST_F(OpenReadingAtStartUp, TheVerifierFindsThatItsRowIsNotOfItsForm) {
  for (const Case& one : malformed_rows()) {
    const std::string found = findings_after(one.change);
    EXPECT_NE(found.find("a row of open readings "), std::string::npos) << one.what << ": " << found;
  }
  EXPECT_EQ(findings_after([](Dump&) {}), "[]") << "as it was";
}

// ---- Handles

// SPEC HND-1, HND-2, HND-3
TEST_F(Recover, AHandleIsTheSameForOneOrganisationAndAnotherForTheNext) {
  const std::string handle = handle_for(*keys, world.region, "20000229-2399", world.clock).value();
  EXPECT_EQ(handle, handle_for(*keys, world.region, "200002292399", world.clock).value());
  EXPECT_EQ(handle, handle_for(*keys, world.region, "0002292399", world.clock).value());
  EXPECT_NE(handle, handle_for(*keys, world.authority, "200002292399", world.clock).value());
  EXPECT_EQ(from_base64url(handle).value().size(), 28u);
  EXPECT_FALSE(handle_for(*keys, world.region, "200002292398", world.clock)) << "the check digit is wrong";
}

// SPEC HND-4, HND-5
TEST_F(Recover, AHandleOfAnotherOrganisationMeansNobody) {
  const std::string handle = handle_for(*keys, world.region, "200002292399", world.clock).value();
  EXPECT_EQ(resolve_handle(*keys, world.region, handle).value(), keys->blind_index("200002292399"));
  EXPECT_NE(resolve_handle(*keys, world.authority, handle).value(), keys->blind_index("200002292399"));
  EXPECT_FALSE(number_behind(*keys, world.authority, handle));
  EXPECT_EQ(resolve_handle(*keys, world.region, "AAAA").error().code, ErrorCode::malformed);
}

}  // namespace
}  // namespace flikvakt::service::test
