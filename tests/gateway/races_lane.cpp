#include "tests/gateway/races_lane.h"

#include <algorithm>

namespace flikvakt::gateway::test {

using namespace policy;

namespace {

constexpr std::size_t kMostFaults = 20;

}  // namespace

RaceLane::RaceLane(RaceWorld& world, LanePeople& people, std::size_t number, std::uint64_t seed)
    : world_(world), people_(people), number_(number), random_(seed) {
  for (const Path path : {Path::organisation, Path::team, Path::provider, Path::bystander}) {
    sign(path, world_.api.now + 24h * 90);
  }
}

void RaceLane::run(std::size_t races) {
  for (std::size_t i = 0; i < races && counts.faults.size() < kMostFaults; ++i) {
    const Plan plan = make_plan();
    path_ = plan.path;
    race(plan);
    restore(plan);
  }
}

void RaceLane::race_with_the_wrong_fullmakt() {
  Plan plan{};
  plan.narrowing = Narrowing::revoke_fullmakt;
  plan.path = Path::team;
  plan.moment = Moment::after_head;
  plan.size = people_.documents.rbegin()->first;
  plan.connections = 1;
  plan.reads_on = true;
  path_ = Path::organisation;
  race(plan);
}

std::size_t RaceLane::any_size() {
  const std::uint64_t at = below(1000);
  std::vector<std::size_t> sizes;
  for (const auto& [size, document] : people_.documents) sizes.push_back(size);
  if (sizes.size() > 4 && at < 5) return sizes[4];
  return at < 80 ? sizes[0] : at < 160 ? sizes[1] : at < 940 ? sizes[2] : sizes[3];
}

RaceLane::Plan RaceLane::make_plan() {
  unsigned total = 0;
  for (const Kind& kind : kinds()) total += kind.weight;
  std::uint64_t left = below(total);
  std::size_t chosen = 0;
  while (left >= kinds()[chosen].weight) left -= kinds()[chosen++].weight;
  const Kind& kind = kinds()[chosen];

  Plan plan{};
  plan.narrowing = kind.narrowing;
  plan.path = kind.paths[below(kind.paths.size())];
  plan.size = any_size();
  const std::uint64_t moment = below(100);
  plan.moment = moment < 7    ? Moment::act_first
                : moment < 20 ? Moment::together
                : moment < 40 ? Moment::after_head
                : moment < 65 ? Moment::mid_body
                : moment < 73 ? Moment::near_end
                              : Moment::stalled;
  const std::uint64_t connections = below(100);
  plan.connections = connections < 65 ? 1 : connections < 85 ? 2 : connections < 95 ? 3 + below(2) : 5 + below(4);
  plan.ranges = chance(15) && plan.size > 65536;
  plan.whole_ranges = plan.ranges && plan.connections > 1 && chance(50);
  plan.slow = chance(15);
  plan.reads_on = plan.moment != Moment::stalled && chance(50);
  if (plan.whole_ranges && chance(50)) plan.moment = Moment::near_end;
  plan.fraction = static_cast<double>(below(1000)) / 1000;
  plan.pause = std::chrono::microseconds(chance(50) ? 0 : below(400));
  plan.over_tls_again = chance(8);
  plan.life = std::chrono::milliseconds(20 + below(40)) * kSlowness;
  if (is_timed(plan.narrowing)) {  // it has to be running when the time comes
    plan.size = std::max<std::size_t>(plan.size, 1u << 20);
    plan.moment = Moment::stalled;
  }
  plan.bystander = chance(5) && plan.narrowing != Narrowing::set_sparr;
  const Kind& other = kinds()[below(kinds().size())];
  const bool fits = std::ranges::find(other.paths, plan.path) != other.paths.end();
  const bool is_apart = other.by == By::person || other.by != kind.by;
  const bool can = other.by != By::gateway && kind.by != By::gateway;
  if (fits && is_apart && can && other.narrowing != kind.narrowing && chance(40)) plan.second = other.narrowing;
  if (plan.second == Narrowing::set_sparr) plan.bystander = false;
  return plan;
}

void RaceLane::race(const Plan& plan) {
  what_ = "lane " + std::to_string(number_) + ", race " + std::to_string(counts.races) + ", " +
          std::string(kind_of(plan.narrowing).name) +
          (plan.second ? " and " + std::string(kind_of(*plan.second).name) : "") + ", moment " +
          std::to_string(static_cast<int>(plan.moment)) + ", " + std::to_string(plan.size) + " bytes over " +
          std::to_string(plan.connections) + (plan.ranges ? ", ranges" : "") + (plan.whole_ranges ? " of all" : "") +
          (plan.slow ? ", slow" : "");
  ++counts.races;
  ++counts.of_kind[static_cast<std::size_t>(plan.narrowing)];
  if (plan.second) ++counts.two_acts;
  auto acknowledgement = std::make_shared<Acknowledgement>();
  std::vector<Reader> readers;
  if (plan.narrowing == Narrowing::apply_crl) {
    fresh_ = world_.fresh_certificate(*people_.authority, "fresh" + std::to_string(number_));
  }
  connect(plan, readers);
  if (is_timed(plan.narrowing)) give_for_a_while(plan);
  for (const Reader& reader : readers) acknowledgement->descriptors.push_back(reader.client->descriptor());
  if (plan.ranges) open_for_ranges(plan, readers);
  if (plan.moment == Moment::act_first) fire(plan, acknowledgement);
  ask(plan, readers);
  if (plan.moment != Moment::act_first) {
    read_until_moment(plan, readers);
    fire(plan, acknowledgement);
  }
  wait_for_end(plan, readers, acknowledgement);
  judge(plan, readers, *acknowledgement);
}

void RaceLane::give_for_a_while(const Plan& plan) {
  seen_ = consent_version();
  runs_out_ = world_.api.clock.wall() + plan.life;
  if (plan.narrowing == Narrowing::expiry) return sign(Path::expiring, runs_out_);
  world_.must(world_.api.administrators[0], EndKontrakt{people_.kontrakt});  // only the brief one counts
  auto life = plan.life;
  do {  // on a busy machine it may have run out before it is registered
    runs_out_ = world_.api.clock.wall() + life;
    life *= 2;
  } while (!world_.tries_kontrakt(people_, runs_out_) && life < kPatience);
  sign(Path::provider, world_.api.now + 24h * 90);
}

void RaceLane::restore(const Plan& plan) {
  const bool needs_fullmakt = ends_fullmakt(plan.narrowing) || (plan.second && ends_fullmakt(*plan.second));
  const auto changes_consent = [&](std::optional<Narrowing> narrowing) {
    return narrowing &&
           (ends_fullmakt(*narrowing) || narrowing == Narrowing::set_sparr || narrowing == Narrowing::pause_fullmakt);
  };
  seen_ += (changes_consent(plan.narrowing) ? 1 : 0) + (changes_consent(plan.second) ? 1 : 0);
  // Administrators first: who is suspended gives nothing back.
  const bool is_second_first = plan.second && kind_of(*plan.second).by == By::administrator;
  if (is_second_first) restore_one(*plan.second, needs_fullmakt);
  restore_one(plan.narrowing, needs_fullmakt);
  if (plan.second && !is_second_first) restore_one(*plan.second, needs_fullmakt);
  const auto is = [&](Narrowing narrowing) { return plan.narrowing == narrowing || plan.second == narrowing; };
  const bool new_kontrakt = is(Narrowing::end_kontrakt) || is(Narrowing::lapse);
  if (needs_fullmakt || new_kontrakt) sign(plan.path, world_.api.now + 24h * 90);
  // Their certificate did not count for a while: the server closes them, sooner or later.
  if (is(Narrowing::suspend_organisation) || is(Narrowing::suspend_certificate)) idle_.clear();
  fresh_.reset();
  reading_.clear();
}

void RaceLane::restore_one(Narrowing narrowing, bool needs_fullmakt) {
  const AdministratorActor& administrator = world_.api.administrators[0];
  switch (narrowing) {
    case Narrowing::pause_fullmakt:
      if (!needs_fullmakt) person_must(ResumeFullmakt{fullmakter_[path_]});
      break;
    case Narrowing::set_sparr:
      person_must(LiftSparr{sparr_});
      break;
    case Narrowing::roster_remove:
      world_.must(world_.staff(*people_.authority, people_.officer),
                  RosterAdd{people_.team, people_.handler, TeamRole::member});
      world_.must(world_.staff(*world_.api.region, people_.lead),
                  RosterAdd{people_.team, people_.handler, TeamRole::member});
      break;
    case Narrowing::suspend_team:
    case Narrowing::suspend_organisation:
    case Narrowing::suspend_staff:
    case Narrowing::suspend_certificate: {
      const auto suspended = get<Suspend>(act_of(narrowing));
      world_.must(administrator, Reinstate{suspended.noun, suspended.id});
      break;
    }
    case Narrowing::end_kontrakt:
    case Narrowing::lapse:
      people_.kontrakt = world_.register_kontrakt(people_, world_.api.now + 24h * 30);
      break;
    case Narrowing::end_authorisation:
      people_.authorisation = world_.register_authorisation(people_);
      break;
    case Narrowing::revoke_fullmakt:
    case Narrowing::paper_narrowing:
    case Narrowing::apply_crl:
    case Narrowing::expiry:
      break;
  }
}

void RaceLane::sign(Path path, UtcTime valid_to) {
  const auto id = crypto::random_id<FullmaktId>();
  fullmakter_[path] = id;
  person_must(SignFullmakt{id, world_.terms(people_, path, valid_to), std::string(RaceWorld::kText)});
}

// A widening act names the version that the person saw: ours may be behind.
void RaceLane::person_must(const Act& act) {
  std::string answer;
  for (int attempt = 0; attempt < 3; ++attempt) {
    RaceClient& client = portal(0);
    person_asks(client, act_to_json(act), seen_);
    finish(client);
    client.sends().take();
    answer = std::to_string(client.status()) + client.text();
    if (client.status() == 200) {
      ++seen_;
      return;
    }
    if (answer.find("period_invalid") != std::string::npos && path_ == Path::expiring)
      return;  // it has run out already
    seen_ = consent_version();
  }
  fault("giving access back failed: " + answer);
}

std::uint64_t RaceLane::consent_version() {
  service::Command command;
  command.actor = world_.person(people_);
  command.act = ReadOverview{};
  const service::CommandResult result = world_.api.core->decide(std::move(command));
  return std::get<Overview>(result.answer).person.consent_version;
}

void RaceLane::fault(const std::string& what) {
  if (counts.faults.size() < kMostFaults) counts.faults.push_back(what_ + ": " + what);
}

}  // namespace flikvakt::gateway::test
