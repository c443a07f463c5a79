// Coming and going: sessions, forms of this site alone, signing out, and who may see which pages.
#include <gmock/gmock.h>

#include <future>
#include <regex>

#include "gateway/form.h"
#include "tests/gateway/portal_world.h"

namespace flikvakt::gateway::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class PortalSessions : public testing::Test {
protected:
  PortalWorld portal_;
};

// SPEC PORTAL-10
TEST_F(PortalSessions, ACookieThatNoScriptReadsAndNoOtherSiteGets) {
  Browser browser = portal_.browser();
  const ApiReply in = browser.submit("/sign-in/demo", {{"number", "0"}, {"back", "/me/log"}});
  EXPECT_EQ(in.status, 303u);
  EXPECT_EQ(in.field("Location"), "/me/log");
  EXPECT_THAT(in.head, HasSubstr("Set-Cookie: __Host-flikvakt-session="));
  EXPECT_THAT(in.field("Set-Cookie"), HasSubstr("; Path=/; Secure; HttpOnly; SameSite=Lax"));
  EXPECT_EQ(browser.get("/me").status, 200u);
  EXPECT_EQ(browser.get("/").field("Location"), "/me");
}

// SPEC PORTAL-16
TEST_F(PortalSessions, IssuersFindTheKeysByWhichTheyKnowTheGateway) {
  const ApiReply keys = portal_.browser().get("/sign-in/keys");
  EXPECT_EQ(keys.body, kClientKeys);
  EXPECT_EQ(keys.field("Content-Type"), "application/jwk-set+json");
  ApiClient client = portal_.world.portal();
  EXPECT_EQ(client.get("/sign-in/keys").status, 404u) << "a gateway without such a key";
}

// SPEC PORTAL-13
TEST_F(PortalSessions, PagesOfPersonsAreRefusedToStaffAndTheOtherWayRound) {
  Browser person = portal_.signed_in(PortalWorld::milo);
  Browser staff = portal_.signed_in(PortalWorld::nurse);
  for (const char* path : {"/me", "/me/log", "/me/documents", "/me/path", "/me/more", "/me/requests", "/me/keys",
                           "/me/give", "/me/sparr", "/me/everything", "/me/representatives", "/me/proposals"}) {
    EXPECT_EQ(person.get(path).status, 200u) << path;
    EXPECT_EQ(staff.get(path).status, 403u) << path;
  }
  for (const char* path : {"/staff", "/staff/people", "/staff/requests", "/staff/source-requests", "/staff/teams",
                           "/staff/notices", "/staff/erase-orders", "/staff/desk"}) {
    EXPECT_EQ(staff.get(path).status, 200u) << path;
    EXPECT_EQ(person.get(path).status, 403u) << path;
  }
}

// SPEC PORTAL-11
TEST_F(PortalSessions, AFormFromElsewhereOrOfAnotherSessionChangesNothing) {
  const std::string fullmakt = portal_.world.sign_fullmakt();
  const std::string path = "/me/fullmakter/" + fullmakt + "/revoke";
  Browser milo = portal_.signed_in(PortalWorld::milo);
  const Fields form = Browser::filled(milo.get(path), path);
  EXPECT_EQ(milo.submit(path, form, "Sec-Fetch-Site: cross-site\r\n").status, 403u);
  EXPECT_EQ(milo.submit(path, form, "Sec-Fetch-Site: same-site\r\n").status, 403u);
  EXPECT_EQ(milo.submit(path, form, "Origin: https://elsewhere.example\r\n").status, 403u);
  Fields other = form;
  other.front().second = std::string(43, 'A');
  EXPECT_EQ(milo.submit(path, other).status, 403u);
  EXPECT_EQ(milo.submit(path, {}).status, 403u);
  Browser second = portal_.signed_in(PortalWorld::milo);
  EXPECT_EQ(second.submit(path, form).status, 403u) << "the token of the other session";
  EXPECT_THAT(milo.get("/me").body, HasSubstr("/me/fullmakter/" + fullmakt + "/revoke"));
  EXPECT_EQ(milo.submit(path, form).status, 200u);
  EXPECT_THAT(milo.get("/me").body, Not(HasSubstr("/me/fullmakter/" + fullmakt + "/revoke")));
}

