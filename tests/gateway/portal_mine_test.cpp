// What staff see of those who opened something to them: what ends when, and the path.
#include <gmock/gmock.h>

#include <regex>

#include "tests/gateway/portal_world.h"
#include "web/dates.h"

namespace flikvakt::gateway::test {
namespace {

using testing::HasSubstr;
using testing::Not;

class PortalMine : public testing::Test {
protected:
  std::string path_of(const TestOrganisation& of) { return "/staff/people/" + portal_.handle(of) + "/path"; }
  PortalWorld portal_;
};

// SPEC PORTAL-72, PEOPLE-2
TEST_F(PortalMine, AProviderSeesItsPeopleByWhatEndsFirstAndNobodyElses) {
  portal_.let_provider_work();
  Browser coach = portal_.signed_in(PortalWorld::provider_staff);
  const std::string mine = coach.get("/staff/mine").body;
  EXPECT_THAT(mine, HasSubstr("/staff/people/" + portal_.handle(*portal_.provider)));
  const std::size_t part = mine.find("Er del av kontraktet: Coachning &lt;b&gt;i grupp&lt;/b&gt;");
  const std::size_t fullmakt = mine.find("Fullmakt för insats");
  ASSERT_NE(part, std::string::npos) << mine;
  ASSERT_NE(fullmakt, std::string::npos);
  EXPECT_LT(part, fullmakt) << "the part ends in sixty days, the fullmakt in ninety";
  EXPECT_THAT(mine, Not(HasSubstr("1973")));
  Browser handler = portal_.signed_in(PortalWorld::handler);
  EXPECT_THAT(handler.get("/staff/mine").body, HasSubstr("Ingen har öppnat något för dig just nu"));
  Browser milo = portal_.signed_in(PortalWorld::milo);
  EXPECT_THAT(milo.get("/me/log").body, HasSubstr("Lista över dem som har öppnat något"))
      << "it is in the person's log";
}

// SPEC PORTAL-72, PEOPLE-1
TEST_F(PortalMine, WhatIsTakenBackIsGoneFromTheList) {
  portal_.let_provider_work();
  Browser coach = portal_.signed_in(PortalWorld::provider_staff);
  Browser milo = portal_.signed_in(PortalWorld::milo);
  const std::string see = milo.get("/me").body;
  const std::size_t at = see.find("/revoke");
  ASSERT_NE(at, std::string::npos);
  const std::size_t from = see.rfind('"', at) + 1;
  const std::string revoke = see.substr(from, see.find('"', from) - from);
  ASSERT_EQ(milo.submit(revoke, Browser::filled(milo.get(revoke), revoke)).status, 200u);
  EXPECT_THAT(coach.get("/staff/mine").body, HasSubstr("Ingen har öppnat något för dig just nu"));
  EXPECT_THAT(coach.get(path_of(*portal_.provider)).body, HasSubstr("Inget är öppet för dig här"));
}

// SPEC PORTAL-72, PEOPLE-3
TEST_F(PortalMine, ThePathShowsAProviderItsOwnPartAsPictureAndAsText) {
  portal_.let_provider_work();
  Browser coach = portal_.signed_in(PortalWorld::provider_staff);
  const std::string body = coach.get(path_of(*portal_.provider)).body;
  EXPECT_THAT(body, HasSubstr("<svg "));
  EXPECT_THAT(body, HasSubstr("<strong>Coachning &lt;b&gt;i grupp&lt;/b&gt;</strong>"));
  EXPECT_THAT(body, HasSubstr("Fyra träffar"));
  EXPECT_THAT(body, HasSubstr("Praktik"));
  EXPECT_THAT(body, Not(HasSubstr("Tillbaka i arbete"))) << "the goals of the whole are the team's and the person's";
  EXPECT_THAT(body, Not(HasSubstr("journal"))) << "no flik stands on a path";
}

// SPEC PORTAL-72, PORTAL-40
TEST_F(PortalMine, ThePathOfAnUnknownPersonLooksLikeOneWithNothingToShow) {
  Browser coach = portal_.signed_in(PortalWorld::provider_staff);
  const auto looked_up = [&](std::string_view number) {
    const ApiReply found = coach.submit("/staff/people", Browser::filled(coach.get("/staff/people"), "/staff/people",
                                                                         {{"number", std::string(number)}}));
    return coach.get(found.field("Location") + "/path");
  };
  const auto alike = [](const ApiReply& reply) {
    return std::regex_replace(reply.body, std::regex("[A-Za-z0-9_-]{38,}|code small\">[^<]*"), "?");
  };
  EXPECT_EQ(alike(looked_up(ApiWorld::kNumber)), alike(looked_up(ApiWorld::kUnknownNumber)));
  EXPECT_EQ(coach.get("/staff/people/abc/path").status, 403u);
}

// SPEC PROV-7, PORTAL-78
TEST_F(PortalMine, AMilestoneIsMarkedByWhoPerformsAndByNobodyElse) {
  const KontraktId kontrakt = portal_.let_provider_work();
  Browser coach = portal_.signed_in(PortalWorld::provider_staff);
  const std::string path = path_of(*portal_.provider);
  const std::string mark = path.substr(0, path.rfind('/')) + "/milestones/" + kontrakt.text();
  const std::string today = to_text(web::swedish_date(portal_.world.clock.wall()));
  const auto send = [&](const Fields& typed) {
    return coach.submit(mark, Browser::filled(coach.get(path), mark, typed));
  };
  const ApiReply ahead = send({{"milestone", "0"}, {"reached", "2999-01-01"}});
  EXPECT_EQ(ahead.status, 422u);
  EXPECT_THAT(ahead.body, HasSubstr("value=\"2999-01-01\"")) << "what was typed stays";
  EXPECT_THAT(ahead.body, HasSubstr("value=\"0\" checked"));
  EXPECT_EQ(send({{"milestone", "x"}, {"reached", today}}).status, 422u);
  EXPECT_EQ(send({{"milestone", "7"}, {"reached", today}}).status, 403u);
  const Fields form = Browser::filled(coach.get(path), mark, {{"milestone", "0"}, {"reached", today}});
  EXPECT_EQ(coach.submit(mark, form).status, 200u);
  EXPECT_EQ(coach.submit(mark, form).status, 200u) << "twice is once";
  EXPECT_THAT(coach.get(path).body, Not(HasSubstr("action=\"" + mark + "\""))) << "nothing is left to mark";
  Browser milo = portal_.signed_in(PortalWorld::milo);
  EXPECT_THAT(milo.get("/me/path").body, HasSubstr("nåddes"));
  Browser nurse = portal_.signed_in(PortalWorld::nurse);
  const Fields others =
      Browser::filled(nurse.get("/staff/people"), "/staff/people", {{"milestone", "0"}, {"reached", today}});
  EXPECT_EQ(
      nurse.submit("/staff/people/" + portal_.handle(*portal_.world.region) + "/milestones/" + kontrakt.text(), others)
          .status,
      403u);
}

// SPEC PORTAL-76
TEST_F(PortalMine, TheDeskShowsItsFormsToRegistrarsAndToOthersWhatTheyCanDo) {
  Browser registrar = portal_.signed_in(PortalWorld::region_registrar);
  const std::string forms = registrar.get("/staff/desk").body;
  EXPECT_THAT(forms, HasSubstr("action=\"/staff/desk/join\""));
  Browser nurse = portal_.signed_in(PortalWorld::nurse);
  const std::string help = nurse.get("/staff/desk").body;
  EXPECT_THAT(help, Not(HasSubstr("action=\"/staff/desk/")));
  EXPECT_THAT(help, HasSubstr("Registrerare hos er"));
  EXPECT_THAT(help, HasSubstr("<bdi>Staff</bdi>")) << "the registrar beside them";
}

// SPEC PORTAL-78, PORTAL-40
TEST_F(PortalMine, TheDeskKeepsWhatWasTypedButTheNumber) {
  Browser registrar = portal_.signed_in(PortalWorld::region_registrar);
  const Fields typed{{"number", "19121212-1213"}, {"team", ""}, {"focus", "illness"}, {"triage", "2026-11-03"}};
  const ApiReply wrong =
      registrar.submit("/staff/desk/refer", Browser::filled(registrar.get("/staff/desk"), "/staff/desk/refer", typed));
  EXPECT_EQ(wrong.status, 422u);
  EXPECT_THAT(wrong.body, HasSubstr("value=\"illness\" selected"));
  EXPECT_THAT(wrong.body, HasSubstr("value=\"2026-11-03\""));
  EXPECT_THAT(wrong.body, Not(HasSubstr("1213")));
}

// SPEC PORTAL-78
TEST_F(PortalMine, NothingChosenOnAPersonsWordIsSaidAndEntersNothing) {
  Browser nurse = portal_.signed_in(PortalWorld::nurse);
  const std::string path = "/staff/people/" + portal_.handle(*portal_.world.region) + "/on-word";
  const ApiReply wrong = nurse.submit(path, Browser::filled(nurse.get(path), path, {{"flik", "ekonomi"}}));
  EXPECT_EQ(wrong.status, 422u);
  EXPECT_THAT(wrong.body, HasSubstr("Välj minst en sak"));
  EXPECT_THAT(wrong.body, HasSubstr("value=\"ekonomi\" selected"));
}

TEST_F(PortalMine, MoreInAFullmaktIsAskedForTheRecipientAndPurposeThatItHas) {
  const std::string fullmakt = portal_.world.sign_fullmakt();
  Browser staff = portal_.signed_in(PortalWorld::handler);
  const std::string person = "/staff/people/" + portal_.handle(*portal_.world.authority);
  const std::string ask = person + "/ask?fullmakt=" + fullmakt;
  ASSERT_THAT(staff.get(person).body, HasSubstr("href=\"" + ask + "\""));
  const std::string body = staff.get(ask).body;
  EXPECT_THAT(body, HasSubstr("value=\"organisation:" + portal_.world.authority->id.text() + "\" selected"));
  EXPECT_THAT(body, HasSubstr("value=\"konsultation\" selected"));
  EXPECT_THAT(body, HasSubstr("name=\"fullmakt\" value=\"" + fullmakt + "\""));
  Browser nurse = portal_.signed_in(PortalWorld::nurse);
  const std::string discloser = "/staff/people/" + portal_.handle(*portal_.world.region);
  EXPECT_THAT(nurse.get(discloser).body, Not(HasSubstr("ask?fullmakt="))) << "who only discloses receives nothing";
}

}  // namespace
}  // namespace flikvakt::gateway::test
