// Administrators by browser: a code for which they signed, pages that show the registry and the gateway, and nothing
// that can be done in them.
#include <gmock/gmock.h>

#include "service/figures.h"
#include "service/handles.h"
#include "tests/gateway/connector_world.h"
#include "tests/gateway/portal_world.h"
#include "tests/gateway/unix_client.h"

namespace flikvakt::gateway::test {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kPages[] = {
    "/administration",           "/administration/organisations", "/administration/teams",  "/administration/templates",
    "/administration/proposals", "/administration/health",        "/administration/figures"};

class PortalAdministration : public testing::Test {
protected:
  ApiReply invite(const std::string& jws) const {
    return UnixClient(portal_.socket()).post("/v1/portal-invitations", json::object{{"jws", jws}});
  }
  // The first administrator proposes; the id of what waits.
  std::string propose(json::object act) {
    const json::object sent = portal_.world.sent(std::move(act));
    const std::string jws = portal_.world.signed_act(sent, portal_.world.administrator_keys[0], "flikvakt-admin+jws");
    const ApiReply reply = UnixClient(portal_.socket()).post("/v1/acts", json::object{{"jws", jws}});
    EXPECT_EQ(reply.status, 200u) << reply.body;
    return reply.text("/proposal");
  }
  PortalWorld portal_;
};

// SPEC PORTAL-50
TEST_F(PortalAdministration, ItsPagesAreForAdministratorsAloneAndTheyAreNobodyElse) {
  Browser administrator = portal_.administrator();
  Browser person = portal_.signed_in(PortalWorld::milo);
  Browser staff = portal_.signed_in(PortalWorld::reviewer);
  Browser nobody = portal_.browser();
  const ApiReply refused = staff.get("/administration");
  EXPECT_EQ(refused.status, 403u);
  for (const char* path : kPages) {
    EXPECT_EQ(administrator.get(path).status, 200u) << path;
    EXPECT_EQ(person.get(path).status, 403u) << path;
    EXPECT_EQ(staff.get(path).comparable(), refused.comparable()) << path;
    EXPECT_EQ(nobody.get(path).field("Location"), "/sign-in/administrator") << path;
  }
  for (const char* path : {"/me", "/me/log", "/staff", "/staff/people", "/staff/review"}) {
    EXPECT_EQ(administrator.get(path).status, 403u) << path;
  }
  EXPECT_EQ(administrator.get("/administration/organisations/" + std::string(32, 'a')).status, 403u);
  EXPECT_EQ(administrator.get("/").field("Location"), "/administration");
}

// SPEC BS-30, API-84, PORTAL-50
TEST_F(PortalAdministration, ACodeServesOnceAndOneSignedActGivesOneCode) {
  const std::string jws = portal_.invitation_of(0);
  const ApiReply invited = invite(jws);
  ASSERT_EQ(invited.status, 200u) << invited.body;
  EXPECT_EQ(invited.text("/address"), "https://localhost/sign-in/administrator");
  const std::string code = invited.text("/code");
  EXPECT_EQ(code.size(), 43u);
  EXPECT_EQ(invite(jws).status, 409u) << "the same signed act";
  Browser first = portal_.browser(), second = portal_.browser();
  const ApiReply wrong = second.submit("/sign-in/administrator", {{"code", std::string(43, 'A')}});
  EXPECT_EQ(wrong.status, 422u);
  EXPECT_THAT(wrong.body, HasSubstr("<title>Fel: "));
  EXPECT_FALSE(second.cookies.contains("__Host-flikvakt-session"));
  EXPECT_EQ(first.submit("/sign-in/administrator", {{"code", " " + code}}).status, 303u);
  const ApiReply used = second.submit("/sign-in/administrator", {{"code", code}});
  EXPECT_EQ(used.comparable(), wrong.comparable()) << "used and unknown look the same";
  EXPECT_EQ(second.submit("/sign-in/administrator", {{"code", code}}, "Sec-Fetch-Site: cross-site\r\n").status, 403u);
}

// SPEC BS-30, API-84
TEST_F(PortalAdministration, OnlyASignedReadingOfWhatWaitsGivesACode) {
  const auto signed_by = [&](const crypto::SigningKey& key, json::object act, const char* typ = "flikvakt-admin+jws") {
    return invite(portal_.world.signed_act(portal_.world.sent(std::move(act)), key, typ)).status;
  };
  const crypto::SigningKey& key = portal_.world.administrator_keys[0];
  const json::object reads{{"kind", "read_proposals"}};
  EXPECT_EQ(signed_by(key, {{"kind", "list_overdue"}}), 422u);
  EXPECT_EQ(signed_by(key, {{"kind", "read_proposals"}, {"proposal", std::string(32, 'a')}}), 422u);
  EXPECT_EQ(signed_by(portal_.world.device, reads), 401u) << "a person's key";
  EXPECT_EQ(signed_by(key, reads, "flikvakt-act+jws"), 401u);
  EXPECT_EQ(invite("x").status, 401u);
  const UnixClient other(portal_.world.socket());
  EXPECT_EQ(other.post("/v1/portal-invitations", json::object{{"jws", portal_.invitation_of(0)}}).status, 422u)
      << "a gateway where nobody signs in";
}

// SPEC BS-30
TEST_F(PortalAdministration, TheSessionEndsWithTheAdministratorsStanding) {
  Browser administrator = portal_.administrator(1);
  EXPECT_EQ(administrator.get("/administration").status, 200u);
  const policy::Suspend suspended{policy::RegistryNoun::administrator,
                                  portal_.world.administrators[1].administrator.text()};
  ASSERT_TRUE(portal_.world.decide(portal_.world.administrators[0], suspended).decision.is_permitted());
  EXPECT_EQ(administrator.get("/administration").status, 303u);
}

// SPEC PORTAL-51
TEST_F(PortalAdministration, EachPageShowsTheCommandAndHasNoFormThatSendsAnything) {
  Browser administrator = portal_.administrator();
  const std::string region = portal_.world.region->id.text();
  const ApiReply page = administrator.get("/administration/organisations/" + region);
  EXPECT_THAT(page.body, HasSubstr("flikvakt organisation suspend " + region + " --data DATA --administrator KEYFILE"));
  EXPECT_THAT(page.body, HasSubstr("flikvakt staff suspend " + portal_.world.nurse.text()));
  EXPECT_THAT(administrator.get("/administration/templates").body, HasSubstr("flikvakt template add FILE"));
  std::vector<std::string> paths(std::begin(kPages), std::end(kPages));
  paths.push_back("/administration/organisations/" + region);
  for (const std::string& path : paths) {
    const std::string body = administrator.get(path).body;
    std::size_t forms = 0;
    for (std::size_t at = 0; (at = body.find("method=\"post\"", at)) != std::string::npos; ++at) ++forms;
    EXPECT_EQ(forms, 1u) << path << ": but for signing out";
  }
  for (const char* path : {"/administration/proposals", "/administration/organisations", "/me/keys/add"}) {
    EXPECT_NE(administrator.submit(path, {}).status, 200u) << path;
  }
}

// SPEC PORTAL-52
TEST_F(PortalAdministration, WhatWaitsIsShownWithWhatWouldChangeAndWithoutAnybody) {
  const std::string keeps = propose({{"kind", "set_retention"}, {"act_kind", "open_reading"}, {"days", 2000}});
  const std::string handle = service::handle_of(*portal_.world.core, OrganisationId(), portal_.world.person).value();
  const std::string erases = propose({{"kind", "shred"}, {"scope", "person"}, {"person", handle}});
  Browser second = portal_.administrator(1);
  const std::string page = second.get("/administration/proposals").body;
  EXPECT_THAT(page, HasSubstr("Hur länge loggen behålls ändras"));
  EXPECT_THAT(page, HasSubstr("2000"));
  EXPECT_THAT(page, HasSubstr("3653")) << "what stands now";
  EXPECT_THAT(page, HasSubstr("flikvakt approve " + keeps));
  EXPECT_THAT(page, HasSubstr("flikvakt withdraw " + erases));
  EXPECT_THAT(page, HasSubstr("Förslaget gäller en person."));
  EXPECT_THAT(page, Not(HasSubstr(handle)));
  EXPECT_THAT(second.get("/administration").body, HasSubstr("2 förslag väntar"));
  Browser first = portal_.administrator(0);
  const std::string own = first.get("/administration/proposals").body;
  EXPECT_THAT(own, Not(HasSubstr("flikvakt approve " + keeps))) << "another one approves";
  EXPECT_THAT(own, HasSubstr("flikvakt withdraw " + keeps));
  propose({{"kind", "set_naming"}, {"names_staff", true}});
  EXPECT_THAT(second.get("/administration").body, HasSubstr("2 förslag väntar")) << "as they were at the signing";
}

// SPEC PORTAL-41
TEST_F(PortalAdministration, RostersAreShown) {
  const TeamId team = crypto::random_id<TeamId>();
  ASSERT_TRUE(portal_.world
                  .by_administrators(policy::RegisterTeam{team, portal_.world.region->id, "Konsultation <Norr>",
                                                          portal_.world.region_registrar})
                  .decision.is_permitted());
  const std::string page = portal_.administrator().get("/administration/teams").body;
  EXPECT_THAT(page, HasSubstr("Konsultation &lt;Norr&gt;"));
  EXPECT_THAT(page, HasSubstr("flikvakt team suspend " + team.text()));
}

TEST_F(PortalAdministration, HealthTellsOfTheLogAndOfTheCertificates) {
  const std::string page = portal_.administrator().get("/administration/health").body;
  EXPECT_THAT(page, HasSubstr("Poster i loggen"));
  EXPECT_THAT(page, HasSubstr("ingen utanför tjänsten skulle märka")) << "no witness is asked";
  EXPECT_THAT(page, HasSubstr("Nycklar i nyckelförrådet"));
  EXPECT_THAT(page, HasSubstr("Tjänstens certifikat (")) << page;
  EXPECT_THAT(page, HasSubstr("Spärrlista för Test CA gäller till"));
  EXPECT_THAT(page, Not(HasSubstr("Går inte att läsa")));
}

// SPEC CONN-81
TEST(PortalAdministrationOfConnectors, HealthHasALineForEachThatEnrolled) {
  const ConnectorIssuer issuer(SystemClock().wall());
  PortalWorld portal([&](Server::Options& options) { issuer.put_into(options); });
  issuer.admit(portal.world);
  TestConnector invited(portal.world, issuer), enrolled(portal.world, issuer);
  (void)invited.invite();
  const Bytes code = enrolled.invite();
  const auto page = [&] { return portal.administrator().get("/administration/health").body; };
  EXPECT_THAT(page(), Not(HasSubstr("Anslutning: ")));
  policy::EnrolConnector act;
  act.id = enrolled.id;
  act.code = crypto::sha256(code);
  act.certificate = crypto::sha256(code);
  act.issuer = issuer.fingerprint();
  act.serial = "0a";
  act.valid_from = portal.world.now;
  act.valid_to = portal.world.now + 24h;
  act.jwk = enrolled.key.public_key().to_jwk();
  act.thumbprint = enrolled.key.public_key().thumbprint();
  ASSERT_TRUE(portal.world.decide(policy::SystemActor{}, act).decision.is_permitted());
  const std::string shown = page();
  EXPECT_THAT(shown, HasSubstr("Anslutning: Sal A, region"));
  EXPECT_THAT(shown, HasSubstr("Inte uppkopplad sedan tjänsten startade"));
  EXPECT_THAT(shown, AllOf(Not(HasSubstr("fil i kö")), Not(HasSubstr("filer i kö")))) << "of none nothing is said";
  EXPECT_EQ(shown.find("Anslutning: "), shown.rfind("Anslutning: ")) << "one that only was invited has none";
}

// SPEC PORTAL-53
TEST_F(PortalAdministration, FiguresAreWithheldWhereFewStandBehindThemAndDrawnInAChartToo) {
  using service::cell_of;
  Browser administrator = portal_.administrator();
  EXPECT_THAT(administrator.get("/administration/figures").body, HasSubstr("Ingen av månaderna är räknad än."));
  const service::Month month = service::month_of(portal_.world.clock.wall()) - std::chrono::months(2);
  service::Figures figures;
  service::MonthFigures one;
  one.month = month;
  one.cells[cell_of("readings", "region")] = {47119, 61};
  one.cells[cell_of("readings", "provider")] = {81357, 4};
  figures.months.push_back(one);
  const auto& core = *portal_.world.core;
  ASSERT_TRUE(service::write_figures(core.data_directory().root(), core.keys(), figures));
  const std::string text = service::month_text(month);
  const std::string period = "?from=" + text + "&to=" + text;
  const std::string page = administrator.get("/administration/figures" + period).body;
  EXPECT_THAT(page, HasSubstr("47119"));
  EXPECT_THAT(page, Not(HasSubstr("81357")));
  EXPECT_THAT(page, HasSubstr("visas inte"));
  const ApiReply chart = administrator.get("/administration/figures/readings" + period);
  EXPECT_EQ(chart.status, 200u);
  EXPECT_EQ(chart.field("Content-Type"), "image/svg+xml");
  EXPECT_THAT(chart.field("Content-Security-Policy"), HasSubstr("sandbox"));
  EXPECT_THAT(chart.body, HasSubstr("<svg"));
  EXPECT_THAT(chart.body, Not(HasSubstr("81357")));
  EXPECT_EQ(administrator.get("/administration/figures/nothing" + period).status, 404u);
  Browser staff = portal_.signed_in(PortalWorld::reviewer);
  EXPECT_EQ(staff.get("/administration/figures/readings" + period).status, 403u);
  const std::string this_month = service::month_text(service::month_of(portal_.world.clock.wall()));
  EXPECT_THAT(administrator.get("/administration/figures?from=" + this_month + "&to=" + this_month).body,
              Not(HasSubstr("value=\"" + this_month)))
      << "a month that runs is not told";
}

}  // namespace
}  // namespace flikvakt::gateway::test
