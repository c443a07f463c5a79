// Coming and going: sessions, forms of this site alone, signing out, and who may see which pages.
#include <gmock/gmock.h>

#include "tests/gateway/portal_world.h"

namespace flikvakt::gateway::test {
namespace {

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
  for (const char* path : {"/staff", "/staff/people", "/staff/requests", "/staff/teams", "/staff/notices",
                           "/staff/erase-orders", "/staff/desk"}) {
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
  EXPECT_THAT(staff.submit(path, form, "Sec-Fetch-Site: cross-site\r\n").body, Not(HasSubstr("svaret")));
}

// SPEC PORTAL-15
TEST_F(PortalSessions, ASignInThatFailsSaysOneThing) {
  Browser browser = portal_.browser();
  browser.get("/sign-in");
  const ApiReply nothing = browser.submit("/sign-in/passkey", {{"answer", ""}, {"back", ""}});
  const ApiReply wrong = browser.submit("/sign-in/passkey", {{"answer", "{\"id\":\"AA\"}"}, {"back", ""}});
  EXPECT_EQ(nothing.status, 200u);
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

// SPEC PORTAL-15
TEST_F(PortalSessions, WhoTriesTooOftenIsSlowed) {
  Browser browser = portal_.browser();
  unsigned last = 0;
  for (int i = 0; i < 60 && last != 429; ++i) last = browser.get("/sign-in").status;
  EXPECT_EQ(last, 429u);
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

}  // namespace
}  // namespace flikvakt::gateway::test
