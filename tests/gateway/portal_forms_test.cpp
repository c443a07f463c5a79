// What a person gets to do beside giving and taking back: a referral, following the log, taking everything along; and
// what is kept when a form comes too late or an issuer was asked.
#include <gmock/gmock.h>

#include "gateway/kept_forms.h"
#include "gateway/portal_follow.h"
#include "gateway/target.h"
#include "tests/gateway/portal_world.h"

namespace flikvakt::gateway::test {
namespace {

using testing::HasSubstr;
using testing::Not;

class PortalForms : public testing::Test {
protected:
  TeamId team() {
    using namespace policy;
    const auto id = crypto::random_id<TeamId>();
    const auto& region = *portal_.world.region;
    EXPECT_TRUE(portal_.world.by_administrators(RegisterTeam{id, region.id, "Konsultation", portal_.world.nurse})
                    .decision.is_permitted());
    EXPECT_TRUE(portal_.world.decide(portal_.world.actor(region, portal_.world.region_registrar), AcceptTeam{id})
                    .decision.is_permitted());
    return id;
  }
  Fields referral(const TeamId& to) {
    return {{"team", to.text()}, {"focus", "illness"}, {"referrer", portal_.world.region->id.text()}, {"triage", ""}};
  }
  ApiReply sign(Browser& milo, const ApiReply& page) {
    return milo.submit("/me/sign/demo", Browser::filled(page, "/me/sign/demo"));
  }
  PortalWorld portal_;
};

// SPEC PORTAL-77, CASE-1
TEST_F(PortalForms, AReferralIsSignedByThePersonAndTheTeamSeesIt) {
  const TeamId to = team();
  Browser milo = portal_.signed_in(PortalWorld::milo);
  const ApiReply page = milo.submit("/me/refer", Browser::filled(milo.get("/me/refer"), "/me/refer", referral(to)));
  ASSERT_EQ(page.status, 200u) << page.body;
  EXPECT_THAT(page.body, HasSubstr("Remissen öppnar inga dokument"));
  Browser nurse = portal_.signed_in(PortalWorld::nurse);
  EXPECT_THAT(nurse.get("/staff").body, Not(HasSubstr("/staff/cases/"))) << "nothing is sent before it is signed";
  EXPECT_EQ(sign(milo, page).status, 200u);
  const std::string cases = nurse.get("/staff").body;
  EXPECT_THAT(cases, HasSubstr("/staff/cases/"));
  EXPECT_THAT(cases, HasSubstr("/path\"")) << "the map of it";
  EXPECT_THAT(milo.get("/me/path").body, HasSubstr("Remiss till Konsultation"));
  Browser handler = portal_.signed_in(PortalWorld::handler);
  EXPECT_THAT(handler.get("/staff").body, Not(HasSubstr("/staff/cases/"))) << "of another organisation, in no team";
}

// SPEC PORTAL-78
TEST_F(PortalForms, TheDeskSaysWhichFormIsWrongAndWhatAReferralOnPaperIs) {
  Browser registrar = portal_.signed_in(PortalWorld::region_registrar);
  const auto refer = [&](const char* to_team, const char* focus, const char* triage) {
    return registrar.submit(
        "/staff/desk/refer",
        Browser::filled(
            registrar.get("/staff/desk"), "/staff/desk/refer",
            {{"number", std::string(ApiWorld::kNumber)}, {"team", to_team}, {"focus", focus}, {"triage", triage}}));
  };
  const std::string to = team().text();
  const ApiReply no_day = refer(to.c_str(), "illness", "2026-02-30");
  EXPECT_EQ(no_day.status, 422u);
  EXPECT_THAT(no_day.body, HasSubstr("<h2>Remiss på papper</h2><p>Skriv dagen för den första bedömningen"));
  EXPECT_THAT(no_day.body, HasSubstr("value=\"2026-02-30\""));
  EXPECT_THAT(refer("", "illness", "").body, HasSubstr("Välj ett team."));
  EXPECT_THAT(refer(to.c_str(), "weather", "").body, HasSubstr("Välj vad det handlar om."));
  const ApiReply right = refer(to.c_str(), "illness", "2026-02-28");
  EXPECT_EQ(right.status, 200u);
  EXPECT_THAT(right.body, HasSubstr("Det handlar om: Sjukdom."));
  EXPECT_THAT(right.body, HasSubstr("28 februari 2026"));
  const ApiReply no_key = registrar.submit(
      "/staff/desk/confirm",
      Browser::filled(registrar.get("/staff/desk"), "/staff/desk/confirm",
                      {{"number", std::string(ApiWorld::kNumber)}, {"thumbprint", std::string(42, 'A')}}));
  EXPECT_EQ(no_key.status, 422u);
  EXPECT_THAT(no_key.body, HasSubstr("<h2>Bekräfta en nyckel</h2><p>Nyckelns nummer har 43 tecken."));
}

// SPEC PORTAL-77, PORTAL-78
TEST_F(PortalForms, AReferralWithSomethingWrongKeepsTheRest) {
  const TeamId to = team();
  Browser milo = portal_.signed_in(PortalWorld::milo);
  const auto send = [&](const char* field, const char* value) {
    Fields typed = referral(to);
    for (auto& [name, old] : typed) {
      if (name == field) old = value;
    }
    return milo.submit("/me/refer", Browser::filled(milo.get("/me/refer"), "/me/refer", typed));
  };
  for (const auto& [field, value] : {std::pair("team", "x"), std::pair("focus", "<b>"), std::pair("triage", "i går")}) {
    const ApiReply wrong = send(field, value);
    EXPECT_EQ(wrong.status, 422u) << field;
    EXPECT_THAT(wrong.body, HasSubstr("value=\"" + portal_.world.region->id.text() + "\" selected")) << field;
    EXPECT_THAT(wrong.body, Not(HasSubstr("<b>"))) << field;
  }
}

// SPEC PORTAL-78, CASE-4
TEST_F(PortalForms, AMeetingThatIsNoTimeIsNotLeftOutUnseen) {
  const TeamId to = team();
  Browser milo = portal_.signed_in(PortalWorld::milo);
  sign(milo, milo.submit("/me/refer", Browser::filled(milo.get("/me/refer"), "/me/refer", referral(to))));
  Browser nurse = portal_.signed_in(PortalWorld::nurse);
  const std::string cases = nurse.get("/staff").body;
  const std::size_t at = cases.find("/staff/cases/");
  ASSERT_NE(at, std::string::npos);
  const std::string path = cases.substr(at, cases.find('"', at) - at);
  const ApiReply wrong = nurse.submit(
      path, Browser::filled(nurse.get(path), path,
                            {{"meeting", "2026-12-13T10:00"}, {"meeting", "nästa vecka"}, {"what", "accept"}}));
  EXPECT_EQ(wrong.status, 422u);
  EXPECT_THAT(wrong.body, HasSubstr("value=\"2026-12-13T10:00\""));
  EXPECT_THAT(wrong.body, HasSubstr("value=\"nästa vecka\""));
  EXPECT_THAT(nurse.get("/staff").body, HasSubstr("Väntar")) << "nothing was sent";
}

// SPEC PORTAL-73, REP-9
TEST_F(PortalForms, WhatOneGuardianSignsIsReadAndSignedByTheOther) {
  portal_.register_guardians();
  const auto acting = [&](PortalWorld::Who who) {
    Browser out = portal_.signed_in(who);
    const ApiReply page = out.get("/me/representatives");
    const std::size_t at = page.body.find("action=\"/me/as/");
    EXPECT_NE(at, std::string::npos) << page.body;
    const std::string path = page.body.substr(at + 8, page.body.find('"', at + 8) - at - 8);
    EXPECT_EQ(out.submit(path, Browser::filled(page, path)).status, 303u);
    return out;
  };
  Browser first = acting(PortalWorld::first_guardian), second = acting(PortalWorld::second_guardian);
  const Fields typed{{"recipient", "organisation:" + portal_.world.authority->id.text()},
                     {"right", "read"},
                     {"flik", "journal"},
                     {"discloser", portal_.world.region->id.text()},
                     {"purpose", "konsultation"},
                     {"until", "2027-06-30"},
                     {"readings", ""}};
  const ApiReply page = first.submit("/me/give/new", Browser::filled(first.get("/me/give/new"), "/me/give/new", typed));
  ASSERT_EQ(page.status, 200u) << page.body;
  const ApiReply waits = sign(first, page);
  EXPECT_THAT(waits.body, HasSubstr("Väntar på en till")) << waits.body;
  const std::string proposals = second.get("/me/proposals").body;
  const std::size_t end = proposals.find("/approve\"");
  ASSERT_NE(end, std::string::npos) << proposals;
  const std::size_t from = proposals.rfind('"', end) + 1;
  const std::string approve = proposals.substr(from, proposals.find('"', from) - from);
  const ApiReply own = sign(first, first.get(approve));
  EXPECT_EQ(own.status, 422u) << "the same one twice is not two";
  EXPECT_THAT(own.body, HasSubstr("det kräver en annan person"));
  Browser milo = portal_.signed_in(PortalWorld::milo);
  EXPECT_EQ(milo.get(approve).status, 403u) << "it is for the two";
  const ApiReply read = second.get(approve);
  EXPECT_THAT(read.body, HasSubstr("Jag låter authority läsa det här om mig: journal.")) << "what is signed is shown";
  EXPECT_EQ(sign(second, read).status, 200u);
  EXPECT_THAT(milo.get("/me").body, HasSubstr("/revoke\""));
}

// SPEC PORTAL-73
TEST_F(PortalForms, WhatIsNobodysToApproveIsOneRefusal) {
  Browser milo = portal_.signed_in(PortalWorld::milo);
  EXPECT_EQ(milo.get("/me/proposals/" + std::string(32, 'a') + "/approve").status, 403u);
}

// SPEC PORTAL-13
TEST_F(PortalForms, AFormOfAnEarlierSessionGetsBackWhatWasWrittenInIt) {
  Browser handler = portal_.signed_in(PortalWorld::handler);
  const std::string ask = "/staff/people/" + portal_.handle(*portal_.world.authority) + "/ask";
  const Fields form = Browser::filled(handler.get(ask), ask, {{"write_message", "Vi behöver <i>det</i>"}});
  Browser again = portal_.signed_in(PortalWorld::handler);
  const ApiReply stale = again.submit(ask, form);
  EXPECT_EQ(stale.status, 403u);
  EXPECT_THAT(stale.body, HasSubstr("Vi behöver &lt;i&gt;det&lt;/i&gt;"));
  const ApiReply elsewhere = again.submit(ask, form, "Sec-Fetch-Site: cross-site\r\n");
  EXPECT_EQ(elsewhere.status, 403u);
  EXPECT_THAT(elsewhere.body, Not(HasSubstr("Vi behöver"))) << "another site gets nothing into a page of ours";
}

// SPEC PORTAL-74
TEST_F(PortalForms, TheLogIsFollowedWhenThePersonSaysSoAndEndsByItself) {
  portal_.world.sign_fullmakt();
  const std::string document = portal_.world.deposit(text_bytes(1000));
  Browser milo = portal_.signed_in(PortalWorld::milo);
  const ApiReply still = milo.get("/me/log?show=refused");
  EXPECT_EQ(still.field("Refresh"), "") << "unasked it does not change";
  EXPECT_THAT(still.body, Not(HasSubstr("http-equiv")));
  const std::size_t at = still.body.find("/me/log?show=refused&amp;follow=20&amp;since=");
  ASSERT_NE(at, std::string::npos) << still.body;
  std::string follow = still.body.substr(at, still.body.find('"', at) - at);
  for (std::size_t i = 0; (i = follow.find("&amp;", i)) != std::string::npos;) follow.replace(i, 5, "&");
  const ApiReply first = milo.get(follow);
  EXPECT_THAT(first.field("Refresh"), testing::StartsWith("30; url=/me/log?show=refused&follow=19&since="));
  EXPECT_THAT(first.body, HasSubstr("Sluta följa"));
  EXPECT_THAT(first.body, HasSubstr("0 nya rader"));
  portal_.world.clock.move(1s);
  ApiClient reader = portal_.world.staff(*portal_.world.authority, portal_.world.handler);
  ASSERT_EQ(reader.get("/v1/documents/" + document + "/content?purpose=annat").status, 403u);
  const std::string next = first.field("Refresh").substr(std::string("30; url=").size());
  const ApiReply second = milo.get(next);
  EXPECT_THAT(second.body, HasSubstr("<title>1 ny rad"));
  EXPECT_THAT(second.body, HasSubstr("Ny: "));
  const std::string since = next.substr(next.find("&since="));
  const ApiReply last = milo.get("/me/log?show=refused&follow=0" + since);
  EXPECT_EQ(last.field("Refresh"), "");
  EXPECT_THAT(last.body, HasSubstr("läses inte längre om av sig själv"));
  for (const char* nonsense :
       {"/me/log?follow=20", "/me/log?follow=21&since=2026-11-01T00:00:00Z", "/me/log?follow=x&since=y"})
    EXPECT_EQ(milo.get(nonsense).field("Refresh"), "") << nonsense;
}

// SPEC PORTAL-75
TEST_F(PortalForms, TheLogIsTakenAlongAsATableThatASpreadsheetCannotRun) {
  portal_.world.sign_fullmakt();
  Browser nurse = portal_.signed_in(PortalWorld::nurse);
  const std::string path = "/staff/people/" + portal_.handle(*portal_.world.region) + "/deposit";
  const Fields typed{{"flik", "journal"},
                     {"title", "=HYPERLINK(\"x\")"},
                     {"author", "Maja"},
                     {"date", "2026-11-01"},
                     {"others", "no"}};
  const ApiReply plan = nurse.upload(path, Browser::filled(nurse.get(path), path, typed), "svar.txt", text_bytes(100));
  ASSERT_EQ(plan.status, 303u);
  const std::string shown = plan.field("Location");
  ASSERT_EQ(nurse.submit(shown, Browser::filled(nurse.get(shown), shown)).status, 200u);
  Browser milo = portal_.signed_in(PortalWorld::milo);
  EXPECT_THAT(milo.get("/me/everything").body, HasSubstr("href=\"/me/everything/log.csv\""));
  const ApiReply table = milo.get("/me/everything/log.csv");
  EXPECT_EQ(table.status, 200u);
  EXPECT_THAT(table.field("Content-Type"), HasSubstr("text/csv"));
  EXPECT_THAT(table.field("Content-Disposition"), HasSubstr("attachment"));
  EXPECT_THAT(table.body, testing::StartsWith("\xef\xbb\xbfnummer,tid,"));
  EXPECT_THAT(table.body, HasSubstr("\"'=HYPERLINK(\"\"x\"\")\""));
  EXPECT_THAT(table.body, Not(HasSubstr(",=HYPERLINK")));
  EXPECT_EQ(nurse.get("/me/everything/log.csv").status, 403u);
}

// SPEC PORTAL-79
TEST(KeptForms, AreThereForAsLongAsTheCeremony) {
  KeptForms kept;
  const KeptForms::Time now{};
  const auto act = crypto::random_id<ActId>();
  kept.keep(act, crypto::random_id<SessionId>(), {{"typed", "a=1"}}, now, now + 10min);
  EXPECT_TRUE(kept.find(crypto::random_id<ActId>(), now).empty()) << "another browser's";
  EXPECT_EQ(kept.find(act, now).at("typed"), "a=1");
  EXPECT_EQ(kept.find(act, now + 9min).at("typed"), "a=1") << "the page is loaded again";
  EXPECT_TRUE(kept.find(act, now + 10min).empty()) << "too late";
}

// SPEC PORTAL-100
TEST(KeptForms, WhoSendsManyPushesOutTheirOwn) {
  KeptForms kept;
  const KeptForms::Time now{};
  const auto keep = [&](const SessionId& session) {
    const auto act = crypto::random_id<ActId>();
    kept.keep(act, session, {{"typed", "a=1"}}, now, now + 10min);
    return act;
  };
  const auto is_there = [&](const ActId& act) { return !kept.find(act, now).empty(); };
  const auto mine = crypto::random_id<SessionId>(), other = crypto::random_id<SessionId>();
  const ActId first = keep(mine), others = keep(other);
  for (std::size_t i = 1; i < KeptForms::kMostOfSession; ++i) keep(mine);
  EXPECT_TRUE(is_there(first));
  const ActId last = keep(mine);
  EXPECT_FALSE(is_there(first)) << "one more than a session has";
  EXPECT_TRUE(is_there(last));
  EXPECT_TRUE(is_there(others));
  for (std::size_t i = KeptForms::kMostOfSession + 1; i < KeptForms::kMost; ++i) keep(crypto::random_id<SessionId>());
  EXPECT_TRUE(is_there(others));
  for (int i = 0; i < 4; ++i) keep(crypto::random_id<SessionId>());
  EXPECT_TRUE(is_there(others)) << "whoever has one loses nothing to who has many";
  EXPECT_TRUE(is_there(last));
}

}  // namespace
}  // namespace flikvakt::gateway::test
