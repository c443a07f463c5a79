// What is approved and signed by the portal is what was shown, of whom it was shown and for whom: the second of two
// registrars and of two guardians, templates, roles, and what is read part by part. Each permitted step with its
// refused twin.
#include <gmock/gmock.h>

#include <regex>

#include "crypto/hash.h"
#include "gateway/portal_proposal.h"
#include "tests/gateway/portal_world.h"

namespace flikvakt::gateway::test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kGuardian = "19811218-9876", kOtherGuardian = "19640823-3234";

std::string digits_of(std::string_view number) {
  std::string out(number);
  std::erase(out, '-');
  return out;
}

std::string without_amp(std::string text) {
  for (std::size_t at = 0; (at = text.find("&amp;", at)) != std::string::npos; ++at) text.erase(at + 1, 4);
  return text;
}

class PortalShown : public testing::Test {
protected:
  service::Command command(policy::Actor actor, policy::Act act, std::optional<std::uint64_t> seen = {}) {
    service::ActEvidence evidence{
        crypto::random_id<ActId>(), portal_.world.now + 24h, to_bytes(crypto::random_bytes<32>()), {}};
    evidence.hash = crypto::sha256(evidence.bytes);
    return {std::move(actor), std::move(act), std::move(evidence), seen, {}, {}, {}};
  }
  // By the region's registrar; what waits for another one.
  std::string proposed(policy::Act act) {
    service::Command first =
        command(portal_.world.actor(*portal_.world.region, portal_.world.region_registrar), std::move(act));
    const std::string id = first.evidence->id.text();
    const service::CommandResult result = portal_.world.core->decide(std::move(first));
    EXPECT_TRUE(result.decision.is_permitted()) << to_text(to_json(result.decision.reason));
    return "/staff/desk/proposals/" + id;
  }
  policy::RegisterRepresentative god_man() {
    policy::RegisterRepresentative act;
    act.id = crypto::random_id<RepresentativeId>();
    act.person = portal_.index();
    act.representative = portal_.world.core->keys().blind_index(digits_of(kGuardian));
    act.representative_kind = policy::RepresentativeKind::god_man;
    act.powers = {policy::RepresentativePower::see, policy::RepresentativePower::consent};
    act.valid_from = portal_.world.now - 1h;
    act.valid_to = portal_.world.now + 24h * 90;
    return act;
  }
  static ApiReply approve(Browser& browser, const std::string& path, const Fields& numbers) {
    return browser.submit(path, Browser::filled(browser.get(path), path, numbers));
  }
  static ApiReply sign_as_staff(Browser& browser, const ApiReply& page) {
    return browser.submit("/staff/sign/demo", Browser::filled(page, "/staff/sign/demo"));
  }
  static ApiReply sign(Browser& browser, const ApiReply& page) {
    return browser.submit("/me/sign/demo", Browser::filled(page, "/me/sign/demo"));
  }
  // Signed in, and acting for the person.
  Browser acting(PortalWorld::Who who) {
    Browser out = portal_.signed_in(who);
    act_for(out);
    return out;
  }
  static std::string act_for(Browser& browser) {
    const ApiReply page = browser.get("/me/representatives");
    const std::size_t at = page.body.find("action=\"/me/as/");
    EXPECT_NE(at, std::string::npos) << page.body;
    if (at == std::string::npos) return {};
    const std::string path = page.body.substr(at + 8, page.body.find('"', at + 8) - at - 8);
    EXPECT_EQ(browser.submit(path, Browser::filled(page, path)).status, 303u);
    return path.substr(std::string("/me/as/").size());
  }
  Fields fullmakt_fields() {
    return {{"recipient", "organisation:" + portal_.world.authority->id.text()},
            {"right", "read"},
            {"flik", "journal"},
            {"discloser", portal_.world.region->id.text()},
            {"purpose", "konsultation"},
            {"until", "2027-06-30"},
            {"readings", ""}};
  }
  PortalWorld portal_;
};

