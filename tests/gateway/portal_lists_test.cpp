// Long lists, searching among many, and the log as a file: what is there is found, and nothing that was filled in is
// lost on the way.
#include <gmock/gmock.h>

#include "gateway/portal_choices.h"
#include "service/person_log.h"
#include "tests/gateway/portal_world.h"

namespace flikvakt::gateway::test {
namespace {

using testing::HasSubstr;
using testing::Not;

std::size_t count(const std::string& body, std::string_view what) {
  std::size_t out = 0;
  for (std::size_t at = body.find(what); at != body.npos; at = body.find(what, at + 1)) ++out;
  return out;
}

class PortalLists : public testing::Test {
protected:
  // So many organisations more than a form shows.
  void add_organisations() {
    for (std::size_t i = 0; i < kMostChoices + 20; ++i) {
      const auto id = crypto::random_id<OrganisationId>();
      const std::string name = "Kommunen " + std::to_string(100 + i);
      portal_.world.by_administrators(
          policy::RegisterOrganisation{id, name, "212000-0001", policy::OrganisationKind::municipality});
      organisations_[name] = id;
    }
  }
  std::map<std::string, OrganisationId> organisations_;
  PortalWorld portal_;
};

// SPEC PORTAL-80
TEST_F(PortalLists, OfManyRecipientsThoseAreOfferedThatAreSearchedForAndWhatWasTypedStays) {
  add_organisations();
  portal_.world.sign_fullmakt();
  portal_.world.deposit(text_bytes(10));
  Browser milo = portal_.signed_in(PortalWorld::milo);
  const ApiReply form = milo.get("/me/give/new");
  EXPECT_LE(count(form.body, "value=\"organisation:"), kMostChoices);
  EXPECT_THAT(form.body, Not(HasSubstr("Kommunen 157")));
  EXPECT_THAT(form.body, HasSubstr("name=\"find_recipient\""));
  EXPECT_THAT(form.body, HasSubstr("region")) << "who deposited something is likely to disclose";
  Fields typed = Browser::filled(form, "/me/give/new",
                                 {{"find_recipient", "KOMMUNEN 157"},
                                  {"find", "find_recipient"},
                                  {"flik", "ekonomi"},
                                  {"right", "read"},
                                  {"until", "2031-02-03"},
                                  {"readings", "7"},
                                  {"purpose", "rehab"},
                                  {"discloser", portal_.world.region->id.text()}});
  const ApiReply found = milo.submit("/me/give/new", typed);
  EXPECT_EQ(found.status, 200u);
  const std::string value = "organisation:" + to_hex(organisations_.at("Kommunen 157").value());
  EXPECT_THAT(found.body, HasSubstr("<option value=\"" + value + "\">Kommunen 157</option>"));
  EXPECT_THAT(found.body, HasSubstr("value=\"2031-02-03\""));
  EXPECT_THAT(found.body, HasSubstr("value=\"7\""));
  EXPECT_THAT(found.body, HasSubstr("name=\"flik\" value=\"ekonomi\" checked"));
  EXPECT_THAT(found.body, Not(HasSubstr("/me/sign/demo"))) << "nothing is to be signed yet";

  Fields chosen = Browser::filled(found, "/me/give/new", typed);
  std::erase_if(chosen, [](const auto& field) { return field.first == "find"; });
  chosen.emplace_back("recipient", value);
  EXPECT_THAT(milo.submit("/me/give/new", chosen).body, HasSubstr("Kommunen 157"));
  EXPECT_THAT(milo.submit("/me/give/new", chosen).body, HasSubstr("/me/sign/demo"));
}

TEST_F(PortalLists, ANameThatNobodyHasIsSaidAndWhatWasChosenIsStillThere) {
  add_organisations();
  Browser milo = portal_.signed_in(PortalWorld::milo);
  const ApiReply form = milo.get("/me/sparr");
  const std::string value = "organisation:" + to_hex(organisations_.at("Kommunen 101").value());
  const Fields typed = Browser::filled(form, "/me/sparr",
                                       {{"find_recipient", "finns inte"},
                                        {"find", "find_recipient"},
                                        {"target", "everything"},
                                        {"against", "some"},
                                        {"recipient", value}});
  const ApiReply none = milo.submit("/me/sparr", typed);
  EXPECT_EQ(none.status, 200u);
  EXPECT_THAT(none.body, HasSubstr("Inget namn passar"));
  EXPECT_THAT(none.body, HasSubstr("name=\"recipient\" value=\"" + value + "\" checked"));
  EXPECT_THAT(milo.get("/me").body, HasSubstr("Inget är spärrat")) << "a search blocks nothing";
}

// SPEC PORTAL-33
TEST_F(PortalLists, TheLogIsFilteredByAnOrganisationThatIsLookedForByName) {
  add_organisations();
  portal_.world.sign_fullmakt();
  const std::string document = portal_.world.deposit(text_bytes(10));
  Browser handler = portal_.signed_in(PortalWorld::handler);
  EXPECT_EQ(handler.get("/staff/documents/" + document + "/content?purpose=konsultation").status, 200u);
  Browser milo = portal_.signed_in(PortalWorld::milo);
  EXPECT_THAT(milo.get("/me/log").body, HasSubstr("name=\"find_organisation\""));
  const std::string of_authority = milo.get("/me/log?find_organisation=authori").body;
  EXPECT_THAT(of_authority, HasSubstr("value=\"" + portal_.world.authority->id.text() + "\" selected"));
  EXPECT_THAT(of_authority, HasSubstr("/receipt"));
  EXPECT_THAT(milo.get("/me/log?find_organisation=kommunen+101").body, HasSubstr("Inget som passar dina val"));
  const std::string several = milo.get("/me/log?find_organisation=kommunen").body;
  EXPECT_THAT(several, HasSubstr("/receipt")) << "of several none is chosen, and nothing is filtered";
  EXPECT_THAT(several, HasSubstr("Kommunen 101"));
}

// SPEC PORTAL-41
TEST_F(PortalLists, ATeamsNewMemberIsLookedForByName) {
  const auto& world = portal_.world;
  const TeamId team = crypto::random_id<TeamId>();
  portal_.world.by_administrators(policy::RegisterTeam{team, world.authority->id, "Laget", world.handler});
  portal_.world.decide(world.actor(*world.authority, world.authority_registrar), policy::AcceptTeam{team});
  std::string last;
  for (std::size_t i = 0; i < kMostChoices + 5; ++i) {
    const auto id = crypto::random_id<StaffId>();
    portal_.world.decide(world.administrators[0],
                         policy::RegisterStaff{id, world.region->id, {}, "Person " + std::to_string(100 + i), {}});
    last = id.text();
  }
  Browser lead = portal_.signed_in(PortalWorld::handler);
  const std::string unasked = lead.get("/staff/teams").body;
  EXPECT_THAT(unasked, Not(HasSubstr("<select id=\"s-")));
  EXPECT_THAT(unasked, HasSubstr("name=\"find_staff\""));
  const std::string found = lead.get("/staff/teams?team=" + team.text() + "&find_staff=person+144").body;
  EXPECT_THAT(found, HasSubstr("<option value=\"" + last + "\">Person 144, region</option>"));
  Browser nurse = portal_.signed_in(PortalWorld::nurse);
  EXPECT_THAT(nurse.get("/staff/teams?team=" + team.text() + "&find_staff=person").body, Not(HasSubstr("Person 1")))
      << "the team of others";
}

// SPEC PORTAL-80
TEST_F(PortalLists, AdministratorsLookForAnOrganisationByNameOrNumber) {
  add_organisations();
  Browser admin = portal_.administrator();
  EXPECT_THAT(admin.get("/administration/organisations").body, HasSubstr("rel=\"next\""));
  const std::string found = admin.get("/administration/organisations?q=kommunen+157").body;
  EXPECT_EQ(count(found, "<a href=\"/administration/organisations/"), 1u);
  EXPECT_THAT(found, HasSubstr("Kommunen 157"));
  EXPECT_THAT(found, HasSubstr("En organisation."));
  EXPECT_GT(count(admin.get("/administration/organisations?q=212000").body, "<a href=\"/administration/organisations/"),
            kMostChoices);
}

// ---- The log as a file

class LogAsAFile : public testing::Test {
protected:
  static constexpr std::size_t kEntries = 450;
  explicit LogAsAFile(double per_second = 10, double burst = 20)
      : portal_([=](Server::Options& options) {
          options.log_pieces_per_second = per_second;
          options.log_piece_burst = burst;
        }) {
    const policy::PersonActor milo{portal_.world.person, portal_.world.device.public_key().thumbprint()};
    for (std::size_t i = 0; i < kEntries; ++i)
      portal_.world.core->decide(service::Command{milo, policy::ReadOverview{}, {}, {}, {}, {}, {}});
  }
  json::object file(Browser& browser, const std::string& query = "") {
    const ApiReply reply = browser.get("/me/everything/log.json" + query);
    EXPECT_EQ(reply.status, 200u) << reply.body;
    return reply.status == 200 ? reply.json().as_object() : json::object();
  }
  PortalWorld portal_;
};

class LogAsASlowFile : public LogAsAFile {
protected:
  LogAsASlowFile() : LogAsAFile(0.001, 2) {}  // after two more pieces nothing comes within a second
};

// SPEC PORTAL-75
TEST_F(LogAsAFile, HoldsAllOfItWithinTheRate) {
  Browser milo = portal_.signed_in(PortalWorld::milo);
  const json::object all = file(milo);
  EXPECT_GE(all.at("entries").as_array().size(), kEntries);
  EXPECT_FALSE(all.contains("next"));
}

// SPEC PORTAL-82
TEST_F(LogAsASlowFile, EndsWhereTheRateEndsAndSaysWhereTheRestIs) {
  Browser milo = portal_.signed_in(PortalWorld::milo);
  const json::object first = file(milo);
  const json::array& entries = first.at("entries").as_array();
  EXPECT_EQ(entries.size(), 3 * service::kMostLogEntries) << "one, and two that the rate let through";
  ASSERT_TRUE(first.contains("next"));
  const auto next = first.at("next").to_number<std::uint64_t>();
  EXPECT_EQ(entries.back().at("number").to_number<std::uint64_t>(), next);
  const json::object rest = file(milo, "?below=" + std::to_string(next));
  EXPECT_EQ(rest.at("entries").as_array().size(), service::kMostLogEntries) << "no more pieces were left";
  EXPECT_EQ(rest.at("entries").at(0).at("number").to_number<std::uint64_t>(), next - 1) << "nothing is lost between";
  EXPECT_THAT(milo.get("/me/everything/log.csv").body, HasSubstr("/me/everything/log.csv?below="));
  EXPECT_EQ(milo.get("/me/log").status, 200u) << "pages have a rate of their own";
  Browser other = portal_.signed_in(PortalWorld::first_guardian);
  EXPECT_EQ(other.get("/me/everything/log.json").status, 200u) << "and so has everybody else";
}

}  // namespace
}  // namespace flikvakt::gateway::test
