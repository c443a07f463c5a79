// A lane's readers.
#include <poll.h>

#include <algorithm>
#include <thread>

#include "tests/gateway/races_lane.h"

namespace flikvakt::gateway::test {

namespace {

std::string range_of(std::size_t from, std::size_t to) {
  return "bytes=" + std::to_string(from) + "-" + std::to_string(to - 1);
}

}  // namespace

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
  const policy::Fingerprint leaf = identity.leaf.sha256_fingerprint();
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
    const bool is_some = is_part && !plan.whole_ranges;
    const std::size_t from = is_some ? below(plan.size / 2) : 0;
    const std::size_t to = is_some ? plan.size - below(plan.size / 4) : plan.size;
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
  // A range of a reading whose every byte another connection has got meanwhile is refused (SPEC API-62).
  const bool may_be_refused = is_timed(plan.narrowing) || plan.whole_ranges;
  if (plan.moment != Moment::together && !first.client->is_served() && !may_be_refused) {
    fault("a reading was refused without cause: " + std::to_string(first.client->status()));
  }
  for (Reader& reader : readers) {
    reader.most = 262144;
    reader.stands_still = !plan.reads_on && !reader.is_bystander;
  }
  const auto pause = std::chrono::steady_clock::now() + plan.pause;
  while (std::chrono::steady_clock::now() < pause) std::this_thread::yield();
}

void RaceLane::wait_for_end(const Plan& plan, std::vector<Reader>& readers, const Shared& acknowledgement) {
  const auto until = std::chrono::steady_clock::now() + kPatience;
  const bool is_own = kind_of(plan.narrowing).by == By::gateway;
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

}  // namespace flikvakt::gateway::test
