// P1, P2: thousands of times somebody takes access away while somebody reads. The server's own order of sends and
// acknowledgements (races_trace.h) says whether one send came too late; what the clients received says the rest.
// FLIKVAKT_SEED gives a seed, FLIKVAKT_RACES a number of races; FLIKVAKT_LONG plays a hundred times as many.
#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <cstdlib>
#include <future>
#include <iostream>
#include <thread>

#include "base/files.h"
#include "service/person_log.h"
#include "tests/gateway/races_lane.h"

namespace flikvakt::gateway::test {
namespace {

#ifdef __SANITIZE_THREAD__
constexpr std::size_t kRaces = 500;
constexpr std::size_t kLanes = 3;
constexpr std::size_t kLongest = 4u << 20;
#else
constexpr std::size_t kRaces = 1000;
constexpr std::size_t kLanes = 6;
constexpr std::size_t kLongest = 16u << 20;
#endif
constexpr unsigned kSlowOneIn = 64;           // sends
constexpr std::size_t kLargest = 100u << 20;  // in the long run
constexpr std::size_t kRacesOfAWorld = 2000;  // then its log is long, and its people have many fullmakter
const std::vector<std::size_t> kSizes{4096, 65536, 1u << 20, kLongest};

std::uint64_t number_from(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text && *text ? std::strtoull(text, nullptr, 10) : otherwise;
}

bool is_long() {
  const char* text = std::getenv("FLIKVAKT_LONG");
  return text && std::string_view(text) == "1";
}

struct OwnLog {
  std::uint64_t opened = 0;
  std::uint64_t closed = 0;
  std::uint64_t bytes = 0;  // of closing entries
};

// The whole log of a person, as the person sees it. Each look at it is an entry that moves the others on by one.
OwnLog read_whole_log(RaceWorld& world, const LanePeople& lane) {
  std::map<std::int64_t, json::object> entries;
  for (std::uint32_t page = 1;; ++page) {
    std::promise<Result<service::PersonLogPage>> promise;
    service::read_own_log(*world.api.core, world.person(lane), {service::kMostLogEntries, page},
                          [&](Result<service::PersonLogPage> found) { promise.set_value(std::move(found)); });
    const service::PersonLogPage found = promise.get_future().get().value();
    for (const json::value& entry : found.entries)
      entries[entry.at("entry").to_number<std::int64_t>()] = entry.as_object();
    if (found.entries.size() < service::kMostLogEntries) break;
  }
  OwnLog out;
  for (const auto& [index, entry] : entries) {
    const bool is_permitted = entry.at("outcome") == "permitted";
    if (entry.at("kind") == "open_reading" && is_permitted) ++out.opened;
    if (entry.at("kind") != "close_reading") continue;
    ++out.closed;
    if (const json::value* bytes = entry.if_contains("bytes")) out.bytes += bytes->to_number<std::uint64_t>();
  }
  return out;
}

// Every byte that the server's sends carried is in a closing entry of the log, and no other.
void expect_log_tells_all(RaceWorld& world, const LanePeople& lane, const RaceCounts& counts) {
  OwnLog log = read_whole_log(world, lane);
  for (int i = 0; i < 100 && log.opened != log.closed; ++i) {
    std::this_thread::sleep_for(20ms);
    log = read_whole_log(world, lane);
  }
  EXPECT_EQ(log.opened, log.closed) << "every reading is closed";
  EXPECT_GE(log.opened, counts.readings);
  EXPECT_EQ(log.bytes, counts.document_bytes) << "what the log says went out is what went out";
}

RaceCounts play(std::size_t races, std::uint64_t seed, std::size_t largest) {
  RaceWorld world(kLanes, kSizes, largest);
  std::vector<std::unique_ptr<RaceLane>> lanes;
  for (std::size_t i = 0; i < kLanes; ++i) {
    lanes.push_back(std::make_unique<RaceLane>(world, *world.lanes[i], i, seed * 1000 + i));
  }
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < kLanes; ++i) {
    threads.emplace_back([&, i] { lanes[i]->run(races / kLanes + (i < races % kLanes ? 1 : 0)); });
  }
  for (std::thread& thread : threads) thread.join();
  RaceCounts counts;
  for (std::size_t i = 0; i < kLanes; ++i) {
    counts.add(lanes[i]->counts);
    expect_log_tells_all(world, *world.lanes[i], lanes[i]->counts);
  }
  return counts;
}

class Races : public testing::Test {
protected:
  Races() { spdlog::set_level(spdlog::level::err); }
  ~Races() override { spdlog::set_level(before_); }

