// The catalogue of providers: found by those who are signed in, written by who speaks for a provider, and in no log.
#include <gmock/gmock.h>

#include "gateway/portal_providers.h"
#include "gateway/provider_search.h"
#include "tests/gateway/portal_world.h"

namespace flikvakt::gateway::test {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kOwn = "/staff/providers/own";

class PortalProviders : public testing::Test {
protected:
  Fields entry(const std::string& offers = "Karriärcoachning, en till en.") {
    return {{"area", "karriar"},    {"write_sv_offers", offers}, {"write_sv_for_whom", "Dig som varit sjuk länge"},
            {"write_sv_steps", ""}, {"write_sv_place", "ÅRYD"},  {"write_sv_contact", "0123-45 67 89"}};
  }
  ApiReply write(Browser& staff, const Fields& typed) {
    return staff.submit(kOwn, Browser::filled(staff.get(kOwn), kOwn, typed));
  }
  void publish() {
    portal_.let_provider_work();
    Browser officer = portal_.signed_in(PortalWorld::provider_officer);
    ASSERT_EQ(write(officer, entry()).status, 200u);
  }
  std::string page_of_provider(std::string_view base) { return std::string(base) + "/" + portal_.provider->id.text(); }
  std::uint64_t log_size() { return portal_.world.core->sequencer().log_view().size; }
  PortalWorld portal_;
};

// SPEC PORTAL-70, PROV-11
TEST_F(PortalProviders, AnEntryIsFoundByAreaAndWordsByWhoeverIsSignedIn) {
  publish();
  for (const auto& [who, base] :
       {std::pair(PortalWorld::milo, "/me/providers"), std::pair(PortalWorld::handler, "/staff/providers")}) {
    Browser browser = portal_.signed_in(who);
    const std::string path = page_of_provider(base);
    EXPECT_THAT(browser.get(base).body, HasSubstr("href=\"" + path + "\""));
    for (const char* query : {"?q=KARRI%C3%84R", "?q=%C3%A5ryd+sjuk", "?q=stegvis", "?area=karriar", "?q=karriar",
                              "?q=&area=&page=0", "?page=x&area=karriar", "?page=7"}) {
      EXPECT_THAT(browser.get(std::string(base) + query).body, HasSubstr(path)) << query;
    }
    for (const char* query : {"?q=%C3%A5ryd+snickeri", "?area=annat", "?q=%3Cscript%3E"}) {
      EXPECT_THAT(browser.get(std::string(base) + query).body, Not(HasSubstr(path))) << query;
    }
    const ApiReply long_one = browser.get(std::string(base) + "?q=" + std::string(300, 'a'));
    EXPECT_EQ(long_one.status, 422u);
    EXPECT_THAT(long_one.body, HasSubstr("value=\"" + std::string(300, 'a') + "\"")) << "what was typed stays";
    const ApiReply page = browser.get(path);
    EXPECT_EQ(page.status, 200u);
    EXPECT_THAT(page.body, HasSubstr("0123-45 67 89"));
    EXPECT_THAT(page.body, HasSubstr("Karriär och arbete"));
  }
  Browser nobody = portal_.browser();
  EXPECT_EQ(nobody.get(page_of_provider("/me/providers")).status, 303u) << "to sign in";
}

// SPEC PORTAL-70
TEST_F(PortalProviders, WhoLooksForWhatStandsInNoLog) {
  publish();
  Browser milo = portal_.signed_in(PortalWorld::milo);
  const std::uint64_t before = log_size();
  milo.get("/me/providers?q=missbruk");
  milo.get(page_of_provider("/me/providers"));
  EXPECT_EQ(log_size(), before);
  const ApiReply all = milo.get("/me/log?show=all");
  EXPECT_THAT(all.body, Not(HasSubstr("missbruk")));
}

// SPEC PROV-11
TEST_F(PortalProviders, OnlyAProviderThatIsAuthorisedNowIsShown) {
  publish();
  Browser milo = portal_.signed_in(PortalWorld::milo);
  const std::string path = page_of_provider("/me/providers");
  const ApiReply unknown = milo.get("/me/providers/" + std::string(32, 'a'));
  EXPECT_EQ(unknown.status, 403u);
  const auto admin = portal_.world.administrators[0];
  const std::string id = portal_.provider->id.text();
  using namespace policy;
  portal_.world.decide(admin, Suspend{RegistryNoun::provider_entry, id});
  EXPECT_EQ(milo.get(path).comparable(), unknown.comparable());
  portal_.world.by_administrators(Reinstate{RegistryNoun::provider_entry, id});
  EXPECT_EQ(milo.get(path).status, 200u);
  const auto authorisations = portal_.world.core->directory().rows<Authorisation>();
  ASSERT_EQ(authorisations.size(), 1u);
  portal_.world.decide(admin, EndAuthorisation{authorisations.front().id});
  EXPECT_EQ(milo.get(path).comparable(), unknown.comparable());
  EXPECT_THAT(milo.get("/me/providers").body, Not(HasSubstr(path)));
}

// SPEC PORTAL-71, PROV-8
TEST_F(PortalProviders, OnlyWhoSpeaksForAProviderHasTheForm) {
  portal_.let_provider_work();
  Browser officer = portal_.signed_in(PortalWorld::provider_officer);
  EXPECT_THAT(officer.get("/staff/providers").body, HasSubstr(kOwn));
  const Fields form = Browser::filled(officer.get(kOwn), kOwn, entry());
  for (const PortalWorld::Who who : {PortalWorld::provider_staff, PortalWorld::region_registrar}) {
    Browser other = portal_.signed_in(who);
    EXPECT_THAT(other.get("/staff/providers").body, Not(HasSubstr(kOwn)));
    EXPECT_EQ(other.get(kOwn).status, 403u);
    const ApiReply some = other.get("/staff/people");
    Fields sent = Browser::filled(some, "/staff/people", entry());
    EXPECT_EQ(other.submit(kOwn, sent).status, 403u);
  }
  EXPECT_EQ(officer.submit(kOwn, form).status, 200u);
  EXPECT_EQ(officer.submit(kOwn, form).status, 200u) << "twice is once";
}

// SPEC PORTAL-71, PROV-9
TEST_F(PortalProviders, WhatIsWrongIsSaidAndWhatWasWrittenStays) {
  portal_.let_provider_work();
  Browser officer = portal_.signed_in(PortalWorld::provider_officer);
  const auto wrong = [&](const Fields& typed, const char* said) {
    const ApiReply page = write(officer, typed);
    EXPECT_EQ(page.status, 422u) << said;
    EXPECT_THAT(page.body, HasSubstr(said));
    EXPECT_THAT(page.body, HasSubstr("0123-45 67 89")) << said;
    EXPECT_THAT(page.body, Not(HasSubstr("<script>"))) << said;
  };
  wrong(entry(std::string(3000, 'a')), "för långt");
  wrong(entry("Hej\u202Egnp.exe <script>"), "vänder, gömmer eller flyttar text");
  wrong(entry(""), "Skriv åtminstone vad ni gör");
  Fields other_area = entry();
  other_area[0].second = "annat";
  wrong(other_area, "godkända för");
  EXPECT_FALSE(portal_.world.core->directory().row<policy::ProviderEntry>(portal_.provider->id)) << "nothing was sent";
}

TEST_F(PortalProviders, WhatIsWrittenIsShownAsTextAndCanBeTakenDown) {
  publish();
  Browser officer = portal_.signed_in(PortalWorld::provider_officer);
  EXPECT_EQ(write(officer, entry("<img src=x onerror=alert(1)> & \"Vi\"")).status, 200u);
  Browser milo = portal_.signed_in(PortalWorld::milo);
  const std::string body = milo.get(page_of_provider("/me/providers")).body;
  EXPECT_THAT(body, HasSubstr("&lt;img src=x onerror=alert(1)&gt;"));
  EXPECT_THAT(officer.get(kOwn).body, HasSubstr("ÅRYD")) << "what stands is in the form";
  EXPECT_EQ(write(officer, {{"what", "take_down"}}).status, 200u);
  EXPECT_EQ(milo.get(page_of_provider("/me/providers")).status, 403u);
}

TEST_F(PortalProviders, AnEntryInAnotherLanguageSaysSo) {
  portal_.let_provider_work();
  Browser officer = portal_.signed_in(PortalWorld::provider_officer);
  Fields typed = entry();
  typed.emplace_back("write_en_offers", "Career coaching");
  ASSERT_EQ(write(officer, typed).status, 200u);
  Browser milo = portal_.signed_in(PortalWorld::milo);
  EXPECT_THAT(milo.get(page_of_provider("/me/providers")).body, HasSubstr("lang=\"sv\">Karriärcoachning"));
  milo.get("/language/en");
  EXPECT_THAT(milo.get(page_of_provider("/me/providers")).body, HasSubstr("lang=\"en\">Career coaching"));
}

TEST(ProviderSearch, ComparesWithoutCapitals) {
  EXPECT_EQ(folded("ÅÄÖ Éa Z×"), "åäö éa z×");
  EXPECT_EQ(folded("\xc3"), "\xc3");
  EXPECT_EQ(folded("Σ"), "Σ");
}

TEST(ProviderEntryForm, TakesTheLanguagesInWhichSomethingIsWritten) {
  const auto read = [](std::map<std::string, std::string> fields) {
    fields["area"] = "karriar";
    return read_entry_form(Form::of(fields), {"karriar"});
  };
  EXPECT_EQ(read({}).wrong, "providers.wrong_offers");
  EXPECT_EQ(read({{"write_en_place", "Here"}}).wrong, "providers.wrong_offers") << "what for?";
  const EntryForm both = read({{"write_sv_offers", " Coachning\n"}, {"write_en_offers", "Coaching"}});
  ASSERT_EQ(both.wrong, "");
  ASSERT_EQ(both.act.texts.size(), 2u);
  EXPECT_EQ(both.act.texts[0].offers, "Coachning");
  EXPECT_EQ(read({{"write_sv_offers", "a\x01"}}).wrong, "providers.wrong_signs");
  EXPECT_EQ(read({{"write_sv_offers", std::string(1501, 'a')}}).wrong, "providers.wrong_long");
}

}  // namespace
}  // namespace flikvakt::gateway::test
