// What a fullmakt opens and what had been read by it, as the pages say it; what is taken back on the person's word; and
// who leads a case. Each permitted step with its refused twin.
#include <gmock/gmock.h>

#include "tests/gateway/portal_world.h"

namespace flikvakt::gateway::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class PortalOpens : public testing::Test {
protected:
  Fields fields(const std::string& recipient, const Fields& more = {}) {
    Fields out{{"recipient", recipient},
               {"right", "read"},
               {"discloser", portal_.world.region->id.text()},
               {"purpose", "konsultation"},
               {"until", "2027-06-30"}};
    out.insert(out.end(), more.begin(), more.end());
    return out;
  }
  std::string authority() { return "organisation:" + portal_.world.authority->id.text(); }
  static ApiReply give(Browser& milo, const Fields& typed) {
    return milo.submit("/me/give/new", Browser::filled(milo.get("/me/give/new"), "/me/give/new", typed));
  }
  static ApiReply sign(Browser& milo, const ApiReply& page) {
    return milo.submit("/me/sign/demo", Browser::filled(page, "/me/sign/demo"));
  }
  unsigned read(const std::string& document) {
    ApiClient reader = portal_.world.staff(*portal_.world.authority, portal_.world.handler);
    return reader.get(portal_.world.path_of(document)).status;
  }
  // The only fullmakt that milo sees as counting.
  static std::string fullmakt_on(const ApiReply& page) {
    const std::size_t end = page.body.find("/revoke\"");
    EXPECT_NE(end, std::string::npos) << page.body;
    return end == std::string::npos ? std::string() : page.body.substr(end - 32, 32);
  }
  void look_often(int times) {
    const policy::PersonActor milo{portal_.world.person, portal_.world.device.public_key().thumbprint()};
    for (int i = 0; i < times; ++i) {
      portal_.world.core->decide(service::Command{milo, policy::ReadOverview{}, {}, {}, {}, {}, {}});
    }
  }
  static ApiReply revoke(Browser& milo, const std::string& fullmakt, bool says_since = true) {
    const std::string path = "/me/fullmakter/" + fullmakt + "/revoke";
    Fields form = Browser::filled(milo.get(path), path);
    if (!says_since) std::erase_if(form, [](const auto& field) { return field.first == "since"; });
    return milo.submit(path, form);
  }
  PortalWorld portal_;
};

// SPEC PORTAL-93, PORTAL-30
TEST_F(PortalOpens, WhatHadBeenReadIsFoundBehindMuchElse) {
  const std::string fullmakt = portal_.world.sign_fullmakt();
  const std::string document = portal_.world.deposit(text_bytes(1000));
  ASSERT_EQ(read(document), 200u);
  look_often(600);  // more than one asking looks through
  Browser milo = portal_.signed_in(PortalWorld::milo);
  const ApiReply done = revoke(milo, fullmakt);
  ASSERT_EQ(done.status, 200u) << done.body;
  EXPECT_THAT(done.body, AllOf(HasSubstr("/me/documents/" + document), Not(HasSubstr("Ingen hade läst"))));
}

