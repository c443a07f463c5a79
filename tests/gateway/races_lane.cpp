#include "tests/gateway/races_lane.h"

#include <poll.h>

#include <algorithm>
#include <thread>

namespace flikvakt::gateway::test {

using namespace policy;

namespace {

#ifdef __SANITIZE_THREAD__
constexpr int kSlowness = 10;
#else
constexpr int kSlowness = 1;
#endif
constexpr std::uint64_t kKernelBound = 256 * 1024;  // P2, SPEC TLS-23
constexpr auto kPatience = 30s * kSlowness;
constexpr auto kLapseWithin = 500ms * kSlowness;  // the sequencer looks every 250 ms
constexpr std::size_t kMostFaults = 20;

struct Kind {
  Narrowing narrowing;
  unsigned weight;
  std::vector<Path> paths;
  enum class By { person, staff, administrator, gateway } by;
};

const std::vector<Kind>& kinds() {
  using enum Path;
  using By = Kind::By;
  static const std::vector<Kind> all{
      {Narrowing::revoke_fullmakt, 24, {organisation, team, provider}, By::person},
      {Narrowing::pause_fullmakt, 5, {organisation, team, provider}, By::person},
      {Narrowing::set_sparr, 16, {organisation, team, provider}, By::person},
      {Narrowing::paper_narrowing, 3, {organisation, team, provider}, By::staff},
      {Narrowing::roster_remove, 12, {team}, By::staff},
      {Narrowing::suspend_team, 4, {team}, By::administrator},
      {Narrowing::suspend_organisation, 6, {organisation, team, provider}, By::administrator},
      {Narrowing::suspend_staff, 6, {organisation, team, provider}, By::administrator},
      {Narrowing::suspend_certificate, 4, {organisation, team, provider}, By::administrator},
      {Narrowing::end_kontrakt, 6, {provider}, By::administrator},
      {Narrowing::end_authorisation, 5, {provider}, By::administrator},
      {Narrowing::apply_crl, 4, {organisation}, By::gateway},
      {Narrowing::expiry, 4, {expiring}, By::gateway},
      {Narrowing::lapse, 1, {provider}, By::gateway},
  };
  return all;
}

const Kind& kind_of(Narrowing narrowing) { return kinds().at(static_cast<std::size_t>(narrowing)); }

bool is_timed(Narrowing narrowing) { return narrowing == Narrowing::expiry || narrowing == Narrowing::lapse; }

bool ends_fullmakt(Narrowing narrowing) {
  return narrowing == Narrowing::revoke_fullmakt || narrowing == Narrowing::paper_narrowing;
}

std::string post_act(std::string_view bearer, const json::value& body) {
  const std::string text = json::serialize(body);
  std::string out = "POST /v1/acts HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
  if (!bearer.empty()) out += "Authorization: Bearer " + std::string(bearer) + "\r\n";
  return out + "Content-Length: " + std::to_string(text.size()) + "\r\n\r\n" + text;
}

std::string range_of(std::size_t from, std::size_t to) {
  return "bytes=" + std::to_string(from) + "-" + std::to_string(to - 1);
}

}  // namespace

std::string_view name_of(Narrowing narrowing) {
  constexpr std::array<std::string_view, kNarrowings> kNames{"revoke_fullmakt",
                                                             "pause_fullmakt",
                                                             "set_sparr",
                                                             "paper_narrowing",
                                                             "roster_remove",
                                                             "suspend team",
                                                             "suspend organisation",
                                                             "suspend staff",
                                                             "suspend certificate",
                                                             "end_kontrakt",
                                                             "end_authorisation",
                                                             "apply_crl",
                                                             "expiry",
                                                             "lapse of a kontrakt"};
  return kNames.at(static_cast<std::size_t>(narrowing));
}

void Acknowledgement::given(Stamp at) {
  std::lock_guard lock(mutex);
  if (stamp == 0) {
    for (const int descriptor : descriptors) at_clients.push_back(received_by_kernel(descriptor));
  }
  stamp = stamp == 0 ? at : std::min(stamp, at);
}

Stamp Acknowledgement::when() {
  std::lock_guard lock(mutex);
  return stamp;
}

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
  return at < 80 ? sizes[0] : at < 160 ? sizes[1] : at < 850 ? sizes[2] : sizes[3];
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
  plan.moment = moment < 8    ? Moment::act_first
                : moment < 22 ? Moment::together
                : moment < 42 ? Moment::after_head
                : moment < 72 ? Moment::mid_body
                : moment < 80 ? Moment::near_end
                              : Moment::stalled;
  if (is_timed(plan.narrowing) && plan.moment == Moment::act_first) plan.moment = Moment::stalled;
  const std::uint64_t connections = below(100);
  plan.connections = connections < 65 ? 1 : connections < 85 ? 2 : connections < 95 ? 3 + below(2) : 5 + below(4);
  plan.ranges = chance(15) && plan.size > 65536;
  plan.slow = chance(15);
  plan.reads_on = plan.moment != Moment::stalled && chance(50);
  plan.fraction = static_cast<double>(below(1000)) / 1000;
  plan.pause = std::chrono::microseconds(chance(50) ? 0 : below(400));
  plan.over_tls_again = chance(8);
  plan.life = std::chrono::milliseconds(10 + below(40)) * kSlowness;
  plan.bystander = chance(5) && plan.narrowing != Narrowing::set_sparr;
  const Kind& other = kinds()[below(kinds().size())];
  const bool fits = std::ranges::find(other.paths, plan.path) != other.paths.end();
  const bool is_apart = other.by == Kind::By::person || other.by != kind.by;
  const bool can = other.by != Kind::By::gateway && kind.by != Kind::By::gateway;
  if (fits && is_apart && can && other.narrowing != kind.narrowing && chance(40)) plan.second = other.narrowing;
  if (plan.second == Narrowing::set_sparr) plan.bystander = false;
  return plan;
}

