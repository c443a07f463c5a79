// What staff see by the portal: what a fullmakt opens, and one refusal for all else.
#include <gmock/gmock.h>

#include <regex>

#include "gateway/multipart.h"
#include "gateway/portal_deposit.h"
#include "tests/gateway/portal_world.h"

namespace flikvakt::gateway::test {
namespace {

using testing::HasSubstr;
using testing::Not;

class PortalStaff : public testing::Test {
protected:
  std::string person_path(const TestOrganisation& of) { return "/staff/people/" + portal_.handle(of); }
  PortalWorld portal_;
};

// SPEC PORTAL-40
TEST_F(PortalStaff, AnOpenDocumentIsTwoClicksFromThePersonAndReadByteForByte) {
  portal_.world.sign_fullmakt();
  const Bytes bytes = text_bytes(70'000);
  const std::string document = portal_.world.deposit(bytes);
  Browser staff = portal_.signed_in(PortalWorld::handler);
  const std::string path = person_path(*portal_.world.authority);
  const ApiReply page = staff.get(path);
  ASSERT_EQ(page.status, 200u) << page.body;
  const std::string view = path + "/documents/" + document + "?purpose=konsultation";
  EXPECT_THAT(page.body, HasSubstr("href=\"" + view + "\""));
  const ApiReply viewer = staff.get(view);
  const std::string content = "/staff/documents/" + document + "/content?purpose=konsultation";
  EXPECT_THAT(viewer.body, HasSubstr("src=\"" + content + "\""));
  const ApiReply shown = staff.get(content);
  EXPECT_EQ(shown.status, 200u);
  EXPECT_TRUE(shown.body == as_text(bytes));
  EXPECT_EQ(shown.field("Accept-Ranges"), "") << "each asking is an opening of its own";
}

// SPEC PORTAL-40
TEST_F(PortalStaff, EveryNoIsTheSamePage) {
  portal_.world.sign_fullmakt();
  const std::string blocked = portal_.world.deposit(text_bytes(1000));
  Browser staff = portal_.signed_in(PortalWorld::handler);
  const auto content = [](const std::string& document, const char* purpose) {
    return "/staff/documents/" + document + "/content?purpose=" + purpose;
  };
  const ApiReply unknown = staff.get(content(std::string(32, 'a'), "konsultation"));
  EXPECT_EQ(unknown.status, 403u);
  EXPECT_EQ(staff.get(content(blocked, "annat")).comparable(), unknown.comparable()) << "another purpose";
  const json::object sparr{
      {"kind", "set_sparr"},
      {"id", crypto::random_id<SparrId>().text()},
      {"terms", json::object{{"target", "everything"}, {"everyone", true}, {"recipients", json::array()}}}};
  ASSERT_EQ(portal_.world.act_of_person(sparr).status, 200u);
  EXPECT_EQ(staff.get(content(blocked, "konsultation")).comparable(), unknown.comparable()) << "blocked";
}

// SPEC PORTAL-40
TEST_F(PortalStaff, AnUnknownPersonLooksLikeOneWithNothingToSee) {
  Browser staff = portal_.signed_in(PortalWorld::handler);
  const auto looked_up = [&](std::string_view number) {
    const ApiReply found = staff.submit("/staff/people", Browser::filled(staff.get("/staff/people"), "/staff/people",
                                                                         {{"number", std::string(number)}}));
    EXPECT_EQ(found.status, 303u);
    EXPECT_THAT(found.field("Location"), Not(HasSubstr("1973")));
    return staff.get(found.field("Location"));
  };
  const auto alike = [](ApiReply reply) {  // but for the handle, which who asks knows
    return std::regex_replace(reply.body, std::regex("[A-Za-z0-9_-]{38,}|code small\">[^<]*"), "?");
  };
  EXPECT_EQ(alike(looked_up(ApiWorld::kNumber)), alike(looked_up(ApiWorld::kUnknownNumber)));
  const ApiReply wrong = staff.submit(
      "/staff/people", Browser::filled(staff.get("/staff/people"), "/staff/people", {{"number", "19121212-1213"}}));
  EXPECT_EQ(wrong.status, 422u);
  EXPECT_THAT(wrong.body, Not(HasSubstr("1213")));
}

TEST_F(PortalStaff, ADocumentIsDepositedByAFormAndOnlyWhereAFullmaktSaysSo) {
  Browser nurse = portal_.signed_in(PortalWorld::nurse);
  const std::string path = person_path(*portal_.world.region) + "/deposit";
  const Fields typed{{"flik", "journal"},
                     {"title", "Svar <b>på</b> prov"},
                     {"author", "Maja"},
                     {"date", "2026-11-01"},
                     {"others", "no"}};
  const Bytes text = text_bytes(5000);
  EXPECT_EQ(nurse.upload(path, Browser::filled(nurse.get(path), path, typed), "svar.txt", text).status, 403u);
  portal_.world.sign_fullmakt();
  Browser again = portal_.signed_in(PortalWorld::nurse);
  const Fields form = Browser::filled(again.get(path), path, typed);
  const ApiReply done = again.upload(path, form, "svar.txt", text);
  EXPECT_EQ(done.status, 200u) << done.body;
  EXPECT_THAT(done.body, HasSubstr("Dokumentet är inlämnat"));
  Browser milo = portal_.signed_in(PortalWorld::milo);
  EXPECT_THAT(milo.get("/me/documents").body, HasSubstr("Svar &lt;b&gt;på&lt;/b&gt; prov"));
  const ApiReply wrong = again.upload(path, Browser::filled(again.get(path), path, typed), "svar.pdf", text);
  EXPECT_EQ(wrong.status, 422u) << "no PDF begins like that";
}

// SPEC PORTAL-43, RULE-21
TEST_F(PortalStaff, WhomElseADocumentIsAboutIsAskedAndThenItIsReadByNobodyBeforeTheySayYes) {
  portal_.world.sign_fullmakt();
  portal_.world.enrol("20000229-2399", crypto::SigningKey::generate(crypto::KeyAlgorithm::p256));
  Browser nurse = portal_.signed_in(PortalWorld::nurse);
  const std::string path = person_path(*portal_.world.region) + "/deposit";
  const auto deposit = [&](const char* title, const char* others, const char* number) {
    const Fields typed{{"flik", "journal"},    {"title", title},   {"author", "Maja"},
                       {"date", "2026-11-01"}, {"others", others}, {"number", number}};
    return nurse.upload(path, Browser::filled(nurse.get(path), path, typed), "svar.txt", text_bytes(100));
  };
  EXPECT_THAT(deposit("Ett", "", "").body, HasSubstr("Svara på om dokumentet också handlar om någon annan."));
  const ApiReply wrong = deposit("Ett", "yes", "19121212-1213");
  EXPECT_EQ(wrong.status, 422u);
  EXPECT_THAT(wrong.body, HasSubstr("Skriv den andras personnummer"));
  EXPECT_THAT(wrong.body, HasSubstr("value=\"yes\" checked"));
  EXPECT_THAT(wrong.body, Not(HasSubstr("1213"))) << "a number stands in no answer";
  EXPECT_EQ(deposit("Ett", "yes", "").status, 422u);
  EXPECT_EQ(deposit("Ett", "yes", ApiWorld::kUnknownNumber.data()).status, 403u) << "nobody here";
  Browser milo = portal_.signed_in(PortalWorld::milo);
  EXPECT_THAT(milo.get("/me/documents").body, HasSubstr("Inget är inlämnat än")) << "nothing came of any of them";

  const ApiReply done = deposit("Om oss", "yes", "20000229-2399");
  EXPECT_EQ(done.status, 200u) << done.body;
  EXPECT_THAT(done.body, HasSubstr("när alla andra som det handlar om har sagt ja"));
  EXPECT_EQ(deposit("Om mig", "no", "").status, 200u);
  const std::string documents = milo.get("/me/documents").body;
  const auto read = [&](const std::string& title) {
    const std::size_t at = documents.rfind("/me/documents/", documents.find(">" + title + "<")) + 14;
    ApiClient reader = portal_.world.staff(*portal_.world.authority, portal_.world.handler);
    return reader.get("/v1/documents/" + documents.substr(at, 32) + "/content?purpose=konsultation").status;
  };
  EXPECT_EQ(read("Om oss"), 403u) << "the other has not said yes";
  EXPECT_EQ(read("Om mig"), 200u);
}

// SPEC PORTAL-102
TEST(PortalUploads, OfOneStaffMemberTwoAreHeldAtATimeAndNothingIsReadOfAThird) {
  PortalWorld portal([](Server::Options& options) { options.page_burst = options.pages_per_second = 1e6; });
  const auto path_for = [&](const TestOrganisation& of) { return "/staff/people/" + portal.handle(of) + "/deposit"; };
  Browser nurse = portal.signed_in(PortalWorld::nurse), handler = portal.signed_in(PortalWorld::handler);
  const std::string path = path_for(*portal.world.region), other = path_for(*portal.world.authority);
  const auto status = [](Browser& browser,
                         const std::string& where) {  // of one that is wrong, so that nothing comes of it
    return browser.upload(where, Browser::filled(browser.get(where), where), "a.txt", Bytes()).status;
  };
  EXPECT_EQ(status(nurse, path), 422u);
  std::unique_ptr<ApiClient> one = nurse.hold(path, 25 << 20);
  const std::unique_ptr<ApiClient> two = nurse.hold(path, 25 << 20);
  while (status(nurse, path) != 429u) std::this_thread::yield();  // or this test does not end
  EXPECT_EQ(nurse.hold(path, 25 << 20)->receive().status, 429u) << "before its file has come";
  EXPECT_EQ(status(handler, other), 422u) << "others have places of their own";
  one.reset();
  while (status(nurse, path) != 422u) std::this_thread::yield();
}

// SPEC PORTAL-101
TEST(PortalUploads, AFullDiskIsNotSaidOfTheFile) {
  PortalWorld portal([](Server::Options& options) { options.keep_free_bytes = std::uint64_t{1} << 60; });
  portal.world.sign_fullmakt();
  Browser nurse = portal.signed_in(PortalWorld::nurse);
  const std::string path = "/staff/people/" + portal.handle(*portal.world.region) + "/deposit";
  const Fields typed{
      {"flik", "journal"}, {"title", "Svar"}, {"author", "Maja"}, {"date", "2026-11-01"}, {"others", "no"}};
  const ApiReply full = nurse.upload(path, Browser::filled(nurse.get(path), path, typed), "svar.txt", text_bytes(5000));
  EXPECT_EQ(full.status, 507u);
  EXPECT_THAT(full.body, HasSubstr("Det går inte just nu"));
  EXPECT_THAT(full.body, Not(HasSubstr("mindre fil")));
}

// SPEC PORTAL-42
TEST_F(PortalStaff, WhatThePersonTakesBackIsEnteredByAnyoneWithOneAnswer) {
  const std::string fullmakt = portal_.world.sign_fullmakt();
  Browser nurse = portal_.signed_in(PortalWorld::nurse);
  const auto enter = [&](const std::string& handle) {
    const std::string path = "/staff/people/" + handle + "/on-word";
    return nurse.submit(path, Browser::filled(nurse.get(path), path, {{"what", "revoke_all"}, {"flik", "journal"}}));
  };
  const ApiReply known = enter(portal_.handle(*portal_.world.region));
  EXPECT_EQ(known.status, 200u);
  Browser milo = portal_.signed_in(PortalWorld::milo);
  EXPECT_THAT(milo.get("/me").body, Not(HasSubstr("/me/fullmakter/" + fullmakt + "/revoke")));
}

// SPEC PORTAL-76, TMPL-3
TEST_F(PortalStaff, AFullmaktOnPaperIsPrintedByAnybodyAndEnteredByRegistrarsOfTwoOrganisations) {
  const policy::RegisterTemplate form{crypto::random_id<TemplateId>(),
                                      {portal_.world.region->id},
                                      {{policy::RecipientKind::organisation, portal_.world.authority->id.value()}},
                                      {"journal"},
                                      "konsultation",
                                      {policy::Right::read},
                                      90,
                                      "osl-10-1",
                                      "gdpr-6-1-e",
                                      {{"sv", "Inför <mötet>", "Jag låter dem läsa <min> journal."}}};
  ASSERT_TRUE(portal_.world.by_administrators(form).decision.is_permitted());
  const std::string path = "/staff/desk/paper/" + form.id.text();
  Browser nurse = portal_.signed_in(PortalWorld::nurse);
  EXPECT_THAT(nurse.get("/staff/desk").body, HasSubstr("href=\"" + path + "\""));
  const ApiReply printed = nurse.get(path);
  EXPECT_THAT(printed.body, HasSubstr("Jag låter dem läsa &lt;min&gt; journal."));
  EXPECT_THAT(printed.body, Not(HasSubstr("action=\"" + path + "\"")));
  EXPECT_EQ(nurse.get("/staff/desk/paper/" + std::string(32, 'a')).status, 403u);

  Browser first = portal_.signed_in(PortalWorld::region_registrar);
  const ApiReply page = first.get(path);
  const auto enter = [&](Browser& browser, const Fields& typed, std::string_view name, std::string_view file) {
    return browser.upload(path, Browser::filled(page, path, typed), name, as_bytes(file));
  };
  const std::string number(ApiWorld::kNumber);
  EXPECT_EQ(enter(first, {{"number", "19121212-1213"}}, "papper.pdf", "%PDF-1.4 x").status, 422u);
  const ApiReply wrong = enter(first, {{"number", number}}, "papper.txt", "x");
  EXPECT_EQ(wrong.status, 422u);
  EXPECT_THAT(wrong.body, Not(HasSubstr(number))) << "a number stands in no answer (PORTAL-40)";
  EXPECT_EQ(enter(nurse, {{"number", number}}, "papper.pdf", "%PDF-1.4 x").status, 403u) << "no registrar";
  EXPECT_EQ(nurse.hold(path, 25 << 20)->receive().status, 403u) << "before a scan has come (PORTAL-102)";

  const std::uint64_t size = portal_.world.core->sequencer().log_view().size;
  const ApiReply sign = enter(first, {{"number", number}}, "papper.pdf", "%PDF-1.4 x");
  ASSERT_EQ(sign.status, 200u) << sign.body;
  EXPECT_EQ(portal_.world.core->sequencer().log_view().size, size) << "nothing before it is signed";
  const ApiReply entered = first.submit("/staff/sign/demo", Browser::filled(sign, "/staff/sign/demo"));
  ASSERT_EQ(entered.status, 200u) << entered.body;
  std::smatch proposal;
  ASSERT_TRUE(std::regex_search(entered.body, proposal, std::regex("[0-9a-f]{32}")));
  const std::string waits = "/staff/desk/proposals/" + proposal.str();
  const auto approve = [&](Browser& browser) {
    const ApiReply to_sign = browser.submit(waits, Browser::filled(browser.get(waits), waits, {{"number", number}}));
    return browser.submit("/staff/sign/demo", Browser::filled(to_sign, "/staff/sign/demo")).status;
  };
  EXPECT_EQ(approve(first), 403u) << "the same registrar";
  Browser handler = portal_.signed_in(PortalWorld::handler);
  const std::string person = person_path(*portal_.world.authority);
  EXPECT_THAT(handler.get(person).body, HasSubstr("Inget är öppet för dig här."));
  Browser second = portal_.signed_in(PortalWorld::authority_registrar);
  EXPECT_EQ(approve(second), 200u);
  const std::string document = portal_.world.deposit(text_bytes(100));
  EXPECT_EQ(handler.get("/staff/documents/" + document + "/content?purpose=konsultation").status, 200u);
}

// SPEC PORTAL-41
TEST_F(PortalStaff, ARosterIsShownToItsPeopleAndToRosterOfficersOnly) {
  Browser nurse = portal_.signed_in(PortalWorld::nurse);
  Browser officer = portal_.signed_in(PortalWorld::region_registrar);
  const TeamId team = crypto::random_id<TeamId>();
  ASSERT_TRUE(portal_.world
                  .by_administrators(policy::RegisterTeam{team, portal_.world.region->id, "Konsultation",
                                                          portal_.world.region_registrar})
                  .decision.is_permitted());
  EXPECT_THAT(officer.get("/staff/teams").body, HasSubstr("Konsultation"));
  EXPECT_THAT(nurse.get("/staff/teams").body, Not(HasSubstr("/staff/teams/" + team.text())));
}

TEST(Multipart, IsReadStrictly) {
  const std::string type = "multipart/form-data; boundary=xYz";
  const auto parse = [&](std::string_view body) { return parse_multipart(type, as_bytes(body)); };
  const std::string field = "--xYz\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nå\r\n";
  const std::string file =
      "--xYz\r\nContent-Disposition: form-data; name=\"f\"; filename=\"C:\\x\\y.pdf\"\r\nContent-Type: "
      "x/y\r\n\r\n%PDF\r\n\r\n";
  const SentForm both = parse(field + file + "--xYz--\r\n").value();
  EXPECT_EQ(both.fields.text("a"), "å");
  EXPECT_EQ(both.file_name, "y.pdf");
  EXPECT_EQ(as_text(both.file), "%PDF\r\n");
  EXPECT_FALSE(parse(field)) << "no end";
  EXPECT_FALSE(parse(file + file + "--xYz--")) << "two files";
  EXPECT_FALSE(parse("x" + field + "--xYz--"));
  EXPECT_FALSE(parse("--xYz\r\n\r\nx\r\n--xYz--"));
  EXPECT_FALSE(parse("--xYz\r\nContent-Disposition: form-data\r\n\r\nx\r\n--xYz--"));
  EXPECT_FALSE(parse_multipart("text/plain", as_bytes(field)));
  EXPECT_FALSE(parse_multipart("multipart/form-data", as_bytes(field)));
  // SPEC PORTAL-102
  const auto field_of = [](std::size_t size) {
    return "--xYz\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n" + std::string(size, '%') + "\r\n";
  };
  EXPECT_TRUE(parse(field_of(64 * 1024 - 2) + field + file + "--xYz--"));
  EXPECT_FALSE(parse(field_of(64 * 1024 - 1) + field + file + "--xYz--")) << "together with the other one";
}

TEST(PortalDeposit, AFileIsOfTheKindThatNameAndBytesAgreeOn) {
  const Bytes pdf = to_bytes(as_bytes("%PDF-1.7\n"));
  EXPECT_EQ(media_type_of("a.PDF", pdf), "application/pdf");
  EXPECT_EQ(media_type_of("a.png", pdf), "");
  EXPECT_EQ(media_type_of("a.exe", pdf), "");
  EXPECT_EQ(media_type_of("a.txt", to_bytes(as_bytes("hej"))), "text/plain");
}

}  // namespace
}  // namespace flikvakt::gateway::test