// SPEC PORTAL-12
TEST_F(PortalSessions, SigningOutEndsTheSessionAndClearsTheBrowser) {
  Browser milo = portal_.signed_in(PortalWorld::milo);
  const auto kept = milo.cookies;
  const ApiReply out = milo.submit("/sign-out", Browser::filled(milo.get("/me"), "/sign-out"));
  EXPECT_EQ(out.status, 303u);
  EXPECT_EQ(out.field("Location"), "/sign-in?why=signed_out");
  EXPECT_THAT(out.field("Clear-Site-Data"), HasSubstr("\"cache\""));
  milo.cookies = kept;  // whoever goes back
  EXPECT_EQ(milo.get("/me").status, 303u);
  EXPECT_THAT(milo.get("/me").field("Location"), HasSubstr("/sign-in?why=expired"));
}

// SPEC PORTAL-14
TEST_F(PortalSessions, LeavingThePageEndsTheSession) {
  Browser milo = portal_.signed_in(PortalWorld::milo);
  const auto kept = milo.cookies;
  EXPECT_EQ(milo.get("/leave").status, 303u);
  milo.cookies = kept;
  EXPECT_EQ(milo.get("/me").status, 303u);
}

// SPEC PORTAL-13
TEST_F(PortalSessions, AFormThatComesTooLateShowsWhatWasWritten) {
  Browser staff = portal_.signed_in(PortalWorld::nurse);
  const std::string path = "/staff/people/" + portal_.handle(*portal_.world.region) + "/ask";
  const Fields form = Browser::filled(staff.get(path), path, {{"write_message", "Vi behöver <b>svaret</b>."}});
  staff.get("/leave");
  const ApiReply late = staff.submit(path, form);
  EXPECT_EQ(late.status, 403u);
  EXPECT_THAT(late.body, HasSubstr("Vi behöver &lt;b&gt;svaret&lt;/b&gt;."));
  EXPECT_THAT(late.body, HasSubstr("href=\"/sign-in?back=" + percent_encoded(path) + "\"")) << "and back to the page";
  EXPECT_THAT(staff.submit(path, form, "Sec-Fetch-Site: cross-site\r\n").body, Not(HasSubstr("svaret")));
  EXPECT_THAT(
      staff.submit("/staff/sign/demo", {{"until", "2027-01-31"}, {"what", "revoke_all"}}).body,
      AllOf(HasSubstr("href=\"/sign-in?back=%2Fstaff\""), HasSubstr("2027-01-31"), Not(HasSubstr("revoke_all"))))
      << "no page is at that path; a choice is no words";
}

// SPEC PORTAL-13
TEST_F(PortalSessions, AFormWithAFileOfAnEarlierSessionShowsWhatWasWritten) {
  const std::string path = "/staff/people/" + portal_.handle(*portal_.world.region) + "/deposit";
  Browser first = portal_.signed_in(PortalWorld::nurse), second = portal_.signed_in(PortalWorld::nurse);
  const Fields form = Browser::filled(first.get(path), path, {{"flik", "journal"}, {"title", "Svar <b>på</b> prov"}});
  const ApiReply late = second.upload(path, form, "svar.txt", as_bytes("hej"));
  EXPECT_EQ(late.status, 403u);
  EXPECT_THAT(late.body, HasSubstr("Svar &lt;b&gt;på&lt;/b&gt; prov"));
  EXPECT_THAT(late.body, HasSubstr("filer också"));
}

// SPEC PORTAL-15
TEST_F(PortalSessions, ASignInThatFailsSaysOneThing) {
  Browser browser = portal_.browser();
  browser.get("/sign-in");
  const ApiReply nothing = browser.submit("/sign-in/passkey", {{"answer", ""}, {"back", ""}});
  const ApiReply wrong = browser.submit("/sign-in/passkey", {{"answer", "{\"id\":\"AA\"}"}, {"back", ""}});
  EXPECT_EQ(nothing.status, 422u);
  EXPECT_THAT(nothing.body, HasSubstr("<title>Fel: "));  // SPEC PORTAL-85
  EXPECT_THAT(nothing.body, HasSubstr("Inloggningen gick inte"));
  EXPECT_THAT(wrong.body, HasSubstr("Inloggningen gick inte"));
  EXPECT_FALSE(browser.cookies.contains("__Host-flikvakt-session"));
  EXPECT_EQ(browser.submit("/sign-in/demo", {{"number", "99"}}).status, 404u);
}

