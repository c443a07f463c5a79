#include "tests/service/temp_core.h"

#include <cstdlib>
#include <future>

#include "service/deposit.h"
#include "service/sent_act.h"
#include "tests/service/gates.h"

namespace flikvakt::service::test {

using namespace policy;

TemporaryFolder::TemporaryFolder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "flikvakt-test-XXXXXX").string();
  if (!::mkdtemp(pattern.data())) throw std::runtime_error("making a temporary folder");
  path_ = pattern;
}

namespace {

Fingerprint random_fingerprint() { return crypto::random_bytes<32>(); }

json::value some_jwk() { return crypto::SigningKey::generate(crypto::KeyAlgorithm::ed25519).public_key().to_jwk(); }

std::vector<KeyRow> rows_of(store::KeyStore& keys) {
  std::vector<KeyRow> out;
  EXPECT_TRUE(keys.for_each([&](const store::KeySlot& slot) -> Result<void> {
    out.push_back({slot.id, slot.parent, slot.level, slot.version, KeyStatus::active, crypto::wrap_hash(slot.wrap)});
    return {};
  }));
  return out;
}

}  // namespace

World::World() : master_(crypto::MasterKey::random()) {
  auto directory = store::DataDirectory::create(folder.path() / "data").value();
  core = Core::create(std::move(directory), crypto::MasterKey::copy_from(master_.expose()), "flikvakt.test/log", clock,
                      {[this](const Error& error) { dies_of(error); }, {}})
             .value();
  Initialise init;
  init.instance = {"test", "flikvakt.test/log", 0, {}, {}};
  for (int i = 0; i < 3; ++i) {
    Administrator administrator{crypto::random_id<AdministratorId>(),
                                "Admin " + std::to_string(i),
                                i < 2 ? AdministratorKind::personal : AdministratorKind::recovery,
                                random_fingerprint(),
                                some_jwk(),
                                Standing::active};
    if (i < 2) administrators[i] = {administrator.id};
    init.administrators.push_back(administrator);
  }
  Command command{SystemActor{}, init, evidence(), {}, {}, {}};
  command.prepared.keys = rows_of(core->keys().store());
  command.prepared.log_key = core->keys().first_log_key().value();
  const CommandResult made = core->decide(std::move(command));
  EXPECT_TRUE(made.decision.is_permitted()) << static_cast<int>(made.decision.reason);

  issuer_ = random_fingerprint();
  by_administrators(RegisterIssuer{issuer_, "Test CA", Bytes{1}});
  decide(SystemActor{}, ApplyCrl{issuer_, 1, random_fingerprint(), clock.wall() + 24h * 300, {}});
  for (const char* flik : {"journal", "ekonomi"}) {
    decide(administrators[0], RegisterFlikType{flik, flik, flik, "test", Sensitivity::sensitive});
  }
  region = add_organisation("Region", OrganisationKind::region);
  authority = add_organisation("Myndighet", OrganisationKind::authority);
  provider = add_organisation("Insats", OrganisationKind::provider);
  nurse = add_staff(region, {});
  officer = add_staff(region, {StaffRole::roster_officer, StaffRole::registrar});
  handler = add_staff(authority, {});
  chief = add_staff(authority, {StaffRole::roster_officer, StaffRole::registrar});
  lead = add_staff(authority, {});
  coach = add_staff(provider, {});
  add_team();
  add_person();
}

World::~World() { stop(); }

void World::stop() {
  if (core) core->sequencer().stop();
  core.reset();
}

Result<std::unique_ptr<Core>> World::reopen() {
  auto directory = store::DataDirectory::open(folder.path() / "data");
  if (!directory) return directory.error();
  return Core::open(std::move(*directory), crypto::MasterKey::copy_from(master_.expose()), clock,
                    {[this](const Error& error) { dies_of(error); }, {}});
}

void World::dies_of(const Error& error) {
  fatal = error;
  is_dead = true;
}

void World::restart() {
  stop();
  auto opened = reopen();
  ASSERT_TRUE(opened) << opened.error().message;
  core = std::move(*opened);
}

ActEvidence World::evidence() {
  ActEvidence out{crypto::random_id<ActId>(), clock.wall() + 24h, to_bytes(crypto::random_bytes<32>()), {}};
  out.hash = crypto::sha256(out.bytes);
  return out;
}

CommandResult World::decide(Actor actor, Act act, std::optional<ActEvidence> given) {
  const bool reads = holds_alternative<OpenReading>(act) || holds_alternative<ListDocuments>(act) ||
                     holds_alternative<ReadOverview>(act) || holds_alternative<OpenOwnDocument>(act) ||
                     std::holds_alternative<SystemActor>(actor);
  Command command{std::move(actor), std::move(act), std::move(given), {}, {}, {}};
  if (!command.evidence && !reads) command.evidence = evidence();
  return core->decide(std::move(command));
}

CommandResult World::by_administrators(Act act) {
  const ActEvidence first = evidence();
  const Approve approval{ProposalId(first.id.value()), act_to_json(act)};
  const CommandResult proposed = decide(administrators[0], std::move(act), first);
  EXPECT_TRUE(proposed.decision.is_permitted()) << static_cast<int>(proposed.decision.reason);
  return decide(administrators[1], approval);
}

