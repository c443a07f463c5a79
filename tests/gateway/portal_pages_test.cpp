// What every page carries, and the pages that need nobody to be signed in.
#include <gmock/gmock.h>

#include "gateway/form.h"
#include "gateway/http_text.h"
#include "gateway/page_response.h"
#include "gateway/portal_documents.h"
#include "gateway/portal_names.h"
#include "gateway/problem.h"
#include "tests/gateway/api_world.h"

namespace flikvakt::gateway::test {
namespace {

using testing::HasSubstr;
using testing::Not;

class PortalPages : public testing::Test {
protected:
  ApiReply get(std::string_view target, std::string_view extra = "") {
    ApiClient client = world_.portal();
    return client.get(target, extra);
  }
  ApiWorld world_;
};

std::string fields_of(const Response& response, std::string_view name) {
  std::string out;
  for (const auto& [known, value] : response.headers) {
    if (known == name) out += value + "\n";
  }
  return out;
}

// SPEC PORTAL-1, PORTAL-2, PORTAL-3
TEST_F(PortalPages, EveryPageSaysWhatItMayLoadAndThatNobodyMayFrameIt) {
  for (const char* path : {"/explain", "/accessibility", "/sign-in", "/", "/leave", "/no/such/page"}) {
    const ApiReply page = get(path);
    const std::string policy = page.field("Content-Security-Policy");
    EXPECT_THAT(policy, HasSubstr("default-src 'none'")) << path;
    EXPECT_THAT(policy, HasSubstr("frame-ancestors 'none'")) << path;
    EXPECT_THAT(policy, HasSubstr("require-trusted-types-for 'script'; trusted-types 'none'")) << path;
    EXPECT_THAT(policy, HasSubstr("form-action 'self'")) << path;
    EXPECT_THAT(policy, Not(HasSubstr("unsafe"))) << path;
    EXPECT_THAT(policy, Not(HasSubstr("nonce"))) << path;
    EXPECT_EQ(page.field("Referrer-Policy"), "no-referrer") << path;
    EXPECT_THAT(page.field("Strict-Transport-Security"), HasSubstr("max-age=")) << path;
    EXPECT_EQ(page.field("Cross-Origin-Opener-Policy"), "same-origin") << path;
    EXPECT_EQ(page.field("Cache-Control"), "no-store") << path;
    EXPECT_EQ(page.field("X-Content-Type-Options"), "nosniff") << path;
  }
}

// SPEC PORTAL-7
TEST_F(PortalPages, WhoSendsTooMuchGetsAPageAsFarAsItIsKnownWhatWasAskedFor) {
  const std::string cookie = "Cookie: a=" + std::string(20'000, 'x') + "\r\n";
  const ApiReply header = get("/explain", cookie), target = get("/" + std::string(3'000, 'x'));
  EXPECT_EQ(header.status, 431u);
  EXPECT_EQ(target.status, 414u);
  for (const ApiReply* page : {&header, &target}) {
    EXPECT_THAT(page->field("Content-Type"), HasSubstr("text/html")) << page->status;
    EXPECT_THAT(page->field("Strict-Transport-Security"), HasSubstr("max-age=")) << page->status;
    EXPECT_THAT(page->body, Not(HasSubstr("xxxx"))) << page->status;
  }
  const ApiReply machine = get("/v1/health", cookie);
  EXPECT_EQ(machine.status, 431u);
  EXPECT_THAT(machine.field("Content-Type"), HasSubstr("application/problem+json"));
}

// SPEC PORTAL-1
TEST_F(PortalPages, OnlyThePageThatAsksForAPasskeyMayRunTheScript) {
  EXPECT_THAT(get("/sign-in").field("Content-Security-Policy"), HasSubstr("script-src 'self'"));
  EXPECT_THAT(get("/explain").field("Content-Security-Policy"), Not(HasSubstr("script-src")));
  EXPECT_THAT(get("/explain").body, Not(HasSubstr("<script")));
}

TEST_F(PortalPages, WhyOneWasRefusedOneselfIsSaidToOneself) {
  const PortalSite site(*world_.core, false);
  const PortalNames names(site, *site.words().find("sv"));
  EXPECT_EQ(names.reason_of_own(policy::Reason::not_entitled), "du har inte rätt att göra det");
  EXPECT_EQ(names.reason(policy::Reason::not_entitled), "den som frågade har inte rätt att göra det");
  EXPECT_EQ(names.reason_of_own(policy::Reason::used_up), names.reason(policy::Reason::used_up));
}

// SPEC PORTAL-4
TEST_F(PortalPages, FilesAreKeptForEverUnderTheirHashAndNothingElseIsThere) {
  const std::string body = get("/explain").body;
  const std::size_t from = body.find("/static/");
  const std::string path = body.substr(from, body.find('"', from) - from);
  const ApiReply style = get(path);
  EXPECT_EQ(style.status, 200u);
  EXPECT_EQ(style.field("Content-Type"), "text/css; charset=utf-8");
  EXPECT_THAT(style.field("Cache-Control"), HasSubstr("immutable"));
  for (const char* other : {"/static/flikvakt.css", "/static/0000000000000000/flikvakt.css", "/static/words/sv.txt"}) {
    EXPECT_EQ(get(other).status, 404u) << other;
  }
}

// SPEC PORTAL-7
TEST_F(PortalPages, WhatIsNotThereIsAPageForPeopleAndAProblemForMachines) {
  const ApiReply page = get("/no/such/page");
  EXPECT_EQ(page.status, 404u);
  EXPECT_EQ(page.field("Content-Type"), "text/html; charset=utf-8");
  EXPECT_THAT(page.body, HasSubstr("urn:flikvakt:problem:"));
  EXPECT_EQ(page.comparable(), get("/another").comparable()) << "nothing of the address is in it";
  EXPECT_EQ(get("/v1/no-such").field("Content-Type"), "application/problem+json");
  ApiClient client = world_.portal();
  const ApiReply method = client.put("/explain", "text/plain", BytesView());
  EXPECT_EQ(method.status, 405u);
  EXPECT_EQ(method.field("Allow"), "GET");
  EXPECT_EQ(method.field("Content-Type"), "text/html; charset=utf-8");
}

// SPEC PORTAL-13
TEST_F(PortalPages, APageThatNeedsASessionLeadsToSigningInAndBack) {
  const ApiReply reply = get("/me/log?group=readings");
  EXPECT_EQ(reply.status, 303u);
  EXPECT_EQ(reply.field("Location"), "/sign-in?why=needed&back=%2Fme%2Flog%3Fgroup%3Dreadings");
  EXPECT_EQ(get("/staff").field("Location"), "/sign-in?why=needed&back=%2Fstaff");
  EXPECT_EQ(get("/me", "Cookie: __Host-flikvakt-session=" + std::string(43, 'A') + "\r\n").status, 303u);
}

// SPEC PORTAL-14
TEST_F(PortalPages, EveryPageHasAWayOut) {
  for (const char* path : {"/explain", "/accessibility", "/sign-in", "/no/such/page"}) {
    EXPECT_THAT(get(path).body, HasSubstr("href=\"/leave\"")) << path;
  }
  const ApiReply out = get("/leave");
  EXPECT_EQ(out.status, 303u);
  EXPECT_EQ(out.field("Location"), "https://www.smhi.se/");
  EXPECT_THAT(out.field("Clear-Site-Data"), HasSubstr("\"cache\""));
}

TEST_F(PortalPages, SpeakTheLanguageOfTheBrowserUntilAnotherIsChosen) {
  EXPECT_THAT(get("/explain").body, HasSubstr("<html lang=\"sv\">"));
  EXPECT_THAT(get("/explain", "Accept-Language: en-GB,en;q=0.9\r\n").body, HasSubstr("<html lang=\"en\">"));
  const ApiReply chosen = get("/language/en?back=%2Fexplain");
  EXPECT_EQ(chosen.field("Location"), "/explain");
  EXPECT_THAT(chosen.field("Set-Cookie"),
              testing::StartsWith("__Host-flikvakt-language=en; Path=/; Secure; HttpOnly; SameSite=Lax"));
  EXPECT_THAT(get("/explain", "Cookie: __Host-flikvakt-language=en\r\n").body, HasSubstr("<html lang=\"en\">"));
  EXPECT_EQ(get("/language/en?back=%2F%2Felsewhere.example").field("Location"), "/");
  EXPECT_EQ(get("/language/xx").field("Set-Cookie"), "");
}

// SPEC PORTAL-10
TEST(PageResponse, CookiesCannotBeReadOrSentFromElsewhere) {
  Response response = see_other("/");
  set_cookie(response, "__Host-x", "abc");
  EXPECT_EQ(fields_of(response, "Set-Cookie"), "__Host-x=abc; Path=/; Secure; HttpOnly; SameSite=Lax\n");
}

// SPEC PORTAL-5, PORTAL-6
TEST(PageResponse, ADocumentIsInASandboxAndShownOnlyWhenNothingOfItRuns) {
  const auto sent = [](std::string_view type, DocumentUse use, std::string_view name = "Journal åäö \"x\"\r\n.pdf") {
    return for_browser(bytes_response(200, type, Bytes()), type, name, use);
  };
  for (const char* type : {"application/pdf", "text/plain", "image/png", "application/json", "application/xml",
                           "application/vnd.oasis.opendocument.text", "text/html"}) {
    for (const DocumentUse use : {DocumentUse::shown, DocumentUse::saved}) {
      const Response document = sent(type, use);
      EXPECT_THAT(fields_of(document, "Content-Security-Policy"), HasSubstr("default-src 'none'")) << type;
      EXPECT_THAT(fields_of(document, "Content-Security-Policy"), HasSubstr("; sandbox")) << type;
      EXPECT_NO_THROW(check_response_fields(document)) << type;
    }
  }
  EXPECT_THAT(fields_of(sent("application/pdf", DocumentUse::shown), "Content-Disposition"), HasSubstr("inline;"));
  EXPECT_THAT(fields_of(sent("application/pdf", DocumentUse::saved), "Content-Disposition"), HasSubstr("attachment;"));
  EXPECT_THAT(fields_of(sent("text/html", DocumentUse::shown), "Content-Disposition"), HasSubstr("attachment;"));
  EXPECT_EQ(fields_of(sent("application/fhir+json", DocumentUse::shown), "Content-Type"),
            "text/plain; charset=utf-8\n");
  EXPECT_EQ(fields_of(sent("application/fhir+json", DocumentUse::saved), "Content-Type"), "application/fhir+json\n");
  EXPECT_EQ(fields_of(sent("text/plain", DocumentUse::saved, "Läs mig.txt"), "Content-Disposition"),
            "attachment; filename=\"Ls mig.txt\"; filename*=UTF-8''L%C3%A4s%20mig.txt\n");
}

TEST(PageResponse, AFileNameMadeOfALongTitleCutsNoLetterInTwo) {
  std::string long_title = "a";
  std::string expected = "a";
  for (int i = 0; i < 100; ++i) long_title += "å";
  for (int i = 0; i < 59; ++i) expected += "å";  // 119 bytes; the next letter would end at 121
  EXPECT_EQ(file_name_of(long_title, "text/plain"), expected + ".txt");
  EXPECT_EQ(file_name_of("a/b\\c\nd", "application/pdf"), "a b c d.pdf");
  EXPECT_EQ(file_name_of("Läs mig.txt", "text/plain"), "Läs mig.txt");
}

TEST(PortalForm, IsReadStrictly) {
  const Form form = Form::parse("a=1&b=%C3%A5+%26&a=2&c=&d%5B%5D=x%0D%0Ay%0Dz").value();
  EXPECT_EQ(form.text("a"), "1");
  EXPECT_EQ(form.all("a").size(), 2u);
  EXPECT_TRUE(form.has("a", "2"));
  EXPECT_EQ(form.text("b"), "å &");
  EXPECT_TRUE(form.has("c"));
  EXPECT_EQ(form.text("d[]"), "x\ny\nz");
  EXPECT_EQ(form.number("a"), 1u);
  EXPECT_EQ(form.number("b"), std::nullopt);
  EXPECT_EQ(Form::parse("").value().fields().size(), 0u);
  for (const char* bad : {"a=%", "a=%4", "a=%zz", "a=<b>", "a=\"", "&", "a=1&&b=2", "a=%00", "a=%ff", "a=%C3"}) {
    EXPECT_FALSE(Form::parse(bad)) << bad;
  }
  std::string many;
  for (std::size_t i = 0; i <= Form::kMostFields; ++i) many += (i == 0 ? "a=" : "&a=");
  EXPECT_FALSE(Form::parse(many));
}

// SPEC PORTAL-13
TEST(PortalForm, OnlyAPathOfThisSiteIsAWayBack) {
  EXPECT_EQ(local_path("/me/log?page=2"), "/me/log?page=2");
  EXPECT_EQ(local_path("/"), "/");
  for (const char* bad : {"", "me", "//x", "/\\x", "https://x", "/v1/me", "/sign-in", "/a//b", "/a b", "/a\r\nX: y",
                          "/a#b", "/%2e%2e/x", "/../x"}) {
    EXPECT_EQ(local_path(bad), "") << bad;
  }
}

TEST(PortalForm, ACookieThatIsThereTwiceIsNone) {
  EXPECT_EQ(cookie_named("a=1; __Host-x=abc;b=2", "__Host-x"), "abc");
  EXPECT_EQ(cookie_named("__Host-x=abc; __Host-x=def", "__Host-x"), "");
  EXPECT_EQ(cookie_named("a=1", "__Host-x"), "");
  EXPECT_EQ(cookie_named("", "__Host-x"), "");
}

}  // namespace
}  // namespace flikvakt::gateway::test