// SPEC PORTAL-17: what a browser makes of it is in tests/portal/passkeys.mjs.
TEST_F(PortalSessions, APasskeyForWorkIsMadeBeforeAnybodyIsSignedInAndEnrolsNothing) {
  Browser nobody = portal_.browser();
  const ApiReply page = nobody.get("/sign-in/work-key");
  EXPECT_EQ(page.status, 200u);
  EXPECT_THAT(page.body, HasSubstr("data-passkey=\"create\""));
  EXPECT_THAT(page.field("Content-Security-Policy"), HasSubstr("script-src 'self'"));
  EXPECT_TRUE(nobody.cookies.contains("__Host-flikvakt-ceremony"));
  const std::uint64_t size = portal_.world.core->sequencer().log_view().size;
  const ApiReply wrong = nobody.submit("/sign-in/work-key", {{"answer", "{\"id\":\"AA\"}"}});
  EXPECT_EQ(wrong.status, 422u);
  EXPECT_THAT(wrong.body, Not(HasSubstr("staff-key add")));
  EXPECT_EQ(nobody.submit("/sign-in/work-key", {{"answer", ""}}, "Sec-Fetch-Site: cross-site\r\n").status, 403u);
  EXPECT_FALSE(nobody.cookies.contains("__Host-flikvakt-session"));
  EXPECT_EQ(portal_.world.core->sequencer().log_view().size, size);
}

// SPEC BS-41, PORTAL-50
TEST_F(PortalSessions, AnAdministratorOfTheDemoComesWithOneClick) {
  Browser administrator = portal_.browser();
  EXPECT_EQ(administrator.submit("/sign-in/demo", {{"number", std::to_string(PortalWorld::demo_administrator)}})
                .field("Location"),
            "/administration");
  EXPECT_EQ(administrator.get("/administration").status, 200u);
  EXPECT_EQ(administrator.get("/me").status, 403u);
  const auto& self = portal_.world.administrators[1].administrator;
  const policy::Suspend suspended{policy::RegistryNoun::administrator, self.text()};
  ASSERT_TRUE(portal_.world.decide(portal_.world.administrators[0], suspended).decision.is_permitted());
  EXPECT_EQ(administrator.get("/administration").status, 303u);
  Browser again = portal_.browser();
  again.submit("/sign-in/demo", {{"number", std::to_string(PortalWorld::demo_administrator)}});
  EXPECT_FALSE(again.cookies.contains("__Host-flikvakt-session")) << "suspended";
}

// SPEC OIDC-36
TEST(PortalIssuers, WhoComesBackToTheIssuersOwnAddressIsLetInAndNowhereElse) {
  PortalWorld portal;
  for (const char* code : {"e-id", "other"}) portal.register_issuer(code);
  const auto come_back = [&](Browser& browser, const std::string& code, const std::string& at) {
    const PortalWorld::SentToIssuer sent = portal.go_to_issuer(browser, code);
    portal.vouch_for(sent.nonce);
    return browser.get("/sign-in/return" + at + "?code=a&state=" + sent.state);
  };
  for (const char* code : {"e-id", "other"}) {
    Browser browser = portal.browser();
    const ApiReply in = come_back(browser, code, "/" + std::string(code));
    EXPECT_EQ(in.field("Location"), "/me") << code;
    EXPECT_THAT(browser.get("/me").body, HasSubstr("/sign-out"));
  }
  for (const auto& [at, status] : {std::pair("/other", 422u), {"/none", 422u}, {"", 404u}, {"/E-ID", 404u}}) {
    Browser browser = portal.browser();
    EXPECT_EQ(come_back(browser, "e-id", at).status, status) << at;
    EXPECT_FALSE(browser.cookies.contains("__Host-flikvakt-session")) << at;
  }
}

