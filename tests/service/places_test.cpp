// Where people's newest entries are: nothing is lost by a crash, nothing stays of who was erased, and what was put back
// or changed is found.
#include "service/places.h"

#include <future>

#include "service/person_log.h"
#include "tests/service/rows_dump.h"
#include "tests/service/signed_world.h"

namespace flikvakt::service::test {
namespace {

using namespace policy;
namespace fs = std::filesystem;

Result<PersonLogPage> asked_for(SignedWorld& world, const Member& member, std::uint32_t limit, std::uint32_t page) {
  std::promise<Result<PersonLogPage>> promise;
  read_own_log(*world.core, member.actor, {limit, page}, [&](Result<PersonLogPage> r) { promise.set_value(r); });
  return promise.get_future().get();
}

PersonLogPage log_of(SignedWorld& world, const Member& member, std::uint32_t limit, std::uint32_t page) {
  return asked_for(world, member, limit, page).value();
}

// All pages, newest first; each reading of a page is an entry too, so the pages overlap and must agree.
std::vector<std::uint64_t> entries_of(SignedWorld& world, const Member& member) {
  std::set<std::uint64_t, std::greater<>> out;
  for (std::uint32_t page = 1;; ++page) {
    const PersonLogPage got = log_of(world, member, 7, page);
    for (const json::value& entry : got.entries) out.insert(entry.at("entry").to_number<std::uint64_t>());
    if (got.entries.size() < 7) return {out.begin(), out.end()};
  }
}

using Change = std::function<void(Dump&, const KeyRing&)>;

// The files as a crash would leave them now.
void stop_as_by_a_crash(SignedWorld& world) {
  const fs::path copy = world.folder.path() / "crashed";
  fs::copy(world.data(), copy, fs::copy_options::recursive);
  world.stop();
  fs::remove_all(world.data());
  fs::rename(copy, world.data());
}

// By somebody who has every key, while the gateway does not run: the head file too.
void change_rows(SignedWorld& world, const Change& change) {
  store::KeyStore key_store = store::KeyStore::open(world.data() / "keys").value();
  const auto keys = KeyRing::load(world.master(), key_store).value();
  Dump rows = dump(store::Reader::open(world.data() / "rows.db", keys->database()).value());
  change(rows, *keys);
  for (const char* name : {"rows.db-wal", "rows.db-shm", "head"}) fs::remove(world.data() / name);
  write(rows, world.data() / "rows.db", keys->database());
  ASSERT_TRUE(store::HeadFile::create(world.data() / "head", rows.meta["head"]));
}

// Start-up from what a crash left.
Result<std::unique_ptr<Core>> after_crash(SignedWorld& world, const Change& change = {}) {
  stop_as_by_a_crash(world);
  if (change) change_rows(world, change);
  return world.reopen();
}

void crash(SignedWorld& world) {
  auto opened = after_crash(world);
  ASSERT_TRUE(opened) << opened.error().message;
  world.core = std::move(*opened);
}

struct PlacesWorld : SignedWorld {
  PlacesWorld() {
    anna = enrol(anna.number);
    sign(anna);
    document = deposit(anna, "journal", "text");
  }
  void try_in_vain(int times) {
    for (int i = 0; i < times; ++i) EXPECT_FALSE(open(coach, document));
  }
  DocumentId document;
};

TEST(PersonsEntries, AreAllThereNewestFirstHoweverMany) {
  PlacesWorld world;
  world.try_in_vain(150);
  const std::vector<std::uint64_t> entries = entries_of(world, world.anna);
  EXPECT_GE(entries.size(), 150u);
  const std::uint64_t total = log_of(world, world.anna, 1, 1).total;
  EXPECT_GE(total, entries.size());
  const PersonLogPage oldest = log_of(world, world.anna, 1, static_cast<std::uint32_t>(total + 1));
  EXPECT_EQ(oldest.entries.front().at("kind"), "propose_key") << "the first thing that happened";
  EXPECT_TRUE(log_of(world, world.anna, 100, 100).entries.empty());
  EXPECT_EQ(world.verify().problems, std::vector<std::string>());
}

// SPEC REC-11, ROW-10
TEST(PersonsEntries, GoOnAfterACrashAndAfterAStop) {
  PlacesWorld world;
  const std::uint64_t before = log_of(world, world.anna, 1, 1).total;
  world.try_in_vain(70);
  crash(world);
  world.try_in_vain(70);
  crash(world);
  EXPECT_EQ(log_of(world, world.anna, 1, 1).total, before + 141);
  world.restart();
  world.try_in_vain(1);
  EXPECT_EQ(log_of(world, world.anna, 1, 1).total, before + 143);
  EXPECT_GE(entries_of(world, world.anna).size(), before + 142);
  EXPECT_EQ(world.verify().problems, std::vector<std::string>());
}

// SPEC REC-11: entries of full tiles too, which the root at start-up takes from the tiles.
TEST(PersonsEntries, AreLookedForInTheEntriesThatTheHeadIsAbout) {
  PlacesWorld world;
  const std::uint64_t first = world.core->sequencer().log_view().size;
  world.try_in_vain(300);
  auto opened = after_crash(world, [&](Dump& rows, const KeyRing&) { rows.entries[first + 3].leaf[20] ^= 1; });
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().message.find("the newest entries are not those"), std::string::npos)
      << opened.error().message;
}

// SPEC CHN-5
TEST(PersonsEntries, AreNotShownWhenALinkLeadsElsewhere) {
  PlacesWorld world;
  world.try_in_vain(20);
  world.restart();
  const std::uint64_t newest =
      world.core->sequencer().log_view().size - 2;  // before the start that has just been logged
  world.try_in_vain(1);
  auto opened = after_crash(world, [&](Dump& rows, const KeyRing&) {
    for (std::uint64_t i = newest - 10; i < newest; ++i) rows.entries[i].link = rows.entries[i + 1].link;
  });
  ASSERT_TRUE(opened) << opened.error().message;
  world.core = std::move(*opened);
  EXPECT_TRUE(asked_for(world, world.anna, 2, 1));
  EXPECT_EQ(asked_for(world, world.anna, 20, 1).error().code, ErrorCode::corrupt);
}

std::vector<Bytes> place_bodies(const Dump& rows, const KeyRing& keys) {
  RowSealer sealer(keys);
  std::vector<Bytes> out;
  for (const store::StateRow& row : rows.rows) {
    if (row.table != kPlaceTable) continue;
    out.push_back(sealer.open_own({row.table, row.id, row.version, row.body}).value());
  }
  return out;
}

bool is_named(const Dump& rows, const KeyRing& keys, const PersonId& person) {
  for (const Bytes& body : place_bodies(rows, keys)) {
    if (!std::ranges::search(body, person.value()).empty()) return true;
  }
  return false;
}

TEST(PersonsEntries, LeaveNoPlaceOfWhoWasErased) {
  PlacesWorld world;
  world.restart();  // stored by the stop
  const auto rows = [&] {
    return dump(store::Reader::open(world.core->data_directory().database(), world.core->keys().database()).value());
  };
  const PersonId anna = world.anna.actor.person;
  EXPECT_TRUE(is_named(rows(), world.core->keys(), anna));
  EXPECT_TRUE(world.by_two(Shred{ShredScope::person, {}, {}, {}}, world.anna.number).decision.is_permitted());
  EXPECT_FALSE(is_named(rows(), world.core->keys(), anna)) << "gone with the act itself";
  crash(world);
  EXPECT_FALSE(is_named(rows(), world.core->keys(), anna));
  EXPECT_EQ(world.verify().problems, std::vector<std::string>());
}

// The first row of places with somebody in it, opened, changed and sealed again.
void change_places(Dump& rows, const KeyRing& keys, const std::function<void(Bytes&)>& change) {
  RowSealer sealer(keys);
  for (store::StateRow& row : rows.rows) {
    if (row.table != kPlaceTable || row.id.empty()) continue;
    Bytes body = sealer.open_own({row.table, row.id, row.version, row.body}).value();
    if (body.empty()) continue;
    change(body);
    row = sealer.seal_own(row.table, row.id, row.version, body);
    return;
  }
  FAIL() << "there is no place to change";
}

std::string why_locked(PlacesWorld& world, const Change& change) {
  const auto opened = after_crash(world, change);
  return opened ? "it opens" : opened.error().message;
}

TEST(StoredPlaces, AnOldRowOfThemPutBackLocks) {
  PlacesWorld world;
  world.restart();
  const Dump old =
      dump(store::Reader::open(world.core->data_directory().database(), world.core->keys().database()).value());
  world.try_in_vain(3);
  world.restart();
  const std::string why = why_locked(world, [&](Dump& rows, const KeyRing&) {
    for (store::StateRow& row : rows.rows) {
      if (row.table != kPlaceTable || row.id.empty()) continue;
      for (const store::StateRow& was : old.rows) {
        if (was.table == row.table && was.id == row.id) row = was;
      }
    }
  });
  EXPECT_NE(why.find("the state rows are not those"), std::string::npos) << why;
}

// SPEC ROW-8, ROW-9
TEST(StoredPlaces, OneOfNobodyLocks) {
  PlacesWorld world;
  world.restart();
  const std::string why = why_locked(world, [](Dump& rows, const KeyRing& keys) {
    change_places(rows, keys, [](Bytes& body) { body[15] ^= 1; });
    sign_anew(rows, keys);
  });
  EXPECT_NE(why.find("a place of somebody who is not there"), std::string::npos) << why;
}

TEST(StoredPlaces, OneOfAnotherGroupLocks) {
  PlacesWorld world;
  world.restart();
  const std::string why = why_locked(world, [](Dump& rows, const KeyRing& keys) {
    change_places(rows, keys, [](Bytes& body) { body[0] ^= 0x80; });
    sign_anew(rows, keys);
  });
  EXPECT_NE(why.find("a row of places"), std::string::npos) << why;
}

// ---- Rows that are not of their form

Change with_places(std::function<void(Bytes&)> change) {
  return [change = std::move(change)](Dump& rows, const KeyRing& keys) { change_places(rows, keys, change); };
}

Change with_row(Bytes key, Bytes body) {
  return [key = std::move(key), body = std::move(body)](Dump& rows, const KeyRing& keys) {
    std::erase_if(rows.rows, [&](const store::StateRow& row) { return row.table == kPlaceTable && row.id == key; });
    rows.rows.push_back(RowSealer(keys).seal_own(kPlaceTable, key, rows.entries.size(), body));
  };
}

Change with_stored_row(std::function<void(store::StateRow&)> change) {
  return [change = std::move(change)](Dump& rows, const KeyRing&) {
    const auto row = std::ranges::find_if(
        rows.rows, [](const store::StateRow& one) { return one.table == kPlaceTable && !one.id.empty(); });
    ASSERT_NE(row, rows.rows.end());
    change(*row);
  };
}

// Two people of one group, of whom one is there: `record` is theirs.
void add_neighbour(Bytes& record, const std::function<bool(BytesView, BytesView)>& comes_first) {
  Bytes other = record;
  other[15] ^= 1;
  if (comes_first(other, record)) std::swap(other, record);
  record.insert(record.end(), other.begin(), other.end());
}
bool is_before(BytesView a, BytesView b) { return std::ranges::lexicographical_compare(a, b); }
bool is_behind(BytesView a, BytesView b) { return is_before(b, a); }

struct Malformed {
  std::string what;
  Change change;
};

// Each breaks one thing of ROW-8 or ROW-9 that a reader of the row alone can see.
std::vector<Malformed> malformed_places() {
  const auto twice = [](Bytes& body) {
    const Bytes once = body;
    body.insert(body.end(), once.begin(), once.end());
  };
  return {
      {"a key of one byte", with_row({0}, {})},
      {"a key of three bytes", with_row({0, 0, 0}, {})},
      {"a byte is missing", with_places([](Bytes& body) { body.pop_back(); })},
      {"a byte too many", with_places([](Bytes& body) { body.push_back(0); })},
      {"somebody twice", with_places(twice)},
      {"not by ascending id", with_places([](Bytes& body) { add_neighbour(body, is_behind); })},
      {"somebody of another group", with_places([](Bytes& body) { body[0] ^= 0x80; })},
      {"somebody without an entry", with_places([](Bytes& body) { std::fill_n(body.begin() + 16, 8, 0); })},
      {"nothing in the row with the empty key", with_row({}, {})},
      {"a byte is missing in the row with the empty key", with_row({}, Bytes(7))},
      {"a byte too many in the row with the empty key", with_row({}, Bytes(9))},
      {"an unknown form", with_stored_row([](store::StateRow& row) { row.body[0] = 2; })},
      {"a person's row", with_stored_row([](store::StateRow& row) { row.body[16] = 1; })},
      {"a body cut short", with_stored_row([](store::StateRow& row) { row.body.resize(16); })},
      {"contents of another row", with_stored_row([](store::StateRow& row) { row.body.back() ^= 1; })},
      {"a row as of another size", with_stored_row([](store::StateRow& row) { --row.version; })},
  };
}

Change group_that_does_not_exist() { return with_row({4, 0}, {}); }  // 1024

// SPEC ROW-8, ROW-9
TEST(StoredPlaces, ARowThatIsNotOfItsFormLocksAndAnEmptyGroupDoesNot) {
  PlacesWorld world;
  world.restart();
  stop_as_by_a_crash(world);
  Dump told;
  change_rows(world, [&](Dump& rows, const KeyRing&) { told = rows; });
  const auto why_locked_after = [&](const Change& change) {
    change_rows(world, [&](Dump& rows, const KeyRing& keys) {
      rows = told;
      change(rows, keys);
      sign_anew(rows, keys);
    });
    const auto opened = world.reopen();
    return opened ? "it opens" : opened.error().message;
  };
  std::vector<Malformed> cases = malformed_places();
  cases.push_back({"a group that does not exist", group_that_does_not_exist()});
  for (const Malformed& one : cases) {
    const std::string why = why_locked_after(one.change);
    EXPECT_NE(why.find("the gateway is locked: a row of places: "), std::string::npos) << one.what << ": " << why;
  }
  const auto in_order = with_places([](Bytes& body) { add_neighbour(body, is_before); });
  EXPECT_NE(why_locked_after(in_order).find("somebody who is not there"), std::string::npos) << "its form is right";
  const auto later = with_row({}, std::move(ByteWriter().u64(told.entries.size() + 1)).take());
  EXPECT_NE(why_locked_after(later).find("places are of more entries than there are"), std::string::npos);

  const auto empty_group = [](Dump& rows, const KeyRing& keys) {
    Bytes group = {0, 0};
    const auto is_there = [&](const store::StateRow& row) { return row.table == kPlaceTable && row.id == group; };
    while (std::ranges::any_of(rows.rows, is_there)) ++group[1];
    with_row(group, {})(rows, keys);
  };
  EXPECT_EQ(why_locked_after(empty_group), "it opens");
}

// What the verifier says of changed rows, with digest, head and checkpoint made anew to match.
std::string findings_of(SignedWorld& world, Dump rows, const Change& change) {
  const KeyRing& keys = world.core->keys();
  change(rows, keys);
  sign_anew(rows, keys);
  const fs::path path = world.folder.path() / ("changed-" + crypto::random_id<ActId>().text());
  write(rows, path, keys.database());
  const auto reader = store::Reader::open(path, keys.database()).value();
  return to_text(to_json(verify_log(reader, keys, VerifiedRows::live).value().problems));
}

// SPEC LVR-22
TEST(StoredPlaces, TheVerifierFindsARowThatIsNotOfItsForm) {
  PlacesWorld world;
  world.restart();
  const Dump told =
      dump(store::Reader::open(world.core->data_directory().database(), world.core->keys().database()).value());
  EXPECT_EQ(findings_of(world, told, [](Dump&, const KeyRing&) {}), "[]");
  for (const Malformed& one : malformed_places()) {
    const std::string found = findings_of(world, told, one.change);
    EXPECT_NE(found.find("a row of places: "), std::string::npos) << one.what << ": " << found;
  }
}

// SPEC LVR-22
TEST(StoredPlaces, TheVerifierFindsAGroupThatDoesNotExist) {
  PlacesWorld world;
  const Dump told =
      dump(store::Reader::open(world.core->data_directory().database(), world.core->keys().database()).value());
  EXPECT_NE(findings_of(world, told, group_that_does_not_exist()).find("a row of places: "), std::string::npos);
}

// SPEC LVR-22
TEST(StoredPlaces, TheVerifierComparesThemWithTheEntries) {
  PlacesWorld world;
  world.try_in_vain(2);
  world.restart();
  world.try_in_vain(2);
  const Dump told =
      dump(store::Reader::open(world.core->data_directory().database(), world.core->keys().database()).value());
  const KeyRing& keys = world.core->keys();
  const auto finds = [&](const std::function<void(Dump&)>& change) {
    return findings_of(world, told, [&](Dump& rows, const KeyRing&) { change(rows); });
  };
  EXPECT_EQ(finds([](Dump&) {}), "[]");
  const std::string elsewhere = "a person's place is not where their newest entry was";
  const auto changed = [&](std::size_t at) {
    return finds([&](Dump& rows) { change_places(rows, keys, [&](Bytes& body) { body[at] ^= 1; }); });
  };
  EXPECT_NE(changed(23).find(elsewhere), std::string::npos) << "another count";
  EXPECT_NE(changed(29).find(elsewhere), std::string::npos) << "another index";
  EXPECT_NE(changed(15).find("a place of somebody who is not there"), std::string::npos);
  EXPECT_NE(finds([](Dump& rows) {
              std::erase_if(rows.rows, [](const auto& row) { return row.table == kPlaceTable && !row.id.empty(); });
            }).find(elsewhere),
            std::string::npos)
      << "none at all";
  const auto as_of = [&](std::uint64_t version) {
    return finds([&](Dump& rows) {
      RowSealer sealer(keys);
      for (store::StateRow& row : rows.rows) {
        if (row.table != kPlaceTable || row.id.empty()) continue;
        const Bytes body = sealer.open_own({row.table, row.id, row.version, row.body}).value();
        row = sealer.seal_own(row.table, row.id, version, body);
      }
    });
  };
  EXPECT_NE(as_of(told.entries.size()).find(elsewhere), std::string::npos) << "as of later than it is";
  EXPECT_NE(as_of(told.entries.size() + 1).find("of more entries than there are"), std::string::npos);
}

// ---- The rows that are due

struct Round : ::testing::Test {
  Round() : sealer(world.core->keys()) {
    for (int i = 0; i < 3000; ++i) people.push_back(crypto::random_id<PersonId>());
  }
  // One batch of one entry of somebody.
  void entry_of(const PersonId& person) {
    const Places::Place* place = places.find(person);
    places.put(person, {place ? place->count + 1 : 1, {}});
    truth[person].push_back(size++);
    store_rows();
  }
  void store_rows() {
    const std::vector<store::StateRow> rows = places.rows_to_write(sealer, size);
    most_rows = std::max(most_rows, rows.size());
    for (const store::StateRow& row : rows) stored[row.id] = row;
    places.commit();
  }
  Places loaded() {
    Places out;
    for (const auto& [id, row] : stored) EXPECT_TRUE(out.load({row.table, row.id, row.version, row.body}, sealer));
    return out;
  }