// SPEC PORTAL-90
TEST_F(PortalShown, TheSecondRegistrarReadsWhatWaitsAndWritesWhomItIsAbout) {
  const policy::RegisterRepresentative act = god_man();
  const std::string waits = proposed(act);
  Browser second = portal_.signed_in(PortalWorld::authority_registrar);
  const ApiReply page = second.get(waits);
  ASSERT_EQ(page.status, 200u) << page.body;
  EXPECT_THAT(page.body, AllOf(HasSubstr("God man"), HasSubstr("Får se allt, ge fullmakter och ta tillbaka.")));
  const std::string person(ApiWorld::kNumber), other(kGuardian);
  const std::string wrong = "Förslaget gäller någon annan";
  for (const Fields& numbers : {Fields{{"number", other}, {"number", person}},
                                Fields{{"number", person}, {"number", std::string(kOtherGuardian)}},
                                Fields{{"number", std::string(ApiWorld::kUnknownNumber)}, {"number", other}}}) {
    const ApiReply told = approve(second, waits, numbers);
    EXPECT_EQ(told.status, 422u);
    EXPECT_THAT(told.body, AllOf(HasSubstr(wrong), HasSubstr("God man")));
    EXPECT_THAT(told.body, AllOf(Not(HasSubstr(person)), Not(HasSubstr(other)))) << "a number stands in no answer";
  }
  for (const Fields& numbers : {Fields{}, Fields{{"number", person}}, Fields{{"number", person}, {"number", "x"}},
                                Fields{{"number", person}, {"number", other}, {"number", other}}}) {
    EXPECT_EQ(approve(second, waits, numbers).status, 422u) << numbers.size();
  }
  EXPECT_FALSE(portal_.world.core->directory().row<policy::Representative>(act.id)) << "nothing was approved";
  const ApiReply to_sign = approve(second, waits, {{"number", person}, {"number", other}});
  ASSERT_EQ(to_sign.status, 200u) << to_sign.body;
  EXPECT_THAT(to_sign.body, AllOf(HasSubstr("God man"), HasSubstr("Får se allt"))) << "what is signed is shown";
  EXPECT_THAT(to_sign.body, Not(HasSubstr(person)));
  EXPECT_EQ(sign_as_staff(second, to_sign).status, 200u);
  EXPECT_TRUE(portal_.world.core->directory().row<policy::Representative>(act.id));
}

// SPEC PORTAL-90
TEST_F(PortalShown, AFormMadeByHandApprovesNeitherAnotherActNorOneWithoutWords) {
  const policy::RegisterRepresentative act = god_man();
  const std::string waits = proposed(act);
  Browser second = portal_.signed_in(PortalWorld::authority_registrar);
  const ApiReply page = second.get(waits);
  Fields form = Browser::filled(page, waits);
  const auto with = [&](const std::string& waiting, const Fields& numbers) {
    Fields out = form;
    for (auto& [name, value] : out) {
      if (name == "waiting") value = waiting;
    }
    out.insert(out.end(), numbers.begin(), numbers.end());
    return second.submit(waits, out);
  };
  EXPECT_EQ(with("x", {}).status, 400u);
  EXPECT_EQ(with("[]", {}).status, 400u);
  EXPECT_EQ(with(R"({"kind":"accept_team","team":")" + std::string(32, 'a') + "\"}", {}).status, 403u) << "no words";
  const std::string about = portal_.handle(*portal_.world.authority);
  const ApiReply another =
      with(R"({"kind":"correct_death","person":")" + about + "\"}", {{"number", std::string(ApiWorld::kNumber)}});
  ASSERT_EQ(another.status, 200u) << another.body;
  EXPECT_THAT(another.body, HasSubstr("Att personen är död var fel")) << "what would be signed is what is shown";
  EXPECT_EQ(sign_as_staff(second, another).status, 403u) << "it is not what waits (ACT-47)";
  EXPECT_FALSE(portal_.world.core->directory().row<policy::Representative>(act.id));
}