// SPEC PORTAL-93
TEST_F(PortalOpens, ThatNobodyHadReadIsNotSaidOfWhatWasNotLookedThrough) {
  const std::string fullmakt = portal_.world.sign_fullmakt();
  const std::string document = portal_.world.deposit(text_bytes(1000));
  ASSERT_EQ(read(document), 200u);
  look_often(2'100);
  Browser milo = portal_.signed_in(PortalWorld::milo);
  const ApiReply done = revoke(milo, fullmakt, false);
  ASSERT_EQ(done.status, 200u) << done.body;
  EXPECT_THAT(done.body, AllOf(HasSubstr("är inte genomsökt"), HasSubstr("/me/log?fullmakt=" + fullmakt)));
  EXPECT_THAT(done.body, Not(HasSubstr("Ingen hade läst")));
  ASSERT_EQ(sign(milo, give(milo, fields(authority(), {{"flik", "journal"}}))).status, 200u);  // it begins now
  const std::string unread = fullmakt_on(milo.get("/me"));
  EXPECT_THAT(revoke(milo, unread).body, HasSubstr("Ingen hade läst")) << "all since it began was looked through";
}

// SPEC PORTAL-94
TEST_F(PortalOpens, AFullmaktThatOpensNothingToAProviderIsToldBeforeItIsSigned) {
  Browser milo = portal_.signed_in(PortalWorld::milo);
  const UnitId unit = crypto::random_id<UnitId>();
  ASSERT_TRUE(
      portal_.world
          .decide(portal_.world.administrators[0], policy::RegisterUnit{unit, portal_.provider->id, "Coacherna"})
          .decision.is_permitted());
  const std::string whole = "organisation:" + portal_.provider->id.text(), part = "unit:" + unit.text();
  const Fields flik{{"flik", "journal"}};
  for (const std::string& recipient : {whole, part}) {
    const ApiReply none = give(milo, fields(recipient, flik));
    EXPECT_THAT(none.body, AllOf(HasSubstr("Det öppnar inget för"), Not(HasSubstr("gäller den direkt")))) << recipient;
  }
  EXPECT_THAT(give(milo, fields(authority(), flik)).body,
              AllOf(HasSubstr("gäller den direkt"), Not(HasSubstr("Det öppnar inget"))));
  portal_.let_provider_work();
  for (const std::string& recipient : {whole, part}) {
    const ApiReply page = give(milo, fields(recipient, flik));
    EXPECT_THAT(page.body, AllOf(HasSubstr("mottagarens del av mitt kontrakt"), Not(HasSubstr("Det öppnar inget"))));
  }
}

// SPEC PORTAL-94
TEST_F(PortalOpens, AFormOnPaperForAProviderSaysThatItOpensNothing) {
  const auto form = [&](const OrganisationId& recipient) {
    const policy::RegisterTemplate out{crypto::random_id<TemplateId>(),
                                       {portal_.world.region->id},
                                       {{policy::RecipientKind::organisation, recipient.value()}},
                                       {"journal"},
                                       "insats",
                                       {policy::Right::read},
                                       90,
                                       "osl-10-1",
                                       "gdpr-6-1-e",
                                       {{"sv", "Mall", "De får läsa."}}};
    EXPECT_TRUE(portal_.world.by_administrators(out).decision.is_permitted());
    return "/staff/desk/paper/" + out.id.text();
  };
  const std::string of_provider = form(portal_.provider->id), of_authority = form(portal_.world.authority->id);
  Browser registrar = portal_.signed_in(PortalWorld::region_registrar);
  const std::string told = "Blanketten öppnar inget för stegvis";
  const ApiReply page = registrar.get(of_provider);
  EXPECT_THAT(page.body, HasSubstr(told));
  EXPECT_THAT(registrar.get(of_authority).body, Not(HasSubstr("Blanketten öppnar inget")));
  const ApiReply to_sign =
      registrar.upload(of_provider, Browser::filled(page, of_provider, {{"number", std::string(ApiWorld::kNumber)}}),
                       "papper.pdf", as_bytes("%PDF-1.4 x"));
  EXPECT_THAT(to_sign.body, HasSubstr(told)) << "and before it is entered";
}

// SPEC PORTAL-31
TEST_F(PortalOpens, ASingleDocumentIsGivenAndNoOther) {
  portal_.world.sign_fullmakt();
  const std::string given = portal_.world.deposit(text_bytes(1000)), other = portal_.world.deposit(text_bytes(1001));
  Browser milo = portal_.signed_in(PortalWorld::milo);
  revoke(milo, fullmakt_on(milo.get("/me")));
  const ApiReply form = milo.get("/me/give/new");
  EXPECT_THAT(form.body, HasSubstr("name=\"document\" value=\"" + given + "\""));
  EXPECT_EQ(give(milo, fields(authority())).status, 422u) << "neither a flik nor a document";
  const ApiReply deposits = give(milo, fields(authority(), {{"document", given}, {"right", "deposit"}}));
  EXPECT_EQ(deposits.status, 422u) << "a document is nothing to deposit in";
  EXPECT_THAT(deposits.body, HasSubstr("value=\"" + given + "\" checked"));
  const ApiReply page = give(milo, fields(authority(), {{"document", given}}));
  ASSERT_EQ(page.status, 200u) << page.body;
  EXPECT_THAT(page.body, HasSubstr("dokumentet &quot;Anteckning&quot;"));
  ASSERT_EQ(sign(milo, page).status, 200u);
  EXPECT_EQ(read(given), 200u);
  EXPECT_EQ(read(other), 403u);
}

// SPEC PORTAL-78
TEST_F(PortalOpens, MoreReadingsAreGivenWhereThereIsALimit) {
  Browser milo = portal_.signed_in(PortalWorld::milo);
  ASSERT_EQ(sign(milo, give(milo, fields(authority(), {{"flik", "journal"}, {"readings", "2"}}))).status, 200u);
  const std::string path = "/me/fullmakter/" + fullmakt_on(milo.get("/me")) + "/extend";
  const auto extend = [&](const char* readings) {
    return milo.submit(path, Browser::filled(milo.get(path), path, {{"readings", readings}, {"until", ""}}));
  };
  for (const char* wrong : {"2", "1", "0", "många", "100001"}) {
    const ApiReply told = extend(wrong);
    EXPECT_EQ(told.status, 422u) << wrong;
    EXPECT_THAT(told.body, HasSubstr("name=\"readings\" value=\"" + std::string(wrong) + "\"")) << wrong;
  }
  const ApiReply page = extend("5");
  EXPECT_THAT(page.body, HasSubstr("Högst 5 läsningar."));
  EXPECT_EQ(sign(milo, page).status, 200u);
}

// SPEC PORTAL-34
TEST_F(PortalOpens, ARequestForARightAloneIsGrantedOrDeclined) {
  Browser milo = portal_.signed_in(PortalWorld::milo);
  ASSERT_EQ(sign(milo, give(milo, fields(authority(), {{"flik", "journal"}}))).status, 200u);
  const std::string fullmakt = fullmakt_on(milo.get("/me"));
  Browser staff = portal_.signed_in(PortalWorld::handler);
  const std::string ask = "/staff/people/" + portal_.handle(*portal_.world.authority) + "/ask";
  Fields asked = Browser::filled(staff.get(ask), ask,
                                 {{"recipient", authority()},
                                  {"flik", "journal"},
                                  {"discloser", portal_.world.region->id.text()},
                                  {"right", "deposit"},
                                  {"purpose", "konsultation"},
                                  {"until", "2027-06-30"},
                                  {"write_message", ""}});
  for (auto& [name, value] : asked) {
    if (name == "fullmakt") value = fullmakt;
  }
  ASSERT_EQ(staff.submit(ask, asked).status, 200u);
  const std::string requests = milo.get("/me/requests").body;
  const std::size_t at = requests.find("/me/requests/");
  ASSERT_NE(at, std::string::npos) << requests;
  const std::string path = requests.substr(at, requests.find('"', at) - at);
  const ApiReply form = milo.get(path);
  EXPECT_THAT(form.body, AllOf(HasSubstr("value=\"deposit\" checked"), Not(HasSubstr("name=\"flik\""))));
  const Fields day{{"until", "2027-06-30"}};
  const ApiReply nothing = milo.submit(path, Browser::filled(form, path, day));
  EXPECT_EQ(nothing.status, 422u);
  EXPECT_THAT(nothing.body, HasSubstr("Välj något att ge, eller säg nej."));
  const ApiReply page = milo.submit(path, Browser::filled(form, path, {{"right", "deposit"}, {"until", "2027-06-30"}}));
  ASSERT_EQ(page.status, 200u) << page.body;
  EXPECT_THAT(page.body, AllOf(HasSubstr("De får också lämna in dokument."), HasSubstr("Utöka fullmakten")));
  EXPECT_EQ(sign(milo, page).status, 200u);
  EXPECT_THAT(staff.get("/staff/requests").body, HasSubstr("Beviljad"));
}

// SPEC PORTAL-96
TEST_F(PortalOpens, ThatNobodyHasReadIsSaidOnlyOfAllReadings) {
  Browser milo = portal_.signed_in(PortalWorld::milo);
  const std::string none = "Ingen har läst, och ingen har försökt", no_fit = "Inget som passar dina val";
  EXPECT_THAT(milo.get("/me/log").body, AllOf(HasSubstr(none), Not(HasSubstr(no_fit))));
  portal_.world.sign_fullmakt();
  const std::string document = portal_.world.deposit(text_bytes(1000));
  ASSERT_EQ(read(document), 200u);
  for (const char* query : {"?flik=ekonomi", "?show=refused", "?to=2020-01-01", "?below=1"}) {
    EXPECT_THAT(milo.get("/me/log" + std::string(query)).body, AllOf(HasSubstr(no_fit), Not(HasSubstr(none)))) << query;
  }
  EXPECT_THAT(milo.get("/me/log").body, AllOf(HasSubstr("1 rad visas här."), Not(HasSubstr(none))));
}

// SPEC PORTAL-97
TEST_F(PortalOpens, ACaseIsLedByItsLeadAndClosedOnlyByWhoSaysSo) {
  using namespace policy;
  const auto team = crypto::random_id<TeamId>();
  const auto& region = *portal_.world.region;
  ASSERT_TRUE(portal_.world.by_administrators(RegisterTeam{team, region.id, "Konsultation", portal_.world.nurse})
                  .decision.is_permitted());
  const auto officer = portal_.world.actor(region, portal_.world.region_registrar);
  const auto leader = portal_.world.actor(region, portal_.world.nurse);
  ASSERT_TRUE(portal_.world.decide(officer, AcceptTeam{team}).decision.is_permitted());
  const RosterAdd member{team, portal_.world.region_registrar, TeamRole::member};
  ASSERT_TRUE(portal_.world.decide(officer, member).decision.is_permitted());
  ASSERT_TRUE(portal_.world.decide(leader, member).decision.is_permitted());
  Browser milo = portal_.signed_in(PortalWorld::milo);
  const Fields referral{{"team", team.text()}, {"focus", "illness"}, {"referrer", region.id.text()}, {"triage", ""}};
  sign(milo, milo.submit("/me/refer", Browser::filled(milo.get("/me/refer"), "/me/refer", referral)));
  Browser lead = portal_.signed_in(PortalWorld::nurse), other = portal_.signed_in(PortalWorld::region_registrar);
  const std::string cases = lead.get("/staff").body;
  const std::size_t at = cases.find("/staff/cases/");
  ASSERT_NE(at, std::string::npos);
  const std::string path = cases.substr(at, cases.find('"', at) - at);
  const ApiReply shown = other.get(path);
  EXPECT_THAT(shown.body, AllOf(HasSubstr("sköter teamets ledare"), Not(HasSubstr("action=\"" + path + "\""))));
  const ApiReply form = lead.get(path);
  EXPECT_THAT(form.body, AllOf(HasSubstr("action=\"" + path + "\""), Not(HasSubstr("sköter teamets ledare"))));
  const ApiReply unsure = lead.submit(path, Browser::filled(form, path, {{"what", "close"}}));
  EXPECT_EQ(unsure.status, 422u);
  EXPECT_THAT(lead.get("/staff").body, HasSubstr("/staff/cases/")) << "not closed";
  EXPECT_EQ(lead.submit(path, Browser::filled(form, path, {{"what", "close"}, {"sure", "yes"}})).status, 200u);
  EXPECT_THAT(lead.get("/staff").body, Not(HasSubstr("/staff/cases/")));
}

// SPEC PORTAL-42, PORTAL-78
TEST_F(PortalOpens, OneFullmaktIsRevokedOnThePersonsWordAndTheOthersStay) {
  const std::string one = portal_.world.sign_fullmakt(), other = portal_.world.sign_fullmakt("ekonomi");
  Browser nurse = portal_.signed_in(PortalWorld::nurse);
  const std::string path = "/staff/people/" + portal_.handle(*portal_.world.region) + "/on-word";
  const ApiReply linked = nurse.get(path + "?fullmakt=" + one);
  EXPECT_THAT(linked.body, AllOf(HasSubstr("value=\"revoke_one\" checked"), HasSubstr("value=\"" + one + "\"")));
  const ApiReply wrong = nurse.submit(
      path, Browser::filled(
                linked, path,
                {{"what", "revoke_one"}, {"what", "end_representatives"}, {"fullmakt", "abc"}, {"flik", "journal"}}));
  EXPECT_EQ(wrong.status, 422u);
  EXPECT_THAT(wrong.body, AllOf(HasSubstr("value=\"end_representatives\" checked"), HasSubstr("value=\"abc\"")));
  const ApiReply searched = nurse.submit(
      path, Browser::filled(linked, path, {{"what", "block_flik"}, {"find_flik", "x"}, {"find", "find_flik"}}));
  EXPECT_THAT(searched.body, HasSubstr("value=\"block_flik\" checked")) << "a search loses nothing";
  const auto enter = [&](const std::string& id) {
    return nurse.submit(path, Browser::filled(nurse.get(path), path, {{"what", "revoke_one"}, {"fullmakt", id}}));
  };
  const ApiReply done = enter(one);
  EXPECT_EQ(done.status, 200u) << done.body;
  const ApiReply unknown = enter(std::string(32, 'a'));
  EXPECT_EQ(unknown.status, 200u) << "the answer never tells what stood";
  Browser milo = portal_.signed_in(PortalWorld::milo);
  const std::string overview = milo.get("/me").body;
  EXPECT_THAT(overview, AllOf(Not(HasSubstr(one + "/revoke")), HasSubstr(other + "/revoke")));
}

}  // namespace
}  // namespace flikvakt::gateway::test
