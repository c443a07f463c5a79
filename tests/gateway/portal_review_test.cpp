// Log reviewers by browser: what the own organisation's staff did, samples, and what was found of it.
#include <gmock/gmock.h>

#include <regex>

#include "tests/gateway/portal_world.h"

namespace flikvakt::gateway::test {
namespace {

using testing::HasSubstr;
using testing::Not;

class PortalReview : public testing::Test {
protected:
  // Entries that a page names, in its order.
  static std::vector<std::string> entries(const std::string& body) {
    std::vector<std::string> out;
    const std::regex link("href=\"/staff/review/([0-9]+)\"");
    for (auto it = std::sregex_iterator(body.begin(), body.end(), link); it != std::sregex_iterator(); ++it) {
      out.push_back((*it)[1]);
    }
    return out;
  }
  static std::string first_match(const std::string& body, const char* pattern) {
    std::smatch found;
    EXPECT_TRUE(std::regex_search(body, found, std::regex(pattern))) << pattern << " in\n" << body;
    return found.empty() ? std::string() : std::regex_replace(found[1].str(), std::regex("&amp;"), "&");
  }
  PortalWorld portal_;
};

// SPEC PORTAL-60
TEST_F(PortalReview, IsTheRefusalToEverybodyWhoIsNoLogReviewer) {
  Browser reviewer = portal_.signed_in(PortalWorld::reviewer);
  Browser nurse = portal_.signed_in(PortalWorld::nurse);
  Browser person = portal_.signed_in(PortalWorld::milo);
  const ApiReply refused = nurse.get("/staff/review");
  EXPECT_EQ(refused.status, 403u);
  const std::string some = entries(reviewer.get("/staff/review").body).at(0);
  for (const std::string& path : {std::string("/staff/review"), std::string("/staff/review/sample"),
                                  "/staff/review/" + some, std::string("/staff/review/999999")}) {
    EXPECT_EQ(nurse.get(path).comparable(), refused.comparable()) << path;
    EXPECT_EQ(person.get(path).status, 403u) << path;
  }
  EXPECT_THAT(reviewer.get("/staff").body, HasSubstr("href=\"/staff/review\""));
  EXPECT_THAT(nurse.get("/staff").body, Not(HasSubstr("/staff/review")));
}

// SPEC PORTAL-60, PORTAL-61
TEST_F(PortalReview, ShowsWhatTheOwnStaffDidAndNothingOfOthersOrOfThePerson) {
  portal_.world.sign_fullmakt();
  const std::string document = portal_.world.deposit(text_bytes(1000));  // by the nurse, of the region
  Browser handler = portal_.signed_in(PortalWorld::handler);
  EXPECT_EQ(handler.get("/staff/documents/" + document + "/content?purpose=konsultation").status, 200u);
  Browser reviewer = portal_.signed_in(PortalWorld::reviewer);
  const std::string own = reviewer.get("/staff/review").body;
  EXPECT_THAT(own, HasSubstr("Ett dokument lämnades in</a>"));
  EXPECT_THAT(own, Not(HasSubstr("Läsning av ett dokument</a>"))) << "the authority's";
  EXPECT_THAT(own, Not(HasSubstr(document)));
  EXPECT_THAT(own, Not(HasSubstr("1973")));
  Browser other = portal_.signed_in(PortalWorld::other_reviewer);
  const std::string theirs = other.get("/staff/review").body;
  EXPECT_THAT(theirs, HasSubstr("Läsning av ett dokument</a>"));
  const std::string reading = entries(other.get("/staff/review?kind=open_reading").body).at(0);
  EXPECT_EQ(other.get("/staff/review/" + reading).status, 200u);
  EXPECT_EQ(reviewer.get("/staff/review/" + reading).status, 403u) << "another organisation's";
}

// SPEC PORTAL-61
TEST_F(PortalReview, FiltersLeaveWhatFitsAndPagesStayTheSame) {
  Browser nurse = portal_.signed_in(PortalWorld::nurse);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(nurse.get("/staff/notices").status, 200u);
  EXPECT_EQ(nurse.get("/staff/documents/" + std::string(32, 'a') + "/content?purpose=konsultation").status, 403u);
  Browser reviewer = portal_.signed_in(PortalWorld::reviewer);
  const auto asked = [&](const std::string& query) { return entries(reviewer.get("/staff/review" + query).body); };
  const std::vector<std::string> notices = asked("?kind=list_notices");
  EXPECT_EQ(notices.size(), 3u);
  EXPECT_EQ(asked("?kind=list_notices&staff=" + portal_.world.nurse.text()).size(), 3u);
  EXPECT_TRUE(asked("?kind=list_notices&staff=" + portal_.world.region_registrar.text()).empty());
  EXPECT_EQ(asked("?kind=open_reading&outcome=refused").size(), 1u);
  EXPECT_TRUE(asked("?kind=open_reading&outcome=permitted").empty());
  EXPECT_TRUE(asked("?kind=list_notices&to=2001-01-01").empty());
  EXPECT_TRUE(asked("?kind=list_notices&from=2200-01-01").empty());
  const std::vector<std::string> older = asked("?kind=list_notices&below=" + notices[0]);
  EXPECT_EQ(older, (std::vector<std::string>{notices[1], notices[2]}));
  EXPECT_EQ(nurse.get("/staff/notices").status, 200u);
  EXPECT_EQ(asked("?kind=list_notices&below=" + notices[0]), older);
}

// SPEC PORTAL-62
TEST_F(PortalReview, ASecondReviewerDrawsTheSameSample) {
  Browser nurse = portal_.signed_in(PortalWorld::nurse);
  for (int i = 0; i < 12; ++i) EXPECT_EQ(nurse.get("/staff/notices").status, 200u);
  Browser reviewer = portal_.signed_in(PortalWorld::reviewer);
  const std::string first = reviewer.get("/staff/review/sample?kind=list_notices&count=4").body;
  EXPECT_EQ(entries(first).size(), 4u);
  const std::string again = first_match(first, "href=\"(/staff/review/sample[^\"]*seed=[^\"]*)\"");
  EXPECT_EQ(nurse.get("/staff/notices").status, 200u);
  Browser second = portal_.signed_in(PortalWorld::reviewer);
  const std::string same = second.get(again).body;
  EXPECT_EQ(entries(same), entries(first));
  const std::string seed = first_match(again, "seed=([0-9]+)");
  EXPECT_THAT(same, HasSubstr(seed));
  EXPECT_EQ(portal_.signed_in(PortalWorld::nurse).get(again).status, 403u);
}

// SPEC PORTAL-63
TEST_F(PortalReview, WhatWasFoundIsNotedOfOthersActsOfTheOwnOrganisationOnly) {
  Browser nurse = portal_.signed_in(PortalWorld::nurse);
  EXPECT_EQ(nurse.get("/staff/notices").status, 200u);
  Browser reviewer = portal_.signed_in(PortalWorld::reviewer);
  const std::string entry = entries(reviewer.get("/staff/review?kind=list_notices").body).at(0);
  const std::string path = "/staff/review/" + entry;
  const Fields typed{{"finding", "follow_up"}, {"write_note", "Fråga <varför>"}};
  const Fields form = Browser::filled(reviewer.get(path), path, typed);
  const ApiReply done = reviewer.submit(path, form);
  EXPECT_EQ(done.status, 200u) << done.body;
  EXPECT_EQ(reviewer.submit(path, form).status, 200u) << "twice is once";
  const std::string page = reviewer.get(path).body;
  EXPECT_THAT(page, HasSubstr("Ska följas upp"));
  EXPECT_THAT(page, HasSubstr("Fråga &lt;varför&gt;"));
  EXPECT_THAT(reviewer.get("/staff/review?kind=list_notices").body, HasSubstr("Ska följas upp"));

  Browser other = portal_.signed_in(PortalWorld::other_reviewer);
  const std::string token = first_match(other.get("/staff").body, "name=\"token\" value=\"([^\"]*)\"");
  Fields of_other{{"token", token}, {"act", crypto::random_id<ActId>().text()}};
  of_other.insert(of_other.end(), typed.begin(), typed.end());
  EXPECT_EQ(other.submit(path, of_other).status, 403u) << "another organisation's act";
  const std::string own = entries(reviewer.get("/staff/review?kind=read_organisation_log").body).at(0);
  EXPECT_THAT(reviewer.get("/staff/review/" + own).body, Not(HasSubstr("write_note")));
  Fields of_own = form;
  of_own[1].second = crypto::random_id<ActId>().text();
  EXPECT_EQ(reviewer.submit("/staff/review/" + own, of_own).status, 403u) << "one's own";
  const std::string nurses = first_match(nurse.get("/staff").body, "name=\"token\" value=\"([^\"]*)\"");
  EXPECT_EQ(nurse.submit(path, {{"token", nurses}, {"act", crypto::random_id<ActId>().text()}}).status, 403u);

  // Who sends it by another door: it does not count, and the page says so.
  const policy::NoteReview of_own_act{std::stoull(own), policy::ReviewFinding::checked, ""};
  const policy::StaffActor gro{portal_.reviewer_of_region, portal_.world.region->id,
                               portal_.world.region->identity.leaf.sha256_fingerprint(),
                               portal_.world.region->key.public_key().thumbprint()};
  ASSERT_TRUE(portal_.world.decide(gro, of_own_act).decision.is_permitted());
  EXPECT_THAT(reviewer.get("/staff/review/" + own).body, HasSubstr("räknas inte"));
}

// SPEC PORTAL-64
TEST_F(PortalReview, WhatIsToBeFollowedUpIsListedAloneAndCounted) {
  Browser nurse = portal_.signed_in(PortalWorld::nurse);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(nurse.get("/staff/notices").status, 200u);
  EXPECT_EQ(nurse.get("/staff").status, 200u);
  Browser reviewer = portal_.signed_in(PortalWorld::reviewer);
  EXPECT_THAT(reviewer.get("/staff/review").body, Not(HasSubstr("?found=follow_up\">")));
  EXPECT_THAT(reviewer.get("/staff/review?found=follow_up").body, HasSubstr("Ingenting finns som passar"));
  const std::vector<std::string> notices = entries(reviewer.get("/staff/review?kind=list_notices").body);
  const std::vector<std::string> cases = entries(reviewer.get("/staff/review?kind=list_cases").body);
  ASSERT_EQ(notices.size(), 4u);
  ASSERT_FALSE(cases.empty());
  const auto find = [&](const std::string& entry, const char* finding) {
    portal_.world.clock.move(20s);  // within the rate
    const std::string path = "/staff/review/" + entry;
    const Fields typed{{"finding", finding}, {"write_note", ""}};
    EXPECT_EQ(reviewer.submit(path, Browser::filled(reviewer.get(path), path, typed)).status, 200u);
  };
  find(notices[0], "follow_up");
  find(notices[2], "follow_up");
  find(notices[3], "checked");
  find(cases[0], "follow_up");
  const auto asked = [&](const std::string& query) {
    portal_.world.clock.move(20s);
    return entries(reviewer.get("/staff/review" + query).body);
  };
  const std::vector<std::string> open{cases[0], notices[0], notices[2]};
  EXPECT_EQ(asked("?found=follow_up"), open) << "the newest first";
  EXPECT_EQ(asked("?found=checked"), std::vector<std::string>{notices[3]});
  EXPECT_EQ(asked("?found=follow_up&kind=list_notices"), (std::vector<std::string>{notices[0], notices[2]}));
  EXPECT_EQ(asked("?found=follow_up&below=" + notices[0]), std::vector<std::string>{notices[2]});
  EXPECT_TRUE(asked("?found=follow_up&to=2001-01-01").empty());
  EXPECT_GT(asked("?found=nonsense").size(), 5u) << "what is no filter is passed over";
  const std::string start = reviewer.get("/staff/review").body;
  EXPECT_THAT(start, HasSubstr("/staff/review?found=follow_up\">3 handlingar ska följas upp"));
  find(notices[0], "checked");
  EXPECT_THAT(reviewer.get("/staff/review").body, HasSubstr("2 handlingar ska följas upp"));
  Browser other = portal_.signed_in(PortalWorld::other_reviewer);
  EXPECT_THAT(other.get("/staff/review").body, Not(HasSubstr("ska följas upp</a>"))) << "another organisation's";
  EXPECT_EQ(nurse.get("/staff/review?found=follow_up").status, 403u);
}

}  // namespace
}  // namespace flikvakt::gateway::test