// SPEC PORTAL-103
TEST(PortalSignInRates, WhoAsksForThePagesTooOftenIsSlowed) {
  PortalWorld portal([](Server::Options& options) {
    options.sign_in_page_burst = 5;
    options.sign_in_pages_per_second = 1e-9;
  });
  Browser browser = portal.browser();
  for (int i = 0; i < 5; ++i) EXPECT_EQ(browser.get("/sign-in").status, 200u);
  EXPECT_EQ(browser.get("/sign-in").status, 429u);
  EXPECT_EQ(browser.get("/sign-in/work-key").status, 429u);
  EXPECT_EQ(browser.get("/explain").status, 200u);
  EXPECT_EQ(portal.administrator().get("/administration").status, 200u) << "whoever succeeds comes in";
}

// SPEC PORTAL-15, PORTAL-103
TEST(PortalSignInRates, WhoFailsTooOftenIsSlowedAndWhoSucceedsIsNot) {
  PortalWorld portal([](Server::Options& options) {
    options.sign_in_failure_burst = 3;
    options.sign_in_failures_per_second = 1e-9;
  });
  for (int i = 0; i < 5; ++i) portal.administrator();
  Browser browser = portal.browser();
  for (int i = 0; i < 40; ++i) EXPECT_EQ(browser.get("/sign-in").status, 200u) << "a page fails at nothing";
  const Fields nonsense{{"answer", ""}, {"back", ""}};
  EXPECT_EQ(browser.submit("/sign-in/passkey", nonsense).status, 422u);
  EXPECT_EQ(browser.submit("/sign-in/administrator", {{"code", "nonsense"}}).status, 422u);
  EXPECT_EQ(browser.get("/sign-in/return/e-id?state=none&code=none").status, 422u);
  for (const char* path : {"/sign-in/passkey", "/sign-in/administrator", "/sign-in/work-key", "/sign-in/issuer"})
    EXPECT_EQ(browser.submit(path, nonsense).status, 429u) << path;
  EXPECT_EQ(browser.get("/sign-in/return/e-id?state=none&code=none").status, 429u);
  EXPECT_EQ(browser.get("/sign-in").status, 200u);
}

// SPEC PORTAL-103
TEST(PortalSignInRates, WhoIsAwaitedFromAnIssuerComesBackAndWhatWasJunkThereCostsTen) {
  PortalWorld portal([](Server::Options& options) {
    options.sign_in_failure_burst = 11;
    options.sign_in_failures_per_second = 1e-9;
  });
  portal.register_issuer("e-id");
  portal.network = [](const service::HttpsRequest&) -> Result<service::HttpsAnswer> {
    return service::HttpsAnswer{400, R"({"error": "invalid_grant"})"};
  };
  Browser one = portal.browser(), two = portal.browser(), three = portal.browser();
  const auto back = [](const std::string& state, const char* what) {
    return "/sign-in/return/e-id?state=" + state + "&" + what;
  };
  const std::string first = portal.go_to_issuer(one, "e-id").state, second = portal.go_to_issuer(two, "e-id").state;
  const std::string third = portal.go_to_issuer(three, "e-id").state;
  EXPECT_EQ(one.get(back(first, "error=access_denied")).status, 422u) << "who turns back costs no issuer anything";
  portal.go_to_issuer(one, "e-id");
  EXPECT_EQ(two.get(back(second, "code=junk")).status, 422u);
  EXPECT_EQ(one.submit("/sign-in/issuer", {{"issuer", "e-id"}}).status, 429u);
  EXPECT_EQ(one.get(back(third, "code=junk")).status, 429u) << "another browser's";
  EXPECT_EQ(three.get(back(third, "code=junk")).status, 422u) << "whoever went before comes back";
}