// SPEC PORTAL-90
TEST_F(PortalShown, EachKindThatRegistrarsProposeIsSaidByItsTermsAndNotByItsText) {
  using namespace policy;
  const PortalSite site(*portal_.world.core, false);
  const PortalNames names(site, site.words().find("sv").value());
  const auto said = [&](const Act& act) { return words_of_proposal(names, act); };
  const auto all = [&](const Act& act) {
    std::string out;
    for (const std::string& text : said(act).paragraphs) out += text + "\n";
    return out;
  };
  const std::string hash = to_hex(crypto::sha256(as_bytes("scan")));
  PaperKomplettering more;
  more.fullmakt = crypto::random_id<FullmaktId>();
  more.delta.flikar = {"ekonomi"};
  more.delta.recipients = {{RecipientKind::organisation, portal_.world.authority->id.value()}};
  more.text = "Ingenting läggs till.";
  more.scan_sha256 = crypto::sha256(as_bytes("scan"));
  EXPECT_THAT(all(more), AllOf(HasSubstr("ekonomi"), HasSubstr("authority"), HasSubstr(more.fullmakt.text()),
                               HasSubstr(hash), Not(HasSubstr("Ingenting"))));
  EXPECT_EQ(said(more).on_paper, "Ingenting läggs till.");
  PaperFullmakt given;
  given.terms.recipients = more.delta.recipients;
  const auto document = crypto::random_id<DocumentId>();
  given.terms.documents = {document};
  given.terms.rights = {Right::read};
  given.terms.supersedes = crypto::random_id<FullmaktId>();
  given.terms.secrecy_consent = "osl-10-1";
  EXPECT_THAT(all(given), AllOf(HasSubstr("Jag låter authority läsa"), HasSubstr(document.text()),
                                HasSubstr("osl-10-1"), HasSubstr(given.terms.supersedes->text())));
  PaperKontrakt plan;
  plan.id = crypto::random_id<KontraktId>();
  plan.version = 7;
  plan.plan.parts = {{"Coachning", portal_.provider->id, "karriar", portal_.world.now, portal_.world.now + 24h, ""}};
  EXPECT_THAT(all(plan), AllOf(HasSubstr("version 7"), HasSubstr("Coachning"), HasSubstr("stegvis")));
  PaperHandOver over;
  over.id = crypto::random_id<CaseId>();
  EXPECT_THAT(all(over), AllOf(HasSubstr(over.id.text()), HasSubstr("ett team som inte finns kvar")));
  PaperLiftSparr lift;
  lift.id = crypto::random_id<SparrId>();
  EXPECT_THAT(all(lift), HasSubstr(lift.id.text()));
  RegisterRepresentative both = god_man();
  both.representative_kind = RepresentativeKind::guardian;
  both.powers = {};
  both.jointly = true;
  EXPECT_THAT(all(both), AllOf(HasSubstr("Vårdnadshavare"), HasSubstr("Får ta tillbaka."), HasSubstr("kräver båda")));
  for (const Act& act : {Act(PaperReconfirm{}), Act(CorrectDeath{}), Act(EndProtection{}), Act(RecordMasking{})}) {
    EXPECT_FALSE(said(act).is_empty()) << kind_of(act);
  }
  for (const Act& act : {Act(Shred{}), Act(Approve{}), Act(PaperReferral{}), Act(OpenReading{})}) {
    EXPECT_TRUE(said(act).is_empty()) << kind_of(act);
  }
}

