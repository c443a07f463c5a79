// What the individual does: sees who can see what, takes back, gives and signs. Each permitted step with its refused
// twin.
#include <gmock/gmock.h>

#include <future>
#include <thread>

#include "tests/gateway/portal_world.h"

namespace flikvakt::gateway::test {
namespace {

using testing::HasSubstr;
using testing::Not;

class PortalOwn : public testing::Test {
protected:
  // A fullmakt of the person, by the form; the id of the newest one on the page.
  ApiReply give(Browser& milo, const Fields& more = {}) {
    const std::string recipient = "organisation:" + portal_.world.authority->id.text();
    Fields typed{{"recipient", recipient},
                 {"right", "read"},
                 {"flik", "journal"},
                 {"discloser", portal_.world.region->id.text()},
                 {"purpose", "konsultation"},
                 {"until", "2027-06-30"},
                 {"readings", ""}};
    typed.insert(typed.end(), more.begin(), more.end());
    return milo.submit("/me/give/new", Browser::filled(milo.get("/me/give/new"), "/me/give/new", typed));
  }
  ApiReply sign(Browser& milo, const ApiReply& page) {
    return milo.submit("/me/sign/demo", Browser::filled(page, "/me/sign/demo"));
  }
  ApiReply read(const std::string& document) {
    ApiClient reader = portal_.world.staff(*portal_.world.authority, portal_.world.handler);
    return reader.get(portal_.world.path_of(document));
  }
  PortalWorld portal_;
};

// SPEC PORTAL-30
TEST_F(PortalOwn, RevokingTakesTwoClicksCutsAtOnceAndSaysWhatHadBeenRead) {
  const std::string fullmakt = portal_.world.sign_fullmakt();
  const std::string document = portal_.world.deposit(text_bytes(1000));
  ASSERT_EQ(read(document).status, 200u);
  Browser milo = portal_.signed_in(PortalWorld::milo);
  const std::string path = "/me/fullmakter/" + fullmakt + "/revoke";
  ASSERT_THAT(milo.get("/me").body, HasSubstr("href=\"" + path + "\""));
  const Fields form = Browser::filled(milo.get(path), path);
  const ApiReply done = milo.submit(path, form);
  EXPECT_EQ(done.status, 200u);
  EXPECT_THAT(done.body, HasSubstr("Fullmakten är återkallad"));
  EXPECT_THAT(done.body, HasSubstr("/me/documents/" + document)) << "what had been read";
  EXPECT_EQ(read(document).status, 403u);
  const ApiReply again = milo.submit(path, form);
  EXPECT_EQ(again.status, 200u) << "the same form twice is done once";
  EXPECT_THAT(again.body, HasSubstr("Fullmakten är återkallad"));
  EXPECT_EQ(milo.get("/me/fullmakter/" + std::string(32, 'a') + "/revoke").status, 403u);
}

// SPEC PORTAL-31
TEST_F(PortalOwn, WhatIsSignedIsWhatThePageShowed) {
  Browser milo = portal_.signed_in(PortalWorld::milo);
  const std::string document = [&] {
    portal_.world.sign_fullmakt("ekonomi");
    return portal_.world.deposit(text_bytes(1000), "ekonomi");
  }();
  const ApiReply page = give(milo, {{"flik", "ekonomi"}});
  ASSERT_EQ(page.status, 200u) << page.body;
  EXPECT_THAT(page.body, HasSubstr("Jag låter authority läsa det här om mig: ekonomi och journal."));
  const ApiReply done = sign(milo, page);
  EXPECT_EQ(done.status, 200u) << done.body;
  EXPECT_THAT(done.body, HasSubstr("Fullmakten är given"));
  EXPECT_EQ(read(document).status, 200u);
}

// SPEC BS-16
TEST_F(PortalOwn, TheSameSignatureSentTwiceIsOneActWithOneAnswer) {
  Browser milo = portal_.signed_in(PortalWorld::milo);
  const ApiReply page = give(milo);
  const Fields form = Browser::filled(page, "/me/sign/demo");
  const auto cookies = milo.cookies;
  const ApiReply done = milo.submit("/me/sign/demo", form);
  ASSERT_EQ(done.status, 200u) << done.body;
  milo.cookies = cookies;  // the second click knows nothing of the first answer
  const ApiReply twice = milo.submit("/me/sign/demo", form);
  EXPECT_EQ(twice.status, 200u) << twice.body;
  EXPECT_EQ(twice.body.substr(twice.body.find("<main")), done.body.substr(done.body.find("<main")));
  const std::string overview = milo.get("/me").body;
  const std::size_t first = overview.find("/revoke\"");
  EXPECT_NE(first, std::string::npos);
  EXPECT_EQ(overview.find("/revoke\"", first + 1), std::string::npos) << "one fullmakt";
  Browser other = portal_.signed_in(PortalWorld::milo);
  Fields theirs = form;
  theirs.front() = {"token", Browser::filled(give(other), "/me/sign/demo").front().second};
  other.cookies.erase("__Host-flikvakt-ceremony");
  EXPECT_EQ(other.submit("/me/sign/demo", theirs).status, 409u) << "another session's";
}

// SPEC PORTAL-83
TEST_F(PortalOwn, WhatWasFilledInStaysWhenNothingIsSigned) {
  Browser milo = portal_.signed_in(PortalWorld::milo);
  const ApiReply page = give(milo, {{"flik", "ekonomi"}});
  milo.cookies.erase("__Host-flikvakt-ceremony");
  const ApiReply none = sign(milo, page);
  EXPECT_EQ(none.status, 409u);
  EXPECT_THAT(none.body, HasSubstr("Det blev ingen underskrift nu"));
  const ApiReply anew = milo.submit("/me/give/new", Browser::filled(none, "/me/give/new"));
  EXPECT_THAT(anew.body, HasSubstr("ekonomi och journal"));
  EXPECT_EQ(sign(milo, anew).status, 200u);
}

// SPEC PORTAL-31
TEST_F(PortalOwn, TheCeremonyOfAnotherTabSignsNothing) {
  Browser milo = portal_.signed_in(PortalWorld::milo);
  const ApiReply first = give(milo);
  const ApiReply second = give(milo, {{"flik", "ekonomi"}});
  EXPECT_EQ(sign(milo, first).status, 409u) << "the browser's cookie is that of the second";
  EXPECT_THAT(milo.get("/me").body, HasSubstr("Du har inte öppnat något"));
}

// SPEC PORTAL-32
TEST_F(PortalOwn, WhenSomethingChangedMeanwhileItIsShownAndWhatWasTypedIsKept) {
  const std::string fullmakt = portal_.world.sign_fullmakt();
  Browser milo = portal_.signed_in(PortalWorld::milo);
  const ApiReply page = give(milo, {{"flik", "ekonomi"}});
  ASSERT_EQ(portal_.world.act_of_person(json::object{{"kind", "revoke_fullmakt"}, {"id", fullmakt}}).status, 200u);
  const ApiReply stale = sign(milo, page);
  EXPECT_EQ(stale.status, 409u);
  EXPECT_THAT(stale.body, HasSubstr("Något har ändrats medan du läste"));
  EXPECT_THAT(stale.body, HasSubstr("En fullmakt återkallas"));
  const ApiReply anew = milo.submit("/me/give/new", Browser::filled(stale, "/me/give/new"));
  ASSERT_EQ(anew.status, 200u);
  EXPECT_THAT(anew.body, HasSubstr("ekonomi och journal"));
  EXPECT_EQ(sign(milo, anew).status, 200u);
}

// SPEC PORTAL-84
TEST_F(PortalOwn, TheSameFormFilledInAndSignedAgainIsNotGivenTwice) {
  Browser milo = portal_.signed_in(PortalWorld::milo);
  const ApiReply form = milo.get("/me/give/new");
  const Fields typed = Browser::filled(form, "/me/give/new",
                                       {{"recipient", "organisation:" + portal_.world.authority->id.text()},
                                        {"right", "read"},
                                        {"flik", "journal"},
                                        {"discloser", portal_.world.region->id.text()},
                                        {"purpose", "konsultation"},
                                        {"until", "2027-06-30"},
                                        {"readings", ""}});
  ASSERT_EQ(sign(milo, milo.submit("/me/give/new", typed)).status, 200u);
  const ApiReply again = milo.submit("/me/give/new", typed);
  EXPECT_THAT(again.body, HasSubstr("Du har redan gett en likadan fullmakt"));
  const ApiReply refused = sign(milo, again);
  EXPECT_EQ(refused.status, 422u);
  EXPECT_THAT(refused.body, HasSubstr("Inget har ändrats. Orsak: det fanns redan."));
  const ApiReply another = give(milo);
  EXPECT_THAT(another.body, HasSubstr("Du har redan gett en likadan fullmakt")) << "another form of the same";
  EXPECT_EQ(sign(milo, another).status, 200u) << "whoever wants it gives it all the same";
  EXPECT_THAT(give(milo, {{"flik", "ekonomi"}}).body, Not(HasSubstr("likadan")));
}

TEST_F(PortalOwn, AFormWithSomethingMissingKeepsTheRest) {
  Browser milo = portal_.signed_in(PortalWorld::milo);
  const ApiReply form = milo.get("/me/give/new");
  const ApiReply wrong = milo.submit(
      "/me/give/new", Browser::filled(form, "/me/give/new", {{"flik", "journal"}, {"until", "2027-06-30"}}));
  EXPECT_EQ(wrong.status, 422u);
  EXPECT_THAT(wrong.body, HasSubstr("Välj vem som ska få läsa."));
  EXPECT_THAT(wrong.body, HasSubstr("value=\"2027-06-30\""));
  EXPECT_THAT(wrong.body, testing::ContainsRegex("value=\"journal\" checked"));
}

// SPEC PORTAL-30
TEST_F(PortalOwn, BlockingNeedsNoSignatureAndLiftingDoes) {
  portal_.world.sign_fullmakt();
  const std::string document = portal_.world.deposit(text_bytes(1000));
  Browser milo = portal_.signed_in(PortalWorld::milo);
  const ApiReply form = milo.get("/me/sparr?flik=journal");
  EXPECT_EQ(
      milo.submit("/me/sparr",
                  Browser::filled(form, "/me/sparr",
                                  {{"target", "flik"}, {"flik", "journal"}, {"against", "everyone"}, {"until", ""}}))
          .status,
      200u);
  EXPECT_EQ(read(document).status, 403u);
  const std::string see = milo.get("/me").body;
  const std::size_t at = see.find("/me/sparr/");
  ASSERT_NE(at, std::string::npos);
  const ApiReply lift = milo.get(see.substr(at, see.find('"', at) - at));
  EXPECT_THAT(lift.body, HasSubstr("action=\"/me/sign/demo\""));
  EXPECT_EQ(sign(milo, lift).status, 200u);
  EXPECT_EQ(read(document).status, 200u);
}

// SPEC PORTAL-78
TEST_F(PortalOwn, ADayThatIsNoneIsToldAndNothingHappens) {
  const std::string fullmakt = portal_.world.sign_fullmakt();
  const std::string document = portal_.world.deposit(text_bytes(1000));
  Browser milo = portal_.signed_in(PortalWorld::milo);
  const std::string extend = "/me/fullmakter/" + fullmakt + "/extend";
  for (const char* day : {"nästa år", "2027-02-30", "2099-01-01"}) {
    const ApiReply more =
        milo.submit(extend, Browser::filled(milo.get(extend), extend, {{"flik", "ekonomi"}, {"until", day}}));
    EXPECT_EQ(more.status, 422u) << day;
    EXPECT_THAT(more.body, testing::ContainsRegex("value=\"ekonomi\" checked")) << day;
    EXPECT_THAT(more.body, HasSubstr("value=\"" + std::string(day) + "\"")) << "what was typed stays";
  }
  const auto block = [&](const char* from, const char* to) {
    return milo.submit(
        "/me/sparr",
        Browser::filled(milo.get("/me/sparr"), "/me/sparr",
                        {{"target", "dates"}, {"from", from}, {"to", to}, {"against", "everyone"}, {"until", ""}}));
  };
  EXPECT_EQ(block("i går", "2099-01-01").status, 422u);
  EXPECT_EQ(block("2000-01-01", "2026-02-30").status, 422u);
  EXPECT_EQ(read(document).status, 200u) << "no Sparr was set";
  EXPECT_EQ(block("2000-01-01", "").status, 200u);
  EXPECT_EQ(read(document).status, 403u);
}

TEST_F(PortalOwn, AFullmaktSaysItsGroundsInWords) {
  const std::string fullmakt = portal_.world.sign_fullmakt();
  Browser milo = portal_.signed_in(PortalWorld::milo);
  const std::string page = milo.get("/me/fullmakter/" + fullmakt).body;
  EXPECT_THAT(page, HasSubstr("enligt 10 kap. 1 § offentlighets- och sekretesslagen"));
  EXPECT_THAT(page, HasSubstr("artikel 6.1 e i dataskyddsförordningen"));
  EXPECT_THAT(page, Not(HasSubstr("osl-10-1")));
  EXPECT_THAT(page, HasSubstr("/me/log?show=readings&amp;fullmakt=" + fullmakt));
}

// SPEC PORTAL-33
TEST_F(PortalOwn, WhoHasReadIsOneClickAwayWithRefusedAttemptsAndReceipts) {
  portal_.world.sign_fullmakt();
  const std::string document = portal_.world.deposit(text_bytes(1000));
  ASSERT_EQ(read(document).status, 200u);
  ApiClient reader = portal_.world.staff(*portal_.world.authority, portal_.world.handler);
  ASSERT_EQ(reader.get("/v1/documents/" + document + "/content?purpose=annat").status, 403u);
  Browser milo = portal_.signed_in(PortalWorld::milo);
  ASSERT_THAT(milo.get("/me").body, HasSubstr("href=\"/me/log\""));
  const std::string log = milo.get("/me/log").body;
  EXPECT_THAT(log, HasSubstr("authority"));
  EXPECT_THAT(log, HasSubstr("Nekades: ingen fullmakt från dig gällde för det."));
  EXPECT_THAT(milo.get("/me/log?show=refused").body, HasSubstr("nekades"));
  const std::size_t at = log.find("/me/log/");
  const ApiReply receipt = milo.get(log.substr(at, log.find('"', at) - at));
  EXPECT_EQ(receipt.status, 200u);
  EXPECT_THAT(receipt.field("Content-Disposition"), HasSubstr("attachment"));
  EXPECT_EQ(milo.get("/me/log/0/receipt").status, 403u) << "another's entry";
  EXPECT_EQ(milo.get("/me/log?below=x&flik=%3Cscript%3E&from=2026-13-45").status, 200u) << "nonsense filters nothing";
}

// SPEC API-5: the log reader is one for all.
TEST_F(PortalOwn, OneAskingForTheLogWaitsAtATime) {
  Browser milo = portal_.signed_in(PortalWorld::milo), again = portal_.browser();
  again.cookies = milo.cookies;
  service::Core& core = *portal_.world.core;
  const auto size = [&] { return core.sequencer().log_view().size; };
  const std::uint64_t before = size();
  std::promise<void> go_on;
  core.log_reader().post([&] { go_on.get_future().wait(); });
  auto first = std::async(std::launch::async, [&] { return milo.get("/me/log").status; });
  for (int i = 0; i < 500 && size() == before; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  EXPECT_GT(size(), before) << "the first is in the log, and waits for its reader";
  EXPECT_EQ(again.get("/me/log").status, 429u);
  EXPECT_EQ(again.get("/me/log/0/receipt").status, 429u);
  EXPECT_EQ(again.get("/me/everything/log.json").status, 429u);
  EXPECT_EQ(again.get("/me").status, 200u) << "all else goes on";
  go_on.set_value();
  EXPECT_EQ(first.get(), 200u);
  EXPECT_EQ(again.get("/me/log").status, 200u);
}

// SPEC PORTAL-5
TEST_F(PortalOwn, OwnDocumentsAreShownInASandboxAndSavedUnderTheirTitle) {
  portal_.world.sign_fullmakt();
  const Bytes bytes = text_bytes(70'000);
  const std::string document = portal_.world.deposit(bytes);
  Browser milo = portal_.signed_in(PortalWorld::milo);
  const std::string path = "/me/documents/" + document;
  EXPECT_THAT(milo.get(path).field("Content-Security-Policy"), HasSubstr("frame-src 'self'"));
  const ApiReply shown = milo.get(path + "/content");
  EXPECT_EQ(shown.status, 200u);
  EXPECT_TRUE(shown.body == as_text(bytes));
  EXPECT_THAT(shown.field("Content-Security-Policy"), HasSubstr("; sandbox"));
  EXPECT_THAT(shown.field("Content-Disposition"), testing::StartsWith("inline"));
  EXPECT_THAT(milo.get(path + "/content?use=save").field("Content-Disposition"), testing::StartsWith("attachment"));
  const ApiReply unknown = milo.get("/me/documents/" + std::string(32, 'a') + "/content");
  EXPECT_EQ(unknown.status, 403u);
  EXPECT_THAT(unknown.field("Content-Security-Policy"), HasSubstr("frame-ancestors 'self'"));  // SPEC PORTAL-8
}

// SPEC PORTAL-34
TEST_F(PortalOwn, ARequestIsGrantedInPartOrDeclined) {
  Browser staff = portal_.signed_in(PortalWorld::handler);
  const std::string ask = "/staff/people/" + portal_.handle(*portal_.world.authority) + "/ask";
  const auto send = [&] {
    const Fields typed{{"recipient", "organisation:" + portal_.world.authority->id.text()},
                       {"flik", "journal"},
                       {"flik", "ekonomi"},
                       {"discloser", portal_.world.region->id.text()},
                       {"purpose", "rehab"},
                       {"until", "2027-06-30"},
                       {"write_message", "Vi behöver <i>det</i>."}};
    return staff.submit(ask, Browser::filled(staff.get(ask), ask, typed));
  };
  EXPECT_EQ(send().status, 200u);
  Browser milo = portal_.signed_in(PortalWorld::milo);
  const std::string requests = milo.get("/me/requests").body;
  EXPECT_THAT(requests, HasSubstr("Vi behöver &lt;i&gt;det&lt;/i&gt;."));
  const std::size_t at = requests.find("/me/requests/");
  const std::string path = requests.substr(at, requests.find('"', at) - at);
  const Fields part{{"flik", "ekonomi"}, {"discloser", portal_.world.region->id.text()}, {"until", "2027-06-30"}};
  const ApiReply page = milo.submit(path, Browser::filled(milo.get(path), path, part));
  ASSERT_EQ(page.status, 200u) << page.body;
  EXPECT_THAT(page.body, HasSubstr("läsa det här om mig: ekonomi."));
  EXPECT_EQ(sign(milo, page).status, 200u);
  EXPECT_THAT(staff.get("/staff/requests").body, HasSubstr("Delvis beviljad"));
  send();
  const std::string second = milo.get("/me/requests").body;
  const std::size_t next = second.find("/decline");
  const std::size_t from = second.rfind('"', next) + 1;
  const std::string no = second.substr(from, second.find('"', from) - from);
  EXPECT_EQ(milo.submit(no, Browser::filled(milo.get(no), no)).status, 200u);
  EXPECT_THAT(staff.get("/staff/requests").body, HasSubstr("Avböjd"));
}

// SPEC CONN-40, CONN-41, CONN-44, CONN-46
TEST_F(PortalOwn, HetaLinjenAsksOneSourceWhichAnswersOnceAFullmaktCoversIt) {
  Browser staff = portal_.signed_in(PortalWorld::handler), source = portal_.signed_in(PortalWorld::nurse);
  const std::string ask = "/staff/people/" + portal_.handle(*portal_.world.authority) + "/ask";
  const std::string list = "/staff/source-requests";
  const auto send = [&](const Fields& more) {
    Fields typed{{"recipient", "organisation:" + portal_.world.authority->id.text()},
                 {"flik", "journal"},
                 {"discloser", portal_.world.region->id.text()},
                 {"purpose", "konsultation"},
                 {"until", "2027-06-30"},
                 {"write_message", "Det <b>saknas</b>."},
                 {"direct", "yes"}};
    typed.insert(typed.end(), more.begin(), more.end());
    return staff.submit(ask, Browser::filled(staff.get(ask), ask, typed));
  };
  for (const Fields& more : {Fields{{"flik", "ekonomi"}}, Fields{{"right", "deposit"}}}) {
    const ApiReply refused = send(more);
    EXPECT_EQ(refused.status, 422u);
    EXPECT_THAT(refused.body, HasSubstr("Heta linjen frågar en källa om en flik"));
  }
  EXPECT_THAT(staff.get(list).body, HasSubstr("Ingen fråga just nu"));
  EXPECT_EQ(send({}).status, 200u);
  EXPECT_THAT(staff.get(list).body, HasSubstr("Frågan är ställd"));
  EXPECT_THAT(source.get(list).body, HasSubstr("Ingen fråga just nu")) << "the source hears of nothing";
  EXPECT_THAT(portal_.signed_in(PortalWorld::milo).get("/me/requests").body, HasSubstr("Det &lt;b&gt;saknas"));
  portal_.world.sign_fullmakt();
  EXPECT_EQ(send({}).status, 200u);
  const std::string ours = staff.get(list).body;
  EXPECT_THAT(ours, HasSubstr("Frågan är ställd"));
  EXPECT_THAT(ours, Not(HasSubstr("Väntar på er"))) << "that would tell that no Sparr stands (CONN-42)";
  EXPECT_THAT(staff.get("/staff/requests").body, Not(HasSubstr("/withdraw"))) << "nor does the other list";
  EXPECT_THAT(ours, Not(HasSubstr("/decline"))) << "who asks does not answer";
  const ApiReply theirs = source.get(list);
  EXPECT_THAT(theirs.body, HasSubstr("</bdi> frågar er"));
  EXPECT_THAT(theirs.body, HasSubstr("Väntar på er"));
  EXPECT_THAT(theirs.body, HasSubstr("/staff/people/" + portal_.handle(*portal_.world.region)));
  const std::size_t at = theirs.body.find(list + "/");
  ASSERT_NE(at, std::string::npos);
  const std::string no = theirs.body.substr(at, theirs.body.find('"', at) - at);
  EXPECT_EQ(source.submit(no, Browser::filled(theirs, no)).status, 200u);
  EXPECT_THAT(staff.get(list).body, HasSubstr("Finns inte, eller personen sade nej"));
  EXPECT_THAT(staff.get(list).body, Not(HasSubstr("Ni svarade")));
  EXPECT_THAT(source.get(list).body, HasSubstr("Ni svarade att ni inte har det"));
  EXPECT_EQ(source.submit(no, Browser::filled(theirs, no)).status, 200u) << "the same act again is the same answer";
  EXPECT_THAT(source.get(list).body, Not(HasSubstr(no))) << "once";
  const std::string left = staff.get(list).body;
  const std::size_t form = left.find("/staff/requests/");
  ASSERT_NE(form, std::string::npos) << "what waits can be taken back";
  const std::string back = left.substr(form, left.find('"', form) - form);
  EXPECT_EQ(staff.submit(back, Browser::filled(staff.get(list), back)).status, 200u);
  EXPECT_THAT(staff.get(list).body, HasSubstr("Tillbakatagen"));
}

TEST_F(PortalOwn, EverythingCanBeTakenAlong) {
  portal_.world.sign_fullmakt();
  Browser milo = portal_.signed_in(PortalWorld::milo);
  EXPECT_EQ(milo.get("/me/everything/overview.json").text("/fullmakter/0/status"), "active");
  EXPECT_EQ(milo.get("/me/everything/log.json").text("/format"), "flikvakt-person-log/1");
}

}  // namespace
}  // namespace flikvakt::gateway::test