// SPEC PORTAL-103
TEST(PortalSignInRates, OfOneSourceSoManyWaitForAnIssuer) {
  PortalWorld portal([](Server::Options& options) { options.sign_in_failure_burst = 1e6; });
  portal.register_issuer("e-id");
  std::promise<void> gate;
  portal.network = [let_go = gate.get_future().share()](const service::HttpsRequest&) -> Result<service::HttpsAnswer> {
    let_go.wait();
    return service::HttpsAnswer{400, R"({"error": "invalid_grant"})"};
  };
  const auto back = [](const std::string& state) { return "/sign-in/return/e-id?code=a&state=" + state; };
  std::vector<Browser> waiting;
  for (int i = 0; i < 8; ++i) {
    waiting.push_back(portal.browser());
    waiting.back().begin_get(back(portal.go_to_issuer(waiting.back(), "e-id").state));
  }
  Browser other = portal.browser(), nobody = portal.browser();
  const std::string state = portal.go_to_issuer(other, "e-id").state;
  while (nobody.get(back("none")).status != 429) std::this_thread::yield();  // or this test does not end
  EXPECT_EQ(other.get(back(state)).status, 429u);
  gate.set_value();
  for (Browser& one : waiting) EXPECT_EQ(one.receive().status, 422u);
  EXPECT_EQ(other.get(back(state)).status, 422u) << "that was no attempt: now it is one";
  EXPECT_EQ(other.get(back(state)).status, 422u);
}

// SPEC PORTAL-103
TEST(PortalSignInRates, OfOnePersonFourWaitForAnIssuerToSign) {
  PortalWorld portal;
  portal.register_issuer("e-id");
  Browser milo = portal.browser();
  const PortalWorld::SentToIssuer sent = portal.go_to_issuer(milo, "e-id");
  portal.vouch_for(sent.nonce);
  const auto back = [](const std::string& state) { return "/sign-in/return/e-id?code=a&state=" + state; };
  ASSERT_EQ(milo.get(back(sent.state)).field("Location"), "/me");
  const Fields typed{{"recipient", "organisation:" + portal.world.authority->id.text()},
                     {"right", "read"},
                     {"flik", "journal"},
                     {"discloser", portal.world.region->id.text()},
                     {"purpose", "konsultation"},
                     {"until", "2027-06-30"},
                     {"readings", ""}};
  const auto begin = [&](Browser& tab) {  // each has its own ceremony, of one session
    tab.cookies = milo.cookies;
    const ApiReply form = tab.get("/me/give/new");
    return PortalWorld::sent_by(tab.submit("/me/give/new", Browser::filled(form, "/me/give/new", typed))).state;
  };
  std::promise<void> gate;
  portal.network = [let_go = gate.get_future().share()](const service::HttpsRequest&) -> Result<service::HttpsAnswer> {
    let_go.wait();
    return service::HttpsAnswer{400, R"({"error": "invalid_grant"})"};
  };
  std::vector<Browser> waiting;
  for (int i = 0; i < 4; ++i) {
    waiting.push_back(portal.browser());
    waiting.back().begin_get(back(begin(waiting.back())));
  }
  Browser fifth = portal.browser();
  const std::string state = begin(fifth);
  while (milo.get(back("none")).status != 429u) std::this_thread::yield();  // or this test does not end
  EXPECT_EQ(fifth.get(back(state)).status, 429u);
  gate.set_value();
  for (Browser& one : waiting) EXPECT_EQ(one.receive().status, 409u);
  EXPECT_EQ(fifth.get(back(state)).status, 409u) << "that was no attempt: now it is one";
}

// SPEC PORTAL-100
TEST(PortalRates, StaffWhoAskTooOftenAreSlowedWhateverTheyAskForButForWhatIsTakenBack) {
  PortalWorld portal([](Server::Options& options) {
    options.page_burst = 12;
    options.pages_per_second = 1e-9;
  });
  Browser nurse = portal.signed_in(PortalWorld::nurse);
  const std::string person = "/staff/people/" + portal.handle(*portal.world.region);
  const Fields word = Browser::filled(nurse.get(person + "/on-word"), person + "/on-word", {{"what", "revoke_all"}});
  const ApiReply page = nurse.get("/staff/desk");
  const std::string token = Browser::filled(page, "/sign-out").front().second;
  const Fields confirm{
      {"token", token}, {"number", std::string(ApiWorld::kNumber)}, {"thumbprint", std::string(43, 'A')}};
  EXPECT_EQ(nurse.submit("/staff/desk/confirm", confirm).status, 200u) << "a page where something is signed";
  unsigned seen = 0;
  while (nurse.get("/staff/teams").status == 200u) ++seen;
  EXPECT_EQ(seen, 9u);
  for (const char* path : {"/staff/desk", "/staff/people", "/staff/sessions", "/staff/providers/own"})
    EXPECT_EQ(nurse.get(path).status, 429u) << path;
  EXPECT_EQ(nurse.get(person + "/ask").status, 429u);
  for (const char* path : {"/staff/desk/confirm", "/staff/desk/join", "/staff/desk/refer"})
    EXPECT_EQ(nurse.submit(path, confirm).status, 429u) << path;
  EXPECT_EQ(nurse.submit("/staff/desk/confirm", {{"token", token}, {"number", "1"}}).status, 429u);
  EXPECT_EQ(nurse.submit("/staff/desk/proposals", {{"token", token}, {"proposal", "1"}}).status, 429u);
  EXPECT_EQ(nurse.submit(person + "/on-word", word).status, 200u) << "what the person takes back has its own rate";
  EXPECT_EQ(portal.signed_in(PortalWorld::handler).get("/staff/teams").status, 200u) << "a colleague's rate is theirs";
}

