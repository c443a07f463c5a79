#include "tests/gateway/races_world.h"

#include "base/files.h"

namespace flikvakt::gateway::test {

using namespace policy;

namespace {

constexpr const char* kArea = "coachning";

// Official test numbers of the Skatteverket, as in the vectors of the shared data.
constexpr std::array<const char*, 6> kNumbers{"190905271474", "200002292399", "195704289999",
                                              "194608239986", "190901219931", "200004059937"};

void unlimited(Server::Options& options) {
  options.requests_per_second = options.person_requests_per_second = options.narrowing_per_second = 1e6;
  options.request_burst = options.person_request_burst = 1e6;
  options.max_connections_per_source = 4096;
}

service::ActEvidence evidence(UtcTime now) {
  service::ActEvidence out{crypto::random_id<ActId>(), now + 24h, to_bytes(crypto::random_bytes<32>()), {}};
  out.hash = crypto::sha256(out.bytes);
  return out;
}

}  // namespace

std::string_view purpose_of(Path path) {
  constexpr std::array<std::string_view, 5> kPurposes{"konsultation", "team", "insats", "kort", "annat"};
  return kPurposes.at(static_cast<std::size_t>(path));
}

RaceWorld::RaceWorld(std::size_t count, const std::vector<std::size_t>& sizes, std::size_t largest)
    : api(unlimited), text(text_bytes(std::max(largest, *std::max_element(sizes.begin(), sizes.end())))) {
  for (std::size_t i = 0; i < count; ++i) {
    LanePeople& lane = *lanes.emplace_back(make_lane(kNumbers.at(i)));
    // Whoever a fullmakt names as discloser may deposit.
    must(person(lane),
         SignFullmakt{crypto::random_id<FullmaktId>(), terms(lane, Path::bystander, api.now + 24h), std::string(kText)},
         0);
    for (const std::size_t size : sizes) lane.documents[size] = deposit(lane, size);
    if (i == 0 && largest > 0) lane.documents[largest] = deposit(lane, largest);
  }
}

service::CommandResult RaceWorld::decide(Actor actor, Act act, std::optional<std::uint64_t> seen) {
  service::Command command{std::move(actor), std::move(act), evidence(api.now), seen, {}, {}};
  return api.core->decide(std::move(command));
}

// As one administrator, or two when the act takes two.
void RaceWorld::must(Actor actor, Act act, std::optional<std::uint64_t> seen) {
  const bool is_two = takes_two(act);
  const std::string kind(json::serialize(act_to_json(act)));
  const service::CommandResult result =
      is_two ? api.by_administrators(std::move(act)) : decide(actor, std::move(act), seen);
  EXPECT_TRUE(result.decision.is_permitted()) << kind;
}

PersonActor RaceWorld::person(const LanePeople& lane) const {
  return {lane.person, lane.device.public_key().thumbprint()};
}

StaffActor RaceWorld::staff(const TestOrganisation& organisation, const StaffId& staff) const {
  return {staff, organisation.id, organisation.identity.leaf.sha256_fingerprint(),
          organisation.key.public_key().thumbprint()};
}

std::unique_ptr<TestOrganisation> RaceWorld::organisation(const std::string& label, OrganisationKind kind) {
  auto out = std::make_unique<TestOrganisation>(TestOrganisation{
      crypto::random_id<OrganisationId>(), label, api.pki.issue_client(label, label, "232100-0016", api.now).value(),
      crypto::SigningKey::generate(crypto::KeyAlgorithm::p256)});
  must(api.administrators[0], RegisterOrganisation{out->id, label, "232100-0016", kind});
  const crypto::Certificate& leaf = out->identity.leaf;
  must(api.administrators[0],
       RegisterCertificate{leaf.sha256_fingerprint(), out->id, api.pki.ca().certificate().sha256_fingerprint(),
                           leaf.serial_hex(), leaf.not_before(), leaf.not_after(), leaf.der()});
  const crypto::PublicKey& key = out->key.public_key();
  must(api.administrators[0], RegisterAssertionKey{key.thumbprint(), out->id, key.to_jwk()});
  return out;
}

StaffId RaceWorld::staff_of(const TestOrganisation& organisation, std::set<StaffRole> roles) {
  const auto id = crypto::random_id<StaffId>();
  must(api.administrators[0], RegisterStaff{id, organisation.id, {}, "Staff", std::move(roles)});
  return id;
}

std::unique_ptr<LanePeople> RaceWorld::make_lane(const std::string& number) {
  auto lane = std::make_unique<LanePeople>(LanePeople{
      number, {}, crypto::SigningKey::generate(crypto::KeyAlgorithm::p256), {}, {}, {}, {}, {}, {}, {}, {}, {}, {}});
  lane->person = api.enrol(number, lane->device);
  const std::string label = std::to_string(lanes.size());
  lane->authority = organisation("authority" + label, OrganisationKind::authority);
  lane->provider = organisation("provider" + label, OrganisationKind::provider);
  lane->handler = staff_of(*lane->authority, {});
  lane->officer = staff_of(*lane->authority, {StaffRole::roster_officer});
  lane->coach = staff_of(*lane->provider, {});
  lane->lead = staff_of(*api.region, {});
  make_team(*lane);
  lane->authorisation = register_authorisation(*lane);
  lane->kontrakt = register_kontrakt(*lane, api.now + 24h * 30);
  return lane;
}

void RaceWorld::make_team(LanePeople& lane) {
  lane.team = crypto::random_id<TeamId>();
  must(api.administrators[0], RegisterTeam{lane.team, api.region->id, "Team", lane.lead});
  must(staff(*api.region, api.region_registrar), AcceptTeam{lane.team});
  must(staff(*lane.authority, lane.officer), RosterAdd{lane.team, lane.handler, TeamRole::member});
  must(staff(*api.region, lane.lead), RosterAdd{lane.team, lane.handler, TeamRole::member});
}

AuthorisationId RaceWorld::register_authorisation(const LanePeople& lane) {
  const auto id = crypto::random_id<AuthorisationId>();
  must(api.administrators[0], RegisterAuthorisation{id, lane.provider->id, {kArea}, api.now - 1h, api.now + 24h * 30});
  return id;
}

RegisterKontrakt RaceWorld::kontrakt_of(const LanePeople& lane, UtcTime valid_to) const {
  const KontraktPart part{"Coachning", lane.provider->id, kArea, api.now - 1h, valid_to, "Arbete"};
  return {crypto::random_id<KontraktId>(), api.core->keys().blind_index(lane.number), {part}};
}

KontraktId RaceWorld::register_kontrakt(const LanePeople& lane, UtcTime valid_to) {
  const RegisterKontrakt act = kontrakt_of(lane, valid_to);
  must(api.administrators[0], act);
  return act.id;
}

bool RaceWorld::tries_kontrakt(LanePeople& lane, UtcTime valid_to) {
  const RegisterKontrakt act = kontrakt_of(lane, valid_to);
  if (!decide(api.administrators[0], act).decision.is_permitted()) return false;
  lane.kontrakt = act.id;
  return true;
}

FullmaktTerms RaceWorld::terms(const LanePeople& lane, Path path, UtcTime valid_to) const {
  FullmaktTerms terms;
  terms.disclosers = {api.region->id};
  const OrganisationId organisation = path == Path::provider    ? lane.provider->id
                                      : path == Path::bystander ? api.authority->id
                                                                : lane.authority->id;
  terms.recipients = {path == Path::team ? Recipient{RecipientKind::team, lane.team.value()}
                                         : Recipient{RecipientKind::organisation, organisation.value()}};
  terms.flikar = {"journal"};
  terms.purpose = std::string(purpose_of(path));
  terms.rights = {Right::read};
  terms.valid_from = api.now - 1h;
  terms.valid_to = valid_to;
  if (path == Path::provider) terms.kontrakt = lane.kontrakt;
  terms.secrecy_consent = "osl-10-1";
  terms.legal_ground = "gdpr-6-1-e";
  terms.language = "sv";
  terms.text_sha256 = crypto::sha256(as_bytes(kText));
  return terms;
}

certs::IssuedIdentity RaceWorld::fresh_certificate(const TestOrganisation& organisation, const std::string& label) {
  certs::IssuedIdentity out = api.pki.issue_client(label, label, "232100-0016", api.now).value();
  must(api.administrators[0],
       RegisterCertificate{out.leaf.sha256_fingerprint(), organisation.id,
                           api.pki.ca().certificate().sha256_fingerprint(), out.leaf.serial_hex(),
                           out.leaf.not_before(), out.leaf.not_after(), out.leaf.der()});
  return out;
}

std::string RaceWorld::deposit(const LanePeople& lane, std::size_t size) const {
  ApiClient client = api.staff(*api.region, api.nurse);
  const BytesView bytes = BytesView(text).first(size);
  const json::object begin = api.begin_deposit(api.handle(client, lane.number), bytes);
  EXPECT_EQ(client.post("/v1/acts", begin).status, 200u);
  const std::string id(begin.at("act").at("id").as_string());
  const ApiReply sealed = client.put("/v1/deposits/" + id + "/content", "text/plain", bytes);
  EXPECT_EQ(sealed.status, 201u) << sealed.head << sealed.body;
  return sealed.text("/document");
}

}  // namespace flikvakt::gateway::test