// SPEC PORTAL-91, PORTAL-73
TEST_F(PortalShown, TheOtherGuardianReadsTheTermsAndNotOnlyTheFirstOnesText) {
  portal_.register_guardians();
  service::Core& core = *portal_.world.core;
  const PersonId first = core.directory().person_with(core.keys().blind_index(digits_of(kGuardian))).value();
  const auto role = core.directory().roles(portal_.world.person, first).at(0);
  const policy::PersonActor actor{first, portal_.guardian_keys[0].public_key().thumbprint()};
  const policy::PersonActor as = core.directory().acting(first, actor.key, role).value();
  const service::CommandResult seen = core.decide(service::Command{as, policy::ReadOverview{}, {}, {}, {}, {}, {}});
  policy::SignFullmakt act;
  act.id = crypto::random_id<FullmaktId>();
  act.text = "Jag ger ingen något.";
  act.terms.disclosers = {portal_.world.region->id};
  act.terms.recipients = {{policy::RecipientKind::organisation, portal_.world.authority->id.value()}};
  act.terms.flikar = {"journal"};
  act.terms.purpose = "konsultation";
  act.terms.rights = {policy::Right::read};
  act.terms.valid_from = portal_.world.now;
  act.terms.valid_to = portal_.world.now + 24h * 30;
  act.terms.secrecy_consent = "osl-10-1";
  act.terms.legal_ground = "gdpr-6-1-e";
  act.terms.language = "sv";
  act.terms.text_sha256 = crypto::sha256(as_bytes(act.text));
  const std::uint64_t version = std::get<policy::Overview>(seen.answer).person.consent_version;
  ASSERT_TRUE(core.decide(command(as, act, version)).decision.is_permitted());
  Browser second = acting(PortalWorld::second_guardian);
  const std::string proposals = second.get("/me/proposals").body;
  const std::size_t end = proposals.find("/approve\"");
  ASSERT_NE(end, std::string::npos) << proposals;
  const std::size_t from = proposals.rfind('"', end) + 1;
  const std::string body = second.get(proposals.substr(from, proposals.find('"', from) - from)).body;
  EXPECT_THAT(body, HasSubstr("Jag ger ingen något."));
  EXPECT_THAT(body, HasSubstr("Jag låter authority läsa det här om mig: journal.")) << "what counts";
}

// SPEC PORTAL-91
TEST_F(PortalShown, ATemplateIsSignedWithWhatItsTermsSayBesideItsProse) {
  const policy::RegisterTemplate form{crypto::random_id<TemplateId>(),
                                      {portal_.world.region->id},
                                      {{policy::RecipientKind::organisation, portal_.world.authority->id.value()}},
                                      {"journal"},
                                      "konsultation",
                                      {policy::Right::read},
                                      90,
                                      "osl-10-1",
                                      "gdpr-6-1-e",
                                      {{"sv", "Inför mötet", "De får läsa det som behövs."}}};
  ASSERT_TRUE(portal_.world.by_administrators(form).decision.is_permitted());
  Browser milo = portal_.signed_in(PortalWorld::milo);
  const ApiReply page = milo.get("/me/give/template/" + form.id.text());
  EXPECT_THAT(page.body, AllOf(HasSubstr("De får läsa det som behövs."), HasSubstr("authority läsa det här om mig"),
                               HasSubstr("lämnas ut av region"), HasSubstr("journal")));
  EXPECT_EQ(sign(milo, page).status, 200u);
}

// SPEC PORTAL-91
TEST_F(PortalShown, ASparrIsLiftedKnowingWhomItIsAgainst) {
  const auto id = crypto::random_id<SparrId>();
  const json::object sparr{
      {"kind", "set_sparr"},
      {"id", id.text()},
      {"terms", json::object{{"target", "flik"},
                             {"flik", "journal"},
                             {"everyone", false},
                             {"recipients",
                              json::array{json::object{{"kind", "organisation"},
                                                       {"id", to_base64url(portal_.world.authority->id.value())}}}}}}};
  ASSERT_EQ(portal_.world.act_of_person(sparr).status, 200u);
  Browser milo = portal_.signed_in(PortalWorld::milo);
  const std::string body = milo.get("/me/sparr/" + id.text() + "/lift").body;
  EXPECT_THAT(body, AllOf(HasSubstr("Fliken journal"), HasSubstr("Den stänger för authority, tills du häver den.")));
}