TEST_F(PortalSessions, AreListedAndEndedEverywhere) {
  Browser one = portal_.signed_in(PortalWorld::milo);
  Browser other = portal_.signed_in(PortalWorld::milo);
  const ApiReply page = one.get("/me/keys");
  EXPECT_EQ(page.status, 200u);
  Fields all = Browser::filled(page, "/me/sessions/end");
  std::erase_if(all, [](const auto& field) { return field.first == "session"; });
  EXPECT_EQ(one.submit("/me/sessions/end", all).status, 303u);
  EXPECT_EQ(other.get("/me").status, 303u);
}

// SPEC BS-7, PORTAL-104
TEST_F(PortalSessions, OfStaffAreListedAndEndedByWhoseTheyAre) {
  Browser one = portal_.signed_in(PortalWorld::nurse), other = portal_.signed_in(PortalWorld::nurse);
  Browser third = portal_.signed_in(PortalWorld::nurse), colleague = portal_.signed_in(PortalWorld::handler);
  const ApiReply page = one.get("/staff/sessions");
  EXPECT_EQ(page.status, 200u);
  const std::regex session("name=\"session\" value=\"([0-9a-f]{32})\"");
  std::vector<std::string> ids;
  for (auto it = std::sregex_iterator(page.body.begin(), page.body.end(), session); it != std::sregex_iterator(); ++it)
    ids.push_back((*it)[1]);
  ASSERT_EQ(ids.size(), 3u) << "their own";
  std::smatch theirs;
  const std::string of_colleague = colleague.get("/staff/sessions").body;
  ASSERT_TRUE(std::regex_search(of_colleague, theirs, session));
  const std::string token = Browser::filled(page, "/sign-out").front().second;
  one.submit("/staff/sessions/end", {{"token", token}, {"session", theirs[1]}});
  EXPECT_EQ(colleague.get("/staff").status, 200u) << "nobody ends another's";
  EXPECT_EQ(one.submit("/staff/sessions/end", {{"token", std::string(43, 'A')}}).status, 403u);
  EXPECT_EQ(third.get("/staff").status, 200u);
  const auto ended = [](Browser& browser) { return browser.get("/staff").status == 303u; };
  const ApiReply first_ended = one.submit("/staff/sessions/end", {{"token", token}, {"session", ids.front()}});
  EXPECT_EQ(first_ended.status, 303u);
  EXPECT_EQ(ended(one) + ended(other) + ended(third), 1);
  Browser milo = portal_.signed_in(PortalWorld::milo);
  EXPECT_EQ(milo.get("/staff/sessions").status, 403u);
  Browser last = portal_.signed_in(PortalWorld::nurse);
  const std::string own = Browser::filled(last.get("/staff"), "/sign-out").front().second;
  EXPECT_EQ(last.submit("/staff/sessions/end", {{"token", own}}).field("Location"), "/sign-in?why=signed_out");
  EXPECT_TRUE(ended(one) && ended(other) && ended(third));
  EXPECT_EQ(colleague.get("/staff").status, 200u);
}

}  // namespace
}  // namespace flikvakt::gateway::test
