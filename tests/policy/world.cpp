#include "tests/policy/world.h"

#include "policy/changed_tables.h"

namespace flikvakt::policy::test {
namespace {

constexpr std::uint32_t kEpoch = 1;

json::value some_jwk() { return {{"kty", "OKP"}, {"crv", "Ed25519"}}; }

}  // namespace

World::World() {
  state.put(Instance{"flikvakt.example", "flikvakt.example/log", kEpoch, {}, now - 24h * 365});
  put_organisation(source, OrganisationKind::authority);
  put_organisation(other, OrganisationKind::municipality);
  put_organisation(provider, OrganisationKind::provider);
  put_organisation(outsider, OrganisationKind::region);
  put_credentials();
  state.put(Unit{unit, other, "Arbetsmarknad", Standing::active, kEpoch});
  put_staff(reader, other, {});
  change<Staff>(reader, [&](Staff& one) { one.unit = unit; });
  put_staff(source_staff, source, {});
  put_staff(source_colleague, source, {});
  put_staff(provider_staff, provider, {});
  put_staff(other_registrar, other, {StaffRole::registrar});
  put_staff(outsider_registrar, outsider, {StaffRole::registrar});
  put_staff(source_registrar, source, {StaffRole::registrar});
  put_staff(other_officer, other, {StaffRole::roster_officer});
  put_staff(source_officer, source, {StaffRole::roster_officer});
  put_staff(lead, source, {});
  state.put(Team{team, source, "Konsultation", lead, source_officer, Standing::active, kEpoch});
  state.put(RosterEntry{team, lead, TeamRole::lead, source_officer, lead, kEpoch});
  state.put(FlikType{kFlik, "Journal", "Record", "Anteckningar", Sensitivity::sensitive, Standing::active, kEpoch});
  state.put(FlikType{"plan", "Plan", "Plan", "Planering", Sensitivity::ordinary, Standing::active, kEpoch});
  state.put(Administrator{anna, "Anna", AdministratorKind::personal, fingerprint(801), some_jwk(), Standing::active});
  state.put(Administrator{bo, "Bo", AdministratorKind::personal, fingerprint(802), some_jwk(), Standing::active});
  state.put(
      Administrator{recovery, "Reserv", AdministratorKind::recovery, fingerprint(803), some_jwk(), Standing::active});
  put_person(person, person_index, key);
  put_person(relative, relative_index, relative_key);
  put_consent();
}

void World::put_organisation(const OrganisationId& organisation, OrganisationKind kind) {
  state.put(Organisation{organisation, "Organisation", "2021000000", kind, Standing::active, kEpoch});
}

void World::put_credentials() {
  Issuer one;
  one.fingerprint = issuer;
  one.name = "CA";
  one.certificate = {1};
  one.crl_number = 1;
  one.crl_next_update = now + 24h;
  one.epoch = kEpoch;
  state.put(std::move(one));
  for (const OrganisationId& organisation : {source, other, provider, outsider}) {
    state.put(Certificate{certificate_of(organisation), organisation, issuer, to_hex(organisation.value()), now - 24h,
                          now + 24h * 90, Standing::active, kEpoch});
    state.put(AssertionKey{assertion_key_of(organisation), organisation, some_jwk(), Standing::active, kEpoch});
  }
}

void World::put_staff(const StaffId& who, const OrganisationId& organisation, std::set<StaffRole> roles) {
  state.put(Staff{who, organisation, {}, "Handläggare", std::move(roles), Standing::active, kEpoch});
}

void World::put_person(const PersonId& who, const BlindIndex& index, const Fingerprint& thumbprint) {
  const unsigned number = who.value()[0];
  state.put(Person{who, {"190101010000"}, id<KeyId>(number), id<KeyId>(100 + number), 0, kEpoch});
  state.put(BlindIndexRow{index, who});
  state.put(DeviceKey{thumbprint, who, some_jwk(), DeviceKeyStatus::active, source_registrar, source,
                      outsider_registrar, now - 24h, kEpoch});
  state.put(KeyRow{id<KeyId>(number), {}, 1, 1, KeyStatus::active, {}});
  state.put(KeyRow{id<KeyId>(100 + number), {}, 7, 1, KeyStatus::active, {}});
}

void World::put_consent() {
  state.put(Flik{person, kFlik, id<KeyId>(201)});
  state.put(KeyRow{id<KeyId>(201), id<KeyId>(1), 2, 1, KeyStatus::active, {}});
  state.put(KeyRow{id<KeyId>(301), id<KeyId>(201), 3, 1, KeyStatus::active, {}});
  Document one;
  one.id = document;
  one.person = person;
  one.source = source;
  one.depositor = source_staff;
  one.facts.flik = kFlik;
  one.facts.title = "Utredning";
  one.facts.author = "Handläggare";
  one.facts.date = *parse_date("2026-10-01");
  one.facts.media_type = "application/pdf";
  one.facts.size = 1000;
  one.sealed_at = now - 24h;
  one.key_id = id<KeyId>(301);
  one.object = id<ObjectName>(1);
  state.put(std::move(one));
  Fullmakt given;
  given.id = fullmakt;
  given.person = person;
  given.terms.disclosers = {source};
  given.terms.recipients = {to_organisation(other)};
  given.terms.flikar = {kFlik};
  given.terms.purpose = kPurpose;
  given.terms.rights = {Right::read};
  given.terms.valid_from = now - 24h;
  given.terms.valid_to = now + 24h * 30;
  given.terms.secrecy_consent = "osl-10-1";
  given.terms.legal_ground = "gdpr-6-1-e";
  given.terms.language = "sv";
  state.put(std::move(given));
}

Fingerprint World::certificate_of(const OrganisationId& organisation) const {
  return fingerprint(600u + organisation.value()[0]);
}
Fingerprint World::assertion_key_of(const OrganisationId& organisation) const {
  return fingerprint(650u + organisation.value()[0]);
}

StaffActor World::staff(const StaffId& who) const {
  const Staff* found = state.find<Staff>(who);
  const OrganisationId organisation = found ? found->organisation : other;
  return {who, organisation, certificate_of(organisation), assertion_key_of(organisation)};
}

void World::let_provider_read() {
  state.put(Authorisation{authorisation, provider, {"coaching"}, now - 24h, now + 24h, Standing::active, kEpoch});
  state.put(Kontrakt{
      kontrakt, person, {{"Jobbcoach", provider, "coaching", now - 24h, now + 24h, ""}}, Standing::active, kEpoch});
  change_terms([&](FullmaktTerms& one) {
    one.recipients = {to_organisation(provider)};
    one.kontrakt = kontrakt;
  });
}

FullmaktId World::add_other_subject() {
  const FullmaktId theirs = id<FullmaktId>(2);
  change<Document>(document, [&](Document& one) { one.facts.other_subjects = {relative}; });
  Fullmakt given = get<Fullmakt>(fullmakt);
  given.id = theirs;
  given.person = relative;
  state.put(std::move(given));
  return theirs;
}

void World::set_sparr(SparrTerms sparr, const PersonId& whose) {
  state.put(Sparr{id<SparrId>(static_cast<unsigned>(state.all<Sparr>().size()) + 1), whose, std::move(sparr), true});
}

namespace {

// Of an approval, what it approves.
std::string_view carried_out(const State& state, const Act& act) {
  const auto* approval = get_if<Approve>(&act);
  const Proposal* waits = approval ? state.find<Proposal>(approval->proposal) : nullptr;
  const Result<Act> waiting = waits ? parse_proposal(*waits) : Result<Act>(fail(ErrorCode::not_found, "none"));
  return waiting ? kind_of(*waiting) : kind_of(act);
}

// SPEC LVR-31: what a verifier holds an act to that it cannot decide again is what the rules do, whatever is played
// here.
void expect_tables_of_its_kind(const State& state, const Actor& actor, const Act& act, const Outcome& out) {
  static const ChangedTables kWaits{{Proposal::kTable}, {}};
  if (!out.decision.is_permitted()) return;
  const bool waits = waits_for_second(state, actor, act);
  const bool approves = holds_alternative<Approve>(act);
  const ChangedTables& may = waits ? kWaits : tables_changed_by(carried_out(state, act));
  EXPECT_TRUE(!waits || kind_may_wait(kind_of(act))) << kind_of(act);
  for (const Row& row : out.puts)
    EXPECT_TRUE(is_counted_passkey(row, actor) || may.puts.contains(row_id(row).table))
        << kind_of(act) << " writes a row of table " << row_id(row).table;
  for (const RowId& row : out.erases) {
    const bool is_what_waited = approves && row.table == Proposal::kTable;
    EXPECT_TRUE(is_what_waited || may.erases.contains(row.table))
        << kind_of(act) << " erases a row of table " << row.table;
  }
}

}  // namespace

Outcome World::ask(const Actor& actor, const Act& act, Prepared prepared) const {
  Moment moment;
  moment.now = time;
  moment.act = id<ActId>(next_act_);
  moment.act_sha256 = next_act_sha256();
  moment.clock_doubt = clock_doubt;
  moment.log_doubt = log_doubt;
  moment.entry = entry;
  moment.seen_version = seen;
  if (const auto* one = std::get_if<PersonActor>(&actor); one && !seen) {
    if (const Person* known = state.find<Person>(one->person)) moment.seen_version = known->consent_version;
  }
  Outcome out = evaluate(state, actor, act, moment, prepared);
  expect_tables_of_its_kind(state, actor, act, out);
  return out;
}

Outcome World::act(const Actor& actor, const Act& act, Prepared prepared) {
  Outcome out = ask(actor, act, std::move(prepared));
  if (waits_for_second(state, actor, act) && out.decision.is_permitted())
    waiting_ = ProposalId(id<ActId>(next_act_).value());
  ++next_act_;
  carry_out(out);
  return out;
}

Approve World::approval_of(const ProposalId& proposal) const {
  const Proposal* waits = state.find<Proposal>(proposal);
  return {proposal, waits ? parse_json(waits->act).value() : json::value()};
}

Outcome World::approve(const Actor& actor) { return act(actor, approval_of(waiting_)); }

Outcome World::ask_approval(const Actor& actor) const { return ask(actor, approval_of(waiting_)); }

void World::carry_out(const Outcome& outcome) {
  for (const Row& row : outcome.puts) state.put(row);
  for (const RowId& row : outcome.erases) state.erase(row);
}

Prepared World::prepared_person(unsigned number) const {
  Prepared out;
  out.person = id<PersonId>(number);
  out.number = "190202020000";
  out.keys = {KeyRow{id<KeyId>(number), {}, 1, 1, KeyStatus::active, {}},
              KeyRow{id<KeyId>(100 + number), {}, 7, 1, KeyStatus::active, {}}};
  return out;
}

::testing::AssertionResult is_permitted(const Decision& decision) {
  if (decision.is_permitted()) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << "refused by rule " << static_cast<int>(decision.rule) << ", reason "
                                       << static_cast<int>(decision.reason);
}

::testing::AssertionResult is_refused(const Decision& decision, Reason why) {
  if (decision.is_permitted()) return ::testing::AssertionFailure() << "permitted";
  if (decision.reason == why) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << "refused for reason " << static_cast<int>(decision.reason) << ", not "
                                       << static_cast<int>(why);
}

::testing::AssertionResult is_refused(const Decision& decision, Reason why, Rule rule) {
  if (decision.is_permitted() || decision.rule == rule) return is_refused(decision, why);
  return ::testing::AssertionFailure() << "refused by rule " << static_cast<int>(decision.rule) << ", not "
                                       << static_cast<int>(rule);
}

bool concerns(const Outcome& outcome, const PersonId& person) {
  for (const Concern& one : outcome.concerns) {
    if (one.person == person) return true;
  }
  return false;
}

}  // namespace flikvakt::policy::test
