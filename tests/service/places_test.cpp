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
  read_own_log(*world.core, member.actor, limit, page, [&](Result<PersonLogPage> r) { promise.set_value(r); });
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

// The files as a crash would leave them now, and start-up from them.
Result<std::unique_ptr<Core>> after_crash(SignedWorld& world,
                                          const std::function<void(Dump&, const KeyRing&)>& change = {}) {
  const fs::path copy = world.folder.path() / "crashed";
  fs::copy(world.data(), copy, fs::copy_options::recursive);
  world.stop();
  fs::remove_all(world.data());
  fs::rename(copy, world.data());
  if (change) {
    store::KeyStore key_store = store::KeyStore::open(world.data() / "keys").value();
    const auto keys = KeyRing::load(world.master(), key_store).value();
    Dump rows = dump(store::Reader::open(world.data() / "rows.db", keys->database()).value());
    change(rows, *keys);
    for (const char* name : {"rows.db-wal", "rows.db-shm"}) fs::remove(world.data() / name);
    write(rows, world.data() / "rows.db", keys->database());
  }
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

std::string why_locked(PlacesWorld& world, const std::function<void(Dump&, const KeyRing&)>& change) {
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
    Dump rows = told;
    change(rows);
    sign_anew(rows, keys);
    const fs::path path = world.folder.path() / ("changed-" + crypto::random_id<ActId>().text());
    write(rows, path, keys.database());
    const auto reader = store::Reader::open(path, keys.database()).value();
    return to_text(to_json(verify_log(reader, keys, VerifiedRows::live).value().problems));
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