  World world;
  RowSealer sealer;
  Places places;
  std::vector<PersonId> people;
  std::map<PersonId, std::vector<std::uint64_t>> truth;
  std::map<Bytes, store::StateRow> stored;
  std::uint64_t size = 0;
  std::size_t most_rows = 0;
};

// SPEC ROW-10
TEST_F(Round, StoresAFewRowsAtATimeAndEverybodyInTheEnd) {
  for (int i = 0; i < 400'000; ++i) {
    entry_of(people[static_cast<std::size_t>(i) * 7919 % people.size()]);
    if (i % 40'000 != 39'999) continue;
    const Places read = loaded();
    EXPECT_GE(read.complete_to() + 2 * 131'072, size) << "start-up must not have more to look through";
    for (const auto& [person, entries] : truth) {
      const auto known = std::ranges::lower_bound(entries, read.complete_to()) - entries.begin();
      const Places::Place* place = read.find(person);
      ASSERT_GE(place ? place->count : 0, static_cast<std::uint64_t>(known))
          << "an entry before complete_to() is not in";
    }
  }
  EXPECT_LE(most_rows, 2u);
}

TEST_F(Round, ABatchThatIsDroppedLeavesEverythingAsItWas) {
  entry_of(people[0]);
  places.put(people[0], {2, {}});
  places.put(people[1], {1, {}});
  places.erase(people[0]);
  places.put(people[0], {3, {}});
  EXPECT_EQ(places.find(people[0]), nullptr) << "who was erased does not come back in the same batch";
  places.write_all_next();
  EXPECT_GE(places.rows_to_write(sealer, size + 3).size(), 2u);
  places.drop();
  ASSERT_NE(places.find(people[0]), nullptr);
  EXPECT_EQ(places.find(people[0])->count, 1u);
  EXPECT_EQ(places.find(people[1]), nullptr);
  EXPECT_EQ(places.complete_to(), 0u);
  EXPECT_TRUE(places.rows_to_write(sealer, size + 1).empty()) << "all at once only if there was room";
}

// Its twin is below: what a batch that commits writes is not written again.
TEST_F(Round, WhatADroppedBatchWouldHaveStoredIsStoredWithALaterOne) {
  for (std::size_t i = 0; i < 50; ++i) entry_of(people[i]);
  places.write_all_next();
  const std::size_t rows = places.rows_to_write(sealer, size).size();
  EXPECT_GE(rows, 2u);
  places.drop();
  EXPECT_EQ(places.complete_to(), 0u);
  places.write_all_next();
  EXPECT_EQ(places.rows_to_write(sealer, size).size(), rows);
  store_rows();
  const Places read = loaded();
  EXPECT_EQ(read.complete_to(), size);
  for (std::size_t i = 0; i < 50; ++i) EXPECT_NE(read.find(people[i]), nullptr);
}

TEST_F(Round, WhatACommittedBatchStoredIsNotStoredAgain) {
  for (std::size_t i = 0; i < 50; ++i) entry_of(people[i]);
  places.write_all_next();
  store_rows();
  entry_of(people[0]);
  places.write_all_next();
  EXPECT_EQ(places.rows_to_write(sealer, size).size(), 2u) << "the group that changed, and how far all are complete";
}

TEST_F(Round, WhatIsWrittenAtOnceIsComplete) {
  for (int i = 0; i < 3000; ++i) entry_of(people[static_cast<std::size_t>(i)]);
  places.write_all_next();
  store_rows();
  const Places read = loaded();
  EXPECT_EQ(read.complete_to(), size);
  std::size_t count = 0;
  read.for_each([&](const PersonId&, const Places::Place&) { ++count; });
  EXPECT_EQ(count, 3000u);
}

}  // namespace
}  // namespace flikvakt::service::test
