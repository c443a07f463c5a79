#include "tests/gateway/long_world.h"

#include "policy/requests.h"
#include "policy/terms.h"
#include "service/figures.h"
#include "service/organisation_log.h"

namespace flikvakt::gateway::test {
namespace {

using namespace policy;

constexpr std::size_t kLongestName = 200;  // bytes (is_name)
constexpr std::size_t kOrganisations = 64, kStaff = 70, kTeams = 50, kFlikTypes = 50, kUnits = 20, kTemplates = 8,
                      kShortTemplates = 30;
constexpr std::size_t kStanding = 26, kEnded = 14, kSparrar = 26, kDocuments = 104, kRequests = 60, kKeys = 22;
constexpr std::size_t kSourceRequests = 22;
constexpr std::size_t kCases = 66, kPlans = 6, kOrders = 42, kProposals = 22, kProviders = 22, kReviewed = 140;

std::string name(std::string_view what, std::size_t i) {
  return std::string(what) + " " + std::to_string(i) + " " + words(kLongestName - what.size() - 8);
}

service::ActEvidence evidence(UtcTime now) {
  service::ActEvidence out{crypto::random_id<ActId>(), now + 24h, to_bytes(crypto::random_bytes<32>()), {}};
  out.hash = crypto::sha256(out.bytes);
  return out;
}

Date day(UtcTime time) { return Date(std::chrono::floor<std::chrono::days>(time)); }

std::string digits_of(std::string_view number) {
  std::string out(number);
  std::erase(out, '-');
  return out;
}

}  // namespace

std::string words(std::size_t bytes) {
  constexpr std::string_view kWords =
      "Under hela tiden gör deltagaren så gott det går och vi följer upp hur det blev. ";
  std::string out;
  while (out.size() < bytes) out += kWords;
  out.resize(bytes);
  while (!out.empty() && (static_cast<unsigned char>(out.back()) & 0xC0) == 0x80) out.pop_back();
  if (!out.empty() && static_cast<unsigned char>(out.back()) >= 0xC0) out.pop_back();
  while (out.size() < bytes) out += 'x';
  return out;
}

LongWorld::LongWorld()
    : PortalWorld([](Server::Options& options) { options.pages_per_second = options.page_burst = 1e6; }) {
  registry();
  teams();
  providers();
  register_guardians();  // before all organisations are recipients: of two registrars one may not be (P8)
  fullmakter();
  plans();
  documents();
  rest_of_the_person();
  waiting();
  reviewed();
  figures();
}

void LongWorld::must(Actor actor, Act act) {
  const json::value told = act_to_json(act);
  const service::CommandResult result = world.decide(std::move(actor), std::move(act));
  EXPECT_TRUE(result.decision.is_permitted())
      << to_text(told).substr(0, 300) << ": " << to_text(to_json(result.decision.reason));
}

void LongWorld::by_two(Act act) {
  const json::value told = act_to_json(act);
  const service::CommandResult result = world.by_administrators(std::move(act));
  EXPECT_TRUE(result.decision.is_permitted())
      << to_text(told).substr(0, 300) << ": " << to_text(to_json(result.decision.reason));
}

void LongWorld::by_milo(Act act) {
  const PersonActor milo{world.person, world.device.public_key().thumbprint()};
  const service::CommandResult seen = world.core->decide(service::Command{milo, ReadOverview{}, {}, {}, {}, {}, {}});
  const std::uint64_t version = std::get<Overview>(seen.answer).person.consent_version;
  const json::value told = act_to_json(act);
  service::Command command{milo, std::move(act), evidence(world.now), version, {}, {}, {}};
  const service::CommandResult result = world.core->decide(std::move(command));
  EXPECT_TRUE(result.decision.is_permitted())
      << to_text(told).substr(0, 300) << ": " << to_text(to_json(result.decision.reason));
}

ProposalId LongWorld::waits(Actor actor, Act act) {
  service::ActEvidence proof = evidence(world.now);
  const ProposalId out(proof.id.value());
  service::Command command{std::move(actor), std::move(act), std::move(proof), {}, {}, {}, {}};
  EXPECT_TRUE(world.core->decide(std::move(command)).decision.is_permitted());
  return out;
}

void LongWorld::registry() {
  const auto admin = world.administrators[0];
  for (std::size_t i = 0; i < kOrganisations; ++i) {
    organisations_.push_back(crypto::random_id<OrganisationId>());
    by_two(RegisterOrganisation{organisations_.back(), name("Myndigheten", i), name("nr", i),
                                OrganisationKind::authority});
  }
  organisation = world.region->id;
  for (std::size_t i = 0; i < kStaff; ++i) {
    must(admin, RegisterStaff{crypto::random_id<StaffId>(),
                              organisation,
                              {},
                              name("Medarbetare", i),
                              {StaffRole::registrar, StaffRole::log_reviewer}});
    must(admin, RegisterStaff{crypto::random_id<StaffId>(), world.authority->id, {}, name("Handläggare", i), {}});
  }
  for (std::size_t i = 0; i < kUnits; ++i)
    must(admin, RegisterUnit{crypto::random_id<UnitId>(), organisation, name("Enheten", i)});
  for (std::size_t i = 0; i < kFlikTypes; ++i) {
    const std::string code = "flik-" + std::to_string(i);
    must(admin, RegisterFlikType{code, name("Flik", i), name("Flik", i), words(2000), Sensitivity::sensitive});
    flikar_.insert(code);
  }
  disclosers_.insert(organisations_.begin(), organisations_.begin() + kMostInSet - 1);
  disclosers_.insert(organisation);
  flikar_.erase(flikar_.begin());  // with the journal as many as a fullmakt may name
  flikar_.insert("journal");
  for (std::size_t i = 0; i < kTemplates + kShortTemplates; ++i) {  // the last ones have every language and much text
    RegisterTemplate act{crypto::random_id<TemplateId>(),
                         disclosers_,
                         {},
                         flikar_,
                         "konsultation",
                         {Right::read},
                         90,
                         "osl-10-1",
                         "gdpr-6-1-e",
                         {}};
    for (const OrganisationId& id : disclosers_) act.recipients.insert({RecipientKind::organisation, id.value()});
    recipients_ = act.recipients;
    if (i < kShortTemplates) {
      act.texts.push_back({"sv", name("Mall", i), "Att läsa det som står i flikarna."});
    } else {
      for (const char* language : {"sv", "en", "fi", "so", "ar", "ti", "fa", "uk", "pl", "se"})
        act.texts.push_back({language, name("Mall", i), words(kLongestText)});
    }
    template_id = act.id;
    by_two(std::move(act));
  }
}

void LongWorld::teams() {
  const auto lead = world.actor(*world.authority, world.handler);
  const auto officer = world.actor(*world.authority, world.authority_registrar);
  for (std::size_t i = 0; i < kTeams; ++i) {
    const TeamId id = crypto::random_id<TeamId>();
    by_two(RegisterTeam{id, world.authority->id, name("Teamet", i), world.handler});
    must(officer, AcceptTeam{id});
    other_team_ = std::exchange(team, id);
  }
  std::size_t places = 0;
  for (const Staff& one : world.core->directory().rows<Staff>()) {
    if (one.organisation != world.authority->id || one.id == world.handler || places++ == 40) continue;
    must(officer, RosterAdd{team, one.id, TeamRole::member});
    if (places % 2 == 0) must(lead, RosterAdd{team, one.id, TeamRole::member});
  }
}

void LongWorld::providers() {
  std::set<std::string> areas;
  for (std::size_t i = 0; i < kMostInSet; ++i) areas.insert(name("område", i));
  const auto enter = [&](const TestOrganisation& of, const StaffId& staff) {
    must(world.administrators[0], RegisterAuthorisation{crypto::random_id<AuthorisationId>(), of.id, areas,
                                                        world.now - 24h, world.now + 24h * 400});
    SetProviderEntry entry{areas, {}};
    for (const char* language : {"sv", "en"}) {
      const std::string answer = words(kLongestAnswer);
      entry.texts.push_back({language, answer, answer, answer, answer, answer});
    }
    must(world.actor(of, staff), std::move(entry));
    catalogued = of.id;
  };
  for (std::size_t i = 0; i < kProviders; ++i) {
    const auto of =
        world.add_organisation("p" + std::to_string(i), crypto::KeyAlgorithm::ed25519, OrganisationKind::provider);
    enter(*of, world.add_staff(*of, {StaffRole::registrar}));
  }
  enter(*provider, officer);
  for (std::size_t i = 0; i < 16; ++i)
    must(world.administrators[0], RegisterAuthorisation{crypto::random_id<AuthorisationId>(), provider->id, areas,
                                                        world.now - 24h, world.now + 24h * 400});
}

void LongWorld::fullmakter() {
  FullmaktTerms terms;
  terms.disclosers = disclosers_;
  terms.flikar = flikar_;
  terms.purpose = "konsultation";
  terms.rights = {Right::read, Right::deposit};
  terms.valid_from = world.now - 1h;
  terms.valid_to = world.now + 24h * 90;
  terms.secrecy_consent = "osl-10-1";
  terms.legal_ground = "gdpr-6-1-e";
  terms.language = "sv";
  for (std::size_t i = 0; i < kStanding + kEnded; ++i) {
    SignFullmakt act{crypto::random_id<FullmaktId>(), terms, words(kLongestText), {}, {}};
    act.terms.recipients = recipients_;
    act.terms.recipients.erase(act.terms.recipients.begin());
    act.terms.recipients.erase(act.terms.recipients.begin());
    act.terms.recipients.insert({RecipientKind::organisation, world.authority->id.value()});
    act.terms.recipients.insert({RecipientKind::team, team.value()});
    act.terms.max_readings = 1000;
    act.terms.text_sha256 = crypto::sha256(as_bytes(act.text));
    const FullmaktId id = act.id;
    by_milo(std::move(act));
    if (i >= kStanding) by_milo(RevokeFullmakt{id});
    if (i == 0) fullmakt = id;
    if (i == 1) by_milo(PauseFullmakt{paused = id});
  }
}

void LongWorld::plans() {
  const UtcTime from = world.now - 24h, to = world.now + 24h * 60;
  const std::string area = name("område", 0);
  KontraktPlan plan;
  for (std::size_t i = 0; i < 50; ++i)
    plan.parts.push_back({name("Insats", i), provider->id, area, from, to, words(4000)});
  for (std::size_t i = 0; i < 100; ++i) plan.milestones.push_back({words(500), day(to), {}});
  plan.goals = words(4000);
  for (std::size_t i = 0; i < kPlans; ++i) {
    const auto id = crypto::random_id<KontraktId>();
    must(world.administrators[0], RegisterKontrakt{id, index(), plan.parts, plan.goals, plan.milestones});
    kontrakt = id;
  }
  proposed = kontrakt;
  must(world.administrators[0], ProposeKontrakt{proposed, plan});
  for (std::size_t i = 0; i < kOrders; ++i) {
    const auto id = crypto::random_id<KontraktId>();
    must(world.administrators[0],
         RegisterKontrakt{id, index(), {{name("Insats", i), provider->id, area, from, to, ""}}, "", {}});
    must(world.administrators[0], EndKontrakt{id});
  }
  SignFullmakt act{crypto::random_id<FullmaktId>(), {}, "Jag låter dem läsa.", {}, {}};
  act.terms.disclosers = {organisation};
  act.terms.recipients = {{RecipientKind::organisation, provider->id.value()}};
  act.terms.flikar = flikar_;
  act.terms.purpose = "insats";
  act.terms.rights = {Right::read, Right::deposit};
  act.terms.valid_from = from;
  act.terms.valid_to = to;
  act.terms.kontrakt = kontrakt;
  act.terms.secrecy_consent = "osl-10-1";
  act.terms.legal_ground = "gdpr-6-1-e";
  act.terms.language = "sv";
  act.terms.text_sha256 = crypto::sha256(as_bytes(act.text));
  by_milo(std::move(act));
}

void LongWorld::documents() {
  ApiClient client = world.staff(*world.region, world.nurse);
  const std::string of = world.handle(client);
  const Bytes bytes = text_bytes(10);
  for (std::size_t i = 0; i < kDocuments; ++i) {
    json::object begin = world.begin_deposit(of, bytes, i % 2 == 0 ? "journal" : "flik-7");
    json::object& facts = begin["act"].as_object()["facts"].as_object();
    facts["title"] = name("Handling", i);
    facts["author"] = name("Den som skrev", i);
    EXPECT_EQ(client.post("/v1/acts", begin).status, 200u);
    const std::string id(begin.at("act").at("id").as_string());
    const ApiReply sealed = client.put("/v1/deposits/" + id + "/content", "text/plain", bytes);
    EXPECT_EQ(sealed.status, 201u) << sealed.body;
    document = sealed.text("/document");
  }
}

void LongWorld::rest_of_the_person() {
  for (std::size_t i = 0; i < kSparrar; ++i) {
    SparrTerms terms;
    terms.target = SparrTarget::flik;
    terms.flik = "flik-9";
    terms.everyone = false;
    terms.recipients = recipients_;
    by_milo(SetSparr{sparr = crypto::random_id<SparrId>(), terms});
  }
  const auto lead = world.actor(*world.authority, world.handler);
  for (std::size_t i = 0; i < kRequests; ++i) {
    RequestAccess act{crypto::random_id<RequestId>(), index(), {}};
    act.terms.recipient = {RecipientKind::team, team.value()};
    act.terms.disclosers = {disclosers_.begin(), std::next(disclosers_.begin(), kMostDisclosersAsked)};
    act.terms.flikar = flikar_;
    act.terms.purpose = "konsultation";
    act.terms.rights = {Right::read, Right::deposit};
    act.terms.valid_to = world.now + 24h * 90;
    act.terms.message = words(kLongestMessage);
    const RequestId id = act.id;
    must(lead, std::move(act));
    if (i >= kRequests / 4) by_milo(DeclineRequest{id});
    if (i == 0) request = id;
  }
  for (std::size_t i = 0; i < kSourceRequests; ++i) {
    AskSource act{crypto::random_id<RequestId>(), index(), {}};
    act.terms.recipient = {RecipientKind::team, team.value()};
    act.terms.disclosers = {*disclosers_.begin()};
    act.terms.flikar = {*flikar_.begin()};
    act.terms.purpose = "konsultation";
    act.terms.rights = {Right::read};
    act.terms.valid_to = world.now + 24h * 90;
    act.terms.message = words(kLongestMessage);
    must(lead, std::move(act));
  }
  for (std::size_t i = 0; i < kKeys; ++i) {
    const auto key = crypto::SigningKey::generate(crypto::KeyAlgorithm::p256);
    by_milo(AddKey{key.public_key().to_jwk(), key.public_key().thumbprint(), {}});
  }
  for (std::size_t i = 0; i < kCases; ++i) {
    const auto id = crypto::random_id<CaseId>();
    std::vector<UtcTime> meetings;
    for (int hour = 0; hour < 50; ++hour) meetings.push_back(world.now + 24h * 10 + std::chrono::hours(hour));
    by_milo(SignReferral{id, team, CaseFocus::illness, meetings, organisations_[i % kOrganisations], day(world.now)});
    if (i % 2 == 0) must(lead, AcceptCase{id, meetings});
    if (i == 0) must(lead, ProposeHandOver{led_case = id, other_team_});
  }
}

void LongWorld::waiting() {
  const auto registrar = world.actor(*world.region, world.region_registrar);
  for (std::size_t i = 0; i < kProposals; ++i) {
    RegisterRepresentative act;
    act.id = crypto::random_id<RepresentativeId>();
    act.person = index();
    act.representative = world.core->keys().blind_index(digits_of("19811218-9876"));
    act.representative_kind = RepresentativeKind::ombud;
    act.powers = {RepresentativePower::see};
    act.valid_from = world.now - 1h;
    act.valid_to = world.now + 24h * 90;
    of_person = waits(registrar, act);
  }
  FullmaktTerms terms;
  terms.disclosers = disclosers_;
  terms.recipients = recipients_;
  terms.flikar = flikar_;
  terms.purpose = "rehab";
  terms.rights = {Right::read};
  terms.valid_from = world.now;
  terms.valid_to = world.now + 24h * 90;
  terms.secrecy_consent = "osl-10-1";
  terms.legal_ground = "gdpr-6-1-e";
  terms.language = "sv";
  const std::string text = words(kLongestText);
  terms.text_sha256 = crypto::sha256(as_bytes(text));
  of_registrars = waits(registrar, PaperFullmakt{crypto::random_id<FullmaktId>(), index(), terms, text, {}});
  for (std::size_t i = 0; i < kTemplates; ++i) {
    RegisterTemplate act{crypto::random_id<TemplateId>(),
                         disclosers_,
                         recipients_,
                         flikar_,
                         "konsultation",
                         {Right::read},
                         90,
                         "osl-10-1",
                         "gdpr-6-1-e",
                         {}};
    for (const char* language : {"sv", "en", "fi", "so"})
      act.texts.push_back({language, name("Mall", i), words(kLongestText)});
    of_administrators = waits(world.administrators[0], std::move(act));
  }
}

// Acts of the handler's, and what the authority's reviewer found of them.
void LongWorld::reviewed() {
  const auto lead = world.actor(*world.authority, world.handler);
  const auto judge = world.actor(*world.authority, reviewer_of_authority);
  const std::uint64_t first = log_size();
  for (std::size_t i = 0; i < kReviewed; ++i)
    world.core->decide(service::Command{lead, ListNotices{}, {}, {}, {}, {}, {}});
  for (std::uint64_t entry = first; entry < first + kReviewed; ++entry)
    must(judge, NoteReview{entry, ReviewFinding::follow_up, words(kLongestReviewNote)});
}

void LongWorld::figures() {
  service::Figures figures;
  const service::Month last = service::month_of(world.now) - std::chrono::months(1);
  for (int i = 119; i >= 0; --i) {
    service::MonthFigures one;
    one.month = last - std::chrono::months(i);
    for (auto& cell : one.cells) cell = {100'000 + static_cast<std::uint64_t>(i), 1000};
    figures.months.push_back(one);
  }
  ASSERT_TRUE(service::write_figures(world.core->data_directory().root(), world.core->keys(), figures));
}

}  // namespace flikvakt::gateway::test