void RaceLane::race(const Plan& plan) {
  what_ = "lane " + std::to_string(number_) + ", race " + std::to_string(counts.races) + ", " +
          std::string(name_of(plan.narrowing)) + (plan.second ? " and " + std::string(name_of(*plan.second)) : "") +
          ", moment " + std::to_string(static_cast<int>(plan.moment)) + ", " + std::to_string(plan.size) +
          " bytes over " + std::to_string(plan.connections);
  ++counts.races;
  ++counts.of_kind[static_cast<std::size_t>(plan.narrowing)];
  if (plan.second) ++counts.two_acts;
  auto acknowledgement = std::make_shared<Acknowledgement>();
  std::vector<Reader> readers;
  prepare(plan);
  connect(plan, readers);
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

void RaceLane::prepare(const Plan& plan) {
  if (plan.narrowing == Narrowing::apply_crl) {
    fresh_ = world_.fresh_certificate(*people_.authority, "fresh" + std::to_string(number_));
  }
  if (!is_timed(plan.narrowing)) return;
  seen_ = consent_version();
  runs_out_ = world_.api.clock.wall() + plan.life;
  if (plan.narrowing == Narrowing::expiry) return sign(Path::expiring, runs_out_);
  world_.must(world_.api.administrators[0], EndKontrakt{people_.kontrakt});  // only the brief one counts
  runs_out_ = world_.api.clock.wall() + plan.life;
  people_.kontrakt = world_.register_kontrakt(people_, runs_out_);
  sign(Path::provider, world_.api.now + 24h * 90);
}

const TestOrganisation& RaceLane::organisation_of(Path path) const {
  if (path == Path::bystander) return *world_.api.authority;
  return path == Path::provider ? *people_.provider : *people_.authority;
}

StaffId RaceLane::staff_of(Path path) const {
  if (path == Path::bystander) return world_.api.handler;
  return path == Path::provider ? people_.coach : people_.handler;
}

const certs::IssuedIdentity& RaceLane::identity_of(Path path) const {
  return fresh_ && path == Path::organisation ? *fresh_ : organisation_of(path).identity;
}

const std::string& RaceLane::bearer_of(const TestOrganisation& organisation, const StaffId& staff,
                                       const certs::IssuedIdentity& identity) {
  const Fingerprint leaf = identity.leaf.sha256_fingerprint();
  Bearer& bearer = bearers_[staff.text() + to_hex(leaf)];
  const UtcTime now = world_.api.clock.wall();
  if (bearer.until > now) return bearer.text;
  AssertionTricks tricks;
  tricks.claims = [&](json::object& claims) { claims["cnf"] = json::object{{"x5t#S256", to_base64url(leaf)}}; };
  bearer = {world_.api.assertion(organisation, staff, tricks), now + 150s};
  return bearer.text;
}

std::unique_ptr<RaceClient> RaceLane::connection(const Plan& plan, Path path) {
  std::vector<std::unique_ptr<RaceClient>>& idle = idle_[path];
  const bool may_reuse = !plan.slow && !fresh_;
  while (may_reuse && !idle.empty()) {
    std::unique_ptr<RaceClient> known = std::move(idle.back());
    idle.pop_back();
    if (known->is_dead()) continue;
    if (!known->sends().take().empty()) fault("something was sent that nobody had asked for");
    return known;
  }
  const certs::IssuedIdentity& identity = identity_of(path);
  set_receive_buffer(plan.slow ? static_cast<int>(2048 << below(6)) : 0);
  auto fresh = std::make_unique<RaceClient>(world_.api.server->ports().api, world_.api.ca_pem,
                                            crypto::ClientIdentity{identity.certificate, identity.key});
  set_receive_buffer(0);
  fresh->sends().take();  // the handshake
  return fresh;
}

void RaceLane::connect(const Plan& plan, std::vector<Reader>& readers) {
  for (std::size_t i = 0; i < plan.connections; ++i) readers.emplace_back().client = connection(plan, plan.path);
  if (!plan.bystander) return;
  Reader& other = readers.emplace_back();
  other.client = connection(plan, Path::bystander);
  other.is_bystander = true;
  ++counts.bystanders;
}

std::string RaceLane::read_request(const Reader& reader, Path path, const std::string& target, std::string_view range) {
  const Path as = reader.is_bystander ? Path::bystander : path;
  std::string out = "GET " + target + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " +
                    bearer_of(organisation_of(as), staff_of(as), identity_of(as)) + "\r\n";
  if (!range.empty()) out += "Range: " + std::string(range) + "\r\n";
  return out + "\r\n";
}

// Several ranges of one reading: it is opened with its first byte, and each connection then asks for a part.
void RaceLane::open_for_ranges(const Plan& plan, std::vector<Reader>& readers) {
  ++counts.ranges;
  Reader opening;
  opening.client = std::move(readers.front().client);
  opening.length = 1;
  opening.asked = next_stamp();
  const std::string target =
      "/v1/documents/" + people_.documents[plan.size] + "/content?purpose=" + std::string(purpose_of(plan.path));
  opening.client->ask(read_request(opening, plan.path, target, range_of(0, 1)), world_.text);
  const bool opened = finish(*opening.client) && opening.client->status() == 206;
  if (!opened && !is_timed(plan.narrowing))
    fault("an opening was refused: " + std::to_string(opening.client->status()));
  const std::string reading = opening.client->field("Flikvakt-Reading");
  judge_reader(plan, opening, kNever);
  readers.front().client = std::move(opening.client);
  if (opened) {
    for (Reader& reader : readers) reader.opens = reader.is_bystander;
    reading_ = reading;
  }
}

void RaceLane::ask(const Plan& plan, std::vector<Reader>& readers) {
  for (Reader& reader : readers) {
    const bool is_part = !reader.opens;
    const std::size_t from = is_part ? below(plan.size / 2) : 0;
    const std::size_t to = is_part ? plan.size - below(plan.size / 4) : plan.size;
    reader.length = to - from;
    reader.asked = next_stamp();
    const Path as = reader.is_bystander ? Path::bystander : plan.path;
    const std::string target =
        is_part ? "/v1/readings/" + reading_ + "/content"
                : "/v1/documents/" + people_.documents[plan.size] + "/content?purpose=" + std::string(purpose_of(as));
    reader.client->ask(read_request(reader, plan.path, target, is_part ? range_of(from, to) : ""),
                       BytesView(world_.text).first(plan.size), from);
  }
}

// Reads once what is there, on every connection that may; waits that long for the first to have something.
bool RaceLane::pump(std::vector<Reader>& readers, bool everybody, std::chrono::milliseconds patience) {
  std::vector<pollfd> watched;
  std::vector<std::pair<RaceClient*, std::size_t>> who;
  const auto add = [&](RaceClient* client, std::size_t most) {
    if (client->is_over()) return;
    watched.push_back({client->descriptor(), POLLIN, 0});
    who.emplace_back(client, most);
  };
  for (RaceClient* acting : acting_) add(acting, 65536);
  for (Reader& reader : readers) {
    if (everybody || !reader.stands_still) add(reader.client.get(), reader.most);
  }
  const bool is_at_once = std::ranges::any_of(who, [](const auto& one) { return one.first->has_more(); });
  const int wait = is_at_once ? 0 : static_cast<int>(patience.count());
  if (::poll(watched.data(), watched.size(), wait) <= 0 && !is_at_once) return false;
  for (std::size_t i = 0; i < who.size(); ++i) {
    if (watched[i].revents != 0 || who[i].first->has_more()) who[i].first->read(who[i].second);
  }
  return true;
}

bool RaceLane::finish(RaceClient& client) {
  std::vector<Reader> nobody;
  const auto until = std::chrono::steady_clock::now() + kPatience;
  acting_ = {&client};
  while (!client.is_over() && std::chrono::steady_clock::now() < until) pump(nobody, true, 100ms);
  acting_.clear();
  return client.state() == RaceClient::State::whole;
}

void RaceLane::read_until_moment(const Plan& plan, std::vector<Reader>& readers) {
  Reader& first = readers.front();
  std::size_t wanted = 0;
  if (plan.moment == Moment::mid_body)
    wanted = static_cast<std::size_t>(plan.fraction * static_cast<double>(first.length));
  if (plan.moment == Moment::near_end) wanted = first.length - std::min<std::size_t>(first.length / 8, 65536);
  const auto until = std::chrono::steady_clock::now() + kPatience;
  const auto has_come = [&] { return first.client->status() != 0 && first.client->body_bytes() >= wanted; };
  while (plan.moment != Moment::together && !first.client->is_over() && !has_come()) {
    for (Reader& reader : readers) reader.most = std::clamp<std::size_t>(wanted / 4, 1, 131072);
    pump(readers, true, 100ms);
    if (std::chrono::steady_clock::now() > until) return fault("nothing came");
  }
  if (plan.moment != Moment::together && !first.client->is_served() && !is_timed(plan.narrowing)) {
    fault("a reading was refused without cause: " + std::to_string(first.client->status()));
  }
  for (Reader& reader : readers) {
    reader.most = 262144;
    reader.stands_still = !plan.reads_on && !reader.is_bystander;
  }
  const auto pause = std::chrono::steady_clock::now() + plan.pause;
  while (std::chrono::steady_clock::now() < pause) std::this_thread::yield();
}

void RaceLane::fire(const Plan& plan, const Shared& acknowledgement) {
  if (is_timed(plan.narrowing)) return;
  send_act(plan.narrowing, 0, acknowledgement);
  if (plan.second) send_act(*plan.second, 1, acknowledgement);
}

void RaceLane::send_act(Narrowing narrowing, std::size_t which, const Shared& acknowledgement) {
  const Kind::By by = kind_of(narrowing).by;
  if (by == Kind::By::gateway) return apply_crl(acknowledgement);
  RaceClient& client = by == Kind::By::person ? portal(which) : by == Kind::By::staff ? region() : administration();
  client.sends().take();
  client.sends().tell_next([acknowledgement](Stamp stamp) { acknowledgement->given(stamp); });
  const json::value act = act_to_json(act_of(narrowing));
  if (by == Kind::By::person) person_asks(client, act, {});
  if (by == Kind::By::administrator) administrator_asks(client, act);
  if (by == Kind::By::staff) {
    staff_asks(client, narrowing == Narrowing::paper_narrowing ? world_.api.nurse : people_.lead, act);
  }
  acting_.push_back(&client);
}

Act RaceLane::act_of(Narrowing narrowing) {
  const auto suspend = [](RegistryNoun noun, std::string id) { return Suspend{noun, std::move(id)}; };
  switch (narrowing) {
    case Narrowing::revoke_fullmakt:
      return RevokeFullmakt{fullmakter_[path_]};
    case Narrowing::pause_fullmakt:
      return PauseFullmakt{fullmakter_[path_]};
    case Narrowing::set_sparr:
      sparr_ = crypto::random_id<SparrId>();
      return SetSparr{sparr_, any_sparr()};
    case Narrowing::paper_narrowing:
      return PaperNarrowing{{}, {fullmakter_[path_]}, false, {}, {}};
    case Narrowing::roster_remove:
      return RosterRemove{people_.team, people_.handler};
    case Narrowing::suspend_team:
      return suspend(RegistryNoun::team, people_.team.text());
    case Narrowing::suspend_organisation:
      return suspend(RegistryNoun::organisation, organisation_of(path_).id.text());
    case Narrowing::suspend_staff:
      return suspend(RegistryNoun::staff, staff_of(path_).text());
    case Narrowing::suspend_certificate:
      return suspend(RegistryNoun::certificate, to_hex(identity_of(path_).leaf.sha256_fingerprint()));
    case Narrowing::end_kontrakt:
      return EndKontrakt{people_.kontrakt};
    case Narrowing::end_authorisation:
      return EndAuthorisation{people_.authorisation};
    case Narrowing::apply_crl:
    case Narrowing::expiry:
    case Narrowing::lapse:
      break;
  }
  std::abort();  // no act of anybody
}

SparrTerms RaceLane::any_sparr() {
  SparrTerms terms;
  if (chance(50)) {
    terms.target = SparrTarget::flik;
    terms.flik = "journal";
  }
  if (chance(30)) {
    terms.everyone = false;
    terms.recipients = {{RecipientKind::organisation, organisation_of(path_).id.value()}};
  }
  return terms;
}

// The gateway's own command. Its waiter is the callback: what it does first is the acknowledgement.
void RaceLane::apply_crl(const Shared& acknowledgement) {
  std::lock_guard lock(world_.crl_mutex);
  world_.revoked.insert(fresh_->leaf.serial_hex());
  service::Command command;
  command.actor = SystemActor{};
  command.act = ApplyCrl{world_.api.pki.ca().certificate().sha256_fingerprint(), ++world_.crl_number,
                         crypto::sha256(crypto::random_bytes<16>()), world_.api.now + 24h, world_.revoked};
  command.done = [acknowledgement, this](const service::CommandResult& result) {
    own_act_is_fine_ = result.decision.is_permitted();
    acknowledgement->given(next_stamp());
  };
  world_.api.core->sequencer().submit(std::move(command));
}

// What a probe is told after another was refused comes from a batch that had looked at the clock first.
void RaceLane::probe(const Plan& plan, const Shared& acknowledgement) {
  const UtcTime now = world_.api.clock.wall();
  if (plan.narrowing == Narrowing::lapse) {
    if (now > runs_out_ + kLapseWithin) acknowledgement->given(next_stamp());
    return;
  }
  if (now < runs_out_ || world_.api.core->decide(reading_command(plan)).decision.is_permitted()) return;
  service::Command second = reading_command(plan);
  second.done = [acknowledgement](const service::CommandResult&) { acknowledgement->given(next_stamp()); };
  world_.api.core->sequencer().submit(std::move(second));
  probed_ = true;
}

service::Command RaceLane::reading_command(const Plan& plan) const {
  service::Command command;
  StaffActor actor = world_.staff(organisation_of(plan.path), staff_of(plan.path));
  actor.certificate = identity_of(plan.path).leaf.sha256_fingerprint();
  command.actor = actor;
  command.act = OpenReading{crypto::random_id<ReadingId>(), DocumentId::parse(people_.documents.at(plan.size)).value(),
                            std::string(purpose_of(plan.path))};
  return command;
}

void RaceLane::wait_for_end(const Plan& plan, std::vector<Reader>& readers, const Shared& acknowledgement) {
  const auto until = std::chrono::steady_clock::now() + kPatience;
  const bool is_own = kind_of(plan.narrowing).by == Kind::By::gateway;
  const auto is_over = [&] {
    return acknowledgement->when() != 0 &&
           std::ranges::all_of(readers, [](const Reader& r) { return r.client->is_over(); }) &&
           std::ranges::all_of(acting_, [](const RaceClient* client) { return client->is_over(); });
  };
  probed_ = false;
  while (!is_over()) {
    const bool is_given = acknowledgement->when() != 0;
    if (is_timed(plan.narrowing) && !is_given && !probed_) probe(plan, acknowledgement);
    pump(readers, is_given, is_own && !is_given ? 1ms : 50ms);
    if (std::chrono::steady_clock::now() > until) {
      fault(is_given ? "a reader neither got the rest nor was cut" : "no acknowledgement");
      break;
    }
  }
  for (RaceClient* client : acting_) {
    client->sends().tell_next(nullptr);
    if (client->status() != 200)
      fault("a narrowing act was answered " + std::to_string(client->status()) + client->text());
  }
  if (plan.narrowing == Narrowing::apply_crl && !own_act_is_fine_) fault("the list was refused");
  acting_.clear();
}

// Answers whether a transfer that had begun was cut.
bool RaceLane::judge_reader(const Plan& plan, Reader& reader, Stamp acknowledged) {
  RaceClient& client = *reader.client;
  const std::vector<SendEvent> sends = client.sends().take();
  const bool is_refusal = client.status() >= 400;
  if (!client.is_true()) fault("a client received what is not the document's");
  if (is_refusal) {
    if (client.status() != 403) fault("a reading was answered " + std::to_string(client.status()));
    return false;
  }
  counts.document_sends += sends.size();
  counts.readings += reader.opens && client.is_served() ? 1 : 0;
  std::uint64_t bytes = 0;
  for (const SendEvent& send : sends) bytes += send.bytes;
  counts.document_bytes += bytes;
  if (!reader.is_bystander) {
    const std::vector<std::string> late = late_sends(sends, acknowledged);
    if (!late.empty()) fault(late.front() + "; " + std::to_string(late.size()) + " such");
  }
  const bool is_logged = !reader.opens || sends.empty() || is_synced_between(reader.asked, sends.front().began);
  if (!is_logged) fault("a byte was sent before its reading was durable");
  if (is_timed(plan.narrowing) && !reader.is_bystander && !sends.empty()) note_lateness(sends.back());
  return client.state() != RaceClient::State::whole && bytes > 0;
}

void RaceLane::note_lateness(const SendEvent& last) {
  const auto ago = world_.api.clock.steady() - last.at;
  const UtcTime at = world_.api.clock.wall() - std::chrono::duration_cast<std::chrono::milliseconds>(ago);
  counts.latest_expiry = std::max(counts.latest_expiry, at - runs_out_);
}

void RaceLane::judge(const Plan& plan, std::vector<Reader>& readers, Acknowledgement& acknowledgement) {
  const Stamp acknowledged = acknowledgement.when();
  std::size_t cut = 0, whole = 0, refused = 0;
  for (std::size_t i = 0; i < readers.size(); ++i) {
    Reader& reader = readers[i];
    RaceClient& client = *reader.client;
    if (reader.is_bystander) {
      judge_reader(plan, reader, acknowledged);
      if (client.state() != RaceClient::State::whole || !client.is_served())
        fault("a bystander's reading was disturbed");
      continue;
    }
    ++counts.connections;
    judge_bytes(reader, acknowledgement.at_clients.at(i));
    cut += judge_reader(plan, reader, acknowledged) ? 1 : 0;
    whole += client.state() == RaceClient::State::whole && client.is_served() ? 1 : 0;
    refused += client.status() >= 400 ? 1 : 0;
  }
  read_anew(plan);
  for (Reader& reader : readers) {
    if (!reader.client->sends().take().empty()) fault("something was sent when all was over");
    const Path path = reader.is_bystander ? Path::bystander : plan.path;
    if (!plan.slow && !fresh_ && reader.client->state() == RaceClient::State::whole)
      idle_[path].push_back(std::move(reader.client));
  }
  if (cut > 0) ++counts.cut_of_kind[static_cast<std::size_t>(plan.narrowing)];
  ++(cut > 0 ? counts.cut : whole > 0 ? counts.whole : refused > 0 ? counts.refused : counts.unsent);
}

// What reached the client's machine after the acknowledgement, and what the server's kernel held at it.
void RaceLane::judge_bytes(const Reader& reader, std::uint64_t at_client) {
  if (reader.client->status() >= 400) return;
  const std::uint64_t after = received_by_kernel(reader.client->descriptor()) - at_client;
  const std::uint64_t sent = reader.client->sends().bytes();
  const std::uint64_t held = sent > at_client ? sent - at_client : 0;
  counts.most_after = std::max(counts.most_after, after);
  counts.most_held = std::max(counts.most_held, held);
  if (after > kKernelBound) fault(std::to_string(after) + " bytes came after the acknowledgement");
  if (held > kKernelBound) fault("the kernel held " + std::to_string(held) + " bytes at the acknowledgement");
}

void RaceLane::read_anew(const Plan& plan) {
  if (world_.api.core->decide(reading_command(plan)).decision.is_permitted()) fault("a new reading was permitted");
  ++counts.new_reads_refused;
  if (!plan.over_tls_again) return;
  Plan quick = plan;
  quick.slow = false;
  Reader again;
  again.client = connection(quick, plan.path);
  const std::string target =
      plan.ranges && !reading_.empty()
          ? "/v1/readings/" + reading_ + "/content"
          : "/v1/documents/" + people_.documents[plan.size] + "/content?purpose=" + std::string(purpose_of(plan.path));
  again.client->ask(read_request(again, plan.path, target, ""), world_.text);
  finish(*again.client);
  // Its certificate no longer counts: the connection may be closed under the answer.
  const bool may_be_closed = again.client->status() == 0;
  if (again.client->status() != 403 && !may_be_closed)
    fault("a new read was answered " + std::to_string(again.client->status()));
  ++counts.new_reads_refused;
}

void RaceLane::restore(const Plan& plan) {
  const bool needs_fullmakt = ends_fullmakt(plan.narrowing) || (plan.second && ends_fullmakt(*plan.second));
  const auto changes_consent = [&](std::optional<Narrowing> narrowing) {
    return narrowing &&
           (ends_fullmakt(*narrowing) || narrowing == Narrowing::set_sparr || narrowing == Narrowing::pause_fullmakt);
  };
  seen_ += (changes_consent(plan.narrowing) ? 1 : 0) + (changes_consent(plan.second) ? 1 : 0);
  // Administrators first: who is suspended gives nothing back.
  const bool is_second_first = plan.second && kind_of(*plan.second).by == Kind::By::administrator;
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
      const auto suspended = std::get<Suspend>(act_of(narrowing));
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

RaceClient& RaceLane::portal(std::size_t which) {
  std::unique_ptr<RaceClient>& client = portals_.at(which);
  if (!client || client->is_dead()) {
    client = std::make_unique<RaceClient>(world_.api.server->ports().portal, world_.api.ca_pem, std::nullopt);
  }
  return *client;
}

RaceClient& RaceLane::administration() {
  if (administration_ && !administration_->is_dead()) return *administration_;
  administration_.reset();  // its name is free again
  administration_ = std::make_unique<RaceClient>(world_.api.socket().string(), number_);
  return *administration_;
}

RaceClient& RaceLane::region() {
  const certs::IssuedIdentity& identity = world_.api.region->identity;
  if (!region_ || region_->is_dead()) {
    region_ = std::make_unique<RaceClient>(world_.api.server->ports().api, world_.api.ca_pem,
                                           crypto::ClientIdentity{identity.certificate, identity.key});
  }
  return *region_;
}

void RaceLane::person_asks(RaceClient& client, const json::value& act, std::optional<std::uint64_t> seen) {
  client.ask(post_act("", json::object{{"jws", world_.api.signed_act(world_.api.sent(act, seen), people_.device)}}));
}

void RaceLane::administrator_asks(RaceClient& client, const json::value& act) {
  const std::string jws =
      world_.api.signed_act(world_.api.sent(act), world_.api.administrator_keys[0], "flikvakt-admin+jws");
  client.ask(post_act("", json::object{{"jws", jws}}));
}

void RaceLane::staff_asks(RaceClient& client, const StaffId& staff, json::value act) {
  if (act.at("kind") == "paper_narrowing") act.as_object()["person"] = handle();
  const TestOrganisation& region = *world_.api.region;
  client.ask(post_act(bearer_of(region, staff, region.identity), world_.api.sent(act)));
}

const std::string& RaceLane::handle() {
  if (handle_.empty()) {
    ApiClient client = world_.api.staff(*world_.api.region, world_.api.nurse);
    handle_ = world_.api.handle(client, people_.number);
  }
  return handle_;
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

void RaceLane::sign(Path path, UtcTime valid_to) {
  const auto id = crypto::random_id<FullmaktId>();
  fullmakter_[path] = id;
  person_must(SignFullmakt{id, world_.terms(people_, path, valid_to), std::string(RaceWorld::kText)});
}

void RaceLane::fault(const std::string& what) {
  if (counts.faults.size() < kMostFaults) counts.faults.push_back(what_ + ": " + what);
}

void RaceCounts::add(const RaceCounts& other) {
  for (auto member :
       {&RaceCounts::races, &RaceCounts::cut, &RaceCounts::whole, &RaceCounts::refused, &RaceCounts::unsent,
        &RaceCounts::two_acts, &RaceCounts::connections, &RaceCounts::ranges, &RaceCounts::bystanders,
        &RaceCounts::document_sends, &RaceCounts::new_reads_refused, &RaceCounts::readings}) {
    this->*member += other.*member;
  }
  document_bytes += other.document_bytes;
  most_after = std::max(most_after, other.most_after);
  most_held = std::max(most_held, other.most_held);
  latest_expiry = std::max(latest_expiry, other.latest_expiry);
  for (std::size_t i = 0; i < kNarrowings; ++i) {
    of_kind[i] += other.of_kind[i];
    cut_of_kind[i] += other.cut_of_kind[i];
  }
  faults.insert(faults.end(), other.faults.begin(), other.faults.end());
}

}  // namespace flikvakt::gateway::test