// SPEC PORTAL-91
TEST_F(PortalShown, APlaceInATeamIsSignedWithItsRole) {
  const TeamId team = crypto::random_id<TeamId>();
  ASSERT_TRUE(
      portal_.world
          .by_administrators(policy::RegisterTeam{team, portal_.world.region->id, "Konsultation", portal_.world.nurse})
          .decision.is_permitted());
  const auto officer = portal_.world.actor(*portal_.world.region, portal_.world.region_registrar);
  ASSERT_TRUE(portal_.world.decide(officer, policy::AcceptTeam{team}).decision.is_permitted());
  Browser lead = portal_.signed_in(PortalWorld::nurse);
  const std::string path = "/staff/teams/" + team.text();
  const auto to_sign = [&](const char* role) {
    Fields form = Browser::filled(lead.get("/staff/teams"), path);
    std::erase_if(form, [](const auto& field) { return field.first == "staff" || field.first == "role"; });
    form.insert(form.end(), {{"what", "add"}, {"staff", portal_.world.region_registrar.text()}, {"role", role}});
    return lead.submit(path, form).body;
  };
  EXPECT_THAT(to_sign("deputy"), AllOf(HasSubstr("som ersättare"), HasSubstr("allt som teamets ledare får")));
  EXPECT_THAT(to_sign("member"), AllOf(HasSubstr("som medlem"), Not(HasSubstr("allt som teamets ledare får"))));
}

// SPEC PORTAL-92
TEST_F(PortalShown, AFormDoesNothingForAnotherPersonThanItWasShownFor) {
  portal_.register_guardians();
  Browser guardian = portal_.signed_in(PortalWorld::first_guardian);
  const std::string own_block = "/me/sparr", give = "/me/give/new";
  const Fields blocks{{"target", "everything"}, {"against", "everyone"}, {"until", ""}};
  const Fields shown_for_self = Browser::filled(guardian.get(own_block), own_block, blocks);
  EXPECT_THAT(guardian.get("/me").body, Not(HasSubstr("Du handlar för någon annan")));
  act_for(guardian);
  const ApiReply page = guardian.get("/me");
  EXPECT_THAT(page.body, AllOf(HasSubstr("Du handlar för någon annan"), HasSubstr("slutar på 9931")));
  EXPECT_THAT(page.body, Not(HasSubstr("1973"))) << "no more of the number (SHAPE-3)";
  EXPECT_EQ(guardian.submit(own_block, shown_for_self).status, 403u) << "it was shown for themselves";
  EXPECT_THAT(guardian.get("/me").body, HasSubstr("Inget är spärrat"));
  const Fields shown_for_other = Browser::filled(guardian.get(own_block), own_block, blocks);
  const ApiReply to_sign = guardian.submit(give, Browser::filled(guardian.get(give), give, fullmakt_fields()));
  ASSERT_EQ(to_sign.status, 200u) << to_sign.body;
  EXPECT_THAT(to_sign.body, HasSubstr("Du skriver under för någon annan. Den personens nummer slutar på 9931."));
  guardian.get("/me/as/self");
  EXPECT_EQ(guardian.submit(own_block, shown_for_other).status, 403u) << "it was shown for the other";
  EXPECT_EQ(sign(guardian, to_sign).status, 403u) << "nor is anything signed from there";
  EXPECT_THAT(guardian.get("/me").body, HasSubstr("Inget är spärrat"));
  act_for(guardian);
  EXPECT_EQ(guardian.submit(own_block, shown_for_other).status, 200u) << "for whom it was shown it counts";
  EXPECT_THAT(guardian.get("/me").body, Not(HasSubstr("Inget är spärrat")));
  const ApiReply menu = guardian.get("/me");
  guardian.get("/me/as/self");
  EXPECT_EQ(guardian.submit("/sign-out", Browser::filled(menu, "/sign-out")).status, 303u) << "from any page";
}