  const spdlog::level::level_enum before_ = spdlog::get_level();
  Recording recording_{kSlowOneIn};
};

// SPEC API-64, API-65, TLS-22, TLS-23
TEST_F(Races, NoSendOfAReadingComesAfterTheAcknowledgementOfWhatEndedIt) {
  const std::uint64_t seed = number_from("FLIKVAKT_SEED", 20261122);
  const std::size_t races = number_from("FLIKVAKT_RACES", is_long() ? 100 * kRaces : kRaces);
  std::cout << "seed " << seed << ", " << races << " races in " << kLanes << " lanes" << std::endl;
  const auto began = std::chrono::steady_clock::now();
  RaceCounts counts;
  for (std::size_t world = 0; counts.races < races && counts.faults.empty(); ++world) {
    const std::size_t largest = is_long() && world == 0 ? kLargest : 0;
    counts.add(play(std::min(kRacesOfAWorld, races - counts.races), seed + world, largest));
    const auto seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    std::cout << counts << "  " << seconds << " s" << std::endl;
  }
  for (const std::string& fault : counts.faults) ADD_FAILURE() << fault;
  EXPECT_EQ(counts.races, races);
  EXPECT_GE(counts.cut * 3, counts.races) << "too few races meet a running transfer: nothing is tested";
  for (std::size_t i = 0; i < kNarrowings; ++i) {
    EXPECT_TRUE(counts.of_kind[i] < 10 || counts.cut_of_kind[i] > 0) << kinds()[i].name << " never cut a transfer";
  }
}

// The checks themselves.

TEST(RaceTrace, ASendThatBeginsOrIsInFlightAfterTheAcknowledgementIsFound) {
  const auto sends = [](std::initializer_list<std::pair<Stamp, Stamp>> all) {
    std::vector<SendEvent> out;
    for (const auto& [began, ended] : all) out.push_back({began, ended, 100, {}});
    return out;
  };
  EXPECT_TRUE(late_sends(sends({{1, 2}, {5, 9}}), 10).empty());
  EXPECT_EQ(late_sends(sends({{1, 2}, {11, 12}}), 10).size(), 1u) << "begins after it";
  EXPECT_EQ(late_sends(sends({{1, 2}, {9, 11}}), 10).size(), 1u) << "is in flight at it";
  EXPECT_EQ(late_sends(sends({{1, 2}, {9, 0}}), 10).size(), 1u) << "has not returned at all";
}

TEST(RaceTrace, WhatWasSentToAConnectionStaysItsOwnWhenItsPortsComeRoundAgain) {
  begin_client(1, 2);
  ServerSends* const first = find_client(1, 2);
  first->end(first->begin(), 100);
  begin_client(1, 2);
  ServerSends* const second = find_client(1, 2);
  second->end(second->begin(), 7);
  EXPECT_EQ(first->bytes(), 100u);
  EXPECT_EQ(first->take().size(), 1u);
  EXPECT_EQ(second->bytes(), 7u);
}

TEST(RaceTrace, OnlyAWholeSyncOfADatabaseLogBetweenTheTwoCounts) {
  Recording recording;
  const std::filesystem::path folder = std::filesystem::temp_directory_path();
  const auto sync = [&](const std::string& name) {
    const FileDescriptor file = open_file(folder / name, O_CREAT | O_RDWR).value();
    EXPECT_TRUE(sync_file(file.get()));
    std::filesystem::remove(folder / name);
  };
  const std::string own = "flikvakt-races-" + std::to_string(::getpid());
  const Stamp before = next_stamp();
  sync(own + "-wal");
  const Stamp after = next_stamp();
  EXPECT_TRUE(is_synced_between(before, after));
  EXPECT_FALSE(is_synced_between(after, next_stamp())) << "it was too early";
  EXPECT_FALSE(is_synced_between(before, before + 2)) << "it ended too late";
  sync(own + "-other");
  EXPECT_FALSE(is_synced_between(after, next_stamp())) << "another file";
}

// A transfer that goes on after an acknowledgement, seen with the very checks of the races.
TEST_F(Races, ATransferThatTheActDoesNotConcernIsSeenToGoOnAfterIt) {
  RaceWorld world(1, kSizes, 0);
  RaceLane lane(world, *world.lanes[0], 0, 1);
  lane.race_with_the_wrong_fullmakt();
  const auto tells = [&](const std::string& what) {
    return std::ranges::any_of(lane.counts.faults, [&](const std::string& one) { return one.find(what) != one.npos; });
  };
  EXPECT_TRUE(tells("after the acknowledgement: "));
  EXPECT_TRUE(tells("bytes came after the acknowledgement"));
  EXPECT_TRUE(tells("a new reading was permitted"));
  EXPECT_EQ(lane.counts.cut, 0u);
}

}  // namespace
}  // namespace flikvakt::gateway::test
