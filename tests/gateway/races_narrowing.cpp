// A lane's narrowing acts: each through its own door, where the send of its answer is the acknowledgement.
#include "tests/gateway/races_lane.h"

namespace flikvakt::gateway::test {

using namespace policy;

namespace {

constexpr auto kLapseWithin = 2s * kSlowness;  // the sequencer looks every 250 ms, when it gets the time

std::string post_act(std::string_view bearer, const json::value& body) {
  const std::string text = json::serialize(body);
  std::string out = "POST /v1/acts HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
  if (!bearer.empty()) out += "Authorization: Bearer " + std::string(bearer) + "\r\n";
  return out + "Content-Length: " + std::to_string(text.size()) + "\r\n\r\n" + text;
}

}  // namespace

void RaceLane::fire(const Plan& plan, const Shared& acknowledgement) {
  if (is_timed(plan.narrowing)) return;
  send_act(plan.narrowing, 0, acknowledgement);
  if (plan.second) send_act(*plan.second, 1, acknowledgement);
}

void RaceLane::send_act(Narrowing narrowing, std::size_t which, const Shared& acknowledgement) {
  const By by = kind_of(narrowing).by;
  if (by == By::gateway) return apply_crl(acknowledgement);
  RaceClient& client = by == By::person ? portal(which) : by == By::staff ? region() : administration();
  client.sends().take();
  client.sends().tell_next([acknowledgement](Stamp stamp) { acknowledgement->given(stamp); });
  const json::value act = act_to_json(act_of(narrowing));
  if (by == By::person) person_asks(client, act, {});
  if (by == By::administrator) administrator_asks(client, act);
  if (by == By::staff) {
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

}  // namespace flikvakt::gateway::test
