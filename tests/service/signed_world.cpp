#include "tests/service/signed_world.h"

#include <future>
#include <thread>

#include "base/overloaded.h"
#include "crypto/canonical_json.h"
#include "crypto/jws.h"
#include "service/apply_crl.h"
#include "service/create_instance.h"
#include "service/deposit.h"
#include "service/handles.h"
#include "service/keys_admin.h"
#include "service/open_document.h"
#include "service/plan_pruning.h"
#include "service/staff_assertion.h"

namespace flikvakt::service::test {

using namespace policy;

namespace {

constexpr std::string_view kPurpose = "konsultation";

CommandResult wait_for(Core& core, Command command) {
  std::promise<CommandResult> promise;
  perform(core, std::move(command), [&](CommandResult result) { promise.set_value(std::move(result)); });
  return promise.get_future().get();
}

}  // namespace

Official make_official(const std::string& name, AdministratorKind kind) {
  Official out;
  out.row = {crypto::random_id<AdministratorId>(),
             name,
             kind,
             out.key.public_key().thumbprint(),
             out.key.public_key().to_jwk(),
             Standing::active};
  return out;
}

SignedWorld::SignedWorld() : master_(crypto::MasterKey::random()) {
  pki = certs::DevPki::create(folder.path() / "pki", clock.wall()).value();
  officials.push_back(make_official("Ada", AdministratorKind::personal));
  officials.push_back(make_official("Ben", AdministratorKind::personal));
  officials.push_back(make_official("Recovery", AdministratorKind::recovery));
  std::vector<Administrator> rows;
  for (const Official& one : officials) rows.push_back(one.row);
  JointAct founding{founding_act("test", "flikvakt.test/log", rows, clock.wall()), {}};
  for (const Official& one : officials) founding.signatures.push_back(sign_joint(founding.act, one.key).value());
  core = create_instance(store::DataDirectory::create(data()).value(), master(), founding, clock, {}).value();
  add_registry();
  anna.number = "200002292399";
  bo.number = "200004059937";
}

void SignedWorld::stop() {
  if (core) core->sequencer().stop();
  core.reset();
}

Result<std::unique_ptr<Core>> SignedWorld::reopen() {
  return Core::open(TRY(store::DataDirectory::open(data())), master(), clock, hooks);
}

void SignedWorld::restart() {
  stop();
  auto opened = reopen();
  ASSERT_TRUE(opened) << opened.error().message;
  core = std::move(*opened);
}

void SignedWorld::rotate_master() {
  const AdministratorActor ada{officials[0].row.id};
  Command ordered = command(ada, RotateKeys{}).value();
  crypto::MasterKey fresh = crypto::MasterKey::random();
  ASSERT_TRUE(rotate_master_key(std::move(core), fresh, std::move(ordered)));
  master_ = std::move(fresh);
  core = reopen().value();
}

LogReport SignedWorld::verify(std::span<const std::string> saved) {
  const store::Reader rows = store::Reader::open(core->data_directory().database(), core->keys().database()).value();
  return verify_log(rows, core->keys(), VerifiedRows::live, saved, {}, {}, clock.wall()).value();
}

void SignedWorld::prune(UtcTime before) {
  const store::Reader rows = store::Reader::open(core->data_directory().database(), core->keys().database()).value();
  const auto planned = plan_pruning(rows, core->keys(), before);
  ASSERT_TRUE(planned) << planned.error().message;
  const CommandResult done = by_two(PruneLog{before, planned->kept_sha256});
  EXPECT_TRUE(done.decision.is_permitted()) << static_cast<int>(done.decision.reason);
  wait_until_pruned();
}

void SignedWorld::wait_until_pruned() {
  const Counters& counters = core->sequencer().counters();
  for (int i = 0; i < 3000 && counters.pruning_left > 0; ++i) std::this_thread::sleep_for(10ms);
  EXPECT_EQ(counters.pruning_left.load(), 0u);
}

const SigningKey* SignedWorld::signing_key(const Actor& actor) const {
  if (const auto* person = std::get_if<PersonActor>(&actor)) return device_keys_.at(person->key);
  if (const auto* one = std::get_if<AdministratorActor>(&actor)) {
    for (const Official& official : officials) {
      if (official.row.id == one->administrator) return &official.key;
    }
  }
  return nullptr;
}

Result<Command> SignedWorld::command(const Actor& actor, const Act& act, const std::string& number,
                                     std::optional<std::uint64_t> seen, const std::string& other) {
  const auto* staff = std::get_if<StaffActor>(&actor);
  const OrganisationId space = staff ? staff->organisation : OrganisationId();
  SentAct sent;
  sent.id = crypto::random_id<ActId>();
  sent.audience = "test";
  sent.issued = clock.wall();
  sent.expires = clock.wall() + 24h;
  sent.seen_version = seen;
  sent.act = act_to_json(act);
  if (const auto* person = std::get_if<PersonActor>(&actor)) sent.representative = person->representative;
  if (!number.empty()) sent.act.get_object()["person"] = TRY(handle_for(core->keys(), space, number, clock));
  if (!other.empty()) sent.act.get_object()["representative"] = TRY(handle_for(core->keys(), space, other, clock));
  const std::string text = crypto::canonical(to_json(sent));
  sent = TRY(from_json<SentAct>(TRY(parse_json(text))));  // as the door reads it
  Bytes evidence = to_bytes(as_bytes(text));
  if (const SigningKey* key = signing_key(actor)) {
    const bool is_person = std::holds_alternative<PersonActor>(actor);
    const std::string jws = TRY(crypto::sign_jws(*key, is_person ? kPersonActJws : kAdministratorActJws,
                                                 kid_of(key->public_key().thumbprint()), as_bytes(text)));
    evidence = to_bytes(as_bytes(jws));
  }
  Command made = TRY(make_command(*core, actor, sent, std::move(evidence), space));
  if (staff) made.evidence->assertion = assertion_for(*staff);
  return made;
}

std::string SignedWorld::assertion_for(const StaffActor& staff) const {
  const auto now = std::chrono::floor<std::chrono::seconds>(clock.wall()).time_since_epoch().count();
  const json::object claims{{"aud", "test"},
                            {"cnf", json::object{{"x5t#S256", to_base64url(staff.certificate)}}},
                            {"exp", now + 290},
                            {"iat", now},
                            {"iss", staff.organisation.text()},
                            {"jti", crypto::random_id<ActId>().text()},
                            {"sub", staff.staff.text()}};
  return crypto::sign_jws(assertion_keys_.at(staff.assertion_key), kStaffAssertionType, kid_of(staff.assertion_key),
                          as_bytes(crypto::canonical(claims)))
      .value();
}

CommandResult SignedWorld::by_registrars(const Act& act, const std::string& number, const std::string& other) {
  Result<Command> first = command(region_registrar, act, number, {}, other);
  EXPECT_TRUE(first) << (first ? "" : first.error().message);
  if (!first) return {};
  const ProposalId proposal(first->evidence->id.value());
  const CommandResult proposed = wait_for(*core, std::move(*first));
  EXPECT_TRUE(proposed.decision.is_permitted()) << static_cast<int>(proposed.decision.reason);
  Approve approval{proposal, act_to_json(act)};
  json::object& repeated = approval.act.get_object();
  repeated["person"] = handle_for(core->keys(), chief.organisation, number, clock).value();
  if (!other.empty()) repeated["representative"] = handle_for(core->keys(), chief.organisation, other, clock).value();
  return send(chief, approval);
}

CommandResult SignedWorld::send(const Actor& actor, const Act& act, const std::string& number,
                                const std::string& other) {
  Result<Command> made = command(actor, act, number, {}, other);
  EXPECT_TRUE(made) << (made ? "" : made.error().message);
  return made ? wait_for(*core, std::move(*made)) : CommandResult{};
}

CommandResult SignedWorld::by_two(const Act& act, const std::string& number) {
  Result<Command> first = command(administrator(0), act, number);
  EXPECT_TRUE(first) << (first ? "" : first.error().message);
  if (!first) return {};
  const ProposalId proposal(first->evidence->id.value());
  const CommandResult proposed = wait_for(*core, std::move(*first));
  EXPECT_TRUE(proposed.decision.is_permitted()) << static_cast<int>(proposed.decision.reason);
  Approve approval{proposal, act_to_json(act)};
  if (!number.empty()) approval.act.get_object()["person"] = handle_for(core->keys(), {}, number, clock).value();
  return send(administrator(1), approval);
}

CommandResult SignedWorld::ask(const Actor& actor, const Act& act) {
  return core->decide(Command{actor, act, {}, {}, {}, {}});
}

std::uint64_t SignedWorld::version_of(const Member& member) {
  const CommandResult overview = ask(member.actor, ReadOverview{});
  const auto* answer = std::get_if<Overview>(&overview.answer);
  return answer ? answer->person.consent_version : 0;
}

CommandResult SignedWorld::by_person(const Member& member, const Act& act) {
  Result<Command> made = command(member.actor, act, {}, version_of(member));
  EXPECT_TRUE(made) << (made ? "" : made.error().message);
  return made ? wait_for(*core, std::move(*made)) : CommandResult{};
}

StaffActor SignedWorld::add_organisation(const std::string& label, OrganisationKind kind) {
  StaffActor out;
  out.organisation = crypto::random_id<OrganisationId>();
  EXPECT_TRUE(by_two(RegisterOrganisation{out.organisation, label, "5560000000", kind}).decision.is_permitted());
  const certs::IssuedIdentity identity = pki->issue_client(label, label, "5560000000", clock.wall()).value();
  const crypto::Certificate& leaf = identity.leaf;
  out.certificate = leaf.sha256_fingerprint();
  RegisterCertificate certificate;
  certificate.fingerprint = out.certificate;
  certificate.organisation = out.organisation;
  certificate.issuer = pki->ca().certificate().sha256_fingerprint();
  certificate.serial = leaf.serial_hex();
  certificate.valid_from = leaf.not_before();
  certificate.valid_to = leaf.not_after();
  certificate.certificate = leaf.der();
  EXPECT_TRUE(by_two(certificate).decision.is_permitted());
  const SigningKey key = SigningKey::generate(crypto::KeyAlgorithm::ed25519);
  out.assertion_key = key.public_key().thumbprint();
  by_two(RegisterAssertionKey{out.assertion_key, out.organisation, key.public_key().to_jwk()});
  assertion_keys_.emplace(out.assertion_key, SigningKey::from_seed(crypto::KeyAlgorithm::ed25519, key.seed()).value());
  return out;
}

StaffActor SignedWorld::add_staff(StaffActor of, std::set<StaffRole> roles) {
  of.staff = crypto::random_id<StaffId>();
  EXPECT_TRUE(send(administrator(0), RegisterStaff{of.staff, of.organisation, {}, "Staff", std::move(roles)})
                  .decision.is_permitted());
  return of;
}

void SignedWorld::add_registry() {
  const crypto::Certificate& ca = pki->ca().certificate();
  issuer = ca.sha256_fingerprint();
  by_two(RegisterIssuer{issuer, "Test CA", ca.der()});
  ASSERT_TRUE(apply_crl_file(*core, pki->crl_path()));
  for (const char* flik : {"journal", "ekonomi"}) {
    send(administrator(0), RegisterFlikType{flik, flik, flik, "test", Sensitivity::sensitive});
  }
  const StaffActor of_region = add_organisation("region", OrganisationKind::region);
  const StaffActor of_authority = add_organisation("myndighet", OrganisationKind::authority);
  const StaffActor of_provider = add_organisation("insats", OrganisationKind::provider);
  region = of_region.organisation;
  authority = of_authority.organisation;
  provider = of_provider.organisation;
  nurse = add_staff(of_region, {});
  region_registrar = add_staff(of_region, {StaffRole::registrar, StaffRole::roster_officer});
  handler = add_staff(of_authority, {});
  chief = add_staff(of_authority, {StaffRole::registrar, StaffRole::roster_officer});
  lead = add_staff(of_authority, {});
  coach = add_staff(of_provider, {});
  team = crypto::random_id<TeamId>();
  EXPECT_TRUE(by_two(RegisterTeam{team, authority, "Konsultation", lead.staff}).decision.is_permitted());
  EXPECT_TRUE(send(chief, AcceptTeam{team}).decision.is_permitted());
  EXPECT_TRUE(send(chief, RosterAdd{team, handler.staff, TeamRole::member}).decision.is_permitted());
  EXPECT_TRUE(send(lead, RosterAdd{team, handler.staff, TeamRole::member}).decision.is_permitted());
}

Member SignedWorld::enrol(const std::string& number) {
  Member out;
  out.number = number;
  out.actor.key = out.key.public_key().thumbprint();
  kept_keys_.push_back(
      std::make_unique<SigningKey>(SigningKey::from_seed(crypto::KeyAlgorithm::p256, out.key.seed()).value()));
  device_keys_[out.actor.key] = kept_keys_.back().get();
  const ProposeKey propose{{}, out.key.public_key().to_jwk(), out.actor.key};
  EXPECT_TRUE(send(region_registrar, propose, number).decision.is_permitted());
  const CommandResult confirmed = send(chief, ConfirmKey{{}, out.actor.key}, number);
  EXPECT_TRUE(confirmed.decision.is_permitted()) << static_cast<int>(confirmed.decision.reason);
  out.actor.person = core->directory().device_key(out.actor.key).value().person;
  return out;
}

FullmaktId SignedWorld::sign(const Member& member, std::optional<std::uint32_t> max_readings, const std::string& flik) {
  SignFullmakt act;
  act.id = crypto::random_id<FullmaktId>();
  act.text = "Jag låter dem läsa.";
  act.terms.disclosers = {region};
  act.terms.recipients = {{RecipientKind::team, team.value()}};
  act.terms.flikar = {flik};
  act.terms.purpose = kPurpose;
  act.terms.rights = {Right::read};
  act.terms.valid_from = clock.wall() - 1h;
  act.terms.valid_to = clock.wall() + 24h * 10;
  act.terms.max_readings = max_readings;
  act.terms.secrecy_consent = "osl-10-1";
  act.terms.legal_ground = "gdpr-6-1-e";
  act.terms.language = "sv";
  act.terms.text_sha256 = crypto::sha256(as_bytes(act.text));
  const CommandResult done = by_person(member, act);
  EXPECT_TRUE(done.decision.is_permitted()) << static_cast<int>(done.decision.reason);
  return act.id;
}

DocumentId SignedWorld::deposit(const Member& member, const std::string& flik, const std::string& text,
                                const Member* other) {
  BeginDeposit begin;
  begin.id = crypto::random_id<DepositId>();
  begin.facts.flik = flik;
  begin.facts.title = "Anteckning";
  begin.facts.author = "Vårdcentralen";
  begin.facts.date = Date{std::chrono::year{2026} / 11 / 1};
  begin.facts.media_type = "text/plain";
  begin.facts.size = text.size();
  begin.facts.sha256 = crypto::sha256(as_bytes(text));
  Result<Command> made = command(nurse, begin, member.number);
  if (other) {  // what was sent names the other by handle too
    SentAct sent;
    sent.id = crypto::random_id<ActId>();
    sent.audience = "test";
    sent.issued = clock.wall();
    sent.expires = clock.wall() + 24h;
    sent.act = act_to_json(begin);
    sent.act.get_object()["person"] = handle_for(core->keys(), region, member.number, clock).value();
    sent.act.get_object()["other_subjects"] =
        json::array{json::value(handle_for(core->keys(), region, other->number, clock).value())};
    const std::string body = crypto::canonical(to_json(sent));
    sent = from_json<SentAct>(parse_json(body).value()).value();
    made = make_command(*core, nurse, sent, to_bytes(as_bytes(body)), region);
    if (made) made->evidence->assertion = assertion_for(nurse);
  }
  EXPECT_TRUE(made) << (made ? "" : made.error().message);
  const CommandResult begun = wait_for(*core, std::move(*made));
  EXPECT_TRUE(begun.decision.is_permitted()) << static_cast<int>(begun.decision.reason);
  const auto announced = find_deposit(*core, nurse, begin.id);
  if (!announced) return {};
  Upload upload = receive(*core, nurse, *announced).value();
  EXPECT_TRUE(upload.push(as_bytes(text)));
  std::promise<DocumentId> sealed;
  EXPECT_TRUE(std::move(upload).seal(*core, gate, [&](SealOutcome outcome) {
    EXPECT_TRUE(outcome.result.decision.is_permitted()) << static_cast<int>(outcome.result.decision.reason);
    sealed.set_value(outcome.document);
  }));
  return sealed.get_future().get();
}

std::optional<std::shared_ptr<const LoggedPermit>> SignedWorld::open(const StaffActor& reader,
                                                                     const DocumentId& document) {
  OpenResult result = unseal(*core, core->decide(opening_of(reader, document, std::string(kPurpose))));
  if (!result.opened) return std::nullopt;
  return result.opened->permit;
}

CommandResult SignedWorld::close(const LoggedPermit& permit, std::uint64_t bytes) {
  core->readings().cut(permit.reading());
  return ask(SystemActor{}, CloseReading{permit.reading(), ReadingEnd::complete, bytes});
}

void SignedWorld::play() {
  anna = enrol(anna.number);
  bo = enrol(bo.number);
  annas_fullmakt = sign(anna, 3);
  annas_revoked = sign(anna, {}, "ekonomi");
  sign(bo);
  annas_journal = deposit(anna, "journal", "Annas journal");
  annas_shredded = deposit(anna, "ekonomi", "Annas ekonomi");
  bos_document = deposit(bo, "journal", "Bos journal");
  const DocumentId shared = deposit(anna, "journal", "Om Anna och Bo", &bo);

  const auto first = open(handler, annas_journal);
  ASSERT_TRUE(first);
  EXPECT_TRUE(close(**first, 12).decision.is_permitted());
  ASSERT_TRUE(open(handler, shared)) << "both have opened it";
  EXPECT_FALSE(open(coach, annas_journal)) << "refused, and logged";
  EXPECT_FALSE(open(handler, crypto::random_id<DocumentId>()));
  ASSERT_TRUE(open(handler, annas_journal)) << "the last of three; left open";
  EXPECT_FALSE(open(handler, annas_journal)) << "used up";
  ask(handler, ListDocuments{core->keys().blind_index(anna.number), std::string(kPurpose)});

  annas_lifted = crypto::random_id<SparrId>();
  annas_sparr = crypto::random_id<SparrId>();
  SparrTerms terms;
  terms.target = SparrTarget::flik;
  terms.flik = "ekonomi";
  EXPECT_TRUE(by_person(anna, SetSparr{annas_lifted, terms}).decision.is_permitted());
  EXPECT_TRUE(by_person(anna, LiftSparr{annas_lifted}).decision.is_permitted());
  EXPECT_TRUE(by_person(anna, SetSparr{annas_sparr, terms}).decision.is_permitted());
  EXPECT_TRUE(by_person(anna, PauseFullmakt{annas_revoked}).decision.is_permitted());
  EXPECT_TRUE(by_person(anna, ResumeFullmakt{annas_revoked}).decision.is_permitted());
  EXPECT_TRUE(by_person(anna, RevokeFullmakt{annas_revoked}).decision.is_permitted());
  EXPECT_FALSE(by_person(anna, ResumeFullmakt{annas_revoked}).decision.is_permitted());
  PaperNarrowing paper;
  paper.revoke = {crypto::random_id<FullmaktId>()};
  EXPECT_TRUE(send(chief, paper, anna.number).decision.is_permitted());
  EXPECT_TRUE(send(chief, paper, "197302889931").decision.is_permitted()) << "somebody unknown: the same answer";

  EXPECT_TRUE(send(administrator(0), Suspend{RegistryNoun::staff, coach.staff.text()}).decision.is_permitted());
  EXPECT_TRUE(by_two(Reinstate{RegistryNoun::staff, coach.staff.text()}).decision.is_permitted());
  EXPECT_TRUE(send(administrator(0), Remove{RegistryNoun::staff, coach.staff.text()}).decision.is_permitted());
  const std::vector<std::string> revoked{"0badcafe"};
  ASSERT_TRUE(pki->write_crl(revoked, 2, clock.wall(), clock.wall() + 24h * 60));
  EXPECT_TRUE(apply_crl_file(*core, pki->crl_path()));
  restart();

  EXPECT_TRUE(by_two(Shred{ShredScope::document, {}, {}, annas_shredded}).decision.is_permitted());
  const CommandResult erased = by_two(Shred{ShredScope::person, {}, {}, {}}, bo.number);
  EXPECT_TRUE(erased.decision.is_permitted()) << static_cast<int>(erased.decision.reason);
  clock.advance(24h * 11);
  core->decide({SystemActor{}, Start{}, {}, {}, {}, {}});  // one act more, behind the expiries
  for (int i = 0; i < 200; ++i) ask(lead, ListCases{});
}

}  // namespace flikvakt::service::test