CommandResult World::by_person(Act act) {
  const CommandResult overview = decide(device, ReadOverview{});
  Command command{device, std::move(act), evidence(), {}, {}, {}};
  command.seen_version = std::get<Overview>(overview.answer).person.consent_version;
  return core->decide(std::move(command));
}

OrganisationId World::add_organisation(const std::string& name, OrganisationKind kind) {
  const auto id = crypto::random_id<OrganisationId>();
  EXPECT_TRUE(by_administrators(RegisterOrganisation{id, name, "5560000000", kind}).decision.is_permitted());
  StaffActor credentials{{}, id, random_fingerprint(), random_fingerprint()};
  by_administrators(RegisterCertificate{credentials.certificate, id, issuer_, "0a", clock.wall() - 24h,
                                        clock.wall() + 24h * 300, Bytes{1}});
  by_administrators(RegisterAssertionKey{credentials.assertion_key, id, some_jwk()});
  credentials_[id] = credentials;
  return id;
}

StaffActor World::add_staff(const OrganisationId& organisation, std::set<StaffRole> roles) {
  StaffActor out = credentials_.at(organisation);
  out.staff = crypto::random_id<StaffId>();
  const CommandResult added = decide(administrators[0], RegisterStaff{out.staff, organisation, {}, "Staff", roles});
  EXPECT_TRUE(added.decision.is_permitted());
  return out;
}

void World::add_team() {
  team = crypto::random_id<TeamId>();
  EXPECT_TRUE(by_administrators(RegisterTeam{team, authority, "Konsultation", lead.staff}).decision.is_permitted());
  EXPECT_TRUE(decide(chief, AcceptTeam{team}).decision.is_permitted());
  EXPECT_TRUE(decide(chief, RosterAdd{team, handler.staff, TeamRole::member}).decision.is_permitted());
  EXPECT_TRUE(decide(lead, RosterAdd{team, handler.staff, TeamRole::member}).decision.is_permitted());
}

void World::add_person() {
  person = crypto::random_id<PersonId>();
  index = core->keys().blind_index("190001019802");
  device = {person, random_fingerprint()};
  const auto made = core->keys().make_person_keys(person, crypto::random_id<KeyId>());
  Command propose{officer, ProposeKey{index, some_jwk(), device.key}, evidence(), {}, {}, {}};
  propose.prepared = {person, "190001019802", make_durable(core->keys(), made).value()};
  EXPECT_TRUE(core->decide(std::move(propose)).decision.is_permitted());
  const CommandResult confirmed = decide(chief, ConfirmKey{index, device.key});
  EXPECT_TRUE(confirmed.decision.is_permitted()) << static_cast<int>(confirmed.decision.reason);
}

FullmaktId World::sign(Recipient recipient, const std::string& flik) {
  SignFullmakt act;
  act.id = crypto::random_id<FullmaktId>();
  act.text = "Jag låter dem läsa.";
  act.terms.disclosers = {region};
  act.terms.recipients = {recipient};
  act.terms.flikar = {flik};
  act.terms.purpose = "konsultation";
  act.terms.rights = {Right::read};
  act.terms.valid_from = clock.wall() - 1h;
  act.terms.valid_to = clock.wall() + 24h * 90;
  act.terms.secrecy_consent = "osl-10-1";
  act.terms.legal_ground = "gdpr-6-1-e";
  act.terms.language = "sv";
  act.terms.text_sha256 = crypto::sha256(as_bytes(act.text));
  const FullmaktId id = act.id;
  const CommandResult signed_act = by_person(std::move(act));
  EXPECT_TRUE(signed_act.decision.is_permitted()) << static_cast<int>(signed_act.decision.reason);
  return id;
}

DocumentId World::deposit(const std::string& flik, BytesView bytes) {
  BeginDeposit begin;
  begin.id = crypto::random_id<DepositId>();
  begin.person = index;
  begin.facts.flik = flik;
  begin.facts.title = "Anteckning";
  begin.facts.author = "Vårdcentralen";
  begin.facts.date = Date{std::chrono::year{2026} / 11 / 1};
  begin.facts.media_type = "text/plain";
  begin.facts.size = bytes.size();
  begin.facts.sha256 = crypto::sha256(bytes);
  const CommandResult begun = decide(nurse, begin);
  EXPECT_TRUE(begun.decision.is_permitted()) << static_cast<int>(begun.decision.reason);
  const auto announced = find_deposit(*core, nurse, begin.id);
  if (!announced) return {};
  Upload upload = receive(*core, nurse, *announced).value();
  EXPECT_TRUE(upload.push(bytes));
  std::promise<DocumentId> sealed;
  EXPECT_TRUE(std::move(upload).seal(*core, as_it_came(), [&](SealOutcome outcome) {
    EXPECT_TRUE(outcome.result.decision.is_permitted()) << static_cast<int>(outcome.result.decision.reason);
    sealed.set_value(outcome.document);
  }));
  return sealed.get_future().get();
}

}  // namespace flikvakt::service::test