// SPEC PORTAL-92
TEST_F(PortalShown, WhereARegistrationEndedMeanwhileNothingIsDoneInOnesOwnName) {
  portal_.register_guardians();
  Browser guardian = portal_.signed_in(PortalWorld::first_guardian);
  const std::string role = act_for(guardian);
  const Fields blocks{{"target", "everything"}, {"against", "everyone"}, {"until", ""}};
  const Fields form = Browser::filled(guardian.get("/me/sparr"), "/me/sparr", blocks);
  ASSERT_EQ(portal_.world.act_of_person(json::object{{"kind", "end_representative"}, {"id", role}}).status, 200u);
  EXPECT_EQ(guardian.submit("/me/sparr", form).status, 403u);
  const ApiReply own = guardian.get("/me");
  EXPECT_THAT(own.body, HasSubstr("Du får inte längre handla för den personen."));
  EXPECT_THAT(own.body, AllOf(HasSubstr("Inget är spärrat"), Not(HasSubstr("slutar på 9931"))));
  guardian.get("/me/as/self");
  EXPECT_THAT(guardian.get("/me").body, Not(HasSubstr("Du får inte längre handla")));
}

// SPEC PORTAL-92
TEST_F(PortalShown, WhomSomebodyMayActForIsToldApart) {
  portal_.register_guardians();
  Browser guardian = portal_.signed_in(PortalWorld::first_guardian);
  EXPECT_THAT(guardian.get("/me/representatives").body,
              AllOf(HasSubstr("personnummer slutar på 9931"), Not(HasSubstr("19730288"))));
  Browser milo = portal_.signed_in(PortalWorld::milo);
  EXPECT_THAT(milo.get("/me/representatives").body, Not(HasSubstr("slutar på")));
}

// SPEC PORTAL-95
TEST_F(PortalShown, APlanThatChangedWhileItWasReadIsReadFromTheBeginning) {
  using namespace policy;
  const KontraktId id = portal_.let_provider_work();
  const UtcTime from = portal_.world.now - 24h, to = portal_.world.now + 24h * 60;
  const auto plan = [&](const std::string& insats) {
    KontraktPlan out;
    for (int i = 0; i < 20; ++i) {
      out.parts.push_back({insats + " " + std::to_string(i), portal_.provider->id, "karriar", from, to,
                           std::string(3900, 'a' + static_cast<char>(i))});
    }
    return out;
  };
  const auto propose = [&](const std::string& insats) {
    const auto result = portal_.world.decide(portal_.world.administrators[0], ProposeKontrakt{id, plan(insats)});
    ASSERT_TRUE(result.decision.is_permitted()) << to_text(to_json(result.decision.reason));
  };
  propose("Insats");
  Browser milo = portal_.signed_in(PortalWorld::milo);
  const std::string path = "/me/kontrakt/" + id.text() + "/sign";
  const auto next_of = [](const ApiReply& page) {
    std::smatch found;
    EXPECT_TRUE(std::regex_search(page.body, found, std::regex("rel=\"next\" href=\"([^\"]*)\""))) << page.body;
    return found.empty() ? std::string() : without_amp(found[1]);
  };
  const auto can_sign = [](const ApiReply& page) { return page.body.find("/me/sign/demo") != std::string::npos; };
  const ApiReply first = milo.get(path);
  EXPECT_THAT(first.body, AllOf(HasSubstr("Insats 0:"), Not(HasSubstr("Det har ändrats"))));
  EXPECT_FALSE(can_sign(first));
  const std::string second = next_of(first);
  EXPECT_TRUE(can_sign(milo.get(second))) << "the last part";
  const ApiReply by_hand = milo.get(path + "?part=99");
  EXPECT_FALSE(can_sign(by_hand)) << "nobody gets past the reading by an address";
  EXPECT_THAT(by_hand.body, HasSubstr("Insats 0:"));
  propose("Annat");
  const ApiReply changed = milo.get(second);
  EXPECT_FALSE(can_sign(changed));
  EXPECT_THAT(changed.body, AllOf(HasSubstr("Annat 0:"), HasSubstr("Det har ändrats medan du läste.")));
  EXPECT_TRUE(can_sign(milo.get(next_of(changed))));
}

}  // namespace
}  // namespace flikvakt::gateway::test
